package codes

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing"
	gzdm "github.com/makiuchi-d/gozxing/datamatrix"
	gzqr "github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/parse"
)

// readBack decodes the drawing of a symbol with gozxing, which corrects errors
// and hands out the codewords, and our parser, which says what they mean. gozxing
// was written by others than the encoder.
func readBack(s *Symbol) (Payload, error) {
	bmp, err := gozxing.NewBinaryBitmapFromImage(s.Image(2))
	if err != nil {
		return Payload{}, err
	}
	hints := map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_PURE_BARCODE: true}
	var m *parse.Message
	switch s.Symbology() {
	case DataMatrix:
		r, err := gzdm.NewDataMatrixReader().Decode(bmp, hints)
		if err != nil {
			return Payload{}, err
		}
		if m, err = parse.DataMatrix(r.GetRawBytes()); err != nil {
			return Payload{}, err
		}
	case QR:
		r, err := gzqr.NewQRCodeReader().Decode(bmp, hints)
		if err != nil {
			return Payload{}, err
		}
		if m, err = parse.QR(r.GetRawBytes(), (s.Width()-17)/4); err != nil {
			return Payload{}, err
		}
	default:
		return Payload{}, errors.New("no reader")
	}
	return Payload{Data: m.Data, GS1: m.GS1, ECI: m.ECI, Index: m.Index, Total: m.Total, Group: m.Group}, nil
}

// alphabets are the kinds of data that lead to different modes.
var alphabets = []string{
	"0123456789",
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:",
	"abcdefghijklmnopqrstuvwxyz0123456789",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"012345ABCDEF\x1d%",
	"", // any byte
}

// randomData mixes runs over the alphabets, or keeps to one.
func randomData(r *rand.Rand, n int) []byte {
	data := make([]byte, 0, n)
	mixed := r.IntN(2) == 0
	a := alphabets[r.IntN(len(alphabets))]
	for left := 0; len(data) < n; left-- {
		if mixed && left <= 0 {
			a, left = alphabets[r.IntN(len(alphabets))], 1+r.IntN(20)
		}
		if a == "" {
			data = append(data, byte(r.IntN(256)))
		} else {
			data = append(data, a[r.IntN(len(a))])
		}
	}
	return data
}

func TestEveryLengthReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, symbology := range []Symbology{DataMatrix, QR} {
		step := 1
		for n := 1; n <= 3000; n += step {
			if n > 260 {
				step = 1 + n/8
			}
			p := Payload{Data: randomData(r, n), GS1: n%7 == 3}
			if p.GS1 {
				p.Data = bytes.ReplaceAll(p.Data, []byte{gs, gs}, []byte{gs, '1'})
				if p.Data[0] == gs {
					p.Data[0] = '0'
				}
			}
			if n%5 == 0 {
				p.ECI = []int{3, 26}[r.IntN(2)] // gozxing stumbles over most others
			}
			if n%11 == 0 {
				p.Total = 2 + r.IntN(15)
				p.Index, p.Group = r.IntN(p.Total), r.IntN(254)+1
				if symbology == DataMatrix {
					p.Group |= (1 + r.IntN(254)) << 8
				}
			}
			s, err := Encode(p, EncodeConfig{Symbology: symbology, Level: map[Symbology]string{QR: "L"}[symbology]})
			if tooLong := new(TooLongError); errors.As(err, &tooLong) && tooLong.Have > tooLong.Max {
				continue
			}
			require.NoError(t, err)
			got, err := readBack(s)
			require.NoError(t, err, "%s, %d bytes: %q", symbology, n, p.Data)
			require.True(t, p.Equal(got), "%s: want %+v, got %+v", symbology, p, got)
		}
	}
}

// TestEverySizeReadsBack draws each size of Data Matrix and QR, full and nearly
// empty.
func TestEverySizeReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(cfg EncodeConfig, n int) {
		for _, n := range []int{1, n - 1, n} {
			data := make([]byte, n)
			for i := range data {
				data[i] = byte(128 + r.IntN(128))
			}
			if n < 1 {
				continue
			}
			s, err := Encode(Payload{Data: data}, cfg)
			require.NoError(t, err, "%+v %d", cfg, n)
			require.Equal(t, []int{cfg.Rows, cfg.Cols}, []int{s.Height(), s.Width()})
			got, err := readBack(s)
			require.NoError(t, err, "%+v %d", cfg, n)
			require.Equal(t, data, got.Data)
		}
	}
	for _, z := range dmSizes {
		full := z.dataWords - 2 // latch and length
		if full > 249 {
			full--
		}
		check(EncodeConfig{Rows: z.rows, Cols: z.cols}, full)
	}
	for number := 1; number <= 40; number++ {
		for i, level := range []string{"L", "M", "Q", "H"} {
			full := qrDataWords(number, i) - 2
			if number > 9 {
				full--
			}
			check(EncodeConfig{Symbology: QR, Rows: 17 + 4*number, Cols: 17 + 4*number, Level: level}, full)
		}
	}
}

