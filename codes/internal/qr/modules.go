package qr

import (
	"math/bits"
	"slices"
)

// modules are the shades of a symbol by row and column.
type modules struct {
	plan  *plan
	shade []float64 // levels of gray
}

// sample reads the shade of every module: the middle twice, and four places
// around it.
func (g *grid) sample() *modules {
	n := g.plan.size
	m := &modules{plan: g.plan, shade: make([]float64, n*n)}
	d := g.spread
	for y := range n {
		for x := range n {
			fx, fy := float64(x)+0.5, float64(y)+0.5
			p := g.at(fx, fy)
			sum := 2 * g.img.At(p.X, p.Y)
			for _, o := range [4][2]float64{{-d, -d}, {d, -d}, {-d, d}, {d, d}} {
				q := g.at(fx+o[0], fy+o[1])
				sum += g.img.At(q.X, q.Y)
			}
			m.shade[y*n+x] = sum / 6
		}
	}
	return m
}

// levels returns the shade of dark and of light modules, by the fixed patterns.
func (m *modules) levels() (dark, light float64) {
	nd, nl := 0.0, 0.0
	for i, f := range m.plan.fixed {
		switch {
		case f > 0:
			dark += m.shade[i]
			nd++
		case f < 0:
			light += m.shade[i]
			nl++
		}
	}
	return dark / nd, light / nl
}

// faults returns the share of the fixed modules that have the wrong shade.
func (p *plan) faults(dark []float64) float64 {
	wrong, all := 0, 0
	for i, f := range p.fixed {
		if f == 0 {
			continue
		}
		all++
		if (dark[i] > 0) != (f > 0) {
			wrong++
		}
	}
	return float64(wrong) / float64(all)
}

// A format is what the format information says.
type format struct {
	level    int // index into levels
	mask     int
	distance int // wrong bits in the better copy twice, and in the other
}

// formatLevels are the levels by the two bits that state them.
var formatLevels = [4]int{1, 0, 3, 2}

// formatBits returns both copies of the format information, the highest bit first:
// along row 8 from the left and up column 8; up column 8 from the bottom and along
// row 8 to the right.
func (p *plan) formatBits(dark []float64) (first, second uint32) {
	n := p.size
	bit := func(x, y int) uint32 {
		if dark[y*n+x] > 0 {
			return 1
		}
		return 0
	}
	for _, x := range [8]int{0, 1, 2, 3, 4, 5, 7, 8} {
		first = first<<1 | bit(x, 8)
	}
	for _, y := range [7]int{7, 5, 4, 3, 2, 1, 0} {
		first = first<<1 | bit(8, y)
	}
	for y := n - 1; y >= n-7; y-- {
		second = second<<1 | bit(8, y)
	}
	for x := n - 8; x < n; x++ {
		second = second<<1 | bit(x, 8)
	}
	return first, second
}

// formatsOf returns what the format information may say, the likeliest first: one
// copy may have three wrong bits, or both together eight.
func (p *plan) formatsOf(dark []float64) []format {
	first, second := p.formatBits(dark)
	var out []format
	for d, word := range formats {
		a, b := bits.OnesCount32(word^first), bits.OnesCount32(word^second)
		if min(a, b) <= 3 || a+b <= 8 {
			out = append(out, format{formatLevels[d>>3], d & 7, 2*min(a, b) + max(a, b)})
		}
	}
	slices.SortStableFunc(out, func(a, b format) int { return a.distance - b.distance })
	return out[:min(len(out), 3)]
}

// versionOf reads the version information of versions 7 and above, 0 when both
// copies have more than three wrong bits.
func (p *plan) versionOf(dark []float64) int {
	n := p.size
	if p.version < 7 {
		return 0
	}
	first, second := uint32(0), uint32(0)
	for i := 17; i >= 0; i-- {
		first, second = first<<1, second<<1
		if dark[(i/3)*n+n-11+i%3] > 0 {
			first |= 1
		}
		if dark[(n-11+i%3)*n+i/3] > 0 {
			second |= 1
		}
	}
	best, version := 4, 0
	for v := 7; v <= 40; v++ {
		d := min(bits.OnesCount32(versions[v]^first), bits.OnesCount32(versions[v]^second))
		if d < best {
			best, version = d, v
		}
	}
	return version
}
