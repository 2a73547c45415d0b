package codes

import (
	"errors"
	"fmt"

	"github.com/makiuchi-d/gozxing"
	aztecdecoder "github.com/makiuchi-d/gozxing/aztec/decoder"
	aztecdetector "github.com/makiuchi-d/gozxing/aztec/detector"
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	dmdecoder "github.com/makiuchi-d/gozxing/datamatrix/decoder"
	dmdetector "github.com/makiuchi-d/gozxing/datamatrix/detector"
	"github.com/makiuchi-d/gozxing/oned"
	qrdecoder "github.com/makiuchi-d/gozxing/qrcode/decoder"
	qrdetector "github.com/makiuchi-d/gozxing/qrcode/detector"

	"github.com/sublot/sublot/codes/internal/parse"
)

// cheap runs the detectors of gozxing on a view, each on two kinds of black and
// white. They are quick and read what is clean and nearly upright. Detectors and
// error correction are used, never the text: it loses bytes.
func (s *scanner) cheap(v view) {
	source, err := gozxing.NewPlanarYUVLuminanceSource(v.Pix, v.W, v.H, 0, 0, v.W, v.H, false)
	if err != nil {
		return
	}
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		matrix, err := bitmap.GetBlackMatrix()
		if err != nil {
			continue
		}
		for _, try := range []struct {
			symbology Symbology
			read      func() (*found, error)
		}{
			{DataMatrix, func() (*found, error) { return cheapDataMatrix(matrix) }},
			{QR, func() (*found, error) { return cheapQR(matrix) }},
			{Aztec, func() (*found, error) { return cheapAztec(matrix) }},
			{Code128, func() (*found, error) { return cheapCode128(bitmap) }},
		} {
			if !s.wants(try.symbology) || s.late() {
				continue
			}
			if f, err := guarded(try.read); err == nil {
				f.symbology = try.symbology
				s.add(v.hit(f))
			}
		}
		if len(s.hits) > 0 {
			return
		}
	}
}

// guarded runs a reader of the library. It is a port that saw its last release
// in 2021: a panic of it is a symbol not read.
func guarded(read func() (*found, error)) (f *found, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("codes: reader: %v", p)
		}
	}()
	return read()
}

func cheapDataMatrix(matrix *gozxing.BitMatrix) (*found, error) {
	detector, err := dmdetector.NewDetector(matrix)
	if err != nil {
		return nil, err
	}
	d, err := detector.Detect()
	if err != nil {
		return nil, err
	}
	r, err := dmdecoder.NewDecoder().Decode(d.GetBits())
	if err != nil {
		return nil, err
	}
	rows, cols := d.GetBits().GetHeight(), d.GetBits().GetWidth()
	if rows*cols < 12*12 {
		// Of random 10x10 patterns one in 2300 passes its error correction.
		return nil, errors.New("codes: too small to be believed without a look at its finder")
	}
	m, err := parse.DataMatrix(r.GetRawBytes())
	if err != nil {
		return nil, err
	}
	p := places(d.GetPoints())
	f := &found{message: m, rows: rows, cols: cols}
	f.corners = grown([4][2]float64{p[0], p[3], p[2], p[1]}, 0.5, rows, cols) // points are centres of modules
	return f, nil
}

// grown takes the corners of a grid of rows by cols less twice the margin, and
// pushes each out by a margin in modules.
func grown(q [4][2]float64, margin float64, rows, cols int) [4][2]float64 {
	u := margin / (float64(cols) - 2*margin)
	w := margin / (float64(rows) - 2*margin)
	at := func(x, y float64) (p [2]float64) {
		for i := range 2 {
			p[i] = (q[0][i]*(1-x)+q[1][i]*x)*(1-y) + (q[3][i]*(1-x)+q[2][i]*x)*y
		}
		return p
	}
	return [4][2]float64{at(-u, -w), at(1+u, -w), at(1+u, 1+w), at(-u, 1+w)}
}

// places returns points in our coordinates. Those of the library have pixel
// centres at whole numbers or halves, as each detector likes; half a pixel more or
// less is nothing to a corner.
func places(points []gozxing.ResultPoint) [][2]float64 {
	out := make([][2]float64, len(points))
	for i, p := range points {
		out[i] = [2]float64{p.GetX(), p.GetY()}
	}
	return out
}

