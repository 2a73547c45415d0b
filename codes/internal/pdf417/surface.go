package pdf417

import "math"

// A surface tells the row at a place in a symbol: s runs from 0 at the left row
// indicator to 1 at the right one, t along the ruler from -1 to 1. The middle of
// row r is at r+0.5. Terms of second degree take up perspective and bent labels.
type surface [6]float64

func (f *surface) terms(s, t float64) [6]float64 { return [6]float64{1, t, s, s * t, t * t, s * s} }

func (f *surface) at(s, t float64) float64 {
	sum := 0.0
	for i, x := range f.terms(s, t) {
		sum += f[i] * x
	}
	return sum
}

// A rowMark is a row number read at a place.
type rowMark struct {
	s, t   float64
	row    float64
	weight float64
}

// straight finds the line row = a + b t that most of the marks agree with,
// leaving out those that are off by more than a row. It says how much weight
// agrees, and how much there is.
func straight(marks []rowMark) (a, b, agree, all float64) {
	for _, m := range marks {
		all += m.weight
	}
	n := len(marks)
	best := 0.0
	try := func(x, y float64) {
		sum := 0.0
		for _, m := range marks {
			if d := math.Abs(x + y*m.t - m.row); d < 1 {
				sum += m.weight * (1 - d*d)
			}
		}
		if sum > best {
			best, a, b = sum, x, y
		}
	}
	const tries = 300
	for k := range tries {
		i := k * n / tries
		j := (i + n/3 + k*7%max(n/3, 1)) % max(n, 1)
		if i == j || math.Abs(marks[i].t-marks[j].t) < 0.05 {
			continue
		}
		y := (marks[j].row - marks[i].row) / (marks[j].t - marks[i].t)
		try(marks[i].row-y*marks[i].t, y)
	}
	for _, m := range marks {
		if math.Abs(a+b*m.t-m.row) < 1 {
			agree += m.weight
		}
	}
	return a, b, agree, all
}

// solve fits the first n terms to marks by least squares, pulled weakly to where
// the surface was.
func (f *surface) solve(marks []rowMark, n int) {
	var m [6][7]float64
	for _, k := range marks {
		x := f.terms(k.s, k.t)
		for i := range n {
			for j := range n {
				m[i][j] += k.weight * x[i] * x[j]
			}
			m[i][6] += k.weight * x[i] * (k.row - f.at(k.s, k.t))
		}
	}
	for i := range n {
		m[i][i] += 0.02
		if i >= 4 {
			m[i][i] += 1
		}
	}
	for i := range n { // Gauss and Jordan; the matrix is positive definite
		p := m[i][i]
		for j := range m[i] {
			m[i][j] /= p
		}
		for k := range n {
			if k != i {
				q := m[k][i]
				for j := range m[k] {
					m[k][j] -= q * m[i][j]
				}
			}
		}
	}
	for i := range n {
		f[i] += m[i][6]
	}
}
