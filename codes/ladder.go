package codes

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A scanner is one run of [Scan].
type scanner struct {
	cfg      ScanConfig
	deadline time.Time
	hits     []Hit
	seen     []Sighting
	timedOut bool
}

// A view is the picture as one step of the ladder looks at it: scaled, turned or
// inverted.
type view struct {
	*gray.Image
	inverted bool

	// place takes a place in the view to one in the picture.
	place func(x, y float64) (float64, float64)
}

func straight(x, y float64) (float64, float64) { return x, y }

// scaled is the view of a picture through another of its pictures of a different
// size.
func (v view) scaled(g *gray.Image) view {
	fx, fy := float64(v.W)/float64(g.W), float64(v.H)/float64(g.H)
	return view{g, v.inverted, func(x, y float64) (float64, float64) { return v.place(x*fx, y*fy) }}
}

// turned is the view turned about its middle, on a white ground.
func (v view) turned(degrees float64) view {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w := int(math.Ceil(float64(v.W)*math.Abs(cos) + float64(v.H)*math.Abs(sin)))
	h := int(math.Ceil(float64(v.W)*math.Abs(sin) + float64(v.H)*math.Abs(cos)))
	cx, cy := float64(v.W)/2, float64(v.H)/2
	back := func(x, y float64) (float64, float64) {
		x, y = x-float64(w)/2, y-float64(h)/2
		return cx + x*cos - y*sin, cy + x*sin + y*cos
	}
	g := gray.New(w, h)
	for y := range h {
		row := g.Row(y)
		for x := range row {
			px, py := back(float64(x)+0.5, float64(y)+0.5)
			if v.Inside(px, py) {
				row[x] = uint8(v.At(px, py) + 0.5)
			} else {
				row[x] = 255
			}
		}
	}
	return view{g, v.inverted, func(x, y float64) (float64, float64) { return v.place(back(x, y)) }}
}

func (v view) negative() view {
	return view{v.Invert(), !v.inverted, v.place}
}

// frameSize is the number of pixels that one look at a picture takes in. A larger
// picture is seen whole at a smaller size, and its restless regions at full size.
const frameSize = 1_200_000

// frames are the views on which every rung of the ladder is tried.
func frames(g *gray.Image) []view {
	whole := view{g, false, straight}
	if g.W*g.H <= frameSize {
		return []view{whole}
	}
	out := []view{whole.within(frameSize)}
	for _, r := range regions(g) {
		out = append(out, whole.cut(r).within(frameSize))
	}
	return out
}

// within is the view at half its size as often as it takes to have so many
// pixels.
func (v view) within(pixels int) view {
	for v.W*v.H > pixels {
		v = v.scaled(v.Half())
	}
	return v
}

// climb takes one rung of the ladder after the other, until one reads something,
// all have been tried, or time is up.
func (s *scanner) climb(g *gray.Image) {
	looks := frames(g)
	for _, v := range looks {
		s.cheap(v)
	}
	if len(s.hits) > 0 || s.late() {
		return
	}
	for _, v := range looks {
		s.search(v)
	}
	if len(s.hits) > 0 || s.late() {
		return
	}
	for _, rung := range []func(view) view{
		func(v view) view {
			if min(v.W, v.H) < 80 {
				return view{}
			}
			return v.scaled(v.Half())
		},
		func(v view) view {
			if v.W*v.H > frameSize/4 {
				return view{}
			}
			return v.scaled(v.Double())
		},
		func(v view) view { return v.scaled(v.Box(1)) },
		func(v view) view { return v.negative() },
		func(v view) view { return v.turned(22.5) },
		func(v view) view { return v.turned(45) },
		func(v view) view { return v.turned(-22.5) },
		func(v view) view { return v.scaled(v.Half()).negative() },
	} {
		for _, look := range looks {
			if s.late() {
				return
			}
			if v := rung(look); v.Image != nil {
				s.cheap(v)
			}
		}
		if len(s.hits) > 0 {
			return
		}
	}
}

// late says whether time is up.
func (s *scanner) late() bool {
	if !s.timedOut && time.Now().After(s.deadline) {
		s.timedOut = true
	}
	return s.timedOut
}

// wants says whether a symbology is to be looked for.
func (s *scanner) wants(k Symbology) bool {
	return len(s.cfg.Symbologies) == 0 || slices.Contains(s.cfg.Symbologies, k)
}

// add keeps a hit unless it is one that is known already.
func (s *scanner) add(h Hit) {
	if len(s.hits) >= s.cfg.MaxMarks {
		return
	}
	for _, k := range s.hits {
		if k.Symbology == h.Symbology && k.Payload.Equal(h.Payload) && overlap(k.Corners, h.Corners) {
			return
		}
	}
	s.hits = append(s.hits, h)
}

// overlap says whether the middle of either quadrilateral lies in the bounds of
// the other.
func overlap(a, b [4][2]float64) bool {
	return inBounds(middle(a), b) || inBounds(middle(b), a)
}

func middle(q [4][2]float64) [2]float64 {
	return [2]float64{(q[0][0] + q[1][0] + q[2][0] + q[3][0]) / 4, (q[0][1] + q[1][1] + q[2][1] + q[3][1]) / 4}
}

func inBounds(p [2]float64, q [4][2]float64) bool {
	for axis := range 2 {
		low := min(q[0][axis], q[1][axis], q[2][axis], q[3][axis])
		high := max(q[0][axis], q[1][axis], q[2][axis], q[3][axis])
		if p[axis] < low || p[axis] > high {
			return false
		}
	}
	return true
}

func (s *scanner) result() ScanResult {
	slices.SortStableFunc(s.hits, func(a, b Hit) int {
		ma, mb := middle(a.Corners), middle(b.Corners)
		return cmp.Or(cmp.Compare(ma[1], mb[1]), cmp.Compare(ma[0], mb[0]))
	})
	return ScanResult{Hits: s.hits, Seen: s.seen, TimedOut: s.timedOut && len(s.hits) == 0}
}
