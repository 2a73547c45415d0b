package plot

import (
	"strconv"

	"codeberg.org/go-pdf/fpdf"
)

// Font is the family under which a document must know the fonts of a drawing, in
// regular and bold.
const Font = "go"

// pointsPerMM is how many points a millimetre has.
const pointsPerMM = 72 / 25.4

// PDF draws on the present page of a document in millimetres, its upper left at
// x, y. Clean makes a text one that the document's fonts can show.
func (d *Drawing) PDF(f *fpdf.Fpdf, x, y float64, clean func(string) string) {
	for _, s := range d.shapes {
		if s.text != "" {
			s.pdfText(f, x, y, clean(s.text))
		} else {
			s.pdfPath(f, x, y)
		}
	}
}

func (s shape) pdfText(f *fpdf.Fpdf, x, y float64, text string) {
	style := ""
	if s.bold {
		style = "B"
	}
	f.SetFont(Font, style, s.size*pointsPerMM)
	f.SetTextColor(rgb(s.style.Fill))
	x += s.points[0].x
	switch w := Width(text, s.size, s.bold); s.anchor {
	case Middle:
		x -= w / 2
	case End:
		x -= w
	}
	f.Text(x, y+s.points[0].y, text)
}

func (s shape) pdfPath(f *fpdf.Fpdf, x, y float64) {
	style := ""
	if s.closed && s.style.Fill != "" {
		f.SetFillColor(rgb(s.style.Fill))
		style = "F"
	}
	if s.style.Stroke != "" {
		f.SetDrawColor(rgb(s.style.Stroke))
		f.SetLineWidth(s.style.Width)
		style += "D"
	}
	if s.style.Dashed {
		f.SetDashPattern([]float64{1.2, 0.8}, 0)
		defer f.SetDashPattern(nil, 0)
	}
	switch {
	case style == "":
	case s.closed:
		points := make([]fpdf.PointType, len(s.points))
		for i, p := range s.points {
			points[i] = fpdf.PointType{X: x + p.x, Y: y + p.y}
		}
		f.Polygon(points, style)
	default:
		f.Line(x+s.points[0].x, y+s.points[0].y, x+s.points[1].x, y+s.points[1].y)
	}
}

func rgb(c Colour) (r, g, b int) {
	if len(c) != 7 {
		return 0, 0, 0
	}
	v, err := strconv.ParseUint(string(c[1:]), 16, 32)
	if err != nil {
		return 0, 0, 0
	}
	return int(v >> 16), int(v >> 8 & 0xff), int(v & 0xff)
}
