package label

import (
	"bytes"
	"fmt"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/sublot/sublot/codes/internal/draw"
)

// A typeface is a font with what was met of it so far. Stations of a line draw at
// the same time: what they share is locked a text at a time and for reading where
// possible, and made outside the lock.
type typeface struct {
	data []byte
	once sync.Once
	font *sfnt.Font
	em   int // units of the outlines to the em
	caps int // height of capitals in units

	outlines struct {
		sync.RWMutex
		buf sfnt.Buffer
		of  map[rune]*glyph
	}
	rasters struct {
		sync.RWMutex
		of map[sized]*raster
	}
	graphics struct {
		sync.Mutex
		of map[words]*graphic
	}
}

// A sized glyph is what a raster is kept by: the height of capitals is in dots.
type sized struct {
	r    rune
	caps int
}

// A graphic is a text ready for a ZPL label; its upper left lies at x, y from the
// beginning of the text on the baseline. Most texts of a line are the same on
// every label.
type graphic struct {
	x, y int
	zpl  []byte
}

// words is what a graphic is kept by.
type words struct {
	caps int
	s    string
}

// A glyph is an outline in units of the font, y down from the baseline.
type glyph struct {
	advance  int
	segments []sfnt.Segment
	path     string // as SVG path data
}

var fonts = map[string]*typeface{
	"regular": {data: goregular.TTF},
	"bold":    {data: gobold.TTF},
	"mono":    {data: gomono.TTF},
}

// maxRasters bounds the rasters that are kept: some sizes of an alphabet.
const maxRasters = 4096

// maxGraphics bounds the graphics that are kept: the texts that stay the same on
// some kinds of labels, and a few of those that do not.
const maxGraphics = 256

func (f *typeface) load() {
	f.once.Do(func() {
		parsed, err := sfnt.Parse(f.data)
		if err != nil {
			panic(err) // the fonts are part of the program
		}
		f.font, f.em = parsed, int(parsed.UnitsPerEm())
		m, err := parsed.Metrics(&f.outlines.buf, fixed.I(f.em), font.HintingNone)
		if err != nil {
			panic(err)
		}
		f.caps = m.CapHeight.Round()
		f.outlines.of, f.rasters.of, f.graphics.of = map[rune]*glyph{}, map[sized]*raster{}, map[words]*graphic{}
	})
}

// need loads the outlines of a text.
func (f *typeface) need(text string) error {
	f.load()
	f.outlines.RLock()
	missing := false
	for _, r := range text {
		missing = missing || f.outlines.of[r] == nil
	}
	f.outlines.RUnlock()
	if !missing {
		return nil
	}
	f.outlines.Lock()
	defer f.outlines.Unlock()
	for _, r := range text {
		if err := f.loadGlyph(r); err != nil {
			return err
		}
	}
	return nil
}

// loadGlyph loads the outline of a character. The lock must be held.
func (f *typeface) loadGlyph(r rune) error {
	if f.outlines.of[r] != nil {
		return nil
	}
	buf := &f.outlines.buf
	index, err := f.font.GlyphIndex(buf, r)
	if err != nil || index == 0 {
		return fmt.Errorf("label: the fonts have no character %q (%U)", r, r)
	}
	advance, err := f.font.GlyphAdvance(buf, index, fixed.I(f.em), font.HintingNone)
	if err != nil {
		return fmt.Errorf("label: character %q: %w", r, err)
	}
	segments, err := f.font.LoadGlyph(buf, index, fixed.I(f.em), nil)
	if err != nil {
		return fmt.Errorf("label: character %q: %w", r, err)
	}
	g := &glyph{advance: advance.Round(), segments: append([]sfnt.Segment(nil), segments...)}
	g.path = svgPath(g.segments)
	f.outlines.of[r] = g
	return nil
}

// each calls do with every character of a text, its outline and its place along
// the baseline in units of the font, and returns where the text ends. All outlines
// must have been loaded by need.
func (f *typeface) each(text string, do func(r rune, g *glyph, at int)) (end int) {
	f.outlines.RLock()
	defer f.outlines.RUnlock()
	for _, r := range text {
		g := f.outlines.of[r]
		if do != nil {
			do(r, g, end)
		}
		end += g.advance
	}
	return end
}

// width returns the width of a text in dots. Its outlines must have been loaded.
func (f *typeface) width(text string, caps int) int {
	return (f.each(text, nil)*caps + f.caps - 1) / f.caps
}

