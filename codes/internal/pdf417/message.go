package pdf417

import (
	"errors"
	"fmt"
	"math/big"
)

// A Message is what a symbol says.
type Message struct {
	// Data is the exact bytes.
	Data []byte

	// Sets are the Extended Channel Interpretations, in order: each from its
	// start in Data to the start of the next. Nothing is stated before the first.
	Sets []Set

	// Init says that the symbol is meant to set up a reader and is not data.
	Init bool

	// Macro is the place in a set of symbols, nil when it stands on its own.
	Macro *Macro
}

// A Set is where an Extended Channel Interpretation begins.
type Set struct {
	Start int // byte of the data
	ECI   int // 0 to 811799
}

// A Macro is the control block of Macro PDF417, which spreads a file over several
// symbols.
type Macro struct {
	Index int   // of this symbol, from 0
	Total int   // number of symbols, 0 when not stated
	File  []int // identification of the file, codewords as they stand
	Last  bool  // this symbol is the last one
}

// Codewords that are no data.
const (
	latchText    = 900
	latchByte    = 901
	latchNumeric = 902
	shiftByte    = 913
	macroEnd     = 922
	macroField   = 923
	latchSixth   = 924 // bytes, a multiple of six of them
	eciUser      = 925
	eciGeneral   = 926
	eciCharset   = 927
	macroBlock   = 928
	readerInit   = 921
)

var errCut = errors.New("pdf417: the message is cut short")

// parse reads the corrected data codewords behind the length descriptor, as
// ISO/IEC 15438 section 5.4 lays them down.
func parse(words []int) (*Message, error) {
	d := &decoder{words: words, m: &Message{}}
	if err := d.message(); err != nil {
		return nil, err
	}
	if len(d.m.Data) == 0 && !d.m.Init {
		return nil, errors.New("pdf417: the symbol holds no data")
	}
	return d.m, nil
}

type decoder struct {
	words []int
	at    int
	m     *Message
}

func (d *decoder) more() bool { return d.at < len(d.words) }

func (d *decoder) put(b ...byte) { d.m.Data = append(d.m.Data, b...) }

