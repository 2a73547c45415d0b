package codes

import "sync"

// A qrVersion is one of the 40 sizes of a QR code.
type qrVersion struct {
	once      sync.Once
	side      int     // modules
	fixed     []bool  // modules that carry no codeword, row by row
	dark      []bool  // what the fixed ones show, format information left light
	order     []int32 // modules that carry codewords, first bit first
	masks     [8]qrMask
	generator [4][]int16 // by level
}

var qrVersions [41]qrVersion // by number; 0 is not used

// qrCheckWords is the check codewords of one block, by level and version
// (ISO/IEC 18004, table 9).
var qrCheckWords = [4][41]uint8{
	{0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
	{0, 13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{0, 17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
}

// qrBlocks is the number of blocks, by level and version.
var qrBlocks = [4][41]uint8{
	{0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25},
	{0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49},
	{0, 1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68},
	{0, 1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81},
}

// qrVersionOf returns a version with its function patterns laid out.
func qrVersionOf(number int) *qrVersion {
	v := &qrVersions[number]
	v.once.Do(func() { v.prepare(number) })
	return v
}

func (v *qrVersion) prepare(number int) {
	n := 17 + 4*number
	v.side = n
	v.fixed, v.dark = make([]bool, n*n), make([]bool, n*n)
	set := func(x, y int, dark bool) {
		v.fixed[y*n+x], v.dark[y*n+x] = true, dark
	}
	for i := range n { // timing
		set(i, 6, i%2 == 0)
		set(6, i, i%2 == 0)
	}
	for _, c := range [3][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} { // finders with separators
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				x, y, ring := c[0]+dx, c[1]+dy, max(dx, -dx, dy, -dy)
				if x >= 0 && x < n && y >= 0 && y < n {
					set(x, y, ring != 2 && ring != 4)
				}
			}
		}
	}
	centres := qrAlignment(number)
	for _, cy := range centres {
		for _, cx := range centres {
			if cx == 6 && (cy == 6 || cy == n-7) || cx == n-7 && cy == 6 {
				continue // a finder is there
			}
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					set(cx+dx, cy+dy, max(dx, -dx, dy, -dy) != 1)
				}
			}
		}
	}
	for i := range 9 { // room for format information, and one module always dark
		v.fixed[8*n+i], v.fixed[i*n+8] = true, true
	}
	for i := range 8 {
		v.fixed[8*n+n-1-i], v.fixed[(n-1-i)*n+8] = true, true
	}
	set(8, n-8, true)
	if number >= 7 { // version information, BCH (18,6), twice
		rest := number
		for range 12 {
			rest = rest<<1 ^ rest>>11*0x1F25
		}
		bits := number<<12 | rest
		for i := range 18 {
			dark := bits>>i&1 == 1
			set(n-11+i%3, i/3, dark)
			set(i/3, n-11+i%3, dark)
		}
	}
	// Codewords run in columns of two, from the right, up and down in turn; the
	// timing column is left out.
	for right := n - 1; right > 0; right -= 2 {
		if right == 6 {
			right = 5
		}
		up := (right+1)&2 == 0
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for x := right; x >= right-1; x-- {
				if !v.fixed[y*n+x] {
					v.order = append(v.order, int32(y*n+x))
				}
			}
		}
	}
	for m := range v.masks {
		v.masks[m] = v.mask(m)
	}
	for level := range v.generator {
		v.generator[level] = qrField.generator(0, int(qrCheckWords[level][number]))
	}
}

// qrCodewords counts the codewords of a version: the modules that no function
// pattern takes, by eights.
func qrCodewords(number int) int {
	modules := (16*number+128)*number + 64
	if number >= 2 {
		centres := number/7 + 2
		modules -= (25*centres-10)*centres - 55
	}
	if number >= 7 {
		modules -= 36
	}
	return modules / 8
}

// qrDataWords counts the data codewords of a version at a level.
func qrDataWords(number, level int) int {
	return qrCodewords(number) - int(qrCheckWords[level][number])*int(qrBlocks[level][number])
}

// qrAlignment returns the places of the centres of the alignment patterns of a
// version, along either side.
func qrAlignment(number int) []int {
	if number == 1 {
		return nil
	}
	count := number/7 + 2
	last := 10 + 4*number
	// Even steps rounded up to an even number, the odd one at the near end;
	// version 32 is the one exception to the rule (ISO/IEC 18004, annex E).
	step := (4*number + 2*count + 1) / (2*count - 2) * 2
	if number == 32 {
		step = 26
	}
	places := make([]int, count)
	places[0] = 6
	for i := count - 1; i > 0; i-- {
		places[i] = last - (count-1-i)*step
	}
	return places
}
