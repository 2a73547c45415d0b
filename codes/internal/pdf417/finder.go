package pdf417

import (
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
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
	at   geometry.Point // outer edge of the pattern
	unit float64        // pixels a module along the line
}

// A side is the left or right edge of a symbol: a track of hits on neighbouring
// lines, and a straight line through their outer edges.
type side struct {
	hits   []hit
	origin geometry.Point // a point of the edge, the middle of the hits
	along  geometry.Point // unit vector along the edge
	inward geometry.Point // unit vector into the symbol, square to along
	low    float64        // the hits lie between these distances from origin
	high   float64
	unit   float64 // pixels a module, square to the edge
}

func (s *side) at(t float64) geometry.Point { return s.origin.Plus(s.along.Times(t)) }

// meet returns the distance along the side at which a line meets it.
func (s *side) meet(from, direction geometry.Point) (t float64, ok bool) {
	cross := s.along.X*direction.Y - s.along.Y*direction.X
	if math.Abs(cross) < 0.05 {
		return 0, false
	}
	d := from.Minus(s.origin)
	return (d.X*direction.Y - d.Y*direction.X) / cross, true
}

// A sweep is a set of parallel lines across the picture.
type sweep struct {
	direction geometry.Point
}

// Four directions meet every symbol at less than 23 degrees off its rows.
var sweeps = []sweep{
	{geometry.Point{X: 1, Y: 0}}, {geometry.Point{X: 0, Y: 1}},
	{geometry.Point{X: math.Sqrt2 / 2, Y: math.Sqrt2 / 2}}, {geometry.Point{X: math.Sqrt2 / 2, Y: -math.Sqrt2 / 2}},
}

// sides are the left and right edges of symbols, as far as they are known.
type sides struct{ left, right []*side }

func (s sides) none() bool { return len(s.left)+len(s.right) == 0 }

// find returns the sides that the lines of a sweep meet, of symbols dark on light
// and light on dark: the edges along a line are the same. Every line is looked at
// only where some of them meet a side.
func (w sweep) find(img *gray.Image, stop func() bool) (dark, light sides) {
	dark, light = w.look(img, true, stop)
	if dark.none() && light.none() {
		return dark, light
	}
	return w.look(img, false, stop)
}

// look is find with every line, or with every second one and those beside a line
// that met something.
func (w sweep) look(img *gray.Image, few bool, stop func() bool) (dark, light sides) {
	width, height := float64(img.W), float64(img.H)
	across := w.direction.Across()
	// The lines cover all places from the nearest to the farthest corner.
	near, far, first := math.Inf(1), math.Inf(-1), math.Inf(1)
	last := math.Inf(-1)
	for _, c := range []geometry.Point{{X: 0, Y: 0}, {X: width, Y: 0}, {X: 0, Y: height}, {X: width, Y: height}} {
		near, far = min(near, c.Dot(across)), max(far, c.Dot(across))
		first, last = min(first, c.Dot(w.direction)), max(last, c.Dot(w.direction))
	}
	gap := max(1, math.Floor(min(width, height)/250))
	var trackers [2][4]tracker // dark and light: start and stop, each met from outside in either direction
	for i := range trackers {
		for k := range trackers[i] {
			trackers[i][k].gap = gap
		}
	}
	type kind struct{ light, pattern int }
	type met struct {
		kind
		hit
	}
	var line []int32
	var found []profile.Edge
	meet := func(out []met, at float64) []met {
		from, to := clip(at, across, w.direction, first, last, width, height)
		if to-from < 30 {
			return out
		}
		from, to = math.Floor(from)-2.5, to+3 // samples in the middle of pixels
		origin := across.Times(at).Plus(w.direction.Times(from))
		line = profile.Along(line[:0], img, origin, w.direction, 1, int(to-from)+1)
		found = profile.Edges(found[:0], line, 0.25)
		for j, e := range found {
			step, light := 1, 0
			if !e.Dark {
				step = -1
			}
			for range 2 { // the same bars are spaces the other way round
				for k, distances := range [2][]float64{startDistances, stopDistances} {
					if unit, ok := resembles(found, j, step, distances); ok {
						pattern := 2 * k
						if step < 0 {
							pattern++
						}
						out = append(out, met{kind{light, pattern}, hit{origin.Plus(w.direction.Times(e.At)), unit}})
					}
				}
				step, light = -step, 1
			}
		}
		return out
	}
	var before, here, skipped []met
	for i, at := 0, near+0.5; at < far; i, at = i+2, at+2*gap {
		if i%16 == 0 && stop() {
			break
		}
		here = meet(here[:0], at)
		skipped = skipped[:0]
		if !few || len(before)+len(here) > 0 {
			skipped = meet(skipped, at-gap)
		}
		for k, of := range [2][]met{skipped, here} {
			for _, m := range of {
				trackers[m.light][m.pattern].add(i-1+k, m.hit, w.direction)
			}
		}
		before, here = here, before
	}
	of := func(t *[4]tracker) sides {
		back := w.direction.Times(-1)
		return sides{append(t[0].sides(w.direction), t[1].sides(back)...), append(t[2].sides(w.direction), t[3].sides(back)...)}
	}
	return of(&trackers[0]), of(&trackers[1])
}

