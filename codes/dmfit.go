package codes

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A sign is a place in the unit square of a symbol whose brightness is known
// before anything is read: a module of the L, of a timing pattern or of the quiet
// zone.
type sign struct {
	u, v float64
	dark bool
}

// signsOf holds the known places of every size of Data Matrix.
var signsOf = sync.OnceValue(func() map[*dmSize][]sign {
	m := map[*dmSize][]sign{}
	for _, z := range dmSizes {
		m[z] = z.allSigns()
	}
	return m
})

// signs returns the known places of a size of Data Matrix.
func (z *dmSize) signs() []sign { return signsOf()[z] }

func (z *dmSize) allSigns() []sign {
	z.prepare()
	var out []sign
	h, w := z.regionHeight+2, z.regionWide+2
	add := func(x, y int, dark bool) {
		out = append(out, sign{(float64(x) + 0.5) / float64(z.cols), (float64(y) + 0.5) / float64(z.rows), dark})
	}
	for y := range z.rows {
		for x := range z.cols {
			switch ry, rx := y%h, x%w; {
			case rx == 0 || ry == h-1:
				add(x, y, true)
			case ry == 0:
				add(x, y, x%2 == 0)
			case rx == w-1:
				add(x, y, y%2 == 1)
			}
		}
	}
	for x := -1; x <= z.cols; x++ {
		add(x, -1, false)
		add(x, z.rows, false)
	}
	for y := range z.rows {
		add(-1, y, false)
		add(z.cols, y, false)
	}
	return out
}

// agreement is how well the picture under a lattice shows the signs: their
// correlation, 1 when all the dark ones are equally dark and all the light ones
// equally light, 0 when there is no relation.
func agreement(g *gray.Image, l *lattice, signs []sign) float64 {
	var sum, squares [2]float64
	var n [2]int
	for _, s := range signs {
		x, y := l.at(s.u, s.v)
		if !g.Inside(x, y) {
			continue // a quiet zone that was cut off
		}
		b := g.At(x, y)
		k := 0
		if s.dark {
			k = 1
		}
		sum[k] += b
		squares[k] += b * b
		n[k]++
	}
	if n[0] < 5 || n[1] < 5 || 3*(n[0]+n[1]) < len(signs) {
		return 0
	}
	light, dark := sum[0]/float64(n[0]), sum[1]/float64(n[1])
	// The kinds weigh the same, however many there are of each.
	variance := (squares[0]/float64(n[0])+squares[1]/float64(n[1]))/2 - (light+dark)*(light+dark)/4
	return (light - dark) / 2 / math.Sqrt(variance+4)
}

// refine moves a lattice to where the picture agrees best with the signs, by
// moves of its corners, sides and whole, the steps from coarse to fine in modules.
func refine(g *gray.Image, l *lattice, signs []sign, rows, cols int, steps []float64, bend bool) float64 {
	if !l.prepare() {
		return 0
	}
	best := agreement(g, l, signs)
	groups := [][]int{{0, 1, 2, 3}, {0, 1}, {1, 2}, {2, 3}, {3, 0}, {0}, {1}, {2}, {3}}
	try := func(t lattice) bool {
		if !t.prepare() {
			return false
		}
		if a := agreement(g, &t, signs); a > best+1e-6 {
			best, *l = a, t
			return true
		}
		return false
	}
	rounds := 4
	if bend {
		rounds = 8
	}
	for _, step := range steps {
		for range rounds {
			moved := false
			before := *l
			ax := [2]float64{(l.corner[1][0] - l.corner[0][0]) / float64(cols), (l.corner[1][1] - l.corner[0][1]) / float64(cols)}
			ay := [2]float64{(l.corner[3][0] - l.corner[0][0]) / float64(rows), (l.corner[3][1] - l.corner[0][1]) / float64(rows)}
			for _, group := range groups {
				for _, axis := range [2][2]float64{ax, ay} {
					for _, sense := range [2]float64{step, -step} {
						t := *l
						for _, c := range group {
							t.corner[c][0] += axis[0] * sense
							t.corner[c][1] += axis[1] * sense
						}
						if try(t) {
							moved = true
							break
						}
					}
				}
			}
			if bend {
				for _, sense := range [2]float64{step, -step} {
					for k := range l.bends() {
						t := *l
						t.bend(k, sense, rows, cols)
						moved = t != *l && try(t) || moved
					}
				}
			}
			if !moved {
				break
			}
			if bend { // the ways to move hang together: go on where they went
				try(l.onward(&before))
			}
		}
	}
	return best
}

