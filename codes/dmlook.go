package codes

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A candidate is a quadrilateral of a view that may be a symbol.
type candidate struct {
	quad     [4][2]float64
	run      float64 // width of its narrow strokes, pixels
	inverted bool
	scale    float64 // pixels of the view that one of the level is in which it was seen
	rank     float64
	bent     bool       // laid between two straight sides of something bent
	bulge    [4]float64 // how far the outline stands out beyond each side, pixels
	corner   int        // where its L seems to stand, set by legs
	frame    float64    // how clearly another side is dark too, as of a frame
}

// A pyramid is a picture at full, half, quarter size and so on, and what has been
// computed of it.
type pyramid struct {
	levels   []*gray.Image
	softened map[[2]int]*gray.Image
}

func newPyramid(g *gray.Image) *pyramid {
	p := &pyramid{levels: []*gray.Image{g}, softened: map[[2]int]*gray.Image{}}
	for min(g.W, g.H) >= 32 && len(p.levels) < 6 {
		g = g.Half()
		p.levels = append(p.levels, g)
	}
	return p
}

func (p *pyramid) negative() *pyramid {
	n := &pyramid{softened: map[[2]int]*gray.Image{}}
	for _, g := range p.levels {
		n.levels = append(n.levels, g.Invert())
	}
	return n
}

// soft is a level seen through a window of 2r+1 pixels.
func (p *pyramid) soft(level, r int) *gray.Image {
	key := [2]int{level, r}
	if p.softened[key] == nil {
		p.softened[key] = p.levels[level].Box(r)
	}
	return p.softened[key]
}

// A survey is what is found out about a view before anything is read. It is kept, so
// that a second try begins where the first ended.
type survey struct {
	levelled, calmed *gray.Image // nil until they are asked for

	// What the reader of Data Matrix finds out.
	dark, light *pyramid // the view, levelled, and its negative
	candidates  []candidate
}

// surveyed is the survey of a view, made when it is first asked for.
func (v view) surveyed(stop func() bool) *survey {
	s := v.survey
	if s == nil {
		s = &survey{}
	}
	if s.dark == nil {
		s.look(v, stop)
	}
	return s
}

// pyramid is the view in which symbols are dark on light.
func (s *survey) pyramid(inverted bool) *pyramid {
	if !inverted {
		return s.dark
	}
	if s.light == nil {
		s.light = s.dark.negative()
	}
	return s.light
}

// look collects the candidates of a view, the likeliest first.
func (s *survey) look(v view, stop func() bool) {
	base := v.levelled()
	s.dark = newPyramid(base.Image)
	for k, g := range s.dark.levels {
		if min(g.W, g.H) < 10 || stop() {
			break
		}
		scale := float64(int(1) << k)
		dark, light := darker(g)
		for _, inverted := range [2]bool{false, true} {
			mask := dark
			if inverted {
				mask = light
			}
			for _, grow := range [2]bool{false, true} {
				for _, b := range blobs(g.W, g.H, mask, grow, 24) {
					q, ok := quad(b.hull)
					if !ok {
						continue
					}
					fill := quadArea(q) / polygonArea(b.hull)
					if fill < 0.7 || quadArea(q) < 40 {
						continue
					}
					hulled := q
					q = squared(b.hull, q)
					bulge := bulges(b.hull, q)
					c := candidate{bulge: bulge, run: b.run * scale, inverted: inverted, scale: scale, rank: fill * math.Sqrt(quadArea(q)*scale*scale)}
					for i := range q {
						c.quad[i] = [2]float64{q[i][0] * scale, q[i][1] * scale}
						c.bulge[i] *= scale
					}
					if inverted {
						c.rank /= 2
					}
					if atEdge(base.Image, c.quad) >= 2 {
						c.rank /= 5 // likely the ground
					}
					// Where something is bent its sides do not meet in its corners.
					also := [][4][2]float64{hulled}
					if b, ok := barrel(b.hull); ok && quadArea(b) > 0.6*quadArea(q) {
						also = append(also, b)
					}
					for _, q := range also {
						if scale > 2 { // what is bent has to be seen exactly
							break
						}
						d := c
						d.bent = true
						d.bulge = bulges(b.hull, q)
						for i := range q {
							d.bulge[i] *= scale
							d.quad[i] = [2]float64{q[i][0] * scale, q[i][1] * scale}
						}
						d.rank *= 1.1
						if !slices.ContainsFunc(s.candidates, func(k candidate) bool {
							return k.inverted == inverted && nearQuads(k.quad, d.quad)
						}) {
							s.candidates = append(s.candidates, d)
						}
					}
					if !slices.ContainsFunc(s.candidates, func(k candidate) bool {
						return k.inverted == inverted && !k.bent && nearQuads(k.quad, c.quad)
					}) {
						s.candidates = append(s.candidates, c)
					}
				}
			}
		}
	}
	slices.SortStableFunc(s.candidates, func(a, b candidate) int { return -cmp.Compare(a.rank, b.rank) })
}

// across is the shorter way across a candidate, pixels.
func (c *candidate) across() float64 {
	q := c.quad
	return min(distance(q[0], q[1]), distance(q[1], q[2]), distance(q[2], q[3]), distance(q[3], q[0]))
}

// atEdge counts the corners of a quadrilateral that lie at the edge of a picture.
func atEdge(g *gray.Image, q [4][2]float64) int {
	n := 0
	for _, c := range q {
		if c[0] < 2 || c[1] < 2 || c[0] > float64(g.W-2) || c[1] > float64(g.H-2) {
			n++
		}
	}
	return n
}

func quadArea(q [4][2]float64) float64 { return polygonArea(q[:]) }

// nearQuads says whether the corners of two quadrilaterals lie within a part of
// their size.
func nearQuads(a, b [4][2]float64) bool {
	limit := 0.04 * math.Sqrt(quadArea(a))
	for turn := range 4 {
		near := true
		for i := range a {
			near = near && distance(a[i], b[(i+turn)%4]) < limit
		}
		if near {
			return true
		}
	}
	return false
}
