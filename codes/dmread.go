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
func findDataMatrix(v view, e effort, stop func() bool) []found {
	widest := math.Inf(1)
	if e == fine {
		widest = 8
	}
	return v.surveyed(stop).flat(widest, stop)
}

// findBentDataMatrix looks for symbols on paper or metal that is bent, where an L
// can be seen.
func findBentDataMatrix(v view, _ effort, stop func() bool) []found {
	return v.surveyed(stop).bent(stop)
}

// What a guess must show before more is spent on it. Of symbols that are read, in
// photographs and down to the ends of the curves of docs/reading.md, few come near to any of these.
const (
	// A symbol is 8 modules wide at least, and narrow strokes a module: so many
	// where ink has spread. Letters are narrower.
	leastAcross = 6

	leastLegs  = 0.42 // of the L, before timing patterns are sought
	leastHope  = 1.15 // of L, timing patterns and the first lattice together
	leastMoved = 0.42 // agreement of the lattice moved by whole modules
	leastRough = 0.65 // agreement of the lattice moved by half modules
	clearRough = 0.9  // agreement with which it is a symbol's, most likely
	leastFine  = 0.72 // agreement of the lattice in its place
)

// flat reads the candidates with strokes of so many pixels at most as plane symbols. What they may be goes into one list,
// so that the best guess comes first, however many candidates are larger.
func (s *survey) flat(widest float64, stop func() bool) []found {
	var list []guess
	for i := range s.candidates {
		if stop() {
			return nil
		}
		if c := &s.candidates[i]; !c.bent && c.run <= widest {
			list = append(list, s.hopes(c)...)
		}
	}
	slices.SortStableFunc(list, func(a, b guess) int { return -cmp.Compare(a.score, b.score) })
	return s.read(list, 30, 8, stop)
}

// hopes returns what a candidate may be as a plane symbol, with how much speaks for
// it before the lattice is moved: the L, the timing patterns, and how well the
// lattice agrees where it lies.
func (s *survey) hopes(c *candidate) (list []guess) {
	p := s.pyramid(c.inverted)
	if c.across() < leastAcross*c.run {
		return nil
	}
	legs := c.legs(p)
	if legs < leastLegs {
		return nil
	}
	level := levelFor(c.run, len(p.levels))
	all := guesses(p.levels[level], scaledQuad(c.quad, level), c.run/float64(int(1)<<level))
	for _, t := range all[:min(len(all), 5)] {
		t.level, t.inverted = level, c.inverted
		t.lattice.prepare()
		t.score = legs + 0.4*t.score + agreement(t.soft(p), &t.lattice, thinned(t.size.signs(), 100))
		if t.score > leastHope {
			list = append(list, t)
		}
	}
	return list
}

// read moves the lattices of guesses, the likeliest first, to what is there, and
// reads the symbols under them. It gives up after so many that turn out to be
// nothing, and looks closely at so many of these at most.
func (s *survey) read(list []guess, tries, close int, stop func() bool) (out []found) {
	try := func(t *guess) {
		if f, ok := t.read(s.pyramid(t.inverted)); ok {
			out = append(out, f)
		}
	}
	var rough []guess
	for i := range list {
		t := &list[i]
		if tries == 0 || stop() {
			break
		}
		if t.known(out) || slices.ContainsFunc(list[:i], t.like) {
			continue
		}
		n := len(out)
		if t.score = t.roughly(s.pyramid(t.inverted)); t.score > clearRough {
			try(t)
		}
		if len(out) > n {
			continue
		}
		tries--
		if t.score > leastRough && t.score <= clearRough {
			rough = append(rough, *t)
		}
	}
	slices.SortStableFunc(rough, func(a, b guess) int { return -cmp.Compare(a.score+a.bonus, b.score+b.bonus) })
	for i := range rough {
		if close == 0 || stop() {
			break
		}
		if !rough[i].known(out) {
			close--
			try(&rough[i])
		}
	}
	return out
}

// known says whether a guess lies where something has been read.
func (t *guess) known(read []found) bool {
	q := t.outline()
	return slices.ContainsFunc(read, func(f found) bool { return overlap(f.corners, q) })
}

// like says whether another guess is the same size in the same place.
func (t *guess) like(k guess) bool {
	if t.size != k.size || t.level != k.level || t.inverted != k.inverted || t.lattice.roundX != k.lattice.roundX || t.lattice.roundY != k.lattice.roundY {
		return false
	}
	limit := t.lattice.width() / float64(t.size.cols) / 2
	for i, c := range t.lattice.corner {
		if distance(c, k.lattice.corner[i]) > limit {
			return false
		}
	}
	return true
}

// outline is where the corners of the symbol lie in the view.
func (t *guess) outline() [4][2]float64 {
	q := t.lattice.outline()
	for i, c := range q {
		q[i] = scaledPoint(c, 1/float64(int(1)<<t.level))
	}
	return q
}

// soft is the picture seen through a window of the size of a module. A sharp module
// is as dark at its edge as in its middle; through the window it is darkest in the
// middle, which draws the lattice there.
func (t *guess) soft(p *pyramid) *gray.Image {
	module := t.lattice.width() / float64(t.size.cols)
	return p.soft(t.level, min(int((module-1)/2+0.1), 3))
}

// roughly moves the lattice by whole and by half modules on some of the signs, and
// returns how well it agrees then.
func (t *guess) roughly(p *pyramid) (score float64) {
	signs := thinned(t.size.signs(), 100)
	for _, step := range [2]float64{0.8, 0.4} {
		score = refine(t.soft(p), &t.lattice, signs, t.size.rows, t.size.cols, []float64{step}, false)
		if score < leastMoved {
			break
		}
	}
	return score
}

// read moves the lattice into its place and reads what lies under it.
func (t *guess) read(p *pyramid) (found, bool) {
	steps := []float64{0.4, 0.2, 0.1}
	if t.lattice.roundX != 0 || t.lattice.roundY != 0 { // with so many ways to move, first on fewer signs
		if refine(t.soft(p), &t.lattice, thinned(t.size.signs(), 160), t.size.rows, t.size.cols, steps[:2], true) < leastFine {
			return found{}, false
		}
		steps = steps[1:]
	}
	if refine(t.soft(p), &t.lattice, t.size.signs(), t.size.rows, t.size.cols, steps, true) < leastFine {
		return found{}, false
	}
	f, ok := t.size.read(p.levels[t.level], &t.lattice)
	if !ok {
		return found{}, false
	}
	for i, c := range f.corners {
		f.corners[i] = scaledPoint(c, 1/float64(int(1)<<t.level))
	}
	f.inverted = t.inverted
	return f, true
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
