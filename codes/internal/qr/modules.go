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

// transposed turns modules about the diagonal, as a symbol looks from behind.
func transposed(v []float64, n int) []float64 {
	t := make([]float64, n*n)
	for y := range n {
		for x := range n {
			t[x*n+y] = v[y*n+x]
		}
	}
	return t
}

// judge says how dark each module is, from about -1 for light to about 1 for
// dark. A way is how: 0 against the levels of the whole symbol, 1 against the
// darkest and lightest modules around, 2 against the mean of those around, above
// that as 1 after each module has been set off against its neighbours, which
// undoes blur.
func (m *modules) judge(way int) []float64 {
	n := m.plan.size
	shade := m.shade
	if way >= 3 {
		k := 0.08 * float64(way-2)
		sharp := make([]float64, n*n)
		for y := range n {
			for x := range n {
				v := shade[y*n+x]
				sum := 0.0
				for _, o := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
					u := v
					if a, b := x+o[0], y+o[1]; a >= 0 && b >= 0 && a < n && b < n {
						u = shade[b*n+a]
					}
					sum += u
				}
				sharp[y*n+x] = v + k*(4*v-sum)
			}
		}
		shade = sharp
	}
	out := make([]float64, n*n)
	if way == 0 {
		dark, light := m.levels()
		for i, v := range shade {
			out[i] = ((dark+light)/2 - v) / max((light-dark)/2, 1)
		}
		return out
	}
	low, high := windows(shade, n, 3)
	if way == 2 {
		means := smooth(shade, n, 4)
		for i, v := range shade {
			out[i] = (means[i] - v) / max((high[i]-low[i])/2, 4)
		}
		return out
	}
	for i, v := range shade {
		out[i] = ((low[i]+high[i])/2 - v) / max((high[i]-low[i])/2, 4)
	}
	return out
}

// windows returns the least and the largest value in the square of side 2r+1
// around each module, smoothed over the same square.
func windows(v []float64, n, r int) (low, high []float64) {
	run := func(in []float64, pick func(a, b float64) float64) []float64 {
		rows, out := make([]float64, n*n), make([]float64, n*n)
		for y := range n {
			for x := range n {
				best := in[y*n+x]
				for k := max(x-r, 0); k <= min(x+r, n-1); k++ {
					best = pick(best, in[y*n+k])
				}
				rows[y*n+x] = best
			}
		}
		for y := range n {
			for x := range n {
				best := rows[y*n+x]
				for k := max(y-r, 0); k <= min(y+r, n-1); k++ {
					best = pick(best, rows[k*n+x])
				}
				out[y*n+x] = best
			}
		}
		return out
	}
	low = run(v, func(a, b float64) float64 { return min(a, b) })
	high = run(v, func(a, b float64) float64 { return max(a, b) })
	return smooth(low, n, r), smooth(high, n, r)
}

// smooth takes the mean of the square of side 2r+1 around each module.
func smooth(in []float64, n, r int) []float64 {
	rows, out := make([]float64, n*n), make([]float64, n*n)
	for y := range n {
		for x := range n {
			sum, c := 0.0, 0.0
			for k := max(x-r, 0); k <= min(x+r, n-1); k++ {
				sum, c = sum+in[y*n+k], c+1
			}
			rows[y*n+x] = sum / c
		}
	}
	for y := range n {
		for x := range n {
			sum, c := 0.0, 0.0
			for k := max(y-r, 0); k <= min(y+r, n-1); k++ {
				sum, c = sum+rows[k*n+x], c+1
			}
			out[y*n+x] = sum / c
		}
	}
	return out
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

// formatsOf returns what the format information may say, the likeliest first: one
// copy may have three wrong bits, or both together eight.
func (p *plan) formatsOf(dark []float64) []format {
	n := p.size
	first, second := uint32(0), uint32(0)
	bit := func(x, y int) uint32 {
		if dark[y*n+x] > 0 {
			return 1
		}
		return 0
	}
	// The highest bit first: along row 8 from the left, and up column 8.
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
	var out []format
	for d, word := range formats {
		a, b := bits.OnesCount32(word^first), bits.OnesCount32(word^second)
		if min(a, b) <= 3 || a+b <= 8 {
			out = append(out, format{[4]int{1, 0, 3, 2}[d>>3], d & 7, 2*min(a, b) + max(a, b)})
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
