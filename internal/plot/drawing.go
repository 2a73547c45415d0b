package plot

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A Colour is six hexadecimal digits after a #; empty means none.
type Colour string

// Colours of text and lines.
const (
	Black Colour = "#1a1a1a"
	Grey  Colour = "#767676"
	Pale  Colour = "#e4e4e4"
	White Colour = "#ffffff"
	Red   Colour = "#a40000"
)

// Palette is eight colours that stay apart for the colour-blind and in print
// (Okabe and Ito, Color Universal Design, 2008), in tints on which black text
// reads; the last, grey, is for all that come after.
var Palette = []Colour{"#7fb8e0", "#f0b955", "#5cc4a3", "#dca6c4", "#f3e96b", "#e8936a", "#a6dcf5", "#b4b4b4"}

// A Pattern is what lies over a fill, so that states do not hang on colour.
type Pattern int

// The patterns.
const (
	Plain  Pattern = iota
	Rising         // lines that rise to the right
	Crossed
	Dotted
)

// A Style is how a shape is drawn. Widths are in millimetres.
type Style struct {
	Fill, Stroke Colour
	Width        float64
	Dashed       bool
	Pattern      Pattern
}

// An Anchor is which end of a text stands at its place.
type Anchor int

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// A Drawing is shapes on a field of W by H millimetres, the origin at the upper left.
type Drawing struct {
	W, H   float64
	Title  string // what it shows, for those who do not see it
	Desc   string // the same at length
	shapes []shape
}

type point struct{ x, y float64 }

// A shape is a polygon, a line or a text.
type shape struct {
	points []point // of a polygon or a line
	closed bool
	style  Style

	text   string
	size   float64 // millimetres from baseline to baseline
	bold   bool
	anchor Anchor
}

// Rect draws a rectangle.
func (d *Drawing) Rect(x, y, w, h float64, s Style) {
	d.shapes = append(d.shapes, shape{points: []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, closed: true, style: s})
	if w <= 0 || h <= 0 {
		return
	}
	line := Style{Stroke: Black, Width: 0.12}
	rising := func(step float64) {
		for c := step; c < w+h; c += step { // from the left or lower edge up to the right
			x0, y0 := x+max(0, c-h), y+min(c, h)
			x1, y1 := x+min(c, w), y+max(0, c-w)
			d.Line(x0, y0, x1, y1, line)
		}
	}
	falling := func(step float64) {
		for c := step; c < w+h; c += step {
			d.Line(x+max(0, c-h), y+h-min(c, h), x+min(c, w), y+h-max(0, c-w), line)
		}
	}
	switch s.Pattern {
	case Rising:
		rising(1.6)
	case Crossed:
		rising(1.6)
		falling(1.6)
	case Dotted:
		for j, dy := 0, 0.8; dy < h-0.3; j, dy = j+1, dy+1.1 {
			for dx := 0.8 + float64(j%2)*0.6; dx < w-0.3; dx += 1.2 {
				d.Rect(x+dx, y+dy, 0.22, 0.22, Style{Fill: Black})
			}
		}
	}
}

// Line draws a straight line.
func (d *Drawing) Line(x0, y0, x1, y1 float64, s Style) {
	d.shapes = append(d.shapes, shape{points: []point{{x0, y0}, {x1, y1}}, style: s})
}

// Polygon draws a closed shape through the corners given as x, y, x, y, …
func (d *Drawing) Polygon(s Style, xy ...float64) {
	p := shape{closed: true, style: s}
	for i := 0; i+1 < len(xy); i += 2 {
		p.points = append(p.points, point{xy[i], xy[i+1]})
	}
	d.shapes = append(d.shapes, p)
}

// Text writes a line of text of a height, its baseline at y.
func (d *Drawing) Text(x, y, size float64, a Anchor, c Colour, text string) {
	d.shapes = append(d.shapes, shape{points: []point{{x, y}}, text: text, size: size, anchor: a, style: Style{Fill: c}})
}

// Bold writes a line of bold text.
func (d *Drawing) Bold(x, y, size float64, a Anchor, c Colour, text string) {
	d.Text(x, y, size, a, c, text)
	d.shapes[len(d.shapes)-1].bold = true
}

// Number draws a number in a disc, around a place.
func (d *Drawing) Number(x, y float64, text string) {
	const r = 1.9
	var xy []float64
	for i := range 16 {
		xy = append(xy, x+r*circle[i], y+r*circle[(i+12)%16])
	}
	d.Polygon(Style{Fill: White, Stroke: Black, Width: 0.25}, xy...)
	d.Text(x, y+0.85, 2.4, Middle, Black, text)
}

// circle is the cosine of each sixteenth of a turn.
var circle = [16]float64{1, 0.92388, 0.70711, 0.38268, 0, -0.38268, -0.70711, -0.92388, -1, -0.92388, -0.70711, -0.38268, 0, 0.38268, 0.70711, 0.92388}

var fonts = sync.OnceValue(func() [2]*sfnt.Font {
	var out [2]*sfnt.Font
	for i, data := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := sfnt.Parse(data)
		if err != nil {
			panic(err) // an embedded font
		}
		out[i] = f
	}
	return out
})

// Width returns how wide a text is in millimetres, of a size in millimetres.
func Width(text string, size float64, bold bool) float64 {
	f := fonts()[0]
	if bold {
		f = fonts()[1]
	}
	var buf sfnt.Buffer
	var sum fixed.Int26_6
	for _, r := range text {
		i, err := f.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		if w, err := f.GlyphAdvance(&buf, i, fixed.I(100), font.HintingNone); err == nil {
			sum += w
		}
	}
	return float64(sum) / 64 / 100 * size
}

// Fit shortens a text to a width, with … where something is left out; empty where
// not even three characters fit.
func Fit(text string, width, size float64, bold bool) string {
	const slack = 1.08 // a reader's own font may be wider than ours
	if Width(text, size, bold)*slack <= width {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n >= 2; n-- {
		if s := strings.TrimRight(string(runes[:n]), " /-") + "…"; Width(s, size, bold)*slack <= width {
			return s
		}
	}
	return ""
}
