package codes

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/parse"
)

// findDataMatrix looks for Data Matrix symbols in a view with a detector of our
// own, which keeps to the gray picture to the end.
func findDataMatrix(v view, _ effort, stop func() bool) []found {
	return matrices(v, 30, false, stop)
}

// findBentDataMatrix looks for symbols on paper or metal that is bent, where an L
// can be seen.
func findBentDataMatrix(v view, _ effort, stop func() bool) []found {
	return matrices(v, 5, true, stop)
}

// A candidate is a quadrilateral of a view that may be a symbol.
type candidate struct {
	quad     [4][2]float64
	run      float64 // width of its narrow strokes, pixels
	inverted bool
	scale    float64 // pixels of the view that one of the level is in which it was seen
	rank     float64
	bent     bool       // laid between two straight sides of something bent
	bulge    [4]float64 // how far the outline stands out beyond each side, pixels
	corner   int        // where its L seems to stand, set by legs
	frame    float64    // how clearly another side is dark too, as of a frame
}

// A pyramid is a picture at full, half, quarter size and so on, and what has been
// computed of it.
type pyramid struct {
	levels   []*gray.Image
	softened map[[2]int]*gray.Image
}

func newPyramid(g *gray.Image) *pyramid {
	p := &pyramid{levels: []*gray.Image{g}, softened: map[[2]int]*gray.Image{}}
	for min(g.W, g.H) >= 32 && len(p.levels) < 6 {
		g = g.Half()
		p.levels = append(p.levels, g)
	}
	return p
}

func (p *pyramid) negative() *pyramid {
	n := &pyramid{softened: map[[2]int]*gray.Image{}}
	for _, g := range p.levels {
		n.levels = append(n.levels, g.Invert())
	}
	return n
}

// soft is a level seen through a window of 2r+1 pixels.
func (p *pyramid) soft(level, r int) *gray.Image {
	key := [2]int{level, r}
	if p.softened[key] == nil {
		p.softened[key] = p.levels[level].Box(r)
	}
	return p.softened[key]
}

// A survey is what the reader of Data Matrix finds out about a view before it
// reads anything. It is kept, so that a second try begins where the first ended.
type survey struct {
	dark, light *pyramid // the view, levelled, and its negative
	candidates  []candidate
}

// matrices tries the likeliest candidates of a view, so many at most, in the given
// shapes.
func matrices(v view, most int, bent bool, stop func() bool) (out []found) {
	s := v.survey
	if s == nil {
		s = &survey{}
	}
	if s.dark == nil {
		s.look(v, stop)
	}
	for _, c := range s.candidates {
		if stop() || most == 0 {
			break
		}
		if c.bent && !bent {
			continue
		}
		p := s.dark
		if c.inverted {
			if s.light == nil {
				s.light = s.dark.negative()
			}
			p = s.light
		}
		if bent && c.legs(p) < 0.5 {
			continue
		}
		most--
		if slices.ContainsFunc(out, func(f found) bool { return overlap(f.corners, c.quad) }) {
			continue
		}
		read := c.readFlat
		if bent {
			read = c.readBent
		}
		if f, ok := read(p, stop); ok {
			f.inverted = c.inverted
			out = append(out, f)
		}
	}
	return out
}

