package pdf417

import "math"

const (
	minRows, maxRows       = 3, 90
	minColumns, maxColumns = 1, 30
	maxWords               = 928
)

// A grid is the cells of a symbol with the votes for their values.
type grid struct {
	rows, columns, level int
	surface              surface
	middle, half         float64           // of the ruler, pixels: t = (line - middle) / half
	votes                []map[int]float64 // by row and column
}

func (g *grid) t(line float64) float64 { return (line - g.middle) / g.half }

func (g *grid) s(column int) float64 { return float64(column) / float64(g.columns+1) }

// where returns the t at which the surface is at the upper edge of a row.
func (g *grid) where(s float64, row int) float64 {
	low, high := -4.0, 4.0
	rising := g.surface.at(s, 1) > g.surface.at(s, -1)
	for range 40 {
		m := (low + high) / 2
		if (g.surface.at(s, m) < float64(row)) == rising {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// A tally counts votes for a number.
type tally map[int]float64

// winner returns the number with the most votes.
func (t tally) winner() (n int, ok bool) {
	best := 0.0
	for k, w := range t {
		if w > best || w == best && k < n {
			n, best, ok = k, w, true
		}
	}
	return n, ok
}

// place makes a grid of what was read: rows and columns by what the row
// indicators say, the surface through their row numbers, and then the votes.
func (f *frame) place(s *scan) (*grid, bool) {
	g := &grid{}
	low, high := f.extent()
	g.middle, g.half = (low+high)/2, max((high-low)/2, 1)

	indicators := func(readings []reading) (out []rowMark) {
		for _, r := range readings {
			if r.column == 0 {
				out = append(out, rowMark{0, g.t(r.line), float64(r.value/30*3+r.cluster) + 0.5, r.certainty})
			}
		}
		return out
	}
	lefts, rights := indicators(s.fromLeft), indicators(s.fromRight)
	la, lb, lagree, lall := straight(lefts)
	ra, rb, ragree, rall := straight(rights)
	leftGood := lagree >= 2 && lagree > 0.3*lall
	rightGood := ragree >= 2 && ragree > 0.3*rall
	if leftGood && rightGood && lb*rb < 0 {
		if lagree > ragree {
			rightGood = false
		} else {
			leftGood = false
		}
	}
	switch {
	case leftGood && rightGood:
		g.surface = surface{la, lb, ra - la, rb - lb}
	case leftGood:
		g.surface = surface{la, lb}
	case rightGood:
		g.surface = surface{ra, rb}
	default:
		return nil, false
	}
	if !g.measure(s, f) {
		return nil, false
	}
	all := g.number(s)
	if !(leftGood && rightGood) {
		g.tilt(all)
	}
	for i := range 3 {
		g.surface.solve(g.marks(all, 1-0.2*float64(i)), []int{3, 4, 6}[i])
	}
	g.cast(all)
	return g, true
}

// measure finds rows, columns and level by the vote of all row indicators that
// agree with the surface. What agrees with the width and height of the frame
// counts more.
func (g *grid) measure(s *scan, f *frame) bool {
	thirds, rest, columns := tally{}, tally{}, tally{}
	wide := -1
	if f.left != nil && f.right != nil {
		if m, ok := f.right.meet(f.left.origin, f.ahead); ok {
			width := f.right.at(m).Minus(f.left.origin).Length() / f.unit()
			wide = int(math.Round((width-1)/charModules)) - 4
		}
	}
	r := f.ruler()
	high := math.Abs(g.surface.at(0, g.t(r.high)) - g.surface.at(0, g.t(r.low)))
	count := func(readings []reading, at float64, order [3]tally) {
		for _, r := range readings {
			if r.column != 0 {
				continue
			}
			row := float64(r.value/30*3+r.cluster) + 0.5
			if math.Abs(g.surface.at(at, g.t(r.line))-row) > 1.5 {
				continue
			}
			order[r.cluster][r.value%30] += 0.02 + r.certainty
		}
	}
	count(s.fromLeft, 0, [3]tally{thirds, rest, columns})
	count(s.fromRight, 1, [3]tally{columns, thirds, rest})
	if w, ok := columns[wide-1]; ok {
		columns[wide-1] = 4 * w
	}
	for n := range thirds {
		if math.Abs(float64(3*n)+2-high) < 4 {
			thirds[n] *= 4
		}
	}
	a, ok1 := thirds.winner()
	b, ok2 := rest.winner()
	c, ok3 := columns.winner()
	if !ok1 || !ok2 || !ok3 {
		return false
	}
	g.rows, g.level, g.columns = 3*a+b%3+1, b/3, c+1
	words := g.rows * g.columns
	return g.rows >= minRows && g.rows <= maxRows && g.columns <= maxColumns && g.level <= 8 &&
		words <= maxWords && words > 2<<g.level
}

// number gives every reading its column from the left, 0 for the left row
// indicator, and joins those of both walks.
func (g *grid) number(s *scan) []reading {
	all := make([]reading, 0, len(s.fromLeft)+len(s.fromRight))
	for _, r := range s.fromLeft {
		if r.column <= g.columns+1 {
			all = append(all, r)
		}
	}
	for _, r := range s.fromRight {
		if r.column = g.columns + 1 - r.column; r.column >= 0 {
			all = append(all, r)
		}
	}
	return all
}

// nearest returns the row of a cluster that is nearest to where the surface puts
// a reading, and how far off it is.
func (g *grid) nearest(r reading) (row int, off float64) {
	at := g.surface.at(g.s(r.column), g.t(r.line)) - 0.5
	row = r.cluster + 3*int(math.Round((at-float64(r.cluster))/3))
	return row, math.Abs(at - float64(row))
}

// tilt finds the slope from the left to the right with which the clusters of the
// readings agree best. Three rows more or less look the same, so the least slope
// wins.
func (g *grid) tilt(all []reading) {
	flat := g.surface
	best, slope := 0.0, 0.0
	for b := -float64(g.rows); b <= float64(g.rows); b += 0.125 {
		g.surface[2] = flat[2] + b
		sum := 0.0
		for _, r := range all {
			if _, off := g.nearest(r); off < 0.8 {
				sum += r.certainty * (1 - off)
			}
		}
		if sum *= 1 - 0.02*math.Abs(b); sum > best {
			best, slope = sum, b
		}
	}
	g.surface[2] = flat[2] + slope
}

// marks returns the readings as row numbers, those that are off by less than
// reach.
func (g *grid) marks(all []reading, reach float64) (out []rowMark) {
	for _, r := range all {
		if row, off := g.nearest(r); off < reach {
			out = append(out, rowMark{g.s(r.column), g.t(r.line), float64(row) + 0.5, r.certainty * (1 - off)})
		}
	}
	return out
}

// cast counts the votes.
func (g *grid) cast(all []reading) {
	g.votes = make([]map[int]float64, g.rows*g.columns)
	for _, r := range all {
		if r.column < 1 || r.column > g.columns {
			continue
		}
		row, off := g.nearest(r)
		if row < 0 || row >= g.rows || off > 1.2 {
			continue
		}
		i := row*g.columns + r.column - 1
		if g.votes[i] == nil {
			g.votes[i] = map[int]float64{}
		}
		g.votes[i][r.value] += (0.1 + r.certainty*r.certainty) * (1.3 - off)
	}
}

// words returns the value of each cell with the most votes, and the cells without
// a clear winner.
func (g *grid) words() (words, doubtful []int) {
	words = make([]int, len(g.votes))
	for i, votes := range g.votes {
		first, second := 0.0, 0.0
		for v, w := range votes {
			if w > first || w == first && v < words[i] {
				words[i], first, second = v, w, first
			} else if w > second {
				second = w
			}
		}
		if first == 0 || second > 0.8*first {
			doubtful = append(doubtful, i)
		}
	}
	return words, doubtful
}
