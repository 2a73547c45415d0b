package qr

import (
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// A grid takes modules of a symbol to pixels: a perspective map through four
// points, and shifts at the alignment patterns where the paper is not flat.
type grid struct {
	img    *gray.Image
	plan   *plan
	anchor [4]geometry.Point // pixels of the centres of the three finders and of the fourth corner
	m      geometry.Map
	bends  []geometry.Point // by row and column of alignment patterns: pixels beside the map
	probes []probe
	free   int     // the probes from here on are not of the finders
	spread float64 // modules beside the middle of a module that still belong to it
}

// A probe is a module whose shade is known, with a weight: positive for light
// ones, and the weights of each pattern add up to nothing, so that uneven light
// does not count.
type probe struct{ x, y, weight float64 }

// newGrid lays a grid through the finders of a triple and a fourth point.
func newGrid(img *gray.Image, p *plan, t *triple, fourth geometry.Point) (*grid, bool) {
	g := &grid{img: img, plan: p, anchor: [4]geometry.Point{t.corner.centre, t.right.centre, t.below.centre, fourth}}
	g.probes, g.free = p.probes()
	// Where a module is hardly more than a pixel, only its middle is its own.
	g.spread = 0.22 * min(max(t.unit()-1.2, 0), 1)
	return g, g.fit()
}

func (g *grid) fit() bool {
	n := float64(g.plan.size)
	var ok bool
	g.m, ok = geometry.Fit([]geometry.Point{{X: 3.5, Y: 3.5}, {X: n - 3.5, Y: 3.5}, {X: 3.5, Y: n - 3.5}, {X: n - 3.5, Y: n - 3.5}}, g.anchor[:])
	return ok && g.sane()
}

// sane says whether the whole symbol lies on one side of the horizon and is not
// thinner at one corner than a quarter of another.
func (g *grid) sane() bool {
	n := float64(g.plan.size)
	low, high := math.Inf(1), 0.0
	for _, c := range [4][2]float64{{0, 0}, {n, 0}, {0, n}, {n, n}} {
		w := g.m[6]*c[0] + g.m[7]*c[1] + g.m[8]
		low, high = min(low, w), max(high, w)
	}
	return low > 0.25*high
}

// probes returns the modules that every symbol of the version has alike. Timing
// and alignment patterns count more than their number, as they hold the far
// corner; they follow those of the finders, from free on.
func (p *plan) probes() (out []probe, free int) {
	n := p.size
	add := func(from int, total float64) {
		light, dark := 0.0, 0.0
		for _, q := range out[from:] {
			if q.weight > 0 {
				light++
			} else {
				dark++
			}
		}
		for i := from; i < len(out); i++ {
			if out[i].weight > 0 {
				out[i].weight = total / light
			} else {
				out[i].weight = -total / dark
			}
		}
	}
	square := func(cx, cy, r int, total float64) {
		from := len(out)
		for y := max(cy-r, 0); y <= min(cy+r, n-1); y++ {
			for x := max(cx-r, 0); x <= min(cx+r, n-1); x++ {
				if s := p.fixed[y*n+x]; s != 0 {
					out = append(out, probe{float64(x) + 0.5, float64(y) + 0.5, -float64(s)})
				}
			}
		}
		add(from, total)
	}
	for _, c := range [3][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} {
		square(c[0], c[1], 4, 1)
	}
	free = len(out)
	// Timing in stretches, each balanced by itself.
	const stretch = 8
	for _, down := range [2]bool{false, true} {
		for a := 8; a < n-8; a += stretch {
			from := len(out)
			for i := a; i < min(a+stretch, n-8); i++ {
				x, y := i, 6
				if down {
					x, y = 6, i
				}
				out = append(out, probe{float64(x) + 0.5, float64(y) + 0.5, float64(i%2)*2 - 1})
			}
			if len(out)-from < 2 {
				out = out[:from]
				continue
			}
			add(from, 0.7)
		}
	}
	last := len(p.aligned) - 1
	for i, x := range p.aligned {
		for j, y := range p.aligned {
			if !(i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0) && (i == last && j == last || (i == last || j == last) && i+j > last) {
				square(x, y, 2, 1)
			}
		}
	}
	return out, free
}

// at returns the pixel of a place in modules.
func (g *grid) at(x, y float64) geometry.Point {
	p := g.m.At(x, y)
	if g.bends != nil {
		p = p.Plus(g.bend(x, y))
	}
	return p
}

// bend interpolates the shifts at the four alignment patterns around a place.
func (g *grid) bend(x, y float64) geometry.Point {
	a := g.plan.aligned
	i, fx := slot(a, x)
	j, fy := slot(a, y)
	n := len(a)
	top := geometry.Between(g.bends[j*n+i], g.bends[j*n+i+1], fx)
	low := geometry.Between(g.bends[(j+1)*n+i], g.bends[(j+1)*n+i+1], fx)
	return geometry.Between(top, low, fy)
}

// slot finds the interval of alignment coordinates that a place lies in, and
// where in it. Beyond the outer ones the shift stays as it is.
func slot(a []int, x float64) (i int, f float64) {
	for i = 0; i < len(a)-2 && x > float64(a[i+1])+0.5; i++ {
	}
	f = (x - float64(a[i]) - 0.5) / float64(a[i+1]-a[i])
	return i, min(max(f, 0), 1)
}

// score says how well the fixed patterns stand out, in levels of gray.
func (g *grid) score() float64 { return g.measure(g.probes, g.spread) }

// measure adds up probes, each taken at four places around its middle, or in the
// middle alone.
func (g *grid) measure(probes []probe, d float64) float64 {
	sum := 0.0
	for _, p := range probes {
		if d == 0 {
			a := g.m.At(p.x, p.y)
			sum += p.weight * g.img.At(a.X, a.Y)
			continue
		}
		a, b := g.m.At(p.x-d, p.y-d), g.m.At(p.x+d, p.y+d)
		c, e := g.m.At(p.x+d, p.y-d), g.m.At(p.x-d, p.y+d)
		sum += p.weight / 4 * (g.img.At(a.X, a.Y) + g.img.At(b.X, b.Y) + g.img.At(c.X, c.Y) + g.img.At(e.X, e.Y))
	}
	return sum
}

// contrasts returns the difference between light and dark in the finders, and in
// the patterns between them. Where there is a symbol they are about the same.
func (g *grid) contrasts() (finders, between float64) {
	of := func(probes []probe) float64 {
		perfect := 0.0
		for _, p := range probes {
			perfect += math.Max(p.weight, 0)
		}
		return g.measure(probes, g.spread) / perfect
	}
	return of(g.probes[:g.free]), of(g.probes[g.free:])
}

// clarity says how much of the contrast in the finders is between their rings, where it
// should be: about 1 under the right grid, and little anywhere else.
func (g *grid) clarity() float64 {
	finders := g.probes[:g.free]
	shades := make([]float64, len(finders))
	mean, between, perfect := 0.0, 0.0, 0.0
	for i, p := range finders {
		at := g.m.At(p.x, p.y)
		shades[i] = g.img.At(at.X, at.Y)
		mean += shades[i] / float64(len(finders))
		between += p.weight * shades[i]
		perfect += max(p.weight, 0)
	}
	var sum, n [2]float64 // of what is lighter than the mean, and what is darker
	for _, v := range shades {
		k := 0
		if v < mean {
			k = 1
		}
		sum[k] += v
		n[k]++
	}
	return between / perfect / max(sum[0]/max(n[0], 1)-sum[1]/max(n[1], 1), 1)
}

// unit is the pixels a module in the middle of the symbol.
func (g *grid) unit() float64 {
	c := float64(g.plan.size) / 2
	p := g.m.At(c, c)
	return math.Sqrt(math.Abs(g.m.At(c+1, c).Minus(p).Cross(g.m.At(c, c+1).Minus(p))))
}

// refine moves the anchors, the fourth one first and farthest, to where the
// patterns stand out best.
func (g *grid) refine() float64 {
	best := g.score()
	move := func(i int, step float64) bool {
		n := float64(g.plan.size)
		c := [4][2]float64{{3.5, 3.5}, {n - 3.5, 3.5}, {3.5, n - 3.5}, {n - 3.5, n - 3.5}}[i]
		p := g.m.At(c[0], c[1])
		right := g.m.At(c[0]+1, c[1]).Minus(p).Times(step)
		down := g.m.At(c[0], c[1]+1).Minus(p).Times(step)
		moved := false
		for _, d := range [4]geometry.Point{right, right.Times(-1), down, down.Times(-1)} {
			for range 8 {
				was, map0 := g.anchor[i], g.m
				g.anchor[i] = was.Plus(d)
				if g.fit() {
					if s := g.score(); s > best {
						best, moved = s, true
						continue
					}
				}
				g.anchor[i], g.m = was, map0
				break
			}
		}
		return moved
	}
	for _, step := range [3]float64{1, 0.5, 0.25} {
		for move(3, step) {
		}
	}
	for _, step := range [3]float64{0.3, 0.15, 0.07} {
		for range 3 {
			moved := false
			for i := range 4 {
				moved = move(i, step) || moved
			}
			if !moved {
				break
			}
		}
	}
	return best
}

// clear moves the fourth anchor, which in the smallest symbols no pattern holds,
// to where the modules are most clearly light or dark.
func (g *grid) clear() {
	n := g.plan.size
	middle := 0.0
	for _, p := range g.probes[:g.free] {
		q := g.m.At(p.x, p.y)
		middle += g.img.At(q.X, q.Y) / float64(g.free)
	}
	clearness := func() float64 {
		sum := 0.0
		for y := n / 3; y < n; y++ {
			for x := n / 3; x < n; x++ {
				for _, d := range [2]float64{0.3, 0.7} {
					p := g.m.At(float64(x)+d, float64(y)+d)
					q := g.m.At(float64(x)+d, float64(y)+1-d)
					sum += math.Abs(g.img.At(p.X, p.Y)+g.img.At(q.X, q.Y)-2*middle) / 2
				}
			}
		}
		return sum
	}
	best := clearness()
	right := g.anchor[1].Minus(g.anchor[0]).Times(1 / float64(n-7))
	down := g.anchor[2].Minus(g.anchor[0]).Times(1 / float64(n-7))
	from, map0 := g.anchor[3], g.m
	at := from
	for y := -2.5; y <= 2.5; y += 0.5 {
		for x := -2.5; x <= 2.5; x += 0.5 {
			g.anchor[3] = from.Plus(right.Times(x)).Plus(down.Times(y))
			if !g.fit() {
				continue
			}
			if c := clearness(); c > best {
				best, at, map0 = c, g.anchor[3], g.m
			}
		}
	}
	g.anchor[3], g.m = at, map0
}

// search tries places for the fourth anchor around the one that it has, and keeps
// the best: reach modules either way. Where there is an alignment pattern beside
// the corner it decides.
func (g *grid) search(reach float64) {
	p := g.anchor[3]
	right := g.anchor[1].Minus(g.anchor[0]).Times(1 / float64(g.plan.size-7))
	down := g.anchor[2].Minus(g.anchor[0]).Times(1 / float64(g.plan.size-7))
	best, at := math.Inf(-1), p
	step := 1.0
	for y := -reach; y <= reach; y += step {
		for x := -reach; x <= reach; x += step {
			g.anchor[3] = p.Plus(right.Times(x)).Plus(down.Times(y))
			if !g.fit() {
				continue
			}
			if s := g.measure(g.probes[g.free:], 0); s > best {
				best, at = s, g.anchor[3]
			}
		}
	}
	g.anchor[3] = at
	g.fit()
}

// straighten looks for each alignment pattern near where the map and the
// patterns found before put it, up to reach modules beside, and bends the grid to
// them.
func (g *grid) straighten(contrast, reach float64) {
	a := g.plan.aligned
	n := len(a)
	if n < 2 {
		return
	}
	bends := make([]geometry.Point, n*n)
	known := make([]bool, n*n)
	known[0], known[n-1], known[(n-1)*n] = true, true, true
	for j := range n {
		for i := range n {
			if known[j*n+i] {
				continue
			}
			// The neighbours before it tell where to look: two in a row go on
			// straight.
			var guess geometry.Point
			weight := 0.0
			for _, back := range [2]int{1, n} {
				at := j*n + i - back
				if back == 1 && i == 0 || back == n && j == 0 || !known[at] {
					continue
				}
				next := bends[at]
				if before := at - back; before >= 0 && known[before] && (back == n || i >= 2) {
					next = next.Times(2).Minus(bends[before])
				}
				guess = guess.Plus(next)
				weight++
			}
			if weight > 0 {
				guess = guess.Times(1 / weight)
			}
			bends[j*n+i] = guess
			if d, ok := g.pattern(float64(a[i])+0.5, float64(a[j])+0.5, guess, contrast, reach); ok {
				bends[j*n+i], known[j*n+i] = d, true
			}
		}
	}
	g.bends = bends
}

// pattern looks for an alignment pattern around a place, and returns the pixels
// that it lies beside the map.
func (g *grid) pattern(x, y float64, guess geometry.Point, contrast, reach float64) (shift geometry.Point, ok bool) {
	p := g.m.At(x, y)
	right, down := g.m.At(x+1, y).Minus(p), g.m.At(x, y+1).Minus(p)
	value := func(d geometry.Point) float64 {
		light, dark := 0.0, 0.0
		for v := -2; v <= 2; v++ {
			for u := -2; u <= 2; u++ {
				q := p.Plus(d).Plus(right.Times(float64(u))).Plus(down.Times(float64(v)))
				s := g.img.At(q.X, q.Y)
				if max(u, -u, v, -v) == 1 {
					light += s / 8
				} else {
					dark += s / 17
				}
			}
		}
		return light - dark
	}
	best := math.Inf(-1)
	for _, r := range [3][2]float64{{reach, 0.5}, {0.3, 0.15}, {0.12, 0.06}} {
		from := guess
		for v := -r[0]; v <= r[0]+1e-9; v += r[1] {
			for u := -r[0]; u <= r[0]+1e-9; u += r[1] {
				d := from.Plus(right.Times(u)).Plus(down.Times(v))
				if s := value(d) - contrast*0.02*(math.Abs(u)+math.Abs(v)); s > best {
					best, guess = s, d
				}
			}
		}
		best = value(guess)
	}
	return guess, best > 0.55*contrast
}
