package geometry

import "math"

// A Map is a perspective map of the plane (a homography), row by row, the last
// entry 1.
type Map [9]float64

// At maps a point.
func (m *Map) At(x, y float64) Point {
	w := m[6]*x + m[7]*y + m[8]
	return Point{(m[0]*x + m[1]*y + m[2]) / w, (m[3]*x + m[4]*y + m[5]) / w}
}

// Fit returns the map that takes the points of from to those of to, exactly for
// four of them and by least squares for more. It returns false when there is
// none, as with three points on a line.
func Fit(from, to []Point) (m Map, ok bool) {
	if len(from) < 4 || len(from) != len(to) {
		return m, false
	}
	// Centred and scaled coordinates keep the equations well conditioned.
	cf, sf := frameOf(from)
	ct, st := frameOf(to)
	var a [8][9]float64
	add := func(row [9]float64) {
		for i := range 8 {
			for j := range 9 {
				a[i][j] += row[i] * row[j]
			}
		}
	}
	for i := range from {
		x, y := (from[i].X-cf.X)/sf, (from[i].Y-cf.Y)/sf
		u, v := (to[i].X-ct.X)/st, (to[i].Y-ct.Y)/st
		add([9]float64{x, y, 1, 0, 0, 0, -u * x, -u * y, u})
		add([9]float64{0, 0, 0, x, y, 1, -v * x, -v * y, v})
	}
	for i := range a { // Gauss and Jordan with pivots
		p := i
		for k := i + 1; k < 8; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[p][i]) {
				p = k
			}
		}
		if math.Abs(a[p][i]) < 1e-10 {
			return m, false
		}
		a[i], a[p] = a[p], a[i]
		for j := 8; j >= i; j-- {
			a[i][j] /= a[i][i]
		}
		for k := range a {
			if k != i {
				f := a[k][i]
				for j := i; j < 9; j++ {
					a[k][j] -= f * a[i][j]
				}
			}
		}
	}
	n := Map{a[0][8], a[1][8], a[2][8], a[3][8], a[4][8], a[5][8], a[6][8], a[7][8], 1}
	// Back to the coordinates of the points.
	n = n.after(Map{1 / sf, 0, -cf.X / sf, 0, 1 / sf, -cf.Y / sf, 0, 0, 1})
	n = (&Map{st, 0, ct.X, 0, st, ct.Y, 0, 0, 1}).after(n)
	if math.Abs(n[8]) < 1e-12 {
		return m, false
	}
	for i := range n {
		m[i] = n[i] / n[8]
		if math.IsNaN(m[i]) || math.IsInf(m[i], 0) {
			return m, false
		}
	}
	return m, true
}

// after returns the map that does first and then m.
func (m *Map) after(first Map) (out Map) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[3*i+j] += m[3*i+k] * first[3*k+j]
			}
		}
	}
	return out
}

// frameOf returns the middle of points and how far they lie from it.
func frameOf(p []Point) (centre Point, scale float64) {
	for _, q := range p {
		centre = centre.Plus(q.Times(1 / float64(len(p))))
	}
	for _, q := range p {
		scale += q.Minus(centre).Length() / float64(len(p))
	}
	return centre, math.Max(scale, 1e-9)
}

// Refine moves four pixels, each the place of a point in modules, so that a score
// of the map through them grows, by steps of modules that the caller makes smaller
// and smaller. Each point may move at most 8 steps of a size at a time. It returns
// the best map and its score.
func Refine(modules [4]Point, pixels *[4]Point, steps []float64, score func(m *Map) float64) (m Map, best float64, ok bool) {
	m, ok = Fit(modules[:], pixels[:])
	if !ok {
		return m, 0, false
	}
	best = score(&m)
	for _, step := range steps {
		for range 4 {
			moved := false
			for i, c := range modules {
				p := m.At(c.X, c.Y)
				right := m.At(c.X+1, c.Y).Minus(p).Times(step)
				down := m.At(c.X, c.Y+1).Minus(p).Times(step)
				for _, d := range [4]Point{right, right.Times(-1), down, down.Times(-1)} {
					for range 8 {
						was := pixels[i]
						pixels[i] = was.Plus(d)
						if n, fits := Fit(modules[:], pixels[:]); fits {
							if s := score(&n); s > best {
								m, best, moved = n, s, true
								continue
							}
						}
						pixels[i] = was
						break
					}
				}
			}
			if !moved {
				break
			}
		}
	}
	return m, best, true
}
