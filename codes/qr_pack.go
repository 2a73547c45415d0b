package codes

import "sync"

// The modes of QR that are used; kanji is left out, since data are bytes.
const (
	qrNumeric = iota
	qrAlnum
	qrByte
	qrModes
)

// qrAlphabet is the alphanumeric mode, in order of value.
const qrAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// qrValue is the place of a byte in qrAlphabet, or -1.
var qrValue = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range len(qrAlphabet) {
		t[qrAlphabet[i]] = int8(i)
	}
	return t
}()

var qrIndicator = [qrModes]uint32{1, 2, 4}

// qrCountBits is the width of the length of a segment, by mode and by class of
// versions: 1 to 9, 10 to 26, 27 to 40.
var qrCountBits = [qrModes][3]int{{10, 12, 14}, {9, 11, 13}, {8, 16, 16}}

// qrClass returns the class of a version in qrCountBits.
func qrClass(version int) int {
	switch {
	case version < 10:
		return 0
	case version < 27:
		return 1
	}
	return 2
}

// A bitString is bits in the making, the first one highest.
type bitString struct {
	bytes []byte
	n     int
}

func (b *bitString) add(v uint32, width int) {
	for width > 0 {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		free := 8 - b.n%8
		take := min(free, width)
		part := v >> (width - take) & (1<<take - 1)
		b.bytes[len(b.bytes)-1] |= byte(part << (free - take))
		b.n += take
		width -= take
	}
}

// A qrPlanner is the working memory of encodeQR.
type qrPlanner struct {
	from    [][qrModes]uint8 // by bytes done: the mode before the one in which this byte ended
	modes   []uint8
	bits    bitString
	all     []byte // data and check codewords, interleaved
	check   []byte
	need    int // bits
	picture qrPicture
}

var qrPlanners = sync.Pool{New: func() any { return new(qrPlanner) }}

// qrHeaderBits counts what precedes the segments.
func qrHeaderBits(p *Payload) int {
	n := 0
	if p.Total != 0 {
		n += 20
	}
	if p.ECI != 0 {
		switch {
		case p.ECI < 128:
			n += 12
		case p.ECI < 16384:
			n += 20
		default:
			n += 28
		}
	}
	if p.GS1 {
		n += 4
	}
	return n
}

// plan finds the cheapest sequence of modes for a class of versions and returns
// its bits. Costs are kept in sixths of a bit, because a digit takes 10/3 bits and
// an alphanumeric character 11/2.
func (q *qrPlanner) plan(p *Payload, class int) int {
	data := p.Data
	if cap(q.from) < len(data) {
		q.from = make([][qrModes]uint8, len(data))
		q.modes = make([]uint8, len(data))
	}
	from, modes := q.from[:len(data)], q.modes[:len(data)]
	const never = 1 << 28
	var head [qrModes]int
	for m := range head {
		head[m] = (4 + qrCountBits[m][class]) * 6
	}
	cost := head
	for i, c := range data {
		gained := [qrModes]int{never, never, 6 * 8}
		if isDigit(c) {
			gained[qrNumeric] = 20
		}
		if inAlnum(c, p.GS1) {
			gained[qrAlnum] = 33
		}
		for m := range cost {
			cost[m] = min(cost[m]+gained[m], never)
			from[i][m] = uint8(m)
		}
		// After this byte, a change of mode begins a segment; its cost is rounded
		// up to whole bits.
		var best [qrModes]int
		for to := range best {
			best[to] = cost[to]
		}
		for to := range best {
			for m := range cost {
				if changed := (cost[m]+5)/6*6 + head[to]; m != to && changed < best[to] {
					best[to] = changed
					from[i][to] = uint8(m)
				}
			}
		}
		cost = best
	}
	mode := uint8(qrByte)
	for m := range cost {
		if cost[m] < cost[mode] {
			mode = uint8(m)
		}
	}
	total := (cost[mode] + 5) / 6
	for i := len(data) - 1; i >= 0; i-- {
		mode = from[i][mode]
		modes[i] = mode
	}
	return qrHeaderBits(p) + total
}

// inAlnum says whether a byte can stand in an alphanumeric segment. In GS1 mode %
// stands for FNC1 there, and %% for itself: since "%%%" could be read in two ways,
// a percent sign goes into a byte segment.
func inAlnum(c byte, gs1 bool) bool {
	if gs1 && (c == gs || c == '%') {
		return c == gs
	}
	return qrValue[c] >= 0
}

// write puts header and segments of the last plan into q.bits.
func (q *qrPlanner) write(p *Payload, class int) {
	b := &q.bits
	b.bytes, b.n = b.bytes[:0], 0
	if p.Total != 0 {
		b.add(3, 4)
		b.add(uint32(p.Index), 4)
		b.add(uint32(p.Total-1), 4)
		b.add(uint32(p.Group), 8)
	}
	if p.ECI != 0 {
		b.add(7, 4)
		switch {
		case p.ECI < 128:
			b.add(uint32(p.ECI), 8)
		case p.ECI < 16384:
			b.add(0b10<<14|uint32(p.ECI), 16)
		default:
			b.add(0b110<<21|uint32(p.ECI), 24)
		}
	}
	if p.GS1 {
		b.add(5, 4)
	}
	data, modes := p.Data, q.modes[:len(p.Data)]
	for i := 0; i < len(data); {
		end := i + 1
		for end < len(data) && modes[end] == modes[i] {
			end++
		}
		b.add(qrIndicator[modes[i]], 4)
		width := qrCountBits[modes[i]][class]
		switch segment := data[i:end]; modes[i] {
		case qrNumeric:
			b.add(uint32(len(segment)), width)
			b.addDigits(segment)
		case qrAlnum:
			b.add(uint32(len(segment)), width)
			b.addAlnum(segment)
		case qrByte:
			b.add(uint32(len(segment)), width)
			for _, c := range segment {
				b.add(uint32(c), 8)
			}
		}
		i = end
	}
}

func (b *bitString) addDigits(digits []byte) {
	for len(digits) > 0 {
		n, v := min(3, len(digits)), uint32(0)
		for _, c := range digits[:n] {
			v = v*10 + uint32(c-'0')
		}
		b.add(v, 3*n+1)
		digits = digits[n:]
	}
}

// addAlnum adds characters of qrAlphabet by pairs; GS is FNC1, spelled %.
func (b *bitString) addAlnum(text []byte) {
	value := func(c byte) uint32 {
		if c == gs {
			c = '%'
		}
		return uint32(qrValue[c])
	}
	for ; len(text) > 1; text = text[2:] {
		b.add(value(text[0])*45+value(text[1]), 11)
	}
	if len(text) == 1 {
		b.add(value(text[0]), 6)
	}
}
