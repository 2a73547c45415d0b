package codes

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
)

// sight says of the restless parts of a picture what they look like, when nothing
// could be read, so that whoever took it knows what to do better.
func (s *scanner) sight(g *gray.Image) {
	whole := view{g, false, straight, nil}
	parts := append(regions(g), region{x1: g.W, y1: g.H})
	var told []region
	for _, r := range parts {
		if len(told) == 2 {
			break
		}
		if slices.ContainsFunc(told, r.within) {
			continue
		}
		told = append(told, r)
		v := whole.cut(r).within(frameSize)
		scale := float64(r.x1-r.x0) / float64(v.W)
		if f := feel(v.Image); f.stroke > 0 || len(told) > 1 {
			s.seen = append(s.seen, Sighting{Corners: corners(r.x0, r.y0, r.x1, r.y1), Says: f.says(scale, r)})
		}
	}
	if len(s.seen) == 0 {
		s.seen = append(s.seen, Sighting{
			Corners: corners(0, 0, g.W, g.H),
			Says:    "nothing with the edges of a symbol: is the mark in the picture, and in the light?",
		})
	}
}

// within says whether most of a region lies in another.
func (r region) within(q region) bool {
	w, h := min(r.x1, q.x1)-max(r.x0, q.x0), min(r.y1, q.y1)-max(r.y0, q.y0)
	return w > 0 && h > 0 && 2*w*h > r.area()
}

func corners(x0, y0, x1, y1 int) [4][2]float64 {
	return [4][2]float64{{float64(x0), float64(y0)}, {float64(x1), float64(y0)}, {float64(x1), float64(y1)}, {float64(x0), float64(y1)}}
}

// A touch is what can be told of a region without knowing what is in it.
type touch struct {
	contrast float64 // levels of gray between its dark and its light
	stroke   float64 // width of its narrow strokes, pixels
	edge     float64 // width of its sharpest edges, pixels
}

// feel measures a region along its rows and columns.
func feel(g *gray.Image) touch {
	sorted := slices.Clone(g.Pix)
	slices.Sort(sorted)
	dark, light := float64(sorted[len(sorted)/20]), float64(sorted[len(sorted)*19/20])
	t := touch{contrast: light - dark}
	middle := (dark + light) / 2
	var runs, slopes []float64
	line := func(start, step, n int) {
		last, at := 0.0, 0
		for i := 0; i+1 < n; i++ {
			a, b := float64(g.Pix[start+i*step]), float64(g.Pix[start+(i+1)*step])
			if (a < middle) == (b < middle) {
				continue
			}
			place := float64(i) + (middle-a)/(b-a)
			if at > 0 {
				runs = append(runs, place-last)
			}
			last = place
			at++
			slopes = append(slopes, math.Abs(b-a))
		}
	}
	for y := 0; y < g.H; y += max(g.H/40, 1) {
		line(y*g.W, 1, g.W)
	}
	for x := 0; x < g.W; x += max(g.W/40, 1) {
		line(x, g.W, g.H)
	}
	if len(runs) < 8 {
		return t
	}
	slices.SortFunc(runs, cmp.Compare[float64])
	slices.Sort(slopes)
	t.stroke = runs[len(runs)/3]
	t.edge = t.contrast / max(slopes[len(slopes)*9/10], 1)
	return t
}

// says puts it into words; scale is what a pixel of the region measures in pixels
// of the picture.
func (t touch) says(scale float64, r region) string {
	size := fmt.Sprintf("something of %d by %d pixels with the edges of a symbol", r.x1-r.x0, r.y1-r.y0)
	stroke := t.stroke * scale
	switch {
	case t.contrast < 12:
		return size + fmt.Sprintf(", too faint (%.0f levels of gray): light it from the side", t.contrast)
	case t.stroke == 0:
		return size + ", but without strokes of one width"
	case stroke < 1.6:
		return size + fmt.Sprintf(", its strokes about %.1f pixels wide: come closer", stroke)
	case t.edge > 0.9*t.stroke:
		return size + fmt.Sprintf(", too blurred (edges of %.0f pixels in strokes of %.0f): hold still, let it focus", t.edge*scale, stroke)
	}
	return size + fmt.Sprintf(", its strokes about %.0f pixels wide: if it is one, take it from straight above, without glare, with some space around it", stroke)
}
