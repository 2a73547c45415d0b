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
// at the picture at full, half and quarter size, because fine modules are gray in a
// small picture and coarse ones are calm in a large one; it reads a part of the
// pixels only, so that 50 megapixels cost no more than some hundredths of a second.
func regions(g *gray.Image) []region {
	cell := max((max(g.W, g.H)+cellsAcross-1)/cellsAcross, 8)
	cols, rows := (g.W+cell-1)/cell, (g.H+cell-1)/cell
	energy := make([]float64, cols*rows)
	for _, step := range []int{1, 2, 4} {
		for cy := range rows {
			for cx := range cols {
				e := restlessness(g, cx*cell, cy*cell, cell, step)
				energy[cy*cols+cx] = max(energy[cy*cols+cx], e)
			}
		}
	}
	// What is restless is measured against the picture's own grain, on several
	// levels: a faint mark may lie beside bold print.
	sorted := slices.Clone(energy)
	slices.Sort(sorted)
	floor := sorted[len(sorted)/4]
	top := sorted[max(len(sorted)-4, 0)] // a mark covers some cells
	if top < 2 {
		return nil // a blank sheet
	}
	var out []region
	for _, level := range []float64{0.5, 0.25, 0.12} {
		for _, r := range joined(energy, cols, rows, cell, floor+level*(top-floor), g) {
			if !slices.ContainsFunc(out, r.like) {
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b region) int { return -cmp.Compare(a.energy, b.energy) })
	return out[:min(len(out), 12)]
}

// like says whether two regions are nearly the same.
func (r region) like(q region) bool {
	w, h := min(r.x1, q.x1)-max(r.x0, q.x0), min(r.y1, q.y1)-max(r.y0, q.y0)
	return w > 0 && h > 0 && 10*w*h > 7*max(r.area(), q.area())
}

func (r region) area() int { return (r.x1 - r.x0) * (r.y1 - r.y0) }

// restlessness is the mean step of brightness between pixels so far apart within
// a cell, in the calmer of the two directions, plus a part of that in the other.
func restlessness(g *gray.Image, x0, y0, cell, step int) float64 {
	x1, y1 := min(x0+cell, g.W-step), min(y0+cell, g.H-step)
	if x1 <= x0 || y1 <= y0 {
		return 0
	}
	skip := max((y1-y0)/12, 1)
	dx, dy, n := 0, 0, 0
	for y := y0; y < y1; y += skip {
		row, below := g.Row(y), g.Row(y+step)
		for x := x0; x < x1; x += step {
			v := int(row[x])
			a, b := v-int(row[x+step]), v-int(below[x])
			dx += max(a, -a)
			dy += max(b, -b)
			n++
		}
	}
	low, high := float64(min(dx, dy))/float64(n), float64(max(dx, dy))/float64(n)
	return 0.7*low + 0.3*high
}

// joined makes one region of cells that touch, also across a gap of one cell,
// with a margin around for the quiet zone.
func joined(energy []float64, cols, rows, cell int, threshold float64, g *gray.Image) []region {
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
			x1: min((x1+1)*cell+margin, g.W), y1: min((y1+1)*cell+margin, g.H),
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
	return view{part, v.inverted, func(x, y float64) (float64, float64) { return v.place(x+dx, y+dy) }}
}
