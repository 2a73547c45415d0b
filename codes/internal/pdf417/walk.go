package pdf417

import (
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// A reading is one character read on one line.
type reading struct {
	character
	certainty float64
	column    int     // from the side where the walk began: 0 for the row indicator
	line      float64 // where the line begins, pixels along the side that rules
}

// A frame is where a symbol seems to be: a left side, a right side, or both, and
// the direction of its rows.
type frame struct {
	left, right *side
	ahead       geometry.Point // unit vector along the rows, to the right

	low, high float64 // stretch of the ruler to read, once it is known; else both 0
}

// ruler is the side along which lines are counted.
func (f *frame) ruler() *side {
	if f.left != nil {
		return f.left
	}
	return f.right
}

// unit is the pixels a module.
func (f *frame) unit() float64 {
	if f.left != nil && f.right != nil {
		return (f.left.unit + f.right.unit) / 2
	}
	return f.ruler().unit
}

// extent returns the stretch of the ruler where lines may meet the symbol.
func (f *frame) extent() (low, high float64) {
	if f.low != f.high {
		return f.low, f.high
	}
	r := f.ruler()
	low, high = r.low, r.high
	if f.left != nil && f.right != nil {
		for _, t := range [2]float64{f.right.low, f.right.high} {
			if m, ok := f.left.meet(f.right.at(t), f.ahead); ok {
				low, high = min(low, m), max(high, m)
			}
		}
	}
	margin := 4*r.unit + 0.1*(high-low)
	return low - margin, high + margin
}

// widen sets the stretch to read to where a grid has its rows, and says whether
// that is more than has been read.
func (f *frame) widen(g *grid) bool {
	low, high := f.extent()
	newLow, newHigh := math.Inf(1), math.Inf(-1)
	for _, s := range [2]float64{0, 1} {
		for _, row := range [2]int{0, g.rows} {
			t := g.middle + g.half*g.where(s, row)
			newLow, newHigh = min(newLow, t), max(newHigh, t)
		}
	}
	if newLow >= low-1 && newHigh <= high+1 || newHigh-newLow > 4*(high-low)+40*f.unit() {
		return false
	}
	f.low, f.high = min(low, newLow), max(high, newHigh)
	return true
}

// A scan is everything read in a frame.
type scan struct {
	fromLeft, fromRight []reading
}

// maxLines is how many lines are laid through a symbol.
const maxLines = 240

// read walks lines through a frame.
func (f *frame) read(img *gray.Image, share float64, stop func() bool) *scan {
	s := &scan{}
	low, high := f.extent()
	unit := f.unit()
	gap := max(min(unit/1.5, 2), 0.75, (high-low)/maxLines)
	step := max(0.25, unit/5)
	length := f.length(img)
	if length <= 0 || !(high-low < 1e5) {
		return s
	}
	lead := 4 * unit
	n := int((length+2*lead)/step) + 1
	if n > 20000 {
		return s
	}
	var line []int32
	var found []profile.Edge
	for i := 0; ; i++ {
		t := low + float64(i)*gap
		if t > high || i%8 == 0 && stop() {
			return s
		}
		begin := f.ruler().at(t)
		if f.left == nil {
			begin = begin.Minus(f.ahead.Times(length))
		}
		origin := begin.Minus(f.ahead.Times(lead))
		line = profile.Along(line[:0], img, origin, f.ahead, step, n)
		found = profile.Edges(found[:0], line, share)
		w := walk{profile: line, edges: found, unit: unit / step, line: t}
		if f.left != nil {
			s.fromLeft = w.rightwards(s.fromLeft, lead/step)
		}
		if f.right != nil {
			end := (lead + length) / step
			if f.left != nil {
				m, ok := f.right.meet(origin, f.ahead)
				if !ok {
					continue
				}
				end = f.right.at(m).Minus(origin).Dot(f.ahead) / step
			}
			s.fromRight = w.leftwards(s.fromRight, end)
		}
	}
}

// length returns how long lines must be.
func (f *frame) length(img *gray.Image) float64 {
	widest := float64(charModules*(maxColumns+4)+1) * f.unit()
	if f.left == nil || f.right == nil {
		return min(widest, math.Hypot(float64(img.W), float64(img.H)))
	}
	l := 0.0
	for _, t := range [2]float64{f.left.low, f.left.high} {
		p := f.left.at(t)
		if m, ok := f.right.meet(p, f.ahead); ok {
			l = max(l, f.right.at(m).Minus(p).Dot(f.ahead))
		}
	}
	return min(l, 1.3*widest)
}

// A walk goes along one line from character to character. Units are samples.
type walk struct {
	profile []int32
	edges   []profile.Edge
	unit    float64
	line    float64
}

// patience is after how many characters in a row that cannot be read a walk ends.
const patience = 4

// nearest returns the edge of a kind that is nearest to a place, -1 when none is
// within reach.
func (w *walk) nearest(at float64, dark bool, reach float64) int {
	low, high := 0, len(w.edges)
	for low < high { // the first edge not before at
		if m := (low + high) / 2; w.edges[m].At < at {
			low = m + 1
		} else {
			high = m
		}
	}
	best := -1
	for i := max(low-2, 0); i < min(low+2, len(w.edges)); i++ {
		if d := math.Abs(w.edges[i].At - at); w.edges[i].Dark == dark && d <= reach {
			best, reach = i, d
		}
	}
	return best
}

// rightwards reads from the start pattern, whose outer edge is near at, to the
// right.
func (w *walk) rightwards(out []reading, at float64) []reading {
	unit := w.unit
	if i := w.nearest(at, true, 2*unit); i >= 0 {
		at = w.edges[i].At
		if u, ok := resembles(w.edges, i, 1, startDistances); ok && math.Abs(u-unit) < 0.3*unit {
			unit = u
		}
	}
	at += startModules * unit
	failed := 0
	for column := 0; column < maxColumns+2 && failed < patience; column++ {
		i := w.nearest(at, true, 1.5*unit)
		if i >= 0 {
			at = w.edges[i].At
		}
		next := at + charModules*unit
		if i >= 0 && i+8 < len(w.edges) && math.Abs(w.edges[i+8].At-next) < 3*unit {
			if c, certainty, ok := match(w.edges[i : i+9]); ok {
				out = append(out, reading{c, certainty, column, w.line})
				next = w.edges[i+8].At
				unit = 0.2*unit + 0.8*(next-at)/charModules
				at, failed = next, 0
				continue
			}
		}
		if i = w.nearest(next, true, unit); i >= 0 {
			next = w.edges[i].At
		}
		if c, certainty, ok := sample(w.profile, at, next); ok {
			out = append(out, reading{c, certainty, column, w.line})
		}
		failed++
		at = next
	}
	return out
}

// leftwards reads from the stop pattern, whose outer edge is near at, to the left.
func (w *walk) leftwards(out []reading, at float64) []reading {
	unit := w.unit
	if i := w.nearest(at, false, 2*unit); i >= 0 {
		at = w.edges[i].At
		if u, ok := resembles(w.edges, i, -1, stopDistances); ok && math.Abs(u-unit) < 0.3*unit {
			unit = u
		}
	}
	at -= stopModules * unit
	failed := 0
	for column := 0; column < maxColumns+2 && failed < patience; column++ {
		// Characters end where the next one's first bar begins.
		i := w.nearest(at, true, 1.5*unit)
		if i >= 0 {
			at = w.edges[i].At
		}
		next := at - charModules*unit
		if i >= 8 && math.Abs(w.edges[i-8].At-next) < 3*unit {
			if c, certainty, ok := match(w.edges[i-8 : i+1]); ok {
				out = append(out, reading{c, certainty, column, w.line})
				next = w.edges[i-8].At
				unit = 0.2*unit + 0.8*(at-next)/charModules
				at, failed = next, 0
				continue
			}
		}
		if i = w.nearest(next, true, unit); i >= 0 {
			next = w.edges[i].At
		}
		if c, certainty, ok := sample(w.profile, next, at); ok {
			out = append(out, reading{c, certainty, column, w.line})
		}
		failed++
		at = next
	}
	return out
}