// A raster is the dots of a character; its upper left lies at x, y from the place
// of the character on the baseline.
type raster struct {
	x, y int
	dots *draw.Bitmap
	zpl  []byte // the same as a ZPL graphic
}

// raster returns the dots of a character whose capitals are caps dots high.
func (f *typeface) raster(r rune, g *glyph, caps int) *raster {
	key := sized{r, caps}
	f.rasters.RLock()
	m := f.rasters.of[key]
	f.rasters.RUnlock()
	if m != nil {
		return m
	}
	scale := float32(caps) / float32(f.caps) / 64
	box := image.Rect(-caps, -2*caps, g.advance*caps/f.caps+caps, caps)
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	at := func(p fixed.Point26_6) (x, y float32) {
		return float32(p.X)*scale - float32(box.Min.X), float32(p.Y)*scale - float32(box.Min.Y)
	}
	for _, s := range g.segments {
		x, y := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x1, y1 := at(s.Args[1])
			z.QuadTo(x, y, x1, y1)
		}
	}
	z.ClosePath()
	mask := image.NewAlpha(box)
	z.Draw(mask, box, image.Opaque, image.Point{})
	m = threshold(mask)
	f.rasters.Lock()
	defer f.rasters.Unlock()
	if len(f.rasters.of) >= maxRasters {
		clear(f.rasters.of)
	}
	f.rasters.of[key] = m
	return m
}

// threshold keeps the dots that are covered by half or more.
func threshold(mask *image.Alpha) *raster {
	var ink image.Rectangle
	for y := mask.Rect.Min.Y; y < mask.Rect.Max.Y; y++ {
		for x := mask.Rect.Min.X; x < mask.Rect.Max.X; x++ {
			if mask.AlphaAt(x, y).A >= 128 {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	dots := &draw.Bitmap{Width: ink.Dx(), Height: ink.Dy(), Stride: (ink.Dx() + 7) / 8}
	dots.Pix = make([]byte, dots.Stride*dots.Height)
	for y := ink.Min.Y; y < ink.Max.Y; y++ {
		for x := ink.Min.X; x < ink.Max.X; x++ {
			if mask.AlphaAt(x, y).A >= 128 {
				dots.Ink(y-ink.Min.Y, x-ink.Min.X, x-ink.Min.X+1)
			}
		}
	}
	return &raster{ink.Min.X, ink.Min.Y, dots, dots.AppendGraphic(nil)}
}

// appendZPL appends a text as a ZPL graphic. Text of the font of equal widths is for
// numbers, which differ from label to label: it goes character by character.
func (t *text) appendZPL(b []byte) []byte {
	if t.font == fonts["mono"] {
		t.each(func(r rune, outline *glyph, at int) {
			if dots, x := t.place(r, outline, at); dots.dots.Width > 0 {
				b = append(draw.AppendOrigin(b, max(0, x), max(0, t.baseline+dots.y)), dots.zpl...)
			}
		})
		return b
	}
	f, key := t.font, words{t.caps, t.s}
	f.graphics.Lock()
	g := f.graphics.of[key]
	f.graphics.Unlock()
	if g != nil {
		return append(t.appendOrigin(b, g.x, g.y), g.zpl...)
	}
	alone := *t
	alone.x, alone.baseline = 0, 0
	var ink image.Rectangle
	alone.each(func(r rune, outline *glyph, at int) {
		dots, x := alone.place(r, outline, at)
		ink = ink.Union(image.Rect(x, dots.y, x+dots.dots.Width, dots.y+dots.dots.Height))
	})
	m := draw.NewBitmap(ink.Dx(), ink.Dy())
	defer m.Release()
	alone.ink(m, ink.Min.X, ink.Min.Y)
	b = t.appendOrigin(b, ink.Min.X, ink.Min.Y)
	start := len(b)
	b = m.AppendGraphic(b)

	g = &graphic{x: ink.Min.X, y: ink.Min.Y, zpl: bytes.Clone(b[start:])}
	f.graphics.Lock()
	defer f.graphics.Unlock()
	if len(f.graphics.of) >= maxGraphics {
		clear(f.graphics.of)
	}
	f.graphics.of[key] = g
	return b
}

// appendOrigin appends where a graphic goes that lies at x, y from the beginning of
// the text. No letter reaches further out than the margin is wide.
func (t *text) appendOrigin(b []byte, x, y int) []byte {
	return draw.AppendOrigin(b, max(0, t.x+x), max(0, t.baseline+y))
}
