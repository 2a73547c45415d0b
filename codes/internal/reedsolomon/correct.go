package reedsolomon

// Correct repairs a block in place. Its last check words are correction words; the
// generator polynomial has the roots 2^first, 2^(first+1) and so on. Erased words
// have their place in erased, each once. Of the correction words, reserve are kept
// back for detection. It says how many words beside the erased ones were wrong;
// when ok is false there were too many, and the block is as it was.
func (f *Field) Correct(words []int, check, first, reserve int, erased []int) (wrong int, ok bool) {
	n := len(words)
	if check < 1 || n <= check || n > f.order || len(erased) > check-reserve {
		return 0, false
	}
	syndromes := make([]int, check)
	if f.syndromes(syndromes, words, first) {
		return 0, true
	}
	locator, length := f.locate(syndromes, n, erased)
	degree := len(locator) - 1
	wrong = degree - len(erased)
	if degree != length || wrong < 0 || 2*wrong+len(erased) > check-reserve {
		return 0, false
	}
	// Forney: the evaluator is the syndromes times the locator, cut off at check.
	evaluator := make([]int, check)
	for i := range evaluator {
		for j := 0; j <= degree && j <= i; j++ {
			evaluator[i] ^= f.times(locator[j], syndromes[i-j])
		}
	}
	slope := make([]int, degree) // derivative of the locator: odd powers stay
	for i := 1; i <= degree; i += 2 {
		slope[i-1] = locator[i]
	}
	fixed := append([]int(nil), words...)
	roots := 0
	for at := range n {
		place := n - 1 - at // power of x
		x := f.power[(f.order-place%f.order)%f.order]
		if f.at(locator, x) != 0 {
			continue
		}
		roots++
		d := f.at(slope, x)
		if d == 0 {
			return 0, false
		}
		// The factor 2^(place*(1-first)) is 1 where the first root is 2.
		shift := place * (1 - first) % f.order
		if shift < 0 {
			shift += f.order
		}
		fixed[at] ^= f.times(f.times(f.at(evaluator, x), f.inverse(d)), f.power[shift])
	}
	if roots != degree || !f.syndromes(syndromes, fixed, first) {
		return 0, false
	}
	copy(words, fixed)
	return wrong, true
}

// syndromes says whether a block has no fault that shows.
func (f *Field) syndromes(s, words []int, first int) (clean bool) {
	clean = true
	for i := range s {
		root, sum := f.power[first+i], 0
		for _, w := range words {
			sum = f.times(sum, root) ^ w
		}
		s[i] = sum
		clean = clean && sum == 0
	}
	return clean
}

// locate finds the polynomial whose roots are the inverse places of all wrong
// words: it begins with the erased ones, and Berlekamp and Massey extend it by the
// errors. The length is the degree that it should have.
func (f *Field) locate(syndromes []int, n int, erased []int) (locator []int, length int) {
	check := len(syndromes)
	locator = make([]int, 1, check+2)
	locator[0] = 1
	for _, e := range erased {
		x := f.power[(n-1-e)%f.order]
		locator = append(locator, 0)
		for i := len(locator) - 1; i > 0; i-- {
			locator[i] ^= f.times(locator[i-1], x)
		}
	}
	previous := append([]int(nil), locator...)
	length = len(erased)
	gap, divisor := 1, 1
	for step := len(erased); step < check; step++ {
		d := 0
		for i := 0; i < len(locator) && i <= step; i++ {
			d ^= f.times(locator[i], syndromes[step-i])
		}
		if d == 0 {
			gap++
			continue
		}
		scale := f.times(d, f.inverse(divisor))
		old := append([]int(nil), locator...)
		for len(locator) < len(previous)+gap {
			locator = append(locator, 0)
		}
		for i, c := range previous {
			locator[i+gap] ^= f.times(scale, c)
		}
		if 2*length <= step+len(erased) {
			length = step + 1 + len(erased) - length
			previous, divisor, gap = old, d, 1
		} else {
			gap++
		}
	}
	for len(locator) > 1 && locator[len(locator)-1] == 0 {
		locator = locator[:len(locator)-1]
	}
	return locator, length
}
