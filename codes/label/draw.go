package label

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/image/font/sfnt"

	"github.com/sublot/sublot/codes/internal/draw"
)

// SizeMM returns the size of the label in millimetres, as it comes from whole dots.
func (l *Label) SizeMM() (width, height float64) { return l.mm(l.width), l.mm(l.height) }

// AppendSVG appends the label as a drawing in millimetres whose units are the dots
// of the printer.
func (l *Label) AppendSVG(b []byte) []byte {
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" width="`...)
	b = appendNumber(b, l.mm(l.width))
	b = append(b, `mm" height="`...)
	b = appendNumber(b, l.mm(l.height))
	b = append(b, `mm" viewBox="0 0 `...)
	b = strconv.AppendInt(b, int64(l.width), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(l.height), 10)
	b = append(b, `" role="img"><title>`...)
	for i := range l.texts {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = draw.AppendXML(b, l.texts[i].s)
	}
	b = append(b, `</title><path fill="#fff" d="M0 0h`...)
	b = strconv.AppendInt(b, int64(l.width), 10)
	b = append(b, 'v')
	b = strconv.AppendInt(b, int64(l.height), 10)
	b = append(b, `H0z"/><path shape-rendering="crispEdges" transform="translate(`...)
	b = strconv.AppendInt(b, int64(l.symbolX), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(l.symbolY), 10)
	b = append(b, `) scale(`...)
	b = strconv.AppendInt(b, int64(l.cell), 10)
	b = append(b, `)" d="`...)
	b = draw.AppendPath(b, l.modules, l.moduleCols, 0, 0, l.moduleRowHeight)
	b = append(b, `"/>`...)
	if d := l.diamond; d.size > 0 {
		b = append(b, `<path d="`...)
		for i, p := range d.outline() {
			b = append(b, "MLLLMLLL"[i])
			b = strconv.AppendInt(b, int64(p[0]), 10)
			b = append(b, ' ')
			b = strconv.AppendInt(b, int64(p[1]), 10)
			if i%4 == 3 {
				b = append(b, 'z')
			}
		}
		b = append(b, `"/>`...)
	}
	for i := range l.texts {
		t := &l.texts[i]
		b = append(b, `<g transform="translate(`...)
		b = strconv.AppendInt(b, int64(t.x), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(t.baseline), 10)
		b = append(b, `) scale(`...)
		b = strconv.AppendFloat(b, t.scale(), 'f', 6, 64)
		b = append(b, `)">`...)
		t.each(func(_ rune, g *glyph, at int) {
			if g.path == "" {
				return
			}
			b = append(b, `<path transform="translate(`...)
			b = strconv.AppendInt(b, int64(at), 10)
			b = append(b, ` 0)" d="`...)
			b = append(b, g.path...)
			b = append(b, `"/>`...)
		})
		b = append(b, `</g>`...)
	}
	return append(b, "</svg>\n"...)
}

// AppendPNG appends the label as a picture of one bit a dot that states its
// resolution.
func (l *Label) AppendPNG(b []byte) []byte {
	m := l.bitmap()
	defer m.Release()
	return m.AppendPNG(b, l.dpi)
}

// AppendZPL appends the label in the language of Zebra's printers, each block as a
// graphic, text as well: the fonts in a printer are not known here.
func (l *Label) AppendZPL(b []byte) []byte {
	b = append(b, "^XA^PW"...)
	b = strconv.AppendInt(b, int64(l.width), 10)
	b = append(b, "^LL"...)
	b = strconv.AppendInt(b, int64(l.height), 10)
	b = append(b, "^LH0,0^LS0"...)
	b = draw.AppendModules(draw.AppendOrigin(b, l.symbolX, l.symbolY), l.modules, l.moduleCols, l.cell, l.moduleRowHeight)
	if d := l.diamond; d.size > 0 {
		b = append(draw.AppendOrigin(b, d.x, d.y), d.graphic()...)
	}
	for i := range l.texts {
		b = l.texts[i].appendZPL(b)
	}
	return append(b, "^XZ\n"...)
}

// lastDiamond is the diamond drawn last as a ZPL graphic: those of one kind of label
// are all alike.
var lastDiamond atomic.Pointer[struct {
	size, stroke int
	zpl          []byte
}]

