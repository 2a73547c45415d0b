package aztec

import (
	"cmp"
	"math"
	"slices"
)

// places returns the modules of the data bits in their order, from the middle of
// the symbol: layers from the outside in, around each layer the four sides in turn
// (down the left one, along the lower one, up the right one, back along the upper
// one), two modules side by side for each step.
func (m mode) places() [][2]int {
	half := 5 + 2*m.layers // modules beside the middle, the reference grid left out
	if !m.compact {
		half = 7 + 2*m.layers
	}
	// grid puts the lines of the reference grid back in: one at the middle and at
	// each sixteenth module from there.
	grid := func(i int) int {
		if m.compact {
			return i - half
		}
		if i < half {
			d := half - 1 - i
			return -(d + d/15 + 1)
		}
		d := i - half
		return d + d/15 + 1
	}
	side := 2 * half
	if m.compact {
		side++
	}
	out := make([][2]int, 0, m.bits())
	for layer := range m.layers {
		steps := side - 4*layer - 2 // a side leaves its last two modules to the next one
		low, high := 2*layer, side-1-2*layer
		for k := range 4 * steps {
			at := k % steps
			for across := range 2 {
				var x, y int
				switch k / steps {
				case 0:
					x, y = low+across, low+at
				case 1:
					x, y = low+at, high-across
				case 2:
					x, y = high-across, high-at
				default:
					x, y = high-at, low+across
				}
				out = append(out, [2]int{grid(x), grid(y)})
			}
		}
	}
	return out
}

// read reads and corrects the data of a symbol: clear says how dark a module is,
// from -1 to 1. Erasures is the share of the correction words spent on the words
// with the least clear modules. It returns the data bits without stuffing.
func (m mode) read(clear func(x, y int) float64, erasures float64) (data []byte, n, corrected, correctable int, ok bool) {
	places := m.places()
	size := m.wordBits()
	total := len(places) / size
	places = places[len(places)%size:] // padding comes first
	words := make([]int, total)
	doubt := make([]float64, total)
	for i := range words {
		doubt[i] = math.Inf(1)
		for _, p := range places[i*size : (i+1)*size] {
			v := clear(p[0], p[1])
			words[i] <<= 1
			if v > 0 {
				words[i] |= 1
			}
			doubt[i] = min(doubt[i], math.Abs(v))
		}
	}
	check := total - m.words
	reserve := 0
	if check < 10 {
		reserve = 1 // a chance pattern passes so few words too easily
	}
	var erased []int
	if erasures > 0 {
		// An erasure costs nothing to name: 40 bits stay for errors, and 12 of them
		// for detection.
		reserve = (12 + size - 1) / size
		k := min(int(erasures*float64(check)), check-(40+size-1)/size)
		if k < 2 {
			return nil, 0, 0, 0, false
		}
		order := make([]int, total)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(doubt[a], doubt[b]) })
		erased = order[:k]
	}
	corrected, ok = repair(words, check, size, reserve, erased)
	if !ok {
		return nil, 0, 0, 0, false
	}
	data, n, ok = unstuffed(words[:m.words], size)
	return data, n, corrected + (len(erased)+1)/2, check / 2, ok
}

// unstuffed takes the stuffed bits out: a word whose bits but the last are alike
// has a last one that differs, so that no word is all dark or all light.
func unstuffed(words []int, size int) (data []byte, n int, ok bool) {
	put := func(v, count int) {
		for i := count - 1; i >= 0; i-- {
			if n%8 == 0 {
				data = append(data, 0)
			}
			data[n/8] |= byte(v>>i&1) << (7 - n%8)
			n++
		}
	}
	full := 1<<size - 1
	for _, w := range words {
		switch w {
		case 0, full:
			return nil, 0, false
		case 1, full - 1:
			put(w>>1, size-1)
		default:
			put(w, size)
		}
	}
	return data, n, true
}
