package label

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/sublot/sublot/codes/internal/draw"
)

// A Sheet is a page on which several labels are printed side by side, with marks
// at their corners to cut by. The zero value is A4 with 10 mm free all round and 3
// mm between labels.
type Sheet struct {
	WidthMM, HeightMM float64 // 0 means 210 and 297
	MarginMM          float64 // 0 means 10
	GapMM             float64 // 0 means 3
}

// AppendPDF appends a document of one page, the size of the label.
func (l *Label) AppendPDF(b []byte) []byte {
	w, h := l.SizeMM()
	return appendDocument(b, w, h, 0, [][]placed{{{l, 0, 0}}})
}

// AppendPDF appends a document with the labels in rows, from left to right and
// from top to bottom, on as many pages as they need. A label that is larger than
// the page is an error.
func (s Sheet) AppendPDF(b []byte, labels []*Label) ([]byte, error) {
	setDefault(&s.WidthMM, 210)
	setDefault(&s.HeightMM, 297)
	setDefault(&s.MarginMM, 10)
	setDefault(&s.GapMM, 3)
	if len(labels) == 0 {
		return b, fmt.Errorf("label: a sheet without labels")
	}
	var pages [][]placed
	x, y, rowHeight := s.MarginMM, s.MarginMM, 0.0
	for i, l := range labels {
		w, h := l.SizeMM()
		if !(w <= s.WidthMM-2*s.MarginMM && h <= s.HeightMM-2*s.MarginMM) {
			return b, fmt.Errorf("label: label %d is %.1f x %.1f mm, the sheet has room for %.1f x %.1f mm",
				i, w, h, s.WidthMM-2*s.MarginMM, s.HeightMM-2*s.MarginMM)
		}
		if x+w > s.WidthMM-s.MarginMM {
			x, y, rowHeight = s.MarginMM, y+rowHeight+s.GapMM, 0
		}
		if i == 0 || y+h > s.HeightMM-s.MarginMM {
			pages = append(pages, nil)
			x, y, rowHeight = s.MarginMM, s.MarginMM, 0
		}
		last := len(pages) - 1
		pages[last] = append(pages[last], placed{l, x, y})
		x, rowHeight = x+w+s.GapMM, max(rowHeight, h)
	}
	return appendDocument(b, s.WidthMM, s.HeightMM, min(s.GapMM, s.MarginMM)/2, pages), nil
}

// placed is a label on a page, its upper left corner in millimetres.
type placed struct {
	*Label
	x, y float64
}

const pointsPerMM = 72 / 25.4

