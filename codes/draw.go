package codes

import (
	"fmt"
	"math"
	"strconv"

	"github.com/sublot/sublot/codes/internal/draw"
)

// DrawConfig says how large a symbol is drawn. The zero value draws modules of
// 0.33 mm for a printer of 600 dots to the inch.
type DrawConfig struct {
	// ModuleMM is the side of a module in millimetres, 0.01 to 100; 0 means 0.33,
	// which office printers and telephones manage. An SVG has exactly this size.
	ModuleMM float64

	// DPI is the dots to the inch of the printer, 50 to 5000; 0 means 600. PNG
	// and ZPL take ModuleMM rounded to whole dots: see ModuleDots.
	DPI int

	// Title is the accessible name of an SVG; empty means the kind and size of
	// the symbol.
	Title string
}

// ModuleDots returns how many printer dots wide a module is drawn in PNG and ZPL,
// and the millimetres that they measure: 8 dots and 0.3387 mm in the zero
// configuration. It is 0 where a module would be smaller than half a dot; such a
// configuration is refused.
func (c DrawConfig) ModuleDots() (dots int, mm float64) {
	c = c.withDefaults()
	dots = int(math.Round(c.ModuleMM * float64(c.DPI) / 25.4))
	return dots, float64(dots) * 25.4 / float64(c.DPI)
}

func (c DrawConfig) withDefaults() DrawConfig {
	if c.ModuleMM == 0 {
		c.ModuleMM = 0.33
	}
	if c.DPI == 0 {
		c.DPI = 600
	}
	return c
}

func (c DrawConfig) check() error {
	if !(c.ModuleMM >= 0.01 && c.ModuleMM <= 100) { // NaN is neither
		return fmt.Errorf("codes: module of %v mm: want 0.01 to 100", c.ModuleMM)
	}
	if c.DPI < 50 || c.DPI > 5000 {
		return fmt.Errorf("codes: %d dots to the inch: want 50 to 5000", c.DPI)
	}
	return nil
}

// maxDots bounds the picture of a symbol to 32 MB of bits.
const maxDots = 1 << 28

// bitmap draws the symbol with its quiet zone for a printer.
func (s *Symbol) bitmap(c DrawConfig) (*draw.Bitmap, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	dots, _ := c.ModuleDots()
	if dots == 0 {
		return nil, fmt.Errorf("codes: module of %v mm is less than half a dot at %d dots to the inch", c.ModuleMM, c.DPI)
	}
	f := s.frame()
	if f.width*dots > maxDots/(f.height*dots) {
		return nil, fmt.Errorf("codes: picture of %dx%d dots: want at most %d in all", f.width*dots, f.height*dots, maxDots)
	}
	m := draw.NewBitmap(f.width*dots, f.height*dots)
	m.Modules(s.dark, s.width, f.left*dots, f.top*dots, dots, s.rowHeight)
	return m, nil
}

// AppendPNG appends a picture of the symbol with its quiet zone: one bit a dot,
// black on white, its resolution stated in the file, so that it prints in its
// true size.
func (s *Symbol) AppendPNG(b []byte, c DrawConfig) ([]byte, error) {
	c = c.withDefaults()
	m, err := s.bitmap(c)
	if err != nil {
		return b, err
	}
	defer m.Release()
	return m.AppendPNG(b, c.DPI), nil
}

// AppendZPL appends a whole label in the language of Zebra's printers, with the
// symbol and its quiet zone as a graphic in the upper left corner. DPI must be
// that of the printer.
func (s *Symbol) AppendZPL(b []byte, c DrawConfig) ([]byte, error) {
	c = c.withDefaults()
	m, err := s.bitmap(c)
	if err != nil {
		return b, err
	}
	defer m.Release()
	b = append(b, "^XA"...)
	b = m.AppendZPL(b, 0, 0)
	return append(b, "^XZ\n"...), nil
}

// AppendSVG appends a drawing of the symbol with its quiet zone, black on white,
// in exact millimetres, whatever the printer: a document of its own that can also
// be pasted into a page.
func (s *Symbol) AppendSVG(b []byte, c DrawConfig) ([]byte, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return b, err
	}
	f := s.frame()
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" width="`...)
	b = appendMM(b, float64(f.width)*c.ModuleMM)
	b = append(b, `mm" height="`...)
	b = appendMM(b, float64(f.height)*c.ModuleMM)
	b = append(b, `mm" viewBox="0 0 `...)
	b = strconv.AppendInt(b, int64(f.width), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(f.height), 10)
	b = append(b, `" role="img" shape-rendering="crispEdges"><title>`...)
	if c.Title != "" {
		b = draw.AppendXML(b, c.Title)
	} else {
		b = s.appendTitle(b)
	}
	b = append(b, `</title><path fill="#fff" d="M0 0h`...)
	b = strconv.AppendInt(b, int64(f.width), 10)
	b = append(b, 'v')
	b = strconv.AppendInt(b, int64(f.height), 10)
	b = append(b, `H0z"/><path d="`...)
	b = draw.AppendPath(b, s.dark, s.width, f.left, f.top, s.rowHeight)
	return append(b, "\"/></svg>\n"...), nil
}

func (s *Symbol) appendTitle(b []byte) []byte {
	switch s.symbology {
	case DataMatrix:
		b = append(b, "Data Matrix"...)
	case QR:
		b = append(b, "QR code"...)
	case Aztec:
		b = append(b, "Aztec code"...)
	default:
		return append(b, "Code 128"...)
	}
	b = append(b, ", "...)
	b = strconv.AppendInt(b, int64(s.height), 10)
	b = append(b, " by "...)
	b = strconv.AppendInt(b, int64(s.width), 10)
	return append(b, " modules"...)
}

// appendMM appends millimetres to a tenth of a micrometre, so that a size like 40
// times 0.33 is written 13.2.
func appendMM(b []byte, mm float64) []byte {
	return strconv.AppendFloat(b, math.Round(mm*1e4)/1e4, 'f', -1, 64)
}