// cheapQR corrects the codewords itself, with the parts of the library, since its
// decoder refuses symbols whose ECI it has no table for.
func cheapQR(matrix *gozxing.BitMatrix) (*found, error) {
	d, err := qrdetector.NewDetector(matrix).DetectWithoutHints()
	if err != nil {
		return nil, err
	}
	mirrored := false
	words, version, err := qrWords(d.GetBits())
	if err != nil {
		flipped, ferr := qrMirrored(matrix)
		if ferr != nil {
			return nil, err
		}
		if words, version, err = qrWords(flipped); err != nil {
			return nil, err
		}
		mirrored = true
	}
	m, err := parse.QR(words, version)
	if err != nil {
		return nil, err
	}
	size := 17 + 4*version
	p := places(d.GetPoints()) // centres of the finders: bottom left, top left, top right
	if mirrored {
		p[0], p[2] = p[2], p[0]
	}
	fourth := [2]float64{p[0][0] + p[2][0] - p[1][0], p[0][1] + p[2][1] - p[1][1]}
	f := &found{message: m, rows: size, cols: size, mirrored: mirrored}
	f.corners = grown([4][2]float64{p[1], p[2], fourth, p[0]}, 3.5, size, size)
	return f, nil
}

// qrMirrored detects the symbol anew and turns its modules about the diagonal: the
// attempt that failed has removed the mask from the first ones.
func qrMirrored(matrix *gozxing.BitMatrix) (*gozxing.BitMatrix, error) {
	d, err := qrdetector.NewDetector(matrix).DetectWithoutHints()
	if err != nil {
		return nil, err
	}
	bits := d.GetBits()
	n := bits.GetWidth()
	flipped, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return nil, err
	}
	for y := range n {
		for x := range n {
			if bits.Get(x, y) {
				flipped.Set(y, x)
			}
		}
	}
	return flipped, nil
}

// qrWords returns the corrected data codewords of a QR code and its version.
func qrWords(bits *gozxing.BitMatrix) ([]byte, int, error) {
	parser, err := qrdecoder.NewBitMatrixParser(bits)
	if err != nil {
		return nil, 0, err
	}
	version, err := parser.ReadVersion()
	if err != nil {
		return nil, 0, err
	}
	format, err := parser.ReadFormatInformation()
	if err != nil {
		return nil, 0, err
	}
	raw, err := parser.ReadCodewords()
	if err != nil {
		return nil, 0, err
	}
	blocks, err := qrdecoder.DataBlock_GetDataBlocks(raw, version, format.GetErrorCorrectionLevel())
	if err != nil {
		return nil, 0, err
	}
	corrector := reedsolomon.NewReedSolomonDecoder(reedsolomon.GenericGF_QR_CODE_FIELD_256)
	var words []byte
	for _, block := range blocks {
		ints := make([]int, len(block.GetCodewords()))
		for i, w := range block.GetCodewords() {
			ints[i] = int(w)
		}
		if err := corrector.Decode(ints, len(ints)-block.GetNumDataCodewords()); err != nil {
			return nil, 0, err
		}
		for _, w := range ints[:block.GetNumDataCodewords()] {
			words = append(words, byte(w))
		}
	}
	return words, version.GetVersionNumber(), nil
}

func cheapAztec(matrix *gozxing.BitMatrix) (*found, error) {
	detector := aztecdetector.NewDetector(matrix)
	var last error
	for _, mirrored := range []bool{false, true} {
		d, err := detector.Detect(mirrored)
		if err != nil {
			last = err
			continue
		}
		r, err := aztecdecoder.NewDecoder().Decode(d)
		if err != nil {
			last = err
			continue
		}
		m, err := parse.Aztec(r.GetRawBytes(), r.GetNumBits())
		if err != nil {
			last = err
			continue
		}
		n := d.GetBits().GetWidth()
		f := &found{message: m, rows: n, cols: n, mirrored: mirrored}
		copy(f.corners[:], places(d.GetPoints()))
		return f, nil
	}
	return nil, last
}

func cheapCode128(bitmap *gozxing.BinaryBitmap) (*found, error) {
	r, err := oned.NewCode128Reader().DecodeWithoutHints(bitmap)
	if err != nil {
		return nil, err
	}
	m, err := parse.Code128(r.GetRawBytes())
	if err != nil {
		return nil, err
	}
	p := places(r.GetResultPoints())
	if len(p) < 2 {
		return nil, errors.New("codes: code 128 without a place")
	}
	return &found{message: m, corners: [4][2]float64{p[0], p[1], p[1], p[0]}}, nil
}
