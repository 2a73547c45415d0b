package profile

import (
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// Level is a level of gray in the brightness of a line, which is told in whole numbers: they
// are quicker than fractions, and most of the time of a search goes into lines.
const Level = 1 << 8

// Along appends the brightness along a line, a sample each step pixels from
// the start on. Outside the picture all is as bright as the brightest of the
// samples next to its edge, so that a symbol may touch the edge of the picture.
func Along(out []int32, img *gray.Image, start, direction geometry.Point, step float64, n int) []int32 {
	if n <= 0 {
		return out
	}
	from := len(out)
	out = slices.Grow(out, n)[:from+n]
	line := out[from:]
	dx, dy := direction.X*step, direction.Y*step
	first, last := samplesWithin(start, dx, dy, 0, 0, float64(img.W), float64(img.H), n)
	// Between the centres of the outer pixels there are four around each place.
	inner, beyond := samplesWithin(start, dx, dy, 0.5, 0.5, float64(img.W)-0.5, float64(img.H)-0.5, n)
	inner = max(inner, first)
	beyond = min(beyond, last)
	if inner >= beyond {
		inner, beyond = last, last
	}
	for i := first; i < last; i++ {
		if i == inner {
			between(line[inner:beyond], img, start.X+float64(inner)*dx-0.5, start.Y+float64(inner)*dy-0.5, dx, dy)
			if i = beyond; i >= last {
				break
			}
		}
		line[i] = int32(img.At(start.X+float64(i)*dx, start.Y+float64(i)*dy) * Level)
	}
	before, after := int32(0), int32(0)
	if first < last {
		before, after = paper(line[first:last]), paper(line[max(first, last-near):last])
	} else {
		first, last = n, n
	}
	for i := range line[:first] {
		line[i] = before
	}
	for i := last; i < n; i++ {
		line[i] = after
	}
	return out
}

// samplesWithin returns which samples of a line lie in a rectangle.
func samplesWithin(start geometry.Point, dx, dy, x0, y0, x1, y1 float64, n int) (first, last int) {
	from, to := 0.0, float64(n-1)
	for _, c := range [2][4]float64{{start.X, dx, x0, x1}, {start.Y, dy, y0, y1}} {
		at, d, low, high := c[0], c[1], c[2], c[3]
		switch {
		case d > 1e-9:
			from, to = max(from, (low-at)/d), min(to, (high-at)/d)
		case d < -1e-9:
			from, to = max(from, (high-at)/d), min(to, (low-at)/d)
		case !(at >= low && at <= high):
			return 0, 0
		}
	}
	if !(from <= to) {
		return 0, 0
	}
	return int(math.Ceil(from)), int(math.Floor(to)) + 1
}

// between fills a line with what lies between the centres of four pixels each, of which
// the upper left one has whole numbers.
func between(line []int32, img *gray.Image, x, y, dx, dy float64) {
	const whole = 1 << 32 // places are in parts of a pixel of 1/whole
	wide := img.W
	px, py := int64(math.Round(x*whole)), int64(math.Round(y*whole))
	sx, sy := int64(math.Round(dx*whole)), int64(math.Round(dy*whole))
	if (px|py|sx|sy)&(whole-1) == 0 { // from pixel to pixel
		at, step := int(py>>32)*wide+int(px>>32), int(sy>>32)*wide+int(sx>>32)
		for i := range line {
			line[i] = int32(img.Pix[at]) * Level
			at += step
		}
		return
	}
	// What is rounded must not lead beyond the last pixels.
	right, low := int64(img.W-1)*whole-1, int64(img.H-1)*whole-1
	for i := range line {
		cx, cy := min(max(px, 0), right), min(max(py, 0), low)
		at := int(cy>>32)*wide + int(cx>>32)
		fx, fy := int32(cx>>24)&0xff, int32(cy>>24)&0xff
		p := img.Pix[at:]
		q := p[wide:]
		a, b, c, d := int32(p[0]), int32(p[1]), int32(q[0]), int32(q[1])
		top, bottom := a<<8+(b-a)*fx, c<<8+(d-c)*fx
		line[i] = top + (bottom-top)*fy>>8
		px += sx
		py += sy
	}
}

// Margin is the samples of paper that [Row] puts on either side.
const Margin = 2

// Row appends a row of the picture with paper on either side. The middle of pixel
// x is sample x + Margin.
func Row(out []int32, img *gray.Image, y int) []int32 {
	from := len(out)
	out = slices.Grow(out, img.W+2*Margin)[:from+img.W+2*Margin]
	line := out[from:]
	inner := line[Margin : Margin+img.W]
	for i, v := range img.Row(y) {
		inner[i] = int32(v) * Level
	}
	before, after := paper(inner), paper(inner[max(len(inner)-near, 0):])
	line[0], line[1] = before, before
	line[len(line)-2], line[len(line)-1] = after, after
	return out
}

// near is how many samples count as next to the edge of the picture.
const near = 48

// paper returns the brightness that goes on before a line: the most there is in
// its first samples.
func paper(line []int32) (v int32) {
	for _, x := range line[:min(len(line), near)] {
		v = max(v, x)
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
func Edges(out []Edge, v []int32, share float64) []Edge {
	if len(v) < 2 {
		return out
	}
	var few [24]int32
	need := contrasts(few[:0], v, share)
	// The first rise or fall that counts.
	low, high, i := 0, 0, 1
	for ; ; i++ {
		if i == len(v) {
			return out
		}
		if v[i] < v[low] {
			low = i
		}
		if v[i] > v[high] {
			high = i
		}
		if max(v[i]-v[low], v[high]-v[i]) > need[i/block] {
			break
		}
	}
	last, sign := low, int64(1) // the extreme before, and whether brightness rises or falls
	if v[i]-v[low] <= need[i/block] {
		last, sign = high, -1
	}
	// The extreme since then is kept with its place as one number, the place so that the first
	// of equals is the greatest. A falling line is looked at as a rising negative.
	const places = 1 << 24
	factor := sign * places
	most := factor*int64(v[i]) + int64(places-1-i)
	for i++; i < len(v); {
		begin, h := i, (int64(need[i/block])+1)*places
		fallen := false
		for k, x := range v[begin:min((i/block+1)*block, len(v))] {
			now := factor * int64(x)
			if fallen = most-now >= h; fallen {
				i = begin + k
				break
			}
			most = max(most, now+int64(places-1-begin-k))
		}
		if !fallen {
			i = min((i/block+1)*block, len(v))
			continue
		}
		to := places - 1 - int(most&(places-1))
		if at, ok := steepest(v, last, to, int32(sign)); ok {
			out = append(out, Edge{at, sign < 0})
		}
		last, sign, factor = to, -sign, -factor
		most = factor*int64(v[i]) + int64(places-1-i)
		i++
	}
	to := places - 1 - int(most&(places-1))
	if at, ok := steepest(v, last, to, int32(sign)); ok {
		out = append(out, Edge{at, sign < 0})
	}
	return out
}

// steepest returns where in a rise (sign 1) or fall (-1) the edge lies: halfway up its steepest
// part. A shadow or a second, weaker edge that goes the same way counts as little
// as can be.
func steepest(v []int32, from, to int, sign int32) (at float64, ok bool) {
	if to == from+1 { // most edges of a sharp picture, and of noise
		return float64(from) + 0.5, v[to] != v[from]
	}
	if to == from+2 { // both steps go its way, as the ends are extremes
		one, two := sign*(v[from+1]-v[from]), sign*(v[to]-v[from+1])
		switch whole := float64(one+two) / 2; {
		case one <= 0 && two <= 0:
			return 0, false
		case 20*two <= 3*one:
			return float64(from) + 0.5, true
		case 20*one <= 3*two:
			return float64(from) + 1.5, true
		case one >= two:
			return float64(from) + whole/float64(one), true
		default:
			return float64(to) - whole/float64(two), true
		}
	}
	best, k := int32(0), -1
	before := v[from]
	for i, x := range v[from+1 : to+1] {
		if d := sign * (x - before); d > best {
			best, k = d, from+i
		}
		before = x
	}
	if k < 0 {
		return 0, false
	}
	a, b := k, k+1
	for a > from && 20*sign*(v[a]-v[a-1]) > 3*best {
		a--
	}
	for b < to && 20*sign*(v[b+1]-v[b]) > 3*best {
		b++
	}
	half := v[a] + v[b] // twice the brightness halfway
	for i := a; i < b; i++ {
		if lo, hi := sign*(2*v[i]-half), sign*(2*v[i+1]-half); lo <= 0 && hi >= 0 && hi > lo {
			return float64(i) + float64(lo)/float64(lo-hi), true
		}
	}
	return float64(k) + 0.5, true
}

// contrasts appends how much brightness must change to count, block by block: a
// share of the range in the block and its neighbours, at least 5 levels.
func contrasts(need, v []int32, share float64) []int32 {
	n := (len(v) + block - 1) / block
	var few [48]int32 // enough for a short line
	space := few[:]
	if 2*n > len(few) {
		space = make([]int32, 2*n)
	}
	low, high := space[:n], space[n:2*n]
	for i := range n {
		a, b := int32(math.MaxInt32), int32(math.MinInt32)
		for _, x := range v[i*block : min((i+1)*block, len(v))] {
			a, b = min(a, x), max(b, x)
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
		need = append(need, max(int32(share*float64(b-a)), 5*Level))
	}
	return need
}
