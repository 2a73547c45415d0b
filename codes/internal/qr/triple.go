package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// A triple is three finder patterns that may be the corners of one symbol: the
// one in the middle, and the ones to its right and below, seen so that right and
// down turn clockwise. In a mirrored symbol the last two change roles.
type triple struct {
	corner, right, below finder
	badness              float64
	members              [3]int
}

// triples returns what may be symbols, the likeliest first.
func triples(f []finder) []triple {
	var out []triple
	for i := range f {
		for j := i + 1; j < len(f); j++ {
			for k := j + 1; k < len(f); k++ {
				if t, ok := arrange(f, [3]int{i, j, k}); ok {
					out = append(out, t)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b triple) int { return cmp.Compare(a.badness, b.badness) })
	return out
}

// arrange finds the corner of three finders and says whether they can be a symbol.
func arrange(f []finder, m [3]int) (t triple, ok bool) {
	low := min(f[m[0]].unit, f[m[1]].unit, f[m[2]].unit)
	high := max(f[m[0]].unit, f[m[1]].unit, f[m[2]].unit)
	if high > 2.2*low {
		return t, false
	}
	// The longest side lies opposite the corner.
	longest, c := 0.0, 0
	for i := range 3 {
		d := f[m[(i+1)%3]].centre.Minus(f[m[(i+2)%3]].centre).Length()
		if d > longest {
			longest, c = d, i
		}
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
	mean := (t.corner.unit + t.right.unit + t.below.unit) / 3
	if math.Abs(cos) > 0.65 || legs > 0.8 || min(la, lb) < 9*mean || max(la, lb) > 200*mean {
		return t, false
	}
	hits := min(t.corner.hits, t.right.hits, t.below.hits)
	t.badness = 1.5*math.Abs(cos) + legs + 2*math.Log(high/low) + 0.002*(la+lb)/mean + 0.3/float64(hits)
	return t, true
}

// modulesBetween returns how many modules there are from the middle of one finder to that
// of another. Seen at a slant the module shrinks evenly with the root of its size,
// so that the geometric mean of both ends is what counts.
func modulesBetween(img *gray.Image, a, b finder) (n float64, ok bool) {
	d := b.centre.Minus(a.centre)
	u := d.Unit()
	ca, ok1 := cross(img, a.centre, u, a.unit)
	cb, ok2 := cross(img, b.centre, u, b.unit)
	wa, wb := ca.width/7, cb.width/7
	if !ok1 {
		wa = a.unit / 1.1
	}
	if !ok2 {
		wb = b.unit / 1.1
	}
	return d.Length() / math.Sqrt(wa*wb), ok1 || ok2
}

// sizes returns the versions that a triple may have, the likeliest first.
func (t *triple) sizes(img *gray.Image) []int {
	n1, _ := modulesBetween(img, t.corner, t.right)
	n2, _ := modulesBetween(img, t.corner, t.below)
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

// fourth returns where the missing corner would be in a parallelogram.
func (t *triple) fourth() geometry.Point {
	return t.right.centre.Plus(t.below.centre).Minus(t.corner.centre)
}
