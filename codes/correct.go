package codes

// correct repairs a block of codewords in place: data followed by n check words
// whose generator has the roots 2^first to 2^(first+n-1). Erasures are the places
// of words that are not to be trusted. It returns the number of words changed
// among those not erased; ok is false when the block is beyond repair, that is when
// erasures and twice the errors exceed n.
func (f *field) correct(words []byte, first, n int, erasures []int) (errors int, ok bool) {
	if len(erasures) > n || len(words) > 255 {
		return 0, false
	}
	syndromes := make([]byte, n)
	clean := true
	for i := range syndromes {
		s := byte(0)
		for _, w := range words {
			s = f.times(s, f.exp[first+i]) ^ w
		}
		syndromes[i] = s
		clean = clean && s == 0
	}
	if clean {
		return 0, true
	}
	// The locator of the erasures: the product of (1 - x 2^place), lowest power
	// first, where the last word has place 0.
	locator := make([]byte, 1, n+2)
	locator[0] = 1
	for _, e := range erasures {
		root := f.exp[len(words)-1-e]
		locator = append(locator, 0)
		for i := len(locator) - 1; i > 0; i-- {
			locator[i] ^= f.times(locator[i-1], root)
		}
	}
	// Berlekamp and Massey find the shortest locator that explains the syndromes.
	last := append([]byte(nil), locator...)
	length := len(erasures)
	for r := len(erasures); r < n; r++ {
		delta := byte(0)
		for i, c := range locator {
			if i <= r {
				delta ^= f.times(c, syndromes[r-i])
			}
		}
		last = append([]byte{0}, last...)
		if delta == 0 {
			continue
		}
		next := make([]byte, max(len(locator), len(last)))
		copy(next, locator)
		for i, c := range last {
			next[i] ^= f.times(c, delta)
		}
		if 2*length <= r+len(erasures) {
			length = r + 1 + len(erasures) - length
			inverse := f.exp[255-int(f.log[delta])]
			last = last[:0:0]
			for _, c := range locator {
				last = append(last, f.times(c, inverse))
			}
		}
		locator = next
	}
	for len(locator) > 1 && locator[len(locator)-1] == 0 {
		locator = locator[:len(locator)-1]
	}
	count := len(locator) - 1
	if count != length || 2*(count-len(erasures))+len(erasures) > n || count < len(erasures) {
		return 0, false
	}
	// Where the locator vanishes a word is wrong, and Forney's formula says by how
	// much.
	evaluator := make([]byte, n)
	for i := range evaluator {
		for k := 0; k <= i && k < len(locator); k++ {
			evaluator[i] ^= f.times(locator[k], syndromes[i-k])
		}
	}
	erased := make([]bool, len(words))
	for _, e := range erasures {
		erased[e] = true
	}
	found := 0
	repaired := append([]byte(nil), words...)
	for i := range words {
		place := len(words) - 1 - i
		inverse := f.exp[(255-place)%255]
		if f.eval(locator, inverse) != 0 {
			continue
		}
		found++
		slope := byte(0)
		for k := 1; k < len(locator); k += 2 {
			slope ^= f.times(locator[k], f.power(inverse, k-1))
		}
		if slope == 0 {
			return 0, false
		}
		v := f.times(f.eval(evaluator, inverse), f.exp[255-int(f.log[slope])])
		v = f.times(v, f.power(f.exp[place], 1-first)) // x^(1-first)
		repaired[i] ^= v
		if !erased[i] {
			errors++
		}
	}
	if found != count {
		return 0, false
	}
	for i := range syndromes { // trust, but verify
		s := byte(0)
		for _, w := range repaired {
			s = f.times(s, f.exp[first+i]) ^ w
		}
		if s != 0 {
			return 0, false
		}
	}
	copy(words, repaired)
	return errors, true
}

func (f *field) times(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return f.exp[int(f.log[a])+int(f.log[b])]
}

// power raises a, not zero, to a whole power, which may be below zero.
func (f *field) power(a byte, n int) byte {
	e := int(f.log[a]) * n % 255
	if e < 0 {
		e += 255
	}
	return f.exp[e]
}

// eval computes a polynomial, lowest power first.
func (f *field) eval(p []byte, x byte) byte {
	v := byte(0)
	for i := len(p) - 1; i >= 0; i-- {
		v = f.times(v, x) ^ p[i]
	}
	return v
}
