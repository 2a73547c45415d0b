package parse

import "fmt"

// QR reads the data codewords of a QR code of the given version, 1 to 40, padding
// included, as ISO/IEC 18004 section 7.4 lays them down: numeric, alphanumeric,
// byte, kanji and hanzi (GB/T 18284) segments, ECI, structured append, FNC1 in
// first and second position.
func QR(codewords []byte, version int) (*Message, error) {
	if version < 1 || version > 40 {
		return nil, fmt.Errorf("parse: qr version %d: want 1 to 40", version)
	}
	size := 0
	switch {
	case version >= 27:
		size = 2
	case version >= 10:
		size = 1
	}
	p := qr{bits: bits{data: codewords}, size: size, m: &Message{asian: true}, eci: unstated}
	p.m.charset(unstated)
	if err := p.segments(); err != nil {
		return nil, fmt.Errorf("parse: qr bit %d of %d: %w", p.bits.at, 8*len(codewords), err)
	}
	if err := p.m.check(); err != nil {
		return nil, err
	}
	return p.m, nil
}

type qr struct {
	bits bits
	size int // of count fields: 0 for versions 1 to 9, 1 to 26, 2 to 40
	eci  int
	m    *Message
}

// Modes of a segment.
const (
	qrEnd, qrNumeric, qrAlnum, qrAppend, qrByte, qrFirst, qrECI, qrKanji, qrSecond, qrHanzi = 0, 1, 2, 3, 4, 5, 7, 8, 9, 13
)

// qrCount holds the bits of a count by mode and size of symbol.
var qrCount = map[int][3]int{
	qrNumeric: {10, 12, 14},
	qrAlnum:   {9, 11, 13},
	qrByte:    {8, 16, 16},
	qrKanji:   {8, 10, 12},
	qrHanzi:   {8, 10, 12},
}

func (p *qr) segments() error {
	for p.bits.left() >= 4 {
		mode := p.bits.take(4)
		count := 0
		if c, ok := qrCount[mode]; ok {
			if mode == qrHanzi {
				if subset := p.bits.take(4); subset != 1 {
					return fmt.Errorf("hanzi subset %d", subset)
				}
			}
			count = p.bits.take(c[p.size])
		}
		var err error
		switch mode {
		case qrEnd:
			return nil
		case qrNumeric:
			err = p.numeric(count)
		case qrAlnum:
			err = p.alphanumeric(count)
		case qrByte:
			p.m.charset(p.eci)
			for range p.enough(count, 8) {
				p.m.put(byte(p.bits.take(8)))
			}
		case qrKanji:
			err = p.double(count, kanjiMode, 0xc0, func(v int) int {
				if v < 0x1f00 {
					return v + 0x8140
				}
				return v + 0xc140
			})
		case qrHanzi:
			err = p.double(count, hanziMode, 0x60, func(v int) int {
				if v < 0xa00 {
					return v + 0xa1a1
				}
				return v + 0xa6a1
			})
		case qrECI:
			err = p.setECI()
		case qrAppend:
			p.m.Index, p.m.Total, p.m.Group = p.bits.take(4), p.bits.take(4)+1, p.bits.take(8)
			if p.m.Total == 1 && p.m.Index == 0 { // a set of one is none
				p.m.Total, p.m.Group = 0, 0
			}
		case qrFirst:
			p.m.GS1 = true
		case qrSecond:
			p.m.AIM = true
			err = p.indicator()
		default:
			return fmt.Errorf("mode %d", mode)
		}
		if err != nil {
			return err
		}
		if p.bits.over {
			return fmt.Errorf("a segment of mode %d is cut short", mode)
		}
	}
	return nil
}

// enough returns count when there are so many groups of bits, else marks the
// bits as overrun and returns 0, so that no count makes us loop.
func (p *qr) enough(count, each int) int {
	if count*each > p.bits.left() {
		p.bits.over = true
		return 0
	}
	return count
}

func (p *qr) numeric(count int) error {
	p.m.charset(p.eci)
	if p.enough(count*10/3, 1) == 0 {
		return nil
	}
	for count > 0 {
		n := min(count, 3)
		v := p.bits.take([]int{0, 4, 7, 10}[n])
		if v >= []int{0, 10, 100, 1000}[n] {
			return fmt.Errorf("%d is no group of %d digits", v, n)
		}
		p.m.put(fmt.Appendf(nil, "%0*d", n, v)...)
		count -= n
	}
	return nil
}

const qrAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

func (p *qr) alphanumeric(count int) error {
	p.m.charset(p.eci)
	if p.enough(count*11/2, 1) == 0 {
		return nil
	}
	start := len(p.m.Data)
	for ; count >= 2; count -= 2 {
		v := p.bits.take(11)
		if v >= 45*45 {
			return fmt.Errorf("%d is no pair of characters", v)
		}
		p.m.put(qrAlphabet[v/45], qrAlphabet[v%45])
	}
	if count == 1 {
		v := p.bits.take(6)
		if v >= 45 {
			return fmt.Errorf("%d is no character", v)
		}
		p.m.put(qrAlphabet[v])
	}
	if p.m.GS1 || p.m.AIM { // %% stands for a percent sign, % alone for FNC1
		out := p.m.Data[:start]
		for in := p.m.Data[start:]; len(in) > 0; in = in[1:] {
			c := in[0]
			if c == '%' {
				if len(in) > 1 && in[1] == '%' {
					in = in[1:]
				} else {
					c = 0x1d
				}
			}
			out = append(out, c)
		}
		p.m.Data = out
	}
	return nil
}

// double reads characters of two bytes packed into 13 bits.
func (p *qr) double(count, charset, base int, code func(int) int) error {
	p.m.charset(charset)
	for range p.enough(count, 13) {
		v := p.bits.take(13)
		c := code(v/base<<8 | v%base)
		if c > 0xffff {
			return fmt.Errorf("%d is no character of two bytes", v)
		}
		p.m.put(byte(c>>8), byte(c))
	}
	return nil
}

func (p *qr) setECI() error {
	v := p.bits.take(8)
	switch {
	case v < 0x80:
	case v < 0xc0:
		v = v&0x3f<<8 | p.bits.take(8)
	case v < 0xe0:
		v = v&0x1f<<16 | p.bits.take(16)
	default:
		return fmt.Errorf("%d begins no ECI", v)
	}
	if v > 999999 {
		return fmt.Errorf("ECI %d", v)
	}
	p.eci = v
	p.m.setECI(v)
	return nil
}

// indicator reads the application indicator of FNC1 in second position: two
// digits as their value, a letter as its code and 100.
func (p *qr) indicator() error {
	v := p.bits.take(8)
	switch {
	case v < 100:
		p.m.put('0'+byte(v/10), '0'+byte(v%10))
	case v-100 < 128 && isLetter(byte(v-100)):
		p.m.put(byte(v - 100))
	default:
		return fmt.Errorf("application indicator %d", v)
	}
	return nil
}
