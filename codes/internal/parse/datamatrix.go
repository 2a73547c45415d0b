package parse

import "fmt"

// DataMatrix reads the data codewords of a Data Matrix ECC 200 symbol, padding
// included, as ISO/IEC 16022 section 5.2 lays them down: ASCII with pairs of
// digits and upper shift, C40, Text, X12, EDIFACT and Base 256, FNC1, ECI,
// structured append, reader programming and the macros 05 and 06.
func DataMatrix(codewords []byte) (*Message, error) {
	p := dataMatrix{words: codewords, m: &Message{}}
	p.m.charset(unstated)
	if err := p.ascii(); err != nil {
		return nil, fmt.Errorf("parse: data matrix codeword %d of %d: %w", p.at, len(codewords), err)
	}
	if p.trailer != "" {
		p.m.put([]byte(p.trailer)...)
	}
	if err := p.m.check(); err != nil {
		return nil, err
	}
	return p.m, nil
}

// Codewords of the ASCII encodation with a meaning of their own.
const (
	dmPad        = 129
	dmC40        = 230
	dmBase256    = 231
	dmFNC1       = 232
	dmAppend     = 233
	dmInit       = 234
	dmUpperShift = 235
	dmMacro05    = 236
	dmMacro06    = 237
	dmX12        = 238
	dmText       = 239
	dmEDIFACT    = 240
	dmECI        = 241
	dmUnlatch    = 254
)

type dataMatrix struct {
	words   []byte
	at      int // codewords taken
	first   int // where FNC1 in first position may stand: 0, or 4 behind structured append
	trailer string
	m       *Message
}

func (p *dataMatrix) left() int { return len(p.words) - p.at }

func (p *dataMatrix) next() (int, error) {
	if p.at >= len(p.words) {
		return 0, fmt.Errorf("the symbol ends here")
	}
	p.at++
	return int(p.words[p.at-1]), nil
}

