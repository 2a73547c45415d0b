package pdf417

import (
	"math"
	"strings"

	"github.com/sublot/sublot/codes/internal/profile"
)

// A character is a value in a cluster: 0, 1 or 2 for the clusters that the
// standard calls 0, 3 and 6, which is also the row number modulo 3.
type character struct {
	cluster, value int
}

const (
	charModules = 17  // modules a character
	values      = 929 // characters a cluster, and the order of the field
)

// patterns holds the characters by cluster and value as 17 modules, the leftmost
// in the highest bit, dark as 1.
var patterns = func() (p [3][values]uint32) {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
	for c, text := range characters {
		for v := range p[c] {
			m := uint32(0)
			for _, d := range []byte(text[3*v : 3*v+3]) {
				m = m<<5 | uint32(strings.IndexByte(digits, d))
			}
			p[c][v] = 1<<16 | m<<1
		}
	}
	return p
}()

// widths returns the bars and spaces of a pattern in modules.
func widths(p uint32) (w [8]int) {
	for i, bit, dark := 0, charModules-1, true; bit >= 0; bit-- {
		if (p>>bit&1 == 1) != dark {
			i, dark = i+1, !dark
		}
		w[i]++
	}
	return w
}

// byPattern finds characters by their modules.
var byPattern = func() map[uint32]character {
	m := make(map[uint32]character, 3*values)
	for c := range patterns {
		for v, p := range patterns[c] {
			m[p] = character{c, v}
		}
	}
	return m
}()

// byDistances finds characters by the distances between edges of the same kind
// (bar and next space, space and next bar, six of them), each 2 to 9 modules. They
// tell all 2787 characters apart, and where ink has spread they stay as they are.
var byDistances = func() map[uint32]character {
	m := make(map[uint32]character, 3*values)
	for c := range patterns {
		for v, p := range patterns[c] {
			w := widths(p)
			key := uint32(0)
			for i := range 6 {
				key = key<<4 | uint32(w[i]+w[i+1])
			}
			m[key] = character{c, v}
		}
	}
	return m
}()

// match tells the character between the first and the last of nine edges. The
// certainty is 1 for distances of whole modules and 0 halfway between them.
func match(edges []profile.Edge) (c character, certainty float64, ok bool) {
	unit := (edges[8].At - edges[0].At) / charModules
	key, worst := uint32(0), 0.0
	for i := range 6 {
		t := (edges[i+2].At - edges[i].At) / unit
		n := int(t + 0.5)
		if n < 2 || n > 9 {
			return c, 0, false
		}
		if d := t - float64(n); d > worst {
			worst = d
		} else if -d > worst {
			worst = -d
		}
		key = key<<4 | uint32(n)
	}
	c, ok = byDistances[key]
	return c, 1 - 2*worst, ok
}

// sample tells the character between two places of a profile by the brightness in
// the middle of its modules, where edges are too coarse or too blurred to be
// measured. Modules are set off against their neighbours a little, which undoes
// some of the blur. The module that is least clear may be wrong. The certainty is
// at most a third: votes by edges go before.
func sample(v []int32, from, to float64) (c character, certainty float64, ok bool) {
	unit := (to - from) / charModules
	if from < unit || int(to+unit)+2 >= len(v) {
		return c, 0, false
	}
	var m [charModules + 2]float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range m {
		at := from + (float64(i)-0.5)*unit
		k := int(at)
		m[i] = float64(v[k]) + float64(v[k+1]-v[k])*(at-float64(k))
		low, high = min(low, m[i]), max(high, m[i])
	}
	if high-low < 10*profile.Level {
		return c, 0, false
	}
	for _, sharpen := range [3]float64{0, 0.2, 0.45} {
		bits, weakest, margin := uint32(0), 0, 1.0
		for i := 1; i <= charModules; i++ {
			x := (m[i] + sharpen*(2*m[i]-m[i-1]-m[i+1]) - low) / (high - low)
			bits <<= 1
			if x < 0.5 {
				bits |= 1
			}
			if d := math.Abs(2*x - 1); d < margin {
				weakest, margin = charModules-i, d
			}
		}
		if c, ok := byPattern[bits]; ok {
			return c, margin / 3, true
		}
		if c, ok := byPattern[bits^1<<weakest]; ok && margin < 0.2 {
			return c, 0.01, true
		}
	}
	return c, 0, false
}
