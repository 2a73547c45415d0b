package draw

import "sync"

// A Bitmap is a picture of dots, a set bit being ink. Rows are padded to whole
// bytes, the leftmost dot highest.
type Bitmap struct {
	Width, Height int // dots
	Stride        int // bytes a row
	Pix           []byte
}

var bitmaps = sync.Pool{New: func() any { return new(Bitmap) }}

// NewBitmap returns a bitmap without ink, from a pool that [Bitmap.Release] fills.
func NewBitmap(width, height int) *Bitmap {
	m := bitmaps.Get().(*Bitmap)
	m.Width, m.Height, m.Stride = width, height, (width+7)/8
	if n := m.Stride * height; cap(m.Pix) < n {
		m.Pix = make([]byte, n)
	} else {
		m.Pix = m.Pix[:n]
		clear(m.Pix)
	}
	return m
}

// Release gives the memory of a bitmap back. It must not be used any more.
func (m *Bitmap) Release() { bitmaps.Put(m) }

// Row returns the bytes of a row.
func (m *Bitmap) Row(y int) []byte { return m.Pix[y*m.Stride : (y+1)*m.Stride] }

// Ink sets the dots from x0 up to, not including, x1 of a row.
func (m *Bitmap) Ink(y, x0, x1 int) {
	x0, x1 = max(x0, 0), min(x1, m.Width)
	if x0 >= x1 || y < 0 || y >= m.Height {
		return
	}
	row := m.Row(y)
	first, last := x0>>3, (x1-1)>>3
	head, tail := byte(0xFF>>(x0&7)), byte(0xFF<<(7-(x1-1)&7))
	if first == last {
		row[first] |= head & tail
		return
	}
	row[first] |= head
	for i := first + 1; i < last; i++ {
		row[i] = 0xFF
	}
	row[last] |= tail
}

// At says whether a dot has ink.
func (m *Bitmap) At(x, y int) bool {
	return m.Pix[y*m.Stride+x>>3]>>(7-x&7)&1 == 1
}

// Modules draws rows of modules, row by row in dark, width modules wide, each
// module cell dots wide and high times that tall, the first at x, y. All must lie
// within the bitmap.
func (m *Bitmap) Modules(dark []bool, width, x, y, cell, high int) {
	for ; len(dark) >= width; dark = dark[width:] {
		Runs(dark[:width], func(from, to int) { m.Ink(y, x+from*cell, x+to*cell) })
		for i := 1; i < cell*high; i++ {
			m.copyRow(y, y+i, x, x+width*cell)
		}
		y += cell * high
	}
}

// copyRow sets the dots of one row that are set in another, from x0 up to, not
// including, x1. The span lies in the bitmap.
func (m *Bitmap) copyRow(from, to, x0, x1 int) {
	first, last := x0>>3, (x1-1)>>3
	src, dst := m.Row(from), m.Row(to)
	for i := first; i <= last; i++ {
		c := src[i]
		if i == first {
			c &= 0xFF >> (x0 & 7)
		}
		if i == last {
			c &= 0xFF << (7 - (x1-1)&7)
		}
		dst[i] |= c
	}
}

// Runs calls f for each run of dark modules of a row.
func Runs(row []bool, f func(from, to int)) {
	for x := 0; x < len(row); x++ {
		if !row[x] {
			continue
		}
		from := x
		for x < len(row) && row[x] {
			x++
		}
		f(from, x)
	}
}

// AppendPath appends the path data of rows of modules, a run a rectangle, each
// high units high; the first module begins at x, y.
func AppendPath(b []byte, dark []bool, width, x, y, high int) []byte {
	for ; len(dark) >= width; dark = dark[width:] {
		Runs(dark[:width], func(from, to int) {
			b = append(b, 'M')
			b = appendInt(b, x+from)
			b = append(b, ' ')
			b = appendInt(b, y)
			b = append(b, 'h')
			b = appendInt(b, to-from)
			b = append(b, 'v')
			b = appendInt(b, high)
			b = append(b, 'h', '-')
			b = appendInt(b, to-from)
			b = append(b, 'z')
		})
		y += high
	}
	return b
}

// Blit sets the dots that are set in src, whose upper left comes to x, y. What
// falls outside is left out.
func (m *Bitmap) Blit(src *Bitmap, x, y int) {
	if src.Width == 0 {
		return
	}
	if x < 0 || x+src.Width > m.Width || x>>3+src.Stride > m.Stride { // near an edge: dot by dot
		for sy := range src.Height {
			for sx := range src.Width {
				if src.At(sx, sy) {
					m.Ink(y+sy, x+sx, x+sx+1)
				}
			}
		}
		return
	}
	shift := x & 7
	for sy := range src.Height {
		if y+sy < 0 || y+sy >= m.Height {
			continue
		}
		dst := m.Row(y + sy)[x>>3:]
		for i, c := range src.Row(sy) {
			dst[i] |= c >> shift
			if rest := c << (8 - shift); rest != 0 {
				dst[i+1] |= rest
			}
		}
	}
}
