package codes

import (
	"errors"
	"fmt"
	"slices"

	"github.com/makiuchi-d/gozxing"
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
// error correction are used, never the text: it loses bytes. Aztec is left to
// our own engine, which also tells where all the corners are.
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
			{DataMatrix, func() (*found, error) { return cheapDataMatrix(v, matrix) }},
			{QR, func() (*found, error) { return cheapQR(v, matrix) }},
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

// cheapParts runs the detectors of gozxing on the restless parts of a view: they
// begin in the middle of the picture, where a label has its text.
func (s *scanner) cheapParts(v view) {
	const most = 4 // parts
	for i, r := range regions(v.Image) {
		if i == most || s.late() {
			return
		}
		if 2*r.area() < v.W*v.H {
			s.cheap(v.cut(r))
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

func cheapDataMatrix(v view, matrix *gozxing.BitMatrix) (*found, error) {
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
	m, err := parse.DataMatrix(r.GetRawBytes())
	if err != nil {
		return nil, err
	}
	bits := d.GetBits()
	rows, cols := bits.GetHeight(), bits.GetWidth()
	p := places(d.GetPoints())
	f := &found{message: m, rows: rows, cols: cols}
	f.corners = grown([4][2]float64{p[0], p[3], p[2], p[1]}, 0.5, rows, cols) // points are centres of modules
	if !f.confirm(bits, r.GetRawBytes()) {
		return nil, errors.New("codes: the finder of a data matrix is not there")
	}
	f.contrast = contrast(v, bits, f.corners)
	return f, nil
}

// confirm draws the symbol anew from its corrected data and compares it with what
// was seen: that counts the corrections, and a chance pattern that passed error
// correction (of random 10x10 one in 2300 does with this library) shows itself by
// its finder.
func (f *found) confirm(bits *gozxing.BitMatrix, data []byte) bool {
	i := slices.IndexFunc(dmSizes, func(z *dmSize) bool { return z.rows == f.rows && z.cols == f.cols })
	if i < 0 {
		return true // 144x144, large enough to be believed
	}
	z := dmSizes[i]
	if len(data) != z.dataWords {
		return false
	}
	z.prepare()
	words := append(slices.Clone(data), make([]byte, z.checkWords)...)
	ecc := make([]byte, z.checkWords/z.blocks)
	for b := range z.blocks {
		dmField.remainder(ecc, data, b, z.blocks, z.generator)
		for i, c := range ecc {
			words[z.dataWords+b+i*z.blocks] = c
		}
	}
	ideal := z.draw(words)
	finder, wrongFinder := 0, 0
	wrong := make([]bool, len(words))
	h, w := z.regionHeight+2, z.regionWide+2
	for y := range z.rows {
		for x := range z.cols {
			same := ideal.At(x, y) == bits.Get(x, y)
			ry, rx := y%h, x%w
			if ry == 0 || ry == h-1 || rx == 0 || rx == w-1 {
				finder++
				if !same {
					wrongFinder++
				}
				continue
			}
			at := z.place[(y/h*z.regionHeight+ry-1)*z.dataCols+x/w*z.regionWide+rx-1]
			if at >= 0 && !same {
				wrong[at>>3] = true
			}
		}
	}
	for _, w := range wrong {
		if w {
			f.corrected++
		}
	}
	f.correctable = z.checkWords / z.blocks / 2 * z.blocks
	allowed := finder / 4
	if z.rows <= 12 {
		allowed = finder / 12
	}
	return wrongFinder <= allowed && f.corrected <= f.correctable
}

// contrast is the difference between the mean brightness of light and of dark
// modules, looked up at their centres.
func contrast(v view, bits *gozxing.BitMatrix, q [4][2]float64) float64 {
	var sum [2]float64
	var n [2]int
	cols, rows := bits.GetWidth(), bits.GetHeight()
	for y := range rows {
		for x := range cols {
			a, b := (float64(x)+0.5)/float64(cols), (float64(y)+0.5)/float64(rows)
			px := (q[0][0]*(1-a)+q[1][0]*a)*(1-b) + (q[3][0]*(1-a)+q[2][0]*a)*b
			py := (q[0][1]*(1-a)+q[1][1]*a)*(1-b) + (q[3][1]*(1-a)+q[2][1]*a)*b
			k := 0
			if bits.Get(x, y) {
				k = 1
			}
			sum[k] += v.At(px, py)
			n[k]++
		}
	}
	if n[0] == 0 || n[1] == 0 {
		return 0
	}
	return max(sum[0]/float64(n[0])-sum[1]/float64(n[1]), 0)
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
func cheapQR(v view, matrix *gozxing.BitMatrix) (*found, error) {
	d, err := qrdetector.NewDetector(matrix).DetectWithoutHints()
	if err != nil {
		return nil, err
	}
	f := &found{}
	bits := d.GetBits()
	raw := copied(bits, false) // reading takes the mask off
	words, version, err := f.qrWords(bits)
	if err != nil {
		f.mirrored = true
		raw = copied(raw, true)
		if words, version, err = f.qrWords(copied(raw, false)); err != nil {
			return nil, err
		}
	}
	m, err := parse.QR(words, version)
	if err != nil {
		return nil, err
	}
	f.message, f.rows, f.cols = m, 17+4*version, 17+4*version
	p := places(d.GetPoints()) // centres of the finders: bottom left, top left, top right
	if f.mirrored {
		p[0], p[2] = p[2], p[0]
	}
	fourth := [2]float64{p[0][0] + p[2][0] - p[1][0], p[0][1] + p[2][1] - p[1][1]}
	f.corners = grown([4][2]float64{p[1], p[2], fourth, p[0]}, 3.5, f.rows, f.cols)
	f.contrast = contrast(v, raw, f.corners)
	return f, nil
}

// copied returns a copy of the modules, turned about the diagonal if so wanted.
func copied(bits *gozxing.BitMatrix, turned bool) *gozxing.BitMatrix {
	n := bits.GetWidth()
	out, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return bits
	}
	for y := range n {
		for x := range n {
			switch {
			case !bits.Get(x, y):
			case turned:
				out.Set(y, x)
			default:
				out.Set(x, y)
			}
		}
	}
	return out
}

// qrWords returns the corrected data codewords of a QR code and its version, and
// counts the corrections. It takes the mask off the modules.
func (f *found) qrWords(bits *gozxing.BitMatrix) ([]byte, int, error) {
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
	f.corrected, f.correctable = 0, 0
	var words []byte
	for _, block := range blocks {
		ints := make([]int, len(block.GetCodewords()))
		for i, w := range block.GetCodewords() {
			ints[i] = int(w)
		}
		if err := corrector.Decode(ints, len(ints)-block.GetNumDataCodewords()); err != nil {
			return nil, 0, err
		}
		for i, w := range block.GetCodewords() {
			if ints[i] != int(w) {
				f.corrected++
			}
		}
		f.correctable += (len(ints) - block.GetNumDataCodewords()) / 2
		for _, w := range ints[:block.GetNumDataCodewords()] {
			words = append(words, byte(w))
		}
	}
	return words, version.GetVersionNumber(), nil
}

// cheapBars reads a Code 128 along the rows of a view with the library. It reads
// some that our own engine does not, but tells one line of the symbol only.
func (s *scanner) cheapBars(v view) {
	if !s.wants(Code128) {
		return
	}
	source, err := gozxing.NewPlanarYUVLuminanceSource(v.Pix, v.W, v.H, 0, 0, v.W, v.H, false)
	if err != nil {
		return
	}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
	if err != nil {
		return
	}
	f, err := guarded(func() (*found, error) {
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
		return &found{symbology: Code128, message: m, corners: [4][2]float64{p[0], p[1], p[1], p[0]}}, nil
	})
	if err == nil {
		s.add(v.hit(f))
	}
}
