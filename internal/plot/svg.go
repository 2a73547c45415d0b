package plot

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// SVG returns the drawing as an element of a page of HTML. Id tells its title
// from those of other drawings of the page.
func (d *Drawing) SVG(id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d">`, num(d.W), num(d.H), id, id)
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, html.EscapeString(d.Title), id, html.EscapeString(d.Desc))
	for _, s := range d.shapes {
		if s.text != "" {
			s.svgText(&b)
		} else {
			s.svgPath(&b)
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

func (s shape) svgText(b *strings.Builder) {
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(s.points[0].x), num(s.points[0].y), num(s.size), s.style.Fill)
	if s.bold {
		b.WriteString(` font-weight="bold"`)
	}
	switch s.anchor {
	case Middle:
		b.WriteString(` text-anchor="middle"`)
	case End:
		b.WriteString(` text-anchor="end"`)
	}
	fmt.Fprintf(b, ">%s</text>", html.EscapeString(s.text))
}

func (s shape) svgPath(b *strings.Builder) {
	b.WriteString(`<path d="`)
	for i, p := range s.points {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(num(p.x) + " " + num(p.y))
	}
	if s.closed {
		b.WriteByte('Z')
	}
	b.WriteByte('"')
	attr := func(name string, c Colour) {
		if c == "" {
			c = "none"
		}
		fmt.Fprintf(b, ` %s="%s"`, name, c)
	}
	if s.closed {
		attr("fill", s.style.Fill)
	}
	if s.style.Stroke != "" {
		attr("stroke", s.style.Stroke)
		fmt.Fprintf(b, ` stroke-width="%s"`, num(s.style.Width))
		if s.style.Dashed {
			b.WriteString(` stroke-dasharray="1.2 0.8"`)
		}
	}
	b.WriteString("/>")
}

// num writes millimetres to the hundredth.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
