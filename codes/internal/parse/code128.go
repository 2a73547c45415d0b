package parse

import "fmt"

// Code128 reads the symbol characters of a Code 128 from the start character to
// the stop character (values 0 to 106), the check character before the stop
// included and verified, as ISO/IEC 15417 lays them down. FNC4 reaches the upper
// half of Latin-1.
func Code128(values []byte) (*Message, error) {
	n := len(values)
	if n < 4 || values[0] < 103 || values[0] > 105 || values[n-1] != 106 {
		return nil, fmt.Errorf("parse: code 128: no start, data, check and stop in %d characters", n)
	}
	sum := int(values[0])
	for i, v := range values[1 : n-2] {
		sum += (i + 1) * int(v)
	}
	if sum%103 != int(values[n-2]) {
		return nil, fmt.Errorf("parse: code 128: check character %d, want %d", values[n-2], sum%103)
	}
	p := code128{set: values[0] - 103 + 'A', m: &Message{}}
	p.m.charset(unstated)
	for i, v := range values[1 : n-2] {
		if err := p.character(i, v); err != nil {
			return nil, fmt.Errorf("parse: code 128 character %d: %w", i+1, err)
		}
	}
	if err := p.m.check(); err != nil {
		return nil, err
	}
	return p.m, nil
}

type code128 struct {
	set, back  byte // the code set, 'A' to 'C', and the one to go back to behind a shift, or 0
	high, once bool // FNC4 latched; FNC4 for the next character
	m          *Message
}

func (p *code128) character(i int, v byte) error {
	set := p.set
	if p.back != 0 {
		p.set, p.back = p.back, 0
	}
	if v == 102 {
		switch n := len(p.m.Data); {
		case i == 0:
			p.m.GS1 = true
		case i == 1 && !p.m.GS1 && (n == 1 && isLetter(p.m.Data[0]) || n == 2 && set == 'C'):
			p.m.AIM = true
		default:
			p.m.put(0x1d)
		}
		return nil
	}
	if v > 102 {
		return fmt.Errorf("a start or stop inside")
	}
	if set == 'C' {
		switch v {
		case 100:
			p.set = 'B'
		case 101:
			p.set = 'A'
		default:
			p.m.put('0'+v/10, '0'+v%10)
		}
		return nil
	}
	switch {
	case v < 96:
		c := v + 32
		if set == 'A' && v >= 64 {
			c = v - 64
		}
		if p.high != p.once {
			c += 128
		}
		p.once = false
		p.m.put(c)
	case v == 96: // FNC3
		p.m.Init = true
	case v == 97: // FNC2: the data go before those of the next symbol, which we leave to the reader of both
	case v == 98:
		p.set, p.back = 'A'+'B'-set, set
	case v == 99:
		p.set = 'C'
	case v == 100 && set == 'A':
		p.set = 'B'
	case v == 101 && set == 'B':
		p.set = 'A'
	default: // FNC4: once for a character, twice as a latch
		if p.once {
			p.high = !p.high
		}
		p.once = !p.once
	}
	return nil
}