// graphic returns the diamond as a ZPL graphic.
func (d *diamond) graphic() []byte {
	if last := lastDiamond.Load(); last != nil && last.size == d.size && last.stroke == d.stroke {
		return last.zpl
	}
	m := draw.NewBitmap(d.size, d.size)
	defer m.Release()
	d.ink(m, d.x, d.y)
	zpl := m.AppendGraphic(nil)
	lastDiamond.Store(&struct {
		size, stroke int
		zpl          []byte
	}{d.size, d.stroke, zpl})
	return zpl
}

// bitmap draws the whole label.
func (l *Label) bitmap() *draw.Bitmap {
	m := draw.NewBitmap(l.width, l.height)
	l.inkSymbol(m, 0, 0)
	l.diamond.ink(m, 0, 0)
	for i := range l.texts {
		l.texts[i].ink(m, 0, 0)
	}
	return m
}

// inkSymbol and the two below draw a part on a bitmap that shows the label from x0,
// y0 on.
func (l *Label) inkSymbol(m *draw.Bitmap, x0, y0 int) {
	m.Modules(l.modules, l.moduleCols, l.symbolX-x0, l.symbolY-y0, l.cell, l.moduleRowHeight)
}

func (d *diamond) ink(m *draw.Bitmap, x0, y0 int) {
	middle := d.x + d.size/2 - x0
	for y := range d.size {
		outer, inner := d.reach(y, 0), d.reach(y, d.stroke)
		m.Ink(d.y+y-y0, middle-outer, middle-inner)
		m.Ink(d.y+y-y0, middle+inner, middle+outer)
	}
}

func (t *text) ink(m *draw.Bitmap, x0, y0 int) {
	t.each(func(r rune, g *glyph, at int) {
		dots, x := t.place(r, g, at)
		m.Blit(dots.dots, x-x0, t.baseline+dots.y-y0)
	})
}

// place returns the dots of a character and where their left edge comes to.
func (t *text) place(r rune, g *glyph, at int) (*raster, int) {
	dots := t.font.raster(r, g, t.caps)
	return dots, t.x + int(math.Round(float64(at)*t.scale())) + dots.x
}

// reach returns how far a row of the diamond reaches from its middle, the stroke
// taken off.
func (d *diamond) reach(y, stroke int) int {
	half := d.size / 2
	off := y - half
	if off < 0 {
		off = -1 - off
	}
	return max(0, half-off-stroke*3/2) // 3/2 is near the root of 2, since the stroke is slanted
}

// outline returns the corners of the diamond, outside clockwise and inside counter.
func (d *diamond) outline() [8][2]int {
	h, s := d.size/2, d.stroke*3/2
	cx, cy := d.x+h, d.y+h
	return [8][2]int{
		{cx, cy - h}, {cx + h, cy}, {cx, cy + h}, {cx - h, cy},
		{cx, cy - h + s}, {cx - h + s, cy}, {cx, cy + h - s}, {cx + h - s, cy},
	}
}

// scale turns units of the font into dots.
func (t *text) scale() float64 { return float64(t.caps) / float64(t.font.caps) }

// each calls do with every character, its outline and its place along the baseline
// in units of the font.
func (t *text) each(do func(r rune, g *glyph, at int)) { t.font.each(t.s, do) }

// svgPath writes an outline as path data.
func svgPath(segments []sfnt.Segment) string {
	var b strings.Builder
	for i, s := range segments {
		n := 1
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				b.WriteByte('z')
			}
			b.WriteByte('M')
		case sfnt.SegmentOpLineTo:
			b.WriteByte('L')
		case sfnt.SegmentOpQuadTo:
			b.WriteByte('Q')
			n = 2
		}
		for k, p := range s.Args[:n] {
			if k > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(p.X.Round()))
			b.WriteByte(' ')
			b.WriteString(strconv.Itoa(p.Y.Round()))
		}
	}
	if b.Len() > 0 {
		b.WriteByte('z')
	}
	return b.String()
}

// appendNumber appends a number to four places.
func appendNumber(b []byte, v float64) []byte {
	return strconv.AppendFloat(b, math.Round(v*1e4)/1e4, 'f', -1, 64)
}