// look collects the candidates of a view, the likeliest first.
func (s *survey) look(v view, stop func() bool) {
	base := v.levelled()
	s.dark = newPyramid(base.Image)
	for k, g := range s.dark.levels {
		if min(g.W, g.H) < 10 || stop() {
			break
		}
		scale := float64(int(1) << k)
		for _, inverted := range [2]bool{false, true} {
			mask := darker(g, inverted)
			for reach := range 2 {
				list := blobs(g, mask, reach)
				for _, b := range list[:min(len(list), 12)] {
					q, ok := quad(b.hull)
					if !ok {
						continue
					}
					fill := quadArea(q) / polygonArea(b.hull)
					if fill < 0.7 || quadArea(q) < 40 {
						continue
					}
					hulled := q
					q = squared(b.hull, q)
					bulge := bulges(b.hull, q)
					c := candidate{bulge: bulge, run: b.run * scale, inverted: inverted, scale: scale, rank: fill * math.Sqrt(quadArea(q)*scale*scale)}
					for i := range q {
						c.quad[i] = [2]float64{q[i][0] * scale, q[i][1] * scale}
						c.bulge[i] *= scale
					}
					if inverted {
						c.rank /= 2
					}
					if atEdge(base.Image, c.quad) >= 2 {
						c.rank /= 5 // likely the ground
					}
					// Where something is bent its sides do not meet in its corners.
					also := [][4][2]float64{hulled}
					if b, ok := barrel(b.hull); ok && quadArea(b) > 0.6*quadArea(q) {
						also = append(also, b)
					}
					for _, q := range also {
						if scale > 2 { // what is bent has to be seen exactly
							break
						}
						d := c
						d.bent = true
						d.bulge = bulges(b.hull, q)
						for i := range q {
							d.bulge[i] *= scale
							d.quad[i] = [2]float64{q[i][0] * scale, q[i][1] * scale}
						}
						d.rank *= 1.1
						if !slices.ContainsFunc(s.candidates, func(k candidate) bool {
							return k.inverted == inverted && nearQuads(k.quad, d.quad)
						}) {
							s.candidates = append(s.candidates, d)
						}
					}
					if !slices.ContainsFunc(s.candidates, func(k candidate) bool {
						return k.inverted == inverted && !k.bent && nearQuads(k.quad, c.quad)
					}) {
						s.candidates = append(s.candidates, c)
					}
				}
			}
		}
	}
	slices.SortStableFunc(s.candidates, func(a, b candidate) int { return -cmp.Compare(a.rank, b.rank) })
}

// atEdge counts the corners of a quadrilateral that lie at the edge of a picture.
func atEdge(g *gray.Image, q [4][2]float64) int {
	n := 0
	for _, c := range q {
		if c[0] < 2 || c[1] < 2 || c[0] > float64(g.W-2) || c[1] > float64(g.H-2) {
			n++
		}
	}
	return n
}

func quadArea(q [4][2]float64) float64 { return polygonArea(q[:]) }

// nearQuads says whether the corners of two quadrilaterals lie within a part of
// their size.
func nearQuads(a, b [4][2]float64) bool {
	limit := 0.04 * math.Sqrt(quadArea(a))
	for turn := range 4 {
		near := true
		for i := range a {
			near = near && distance(a[i], b[(i+turn)%4]) < limit
		}
		if near {
			return true
		}
	}
	return false
}

// readFlat fits plane lattices to a candidate and reads the best of them.
func (c *candidate) readFlat(p *pyramid, stop func() bool) (found, bool) {
	level := levelFor(c.run, len(p.levels))
	list := guesses(p.levels[level], scaledQuad(c.quad, level), c.run/float64(int(1)<<level))
	return p.read(list[:min(len(list), 5)], level, 2, stop)
}

// read fits lattices over a level of a picture to what is there, and reads the
// best of them, so many at most.
func (p *pyramid) read(list []guess, level, most int, stop func() bool) (found, bool) {
	// A sharp module is as dark at its edge as in its middle. Seen through a
	// window of its size it is darkest in the middle, which draws the lattice there.
	soft := func(t *guess) *gray.Image {
		return p.soft(level, int((t.lattice.width()/float64(t.size.cols)-1)/2+0.1))
	}
	for i := range list {
		t := &list[i]
		t.score = refine(soft(t), &t.lattice, thinned(t.size.signs(), 100), t.size.rows, t.size.cols, []float64{0.8, 0.4}, false)
		if stop() {
			return found{}, false
		}
	}
	slices.SortStableFunc(list, func(a, b guess) int { return -cmp.Compare(a.score+a.bonus, b.score+b.bonus) })
	for _, t := range list[:min(len(list), most)] {
		if t.score < 0.42 || stop() {
			break
		}
		steps := []float64{0.4, 0.2, 0.1}
		if t.lattice.roundX != 0 || t.lattice.roundY != 0 { // with so many ways to move, first on fewer signs
			if refine(soft(&t), &t.lattice, thinned(t.size.signs(), 160), t.size.rows, t.size.cols, steps[:2], true) < 0.65 {
				continue
			}
			steps = steps[1:]
		}
		score := refine(soft(&t), &t.lattice, t.size.signs(), t.size.rows, t.size.cols, steps, true)
		if score < 0.65 {
			continue
		}
		if f, ok := t.size.read(p.levels[level], &t.lattice); ok {
			scale := float64(int(1) << level)
			for i := range f.corners {
				f.corners[i][0] *= scale
				f.corners[i][1] *= scale
			}
			return f, true
		}
	}
	return found{}, false
}