func (d *decoder) message() error {
	mode := latchText
	for d.more() {
		w := d.words[d.at]
		switch w {
		case latchText, latchByte, latchNumeric, latchSixth:
			mode = w
			d.at++
			if mode == latchText {
				if err := d.text(); err != nil {
					return err
				}
			}
			continue
		case eciUser, eciGeneral, eciCharset:
			if err := d.eci(); err != nil {
				return err
			}
			continue
		case readerInit:
			if d.at != 0 {
				return fmt.Errorf("pdf417: reader initialisation in codeword %d", d.at)
			}
			d.m.Init = true
			d.at++
			continue
		case macroBlock:
			if err := d.macro(); err != nil {
				return err
			}
			continue
		}
		if w > latchText && !(w == shiftByte && mode == latchText) {
			return fmt.Errorf("pdf417: codeword %d is %d, which is reserved", d.at, w)
		}
		var err error
		switch mode {
		case latchText:
			err = d.text()
		case latchNumeric:
			err = d.numeric()
		default:
			err = d.bytes(mode == latchSixth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Submodes of text.
const (
	alpha = iota
	lower
	mixed
	punctuation
)

// submodes holds the characters by value; zero bytes are controls.
var submodes = [4]string{
	alpha:       "ABCDEFGHIJKLMNOPQRSTUVWXYZ \x00\x00\x00",
	lower:       "abcdefghijklmnopqrstuvwxyz \x00\x00\x00",
	mixed:       "0123456789&\r\t,:#-.$/+%*=^\x00 \x00\x00\x00",
	punctuation: ";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'\x00",
}

// controls says where the values that are no characters lead.
var controls = [4]map[int]struct {
	to    int
	shift bool // for one character
}{
	alpha:       {27: {lower, false}, 28: {mixed, false}, 29: {punctuation, true}},
	lower:       {27: {alpha, true}, 28: {mixed, false}, 29: {punctuation, true}},
	mixed:       {25: {punctuation, false}, 27: {lower, false}, 28: {alpha, false}, 29: {punctuation, true}},
	punctuation: {29: {alpha, false}},
}

// text reads pairs of characters until another mode begins. A shift to one byte
// and an ECI leave the submode as it is.
func (d *decoder) text() error {
	mode, back := alpha, -1
	for d.more() {
		w := d.words[d.at]
		if w >= latchText && back >= 0 {
			mode, back = back, -1 // the shift only filled a pair
		}
		switch {
		case w == shiftByte:
			if d.at+1 >= len(d.words) {
				return errCut
			}
			b := d.words[d.at+1]
			if b > 255 {
				return fmt.Errorf("pdf417: %d is no byte", b)
			}
			d.put(byte(b))
			d.at += 2
			continue
		case w == eciUser || w == eciGeneral || w == eciCharset:
			if err := d.eci(); err != nil {
				return err
			}
			continue
		case w >= latchText:
			return nil
		}
		d.at++
		for _, v := range [2]int{w / 30, w % 30} {
			move, control := controls[mode][v]
			switch {
			case !control:
				d.put(submodes[mode][v])
				if back >= 0 {
					mode, back = back, -1
				}
			case move.shift:
				if back < 0 {
					back = mode
				}
				mode = move.to
			default: // a latch
				mode, back = move.to, -1
			}
		}
	}
	return nil
}

// bytes reads groups of five codewords as six bytes, and the words that are left
// as a byte each. Where the number of bytes is not stated to be a multiple of six,
// the last five words are read singly even if that leaves no group incomplete. An
// ECI may stand between groups and does not count.
func (d *decoder) bytes(sixes bool) error {
	count := 0
	for i := d.at; i < len(d.words); i++ {
		w := d.words[i]
		if w == eciUser || w == eciGeneral || w == eciCharset {
			i++
			if w == eciGeneral {
				i++
			}
			continue
		}
		if w >= latchText {
			break
		}
		count++
	}
	groups := count / 5
	if !sixes && count%5 == 0 {
		groups--
	}
	for count > 0 {
		if d.words[d.at] >= latchText {
			if err := d.eci(); err != nil {
				return err
			}
			continue
		}
		if groups == 0 {
			if d.words[d.at] > 255 {
				return fmt.Errorf("pdf417: codeword %d is %d and no byte", d.at, d.words[d.at])
			}
			d.put(byte(d.words[d.at]))
			d.at++
			count--
			continue
		}
		v := uint64(0)
		for _, w := range d.words[d.at : d.at+5] {
			if w >= latchText {
				return fmt.Errorf("pdf417: a group of bytes is interrupted by %d", w)
			}
			v = v*900 + uint64(w)
		}
		if v >= 1<<48 {
			return fmt.Errorf("pdf417: codewords %d to %d are no six bytes", d.at, d.at+4)
		}
		d.put(byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
		d.at += 5
		count -= 5
		groups--
	}
	return nil
}

// numeric reads groups of up to fifteen codewords as numbers to the base 900,
// whose decimal digits behind a leading 1 are the text.
func (d *decoder) numeric() error {
	for d.more() && d.words[d.at] < latchText {
		text, err := d.number(15)
		if err != nil {
			return err
		}
		d.put(text...)
	}
	return nil
}

// number reads one group of at most limit codewords.
func (d *decoder) number(limit int) ([]byte, error) {
	base, v := big.NewInt(900), new(big.Int)
	from := d.at
	for d.more() && d.words[d.at] < latchText && d.at-from < limit {
		v.Mul(v, base).Add(v, big.NewInt(int64(d.words[d.at])))
		d.at++
	}
	text := v.Append(nil, 10)
	if text[0] != '1' || len(text) > 45 {
		return nil, fmt.Errorf("pdf417: codewords %d to %d are no number", from, d.at-1)
	}
	return text[1:], nil
}

func (d *decoder) eci() error {
	kind := d.words[d.at]
	need := 1
	if kind == eciGeneral {
		need = 2
	}
	if d.at+need >= len(d.words) {
		return errCut
	}
	a := d.words[d.at+1]
	if a >= latchText {
		return fmt.Errorf("pdf417: %d begins no ECI", a)
	}
	v := a
	switch kind {
	case eciGeneral:
		b := d.words[d.at+2]
		if b >= latchText {
			return fmt.Errorf("pdf417: %d ends no ECI", b)
		}
		v = 900*(a+1) + b
	case eciUser:
		v = 810900 + a
	}
	d.at += need + 1
	d.m.Sets = append(d.m.Sets, Set{len(d.m.Data), v})
	return nil
}

// macro reads the control block, which is the end of the message. Of the optional
// fields only the number of symbols is kept.
func (d *decoder) macro() error {
	d.at++
	segment := func(limit int) (int, error) {
		text, err := d.number(limit)
		if err != nil {
			return 0, err
		}
		n := 0
		for _, c := range text {
			n = 10*n + int(c-'0')
		}
		return n, nil
	}
	if d.at+2 > len(d.words) {
		return errCut
	}
	m := &Macro{}
	var err error
	if m.Index, err = segment(2); err != nil {
		return err
	}
	for d.more() && d.words[d.at] < latchText {
		m.File = append(m.File, d.words[d.at])
		d.at++
	}
	for d.more() {
		w := d.words[d.at]
		d.at++
		switch w {
		case macroEnd:
			m.Last = true
		case macroField:
			if !d.more() {
				return errCut
			}
			field := d.words[d.at]
			d.at++
			if field == 1 {
				for d.more() && (d.words[d.at] == latchNumeric || d.words[d.at] == latchText) {
					d.at++
				}
				if !d.more() {
					return errCut
				}
				if m.Total, err = segment(2); err != nil {
					return err
				}
			}
			for d.more() && d.words[d.at] != macroField && d.words[d.at] != macroEnd {
				d.at++
			}
		case latchText: // padding
		default:
			return fmt.Errorf("pdf417: codeword %d is %d, in the macro control block", d.at-1, w)
		}
	}
	if m.Index > 99998 || m.Total > 0 && m.Index >= m.Total {
		return fmt.Errorf("pdf417: symbol %d of a set of %d", m.Index+1, m.Total)
	}
	d.m.Macro = m
	return nil
}
