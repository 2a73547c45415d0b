package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"github.com/sublot/sublot/internal/plot"
)

const (
	margin     = 18.0 // millimetres
	pageHeight = 297.0
	pageBottom = pageHeight - margin
	points     = 72 / 25.4 // to the millimetre
	mono       = "gomono"
)

// A pen writes a document on pages.
type pen struct {
	f    *fpdf.Fpdf
	doc  *Document
	y    float64
	mono *sfnt.Font
	buf  sfnt.Buffer
	have map[rune]bool
}

// PDF writes the document as PDF 1.7 with its fonts in it. Made is the day that
// the file bears. Characters that the fonts lack, which are those of Arabic, Chinese and
// other scripts, are written by their numbers, as U+4E2D.
func (d *Document) PDF(w io.Writer, made time.Time) error {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(made)
	f.SetModificationDate(made)
	f.SetLang(d.in.Lang())
	f.SetTitle(d.Title+": "+d.Subtitle, true)
	f.SetCreator("sublot", true)
	f.SetProducer("sublot", true)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(false, margin)
	// the library writes into the fonts that it is given
	f.AddUTF8FontFromBytes(plot.Font, "", bytes.Clone(goregular.TTF))
	f.AddUTF8FontFromBytes(plot.Font, "B", bytes.Clone(gobold.TTF))
	f.AddUTF8FontFromBytes(mono, "", bytes.Clone(gomono.TTF))
	p := &pen{f: f, doc: d, have: map[rune]bool{}}
	var err error
	if p.mono, err = sfnt.Parse(gomono.TTF); err != nil {
		return err
	}
	f.SetFooterFunc(func() {
		p.font("", 2.8, plot.Grey)
		p.write(margin, pageHeight-9, p.fit(d.Title+": "+d.Subtitle, 140, 2.8))
		page := d.say("page %d of %s", f.PageNo(), "{nb}")
		p.write(margin+pageWidth-plot.Width(d.say("page %d of %s", f.PageNo(), "00"), 2.8, false), pageHeight-9, page)
	})
	f.AliasNbPages("{nb}")
	p.page()
	p.title()
	for i, x := range d.blocks {
		if _, ok := x.(heading); ok && i+1 < len(d.blocks) {
			if f, ok := d.blocks[i+1].(figure); ok { // a heading stays with its drawing
				p.room(f.drawing.H + 30)
			}
		}
		p.block(x)
	}
	return f.Output(w)
}

func (p *pen) page() {
	p.f.AddPage()
	p.y = margin
}

// room begins a new page where less than a height is left.
func (p *pen) room(h float64) {
	if p.y+h > pageBottom && p.y > margin {
		p.page()
	}
}

// font chooses a style ("", "B" or "M") and a size in millimetres.
func (p *pen) font(style string, size float64, c plot.Colour) {
	if style == "M" {
		p.f.SetFont(mono, "", size*points)
	} else {
		p.f.SetFont(plot.Font, style, size*points)
	}
	p.f.SetTextColor(rgb(c))
}

func rgb(c plot.Colour) (r, g, b int) {
	fmt.Sscanf(string(c), "#%02x%02x%02x", &r, &g, &b)
	return r, g, b
}

// clean writes what the fonts do not have by number.
func (p *pen) clean(s string) string {
	var b strings.Builder
	for _, r := range s {
		ok, known := p.have[r]
		if !known {
			i, err := p.mono.GlyphIndex(&p.buf, r)
			ok = err == nil && i != 0 || unicode.IsSpace(r) || r == '\u00a0'
			p.have[r] = ok
		}
		if ok {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "U+%04X ", r)
		}
	}
	return b.String()
}

// write writes at a place. A space that does not break is a space there: two
// characters of one glyph would be mapped in an order that changes from run to run.
func (p *pen) write(x, y float64, text string) { p.f.Text(x, y, plainSpaces(text)) }

