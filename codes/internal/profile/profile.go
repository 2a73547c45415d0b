package profile

import (
	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// Along appends the brightness along a line, a sample each step pixels from
// the start on. Outside the picture all is as bright as the brightest of the
// samples next to its edge, so that a symbol may touch the edge of the picture.
func Along(out []float64, img *gray.Image, start, direction geometry.Point, step float64, n int) []float64 {
	from := len(out)
	first, last := -1, -1 // samples inside
	w, h, wide := float64(img.W), float64(img.H), img.W
	dx, dy := direction.X*step, direction.Y*step
	for i := range n {
		x, y := start.X+float64(i)*dx, start.Y+float64(i)*dy
		v := 0.0
		switch {
		case x >= 0.5 && y >= 0.5 && x < w-0.5 && y < h-0.5: // img.At, written out: most of the time of a search goes here
			x, y = x-0.5, y-0.5
			x0, y0 := int(x), int(y)
			fx, fy := x-float64(x0), y-float64(y0)
			p := img.Pix[y0*wide+x0:]
			q := p[wide:]
			a, c := float64(p[0]), float64(q[0])
			top := a + (float64(p[1])-a)*fx
			v = top + (c+(float64(q[1])-c)*fx-top)*fy
		case x >= 0 && y >= 0 && x <= w && y <= h:
			v = img.At(x, y)
		default:
			out = append(out, 0)
			continue
		}
		last = i
		if first < 0 {
			first = i
		}
		out = append(out, v)
	}
	if line := out[from:]; first >= 0 {
		before := Paper(line[first : last+1])
		after := Paper(line[max(first, last+1-near) : last+1])
		for i := range line[:first] {
			line[i] = before
		}
		for i := last + 1; i < n; i++ {
			line[i] = after
		}
	}
	return out
}

// Margin is the samples of paper that [Row] puts on either side.
const Margin = 2

// Row appends a row of the picture with paper on either side. The middle of pixel
// x is sample x + Margin.
func Row(out []float64, img *gray.Image, y int) []float64 {
	from := len(out)
	out = append(out, 0, 0)
	for _, v := range img.Row(y) {
		out = append(out, float64(v))
	}
	inner := out[from+Margin:]
	before, after := Paper(inner), Paper(inner[max(len(inner)-near, 0):])
	out[from], out[from+1] = before, before
	return append(out, after, after)
}

// near is how many samples count as next to the edge of the picture.
const near = 48

// Paper returns the brightness that goes on before a line: the most there is in
// its first samples.
func Paper(line []float64) float64 {
	v := 0.0
	for _, x := range line[:min(len(line), near)] {
		if x > v {
			v = x
		}
	}
	return v
}

// An Edge is where a profile crosses from light to dark or back.
type Edge struct {
	At   float64 // in samples
	Dark bool    // what begins here
}

// block is the stretch of samples over which the contrast is taken as constant.
const block = 32

// Edges appends the edges of a profile. A change counts when it is more than a
// share of the contrast around; it lies where the brightness is halfway between
// the extremes on either side, so that narrow bars that blur has washed out keep
// their place.
func Edges(out []Edge, v []float64, share float64) []Edge {
	if len(v) < 2 {
		return out
	}
	var few [24]float64
	need := contrasts(few[:0], v, share)
	low, high := 0, 0 // samples of the extremes since the last turn
	rising := 0       // 1 while brightness rises, -1 while it falls, 0 at the beginning
	last := 0
	turn := func(to int) { // the extreme at last is followed by one at to
		if at, ok := steepest(v, last, to); ok {
			out = append(out, Edge{at, v[to] < v[last]})
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

// steepest returns where in a rise or fall the edge lies: halfway up its steepest
// part. A shadow or a second, weaker edge that goes the same way counts as little
// as can be.
func steepest(v []float64, from, to int) (at float64, ok bool) {
	sign := 1.0
	if v[to] < v[from] {
		sign = -1
	}
	best, k := 0.0, -1
	for i := from; i < to; i++ {
		if d := sign * (v[i+1] - v[i]); d > best {
			best, k = d, i
		}
	}
	if k < 0 {
		return 0, false
	}
	a, b := k, k+1
	for a > from && sign*(v[a]-v[a-1]) > 0.15*best {
		a--
	}
	for b < to && sign*(v[b+1]-v[b]) > 0.15*best {
		b++
	}
	half := (v[a] + v[b]) / 2
	for i := a; i < b; i++ {
		if lo, hi := sign*(v[i]-half), sign*(v[i+1]-half); lo <= 0 && hi >= 0 && hi > lo {
			return float64(i) + lo/(lo-hi), true
		}
	}
	return float64(k) + 0.5, true
}

// contrasts appends how much brightness must change to count, block by block: a
// share of the range in the block and its neighbours, at least 5 levels.
func contrasts(need, v []float64, share float64) []float64 {
	n := (len(v) + block - 1) / block
	var few [24]float64 // enough for a short line
	space := few[:]
	if 2*n > len(few) {
		space = make([]float64, 2*n)
	}
	low, high := space[:n], space[n:2*n]
	for i := range n {
		a, b := 255.0, 0.0
		for _, x := range v[i*block : min((i+1)*block, len(v))] {
			if x < a {
				a = x
			}
			if x > b {
				b = x
			}
		}
		low[i], high[i] = a, b
	}
	for i := range n {
		a, b := low[i], high[i]
		if i > 0 {
			a, b = min(a, low[i-1]), max(b, high[i-1])
		}
		if i+1 < n {
			a, b = min(a, low[i+1]), max(b, high[i+1])
		}
		need = append(need, max(share*(b-a), 5))
	}
	return need
}