// onward is the lattice moved once more as it has moved from another.
func (l *lattice) onward(from *lattice) lattice {
	t := *l
	for i := range t.corner {
		for k := range 2 {
			t.corner[i][k] += l.corner[i][k] - from.corner[i][k]
		}
	}
	t.roundX = min(max(2*l.roundX-from.roundX, 0), 1.5)
	t.roundY = min(max(2*l.roundY-from.roundY, 0), 1.5)
	for _, b := range [3][3]*bulge{{&t.bulgeX, &l.bulgeX, &from.bulgeX}, {&t.bulgeY, &l.bulgeY, &from.bulgeY}, {&t.twist, &l.twist, &from.twist}} {
		b[0].x += b[1].x - b[2].x
		b[0].y += b[1].y - b[2].y
		b[0].near += b[1].near - b[2].near
	}
	return t
}

// bends is how many ways there are to bend a lattice further.
func (l *lattice) bends() int {
	if l.roundX == 0 && l.roundY == 0 {
		return 6 // paper that is nearly flat does not stand out much
	}
	return 11
}

// bend bends a lattice a little in one of the ways, by about so many modules.
func (l *lattice) bend(way int, step float64, rows, cols int) {
	dx, dy := step/float64(cols), step/float64(rows)
	switch way {
	case 0:
		l.bulgeX.y += dy
	case 1:
		l.bulgeY.x += dx
	case 2:
		l.bulgeX.x += dx / 2
	case 3:
		l.bulgeY.y += dy / 2
	case 4:
		l.twist.x += dx / 2
	case 5:
		l.twist.y += dy / 2
	case 6:
		l.bulgeX.near += dy
	case 7:
		l.bulgeY.near += dx
	case 8:
		if l.roundX != 0 {
			l.roundX = min(max(l.roundX+0.15*step, 0.06), 1.5)
		}
	case 9:
		if l.roundY != 0 {
			l.roundY = min(max(l.roundY+0.15*step, 0.06), 1.5)
		}
	case 10:
		l.twist.near += min(dx, dy)
	}
}

// A guess is a size of symbol and the lattice on which it may lie.
type guess struct {
	size    *dmSize
	lattice lattice
	score   float64
	bonus   float64 // what speaks for it beside the agreement

	level    int  // of the pyramid, over which the lattice lies
	inverted bool // light on dark
}