// TestSizes pins the size of the symbols that a buyer sees, for bytes that no mode
// makes shorter.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		cfg   EncodeConfig
		bytes int
		size  string
	}{
		{EncodeConfig{}, 1, "10x10"},
		{EncodeConfig{}, 6, "14x14"},
		{EncodeConfig{}, 84, "36x36"},
		{EncodeConfig{}, 85, "40x40"},
		{EncodeConfig{}, 112, "40x40"},
		{EncodeConfig{}, 113, "44x44"},
		{EncodeConfig{Rectangle: true}, 3, "8x18"},
		{EncodeConfig{Rectangle: true}, 47, "16x48"},
		{EncodeConfig{Rows: 20}, 82, "20x64"},
		{EncodeConfig{Rectangle: true}, 82, "26x48"}, // a smaller area than 20x64
		{EncodeConfig{Rows: 26}, 88, "26x48"},
		{EncodeConfig{Rows: 24}, 106, "24x64"},
		{EncodeConfig{Rows: 26}, 116, "26x64"},
		{EncodeConfig{Cols: 64}, 22, "8x64"},
		{EncodeConfig{Symbology: QR}, 84, "37x37"},
		{EncodeConfig{Symbology: QR, Level: "M"}, 85, "41x41"},
		{EncodeConfig{Symbology: QR, Level: "L"}, 2953, "177x177"},
		{EncodeConfig{Symbology: QR, Level: "H"}, 1273, "177x177"},
	} {
		data := bytes.Repeat([]byte{0xE8, 0x81, 0xFF}, c.bytes)[:c.bytes]
		s, err := Encode(Payload{Data: data}, c.cfg)
		require.NoError(t, err)
		require.Equal(t, c.size, fmt.Sprintf("%dx%d", s.Height(), s.Width()), "%d bytes, %+v", c.bytes, c.cfg)
	}
}

// TestDensity holds the packing to counts made by hand.
func TestDensity(t *testing.T) {
	for _, c := range []struct {
		data  string
		words int
	}{
		{"A", 1},
		{"12", 1},
		{"123", 2},
		{"\xff", 2},
		{"\xff\xff\xff", 5},              // latch, length, three
		{"ABCDEFGHI", 7},                 // C40: latch, six
		{"abcdefghi", 7},                 // Text
		{"ABCDEFGH", 7},                  // C40 with a third of nothing
		{"ABCDEFGHI12345678", 7 + 1 + 4}, // C40, unlatch, pairs
		{"12345678901234567890", 10},
		{"[)>\x1e06\x1d17VXCW\x1e\x04", 5 + 1}, // macro, 17, V, X, C, W
	} {
		words, _, err := dmPack(nil, &Payload{Data: []byte(c.data)})
		require.NoError(t, err)
		require.LessOrEqual(t, len(words), c.words, "%q: %v", c.data, words)
	}
	mixed := []byte("SL1:ABCDEFGH12345678901234567890abc")
	s, err := Encode(Payload{Data: mixed}, EncodeConfig{Symbology: QR, Level: "L"})
	require.NoError(t, err)
	require.Equal(t, 25, s.Width(), "mixed segments are shorter than bytes, which need 29 modules")
}

func TestECICodewords(t *testing.T) {
	for _, eci := range []int{1, 126, 127, 16382, 16383, 100000, 999999} {
		words, _, err := dmPack(nil, &Payload{Data: []byte("AB\xff"), ECI: eci})
		require.NoError(t, err)
		m, err := parse.DataMatrix(words)
		require.NoError(t, err)
		require.Equal(t, eci, m.ECI)
		require.Equal(t, []byte("AB\xff"), m.Data)

		q := new(qrPlanner)
		p := &Payload{Data: []byte("AB\xff"), ECI: eci}
		bits := q.plan(p, 0)
		q.write(p, 0)
		require.Equal(t, bits, q.bits.n)
		q.fill(19)
		m, err = parse.QR(q.bits.bytes, 1)
		require.NoError(t, err)
		require.Equal(t, eci, m.ECI)
		require.Equal(t, []byte("AB\xff"), m.Data)
	}
}