// fnc1 places an FNC1 whose codeword is the one before p.at.
func (p *dataMatrix) fnc1() {
	switch n := len(p.m.Data); {
	case p.at-1 == p.first:
		p.m.GS1 = true
	case p.at-1 == p.first+1 && !p.m.GS1 && (n == 1 && isLetter(p.m.Data[0]) || n == 2 && isDigit(p.m.Data[0])):
		p.m.AIM = true
	default:
		p.m.put(0x1d)
	}
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

// ascii reads the encodation in which every symbol begins and from which it
// enters the others.
func (p *dataMatrix) ascii() error {
	var upper byte
	for p.left() > 0 {
		c, _ := p.next()
		switch {
		case c == 0:
			return fmt.Errorf("0 is no codeword")
		case c <= 128:
			p.m.put(byte(c-1) + upper)
			upper = 0
			continue
		case c == dmPad:
			return p.padding()
		case c <= 229:
			p.m.put('0'+byte(c-130)/10, '0'+byte(c-130)%10)
		case c == dmFNC1:
			p.fnc1()
		case c == dmUpperShift:
			upper = 128
			continue
		case c == dmUnlatch && p.left() == 0: // an unlatch into the end of the symbol
		default:
			if err := p.control(c); err != nil {
				return err
			}
		}
		if upper != 0 {
			return fmt.Errorf("upper shift before %d", c)
		}
	}
	return nil
}

// padding checks what follows the end of the data: every further pad is 129 in a
// fixed disguise. A symbol that a chance pattern forged does not keep to it. Some
// encoders pad carelessly, so a few strangers are forgiven in a long tail.
func (p *dataMatrix) padding() error {
	if len(p.m.Data) == 0 && !p.m.Init {
		return errEmpty
	}
	bad := 0
	n := p.left()
	for p.left() > 0 {
		c, _ := p.next()
		want := dmPad + (149*p.at)%253 + 1
		if want > 254 {
			want -= 254
		}
		if c != want && c != dmPad {
			bad++
		}
	}
	if n >= 2 && 2*bad > n {
		return fmt.Errorf("%d of %d pad codewords are not pads", bad, n)
	}
	return nil
}

// control reads the codewords that neither are data nor end it.
func (p *dataMatrix) control(c int) error {
	switch c {
	case dmC40:
		return p.triples(&dmC40Sets)
	case dmText:
		return p.triples(&dmTextSets)
	case dmX12:
		return p.x12()
	case dmEDIFACT:
		return p.edifact()
	case dmBase256:
		return p.base256()
	case dmECI:
		return p.eci()
	case dmAppend:
		if p.at != 1 {
			return fmt.Errorf("structured append is not at the beginning")
		}
		return p.structuredAppend()
	case dmInit:
		if p.at != 1 {
			return fmt.Errorf("reader programming is not at the beginning")
		}
		p.m.Init = true
		return nil
	case dmMacro05, dmMacro06:
		if p.at != 1 {
			return fmt.Errorf("a macro is not at the beginning")
		}
		p.m.put([]byte("[)>\x1e0")...)
		p.m.put('5' + byte(c-dmMacro05))
		p.m.put(0x1d)
		p.trailer = "\x1e\x04"
		return nil
	}
	return fmt.Errorf("%d is no codeword", c)
}

func (p *dataMatrix) structuredAppend() error {
	if p.left() < 3 {
		return fmt.Errorf("structured append is cut short")
	}
	seq, _ := p.next()
	id1, _ := p.next()
	id2, _ := p.next()
	p.m.Index, p.m.Total = seq>>4, 17-seq&15
	if p.m.Total < 2 || p.m.Total > 16 || p.m.Index >= p.m.Total {
		return fmt.Errorf("structured append says symbol %d of %d", p.m.Index+1, p.m.Total)
	}
	p.m.Group = id1<<8 | id2
	p.first = p.at
	return nil
}

func (p *dataMatrix) eci() error {
	c, err := p.next()
	if err != nil {
		return err
	}
	more := 0
	switch {
	case c == 0 || c > 207:
		return fmt.Errorf("%d begins no ECI", c)
	case c >= 192:
		more = 2
	case c >= 128:
		more = 1
	}
	if p.left() < more {
		return fmt.Errorf("the ECI is cut short")
	}
	eci := c - 1
	if more > 0 {
		d, _ := p.next()
		if d == 0 || d == 255 {
			return fmt.Errorf("%d is no part of an ECI", d)
		}
		eci = (c-128)*254 + 127 + d - 1
		if more == 2 {
			e, _ := p.next()
			if e == 0 || e == 255 {
				return fmt.Errorf("%d is no part of an ECI", e)
			}
			eci = (c-192)*64516 + 16383 + (d-1)*254 + e - 1
		}
	}
	if eci > 999999 {
		return fmt.Errorf("ECI %d", eci)
	}
	p.m.setECI(eci)
	return nil
}

// sets are the character sets of C40 or Text: the basic one and the three that
// the values 0, 1 and 2 of the basic one shift to. Zero ends a set.
type dmSets struct{ basic, third string }

const dmShift2 = "!\"#$%&'()*+,-./:;<=>?@[\\]^_"

var (
	dmC40Sets  = dmSets{" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "`abcdefghijklmnopqrstuvwxyz{|}~\x7f"}
	dmTextSets = dmSets{" 0123456789abcdefghijklmnopqrstuvwxyz", "`ABCDEFGHIJKLMNOPQRSTUVWXYZ{|}~\x7f"}
)

// triples reads C40 or Text: three values of 0 to 39 in two codewords.
func (p *dataMatrix) triples(sets *dmSets) error {
	shift := 0
	var upper byte
	for p.left() >= 2 {
		c, _ := p.next()
		if c == dmUnlatch {
			return nil
		}
		d, _ := p.next()
		v := c<<8 + d - 1
		if v < 0 || v >= 64000 {
			return fmt.Errorf("%d %d are no three values", c, d)
		}
		for _, value := range [3]int{v / 1600, v / 40 % 40, v % 40} {
			char := byte(0)
			switch {
			case shift == 0 && value < 3:
				shift = value + 1
				continue
			case shift == 0:
				char = sets.basic[value-3]
			case shift == 1 && value < 32:
				char = byte(value)
			case shift == 2 && value < len(dmShift2):
				char = dmShift2[value]
			case shift == 2 && value == 27:
				if len(p.m.Data) == 0 {
					p.m.GS1 = true
				} else {
					p.m.put(0x1d)
				}
				shift = 0
				continue
			case shift == 2 && value == 30:
				upper = 128
				shift = 0
				continue
			case shift == 3 && value < len(sets.third):
				char = sets.third[value]
			default:
				return fmt.Errorf("value %d is not in shift set %d", value, shift)
			}
			p.m.put(char + upper)
			shift, upper = 0, 0
		}
	}
	return p.lastOne()
}

// lastOne handles the single codeword that may be left behind triples: it is in
// ASCII without an unlatch, or is an unlatch with nothing behind it.
func (p *dataMatrix) lastOne() error {
	if p.left() == 1 && p.words[p.at] == dmUnlatch {
		p.at++
	}
	return nil
}

func (p *dataMatrix) x12() error {
	for p.left() >= 2 {
		c, _ := p.next()
		if c == dmUnlatch {
			return nil
		}
		d, _ := p.next()
		v := c<<8 + d - 1
		if v < 0 || v >= 64000 {
			return fmt.Errorf("%d %d are no three values", c, d)
		}
		for _, value := range [3]int{v / 1600, v / 40 % 40, v % 40} {
			p.m.put("\r*> 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value])
		}
	}
	return p.lastOne()
}

// edifact reads four values of six bits in three codewords, until the value 31,
// behind which the rest of its codeword is nothing. One or two codewords left at
// the end of the symbol are in ASCII.
func (p *dataMatrix) edifact() error {
	for p.left() >= 3 {
		bits, n := 0, 0
		for range 4 {
			if n < 6 {
				c, err := p.next()
				if err != nil {
					return err
				}
				bits, n = bits<<8|c, n+8
			}
			n -= 6
			value := bits >> n & 63
			if value == 31 {
				return nil
			}
			p.m.put(byte((value ^ 32) + 32)) // 0 to 31 are @ to _, 32 to 63 the space to ?
		}
	}
	return nil
}

// base256 reads bytes behind a length; all of it is disguised by the place of
// the codeword, so that no pattern repeats in the symbol.
func (p *dataMatrix) base256() error {
	next := func() (int, error) {
		c, err := p.next()
		return (c - (149*p.at)%255 - 1 + 512) % 256, err
	}
	n, err := next()
	if err != nil {
		return err
	}
	switch {
	case n == 0:
		n = p.left()
	case n >= 250:
		low, err := next()
		if err != nil {
			return err
		}
		if low > 249 {
			return fmt.Errorf("base 256 length %d %d", n, low)
		}
		n = 250*(n-249) + low
	}
	if n > p.left() {
		return fmt.Errorf("base 256 says %d bytes, %d are left", n, p.left())
	}
	for range n {
		c, err := next()
		if err != nil {
			return err
		}
		p.m.put(byte(c))
	}
	return nil
}
