package qr

// Levels of error correction, in the order of their tables.
const levels = "LMQH"

// checkWords holds the correction codewords a block by level and version
// (ISO/IEC 18004 table 9).
var checkWords = [4][41]int{
	{0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
	{0, 13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{0, 17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
}

// blockCounts holds the number of blocks by level and version.
var blockCounts = [4][41]int{
	{0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25},
	{0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49},
	{0, 1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68},
	{0, 1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81},
}

// dimension is the modules along a side.
func dimension(version int) int { return 17 + 4*version }

// alignments returns the row and column numbers of the centres of alignment
// patterns: equal steps from the far end, an even number of modules each, the
// first one at 6 in any case (annex E).
func alignments(version int) []int {
	if version < 2 {
		return nil
	}
	n := version/7 + 2
	step := (4*version + 2*n + 1) / (2*n - 2) * 2
	if version == 32 {
		step = 26
	}
	at := make([]int, n)
	at[0] = 6
	for i := n - 1; i > 0; i-- {
		at[i] = dimension(version) - 7 - (n-1-i)*step
	}
	return at
}

// A plan is what a version fixes: which modules are patterns and which hold data.
type plan struct {
	version, size int
	fixed         []int8 // by row and column: 1 dark, -1 light, 0 not fixed
	data          []int  // modules of the codewords, in order, 8 each
	aligned       []int  // as of alignments
}

// planOf draws the patterns of a version.
func planOf(version int) *plan {
	n := dimension(version)
	p := &plan{version: version, size: n, fixed: make([]int8, n*n), aligned: alignments(version)}
	taken := make([]bool, n*n)
	set := func(x, y int, dark bool) {
		if x < 0 || y < 0 || x >= n || y >= n {
			return
		}
		p.fixed[y*n+x] = -1
		if dark {
			p.fixed[y*n+x] = 1
		}
		taken[y*n+x] = true
	}
	for i := range n {
		set(i, 6, i%2 == 0)
		set(6, i, i%2 == 0)
	}
	for _, c := range [3][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} {
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				ring := max(dx, -dx, dy, -dy)
				set(c[0]+dx, c[1]+dy, ring != 2 && ring != 4)
			}
		}
	}
	last := len(p.aligned) - 1
	for i, x := range p.aligned {
		for j, y := range p.aligned {
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue
			}
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					set(x+dx, y+dy, max(dx, -dx, dy, -dy) != 1)
				}
			}
		}
	}
	set(8, n-8, true)
	for i := range 9 { // format information
		taken[8*n+i], taken[i*n+8] = true, true
		if i < 8 {
			taken[8*n+n-1-i], taken[(n-1-i)*n+8] = true, true
		}
	}
	if version >= 7 {
		for i := range 18 {
			taken[(i/3)*n+n-11+i%3], taken[(n-11+i%3)*n+i/3] = true, true
		}
	}
	// Two columns at a time from the right, up and down in turn, past column 6.
	up := true
	for right := n - 1; right >= 1; right -= 2 {
		if right == 6 {
			right = 5
		}
		for k := range n {
			y := k
			if up {
				y = n - 1 - k
			}
			for _, x := range [2]int{right, right - 1} {
				if !taken[y*n+x] {
					p.data = append(p.data, y*n+x)
				}
			}
		}
		up = !up
	}
	p.data = p.data[:len(p.data)/8*8]
	return p
}

// masked says whether a mask turns the module in column x of row y.
func masked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (x/3+y/2)%2 == 0
	case 5:
		return x*y%2+x*y%3 == 0
	case 6:
		return (x*y%2+x*y%3)%2 == 0
	}
	return ((x+y)%2+x*y%3)%2 == 0
}

// formats holds the 32 words of format information, masked, by their five data
// bits: two of the level (L 1, M 0, Q 3, H 2) and three of the mask.
var formats = func() (f [32]uint32) {
	for d := range f {
		r := uint32(d) << 10
		for i := 14; i >= 10; i-- {
			if r>>i&1 == 1 {
				r ^= 0x537 << (i - 10)
			}
		}
		f[d] = (uint32(d)<<10 | r) ^ 0x5412
	}
	return f
}()

// versions holds the words of version information from version 7 on.
var versions = func() (f [41]uint32) {
	for v := 7; v <= 40; v++ {
		r := uint32(v) << 12
		for i := 17; i >= 12; i-- {
			if r>>i&1 == 1 {
				r ^= 0x1f25 << (i - 12)
			}
		}
		f[v] = uint32(v)<<12 | r
	}
	return f
}()