// TestShortestOfItsModes compares the packing with the best that one mode alone
// reaches: a mix is never longer.
func TestShortestOfItsModes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for range 500 {
		data := randomData(r, 1+r.IntN(300))
		words, _, err := dmPack(nil, &Payload{Data: data})
		require.NoError(t, err)
		ascii, base256 := 0, 2+len(data)
		if len(data) > 249 {
			base256++
		}
		for i := 0; i < len(data); i++ {
			ascii++
			if data[i] >= 128 {
				ascii++
			} else if i+1 < len(data) && isDigit(data[i]) && isDigit(data[i+1]) {
				i++
			}
		}
		require.LessOrEqual(t, len(words), min(ascii, base256), "%q", data)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		p    Payload
		cfg  EncodeConfig
		says string
	}{
		{Payload{}, EncodeConfig{}, "codes: empty payload"},
		{Payload{}, EncodeConfig{Symbology: QR}, "codes: empty payload"},
		{Payload{Data: []byte("\x1d01"), GS1: true}, EncodeConfig{}, "codes: GS1 data with an empty element string: a separator at the beginning or after another"},
		{Payload{Data: []byte("a"), ECI: -1}, EncodeConfig{}, "codes: ECI -1: want 1 to 999999, or 0 for none"},
		{Payload{Data: []byte("a"), Index: 1}, EncodeConfig{}, "codes: structured append without a total"},
		{Payload{Data: []byte("a"), Total: 17}, EncodeConfig{}, "codes: symbol 0 of 17: want a total of 2 to 16 and an index below it"},
		{Payload{Data: []byte("a"), Total: 2}, EncodeConfig{}, "codes: group 0x0: want two bytes of 0x01 to 0xFE"},
		{Payload{Data: []byte("a"), Total: 2, Group: 256}, EncodeConfig{Symbology: QR}, "codes: group 256: want the parity of all the data, 0 to 255"},
		{Payload{Data: []byte("a")}, EncodeConfig{Symbology: "dotcode"}, `codes: cannot draw symbology "dotcode": want datamatrix, qr, aztec or code128`},
		{Payload{Data: []byte("a")}, EncodeConfig{Symbology: PDF417}, `codes: cannot draw symbology "pdf417": want datamatrix, qr, aztec or code128`},
		{Payload{Data: []byte("a")}, EncodeConfig{Level: "M"}, `codes: level "M": only a QR code has levels`},
		{Payload{Data: []byte("a")}, EncodeConfig{Symbology: QR, Level: "X"}, `codes: level "X": want L, M, Q or H`},
		{Payload{Data: []byte("a")}, EncodeConfig{Rows: -1}, "codes: size -1x0: want numbers above 0, or 0 for any"},
		{Payload{Data: []byte("a")}, EncodeConfig{Rows: 144, Cols: 144}, "codes: Data Matrix 144x144 is not drawn: decoders disagree about it; the largest is 132x132"},
		{Payload{Data: []byte("a")}, EncodeConfig{Rows: 11}, "codes: no Data Matrix has the size 11 rows"},
		{Payload{Data: []byte("a")}, EncodeConfig{Symbology: QR, Rows: 22}, "codes: no QR code has the size 22 rows: want squares of 21, 25, … 177 rows"},
		{Payload{Data: []byte("a")}, EncodeConfig{Symbology: QR, Rectangle: true}, "codes: symbology qr has no rectangles"},
		{Payload{Data: bytes.Repeat([]byte{0x80}, 85)}, EncodeConfig{Rows: 36}, "codes: payload too long for datamatrix in 36 rows: needs 87 codewords, there are 86"},
		{Payload{Data: bytes.Repeat([]byte{0x80}, 117)}, EncodeConfig{Rectangle: true}, "codes: payload too long for datamatrix in a rectangle: needs 119 codewords, there are 118"},
		{Payload{Data: make([]byte, 5000)}, EncodeConfig{}, "codes: payload too long for datamatrix in any size: needs 2500 codewords, there are 1304"},
		{Payload{Data: make([]byte, 2332)}, EncodeConfig{Symbology: QR}, "codes: payload too long for qr in any size: needs 18676 bits, there are 18672"},
		{Payload{Data: make([]byte, 1<<20)}, EncodeConfig{Symbology: QR}, "codes: payload too long for qr in any size: needs 3495253 bits, there are 18672"},
	} {
		_, err := Encode(c.p, c.cfg)
		require.EqualError(t, err, c.says)
		if tooLong := new(TooLongError); errors.As(err, &tooLong) {
			require.NotEmpty(t, tooLong.Hint())
		}
	}
}

// FuzzEncode: what is encoded reads back as it was, and nothing panics.
func FuzzEncode(f *testing.F) {
	seeds := 0
	for _, data := range []string{"A", "\xe8\xff", "0112345678901231", "17V\x1dXCW", "https://example.org/01/9506000134352", "\x00\x00\x00\x00\x00\x00"} {
		for i, symbology := range []byte{0, 1, 2, 3} {
			f.Add([]byte(data), symbology, i == 1, uint16(i*3), uint8(i))
			seeds++
		}
	}
	if seeds < 20 {
		f.Fatalf("only %d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, data []byte, symbology byte, gs1 bool, eci uint16, rows uint8) {
		p := Payload{Data: data, GS1: gs1, ECI: []int{0, 3, 26}[eci%3]}
		cfg := EncodeConfig{Symbology: []Symbology{DataMatrix, QR, Aztec, Code128}[symbology%4], Rows: int(rows)}
		s, err := Encode(p, cfg)
		if err != nil {
			return
		}
		_, err = s.AppendSVG(nil, DrawConfig{})
		require.NoError(t, err)
		if cfg.Symbology != DataMatrix && cfg.Symbology != QR {
			return // read back by other programs, in peers_test.go
		}
		got, err := readBack(s)
		require.NoError(t, err)
		require.True(t, p.Equal(got), "want %+v, got %+v", p, got)
	})
}
