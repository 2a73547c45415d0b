package parse

import (
	"bytes"
	"fmt"
)

// Aztec reads the data bits of an Aztec code, n of them from the highest bit of
// data on, stuffing bits removed, as ISO/IEC 24778 section 9 lays them down:
// the five text modes, binary shift, FNC1, ECI and structured append.
func Aztec(data []byte, n int) (*Message, error) {
	if n > 8*len(data) {
		return nil, fmt.Errorf("parse: aztec: %d bits in %d bytes", n, len(data))
	}
	p := aztec{bits: bits{data: data}, n: n, m: &Message{}}
	p.m.charset(unstated)
	if err := p.appendix(); err != nil {
		return nil, fmt.Errorf("parse: aztec: %w", err)
	}
	if err := p.text(); err != nil {
		return nil, fmt.Errorf("parse: aztec bit %d of %d: %w", p.bits.at, n, err)
	}
	if p.skip > 0 {
		p.m.cut(p.skip)
	}
	if err := p.m.check(); err != nil {
		return nil, err
	}
	return p.m, nil
}

type aztec struct {
	bits bits
	n    int
	skip int // bytes at the front that are the header of structured append
	m    *Message
}

func (p *aztec) left() int { return p.n - p.bits.at }

// Modes of Aztec text.
const (
	azUpper = iota
	azLower
	azMixed
	azPunct
	azDigit
)

// azText holds the characters of each mode by value; zero bytes are controls.
// Values 2 to 5 of punctuation are two characters and stand apart.
var azText = [5]string{
	azUpper: "\x00 ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	azLower: "\x00 abcdefghijklmnopqrstuvwxyz",
	azMixed: "\x00 \x01\x02\x03\x04\x05\x06\x07\b\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f@\\^_`|~\x7f",
	azPunct: "\x00\r\x00\x00\x00\x00!\"#$%&'()*+,-./:;<=>?[]{}",
	azDigit: "\x00 0123456789,.",
}

var azPairs = [4]string{"\r\n", ". ", ", ", ": "}

// azControls says by mode where values above the characters lead: the mode, and
// whether for one character only.
type azMove struct {
	to    int
	shift bool
}

const azBinary = 5

var azControls = [5]map[int]azMove{
	azUpper: {0: {azPunct, true}, 28: {azLower, false}, 29: {azMixed, false}, 30: {azDigit, false}, 31: {azBinary, true}},
	azLower: {0: {azPunct, true}, 28: {azUpper, true}, 29: {azMixed, false}, 30: {azDigit, false}, 31: {azBinary, true}},
	azMixed: {0: {azPunct, true}, 28: {azLower, false}, 29: {azUpper, false}, 30: {azPunct, false}, 31: {azBinary, true}},
	azPunct: {31: {azUpper, false}},
	azDigit: {0: {azPunct, true}, 14: {azUpper, false}, 15: {azUpper, true}},
}

// text reads to the end of the bits. A shift lasts for one character; a shift to
// bytes out of a shifted mode returns to that mode, which stays.
func (p *aztec) text() error {
	mode, back := azUpper, -1
	for {
		size := 5
		if mode == azDigit {
			size = 4
		}
		if p.left() < size {
			return nil // less than a character is padding
		}
		v := p.bits.take(size)
		move, control := azControls[mode][v]
		switch {
		case control && move.to == azBinary:
			if ended := p.binary(); ended {
				return nil
			}
			back = -1
		case control && move.shift:
			mode, back = move.to, mode
			continue
		case control:
			mode, back = move.to, -1
			continue
		case mode == azPunct && v == 0:
			ended, err := p.flag()
			if err != nil || ended {
				return err
			}
		case mode == azPunct && v >= 2 && v <= 5:
			p.m.put([]byte(azPairs[v-2])...)
		default:
			p.m.put(azText[mode][v])
		}
		if back >= 0 {
			mode, back = back, -1
		}
	}
}

// binary reads bytes behind their number. The bits may end in the middle where
// the padding looks like a shift.
func (p *aztec) binary() (ended bool) {
	if p.left() < 5 {
		return true
	}
	n := p.bits.take(5)
	if n == 0 {
		if p.left() < 11 {
			return true
		}
		n = p.bits.take(11) + 31
	}
	for range n {
		if p.left() < 8 {
			return true
		}
		p.m.put(byte(p.bits.take(8)))
	}
	return false
}

// flag reads FLG(n): FNC1, or an ECI of n digits.
func (p *aztec) flag() (ended bool, err error) {
	if p.left() < 3 {
		return true, nil
	}
	n := p.bits.take(3)
	switch {
	case n == 0:
		switch d := p.m.Data; {
		case len(d) == 0:
			p.m.GS1 = true
		case !p.m.GS1 && (len(d) == 1 && isLetter(d[0]) || len(d) == 2 && isDigit(d[0]) && isDigit(d[1])):
			p.m.AIM = true
		default:
			p.m.put(0x1d)
		}
		return false, nil
	case n == 7:
		return false, fmt.Errorf("FLG(7)")
	case p.left() < 4*n:
		return true, nil
	}
	eci := 0
	for range n {
		d := p.bits.take(4)
		if d < 2 || d > 11 {
			return false, fmt.Errorf("%d is no digit of an ECI", d)
		}
		eci = 10*eci + d - 2
	}
	p.m.setECI(eci)
	return false, nil
}

// appendix reads structured append, which is told by the modes changing from
// upper to mixed and back before any data: an identifier between two spaces,
// where there is one, and two letters for place and number.
func (p *aztec) appendix() error {
	const toMixedAndBack = 29<<5 | 29
	if p.left() < 10 || p.bits.take(10) != toMixedAndBack {
		p.bits.at = 0
		return nil
	}
	q := aztec{bits: p.bits, n: p.n, m: &Message{}}
	// The header is text like any other: read all, and cut it off the front.
	if err := q.text(); err != nil {
		return err
	}
	head := q.m.Data
	skip := 0
	if len(head) > 0 && head[0] == ' ' {
		end := bytes.IndexByte(head[1:], ' ')
		if end < 0 {
			return fmt.Errorf("structured append without an end of its identifier")
		}
		for _, c := range head[1 : 1+end] {
			p.m.Group = (p.m.Group*31 + int(c)) & 0xffff
		}
		skip = end + 2
	}
	if len(head) < skip+2 || head[skip] < 'A' || head[skip] > 'Z' || head[skip+1] < 'B' || head[skip+1] > 'Z' {
		return fmt.Errorf("structured append without a place and a number")
	}
	p.m.Index, p.m.Total = int(head[skip]-'A'), int(head[skip+1]-'A')+1
	p.skip = skip + 2
	return nil
}