// thinned is about so many of the signs, evenly chosen.
func thinned(s []sign, n int) []sign {
	if len(s) <= n {
		return s
	}
	out := make([]sign, 0, n)
	for i := range n {
		out = append(out, s[i*len(s)/n])
	}
	return out
}

// levelFor picks the picture in which a module of so many pixels is 3 to 6.
func levelFor(module float64, levels int) int {
	k := 0
	for module >= 6 && k+1 < levels {
		module /= 2
		k++
	}
	return k
}

func scaledQuad(q [4][2]float64, level int) [4][2]float64 {
	scale := float64(int(1) << level)
	for i := range q {
		q[i][0] /= scale
		q[i][1] /= scale
	}
	return q
}

// read samples the modules under a lattice and decodes them, with several
// thresholds and with blur taken back in several degrees.
func (z *dmSize) read(g *gray.Image, l *lattice) (found, bool) {
	values := sampleModules(g, l, z.rows, z.cols)
	for _, k := range []float64{0, 0.6, 1.2, 2} {
		sharp := unblurred(values, z.rows, z.cols, k)
		low, high := z.levels(sharp)
		for _, share := range []float64{0.5, 0.4, 0.6} {
			threshold := low + share*(high-low)
			for _, mirrored := range [2]bool{false, true} {
				if mirrored && z.rows != z.cols {
					continue
				}
				f, ok := z.decode(sharp, threshold, mirrored)
				if !ok {
					continue
				}
				f.corners = l.outline()
				if mirrored {
					f.corners[0], f.corners[2] = f.corners[2], f.corners[0]
				}
				f.mirrored = mirrored != l.turnedOver()
				return f, true
			}
		}
	}
	return found{}, false
}

// outline is where the corners of the symbol lie.
func (l *lattice) outline() (q [4][2]float64) {
	for i, c := range [4][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
		q[i][0], q[i][1] = l.at(c[0], c[1])
	}
	return q
}

// turnedOver says whether the corners run the other way round.
func (l *lattice) turnedOver() bool {
	a, b, d := l.corner[0], l.corner[1], l.corner[3]
	return (b[0]-a[0])*(d[1]-a[1])-(b[1]-a[1])*(d[0]-a[0]) < 0
}

// sampleModules returns the brightness of each module and of a ring of one around
// the symbol, row by row: the mean over the middle of the module.
func sampleModules(g *gray.Image, l *lattice, rows, cols int) []float64 {
	out := make([]float64, 0, (rows+2)*(cols+2))
	for y := -1; y <= rows; y++ {
		for x := -1; x <= cols; x++ {
			sum := 0.0
			for j := range 3 {
				for i := range 3 {
					px, py := l.at((float64(x)+0.5+0.25*float64(i-1))/float64(cols), (float64(y)+0.5+0.25*float64(j-1))/float64(rows))
					sum += g.At(px, py)
				}
			}
			out = append(out, sum/9)
		}
	}
	return out
}

