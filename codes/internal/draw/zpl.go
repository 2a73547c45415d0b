package draw

import "bytes"

// AppendZPL appends the bitmap as a field of a ZPL label, its left upper dot at x,
// y: ^FO and ^GFA with the alternative compression of ZPL II, where a letter
// repeats the digit after it, "," fills the row with light, "!" with ink, and ":"
// is the row above once more.
func (m *Bitmap) AppendZPL(b []byte, x, y int) []byte {
	return m.AppendGraphic(AppendOrigin(b, x, y))
}

// AppendOrigin appends where the next field of a ZPL label begins.
func AppendOrigin(b []byte, x, y int) []byte {
	b = append(b, "^FO"...)
	b = appendInt(b, x)
	b = append(b, ',')
	return appendInt(b, y)
}

// AppendModules appends rows of modules as a field of a ZPL label, as
// [Bitmap.Modules] draws them on a bitmap that they fill. Only the first row of
// dots of each is drawn at all.
func AppendModules(b []byte, dark []bool, width, cell, high int) []byte {
	m := NewBitmap(width*cell, 2)
	defer m.Release()
	b = appendSize(b, m.Stride, len(dark)/width*cell*high)
	var above, row []byte
	for y := 0; len(dark) >= width; dark, y = dark[width:], 1-y {
		row = m.Row(y)
		clear(row)
		Runs(dark[:width], func(from, to int) { m.Ink(y, from*cell, to*cell) })
		again := cell*high - 1
		if bytes.Equal(row, above) {
			again++
		} else {
			b = appendZPLRow(b, row)
		}
		for range again {
			b = append(b, ':')
		}
		above = row
	}
	return append(b, "^FS"...)
}

// appendSize begins a graphic of rows of stride bytes.
func appendSize(b []byte, stride, rows int) []byte {
	b = append(b, "^GFA,"...)
	b = appendInt(b, stride*rows)
	b = append(b, ',')
	b = appendInt(b, stride*rows)
	b = append(b, ',')
	b = appendInt(b, stride)
	return append(b, ',')
}

// AppendGraphic appends the bitmap as a field of a ZPL label without its place.
func (m *Bitmap) AppendGraphic(b []byte) []byte {
	b = appendSize(b, m.Stride, m.Height)
	for y := range m.Height {
		row := m.Row(y)
		if y > 0 && bytes.Equal(row, m.Row(y-1)) {
			b = append(b, ':')
			continue
		}
		b = appendZPLRow(b, row)
	}
	return append(b, "^FS"...)
}

func appendZPLRow(b, row []byte) []byte {
	n := 2 * len(row) // digits
	for i := 0; i < n; {
		c := row[i>>1]
		d, end := c>>4, i+1
		if i&1 == 1 {
			d = c & 15
		} else if d != c&15 { // most digits of a text stand alone
			b = append(b, "0123456789ABCDEF"[d])
			i++
			continue
		} else {
			end++
		}
		for end < n && row[end>>1] == d*0x11 {
			end += 2
		}
		if end < n && row[end>>1]>>4 == d {
			end++
		}
		switch {
		case end == n && d == 0:
			return append(b, ',')
		case end == n && d == 15:
			return append(b, '!')
		}
		for run := end - i; run > 0; {
			k := min(run, 419)
			if k >= 20 { // g is 20, h is 40, … z is 400
				b = append(b, byte('f'+k/20))
			}
			if k > 1 && k%20 > 0 { // G is 1, H is 2, … Y is 19, added to the former
				b = append(b, byte('F'+k%20))
			}
			b = append(b, "0123456789ABCDEF"[d])
			run -= k
		}
		i = end
	}
	return b
}
