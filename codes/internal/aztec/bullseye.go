package aztec

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// A bullseye is the middle of something that looks like the rings of an Aztec
// code.
type bullseye struct {
	centre geometry.Point
	unit   float64 // pixels a module, mean over all directions
	hits   int     // lines that met it
}

// maxHits bounds what is looked at in a picture, maxEyes what is kept.
const (
	maxHits = 4000
	maxEyes = 12
)

// bullseyes returns the bull's-eyes of a picture, those met by most lines first:
// dark ones, and, when a negative is given, light ones as they look in it. The edges
// along a line are the same in both.
func bullseyes(img, negative *gray.Image, stop func() bool) (dark, light []bullseye) {
	var seen [2]collector
	seen[0].img, seen[1].img = img, negative
	gap := max(1, img.H/480)
	var line []int32
	var found []profile.Edge
	for y := gap / 2; y < img.H; y += gap {
		if y/gap%16 == 0 && stop() {
			break
		}
		line = profile.Row(line[:0], img, y)
		found = profile.Edges(found[:0], line, 0.2)
		seen[0].row(found, y)
		if negative != nil {
			for i := range found {
				found[i].Dark = !found[i].Dark
			}
			seen[1].row(found, y)
		}
	}
	return seen[0].best(), seen[1].best()
}

// A collector gathers the bull's-eyes of one picture.
type collector struct {
	img  *gray.Image
	all  []bullseye
	hits int
}

// row looks for bull's-eyes on a row of pixels with these edges.
func (c *collector) row(e []profile.Edge, y int) {
	for i := range e {
		unit, ok := alternates(e, i)
		if !ok {
			continue
		}
		if c.hits++; c.hits > maxHits {
			return
		}
		at := geometry.Point{X: (e[i+3].At+e[i+4].At)/2 - profile.Margin + 0.5, Y: float64(y) + 0.5}
		if k := near(c.all, at); k >= 0 {
			c.all[k].hits++
			continue
		}
		if b, ok := confirm(c.img, at, unit); ok {
			if k := near(c.all, b.centre); k >= 0 {
				c.all[k].hits++
			} else {
				c.all = append(c.all, b)
			}
		}
	}
}

func (c *collector) best() []bullseye {
	slices.SortStableFunc(c.all, func(a, b bullseye) int { return cmp.Compare(b.hits, a.hits) })
	return c.all[:min(len(c.all), maxEyes)]
}

func near(all []bullseye, at geometry.Point) int {
	for k, b := range all {
		if b.centre.Minus(at).Length() < 1.2*b.unit+1 {
			return k
		}
	}
	return -1
}

// alternates says whether seven bars and spaces of one width follow the edge at i,
// light first: the rings 3 to 1, the middle, and the rings 1 to 3. What lies
// outside may go on dark. It returns the width.
func alternates(e []profile.Edge, i int) (unit float64, ok bool) {
	if i+7 >= len(e) || e[i].Dark {
		return 0, false
	}
	unit = (e[i+7].At - e[i].At) / 7
	if unit < 0.75 {
		return 0, false
	}
	for k := range 6 {
		if d := (e[i+k+2].At - e[i+k].At) / unit; math.Abs(d-2) > 0.7 {
			return 0, false
		}
	}
	middle := (e[i+4].At - e[i+3].At) / unit
	return unit, middle > 0.35 && middle < 1.9
}

// cross looks at a line through a place in a direction: how far beside it the
// middle of the rings lies, and how wide a module is.
func cross(img *gray.Image, at, direction geometry.Point, unit float64) (shift, width float64, ok bool) {
	return crossIn(img, at, direction, unit, max(0.5, unit/5))
}

// crossIn is cross with samples so many pixels apart.
func crossIn(img *gray.Image, at, direction geometry.Point, unit, step float64) (shift, width float64, ok bool) {
	reach := 9*unit + 3
	n := int(2*reach/step) + 1
	var buffer [256]int32
	line := profile.Along(buffer[:0], img, at.Minus(direction.Times(reach)), direction, step, n)
	var space [64]profile.Edge
	e := profile.Edges(space[:0], line, 0.15)
	centre := reach / step
	best := math.Inf(1)
	for i := range e {
		u, fits := alternates(e, i)
		if !fits || u*step > 1.7*unit || u*step < unit/1.7 {
			continue
		}
		// Rings are symmetric about the middle.
		m := 0.0
		for k := range 8 {
			m += e[i+k].At / 8
		}
		if d := math.Abs(m - centre); d < best && d*step < 1.3*unit {
			best, shift, width, ok = d, (m-centre)*step, u*step, true
		}
	}
	return shift, width, ok
}

// quickUnit is how large modules are, in pixels, in whose middle half a pixel does not matter.
const quickUnit = 1.6

// confirm looks at a place from eight directions and moves to the middle.
func confirm(img *gray.Image, at geometry.Point, unit float64) (b bullseye, ok bool) {
	// Most places fail here, where it is quick to look from pixel to pixel.
	if unit > quickUnit {
		if _, _, ok := crossIn(img, geometry.Point{X: math.Floor(at.X) + 0.5, Y: math.Floor(at.Y) + 0.5}, geometry.Point{Y: 1}, unit, max(1, math.Floor(unit/4))); !ok {
			return b, false
		}
	}
	for _, d := range [2]geometry.Point{{Y: 1}, {X: 1}} {
		shift, _, ok := cross(img, at, d, unit)
		if !ok {
			return b, false
		}
		at = at.Plus(d.Times(shift))
	}
	for range 2 {
		var xx, xy, yy, bx, by, total float64
		met := 0
		for k := range 8 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 8)
			shift, width, ok := cross(img, at, geometry.Point{X: cos, Y: sin}, unit)
			if !ok {
				if k-met >= 3 {
					return b, false
				}
				continue
			}
			met++
			total += width
			xx, xy, yy = xx+cos*cos, xy+cos*sin, yy+sin*sin
			bx, by = bx+cos*shift, by+sin*shift
		}
		det := xx*yy - xy*xy
		if det < 0.1 {
			return b, false
		}
		at = at.Plus(geometry.Point{X: (bx*yy - by*xy) / det, Y: (by*xx - bx*xy) / det})
		unit = total / float64(met)
	}
	return bullseye{at, unit, 1}, true
}