// unblurred takes from each module k parts of what its neighbours differ from it.
// The ring around stays as it is.
func unblurred(values []float64, rows, cols int, k float64) []float64 {
	if k == 0 {
		return values
	}
	out := slices.Clone(values)
	w := cols + 2
	for y := 1; y <= rows; y++ {
		for x := 1; x <= cols; x++ {
			i := y*w + x
			mean := (values[i-1] + values[i+1] + values[i-w] + values[i+w]) / 4
			out[i] += k * (values[i] - mean)
		}
	}
	return out
}

// levels returns the brightness of the dark and the light modules of finder and
// timing patterns.
func (z *dmSize) levels(values []float64) (low, high float64) {
	var sum [2]float64
	var n [2]int
	for _, s := range z.signs() {
		x, y := int(math.Floor(s.u*float64(z.cols))), int(math.Floor(s.v*float64(z.rows)))
		if x < 0 || y < 0 || x >= z.cols || y >= z.rows {
			continue
		}
		k := 0
		if !s.dark {
			k = 1
		}
		sum[k] += values[(y+1)*(z.cols+2)+x+1]
		n[k]++
	}
	return sum[0] / float64(n[0]), sum[1] / float64(n[1])
}

// decode reads modules against a threshold: first the finder must be there, then
// Reed-Solomon, with the least certain words as erasures if need be, must leave
// check words to spare, and then the words must be a legal message.
func (z *dmSize) decode(values []float64, threshold float64, mirrored bool) (found, bool) {
	value := func(x, y int) float64 {
		if mirrored { // about the diagonal through the corner of the L
			x, y = z.cols-1-y, z.rows-1-x
		}
		return values[(y+1)*(z.cols+2)+x+1]
	}
	finder, wrong := 0, 0
	h, w := z.regionHeight+2, z.regionWide+2
	words := make([]byte, z.dataWords+z.checkWords)
	margin := make([]float64, len(words))
	for i := range margin {
		margin[i] = math.Inf(1)
	}
	for y := range z.rows {
		for x := range z.cols {
			v := value(x, y)
			dark := v < threshold
			ry, rx := y%h, x%w
			if ry == 0 || ry == h-1 || rx == 0 || rx == w-1 {
				finder++
				want := rx == 0 || ry == h-1 || ry == 0 && x%2 == 0 || ry != 0 && rx == w-1 && y%2 == 1
				if dark != want {
					wrong++
				}
				continue
			}
			at := z.place[(y/h*z.regionHeight+ry-1)*z.dataCols+x/w*z.regionWide+rx-1]
			if at < 0 {
				continue
			}
			if dark {
				words[at>>3] |= 1 << (at & 7)
			}
			margin[at>>3] = min(margin[at>>3], math.Abs(v-threshold))
		}
	}
	allowed := finder / 5
	if z.rows <= 12 {
		allowed = finder / 12
	}
	if wrong > allowed {
		return found{}, false
	}
	f := found{rows: z.rows, cols: z.cols}
	check := z.checkWords / z.blocks
	f.correctable = check / 2 * z.blocks
	for b := range z.blocks {
		block, places := z.block(words, b)
		order := make([]int, len(block))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(margin[places[a]], margin[places[b]]) })
		done := false
		for erase := 0; !done && erase <= check*2/3; erase += max(check/8, 2) {
			trial := slices.Clone(block)
			errors, ok := dmField.correct(trial, 1, check, order[:erase])
			// Erasures use up what guards against chance: leave some of it.
			if !ok || erase > 0 && erase+2*errors > check-3 {
				continue
			}
			f.corrected += errors + (erase+1)/2
			for i, p := range places {
				words[p] = trial[i]
			}
			done = true
		}
		if !done {
			return found{}, false
		}
	}
	m, err := parse.DataMatrix(words[:z.dataWords])
	if err != nil {
		return found{}, false
	}
	f.message = m
	return f, true
}

// block returns the words of an interleaved block and where they stand.
func (z *dmSize) block(words []byte, b int) (block []byte, places []int) {
	for i := b; i < len(words); i += z.blocks {
		block = append(block, words[i])
		places = append(places, i)
	}
	return block, places
}
