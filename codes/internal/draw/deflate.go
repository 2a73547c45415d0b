package draw

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A packer writes the zlib stream (RFC 1950, RFC 1951) of a bitmap. Bitmaps of
// labels are rows that repeat and runs of white, and these are all it looks for: a
// general compressor takes several times as long, to find little more.
type packer struct {
	out  []byte
	held uint64 // bits not yet written, the next one lowest
	n    int    // how many
}

// stream returns the compressed rows, each behind a byte 0 for "no filter", with
// light as 1 as PNG has it. It is good until the next call.
func (p *packer) stream(m *Bitmap) []byte {
	p.out, p.held, p.n = append(p.out[:0], 0x78, 0x01), 0, 0
	rowLen := m.Stride + 1
	sum := checksum{a: 1}
	p.bits(0b011, 3)  // the only block, of fixed codes
	var adds checksum // what the last row added
	for y := 0; y < m.Height; y++ {
		line := m.Row(y)
		near := rowLen <= farthest
		// Rows that repeat the one above go in one copy, the byte before each included.
		same := y
		for near && same > 0 && same < m.Height && bytes.Equal(m.Row(same), m.Row(same-1)) {
			same++
		}
		if n := (same - y) * rowLen; n >= 3 {
			p.copy(n, rowLen)
			for ; y < same; y++ {
				sum.add(adds, rowLen)
			}
			y--
			continue
		}
		adds = sumOf(line)
		sum.add(adds, rowLen)
		p.literal(0)
		if y > 0 && near {
			p.pack(line, m.Row(y-1))
		} else {
			p.pack(line, nil)
		}
	}
	p.bits(0, 7) // the code of the end
	p.end()
	return binary.BigEndian.AppendUint32(p.out, sum.b<<16|sum.a)
}

// A checksum is that of RFC 1950 (Adler-32), which can be told of a row once and
// added as often as the row repeats.
type checksum struct{ a, b uint32 }

// modAdler is the largest prime below 65536.
const modAdler = 65521

// sumOf returns what a row of the stream adds, begun with zero: a byte 0 and the
// bytes of line inverted. As most of them are light, it begins with a light row and
// takes off what is ink.
func sumOf(line []byte) checksum {
	n := uint64(len(line))
	a, b := 0xFF*n, 0xFF*n*(n+1)/2
	for i := 0; i < len(line); i++ {
		if i+8 <= len(line) && binary.LittleEndian.Uint64(line[i:]) == 0 {
			i += 7
			continue
		}
		c := uint64(line[i])
		a -= c
		b -= c * (n - uint64(i))
	}
	return checksum{uint32(a % modAdler), uint32(b % modAdler)}
}

// add appends n bytes that add c.
func (s *checksum) add(c checksum, n int) {
	s.b = uint32((uint64(s.b) + uint64(c.b) + uint64(n)*uint64(s.a)) % modAdler)
	s.a = (s.a + c.a) % modAdler
}

// pack writes a row without its first byte: what equals the row above, or the byte
// before, as a copy.
func (p *packer) pack(line, above []byte) {
	for i := 0; i < len(line); {
		end := i
		if above != nil {
			end += alike(line[i:], above[i:])
		}
		run := i
		if i > 0 && end < len(line) {
			run += alike(line[i:], line[i-1:])
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

// alike returns how many bytes at the beginning of a stand at that of b too, which
// is no shorter.
func alike(a, b []byte) (n int) {
	for ; n+8 <= len(a); n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
	}
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return n
}

// bits adds the lowest n bits of v, the lowest first, n up to 16. They are written
// four bytes at a time.
func (p *packer) bits(v uint64, n int) {
	p.held |= v << p.n
	p.n += n
	if p.n >= 32 {
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(p.held))
		p.held >>= 32
		p.n -= 32
	}
}

// end writes what is held, its last byte filled with zeros.
func (p *packer) end() {
	for ; p.n > 0; p.n -= 8 {
		p.out = append(p.out, byte(p.held))
		p.held >>= 8
	}
}

// code adds a Huffman code, whose highest bit comes first.
func (p *packer) code(v, n int) { p.bits(uint64(bits.Reverse16(uint16(v))>>(16-n)), n) }

// literals are the codes of single bytes, their highest bit first.
var literals = func() (all [256]struct {
	code uint64
	n    int
}) {
	for c := range all {
		v, n := 0x30+c, 8
		if c >= 144 {
			v, n = 0x190+c-144, 9
		}
		all[c].code, all[c].n = uint64(bits.Reverse16(uint16(v))>>(16-n)), n
	}
	return all
}()

func (p *packer) literal(c byte) { p.bits(literals[c].code, literals[c].n) }

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
