package codes

// A field is GF(256) as logarithms, over the primitive polynomial of a symbology.
type field struct {
	exp [510]byte // exp[i] = 2 to the i; twice around, so that sums of two logarithms need no remainder
	log [256]int16
}

func newField(poly int) *field {
	f := new(field)
	x := 1
	for i := range 255 {
		f.exp[i], f.exp[i+255] = byte(x), byte(x)
		f.log[x] = int16(i)
		if x <<= 1; x > 255 {
			x ^= poly
		}
	}
	return f
}

// generator returns the logarithms of the coefficients, the leading 1 left out,
// of the product of (x - 2^i) for n roots from i = first on; from the highest
// power down.
func (f *field) generator(first, n int) []int16 {
	g := make([]byte, n+1)
	g[0] = 1
	for i := range n {
		root := int(first + i)
		for k := i + 1; k > 0; k-- {
			if g[k-1] != 0 {
				g[k] ^= f.exp[int(f.log[g[k-1]])+root]
			}
		}
	}
	logs := make([]int16, n)
	for i, c := range g[1:] {
		logs[i] = f.log[c] // no generator used here has a coefficient 0
	}
	return logs
}

// remainder writes into ecc the check words of data, which is read from start in
// strides of step: the remainder of the data times x^n divided by the generator.
func (f *field) remainder(ecc, data []byte, start, step int, generator []int16) {
	clear(ecc)
	last := len(ecc) - 1
	for i := start; i < len(data); i += step {
		m := data[i] ^ ecc[0]
		copy(ecc, ecc[1:])
		ecc[last] = 0
		if m == 0 {
			continue
		}
		exp := f.exp[f.log[m]:]
		for k, g := range generator {
			ecc[k] ^= exp[g]
		}
	}
}
