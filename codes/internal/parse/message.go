package parse

import (
	"errors"
	"fmt"
)

// A Message is what one symbol says.
type Message struct {
	// Data is the exact bytes. GS (0x1D) stands for an FNC1 that follows the
	// first data.
	Data []byte

	// GS1 says that FNC1 stands in first position, AIM that it stands in second
	// position, where Data begins with the application indicator (a letter or
	// two digits).
	GS1, AIM bool

	// ECI is the first Extended Channel Interpretation that the symbol states, 0
	// when it states none. [Message.Text] heeds all of them.
	ECI int

	// Index, Total and Group tell the place in a set of symbols (structured
	// append); Total 0 means a symbol on its own.
	Index, Total, Group int

	// Init says that the symbol is meant to set up a reader and is not data.
	Init bool

	runs  []run
	asian bool // the symbology is used with character sets it does not state
}

// A run is a stretch of the data, from its start to the start of the next, with
// what is known of its character set.
type run struct {
	start, eci int
}

// Character sets that the symbol's own modes imply, beside the ECI assignments,
// which are 0 to 999999.
const (
	unstated  = -1 // the symbol says nothing
	kanjiMode = -2 // Shift JIS by QR kanji mode
	hanziMode = -3 // GB 2312 by QR hanzi mode
)

var errEmpty = errors.New("parse: the symbol holds no data")

// Stated returns the message of a symbology that is parsed elsewhere: its bytes
// and the Extended Channel Interpretations in them, each from a byte on.
func Stated(data []byte, ecis ...Interpretation) *Message {
	m := &Message{Data: data, runs: []run{{0, unstated}}}
	for _, e := range ecis {
		if m.ECI == 0 {
			m.ECI = e.ECI
		}
		m.runs = append(m.runs, run{min(max(e.Start, 0), len(data)), e.ECI})
	}
	return m
}

// An Interpretation is an ECI in force from byte Start of the data on.
type Interpretation struct{ Start, ECI int }

// charset begins a run.
func (m *Message) charset(eci int) {
	if n := len(m.runs); n > 0 && m.runs[n-1].eci == eci {
		return
	}
	m.runs = append(m.runs, run{len(m.Data), eci})
}

func (m *Message) setECI(eci int) {
	if m.ECI == 0 {
		m.ECI = eci
	}
	m.charset(eci)
}

func (m *Message) put(b ...byte) { m.Data = append(m.Data, b...) }

// cut drops bytes from the front of the data.
func (m *Message) cut(n int) {
	m.Data = m.Data[n:]
	for i := range m.runs {
		m.runs[i].start = max(m.runs[i].start-n, 0)
	}
}

// check is the last word on a message.
func (m *Message) check() error {
	if len(m.Data) == 0 && !m.Init {
		return errEmpty
	}
	if m.Total != 0 && m.Index >= m.Total {
		return fmt.Errorf("parse: symbol %d of a set of %d", m.Index+1, m.Total)
	}
	return nil
}
