package pdf417

// The codewords are elements of the field of the integers modulo 929, of which 3
// is a primitive element. The generator polynomial of a symbol with k correction
// codewords has the roots 3, 3^2, ..., 3^k.
var power, logarithm = func() (p [2 * values]int, l [values]int) {
	x := 1
	for i := range p {
		p[i] = x
		if i < values-1 {
			l[x] = i
		}
		x = x * 3 % values
	}
	return p, l
}()

func multiply(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return power[logarithm[a]+logarithm[b]]
}

func inverse(a int) int { return power[(values-1-logarithm[a])%(values-1)] }

// exp returns 3 to the power of e, which may be negative.
func exp(e int) int {
	e %= values - 1
	if e < 0 {
		e += values - 1
	}
	return power[e]
}

// correct repairs a message of which the last k words are correction codewords,
// in place. Erased words have a place in erased, in any order, each once. It says
// how many words beside the erased ones were wrong, and false when there are too
// many to be sure: then the words are as they were.
//
// Two words of correction are kept back for detection where there are more than
// four, one otherwise, so that what passes was not bent into shape.
func correct(words []int, k int, erased []int) (wrong int, ok bool) {
	reserve := 2
	if k <= 4 {
		reserve = 1
	}
	n := len(words)
	if k < 2 || n <= k || n > values-1 || len(erased) > k-reserve {
		return 0, false
	}
	syndromes := make([]int, k)
	clean := syndromesOf(syndromes, words)
	if clean {
		return 0, true
	}
	// The locator starts with the erasures as roots (Forney), and Berlekamp and
	// Massey extend it by the errors. Coefficients from the constant on.
	locator := make([]int, 1, k+2)
	locator[0] = 1
	for _, e := range erased {
		x := exp(n - 1 - e)
		locator = append(locator, 0)
		for i := len(locator) - 1; i > 0; i-- {
			locator[i] = (locator[i] + values - multiply(locator[i-1], x)) % values
		}
	}
	previous := append([]int(nil), locator...)
	length, gap, divisor := len(erased), 1, 1
	for step := len(erased); step < k; step++ {
		d := 0
		for i := 0; i < len(locator) && i <= step; i++ {
			d = (d + multiply(locator[i], syndromes[step-i])) % values
		}
		if d == 0 {
			gap++
			continue
		}
		scale := multiply(d, inverse(divisor))
		old := append([]int(nil), locator...)
		for len(locator) < len(previous)+gap {
			locator = append(locator, 0)
		}
		for i, c := range previous {
			locator[i+gap] = (locator[i+gap] + values - multiply(scale, c)) % values
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
	degree := len(locator) - 1
	wrong = degree - len(erased)
	if degree != length || wrong < 0 || 2*wrong+len(erased) > k-reserve {
		return 0, false
	}
	// evaluator = syndromes times locator modulo x^k
	evaluator := make([]int, k)
	for i := range evaluator {
		for j := 0; j <= degree && j <= i; j++ {
			evaluator[i] = (evaluator[i] + multiply(locator[j], syndromes[i-j])) % values
		}
	}
	fixed := append([]int(nil), words...)
	roots := 0
	for at := range n {
		x := exp(-(n - 1 - at)) // the inverse of the locator of this word
		sum, slope, top := 0, 0, 0
		for i := degree; i >= 0; i-- {
			sum = (multiply(sum, x) + locator[i]) % values
		}
		if sum != 0 {
			continue
		}
		roots++
		for i := degree; i > 0; i-- {
			slope = (multiply(slope, x) + i*locator[i]) % values
		}
		for i := k - 1; i >= 0; i-- {
			top = (multiply(top, x) + evaluator[i]) % values
		}
		if slope == 0 {
			return 0, false
		}
		// The error is -evaluator/derivative, as the first root is 3 to the power 1.
		size := values - multiply(top, inverse(slope))
		fixed[at] = (fixed[at] + values - size%values) % values
	}
	if roots != degree || !syndromesOf(syndromes, fixed) {
		return 0, false
	}
	copy(words, fixed)
	return wrong, true
}

// syndromesOf says whether the words have no fault that shows.
func syndromesOf(s []int, words []int) (clean bool) {
	clean = true
	for i := range s {
		root, sum := power[i+1], 0
		for _, w := range words {
			sum = (sum*root + w) % values
		}
		s[i] = sum
		clean = clean && sum == 0
	}
	return clean
}
