package aztec

// A mode is what the mode message says.
type mode struct {
	compact   bool
	layers    int  // 1 to 4 compact, 1 to 32 full, 0 for a rune
	words     int  // data codewords
	init      bool // the symbol is meant to set up a reader
	rune      int  // 0 to 255, of a rune
	corrected int  // codewords of the message
}

// size is the modules a side.
func (m mode) size() int {
	if m.compact {
		return 11 + 4*m.layers
	}
	half := 7 + 2*m.layers // modules beside the middle without the reference grid
	return 2*(half+(half-1)/15) + 1
}

// wordBits is the size of a codeword, which grows with the symbol.
func (m mode) wordBits() int {
	switch {
	case m.layers <= 2:
		return 6
	case m.layers <= 8:
		return 8
	case m.layers <= 22:
		return 10
	}
	return 12
}

// bits is the modules of all layers.
func (m mode) bits() int {
	if m.compact {
		return (88 + 16*m.layers) * m.layers
	}
	return (112 + 16*m.layers) * m.layers
}

// ringRadius is how far the ring of orientation marks and mode message lies from
// the middle.
func ringRadius(compact bool) int {
	if compact {
		return 5
	}
	return 7
}

// orientation holds the marks at the corners: at each corner, clockwise from the
// upper left, the module before the corner, the corner itself and the one after it,
// going clockwise.
var orientation = [4][3]bool{{true, true, true}, {false, true, true}, {true, false, false}, {false, false, false}}

// ringOf returns the coordinates of ring r from its upper left corner on,
// clockwise, 8r of them.
func ringOf(r int) (at [][2]int) {
	for i := -r; i < r; i++ {
		at = append(at, [2]int{i, -r})
	}
	for i := -r; i < r; i++ {
		at = append(at, [2]int{r, i})
	}
	for i := r; i > -r; i-- {
		at = append(at, [2]int{i, r})
	}
	for i := r; i > -r; i-- {
		at = append(at, [2]int{-r, i})
	}
	return at
}

// turned returns the coordinates as they are after so many quarter turns, and
// seen from behind.
func turned(x, y, quarters int, mirrored bool) (int, int) {
	if mirrored {
		x, y = y, x
	}
	for range quarters {
		x, y = -y, x
	}
	return x, y
}

// marks returns how many of the twelve orientation marks are wrong when the symbol
// is turned.
func marks(dark func(x, y int) bool, compact bool, quarters int, mirrored bool) (wrong int) {
	r := ringRadius(compact)
	corners := [4][3][2]int{
		{{-r, -r + 1}, {-r, -r}, {-r + 1, -r}},
		{{r - 1, -r}, {r, -r}, {r, -r + 1}},
		{{r, r - 1}, {r, r}, {r - 1, r}},
		{{-r + 1, r}, {-r, r}, {-r, r - 1}},
	}
	for i, c := range corners {
		for j, p := range c {
			if dark(turned(p[0], p[1], quarters, mirrored)) != orientation[i][j] {
				wrong++
			}
		}
	}
	return wrong
}

// readMode reads the mode message of a symbol that is turned so.
func readMode(dark func(x, y int) bool, compact bool, quarters int, mirrored bool) (m mode, ok bool) {
	r := ringRadius(compact)
	message := uint64(0)
	ring := ringOf(r)
	for side := range 4 {
		for i := 2; i <= 2*r-2; i++ { // without the corner marks
			p := ring[side*2*r+i]
			if !compact && (p[0] == 0 || p[1] == 0) {
				continue // the reference grid
			}
			message <<= 1
			if dark(turned(p[0], p[1], quarters, mirrored)) {
				message |= 1
			}
		}
	}
	count, data := 10, 4
	if compact {
		count, data = 7, 2
	}
	words := make([]int, count)
	for i := range words {
		words[i] = int(message>>(4*(count-1-i))) & 15
	}
	if wrong, ok := repair(words, count-data, 4, 0, nil); ok {
		m = mode{compact: compact, corrected: wrong}
		v := 0
		for _, w := range words[:data] {
			v = v<<4 | w
		}
		if compact {
			m.layers, m.words = v>>6+1, v&63+1
		} else {
			m.layers, m.words = v>>11+1, v&2047+1
		}
		// The highest bit of the number of words is free in symbols that have not so
		// many, and says that a reader is to be set up.
		if high := 32 << (5 * (data/2 - 1)); m.words > high && (compact && m.layers == 1 || !compact && m.layers <= 22) {
			m.init, m.words = true, m.words-high
		}
		total := m.bits() / m.wordBits()
		return m, m.words < total
	}
	if !compact {
		return m, false
	}
	// A rune has every other bit turned.
	for i := range words {
		words[i] = int(message>>(4*(count-1-i)))&15 ^ 10
	}
	wrong, ok := repair(words, count-data, 4, 0, nil)
	return mode{compact: true, rune: words[0]<<4 | words[1], corrected: wrong}, ok
}
