package codes

import "math/bits"

// A qrLine is a row or column of a QR code as bits, module 0 lowest. The largest
// code has 177 modules; what lies beyond the last is light, like the quiet zone.
type qrLine [3]uint64

func (l *qrLine) bit(i int) bool { return l[i>>6]>>(i&63)&1 == 1 }

func (l *qrLine) set(i int, dark bool) {
	l[i>>6] &^= 1 << (i & 63)
	if dark {
		l[i>>6] |= 1 << (i & 63)
	}
}

// down moves every module n places towards module 0, n from 1 to 63.
func (l qrLine) down(n int) qrLine {
	return qrLine{l[0]>>n | l[1]<<(64-n), l[1]>>n | l[2]<<(64-n), l[2] >> n}
}

// up moves every module n places away from module 0, n from 1 to 63.
func (l qrLine) up(n int) qrLine {
	return qrLine{l[0] << n, l[1]<<n | l[0]>>(64-n), l[2]<<n | l[1]>>(64-n)}
}

func (l qrLine) and(m qrLine) qrLine    { return qrLine{l[0] & m[0], l[1] & m[1], l[2] & m[2]} }
func (l qrLine) andNot(m qrLine) qrLine { return qrLine{l[0] &^ m[0], l[1] &^ m[1], l[2] &^ m[2]} }
func (l qrLine) xor(m qrLine) qrLine    { return qrLine{l[0] ^ m[0], l[1] ^ m[1], l[2] ^ m[2]} }

func (l qrLine) count() int {
	return bits.OnesCount64(l[0]) + bits.OnesCount64(l[1]) + bits.OnesCount64(l[2])
}

// A qrMask is the modules that one of the eight masks inverts, by row and by
// column.
type qrMask struct{ rows, cols []qrLine }

func (v *qrVersion) mask(m int) qrMask {
	k := qrMask{make([]qrLine, v.side), make([]qrLine, v.side)}
	for y := range v.side {
		for x := range v.side {
			var invert bool
			switch m {
			case 0:
				invert = (x+y)%2 == 0
			case 1:
				invert = y%2 == 0
			case 2:
				invert = x%3 == 0
			case 3:
				invert = (x+y)%3 == 0
			case 4:
				invert = (x/3+y/2)%2 == 0
			case 5:
				invert = x*y%2+x*y%3 == 0
			case 6:
				invert = (x*y%2+x*y%3)%2 == 0
			case 7:
				invert = ((x+y)%2+x*y%3)%2 == 0
			}
			if invert && !v.fixed[y*v.side+x] {
				k.rows[y].set(x, true)
				k.cols[x].set(y, true)
			}
		}
	}
	return k
}

// A qrPicture is a QR code by rows and by columns, before a mask and after.
type qrPicture struct {
	side               int
	plainRows, rows    [177]qrLine
	plainCols, columns [177]qrLine
	all                qrLine // side ones
}

func newQRPicture(s *Symbol) *qrPicture {
	q := &qrPicture{side: s.width}
	for y := range q.side {
		q.all.set(y, true)
		for x := range q.side {
			if s.dark[y*q.side+x] {
				q.plainRows[y].set(x, true)
				q.plainCols[x].set(y, true)
			}
		}
	}
	return q
}

// apply masks the picture and writes the format information, its lowest bit
// first: once around the finder above left, once shared between the two others.
func (q *qrPicture) apply(mask *qrMask, format int) {
	for i := range q.side {
		q.rows[i] = q.plainRows[i].xor(mask.rows[i])
		q.columns[i] = q.plainCols[i].xor(mask.cols[i])
	}
	set := func(x, y int, dark bool) {
		q.rows[y].set(x, dark)
		q.columns[x].set(y, dark)
	}
	for i := range 15 {
		dark := format>>i&1 == 1
		switch {
		case i < 6:
			set(8, i, dark)
		case i < 8:
			set(8, i+1, dark)
		case i == 8:
			set(7, 8, dark)
		default:
			set(14-i, 8, dark)
		}
		if i < 8 {
			set(q.side-1-i, 8, dark)
		} else {
			set(8, q.side-15+i, dark)
		}
	}
}

// penalty rates the picture as ISO/IEC 18004, 7.8.3 does: long runs, blocks of
// one colour, patterns like a finder, an uneven share of dark.
func (q *qrPicture) penalty() int {
	total, dark := 0, 0
	for i := range q.side {
		row, col := q.rows[i], q.columns[i]
		dark += row.count()
		total += q.runs(row) + q.runs(q.all.andNot(row)) + q.runs(col) + q.runs(q.all.andNot(col))
		total += 40 * (finders(row) + finders(col))
		if i > 0 {
			above := q.rows[i-1]
			alike := q.all.andNot(row.xor(above))
			level := q.all.down(1).andNot(row.xor(row.down(1)))
			total += 3 * alike.and(alike.down(1)).and(level).count()
		}
	}
	share := dark * 20 / (q.side * q.side) // in steps of 5 %
	deviation := share - 10
	if deviation < 0 {
		deviation = -deviation - 1
	}
	return total + 10*deviation
}

// runs rates runs of five and more set modules: 3 for five, 1 for each further.
func (q *qrPicture) runs(l qrLine) int {
	five := l.and(l.down(1))
	five = five.and(five.down(2)).and(l.down(4))
	return five.count() + 2*five.andNot(five.up(1)).count()
}

// finders counts the runs 1:1:3:1:1 with four light modules before or after.
func finders(l qrLine) int {
	at := l.and(l.down(2)).and(l.down(3)).and(l.down(4)).and(l.down(6)).andNot(l.down(1)).andNot(l.down(5))
	if at == (qrLine{}) {
		return 0
	}
	before := l.up(1)
	after := l.down(7)
	for n := 2; n <= 4; n++ {
		for i, w := range l.up(n) {
			before[i] |= w
		}
		for i, w := range l.down(6 + n) {
			after[i] |= w
		}
	}
	return at.andNot(before).count() + at.andNot(after).count()
}
