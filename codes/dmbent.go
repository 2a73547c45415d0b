package codes

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A shape is how what carries a symbol may be bent before anything is measured:
// around a cylinder, in the direction of the sides 0 and 2 of a quadrilateral or of
// 1 and 3.
type shape struct {
	angle  float64    // half of what the symbol takes up of the cylinder, radians; 0 is flat
	lean   float64    // how far its middle is pushed to one side, as it does where the symbol lies to one side of the cylinder
	across int        // 0 or 1: which sides run around
	out    [2]float64 // pixels that the middle of both sides lies beside their chords, to one side
	near   float64    // how much nearer the middle is, 0 where the outline does not tell
}

// lattice lays a lattice over a quadrilateral: its L stands at the corner numbered
// turn, whose leg goes to the corner after it and its foot to the one before,
// or the other way round in a mirrored one.
func (s shape) lattice(q [4][2]float64, turn int, mirrored bool) lattice {
	tl, tr, br, bl := q[(turn+1)%4], q[(turn+2)%4], q[(turn+3)%4], q[turn]
	alongX := (turn+1)%2 == s.across
	if mirrored {
		tl, br = br, tl
		alongX = !alongX
	}
	l := lattice{corner: [4][2]float64{tl, tr, br, bl}}
	if s.angle == 0 {
		return l
	}
	b := bulge{near: s.near}
	if s.near == 0 { // the camera is taken to stand at six times the width of the symbol
		b.near = (1 - math.Cos(s.angle)) / (12 * s.angle)
	}
	ax, ay := minus(tr, tl), minus(bl, tl)
	if d := ax[0]*ay[1] - ax[1]*ay[0]; d != 0 {
		b.x = (s.out[0]*ay[1] - s.out[1]*ay[0]) / d
		b.y = (ax[0]*s.out[1] - ax[1]*s.out[0]) / d
	}
	if alongX {
		b.x += s.lean
		l.roundX, l.bulgeX = s.angle, b
	} else {
		b.y += s.lean
		l.roundY, l.bulgeY = s.angle, b
	}
	return l
}

func minus(a, b [2]float64) [2]float64 { return [2]float64{a[0] - b[0], a[1] - b[1]} }

// bulges returns how far a hull stands out beyond the middle of each side of a
// quadrilateral.
func bulges(hull [][2]float64, q [4][2]float64) (out [4]float64) {
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		side := minus(b, a)
		length := math.Hypot(side[0], side[1])
		if length < 1 {
			continue
		}
		for k, p := range hull {
			// A hull has few corners: what lies between two of them counts too.
			n := hull[(k+1)%len(hull)]
			for _, f := range [4]float64{0, 0.25, 0.5, 0.75} {
				d := minus([2]float64{p[0] + f*(n[0]-p[0]), p[1] + f*(n[1]-p[1])}, a)
				along := (d[0]*side[0] + d[1]*side[1]) / length / length
				if along > 0.3 && along < 0.7 {
					out[i] = max(out[i], (d[0]*side[1]-d[1]*side[0])/length)
				}
			}
		}
	}
	return out
}

// outward returns how the sides across and across+2 may bulge: both to one side, as
// a way in the picture, and away from the middle, in parts of their distance. Where
// the outline is hollow the hull does not tell; then the bulge of the other side is
// one or the other.
func (c *candidate) outward(across int) (shapes []shape) {
	q := c.quad
	side := minus(q[across+1], q[across])
	length := max(math.Hypot(side[0], side[1]), 1)
	apart := max((distance(q[across+1], q[across+2])+distance(q[(across+3)%4], q[across]))/2, 1)
	add := func(by, near float64) {
		shapes = append(shapes, shape{across: across, out: [2]float64{by * side[1] / length, -by * side[0] / length}, near: min(near, 0.2)})
	}
	one, two := c.bulge[across], c.bulge[across+2]
	if min(one, two) > 1.5 {
		add((one-two)/2, (one+two)/apart)
		return shapes
	}
	add(one-two, 0)
	if max(one, two) > 2 {
		add(0, 2*max(one, two)/apart)
	}
	return shapes
}

// legs is how clearly two sides of a candidate that meet are dark within and light
// without all along, as an L is, 0 to 1.
func (c *candidate) legs(p *pyramid) float64 {
	level := levelFor(c.run, len(p.levels))
	g := p.levels[level]
	scale := float64(int(1) << level)
	var side [4]float64
	for i := range 4 {
		a, b := c.quad[i], c.quad[(i+1)%4]
		along := scaledPoint(minus(b, a), max(distance(a, b), 1))
		for _, by := range [3]float64{0, c.bulge[i], -c.bulge[(i+2)%4]} {
			out := [2]float64{by * along[1], -by * along[0]}
			side[i] = max(side[i], edging(g, scaledPoint(a, scale), scaledPoint(b, scale), scaledPoint(out, scale), c.run/scale))
		}
	}
	best := 0.0
	for i := range side {
		if legs := min(side[i], side[(i+3)%4]); legs > best {
			best = legs
			c.corner = i
			c.frame = min(legs, max(side[(i+1)%4], side[(i+2)%4]))
		}
	}
	return best
}

