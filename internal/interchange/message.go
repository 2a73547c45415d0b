package interchange

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/sublot/sublot/internal/gs1"
)

const (
	header     = "[)>\x1e"
	gs         = "\x1d"
	rs         = "\x1e"
	eot        = "\x04"
	maxMessage = 8192 // bytes
)

// Formats of ISO/IEC 15434 that are read.
const (
	GS1    = "05" // application identifiers
	DI     = "06" // data identifiers, ANSI MH10.8.2
	TEI    = "12" // text element identifiers
	Legacy = "DD" // text element identifiers, before format 12 was given out
)

// A Message is one format envelope.
type Message struct {
	Format   string
	Elements []Element
}

// An Element is an identifier and its value.
type Element struct {
	ID    string // 1T, SER, 01 …
	Value string
}

// Get returns the value of an identifier.
func (m Message) Get(id string) (string, bool) {
	for _, e := range m.Elements {
		if e.ID == id {
			return e.Value, true
		}
	}
	return "", false
}

var (
	dataIdentifier = regexp.MustCompile(`^[0-9]{0,3}[A-Z]`)
	textElement    = regexp.MustCompile(`^[A-Z]{3} `)
)

// Parse reads a message of one format envelope.
func Parse(b []byte) (Message, error) {
	if len(b) > maxMessage {
		return Message{}, fmt.Errorf("interchange: message of %d bytes, wanted %d at most", len(b), maxMessage)
	}
	body, ok := bytes.CutPrefix(b, []byte(header))
	if !ok {
		return Message{}, errors.New("interchange: no message header [)> RS")
	}
	body, ok = bytes.CutSuffix(body, []byte(rs+eot))
	if !ok {
		return Message{}, errors.New("interchange: no trailer RS EOT")
	}
	if bytes.ContainsAny(body, rs+eot) {
		return Message{}, errors.New("interchange: more than one format envelope, or a trailer in the middle")
	}
	for i, c := range body {
		if c != gs[0] && (c < 0x20 || c > 0x7e) {
			return Message{}, fmt.Errorf("interchange: byte %02x at position %d", c, len(header)+i+1)
		}
	}
	parts := strings.Split(string(body), gs)
	m := Message{Format: parts[0]}
	if len(parts) < 2 {
		return Message{}, fmt.Errorf("interchange: format %q without elements", m.Format)
	}
	switch m.Format {
	case GS1:
		elements, err := parseGS1(parts[1:])
		if err != nil {
			return Message{}, err
		}
		m.Elements = elements
	case DI:
		for _, p := range parts[1:] {
			id := dataIdentifier.FindString(p)
			if id == "" || len(p) == len(id) {
				return Message{}, fmt.Errorf("interchange: %q is no data identifier with a value", p)
			}
			m.Elements = append(m.Elements, Element{id, p[len(id):]})
		}
	case TEI, Legacy:
		for _, p := range parts[1:] {
			if !textElement.MatchString(p) || len(p) == 4 {
				return Message{}, fmt.Errorf("interchange: %q is no text element identifier, a space and a value", p)
			}
			m.Elements = append(m.Elements, Element{p[:3], p[4:]})
		}
	default:
		return Message{}, fmt.Errorf("interchange: format %q, wanted 05, 06, 12 or DD", m.Format)
	}
	return m, nil
}

// parseGS1 splits application identifiers and leaves their values unchecked:
// published samples have wrong check digits.
func parseGS1(parts []string) (elements []Element, err error) {
	for _, p := range parts {
		ai, value, ok := gs1.Split(p)
		if !ok {
			return nil, fmt.Errorf("interchange: %q begins with no application identifier", p)
		}
		elements = append(elements, Element{ai, value})
	}
	return elements, nil
}

// Bytes writes the message.
func (m Message) Bytes() ([]byte, error) {
	var b strings.Builder
	b.WriteString(header + m.Format)
	for _, e := range m.Elements {
		b.WriteString(gs + e.ID)
		if m.Format == TEI || m.Format == Legacy {
			b.WriteByte(' ')
		}
		b.WriteString(e.Value)
	}
	b.WriteString(rs + eot)
	back, err := Parse([]byte(b.String()))
	if err != nil {
		return nil, err
	}
	for i, e := range back.Elements {
		if len(back.Elements) != len(m.Elements) || e != m.Elements[i] {
			return nil, fmt.Errorf("interchange: %s%s would be read as another element", e.ID, e.Value)
		}
	}
	return []byte(b.String()), nil
}
