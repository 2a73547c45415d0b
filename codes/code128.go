package codes

import "fmt"

// code128Widths is the widths of bar, space, bar, space, bar, space of each symbol
// character, by value; the stop character has a seventh.
var code128Widths = [107]string{
	"212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
	"221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
	"221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
	"212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
	"231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
	"231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
	"112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
	"111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
	"214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
	"114131", "311141", "411131", "211412", "211214", "211232", "2331112",
}

// The code sets of Code 128: A has control characters and capitals, B capitals and
// small letters, C pairs of digits.
const (
	setA = iota
	setB
	setC
	code128Sets
)

const (
	code128FNC1   = 102
	code128StartA = 103 // B and C follow
	code128Stop   = 106
)

// code128Latch is the character that changes to a set, the same from every other.
var code128Latch = [code128Sets]byte{101, 100, 99}

// maxCode128 bounds the symbol characters, start, check and stop not counted: some
// 300 mm at 0.33 mm a module, more than a scanner sees at once.
const maxCode128 = 80

func encodeCode128(p Payload, cfg EncodeConfig) (*Symbol, error) {
	switch {
	case cfg.Rows != 0 || cfg.Cols != 0:
		return nil, fmt.Errorf("codes: size %s: a linear symbol is as long as its data", cfg.sizeText())
	case p.ECI != 0 || p.Total != 0:
		return nil, fmt.Errorf("codes: Code 128 has no ECI and no structured append")
	}
	for i, c := range p.Data {
		if c >= 128 {
			return nil, fmt.Errorf("codes: byte %d is 0x%02X: Code 128 takes ASCII", i, c)
		}
	}
	if len(p.Data) > 2*maxCode128 {
		return nil, &TooLongError{Symbology: Code128, Have: (len(p.Data) + 1) / 2, Max: maxCode128, Unit: "characters", Size: anySize}
	}
	values := code128Values(&p)
	if n := len(values) - 1; n > maxCode128 {
		return nil, &TooLongError{Symbology: Code128, Have: n, Max: maxCode128, Unit: "characters", Size: anySize}
	}
	check := int(values[0])
	for i, v := range values[1:] {
		check += (i + 1) * int(v)
	}
	values = append(values, byte(check%103), code128Stop)

	s := &Symbol{symbology: Code128, height: 1, quiet: 10, dark: make([]bool, 0, 11*len(values)+2)}
	for _, v := range values {
		for i, w := range []byte(code128Widths[v]) {
			for range w - '0' {
				s.dark = append(s.dark, i%2 == 0)
			}
		}
	}
	s.width = len(s.dark)
	s.rowHeight = max(30, s.width*15/100) // ISO/IEC 15417: 15 % of the width at least
	return s, nil
}

// code128Values returns the start character and the shortest sequence of data
// characters. It is found from the end: cost[i][set] is what bytes i and after take
// once the set is in force.
func code128Values(p *Payload) []byte {
	data := p.Data
	const never = 1 << 20
	type cell struct {
		cost int
		next int // set of the following character
	}
	plan := make([][code128Sets]cell, len(data)+1)
	for i := len(data) - 1; i >= 0; i-- {
		for set := range code128Sets {
			plan[i][set].cost = never
			n := code128Takes(data[i:], set, p.GS1)
			if n == 0 {
				continue
			}
			for next := range code128Sets {
				cost := 1 + plan[i+n][next].cost
				if next != set && i+n < len(data) {
					cost++
				}
				if cost < plan[i][set].cost {
					plan[i][set] = cell{cost, next}
				}
			}
		}
	}
	set := setC // where it makes no difference
	for s := setB; s >= setA; s-- {
		if plan[0][s].cost < plan[0][set].cost {
			set = s
		}
	}
	values := []byte{byte(code128StartA + set)}
	if p.GS1 {
		values = append(values, code128FNC1)
	}
	for i := 0; i < len(data); {
		n := code128Takes(data[i:], set, p.GS1)
		next := plan[i][set].next
		switch c := data[i]; {
		case p.GS1 && c == gs:
			values = append(values, code128FNC1)
		case set == setC:
			values = append(values, (c-'0')*10+data[i+1]-'0')
		case c < ' ': // only in set A
			values = append(values, c+64)
		default:
			values = append(values, c-' ')
		}
		i += n
		if i < len(data) && next != set {
			values = append(values, code128Latch[next])
			set = next
		}
	}
	return values
}

// code128Takes returns how many bytes the first character takes in a set, 0 if the
// set does not have it.
func code128Takes(data []byte, set int, gs1 bool) int {
	c := data[0]
	switch {
	case gs1 && c == gs:
		return 1
	case set == setC:
		if len(data) > 1 && isDigit(c) && isDigit(data[1]) {
			return 2
		}
		return 0
	case set == setA && c >= '`', set == setB && c < ' ':
		return 0
	}
	return 1
}
