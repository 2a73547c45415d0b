package draw

import (
	"hash/adler32"
	"math/bits"
)

// A packer writes the zlib stream (RFC 1950, RFC 1951) of a bitmap. Bitmaps of
// labels are rows that repeat and runs of white, and these are all it looks for: a
// general compressor takes several times as long, to find little more.
type packer struct {
	out  []byte
	held uint64 // bits not yet written, the next one lowest
	n    int    // how many
	row  []byte
}

// stream returns the compressed rows, each behind a byte 0 for "no filter", with
// light as 1 as PNG has it. It is good until the next call.
func (p *packer) stream(m *Bitmap) []byte {
	p.out, p.held, p.n = append(p.out[:0], 0x78, 0x01), 0, 0
	if cap(p.row) < m.Stride+1 {
		p.row = make([]byte, m.Stride+1)
	}
	row := p.row[:m.Stride+1]
	sum := adler32.New()
	p.bits(0b011, 3) // the only block, of fixed codes
	for y := range m.Height {
		line := m.Row(y)
		row[0] = 0
		for i, c := range line {
			row[i+1] = ^c
		}
		_, _ = sum.Write(row) // a hash takes everything
		p.literal(row[0])
		if y > 0 && len(row) <= farthest {
			p.pack(line, m.Row(y-1))
		} else {
			p.pack(line, nil)
		}
	}
	p.bits(0, 7)      // the code of the end
	p.bits(0, -p.n&7) // fills the byte: bits writes whole ones only
	return sum.Sum(p.out)
}

// pack writes a row without its first byte: what equals the row above, or the byte
// before, as a copy.
func (p *packer) pack(line, above []byte) {
	for i := 0; i < len(line); {
		end := i
		for end < len(above) && line[end] == above[end] {
			end++
		}
		run := i
		for i > 0 && run < len(line) && line[run] == line[i-1] {
			run++
		}
		switch n := max(end, run) - i; {
		case n < 3:
			p.literal(^line[i])
			i++
		case run >= end:
			p.copy(n, 1)
			i = run
		default:
			p.copy(n, len(line)+1)
			i = end
		}
	}
}

// bits adds the lowest n bits of v, the lowest first, n up to 16.
func (p *packer) bits(v uint64, n int) {
	p.held |= v << p.n
	p.n += n
	for p.n >= 8 {
		p.out = append(p.out, byte(p.held))
		p.held >>= 8
		p.n -= 8
	}
}

// code adds a Huffman code, whose highest bit comes first.
func (p *packer) code(v, n int) { p.bits(uint64(bits.Reverse16(uint16(v))>>(16-n)), n) }

func (p *packer) literal(c byte) {
	if c < 144 {
		p.code(0x30+int(c), 8)
	} else {
		p.code(0x190+int(c)-144, 9)
	}
}

// farthest is how far back a copy may reach, in bytes.
const farthest = 32768

// copy repeats n bytes, at least 3, from so many bytes back, at most farthest.
func (p *packer) copy(n, back int) {
	for n > 0 {
		k := min(n, 258)
		if rest := n - k; rest == 1 || rest == 2 {
			k -= 3 // no copy is shorter than 3
		}
		p.length(k)
		p.distance(back)
		n -= k
	}
}

// length adds a length of 3 to 258: codes 257 on, four to each number of extra
// bits, but for the first eight and the last.
func (p *packer) length(n int) {
	symbol, extra := 285, 0
	l := n - 3
	switch {
	case n == 258:
		l = 0
	case l < 8:
		symbol = 257 + l
		l = 0
	default:
		extra = bits.Len(uint(l)) - 3
		symbol = 261 + 4*extra + l>>extra&3
	}
	if symbol < 280 {
		p.code(symbol-256, 7)
	} else {
		p.code(0xC0+symbol-280, 8)
	}
	p.bits(uint64(l&(1<<extra-1)), extra)
}

// distance adds a distance: two codes to each number of extra bits, but for the
// first four.
func (p *packer) distance(back int) {
	d, extra := back-1, 0
	symbol := d
	if d >= 4 {
		extra = bits.Len(uint(d)) - 2
		symbol = 2*extra + 2 + d>>extra&1
	}
	p.code(symbol, 5)
	p.bits(uint64(d&(1<<extra-1)), extra)
}