func scaledPoint(p [2]float64, by float64) [2]float64 { return [2]float64{p[0] / by, p[1] / by} }

// paper is about how light the light is in a levelled picture: what a picture that was
// cut close to a symbol does not show is taken to be so.
const paper = 200

// edging is how much darker a line from a to b is than one beside it, to the left
// of it, both bulging by out in the middle: their correlation, 1 when one is evenly dark and the
// other evenly light.
func edging(g *gray.Image, a, b, out [2]float64, run float64) float64 {
	side := minus(b, a)
	length := max(math.Hypot(side[0], side[1]), 1)
	in := [2]float64{-side[1] / length, side[0] / length} // of a clockwise outline
	const n = 32
	best := 0.0
	for _, depth := range [3]float64{0.4, 0.8, 1.2} {
		var sum, squares [2]float64
		for i := range n {
			t := (float64(i) + 0.5) / n
			s := 4 * t * (1 - t)
			x, y := a[0]+side[0]*t+out[0]*s, a[1]+side[1]*t+out[1]*s
			for k, d := range [2]float64{-max(0.8*run, 1.5), depth * run} {
				v := float64(paper)
				if px, py := x+in[0]*d, y+in[1]*d; g.Inside(px, py) {
					v = g.At(px, py)
				}
				sum[k] += v
				squares[k] += v * v
			}
		}
		light, dark := sum[0]/n, sum[1]/n
		variance := (squares[0]+squares[1])/(2*n) - (light+dark)*(light+dark)/4
		best = max(best, (light-dark)/2/math.Sqrt(variance+4))
	}
	return best
}

