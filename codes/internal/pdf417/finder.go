package pdf417

import (
	"math"

	"github.com/sublot/sublot/codes/internal/gray"
)

// The patterns at the sides of a symbol, as distances between edges of the same
// kind. Start: bars and spaces of 8 1 1 1 1 1 1 3 modules; stop: 7 1 1 3 1 1 1 2 1,
// the other way round as seen from outside: 1 2 1 1 1 3 1 1 7.
var (
	startDistances = []float64{9, 2, 2, 2, 2, 2, 4}
	stopDistances  = []float64{3, 3, 2, 2, 4, 4, 2, 8}
)

const (
	startModules = 17
	stopModules  = 18
)

// A hit is a start or stop pattern on one line.
type hit struct {
	at   point   // outer edge of the pattern
	unit float64 // pixels a module along the line
}

// A side is the left or right edge of a symbol: a track of hits on neighbouring
// lines, and a straight line through their outer edges.
type side struct {
	hits   []hit
	origin point   // a point of the edge, the middle of the hits
	along  point   // unit vector along the edge
	inward point   // unit vector into the symbol, square to along
	low    float64 // the hits lie between these distances from origin
	high   float64
	unit   float64 // pixels a module, square to the edge
}

func (s *side) at(t float64) point { return s.origin.plus(s.along.times(t)) }

// meet returns the distance along the side at which a line meets it.
func (s *side) meet(from, direction point) (t float64, ok bool) {
	cross := s.along.x*direction.y - s.along.y*direction.x
	if math.Abs(cross) < 0.05 {
		return 0, false
	}
	d := from.minus(s.origin)
	return (d.x*direction.y - d.y*direction.x) / cross, true
}

// A sweep is a set of parallel lines across the picture.
type sweep struct {
	direction point
}

// Four directions meet every symbol at less than 23 degrees off its rows.
var sweeps = []sweep{
	{point{1, 0}}, {point{0, 1}},
	{point{math.Sqrt2 / 2, math.Sqrt2 / 2}}, {point{math.Sqrt2 / 2, -math.Sqrt2 / 2}},
}

// find returns the left and right sides that the lines of a sweep meet, those
// with most hits first.
func (w sweep) find(img *gray.Image, stop func() bool) (left, right []*side) {
	width, height := float64(img.W), float64(img.H)
	across := w.direction.across()
	// The lines cover all places from the nearest to the farthest corner.
	near, far, first := math.Inf(1), math.Inf(-1), math.Inf(1)
	last := math.Inf(-1)
	for _, c := range []point{{0, 0}, {width, 0}, {0, height}, {width, height}} {
		near, far = min(near, c.dot(across)), max(far, c.dot(across))
		first, last = min(first, c.dot(w.direction)), max(last, c.dot(w.direction))
	}
	gap := max(1, math.Floor(min(width, height)/250))
	var trackers [4]tracker // start and stop, each met from outside in either direction
	for i := range trackers {
		trackers[i].gap = gap
	}
	var line []float64
	var found []edge
	for i, at := 0, near+0.5; at < far; i, at = i+1, at+gap {
		if i%16 == 0 && stop() {
			break
		}
		from, to := clip(at, across, w.direction, first, last, width, height)
		if to-from < 30 {
			continue
		}
		from, to = math.Floor(from)-2.5, to+3 // samples in the middle of pixels
		origin := across.times(at).plus(w.direction.times(from))
		line = profile(line[:0], img, origin, w.direction, 1, int(to-from)+1)
		found = edges(found[:0], line, 0.25)
		for j := range found {
			for k, distances := range [2][]float64{startDistances, stopDistances} {
				if unit, ok := resembles(found, j, 1, distances); ok {
					trackers[2*k].add(i, hit{origin.plus(w.direction.times(found[j].at)), unit}, w.direction)
				}
				if unit, ok := resembles(found, j, -1, distances); ok {
					trackers[2*k+1].add(i, hit{origin.plus(w.direction.times(found[j].at)), unit}, w.direction)
				}
			}
		}
	}
	left = append(trackers[0].sides(w.direction), trackers[1].sides(w.direction.times(-1))...)
	right = append(trackers[2].sides(w.direction), trackers[3].sides(w.direction.times(-1))...)
	return left, right
}

