package qr

import (
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// A finder is the middle of something that looks like a finder pattern.
type finder struct {
	centre geometry.Point
	unit   float64 // pixels a module, mean over all directions
	hits   int     // lines that met it
	step   float64 // levels of gray from its middle to its light ring
}

// maxFinders bounds what is kept of a picture, maxHits what is looked at.
const (
	maxFinders = 36
	maxHits    = 6000
)

// findersOf returns the finder patterns of a picture, those met by most lines
// first: dark ones, and, when a negative is given, light ones as they look in it. The
// edges along a line are the same in both. About so many lines are laid.
func findersOf(img, negative *gray.Image, lines int, stop func() bool) (dark, light []finder) {
	var seen [2]collector
	seen[0].img, seen[1].img = img, negative
	gap := max(1, img.H/lines)
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
	return seen[0].best(gap), seen[1].best(gap)
}

// A collector gathers the finders of one picture.
type collector struct {
	img  *gray.Image
	all  []finder
	hits int

	failed []int // by column of pixels: below which row the last place was that turned out to be nothing
}

// row looks for finders on a row of pixels with these edges.
func (c *collector) row(e []profile.Edge, y int) {
	for i := range e {
		_, unit, _, ok := ratio(e, i)
		if !ok {
			continue
		}
		if c.hits++; c.hits > maxHits {
			return
		}
		x := (e[i+2].At+e[i+3].At)/2 - profile.Margin + 0.5
		at := geometry.Point{X: x, Y: float64(y) + 0.5}
		if k := near(c.all, at, unit); k >= 0 {
			c.all[k].hits++
			continue
		}
		// The row below meets the same thing. A true pattern has three modules of rows.
		if c.failed == nil {
			c.failed = make([]int, c.img.W+1)
		}
		column := min(max(int(x), 0), c.img.W)
		if before := c.failed[column]; before > 0 && float64(y-before) < 0.75*unit-1 {
			continue
		}
		f, ok := confirm(c.img, at, unit)
		if !ok {
			for k := max(column-1, 0); k <= min(column+1, c.img.W); k++ {
				c.failed[k] = y + 1
			}
			continue
		}
		if k := near(c.all, f.centre, f.unit); k >= 0 {
			c.all[k].hits++
		} else {
			c.all = append(c.all, f)
		}
	}
}

// best returns the finders met by most lines. Three rows a module go through the
// inner square of a true one; some meet it.
func (c *collector) best(gap int) []finder {
	all := slices.DeleteFunc(c.all, func(f finder) bool { return float64(f.hits*gap) < 0.25*f.unit })
	slices.SortStableFunc(all, func(a, b finder) int { return b.hits - a.hits })
	return all[:min(len(all), maxFinders)]
}

// levelled returns the picture in black and white, where only what is nearly as
// light as the lightest around is white: pictures within the dark modules, as
// advertisers like them, become plain.
func levelled(img *gray.Image) *gray.Image {
	size := max(min(img.W, img.H)/32, 4) // of blocks, pixels
	w, h := (img.W+size-1)/size, (img.H+size-1)/size
	low, high := make([]int, w*h), make([]int, w*h)
	for i := range low {
		low[i] = 255
	}
	for y := range img.H {
		for x, v := range img.Row(y) {
			i := y/size*w + x/size
			low[i], high[i] = min(low[i], int(v)), max(high[i], int(v))
		}
	}
	limit := gray.New(w, h)
	for y := range h {
		for x := range w {
			a, b := 255, 0
			for j := max(y-1, 0); j <= min(y+1, h-1); j++ {
				for i := max(x-1, 0); i <= min(x+1, w-1); i++ {
					a, b = min(a, low[j*w+i]), max(b, high[j*w+i])
				}
			}
			limit.Pix[y*w+x] = uint8(b - (b-a)*22/100)
		}
	}
	out := gray.New(img.W, img.H)
	for i, v := range img.Pix {
		x, y := i%img.W, i/img.W
		if v >= limit.Pix[y/size*w+x/size] {
			out.Pix[i] = 255
		}
	}
	return out
}

func near(all []finder, at geometry.Point, unit float64) int {
	for k, f := range all {
		if f.centre.Minus(at).Length() < 2*min(f.unit, 2*unit) {
			return k
		}
	}
	return -1
}

// ratio says whether the six edges from i on are those of 1:1:3:1:1, dark first,
// and returns the mean width of a module. Distances between edges of the same kind
// count: spread ink leaves them alone. One of the outer edges may be missing where
// a finger or a frame lies on it; then it is where it should be.
func ratio(e []profile.Edge, i int) (found [6]float64, unit float64, whole, ok bool) {
	if i+5 >= len(e) || !e[i].Dark {
		return found, 0, false, false
	}
	for k := range found {
		found[k] = e[i+k].At
	}
	if unit = (found[5] - found[0]) / 7; fits(found, unit) {
		return found, unit, true, true
	}
	measured := found
	unit = (found[4] - found[1]) / 5
	found[0] = found[2] - 2*unit
	if fits(found, unit) {
		return found, unit, false, true
	}
	found = measured
	found[5] = found[3] + 2*unit
	return found, unit, false, fits(found, unit)
}

// fits says whether edges have the distances of a finder pattern.
func fits(e [6]float64, unit float64) bool {
	if unit < 0.7 {
		return false
	}
	for k, want := range [4]float64{2, 4, 4, 2} {
		if d := (e[k+2] - e[k]) / unit; math.Abs(d-want) > 0.3+0.16*want {
			return false
		}
	}
	middle := (e[3] - e[2]) / unit
	return middle > 1.6 && middle < 4.4
}

// A crossing is the finder pattern as a line through its middle sees it.
type crossing struct {
	middle float64 // offset of the middle from where the line was laid, pixels
	width  float64 // of the pattern, 7 modules in the direction of a side
	whole  bool    // both outer edges were there
}

// cross looks at a line through a place in a direction.
func cross(img *gray.Image, at, direction geometry.Point, unit float64) (c crossing, ok bool) {
	return crossIn(img, at, direction, unit, max(0.5, unit/6), 1.8)
}

// slanted is how much wider a pattern may be one way than another: seen at 60 degrees a square is
// twice, and its diagonals are wider by the root of two again.
const slanted = 2.8

// crossIn is cross with samples so many pixels apart, for a pattern that may be up to so much
// wider or narrower than unit says.
func crossIn(img *gray.Image, at, direction geometry.Point, unit, step, limit float64) (c crossing, ok bool) {
	reach := 5*limit*unit + 3
	n := int(2*reach/step) + 1
	var buffer [256]int32
	line := profile.Along(buffer[:0], img, at.Minus(direction.Times(reach)), direction, step, n)
	var space [64]profile.Edge
	e := profile.Edges(space[:0], line, 0.2)
	centre := reach / step
	for i := range e {
		if i+5 >= len(e) || e[i+2].At > centre+unit/step || e[i+3].At < centre-unit/step {
			continue
		}
		p, u, whole, ok := ratio(e, i)
		if !ok || u*step > limit*unit || u*step < unit/limit {
			continue
		}
		// The outer edges may run into dark surroundings: they count least.
		m := (2*(p[2]+p[3]) + 2*(p[1]+p[4]) + p[0] + p[5]) / 10
		return crossing{(m - centre) * step, 7 * u * step, whole}, true
	}
	return c, false
}

// quickUnit is how large modules are, in pixels, in whose middle half a pixel does not matter.
const quickUnit = 1.6

// confirm looks at a place from eight directions, moves to the middle, and says
// whether it is a finder pattern.
func confirm(img *gray.Image, at geometry.Point, unit float64) (f finder, ok bool) {
	// Most places fail here, where it is quick to look from pixel to pixel.
	if unit > quickUnit {
		if _, ok := crossIn(img, geometry.Point{X: math.Floor(at.X) + 0.5, Y: math.Floor(at.Y) + 0.5}, geometry.Point{Y: 1}, unit, max(1, math.Floor(unit/4)), slanted); !ok {
			return f, false
		}
	}
	// First straight up and down, and across again: the line that came here may
	// have met the pattern far from its middle.
	for i, d := range [3]geometry.Point{{Y: 1}, {X: 1}, {Y: 1}} {
		limit := slanted
		if i > 0 {
			limit = 1.8
		}
		c, ok := crossIn(img, at, d, unit, max(0.5, unit/6), limit)
		if !ok {
			return f, false
		}
		at = at.Plus(d.Times(c.middle))
		if i == 0 {
			unit = math.Sqrt(unit * c.width / 7)
		}
	}
	for range 2 {
		var xx, xy, yy, bx, by, width float64
		met, whole := 0, 0
		for k := range 8 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 8)
			d := geometry.Point{X: cos, Y: sin}
			c, ok := cross(img, at, d, unit)
			if !ok {
				if k-met >= 3 {
					return f, false
				}
				continue
			}
			met++
			if c.whole {
				whole++
			}
			width += c.width
			xx, xy, yy = xx+cos*cos, xy+cos*sin, yy+sin*sin
			bx, by = bx+cos*c.middle, by+sin*c.middle
		}
		if whole < 3 {
			return f, false
		}
		det := xx*yy - xy*xy
		if det < 0.1 {
			return f, false
		}
		at = at.Plus(geometry.Point{X: (bx*yy - by*xy) / det, Y: (by*xx - bx*xy) / det})
		unit = width / float64(met) / 7
	}
	return finder{at, unit, 1, stepOf(img, at, unit)}, true
}

// stepOf returns how much lighter the light ring of a finder is than its middle.
func stepOf(img *gray.Image, at geometry.Point, unit float64) float64 {
	const n = 16
	ring := 0.0
	for k := range n {
		sin, cos := math.Sincos(float64(k) * 2 * math.Pi / n)
		best := 0.0
		// The ring is square and may be slanted: its lightest place counts.
		for r := 1.8; r < 3.2; r += 0.2 {
			best = max(best, img.At(at.X+cos*r*unit, at.Y+sin*r*unit))
		}
		ring += best / n
	}
	return ring - img.At(at.X, at.Y)
}
