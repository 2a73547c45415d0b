package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// A triple is three finder patterns that may be the corners of one symbol: the
// one in the middle, and the ones to its right and below, seen so that right and
// down turn clockwise. In a mirrored symbol the last two change roles.
type triple struct {
	corner, right, below finder
	badness              float64
	members              [3]int
	far                  [2]float64 // how much farther away from the camera the ones to the right and below are than the corner
}

// triples returns what may be symbols, the likeliest first. Seen at a steep slant
// the corner is not always opposite the longest side: all three are tried in turn.
func triples(f []finder) []triple {
	var out []triple
	for i := range f {
		for j := i + 1; j < len(f); j++ {
			for k := j + 1; k < len(f); k++ {
				for c := range 3 {
					if t, ok := arrange(f, [3]int{i, j, k}, c); ok {
						out = append(out, t)
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b triple) int { return cmp.Compare(a.badness, b.badness) })
	return out
}

// arrange says whether three finders can be a symbol with the one numbered c at its
// corner.
func arrange(f []finder, m [3]int, c int) (t triple, ok bool) {
	low := min(f[m[0]].unit, f[m[1]].unit, f[m[2]].unit)
	high := max(f[m[0]].unit, f[m[1]].unit, f[m[2]].unit)
	if high > 3*low {
		return t, false
	}
	t = triple{corner: f[m[c]], right: f[m[(c+1)%3]], below: f[m[(c+2)%3]], members: m}
	a, b := t.right.centre.Minus(t.corner.centre), t.below.centre.Minus(t.corner.centre)
	if a.Cross(b) < 0 {
		t.right, t.below = t.below, t.right
		a, b = b, a
	}
	la, lb := a.Length(), b.Length()
	cos := a.Dot(b) / max(la*lb, 1e-9)
	legs := math.Abs(math.Log(max(la, 1e-9) / max(lb, 1e-9)))
	mean := t.unit()
	if math.Abs(cos) > 0.82 || legs > 0.9 || min(la, lb) < 9*mean || max(la, lb) > 200*mean {
		return t, false
	}
	hits := min(t.corner.hits, t.right.hits, t.below.hits)
	t.badness = 1.5*math.Abs(cos) + legs + 2*math.Log(high/low) + 0.002*(la+lb)/mean + 0.3/float64(hits)
	return t, true
}

// modulesBetween returns how many modules there are from the middle of one finder to that
// of another, and how much farther away from the camera that one is. Along a line a module
// shrinks with the square of the distance: the geometric mean of both ends is what counts.
func modulesBetween(img *gray.Image, a, b finder) (n, far float64) {
	d := b.centre.Minus(a.centre)
	u := d.Unit()
	ca, ok1 := cross(img, a.centre, u, a.unit)
	cb, ok2 := cross(img, b.centre, u, b.unit)
	wa, wb := ca.width/7, cb.width/7
	far = 1
	if ok1 && ok2 {
		far = math.Sqrt(wa / wb)
	}
	if !ok1 {
		wa = a.unit / 1.1
	}
	if !ok2 {
		wb = b.unit / 1.1
	}
	return d.Length() / math.Sqrt(wa*wb), far
}

// aligned says whether the finders stand along the legs of the triple: their
// pattern is narrower that way than across the corners.
func (t *triple) aligned(img *gray.Image) bool {
	sum, n := 0.0, 0.0
	right := t.right.centre.Minus(t.corner.centre).Unit()
	down := t.below.centre.Minus(t.corner.centre).Unit()
	for _, f := range [3]finder{t.corner, t.right, t.below} {
		straight := 0.0
		for _, d := range [2]geometry.Point{right, down} {
			c, ok := cross(img, f.centre, d, f.unit)
			if !ok {
				continue
			}
			straight += c.width / 2
		}
		for _, d := range [2]geometry.Point{right.Plus(down), right.Minus(down)} {
			if c, ok := cross(img, f.centre, d.Unit(), f.unit); ok && straight > 0 {
				// In a slanted square a diagonal is as long as its half says.
				sum += c.width / straight / d.Length()
				n++
			}
		}
	}
	return n == 0 || sum/n > 0.64
}

// sizes returns the versions that a triple may have, the likeliest first: none
// when the legs do not have about the same number of modules.
func (t *triple) sizes(img *gray.Image) []int {
	var n1, n2 float64
	n1, t.far[0] = modulesBetween(img, t.corner, t.right)
	n2, t.far[1] = modulesBetween(img, t.corner, t.below)
	if math.Abs(n1-n2) > 3+0.2*max(n1, n2) || !t.aligned(img) {
		return nil
	}
	exact := ((n1+n2)/2 + 7 - 17) / 4
	v := int(math.Round(exact))
	spread := 1
	if exact > 6 {
		spread = 2
	}
	if exact > 18 {
		spread = 3
	}
	var out []int
	for d := range spread + 1 {
		first, second := v+d, v-d
		if exact < float64(v) {
			first, second = second, first
		}
		for _, c := range [2]int{first, second} {
			if c >= 1 && c <= 40 && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// unit is the pixels a module.
func (t *triple) unit() float64 { return (t.corner.unit + t.right.unit + t.below.unit) / 3 }

// fourths returns where the missing corner may be: in a parallelogram, and as the sizes of
// the modules at the others say.
func (t *triple) fourths() []geometry.Point {
	flat := t.right.centre.Plus(t.below.centre).Minus(t.corner.centre)
	// The distance from the camera is even along the plane of the symbol, and so is the place times
	// the distance.
	far := t.far[0] + t.far[1] - 1
	if far < 0.3 || far > 3 {
		return []geometry.Point{flat}
	}
	slanted := t.right.centre.Times(t.far[0]).Plus(t.below.centre.Times(t.far[1])).Minus(t.corner.centre)
	slanted = slanted.Times(1 / far)
	if slanted.Minus(flat).Length() < 2*t.unit() { // where it is sought anyhow
		return []geometry.Point{flat}
	}
	return []geometry.Point{flat, slanted}
}

// timed says whether the edges of timing patterns run from the corner to the other
// finders, about one a module. For large symbols, where much work follows, this is
// worth a look; it asks nothing of the perspective.
func (t *triple) timed(img *gray.Image, version int) bool {
	n := dimension(version)
	right := t.right.centre.Minus(t.corner.centre).Unit()
	down := t.below.centre.Minus(t.corner.centre).Unit()
	count := func(to finder, ahead, aside geometry.Point) int {
		from := t.corner.centre.Plus(aside.Times(3 * t.corner.unit))
		end := to.centre.Plus(aside.Times(3 * to.unit))
		length := end.Minus(from).Length()
		step := max(length/float64(n)/4, 0.3)
		best := 0
		for _, off := range [3]float64{-0.5, 0, 0.5} {
			line := profile.Along(nil, img, from.Plus(aside.Times(off*t.corner.unit)), end.Minus(from).Unit(), step, int(length/step))
			best = max(best, len(profile.Edges(nil, line, 0.12)))
		}
		return best
	}
	need := n * 6 / 10
	return count(t.right, right, down) >= need && count(t.below, down, right) >= need
}
