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

// AppendGraphic appends the bitmap as a field of a ZPL label without its place.
func (m *Bitmap) AppendGraphic(b []byte) []byte {
	size := m.Stride * m.Height
	b = append(b, "^GFA,"...)
	b = appendInt(b, size)
	b = append(b, ',')
	b = appendInt(b, size)
	b = append(b, ',')
	b = appendInt(b, m.Stride)
	b = append(b, ',')
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
	digit := func(i int) byte { return row[i>>1] >> (4 - i&1*4) & 15 }
	n := 2 * len(row)
	for i := 0; i < n; {
		d, end := digit(i), i+1
		for end < n && digit(end) == d {
			end++
			for end%2 == 0 && end < n && row[end>>1] == d*0x11 { // whole bytes are faster
				end += 2
			}
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
