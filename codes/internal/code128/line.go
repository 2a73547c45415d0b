package code128

import (
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/profile"
)

// A reading is a whole symbol on one line.
type reading struct {
	values    []byte  // from the start character to the stop
	from, to  float64 // outer edges of the first and last bar, samples
	certainty float64 // of the least certain character
	inverted  bool
}

// maxCharacters bounds a symbol; the longest in use has some eighty.
const maxCharacters = 130

// readings returns the symbols on a line with these edges.
func readings(e []profile.Edge) (out []reading) {
	for i := 0; i < len(e); i++ {
		if !e[i].Dark {
			continue
		}
		if r, last, ok := read(e, i); ok {
			out = append(out, r)
			i = last
		}
	}
	return out
}

// quiet is the least width of a quiet zone in modules; the standard wants 10.
const quiet = 4.5

// read reads the symbol whose first bar begins at the edge i.
func read(e []profile.Edge, i int) (r reading, last int, ok bool) {
	if i+6+6+7 >= len(e) {
		return r, 0, false
	}
	unit := (e[i+6].At - e[i].At) / charModules
	before := e[i].At
	if i > 0 {
		before -= e[i-1].At
	} else {
		before = math.Inf(1) // the line begins light
	}
	if before < quiet*unit || unit < 0.7 {
		return r, 0, false
	}
	first, certainty, ok := characterAt(e[i:i+7], startA)
	if !ok {
		return r, 0, false
	}
	r = reading{values: []byte{byte(first)}, from: e[i].At, certainty: certainty}
	for k := i + 6; k+7 < len(e) && len(r.values) < maxCharacters; k += 6 {
		if stopAt(e[k:k+8], unit) {
			after := math.Inf(1)
			if k+8 < len(e) {
				after = e[k+8].At - e[k+7].At
			}
			r.values = append(r.values, stop)
			r.to = e[k+7].At
			return r, k + 7, after >= quiet*unit && r.checked()
		}
		v, certainty, ok := characterAt(e[k:k+7], 0)
		own := (e[k+6].At - e[k].At) / charModules
		if !ok || v >= startA || math.Abs(own-unit) > 0.12*unit+0.1 {
			return r, 0, false
		}
		r.values = append(r.values, byte(v))
		r.certainty = min(r.certainty, certainty)
		unit = 0.5*unit + 0.5*own
	}
	return r, 0, false
}

// checked says whether there are data and the check character is right.
func (r *reading) checked() bool {
	n := len(r.values)
	if n < 4 {
		return false
	}
	sum := int(r.values[0])
	for i, v := range r.values[1 : n-2] {
		sum += (i + 1) * int(v)
	}
	return sum%103 == int(r.values[n-2])
}

// everyWay returns the symbols on a line read forwards and backwards, dark on
// light and light on dark. It changes the edges.
func everyWay(e []profile.Edge, length float64) (out []reading) {
	for _, inverted := range [2]bool{false, true} {
		for _, backwards := range [2]bool{false, true} {
			for _, r := range readings(e) {
				if backwards {
					r.from, r.to = length-r.from, length-r.to
				}
				r.inverted = inverted
				out = append(out, r)
			}
			reverse(e, length)
		}
		for i := range e {
			e[i].Dark = !e[i].Dark
		}
	}
	return out
}

// reverse makes edges what they are from the other end of a line.
func reverse(e []profile.Edge, length float64) {
	slices.Reverse(e)
	for i := range e {
		e[i] = profile.Edge{At: length - e[i].At, Dark: !e[i].Dark}
	}
}
