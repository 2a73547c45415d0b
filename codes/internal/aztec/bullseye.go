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

// bullseyes returns the bull's-eyes of a picture, those met by most lines first.
func bullseyes(img *gray.Image, stop func() bool) []bullseye {
	var all []bullseye
	gap := max(1, img.H/480)
	var line []float64
	var found []profile.Edge
	hits := 0
	for y := gap / 2; y < img.H; y += gap {
		if y/gap%16 == 0 && stop() {
			break
		}
		line = profile.Row(line[:0], img, y)
		found = profile.Edges(found[:0], line, 0.2)
		for i := range found {
			unit, ok := alternates(found, i)
			if !ok {
				continue
			}
			if hits++; hits > maxHits {
				return sorted(all)
			}
			at := geometry.Point{X: (found[i+3].At+found[i+4].At)/2 - profile.Margin + 0.5, Y: float64(y) + 0.5}
			if k := near(all, at); k >= 0 {
				all[k].hits++
				continue
			}
			if b, ok := confirm(img, at, unit); ok {
				if k := near(all, b.centre); k >= 0 {
					all[k].hits++
				} else {
					all = append(all, b)
				}
			}
		}
	}
	return sorted(all)
}

func sorted(all []bullseye) []bullseye {
	slices.SortStableFunc(all, func(a, b bullseye) int { return cmp.Compare(b.hits, a.hits) })
	return all[:min(len(all), maxEyes)]
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
	reach := 9*unit + 3
	step := max(0.5, unit/5)
	n := int(2*reach/step) + 1
	var buffer [256]float64
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

// confirm looks at a place from eight directions and moves to the middle.
func confirm(img *gray.Image, at geometry.Point, unit float64) (b bullseye, ok bool) {
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
				continue
			}
			met++
			total += width
			xx, xy, yy = xx+cos*cos, xy+cos*sin, yy+sin*sin
			bx, by = bx+cos*shift, by+sin*shift
		}
		det := xx*yy - xy*xy
		if met < 5 || det < 0.1 {
			return b, false
		}
		at = at.Plus(geometry.Point{X: (bx*yy - by*xy) / det, Y: (by*xx - bx*xy) / det})
		unit = total / float64(met)
	}
	return bullseye{at, unit, 1}, true
}