// appendDocument writes a PDF 1.4: catalogue, pages, for each page its dictionary
// and its compressed content, the document's title, and the table of places. Marks
// to cut by are as long as cutMM says.
func appendDocument(b []byte, widthMM, heightMM, cutMM float64, pages [][]placed) []byte {
	start := len(b)
	var places []int
	object := func(format string, args ...any) {
		places = append(places, len(b)-start)
		b = fmt.Appendf(b, "%d 0 obj\n", len(places))
		b = fmt.Appendf(b, format, args...)
		b = append(b, "\nendobj\n"...)
	}
	b = append(b, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"...)
	object("<</Type/Catalog/Pages 2 0 R>>")
	kids := make([]string, len(pages))
	for i := range kids {
		kids[i] = strconv.Itoa(4+2*i) + " 0 R"
	}
	object("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.Join(kids, " "))
	object("<</Producer(sublot)/Title<%X>>>", utf16Title(pages))
	w, h := widthMM*pointsPerMM, heightMM*pointsPerMM
	for i, page := range pages {
		var content []byte
		for _, p := range page {
			content = p.appendCuts(content, h, cutMM)
			// From here on units are dots and y runs down.
			k := 72 / float64(p.dpi)
			content = fmt.Appendf(content, "q %.6f 0 0 %.6f %.4f %.4f cm\n", k, -k, p.x*pointsPerMM, h-p.y*pointsPerMM)
			content = p.appendContent(content)
			content = append(content, "Q\n"...)
		}
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, _ = z.Write(content) // a bytes.Buffer takes everything
		_ = z.Close()
		object("<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 %.4f %.4f]/Contents %d 0 R>>", w, h, 5+2*i)
		object("<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream", packed.Len(), packed.Bytes())
	}
	xref := len(b) - start
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(places)+1)
	for _, at := range places {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Size %d/Root 1 0 R/Info 3 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(places)+1, xref)
}

// appendCuts draws two thin gray lines at each corner of a label, outside it, on a
// page h points high.
func (p placed) appendCuts(b []byte, h, cutMM float64) []byte {
	if cutMM <= 0 {
		return b
	}
	b = append(b, "q 0.2 w 0.5 G\n"...)
	wide, high := p.SizeMM()
	line := func(x0, y0, x1, y1 float64) {
		b = fmt.Appendf(b, "%.4f %.4f m %.4f %.4f l S\n", x0*pointsPerMM, h-y0*pointsPerMM, x1*pointsPerMM, h-y1*pointsPerMM)
	}
	for _, side := range []struct{ x, out float64 }{{p.x, -1}, {p.x + wide, 1}} {
		for _, edge := range []struct{ y, out float64 }{{p.y, -1}, {p.y + high, 1}} {
			line(side.x+side.out*cutMM/4, edge.y, side.x+side.out*cutMM, edge.y)
			line(side.x, edge.y+edge.out*cutMM/4, side.x, edge.y+edge.out*cutMM)
		}
	}
	return append(b, "Q\n"...)
}

// utf16Title is the title of the first label in the form of a PDF string.
func utf16Title(pages [][]placed) []byte {
	b := []byte{0xFE, 0xFF}
	for _, c := range utf16.Encode([]rune(string(pages[0][0].appendTitle(nil)))) {
		b = append(b, byte(c>>8), byte(c))
	}
	return b
}

// appendContent draws the label in units of dots, y down.
func (l *Label) appendContent(b []byte) []byte {
	y := l.symbolY
	high := l.cell * l.moduleRowHeight
	for row := l.modules; len(row) >= l.moduleCols; row = row[l.moduleCols:] {
		draw.Runs(row[:l.moduleCols], func(from, to int) {
			b = fmt.Appendf(b, "%d %d %d %d re\n", l.symbolX+from*l.cell, y, (to-from)*l.cell, high)
		})
		y += high
	}
	b = append(b, "f\n"...)
	if d := l.diamond; d.size > 0 {
		for i, p := range d.outline() {
			b = fmt.Appendf(b, "%d %d %c\n", p[0], p[1], "mlllmlll"[i])
			if i%4 == 3 {
				b = append(b, "h\n"...)
			}
		}
		b = append(b, "f\n"...)
	}
	for _, t := range l.texts {
		t.each(func(_ rune, g *glyph, at int) {
			k := t.scale()
			b = fmt.Appendf(b, "q %.6f 0 0 %.6f %.3f %d cm\n", k, k, float64(t.x)+float64(at)*k, t.baseline)
			b = appendOutline(b, g.segments)
			b = append(b, "f Q\n"...)
		})
	}
	return b
}

// appendOutline writes an outline; PDF has no quadratic curves, so that each
// becomes the cubic one of the same shape.
func appendOutline(b []byte, segments []sfnt.Segment) []byte {
	f := func(v fixed.Int26_6) float64 { return float64(v) / 64 }
	var x, y float64
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			x, y = f(s.Args[0].X), f(s.Args[0].Y)
			b = fmt.Appendf(b, "%.0f %.0f m\n", x, y)
		case sfnt.SegmentOpLineTo:
			x, y = f(s.Args[0].X), f(s.Args[0].Y)
			b = fmt.Appendf(b, "%.0f %.0f l\n", x, y)
		case sfnt.SegmentOpQuadTo:
			cx, cy, ex, ey := f(s.Args[0].X), f(s.Args[0].Y), f(s.Args[1].X), f(s.Args[1].Y)
			b = fmt.Appendf(b, "%.1f %.1f %.1f %.1f %.0f %.0f c\n",
				x+(cx-x)*2/3, y+(cy-y)*2/3, ex+(cx-ex)*2/3, ey+(cy-ey)*2/3, ex, ey)
			x, y = ex, ey
		}
	}
	return b
}