// stroke measures the width of the narrow strokes of a candidate anew, in pixels
// of the whole picture: the size at which a candidate was seen makes it coarse.
func (c *candidate) stroke(g *gray.Image) float64 {
	var runs []float64
	q := c.quad
	for i := range 24 {
		a, b, d, e := q[0], q[3], q[1], q[2]
		if i%2 == 1 {
			a, b, d, e = q[0], q[1], q[3], q[2]
		}
		t := (float64(i/2) + 0.5) / 12
		from := [2]float64{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
		side := minus([2]float64{d[0] + t*(e[0]-d[0]), d[1] + t*(e[1]-d[1])}, from)
		n := int(2 * math.Hypot(side[0], side[1]))
		if n < 16 {
			continue
		}
		v := make([]float64, n)
		mean := 0.0
		for k := range v {
			f := (float64(k) + 0.5) / float64(n)
			v[k] = g.At(from[0]+f*side[0], from[1]+f*side[1])
			mean += v[k] / float64(n)
		}
		last := -1
		for k := 1; k < n; k++ {
			if (v[k] < mean) != (v[k-1] < mean) {
				if last >= 0 {
					runs = append(runs, float64(k-last)/2)
				}
				last = k
			}
		}
	}
	if len(runs) < 12 {
		return c.run
	}
	slices.Sort(runs)
	return runs[len(runs)/3]
}

// bent reads candidates as symbols around something round: those few that show an
// L most clearly.
func (s *survey) bent(stop func() bool) (out []found) {
	most := 5
	for i := range s.candidates {
		c := &s.candidates[i]
		p := s.pyramid(c.inverted)
		if most == 0 || stop() {
			break
		}
		if c.legs(p) < clearLegs {
			continue
		}
		most--
		if !slices.ContainsFunc(out, func(f found) bool { return overlap(f.corners, c.quad) }) {
			out = append(out, s.read(c.bentHopes(p, stop), 24, 5, stop)...)
		}
	}
	return out
}

// What a candidate must show before it is bent in all ways.
const (
	clearLegs   = 0.5 // of the L
	clearTiming = 2.5 // of the timing pattern that does not run around, see votesOf.clearest
)

// bentHopes returns what a candidate may be, bent in several ways, the likeliest
// first.
func (c *candidate) bentHopes(p *pyramid, stop func() bool) []guess {
	run := c.stroke(p.levels[0])
	level := levelFor(run/1.5, len(p.levels)) // to the sides modules are narrow
	scale := float64(int(1) << level)
	// The corner opposite to the L is light: the outline may have cut it off.
	quads := [][4][2]float64{c.quad}
	whole := c.quad
	o := (c.corner + 2) % 4
	for k := range 2 {
		whole[o][k] = c.quad[(o+1)%4][k] + c.quad[(o+3)%4][k] - c.quad[c.corner][k]
	}
	if !nearQuads(whole, c.quad) {
		quads = append(quads, whole)
	}
	var list []guess
	for k := range 2 * len(quads) {
		q := scaledQuad(quads[k/2], level)
		for _, s := range c.outward(k % 2) {
			s.out = scaledPoint(s.out, scale)
			var known *votesOf
			for _, bend := range [][2]float64{
				{0.3}, {0.4, 0.08}, {0.4, -0.08}, {0.7, 0.15}, {0.7, -0.15}, {0.6}, {0.8}, {0.95}, {1.1}, {1.22}, {1.34},
			} {
				if stop() {
					return nil
				}
				s.angle, s.lean = bend[0], bend[1]
				var of []guess
				of, known = bentGuesses(p.levels[level], q, c.corner, run/scale, s, known)
				list = append(list, of[:min(len(of), 3)]...)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b guess) int { return -cmp.Compare(a.score, b.score) })
	list = list[:min(len(list), 12)]
	// Near the sides of a cylinder a pattern hardly tells its length: what is next in
	// size is tried as well.
	for _, t := range list[:min(len(list), 6)] {
		for i, z := range dmSizes {
			if z != t.size {
				continue
			}
			for _, k := range [2]int{i - 1, i + 1} {
				if k < 0 || k >= len(dmSizes) || (dmSizes[k].rows == dmSizes[k].cols) != (z.rows == z.cols) {
					continue
				}
				next := t
				next.size = dmSizes[k]
				next.score--
				list = append(list, next)
			}
		}
	}
	for i := range list {
		// So much may be chance: less in a large symbol, and where timing patterns
		// were clear.
		list[i].level, list[i].inverted = level, c.inverted
		list[i].bonus = 0.03*list[i].score - 1.5/math.Sqrt(float64(len(list[i].size.signs())))
	}
	return list
}

// bentGuesses returns bent lattices over a quadrilateral whose L stands at a corner,
// the best first. Where the far sides are is less certain than in a plane: the
// timing patterns are sought up to three modules beside them. The side that does not
// run around looks the same however much is bent: its votes are handed on.
func bentGuesses(g *gray.Image, q [4][2]float64, corner int, run float64, s shape, known *votesOf) ([]guess, *votesOf) {
	var out []guess
	l := s.lattice(q, corner, false)
	if !l.prepare() {
		return nil, known
	}
	width, height := l.width(), l.height()
	var wide, high votesOf
	if known == nil {
		v := bentVotes(g, &l, run, l.roundX != 0)
		known = &v
	}
	if known.clearest() < clearTiming {
		return nil, known
	}
	if l.roundX != 0 {
		wide, high = bentVotes(g, &l, run, false), *known
	} else {
		wide, high = *known, bentVotes(g, &l, run, true)
	}
	for _, mirrored := range [2]bool{false, true} {
		l, width, height, wide, high := l, width, height, wide, high
		if mirrored {
			l = s.lattice(q, corner, true)
			if !l.prepare() {
				continue
			}
			width, height, wide, high = height, width, high, wide
		}
		for _, z := range dmSizes {
			if mirrored && z.rows == z.cols {
				continue // the same lattice: what is read tells
			}
			a, ok := wide[z.cols]
			b, also := high[z.rows]
			mx, my := width/float64(z.cols), height/float64(z.rows)
			if !ok || !also || mx > 2.5*my || my > 2.5*mx {
				continue
			}
			// The longer a pattern, the less likely it is by chance.
			score := a.strength*math.Sqrt(float64(z.cols)) + b.strength*math.Sqrt(float64(z.rows))
			score -= 4 * max(math.Abs(math.Log(min(mx, my)/run/1.1))-0.4, 0)
			if score > 5 {
				out = append(out, guess{size: z, lattice: l.shrunk(a.depth/height, b.depth/width), score: score})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b guess) int { return -cmp.Compare(a.score, b.score) })
	return out, known
}

// A vote is how clear a timing pattern is, and how many pixels in from the side its
// outer edge lies.
type vote struct{ strength, depth float64 }

// votesOf holds a vote for each number of modules.
type votesOf map[int]vote

// clearest is how clear the clearest pattern is, against chance: print, grain and the like seldom
// come to more than 2.5, and symbols that are read seldom to less than 3.
func (v votesOf) clearest() (best float64) {
	for n, t := range v {
		best = max(best, t.strength*math.Sqrt(float64(n)))
	}
	return best
}

// bentVotes is what votes is for a bent lattice, without what chance gives.
func bentVotes(g *gray.Image, l *lattice, run float64, upright bool) votesOf {
	long, short := l.width(), l.height()
	if upright {
		long, short = short, long
	}
	out := votesOf{}
	var profile []float64
	for d := -2.5; d <= 3.5; d += 0.5 {
		profile = l.along(g, profile[:0], d*run/short, upright, int(1.3*long)+1)
		for n := 8; n <= 144; n += 2 {
			module := long / float64(n)
			if module > 2.2*run {
				continue
			}
			if module < 0.9 || module < 0.6*run {
				break
			}
			if v := alternation(profile, n); v > out[n].strength {
				out[n] = vote{v, d*run - module/2}
			}
		}
	}
	return out
}

// shrunk is the lattice with its far sides, those of the timing patterns, moved in
// by parts of its height and width.
func (l *lattice) shrunk(down, left float64) lattice {
	plane := lattice{m: l.m}
	t := *l
	for i, c := range [4][2]float64{{0, down}, {1 - left, down}, {1 - left, 1}, {0, 1}} {
		t.corner[i][0], t.corner[i][1] = plane.at(c[0], c[1])
	}
	return t
}