// clip returns the stretch of a line that lies in the picture.
func clip(at float64, across, direction point, first, last, width, height float64) (from, to float64) {
	from, to = first, last
	base := across.times(at)
	for _, c := range [2][3]float64{{base.x, direction.x, width}, {base.y, direction.y, height}} {
		if math.Abs(c[1]) < 1e-9 {
			continue
		}
		a, b := -c[0]/c[1], (c[2]-c[0])/c[1]
		from, to = max(from, min(a, b)), min(to, max(a, b))
	}
	return from, to
}

// resembles says whether the edges from the one at i on, forwards or backwards,
// have these distances, and returns the pixels a module. The pattern begins with a
// dark bar.
func resembles(e []edge, i, step int, distances []float64) (unit float64, ok bool) {
	elements := len(distances) + 1
	end := i + step*elements
	if end < 0 || end >= len(e) || e[i].dark != (step > 0) {
		return 0, false
	}
	modules := float64(startModules)
	if elements == 9 {
		modules = stopModules
	}
	unit = (e[end].at - e[i].at) * float64(step) / modules
	if unit < 0.7 {
		return 0, false
	}
	for k, want := range distances {
		d := (e[i+step*(k+2)].at - e[i+step*k].at) * float64(step) / unit
		if math.Abs(d-want) > 0.35+0.12*want {
			return 0, false
		}
	}
	return unit, true
}

// A tracker follows hits of one kind from line to line.
type tracker struct {
	gap    float64 // between lines, pixels
	tracks []*track
}

type track struct {
	hits []hit
	last int // line of the last hit
}

func (t *tracker) add(line int, h hit, direction point) {
	for i := len(t.tracks) - 1; i >= 0 && i >= len(t.tracks)-64; i-- {
		k := t.tracks[i]
		missed := line - k.last
		if missed < 1 || float64(missed) > 4+3*h.unit/t.gap {
			continue
		}
		p := k.hits[len(k.hits)-1]
		if math.Abs(h.at.minus(p.at).dot(direction)) < 1.2*t.gap*float64(missed)+h.unit && h.unit < 1.4*p.unit && p.unit < 1.4*h.unit {
			k.hits = append(k.hits, h)
			k.last = line
			return
		}
	}
	t.tracks = append(t.tracks, &track{hits: []hit{h}, last: line})
}

// sides turns tracks into sides.
func (t *tracker) sides(inward point) []*side {
	var out []*side
	for _, k := range t.tracks {
		if len(k.hits) < 3 {
			continue
		}
		if s := fit(k.hits, inward); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// fit lays a straight line through the outer edges of hits, heeding that some of
// them are off.
func fit(hits []hit, inward point) *side {
	keep := hits
	var s *side
	for range 3 {
		s = through(keep, inward)
		if s == nil {
			return nil
		}
		var near []hit
		for _, h := range hits {
			if math.Abs(h.at.minus(s.origin).dot(s.inward)) < 1.2*s.unit {
				near = append(near, h)
			}
		}
		if len(near) < 3 {
			return nil
		}
		keep = near
	}
	s.hits = keep
	if s.high-s.low < 4*s.unit {
		return nil
	}
	return s
}

// through is the line of least squares.
func through(hits []hit, inward point) *side {
	n := float64(len(hits))
	var c point
	unit := 0.0
	for _, h := range hits {
		c = c.plus(h.at)
		unit += h.unit / n
	}
	c = c.times(1 / n)
	var xx, xy, yy float64
	for _, h := range hits {
		d := h.at.minus(c)
		xx, xy, yy = xx+d.x*d.x, xy+d.x*d.y, yy+d.y*d.y
	}
	angle := math.Atan2(2*xy, xx-yy) / 2
	along := point{math.Cos(angle), math.Sin(angle)}
	in := along.across()
	if in.dot(inward) < 0 {
		in = in.times(-1)
	}
	slant := in.dot(inward)
	if slant < 0.5 {
		return nil
	}
	s := &side{origin: c, along: along, inward: in, unit: unit * slant, low: math.Inf(1), high: math.Inf(-1)}
	for _, h := range hits {
		t := h.at.minus(c).dot(along)
		s.low, s.high = min(s.low, t), max(s.high, t)
	}
	return s
}
