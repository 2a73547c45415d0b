package codes

import "sync"

var dmField = newField(0x12D) // x^8 + x^5 + x^3 + x^2 + 1

// Codewords of Data Matrix that are not data of the ASCII mode.
const (
	dmPad        = 129
	dmDigits     = 130 // 130 + n: two digits, n from 0 to 99
	dmToC40      = 230
	dmToBase256  = 231
	dmFNC1       = 232
	dmAppend     = 233
	dmUpperShift = 235
	dmMacro05    = 236
	dmMacro06    = 237
	dmToText     = 239
	dmECI        = 241
	dmUnlatch    = 254 // from C40 and Text back to ASCII
)

// dmWords keeps codewords in flight, so that a line that draws millions of
// symbols does not allocate them.
var dmWords = sync.Pool{New: func() any { return new([]byte) }}

func encodeDataMatrix(p Payload, cfg EncodeConfig) (*Symbol, error) {
	buf := dmWords.Get().(*[]byte)
	defer dmWords.Put(buf)
	words, unlatch, err := dmPack((*buf)[:0], &p)
	*buf = words
	if err != nil {
		return nil, err
	}
	var size, largest *dmSize
	for _, z := range dmSizes {
		if !z.allowed(&cfg) {
			continue
		}
		if largest == nil || z.dataWords > largest.dataWords {
			largest = z
		}
		if z.dataWords >= len(words) && (size == nil || z.rows*z.cols < size.rows*size.cols) {
			size = z
		}
	}
	if largest == nil {
		return nil, &dmSizeError{cfg.sizeText()}
	}
	if size == nil {
		return nil, &TooLongError{
			Symbology: DataMatrix, Have: len(words), Max: largest.dataWords,
			Unit: "codewords", Size: cfg.sizeText(),
		}
	}
	words = dmFill(words, size.dataWords, unlatch)
	*buf = words
	size.prepare()
	words = append(words, make([]byte, size.checkWords)...)
	*buf = words
	ecc := make([]byte, size.checkWords/size.blocks)
	for b := range size.blocks {
		dmField.remainder(ecc, words[:size.dataWords], b, size.blocks, size.generator)
		for i, c := range ecc {
			words[size.dataWords+b+i*size.blocks] = c
		}
	}
	return size.draw(words), nil
}

// dmFill pads codewords up to n. A last segment in C40 or Text is left first,
// except where it ends with the symbol: there the end says it.
func dmFill(words []byte, n int, unlatch bool) []byte {
	if unlatch && len(words) < n {
		words = append(words, dmUnlatch)
	}
	for first := true; len(words) < n; first = false {
		if first {
			words = append(words, dmPad)
			continue
		}
		// 253-state randomising: a long run of pads must not make a pattern.
		pad := dmPad + 149*(len(words)+1)%253 + 1
		if pad > 254 {
			pad -= 254
		}
		words = append(words, byte(pad))
	}
	return words
}

// draw sets the modules: in each region a solid line left and below, a broken one
// above and right, and codewords within.
func (z *dmSize) draw(words []byte) *Symbol {
	s := &Symbol{
		symbology: DataMatrix, width: z.cols, height: z.rows, rowHeight: 1, quiet: 2,
		dark: make([]bool, z.rows*z.cols),
	}
	h, w := z.regionHeight+2, z.regionWide+2
	for y := 0; y < z.rows; y += h {
		for x := range z.cols {
			s.dark[y*z.cols+x] = x%2 == 0
			s.dark[(y+h-1)*z.cols+x] = true
		}
	}
	for x := 0; x < z.cols; x += w {
		for y := range z.rows {
			s.dark[y*z.cols+x] = true
			s.dark[y*z.cols+x+w-1] = y%2 == 1
		}
	}
	i := 0
	for y := range z.dataRows {
		row := s.dark[(y/z.regionHeight*h+y%z.regionHeight+1)*z.cols:]
		for c := range z.regionCols {
			in := row[c*w+1:]
			for x := range z.regionWide {
				if at := z.place[i]; at >= 0 {
					in[x] = words[at>>3]>>(at&7)&1 == 1
				} else {
					in[x] = at == placeDark
				}
				i++
			}
		}
	}
	return s
}

// A dmSizeError says that no Data Matrix has the size asked for.
type dmSizeError struct{ size string }

func (e *dmSizeError) Error() string {
	if e.size == "144x144" || e.size == "144 rows" {
		return "codes: Data Matrix 144x144 is not drawn: decoders disagree about it; the largest is 132x132"
	}
	return "codes: no Data Matrix has the size " + e.size
}

// Hint lists the sizes there are.
func (e *dmSizeError) Hint() string {
	return "squares have 10 to 26, 32, 36, 40, 44, 48, 52, 64, 72, 80, 88, 96, 104, 120 or 132 rows; " +
		"rectangles 8, 12, 16, 20, 22, 24 or 26 rows"
}
