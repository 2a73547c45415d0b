package codes

import (
	"image"
	"strings"
)

// A Symbol is the modules of one symbol, without its quiet zone. It does not
// change after [Encode] made it and may be used by several goroutines.
type Symbol struct {
	symbology     Symbology
	width, height int    // modules
	rowHeight     int    // modules that one row is drawn high: 1 in a matrix
	quiet         int    // modules
	dark          []bool // row by row
}

// Symbology returns the kind of symbol.
func (s *Symbol) Symbology() Symbology { return s.symbology }

// Width returns the width in modules, quiet zone not counted.
func (s *Symbol) Width() int { return s.width }

// Height returns the number of rows, quiet zone not counted. It is 1 for a
// linear symbol, whose only row is drawn [Symbol.RowHeight] modules high.
func (s *Symbol) Height() int { return s.height }

// RowHeight returns how many modules high a row is drawn: 1 in a matrix symbol,
// the nominal length of the bars in a linear one.
func (s *Symbol) RowHeight() int { return s.rowHeight }

// QuietZone returns the modules of light that must stay free around a matrix
// symbol, or left and right of a linear one: 2 for Data Matrix (ISO/IEC 16022
// wants 1, and 2 to 4 where the surroundings are not calm), 4 for QR, 2 for Aztec
// (which needs none), 10 for Code 128.
func (s *Symbol) QuietZone() int { return s.quiet }

// At says whether a module is dark; x runs from left to right, y from top to
// bottom. Every place outside the symbol is light.
func (s *Symbol) At(x, y int) bool {
	if x < 0 || y < 0 || x >= s.width || y >= s.height {
		return false
	}
	return s.dark[y*s.width+x]
}

// String draws the symbol with '#' for a dark module and '.' for a light one, a
// line a row, so that a difference of two symbols shows in a test.
func (s *Symbol) String() string {
	var b strings.Builder
	b.Grow((s.width + 1) * s.height)
	for y := range s.height {
		for x := range s.width {
			if s.At(x, y) {
				b.WriteByte('#')
			} else {
				b.WriteByte('.')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Image draws the symbol with its quiet zone, black on white, each module n
// pixels wide; n below 1 counts as 1. It is the picture that tests and
// simulations begin with; a printer gets [Symbol.AppendPNG].
func (s *Symbol) Image(n int) *image.Gray {
	n = max(n, 1)
	f := s.frame()
	img := image.NewGray(image.Rect(0, 0, f.width*n, f.height*n))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := range s.height {
		for x := range s.width {
			if !s.At(x, y) {
				continue
			}
			for py := (f.top + y*s.rowHeight) * n; py < (f.top+(y+1)*s.rowHeight)*n; py++ {
				row := img.Pix[py*img.Stride:]
				for px := (f.left + x) * n; px < (f.left+x+1)*n; px++ {
					row[px] = 0
				}
			}
		}
	}
	return img
}

// A frame is the picture of a symbol in modules, quiet zone counted.
type frame struct{ width, height, left, top int }

func (s *Symbol) frame() frame {
	f := frame{width: s.width + 2*s.quiet, height: s.height * s.rowHeight, left: s.quiet}
	if s.rowHeight == 1 {
		f.height += 2 * s.quiet
		f.top = s.quiet
	}
	return f
}
