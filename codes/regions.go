package codes

import (
	"cmp"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A region is a part of a picture that is as restless as a symbol: full of edges
// both across and down (a matrix symbol) or in one direction (bars).
type region struct {
	x0, y0, x1, y1 int // pixels, x1 and y1 beyond the last
	energy         float64
}

// cellsAcross is how finely the picture is divided along its longer side.
const cellsAcross = 96

// regions returns the restless parts of a picture, the likeliest first. It looks
// at the picture at full size, half of it and so on, because fine modules are gray
// in a small picture and coarse ones are calm in a large one, and measures each
// size against its own grain: rough metal is restless everywhere at full size, and
// a mark on it stands out at a quarter.
func regions(g *gray.Image) []region {
	w, h := g.W, g.H
	cell := max((max(w, h)+cellsAcross-1)/cellsAcross, 8)
	cols, rows := (w+cell-1)/cell, (h+cell-1)/cell
	energy := make([]float64, cols*rows)
	level := make([]float64, cols*rows)
	sorted := make([]float64, cols*rows)
	for shift := 0; cell>>shift >= 4 && shift < 5; shift++ {
		if shift > 0 {
			if g.W < 2 || g.H < 2 {
				break
			}
			g = g.Half()
		}
		for cy := range rows {
			for cx := range cols {
				level[cy*cols+cx] = restlessness(g, cx*cell>>shift, cy*cell>>shift, (cx+1)*cell>>shift, (cy+1)*cell>>shift)
			}
		}
		copy(sorted, level)
		slices.Sort(sorted)
		floor := sorted[len(sorted)/4]
		for i, e := range level {
			if e > 2 { // less is nothing, however calm the rest
				energy[i] = max(energy[i], (e-floor)/(floor+2))
			}
		}
	}
	copy(sorted, energy)
	slices.Sort(sorted)
	top := sorted[max(len(sorted)-4, 0)] // a mark covers some cells
	if sorted[len(sorted)-1] == 0 {
		return nil // a blank sheet
	}
	var out []region
	for _, share := range []float64{0.5, 0.25, 0.12} { // a faint mark may lie beside bold print
		for _, r := range joined(energy, cols, rows, cell, max(share*top, 1e-9), w, h) {
			if 2*r.area() < w*h && !slices.ContainsFunc(out, r.like) { // what fills the picture is seen anyhow
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b region) int { return -cmp.Compare(a.energy, b.energy) })
	return out[:min(len(out), 6)]
}

// like says whether two regions are nearly the same.
func (r region) like(q region) bool { return min(r.share(q), q.share(r)) > 0.7 }

// share is how much of a region lies in another, 0 to 1.
func (r region) share(q region) float64 {
	w, h := min(r.x1, q.x1)-max(r.x0, q.x0), min(r.y1, q.y1)-max(r.y0, q.y0)
	return float64(max(w, 0)*max(h, 0)) / float64(r.area())
}

func (r region) area() int { return (r.x1 - r.x0) * (r.y1 - r.y0) }

// restlessness is the mean step of brightness from one pixel to the next in a
// cell, in the calmer of the two directions, plus a part of that in the other.
func restlessness(g *gray.Image, x0, y0, x1, y1 int) float64 {
	x1, y1 = min(x1, g.W-1), min(y1, g.H-1)
	if x1 <= x0 || y1 <= y0 {
		return 0
	}
	skip := max((y1-y0)/12, 1) // some rows will do
	dx, dy, n := 0, 0, 0
	for y := y0; y < y1; y += skip {
		row, below := g.Row(y)[x0:x1+1], g.Row(y + 1)[x0:x1]
		for i, v := range below {
			a, b := int(row[i])-int(row[i+1]), int(row[i])-int(v)
			dx += max(a, -a)
			dy += max(b, -b)
		}
		n += len(below)
	}
	low, high := float64(min(dx, dy))/float64(n), float64(max(dx, dy))/float64(n)
	return 0.7*low + 0.3*high
}

// joined makes one region of cells that touch, also across a gap of one cell,
// with a margin around for the quiet zone.
func joined(energy []float64, cols, rows, cell int, threshold float64, w, h int) []region {
	seen := make([]bool, len(energy))
	var out []region
	for start := range energy {
		if seen[start] || energy[start] < threshold {
			continue
		}
		seen[start] = true
		stack := []int{start}
		x0, y0, x1, y1, sum, n := cols, rows, 0, 0, 0.0, 0
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%cols, i/cols
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
			sum += energy[i]
			n++
			for j := max(y-2, 0); j <= min(y+2, rows-1); j++ {
				for k := max(x-2, 0); k <= min(x+2, cols-1); k++ {
					if next := j*cols + k; !seen[next] && energy[next] >= threshold {
						seen[next] = true
						stack = append(stack, next)
					}
				}
			}
		}
		margin := cell + max(x1-x0, y1-y0)*cell/8
		r := region{
			x0: max(x0*cell-margin, 0), y0: max(y0*cell-margin, 0),
			x1: min((x1+1)*cell+margin, w), y1: min((y1+1)*cell+margin, h),
		}
		// A symbol fills its bounds; lines of text and edges do not.
		r.energy = sum / float64((x1-x0+1)*(y1-y0+1)) * math.Sqrt(float64(n))
		out = append(out, r)
	}
	return out
}

// cut is the view of a region of a picture.
func (v view) cut(r region) view {
	part := v.Crop(r.x0, r.y0, r.x1, r.y1)
	dx, dy := float64(r.x0), float64(r.y0)
	return view{part, v.inverted, func(x, y float64) (float64, float64) { return v.place(x+dx, y+dy) }, &survey{}}
}