// guesses returns plane lattices over a quadrilateral of the picture, clockwise, for
// the sizes and the turns that its sides speak for, the best first: those whose
// timing patterns are there. run is the width of its strokes.
func guesses(g *gray.Image, q [4][2]float64, run float64) []guess {
	var out []guess
	for _, turn := range strongLegs(g, q, run) {
		l := shape{}.lattice(q, turn, false)
		if !l.prepare() {
			continue
		}
		wide, high := votes(g, &l, run, false), votes(g, &l, run, true)
		for _, mirrored := range [2]bool{false, true} {
			if mirrored {
				l, wide, high = shape{}.lattice(q, turn, true), high, wide
				if !l.prepare() {
					continue
				}
			}
			for _, z := range dmSizes {
				if mirrored && z.rows == z.cols {
					continue // the same lattice: what is read tells
				}
				module := l.width() / float64(z.cols)
				if ratio := l.height() / float64(z.rows) / module; ratio < 0.4 || ratio > 2.5 || module < 0.9 {
					continue
				}
				a, ok := wide[z.cols]
				b, also := high[z.rows]
				score := a + b + 0.5*max(a, b)
				if run >= 3 && module > 3*run { // strokes are seldom so much thinner than modules
					score -= 0.4
				}
				if ok && also && score > 0.2 {
					out = append(out, guess{size: z, lattice: l, score: score})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b guess) int { return -cmp.Compare(a.score, b.score) })
	return out
}

func (l *lattice) width() float64 {
	return (distance(l.corner[0], l.corner[1]) + distance(l.corner[3], l.corner[2])) / 2
}

func (l *lattice) height() float64 {
	return (distance(l.corner[0], l.corner[3]) + distance(l.corner[1], l.corner[2])) / 2
}

func distance(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// strongLegs returns the corners of a quadrilateral, at most two, at which an L
// may stand: where the two sides that meet are darkest.
func strongLegs(g *gray.Image, q [4][2]float64, run float64) []int {
	var side [4]float64 // brightness along the side from corner i to i+1
	cx, cy := (q[0][0]+q[1][0]+q[2][0]+q[3][0])/4, (q[0][1]+q[1][1]+q[2][1]+q[3][1])/4
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		mx, my := (a[0]+b[0])/2, (a[1]+b[1])/2
		in := math.Hypot(cx-mx, cy-my)
		best := math.Inf(1)
		for _, depth := range []float64{0.35 * run, 0.7 * run, 1.05 * run, in / 40, in / 20, in / 10} {
			f := min(depth/in, 0.5)
			sum := 0.0
			const n = 48
			for k := range n {
				t := (float64(k) + 0.5) / n
				x, y := a[0]*(1-t)+b[0]*t, a[1]*(1-t)+b[1]*t
				sum += g.At(x+(cx-x)*f, y+(cy-y)*f)
			}
			best = min(best, sum/n)
		}
		side[i] = best
	}
	turns := []int{0, 1, 2, 3}
	// At corner i meet the sides from i-1 and to i+1.
	legs := func(i int) float64 { return side[(i+3)%4] + side[i] }
	slices.SortStableFunc(turns, func(a, b int) int { return cmp.Compare(legs(a), legs(b)) })
	n := 2
	if legs(turns[1])-legs(turns[0]) > 60 {
		n = 1
	}
	for n > 0 && legs(turns[n-1]) > 2*darkLeg {
		n--
	}
	return turns[:n]
}

// darkLeg is the brightness in a levelled picture, where the mean is 128, above
// which no leg of an L is.
const darkLeg = 118

// votes tells for each number of modules how well a timing pattern of so many fits
// along the far side of the lattice: the one opposite to the foot of the L, or to
// its leg when upright is set. The corner between the far sides is light and its
// place uncertain, so the pattern may be a module longer than the lattice.
func votes(g *gray.Image, l *lattice, run float64, upright bool) map[int]float64 {
	out := map[int]float64{}
	long, short := l.width(), l.height()
	if upright {
		long, short = short, long
	}
	// The side is looked at along some lines, at two depths in modules of about
	// one size and the next.
	points := int(2*long) + 1
	var profiles [2][]float64
	at := 0.0 // modules that the profiles are for
	for n := 8; n <= 144; n += 2 {
		if module := long / float64(n); module < 0.9 || module < 0.4*run {
			break
		}
		if float64(n) > 1.3*at {
			at = max(float64(n), 1.3*at)
			for d, depth := range [2]float64{0.22, 0.55} {
				profiles[d] = l.along(g, profiles[d][:0], depth*long/at/short, upright, points)
			}
		}
		best := 0.0
		for _, profile := range profiles {
			best = max(best, alternation(profile, n))
		}
		// By chance short patterns fit better than long ones.
		out[n] = best - 1.2/math.Sqrt(float64(n))
	}
	return out
}

// along appends the brightness along a line beside the far side of a lattice, as far
// in as inset says, in parts of the lattice.
func (l *lattice) along(g *gray.Image, out []float64, inset float64, upright bool, points int) []float64 {
	if l.flat() {
		for i := range points {
			t := (float64(i) + 0.5) / float64(points)
			u, v := t, inset
			if upright {
				u, v = 1-inset, 1-t
			}
			x, y := l.at(u, v)
			out = append(out, g.At(x, y))
		}
		return out
	}
	// Only one of the coordinates moves, in equal steps.
	if upright {
		v := newArc(l.roundY, points, true)
		x, outX := round(1-inset, l.roundX)
		for range points {
			t, y, outY := v.next()
			px, py := l.project(l.bulged(1-inset, t, x, y, outX, outY))
			out = append(out, g.At(px, py))
		}
		return out
	}
	u := newArc(l.roundX, points, false)
	y, outY := round(inset, l.roundY)
	for range points {
		t, x, outX := u.next()
		px, py := l.project(l.bulged(t, inset, x, y, outX, outY))
		out = append(out, g.At(px, py))
	}
	return out
}

// alternation is how clearly a profile alternates n times, an even number, between dark, first, and
// light: 1 when it does and nothing else.
func alternation(profile []float64, n int) float64 {
	const whole = 1 << 32 // places are in parts of a sample of 1/whole: to count on is quick
	best := 0.0
	last := len(profile) - 1
	for _, extra := range [3]float64{0, 0.5, 1} {
		dark, light, squares := 0.0, 0.0, 0.0
		step := uint64(float64(len(profile)) / (float64(n) - extra) * whole)
		at := step/2 + whole>>16 // what is rounded must not fall below a whole sample
		for range n / 2 {
			a := profile[min(int(at/whole), last)]
			at += step
			b := profile[min(int(at/whole), last)]
			at += step
			dark += a
			light += b
			squares += a*a + b*b
		}
		mean := (dark + light) / float64(n)
		spread := math.Sqrt(max(squares/float64(n)-mean*mean, 0) + 4)
		best = max(best, (light-dark)/float64(n)/spread)
	}
	return best
}
