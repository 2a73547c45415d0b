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
	s.sightL(g)
	if len(s.seen) > 0 {
		return
	}
	whole := view{g, false, straight, nil}
	parts := append(regions(g), region{x1: g.W, y1: g.H})
	var told []region
	for _, r := range parts {
		if len(told) == 2 {
			break
		}
		if slices.ContainsFunc(told, func(q region) bool { return r.share(q) > 0.5 }) {
			continue
		}
		told = append(told, r)
		v := whole.cut(r).within(frameSize)
		scale := float64(r.x1-r.x0) / float64(v.W)
		if f := feel(v.Image); f.stroke > 0 || len(told) > 1 {
			s.seen = append(s.seen, Sighting{Corners: corners(r.x0, r.y0, r.x1, r.y1), Says: f.says(scale, fmt.Sprintf("something of %d by %d pixels with the edges of a symbol", r.x1-r.x0, r.y1-r.y0))})
		}
	}
	if len(s.seen) == 0 {
		s.seen = append(s.seen, Sighting{
			Corners: corners(0, 0, g.W, g.H),
			Says:    "nothing with the edges of a symbol: is the mark in the picture, and in the light?",
		})
	}
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

// clearL is how clear the L of a Data Matrix has to be to be spoken of: clearer
// than most of what looks like one by chance.
const clearL = 0.7

// sightL says where the clearest L was seen, of those that the reader of Data Matrix
// tried.
func (s *scanner) sightL(g *gray.Image) {
	best := clearL
	var where *candidate
	var in view
	for _, v := range s.looks {
		if v.survey == nil || v.survey.dark == nil {
			continue
		}
		for i := range v.survey.candidates[:min(len(v.survey.candidates), 12)] {
			c := &v.survey.candidates[i]
			if c.inverted || quadArea(c.quad) < 300 {
				continue
			}
			if legs := c.legs(v.survey.dark); legs > best && c.frame < legs-0.15 {
				best, where, in = legs, c, v
			}
		}
	}
	if where == nil {
		return
	}
	long := max(distance(where.quad[where.corner], where.quad[(where.corner+1)%4]), distance(where.quad[where.corner], where.quad[(where.corner+3)%4]))
	modules := int(long/where.stroke(in.survey.dark.levels[0])+1) / 2 * 2
	if modules < 10 || modules > 144 { // no size of symbol, or blurred so that strokes run together
		return
	}
	var sight Sighting
	for i, c := range where.quad {
		sight.Corners[i][0], sight.Corners[i][1] = in.place(c[0], c[1])
	}
	x0, y0, x1, y1 := bounds(sight.Corners)
	part := view{g, false, straight, nil}.cut(region{x0: int(max(x0, 0)), y0: int(max(y0, 0)), x1: int(x1), y1: int(y1)}).within(frameSize)
	sight.Symbology = DataMatrix
	sight.Says = feel(part.Image).says((x1-x0)/float64(part.W), fmt.Sprintf("an L of about %d modules", modules))
	s.seen = append(s.seen, sight)
}

// says puts it into words; scale is what a pixel of the region measures in pixels
// of the picture, size what was seen.
func (t touch) says(scale float64, size string) string {
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
