package codes

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/drawtest"
)

func mustEncode(t testing.TB, p Payload, cfg EncodeConfig) *Symbol {
	t.Helper()
	s, err := Encode(p, cfg)
	require.NoError(t, err)
	return s
}

// drawings holds one symbol of each form.
func drawings(t testing.TB) []*Symbol {
	data := []byte("XCW/24E017/B/412")
	var list []*Symbol
	for _, cfg := range []EncodeConfig{
		{}, {Rows: 20}, {Rectangle: true}, {Symbology: QR}, {Symbology: Aztec}, {Symbology: Code128},
	} {
		list = append(list, mustEncode(t, Payload{Data: data}, cfg))
	}
	return list
}

// requireModules compares a picture with a symbol, at the middle of each module,
// quiet zone counted.
func requireModules(t *testing.T, s *Symbol, img image.Image, module float64) {
	t.Helper()
	f := s.frame()
	b := img.Bounds()
	require.InDelta(t, float64(f.width)*module, float64(b.Dx()), 1)
	require.InDelta(t, float64(f.height)*module, float64(b.Dy()), 1)
	for y := range f.height {
		for x := range f.width {
			v, _, _, _ := img.At(int((float64(x)+0.5)*module), int((float64(y)+0.5)*module)).RGBA()
			row := (y - f.top) / s.RowHeight()
			if y < f.top {
				row = -1
			}
			require.Equal(t, s.At(x-f.left, row), v < 0x8000, "%s, module %d, %d", s.Symbology(), x, y)
		}
	}
}

func TestAllDrawingsShowTheModules(t *testing.T) {
	for _, s := range drawings(t) {
		requireModules(t, s, s.Image(3), 3)

		c := DrawConfig{ModuleMM: 0.5, DPI: 300} // 5.9 dots, so 6
		dots, mm := c.ModuleDots()
		require.Equal(t, 6, dots)
		require.InDelta(t, 0.508, mm, 1e-9)

		b, err := s.AppendPNG(nil, c)
		require.NoError(t, err)
		img, err := png.Decode(bytes.NewReader(b))
		require.NoError(t, err)
		requireModules(t, s, img, 6)

		b, err = s.AppendZPL(nil, c)
		require.NoError(t, err)
		img, err = drawtest.ZPL(b)
		require.NoError(t, err)
		wide := image.Rect(0, 0, s.frame().width*6, s.frame().height*6) // without the rest of the last byte
		requireModules(t, s, img.(*image.Gray).SubImage(wide), 6)

		b, err = s.AppendSVG(nil, c)
		require.NoError(t, err)
		img, err = drawtest.SVG(b, 8)
		require.NoError(t, err)
		requireModules(t, s, img, 4)
	}
}

func TestSVGIsExact(t *testing.T) {
	s := mustEncode(t, Payload{Data: bytes.Repeat([]byte{0xFE}, 84)}, EncodeConfig{})
	b, err := s.AppendSVG([]byte("before"), DrawConfig{})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(b),
		`before<svg xmlns="http://www.w3.org/2000/svg" width="13.2mm" height="13.2mm" viewBox="0 0 40 40" role="img" shape-rendering="crispEdges"><title>Data Matrix, 36 by 36 modules</title><path fill="#fff" d="M0 0h40v40H0z"/><path d="M2 2h1v1h-1z`), string(b))
	b, err = s.AppendSVG(nil, DrawConfig{ModuleMM: 0.1, Title: `a<b>&"c"` + "\x00"})
	require.NoError(t, err)
	require.Contains(t, string(b), `width="4mm"`)
	require.Contains(t, string(b), "<title>a&lt;b&gt;&amp;&quot;c&quot;\uFFFD</title>")
}

func TestPNGStatesItsResolution(t *testing.T) {
	s := mustEncode(t, Payload{Data: []byte("A")}, EncodeConfig{})
	for dpi, perMetre := range map[int]uint32{0: 23622, 203: 7992, 300: 11811, 600: 23622, 1200: 47244} {
		b, err := s.AppendPNG(nil, DrawConfig{DPI: dpi})
		require.NoError(t, err)
		at := bytes.Index(b, []byte("pHYs"))
		require.Positive(t, at)
		require.Equal(t, perMetre, binary.BigEndian.Uint32(b[at+4:]))
		require.Equal(t, perMetre, binary.BigEndian.Uint32(b[at+8:]))
		require.Equal(t, byte(1), b[at+12])
		require.Equal(t, []byte{1, 0}, b[24:26], "one bit of gray")
	}
}

func TestDrawRefuses(t *testing.T) {
	s := mustEncode(t, Payload{Data: []byte("A")}, EncodeConfig{})
	for _, c := range []struct {
		cfg  DrawConfig
		says string
	}{
		{DrawConfig{ModuleMM: -1}, "codes: module of -1 mm: want 0.01 to 100"},
		{DrawConfig{ModuleMM: math.NaN()}, "codes: module of NaN mm: want 0.01 to 100"},
		{DrawConfig{DPI: 49}, "codes: 49 dots to the inch: want 50 to 5000"},
		{DrawConfig{DPI: 203, ModuleMM: 0.05}, "codes: module of 0.05 mm is less than half a dot at 203 dots to the inch"},
		{DrawConfig{DPI: 5000, ModuleMM: 100}, "codes: picture of 275590x275590 dots: want at most 268435456 in all"},
	} {
		_, err := s.AppendPNG(nil, c.cfg)
		require.EqualError(t, err, c.says)
		_, err = s.AppendZPL(nil, c.cfg)
		require.EqualError(t, err, c.says)
	}
}

// TestGolden shows in a diff which module moved. The files were drawn by this
// package and compared with what zxing-cpp reads from them.
func TestGolden(t *testing.T) {
	for name, cfg := range map[string]EncodeConfig{
		"datamatrix-18x18": {}, "datamatrix-8x48": {Rows: 8, Cols: 48}, "qr-21x21": {Symbology: QR, Level: "L"}, "aztec-19x19": {Symbology: Aztec},
		"code128": {Symbology: Code128},
	} {
		s := mustEncode(t, Payload{Data: []byte("XCW/24E017/B/412")}, cfg)
		file := "testdata/symbols/" + name + ".txt"
		if os.Getenv("UPDATE") != "" {
			require.NoError(t, os.MkdirAll("testdata/symbols", 0o755))
			require.NoError(t, os.WriteFile(file, []byte(s.String()), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), s.String(), name)
	}
}