func plainSpaces(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// width returns the width of a text in a style.
func (p *pen) width(s, style string, size float64) float64 {
	if style == "M" {
		return float64(len([]rune(s))) * size * 0.6
	}
	return plot.Width(s, size, style == "B")
}

func (p *pen) fit(s string, w, size float64) string { return plot.Fit(p.clean(s), w, size, false) }

// wrap breaks a text into lines of a width: at spaces, within a word only where it
// is longer than a line, and there rather after a mark of punctuation.
func (p *pen) wrap(text, style string, size, width float64) []string {
	var lines []string
	for _, par := range strings.Split(p.clean(text), "\n") {
		line := ""
		for _, word := range strings.Split(par, " ") {
			if with := strings.TrimPrefix(line+" "+word, " "); p.width(with, style, size) <= width {
				line = with
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for line = word; p.width(line, style, size) > width; {
				runes := []rune(line)
				n := len(runes) - 1
				for n > 1 && p.width(string(runes[:n]), style, size) > width {
					n--
				}
				if at := strings.LastIndexAny(string(runes[:n]), "/-.:_+,"); at > n/2 && style != "M" {
					n = len([]rune(string(runes[:n])[:at+1]))
				}
				lines = append(lines, string(runes[:n]))
				line = string(runes[n:])
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// lines writes lines at a place.
func (p *pen) lines(x float64, lines []string, style string, size, leading float64, c plot.Colour) {
	for _, l := range lines {
		p.room(leading)
		p.font(style, size, c)
		p.write(x, p.y+size*0.95, l)
		p.y += leading
	}
}

func (p *pen) title() {
	d := p.doc
	p.lines(margin, p.wrap(d.Title, "B", 7.4, pageWidth), "B", 7.4, 8.6, plot.Black)
	p.lines(margin, p.wrap(d.Subtitle, "", 4.4, pageWidth), "", 4.4, 5.6, plot.Black)
	p.lines(margin, p.wrap(d.Made, "", 3.4, pageWidth), "", 3.4, 4.6, plot.Grey)
	p.y += 2
}

const textSize, leading = 3.5, 4.7

func (p *pen) block(x block) {
	switch x := x.(type) {
	case heading:
		p.room(22)
		p.y += 4
		p.f.Bookmark(p.clean(x.text), 0, p.y)
		p.lines(margin, p.wrap(x.text, "B", 4.6, pageWidth), "B", 4.6, 5.6, plot.Black)
		p.f.SetDrawColor(rgb(plot.Grey))
		p.f.SetLineWidth(0.25)
		p.f.Line(margin, p.y+0.4, margin+pageWidth, p.y+0.4)
		p.y += 2.6
	case paragraph:
		p.paragraph(x)
	case facts:
		const names = 46.0
		for _, r := range x.rows {
			left := p.wrap(r[0], "B", textSize, names-2)
			right := p.wrap(r[1], "", textSize, pageWidth-names)
			h := float64(max(len(left), len(right))) * leading
			p.room(min(h, 40))
			y := p.y
			p.lines(margin, left, "B", textSize, leading, plot.Black)
			if p.y > y {
				p.y = y
			}
			p.lines(margin+names, right, "", textSize, leading, plot.Black)
			p.y = max(p.y, y+float64(len(left))*leading)
			if p.y < y { // over a page
				continue
			}
		}
		p.y += 1.5
	case list:
		for i, item := range x.items {
			lines := p.wrap(item, "", textSize, pageWidth-8)
			p.room(min(float64(len(lines))*leading, 60))
			p.font("", textSize, plot.Black)
			p.write(margin+1, p.y+textSize*0.95, fmt.Sprintf("%d.", i+1))
			p.lines(margin+8, lines, "", textSize, leading, plot.Black)
			p.y += 0.6
		}
		p.y += 1
	case figure:
		caption := p.wrap(x.caption, "", 3.1, pageWidth)
		p.room(x.drawing.H + 4 + float64(len(caption))*4)
		x.drawing.PDF(p.f, margin, p.y+1, func(s string) string { return plainSpaces(p.clean(s)) })
		p.y += x.drawing.H + 3
		p.lines(margin, caption, "", 3.1, 4, "#454545")
		p.y += 2
	case table:
		p.table(x)
	}
}

func (p *pen) paragraph(x paragraph) {
	switch x.style {
	case answer, caveat, code:
		style, size, lead, fill := "", textSize, leading, plot.Colour("#fbf6e8")
		switch x.style {
		case answer:
			style, size, lead, fill = "B", 4.1, 5.4, plot.White
		case code:
			style, size, lead, fill = "M", 3.0, 4.2, "#f3f3f3"
		}
		lines := p.wrap(x.text, style, size, pageWidth-8)
		h := float64(len(lines))*lead + 4
		p.room(h)
		p.f.SetFillColor(rgb(fill))
		p.f.Rect(margin, p.y, pageWidth, h, "F")
		switch x.style {
		case answer:
			p.f.SetDrawColor(rgb(plot.Black))
			p.f.SetLineWidth(0.5)
			p.f.Rect(margin, p.y, pageWidth, h, "D")
		case caveat:
			p.f.SetFillColor(rgb("#a8801f"))
			p.f.Rect(margin, p.y, 1.2, h, "F")
		}
		p.y += 2
		p.lines(margin+4, lines, style, size, lead, plot.Black)
		p.y += 4
	case fine:
		p.lines(margin, p.wrap(x.text, "", 3.1, pageWidth), "", 3.1, 4.2, "#454545")
		p.y += 1.5
	default:
		p.lines(margin, p.wrap(x.text, "", textSize, pageWidth), "", textSize, leading, plot.Black)
		p.y += 1.8
	}
}

const cellSize, cellLeading, cellPad = 3.0, 3.9, 1.2

func (p *pen) table(t table) {
	if t.caption != "" {
		p.room(20)
		p.lines(margin, p.wrap(t.caption, "B", textSize, pageWidth), "B", textSize, leading, plot.Black)
	}
	head := p.row(t, t.head, "B")
	p.room(head.height + 12)
	p.draw(t, head, true)
	for i, cells := range t.rows {
		style := ""
		if t.sums && i == len(t.rows)-1 {
			style = "B"
		}
		for _, r := range p.row(t, cells, style).pieces(int((pageBottom - margin - head.height - 2*cellPad) / cellLeading)) {
			below := 0.0
			if t.sums && i == len(t.rows)-2 { // the sum does not stand alone on a page
				below = cellLeading + 2*cellPad
			}
			if p.y+r.height+below > pageBottom {
				p.page()
				p.draw(t, head, true)
			}
			p.draw(t, r, false)
		}
	}
	p.y += 3
}

type tableRow struct {
	cells  [][]string
	style  string
	height float64
}

func (p *pen) row(t table, cells []string, style string) tableRow {
	r := tableRow{style: style, cells: make([][]string, len(cells))}
	for i, c := range cells {
		s, size := style, cellSize
		if t.align[i] == '=' && style == "" {
			s, size = "M", 2.7
		}
		r.cells[i] = p.wrap(c, s, size, t.width[i]*pageWidth-2*cellPad)
		r.height = max(r.height, float64(len(r.cells[i]))*cellLeading+2*cellPad)
	}
	return r
}

// pieces cuts a row that is longer than a page.
func (r tableRow) pieces(most int) []tableRow {
	var out []tableRow
	for {
		piece := tableRow{style: r.style, cells: make([][]string, len(r.cells))}
		more := false
		for i, lines := range r.cells {
			n := min(most, len(lines))
			piece.cells[i], r.cells[i] = lines[:n], lines[n:]
			piece.height = max(piece.height, float64(n)*cellLeading+2*cellPad)
			more = more || len(r.cells[i]) > 0
		}
		if out = append(out, piece); !more {
			return out
		}
	}
}

func (p *pen) draw(t table, r tableRow, head bool) {
	x := margin
	for i, lines := range r.cells {
		w := t.width[i] * pageWidth
		style, size := r.style, cellSize
		if t.align[i] == '=' && style == "" {
			style, size = "M", 2.7
		}
		p.font(style, size, plot.Black)
		for k, l := range lines {
			at := x + cellPad
			if t.align[i] == '>' {
				at = x + w - cellPad - p.width(l, style, size)
			}
			p.write(at, p.y+cellPad+size*0.95+float64(k)*cellLeading, l)
		}
		x += w
	}
	p.y += r.height
	p.f.SetDrawColor(rgb("#d5d5d5"))
	p.f.SetLineWidth(0.15)
	if head {
		p.f.SetDrawColor(rgb(plot.Black))
		p.f.SetLineWidth(0.35)
	}
	p.f.Line(margin, p.y, margin+pageWidth, p.y)
}
