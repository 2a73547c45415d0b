package pdf417

import (
	"math"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A point is a place in the picture, in pixels.
type point struct{ x, y float64 }

func (p point) plus(q point) point        { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point       { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point     { return point{p.x * f, p.y * f} }
func (p point) dot(q point) float64       { return p.x*q.x + p.y*q.y }
func (p point) length() float64           { return math.Hypot(p.x, p.y) }
func (p point) unit() point               { return p.times(1 / math.Max(p.length(), 1e-9)) }
func (p point) across() point             { return point{-p.y, p.x} }
func (p point) finite() bool              { return !math.IsNaN(p.x+p.y) && !math.IsInf(p.x+p.y, 0) }
func (p point) array() [2]float64         { return [2]float64{p.x, p.y} }
func between(a, b point, f float64) point { return point{a.x + (b.x-a.x)*f, a.y + (b.y-a.y)*f} }

// profile appends the brightness along a line, a sample each step pixels from
// the start on. Outside the picture all is as bright as the brightest sample, so
// that a symbol may touch the edge of the picture.
func profile(out []float64, img *gray.Image, start, direction point, step float64, n int) []float64 {
	paper := 0.0
	from := len(out)
	for i := range n {
		p := start.plus(direction.times(float64(i) * step))
		v := -1.0
		if img.Inside(p.x, p.y) {
			v = img.At(p.x, p.y)
			paper = max(paper, v)
		}
		out = append(out, v)
	}
	for i, v := range out[from:] {
		if v < 0 {
			out[from+i] = paper
		}
	}
	return out
}

// An edge is where a profile crosses from light to dark or back.
type edge struct {
	at   float64 // in samples
	dark bool    // what begins here
}

// block is the stretch of samples over which the contrast is taken as constant.
const block = 32

// edges appends the edges of a profile. A change counts when it is more than a
// share of the contrast around; it lies where the brightness is halfway between
// the extremes on either side, so that narrow bars that blur has washed out keep
// their place.
func edges(out []edge, v []float64, share float64) []edge {
	if len(v) < 2 {
		return out
	}
	need := contrasts(v, share)
	low, high := 0, 0 // samples of the extremes since the last turn
	rising := 0       // 1 while brightness rises, -1 while it falls, 0 at the beginning
	last := 0
	turn := func(to int) { // the extreme at last is followed by one at to
		half := (v[last] + v[to]) / 2
		dark := v[to] < v[last]
		first, final := -1.0, -1.0
		for i := last; i < to; i++ {
			a, b := v[i], v[i+1]
			if (a < half) != (b < half) {
				at := float64(i) + (half-a)/(b-a)
				if first < 0 {
					first = at
				}
				final = at
			}
		}
		if first >= 0 {
			out = append(out, edge{(first + final) / 2, dark})
		}
		last = to
	}
	for i := 1; i < len(v); i++ {
		h := need[i/block]
		switch rising {
		case 0:
			if v[i] < v[low] {
				low = i
			}
			if v[i] > v[high] {
				high = i
			}
			if v[i]-v[low] > h {
				last, rising, high = low, 1, i
			} else if v[high]-v[i] > h {
				last, rising, low = high, -1, i
			}
		case 1:
			if v[i] > v[high] {
				high = i
			} else if v[high]-v[i] > h {
				turn(high)
				rising, low = -1, i
			}
		case -1:
			if v[i] < v[low] {
				low = i
			} else if v[i]-v[low] > h {
				turn(low)
				rising, high = 1, i
			}
		}
	}
	switch {
	case rising > 0:
		turn(high)
	case rising < 0:
		turn(low)
	}
	return out
}

// contrasts returns how much brightness must change to count, block by block: a
// share of the range in the block and its neighbours, at least 5 levels.
func contrasts(v []float64, share float64) []float64 {
	n := (len(v) + block - 1) / block
	low, high := make([]float64, n), make([]float64, n)
	for i := range n {
		low[i], high[i] = 255, 0
		for _, x := range v[i*block : min((i+1)*block, len(v))] {
			low[i], high[i] = min(low[i], x), max(high[i], x)
		}
	}
	need := make([]float64, n)
	for i := range n {
		a, b := low[i], high[i]
		if i > 0 {
			a, b = min(a, low[i-1]), max(b, high[i-1])
		}
		if i+1 < n {
			a, b = min(a, low[i+1]), max(b, high[i+1])
		}
		need[i] = max(share*(b-a), 5)
	}
	return need
}
