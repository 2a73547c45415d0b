package codes

import (
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing"
	gzdm "github.com/makiuchi-d/gozxing/datamatrix"
	gzqr "github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"
)

// bits turns a symbol into what gozxing's readers read without looking for it.
func bitMatrix(t *testing.T, s *Symbol) *gozxing.BinaryBitmap {
	t.Helper()
	img := s.Image(3)
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	require.NoError(t, err)
	return bmp
}

var pure = map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_PURE_BARCODE: true}

func TestTmp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 1000; n += 1 + n/20 {
		d := make([]byte, n)
		for i := range d {
			d[i] = byte(r.IntN(128))
		}
		s, err := Encode(Payload{Data: d}, EncodeConfig{})
		require.NoError(t, err)
		res, err := gzdm.NewDataMatrixReader().Decode(bitMatrix(t, s), pure)
		require.NoError(t, err, "%d\n%s", n, s)
		require.Equal(t, string(d), res.GetText(), "%d", n)

		s, err = Encode(Payload{Data: d}, EncodeConfig{Symbology: QR})
		require.NoError(t, err)
		res, err = gzqr.NewQRCodeReader().Decode(bitMatrix(t, s), pure)
		require.NoError(t, err, "%d\n%s", n, s)
		require.Equal(t, string(d), res.GetText(), "%d", n)
	}
}
func BenchmarkDM(b *testing.B) {
	b.ReportAllocs()
	d := make([]byte, 84)
	for i := range d {
		d[i] = byte(i * 77)
	}
	for b.Loop() {
		Encode(Payload{Data: d}, EncodeConfig{})
	}
}
func BenchmarkQR(b *testing.B) {
	b.ReportAllocs()
	d := make([]byte, 84)
	for i := range d {
		d[i] = byte(i * 77)
	}
	for b.Loop() {
		Encode(Payload{Data: d}, EncodeConfig{Symbology: QR})
	}
}
