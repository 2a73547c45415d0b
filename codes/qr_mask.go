package codes

import "math/bits"

// A qrLine is a row or column of a QR code as bits: four light modules of the
// quiet zone lowest, then the modules of the code, the first one lowest. The
// largest code has 177 modules; what lies beyond the last is light, and the last
// word is empty, so that down can reach into it.
type qrLine [4]uint64

const qrMargin = 4

func (l *qrLine) at(module int) bool {
	i := module + qrMargin
	return l[i>>6]>>(i&63)&1 == 1
}

func (l *qrLine) set(module int, dark bool) {
	i := module + qrMargin
	l[i>>6] &^= 1 << (i & 63)
	if dark {
		l[i>>6] |= 1 << (i & 63)
	}
}

// down returns word i of the line moved down by n modules, n from 1 to 63.
func (l *qrLine) down(i, n int) uint64 { return l[i]>>(n&63) | l[i+1]<<((64-n)&63) }

// A qrMask is the modules that one of the eight masks inverts, by row and by
// column.
type qrMask struct{ rows, columns []qrLine }

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
				k.columns[x].set(y, true)
			}
		}
	}
	return k
}

// A qrPicture is a QR code by rows and by columns, before a mask and after.
type qrPicture struct {
	side, words           int // modules; words of a line in use
	plainRows, rows       [177]qrLine
	plainColumns, columns [177]qrLine
	pairs                 qrLine // each module but the last
}

// load takes the modules of a code, format information still light.
func (q *qrPicture) load(dark []bool, side int) {
	q.side, q.words = side, (qrMargin+side+63)/64
	q.pairs = qrLine{}
	for i := range side {
		q.plainRows[i], q.plainColumns[i] = qrLine{}, qrLine{}
		q.pairs.set(i, i < side-1)
	}
	for y := range side {
		for x, d := range dark[y*side : (y+1)*side] {
			if d {
				q.plainRows[y].set(x, true)
				q.plainColumns[x].set(y, true)
			}
		}
	}
}

// apply masks the picture and writes the format information, its lowest bit
// first: once around the finder above left, once shared between the two others.
func (q *qrPicture) apply(mask *qrMask, format int) {
	for i := range q.side {
		for w := range q.words {
			q.rows[i][w] = q.plainRows[i][w] ^ mask.rows[i][w]
			q.columns[i][w] = q.plainColumns[i][w] ^ mask.columns[i][w]
		}
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
	var above, aboveAlike qrLine
	for i := range q.side {
		row := &q.rows[i]
		alike := q.alike(row)
		column := q.alike(&q.columns[i])
		total += q.runs(&alike) + q.runs(&column)
		total += 40 * (q.finders(row) + q.finders(&q.columns[i]))
		for w := range q.words {
			dark += bits.OnesCount64(row[w])
			if i > 0 {
				total += 3 * bits.OnesCount64(alike[w]&aboveAlike[w]&^(row[w]^above[w]))
			}
		}
		above, aboveAlike = *row, alike
	}
	share := dark * 20 / (q.side * q.side) // in steps of 5 %
	deviation := share - 10
	if deviation < 0 {
		deviation = -deviation - 1
	}
	return total + 10*deviation
}

// alike marks each module that has the colour of the next.
func (q *qrPicture) alike(l *qrLine) (alike qrLine) {
	for w := range q.words {
		alike[w] = q.pairs[w] &^ (l[w] ^ l.down(w, 1))
	}
	return alike
}

// runs rates runs of five and more modules of one colour: 3 for five, 1 for each
// further one.
func (q *qrPicture) runs(alike *qrLine) (total int) {
	last := uint64(0)
	for w := range q.words {
		five := alike[w] & alike.down(w, 1) & alike.down(w, 2) & alike.down(w, 3)
		begins := five &^ (five<<1 | last)
		total += bits.OnesCount64(five) + 2*bits.OnesCount64(begins)
		last = five >> 63
	}
	return total
}

// finders counts the patterns 1:1:3:1:1 with four light modules before or after.
func (q *qrPicture) finders(l *qrLine) (n int) {
	for w := range q.words {
		d4, d6, d10 := l.down(w, 4), l.down(w, 6), l.down(w, 10)
		d5, d9 := l.down(w, 5), l.down(w, 9)
		d7, d8 := l.down(w, 7), l.down(w, 8)
		d1, d2, d3 := l.down(w, 1), l.down(w, 2), l.down(w, 3)
		after := d4 & d6 & d7 & d8 & d10 &^ (l[w] | d1 | d2 | d3 | d5 | d9) // 4 light, then the pattern
		before := l[w] & d2 & d3 & d4 & d6 &^ (d1 | d5 | d7 | d8 | d9 | d10)
		n += bits.OnesCount64(after) + bits.OnesCount64(before)
	}
	return n
}
