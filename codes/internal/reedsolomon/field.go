package reedsolomon

// A Field is the finite field of 2^m elements made by a primitive polynomial, whose
// root 2 generates it.
type Field struct {
	order int   // elements but zero
	power []int // of 2, twice around
	log   []int
}

// The fields in use, by their polynomials.
var (
	QR      = newField(8, 0x11d)
	Aztec4  = newField(4, 0x13) // mode message
	Aztec6  = newField(6, 0x43)
	Aztec8  = newField(8, 0x12d)
	Aztec10 = newField(10, 0x409)
	Aztec12 = newField(12, 0x1069)
)

func newField(bits, polynomial int) *Field {
	f := &Field{order: 1<<bits - 1}
	f.power, f.log = make([]int, 2*f.order+2), make([]int, f.order+1)
	x := 1
	for i := range f.power {
		f.power[i] = x
		if i < f.order {
			f.log[x] = i
		}
		if x <<= 1; x > f.order {
			x ^= polynomial
		}
	}
	return f
}

func (f *Field) times(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return f.power[f.log[a]+f.log[b]]
}

func (f *Field) inverse(a int) int { return f.power[f.order-f.log[a]] }

// at evaluates a polynomial, constant first, by Horner's rule.
func (f *Field) at(p []int, x int) (sum int) {
	for i := len(p) - 1; i >= 0; i-- {
		sum = f.times(sum, x) ^ p[i]
	}
	return sum
}
