package aztec

import (
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// A grid takes modules, counted from the middle of the bull's-eye, to pixels: the
// middle of the middle module is (0, 0).
type grid struct {
	img    *gray.Image
	m      geometry.Map
	spread float64 // modules beside the middle of a module that still belong to it
}

// A probe is a module whose shade is known; weights of light ones are positive.
type probe struct{ x, y, weight float64 }

// clearRings is how clear rings are, see [grid.clarity]: those of symbols that are read, however faint,
// soft or worn, seldom come to less than 0.95.
const clearRings = 0.85

// newGrid lays a grid through the corners of the edge between rings 3 and 4 and
// moves it until the rings stand out best.
func newGrid(img *gray.Image, corners [4]geometry.Point, unit float64) (g *grid, ok bool) {
	g = &grid{img: img, spread: 0.25 * min(max(unit-1.2, 0), 1)}
	square := squareOf(inner)
	if g.m, ok = geometry.Fit(square[:], corners[:]); !ok || g.clarity() < 0.35 {
		return g, false
	}
	pixels := corners
	g.m, _, ok = geometry.Refine(square, &pixels, []float64{0.3, 0.15, 0.07}, g.scorer(rings(4)))
	return g, ok && g.clarity() > clearRings
}

// clarity says how much of the contrast in the rings is between them, where it
// should be: 1 in a symbol, however faint or blurred, and little anywhere else.
func (g *grid) clarity() float64 {
	probes := rings(4)
	shades := make([]float64, len(probes))
	for i, p := range probes {
		shades[i] = g.shade(&g.m, p.x, p.y)
	}
	dark, light := extremes(shades)
	if light-dark < 4 {
		return 0
	}
	sum := 0.0
	for i, p := range probes {
		sum += p.weight * shades[i]
	}
	return sum / (light - dark)
}

// squareOf returns the corners of a square around the middle.
func squareOf(r float64) [4]geometry.Point {
	return [4]geometry.Point{{X: r, Y: r}, {X: -r, Y: r}, {X: -r, Y: -r}, {X: r, Y: -r}}
}

// rings returns the modules of the rings up to a radius.
func rings(radius int) (out []probe) {
	for y := -radius; y <= radius; y++ {
		for x := -radius; x <= radius; x++ {
			r := max(x, -x, y, -y)
			out = append(out, probe{float64(x), float64(y), float64(r%2*2 - 1)})
		}
	}
	return balanced(out)
}

// lines returns the modules of the reference grid up to a radius, those of the
// rings left out.
func lines(radius int) (out []probe) {
	for y := -radius; y <= radius; y++ {
		for x := -radius; x <= radius; x++ {
			if (x%16 == 0 || y%16 == 0) && max(x, -x, y, -y) > 6 {
				out = append(out, probe{float64(x), float64(y), float64((x+y)&1*2 - 1)})
			}
		}
	}
	return balanced(out)
}

// balanced scales the weights so that those of either kind add up to 1.
func balanced(p []probe) []probe {
	light, dark := 0.0, 0.0
	for _, q := range p {
		if q.weight > 0 {
			light++
		} else {
			dark++
		}
	}
	for i := range p {
		if p[i].weight > 0 {
			p[i].weight = 1 / light
		} else {
			p[i].weight = -1 / dark
		}
	}
	return p
}

// scorer returns how well modules stand out under a map, in levels of gray.
func (g *grid) scorer(probes ...[]probe) func(m *geometry.Map) float64 {
	return func(m *geometry.Map) float64 {
		sum := 0.0
		for _, set := range probes {
			for _, p := range set {
				sum += p.weight * g.shade(m, p.x, p.y)
			}
		}
		return sum / float64(len(probes))
	}
}

// shade is the brightness of a module.
func (g *grid) shade(m *geometry.Map, x, y float64) float64 {
	p := m.At(x, y)
	v := g.img.At(p.X, p.Y)
	if g.spread == 0 {
		return v
	}
	for _, d := range [4][2]float64{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
		p := m.At(x+d[0]*g.spread, y+d[1]*g.spread)
		v += g.img.At(p.X, p.Y)
	}
	return v / 5
}

// extend moves the grid to the reference grid of a full symbol, further and further
// out.
func (g *grid) extend(radius int) {
	inside := rings(6)
	for r := 12; ; r += max(6, r/2) {
		r = min(r, radius)
		pixels := g.pixels(float64(r))
		m, _, ok := geometry.Refine(squareOf(float64(r)), &pixels, []float64{0.5, 0.25, 0.12, 0.06}, g.scorer(inside, lines(r)))
		if ok {
			g.m = m
		}
		if r >= radius {
			return
		}
	}
}

// pixels returns where the corners of a square are now.
func (g *grid) pixels(r float64) (p [4]geometry.Point) {
	for i, c := range squareOf(r) {
		p[i] = g.m.At(c.X, c.Y)
	}
	return p
}

// clear moves the grid of a symbol without reference grid to where its modules
// are most clearly dark or light, in two steps outwards.
func (g *grid) clear(radius int) {
	middle := 0.0
	for _, p := range rings(4) {
		middle += math.Abs(p.weight) / 2 * g.shade(&g.m, p.x, p.y)
	}
	var inside []probe // the middles of the rings' corners hold the centre
	for _, p := range rings(4) {
		if p.x*p.x == p.y*p.y {
			inside = append(inside, p)
		}
	}
	for _, r := range [2]int{min(8, radius), radius} {
		pixels := g.pixels(float64(r))
		clearness := func(m *geometry.Map) float64 {
			sum := 0.0
			for y := -r; y <= r; y++ {
				for x := -r; x <= r; x++ {
					if max(x, -x, y, -y) > 4 {
						p := m.At(float64(x), float64(y))
						sum += math.Abs(g.img.At(p.X, p.Y) - middle)
					}
				}
			}
			hold := 0.0
			for _, p := range inside {
				q := m.At(p.x, p.y)
				hold += p.weight * g.img.At(q.X, q.Y)
			}
			return sum/float64(4*r*(r+1)-80) + hold
		}
		if m, _, ok := geometry.Refine(squareOf(float64(r)), &pixels, []float64{0.4, 0.2, 0.1}, clearness); ok {
			g.m = m
		}
	}
}

// sample returns the brightness of all modules of a square symbol, row by row.
func (g *grid) sample(size int) []float64 {
	half := size / 2
	out := make([]float64, 0, size*size)
	for y := -half; y <= half; y++ {
		for x := -half; x <= half; x++ {
			out = append(out, g.shade(&g.m, float64(x), float64(y)))
		}
	}
	return out
}

// unit is the pixels a module in the middle.
func (g *grid) unit() float64 {
	p := g.m.At(0, 0)
	return math.Sqrt(math.Abs(g.m.At(1, 0).Minus(p).Cross(g.m.At(0, 1).Minus(p))))
}
