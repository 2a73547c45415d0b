package codes

import "encoding/binary"

// A strip is a run of marked pixels in a row, x1 beyond the last. dark0 and dark1 bound
// what of it was marked before it was thickened; dark1 is 0 where nothing was.
type strip struct {
	y, x0, x1    int32
	dark0, dark1 int32
	next         int32 // strip of the same part, -1 after the last
}

// A part is what hangs together, in a row or about a corner: a list of strips.
type part struct {
	dark           int // pixels
	x0, y0, x1, y1 int // of the dark pixels, x1 and y1 the last
	first, last    int32
}

// connected returns what hangs together in a thickened mask, with the bounds of what
// is marked in the mask itself.
func connected(grown, mask []uint8, w, h int) ([]part, []strip) {
	var strips []strip
	var parts []part
	var of []int32 // the part of a strip; parts joined later lead on to one that came before
	root := func(i int32) int32 {
		for of[i] != i {
			of[i] = of[of[i]]
			i = of[i]
		}
		return i
	}
	above, until := 0, 0 // the strips of the row above
	for y := range h {
		row, dark := grown[y*w:(y+1)*w], mask[y*w:(y+1)*w]
		begin := len(strips)
		over := above
		for x := 0; x < w; {
			if row[x] == 0 {
				if x++; x+8 <= w && binary.LittleEndian.Uint64(row[x:]) == 0 {
					x += 8
				}
				continue
			}
			s := strip{y: int32(y), x0: int32(x), next: -1}
			p := part{x0: w, x1: -1, y0: y, y1: y}
			for ; x < w && row[x] != 0; x++ {
				if dark[x] != 0 {
					if p.dark == 0 {
						p.x0 = x
					}
					p.x1 = x
					p.dark++
				}
			}
			s.x1 = int32(x)
			if p.dark > 0 {
				s.dark0, s.dark1 = int32(p.x0), int32(p.x1+1)
			} else {
				p.y0, p.y1 = h, -1
			}
			i := int32(len(strips))
			p.first, p.last = i, i
			strips, parts, of = append(strips, s), append(parts, p), append(of, i)
			for over < until && strips[over].x1 < s.x0 {
				over++
			}
			for k := over; k < until && strips[k].x0 <= s.x1; k++ {
				if a, b := root(int32(k)), root(i); a != b {
					if a > b {
						a, b = b, a
					}
					of[b] = a
					parts[a].join(&parts[b], strips)
				}
			}
		}
		above, until = begin, len(strips)
	}
	whole := parts[:0]
	for i, p := range parts {
		if of[i] == int32(i) {
			whole = append(whole, p)
		}
	}
	return whole, strips
}

// join adds the strips of another part.
func (p *part) join(q *part, strips []strip) {
	p.dark += q.dark
	p.x0, p.y0, p.x1, p.y1 = min(p.x0, q.x0), min(p.y0, q.y0), max(p.x1, q.x1), max(p.y1, q.y1)
	strips[p.last].next = q.first
	p.last = q.last
}

// outline appends the corners of the first and the last dark pixel of each row.
func (p *part) outline(points [][2]float64, strips []strip) [][2]float64 {
	left, right := make([]int32, p.y1-p.y0+1), make([]int32, p.y1-p.y0+1)
	for i := p.first; i >= 0; i = strips[i].next {
		s := &strips[i]
		if s.dark1 == 0 {
			continue
		}
		y := int(s.y) - p.y0
		if right[y] == 0 || s.dark0 < left[y] {
			left[y] = s.dark0
		}
		right[y] = max(right[y], s.dark1)
	}
	for i, l := range left {
		r, y := float64(right[i]), float64(p.y0+i)
		if r > 0 {
			points = append(points, [2]float64{float64(l), y}, [2]float64{float64(l), y + 1}, [2]float64{r, y}, [2]float64{r, y + 1})
		}
	}
	return points
}