// clip returns the stretch of a line that lies in the picture.
func clip(at float64, across, direction geometry.Point, first, last, width, height float64) (from, to float64) {
	from, to = first, last
	base := across.Times(at)
	for _, c := range [2][3]float64{{base.X, direction.X, width}, {base.Y, direction.Y, height}} {
		if math.Abs(c[1]) < 1e-9 {
			continue
		}
		a, b := -c[0]/c[1], (c[2]-c[0])/c[1]
		from, to = max(from, min(a, b)), min(to, max(a, b))
	}
	return from, to
}

// resembles says whether the edges from the one at i on, forwards or backwards,
// have these distances, and returns the pixels a module.
func resembles(e []profile.Edge, i, step int, distances []float64) (unit float64, ok bool) {
	elements := len(distances) + 1
	end := i + step*elements
	if end < 0 || end >= len(e) {
		return 0, false
	}
	modules := float64(startModules)
	if elements == 9 {
		modules = stopModules
	}
	unit = (e[end].At - e[i].At) * float64(step) / modules
	if unit < 0.7 {
		return 0, false
	}
	for k, want := range distances {
		d := (e[i+step*(k+2)].At - e[i+step*k].At) * float64(step) / unit
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

func (t *tracker) add(line int, h hit, direction geometry.Point) {
	for i := len(t.tracks) - 1; i >= 0 && i >= len(t.tracks)-64; i-- {
		k := t.tracks[i]
		missed := line - k.last
		if missed < 1 || float64(missed) > 4+3*h.unit/t.gap {
			continue
		}
		p := k.hits[len(k.hits)-1]
		if math.Abs(h.at.Minus(p.at).Dot(direction)) < 1.2*t.gap*float64(missed)+h.unit && h.unit < 1.4*p.unit && p.unit < 1.4*h.unit {
			k.hits = append(k.hits, h)
			k.last = line
			return
		}
	}
	t.tracks = append(t.tracks, &track{hits: []hit{h}, last: line})
}

// sides turns tracks into sides.
func (t *tracker) sides(inward geometry.Point) []*side {
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
func fit(hits []hit, inward geometry.Point) *side {
	keep := hits
	var s *side
	for range 3 {
		s = through(keep, inward)
		if s == nil {
			return nil
		}
		var near []hit
		for _, h := range hits {
			if math.Abs(h.at.Minus(s.origin).Dot(s.inward)) < 1.2*s.unit {
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
func through(hits []hit, inward geometry.Point) *side {
	n := float64(len(hits))
	var c geometry.Point
	unit := 0.0
	for _, h := range hits {
		c = c.Plus(h.at)
		unit += h.unit / n
	}
	c = c.Times(1 / n)
	var xx, xy, yy float64
	for _, h := range hits {
		d := h.at.Minus(c)
		xx, xy, yy = xx+d.X*d.X, xy+d.X*d.Y, yy+d.Y*d.Y
	}
	angle := math.Atan2(2*xy, xx-yy) / 2
	along := geometry.Point{X: math.Cos(angle), Y: math.Sin(angle)}
	in := along.Across()
	if in.Dot(inward) < 0 {
		in = in.Times(-1)
	}
	slant := in.Dot(inward)
	if slant < 0.5 {
		return nil
	}
	s := &side{origin: c, along: along, inward: in, unit: unit * slant, low: math.Inf(1), high: math.Inf(-1)}
	for _, h := range hits {
		t := h.at.Minus(c).Dot(along)
		s.low, s.high = min(s.low, t), max(s.high, t)
	}
	return s
}
