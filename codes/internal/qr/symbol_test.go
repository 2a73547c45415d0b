package qr

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

const text = "XCW/24E017/B 3 of 40"

// see draws a symbol that another library encoded.
func see(t testing.TB, text string, level qr.ErrorCorrectionLevel, v picturetest.View) (*gray.Image, [4][2]float64, int) {
	code, err := qr.Encode(text, level, qr.Unicode)
	require.NoError(t, err)
	n := code.Bounds().Dx()
	if v.Quiet == 0 {
		v.Quiet = 4
	}
	img, corners := picturetest.Draw(n, n, func(x, y int) bool { return isDark(code, x, y) }, v)
	return img, corners, n
}

func isDark(m image.Image, x, y int) bool {
	r, _, _, _ := m.At(x, y).RGBA()
	return r < 0x8000
}

func says(t testing.TB, s Symbol) string {
	m, err := parse.QR(s.Codewords, s.Version)
	require.NoError(t, err)
	return string(m.Data)
}

func requireCorners(t testing.TB, want, got [4][2]float64, tolerance float64) {
	for i := range want {
		require.Less(t, math.Hypot(want[i][0]-got[i][0], want[i][1]-got[i][1]), tolerance, "corner %d: %v, want %v", i, got, want)
	}
}

// The tables are those of another implementation.
func TestTablesAgree(t *testing.T) {
	for v := 1; v <= 40; v++ {
		other, err := decoder.Version_GetVersionForNumber(v)
		require.NoError(t, err)
		require.Equal(t, other.GetAlignmentPatternCenters(), append([]int{}, alignments(v)...), "version %d", v)
		p := planOf(v)
		require.Equal(t, other.GetTotalCodewords(), len(p.data)/8, "version %d", v)
		for l, level := range []decoder.ErrorCorrectionLevel{decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_M, decoder.ErrorCorrectionLevel_Q, decoder.ErrorCorrectionLevel_H} {
			blocks := other.GetECBlocksForLevel(level)
			require.Equal(t, blocks.GetECCodewordsPerBlock(), checkWords[l][v], "version %d level %c", v, levels[l])
			require.Equal(t, blocks.GetNumBlocks(), blockCounts[l][v], "version %d level %c", v, levels[l])
		}
	}
}

func TestFindReadsSymbolsSeenInManyWays(t *testing.T) {
	for name, v := range map[string]picturetest.View{
		"upright":      {Module: 4},
		"one pixel":    {Module: 1},
		"small":        {Module: 1.7},
		"large":        {Module: 15},
		"narrow quiet": {Module: 4, Quiet: 1},
		"10 degrees":   {Module: 4, Angle: 10},
		"30 degrees":   {Module: 4, Angle: 30},
		"45 degrees":   {Module: 4, Angle: 45},
		"100 degrees":  {Module: 4, Angle: 100},
		"200 degrees":  {Module: 4, Angle: 200},
		"mirrored":     {Module: 4, Mirror: true, Angle: 12},
		"inverted":     {Module: 4, Dark: 220, Light: 30},
		"blurred":      {Module: 4, Blur: 2},
		"noisy":        {Module: 4, Noise: 50},
		"faint":        {Module: 4, Dark: 120, Light: 135, Noise: 1},
		"tilted":       {Module: 5, Tilt: 0.4},
		"all at once":  {Module: 5, Angle: 25, Tilt: 0.3, Blur: 1.2, Noise: 15, Dark: 60, Light: 190},
	} {
		t.Run(name, func(t *testing.T) {
			img, corners, n := see(t, text, qr.M, v)
			got := Find(img, Config{})
			require.Len(t, got, 1)
			require.Equal(t, text, says(t, got[0]))
			require.Equal(t, n, got[0].Size)
			require.Equal(t, byte('M'), got[0].Level)
			require.Equal(t, v.Mirror, got[0].Mirrored)
			require.Equal(t, v.Dark > v.Light, got[0].Inverted)
			require.InDelta(t, v.Module, got[0].ModulePixels, 0.1*v.Module+0.05)
			requireCorners(t, corners, got[0].Corners, v.Module+0.5)
		})
	}
}

func TestFindReadsEveryVersion(t *testing.T) {
	step := 6
	if testing.Short() {
		step = 19
	}
	seen := map[int]bool{}
	for v := 1; v <= 40; v += step {
		for l, level := range []qr.ErrorCorrectionLevel{qr.L, qr.M, qr.Q, qr.H} {
			if (v+l)%2 == 1 {
				continue
			}
			words := len(planOf(v).data)/8 - checkWords[l][v]*blockCounts[l][v]
			long := strings.Repeat("x", words-3)
			img, corners, _ := see(t, long, level, picturetest.View{Module: 2.2, Angle: float64(v), Tilt: 0.1})
			got := Find(img, Config{})
			require.Len(t, got, 1, "version %d level %c", v, levels[l])
			require.Equal(t, long, says(t, got[0]))
			require.Equal(t, v, got[0].Version)
			requireCorners(t, corners, got[0].Corners, 4)
			seen[v] = true
		}
	}
	require.NotEmpty(t, seen)
}

func TestFindReadsSeveralSymbols(t *testing.T) {
	a, _, _ := see(t, "first", qr.M, picturetest.View{Module: 3})
	b, _, _ := see(t, "other", qr.M, picturetest.View{Module: 3})
	both := gray.New(2*a.W, 2*a.H)
	for i := range both.Pix {
		both.Pix[i] = 255
	}
	for y := range a.H {
		copy(both.Row(y), a.Row(y))
		copy(both.Row(y)[a.W:], b.Row(y))
		copy(both.Row(y + a.H)[a.W/2:], b.Row(y))
	}
	got := Find(both, Config{})
	require.Len(t, got, 3)
	require.Len(t, Find(both, Config{MaxSymbols: 2}), 2)
	require.Empty(t, Find(both, Config{Stop: func() bool { return true }}))
}

// Blots are repaired up to the limit of the level; beyond it nothing is read, and
// nothing else.
func TestFindNeverReadsAnythingElse(t *testing.T) {
	read := 0
	for seed := range uint64(80) {
		img, _, _ := see(t, text, qr.M, picturetest.View{Module: 4, Seed: seed})
		r := rand.New(rand.NewPCG(seed, 9))
		for range seed / 4 {
			cx, cy := 55+r.IntN(img.W-60), 55+r.IntN(img.H-60)
			shade := uint8(r.IntN(2) * 255)
			for y := max(cy-4, 0); y < min(cy+4, img.H); y++ {
				for x := max(cx-4, 0); x < min(cx+4, img.W); x++ {
					img.Pix[y*img.W+x] = shade
				}
			}
		}
		for _, s := range Find(img, Config{}) {
			require.Equal(t, text, says(t, s), "seed %d", seed)
			read++
		}
	}
	require.Greater(t, read, 20)
}

func TestFindFindsNothingWhereNothingIs(t *testing.T) {
	for seed := range uint64(40) {
		require.Empty(t, Find(picturetest.Noise(240, 200, seed), Config{}), "seed %d", seed)
	}
	for _, size := range [][2]int{{1, 1}, {1, 400}, {400, 1}, {15, 15}, {21, 21}} {
		require.Empty(t, Find(picturetest.Noise(size[0], size[1], 1), Config{}))
	}
}

func TestErasuresReachFurtherThanErrors(t *testing.T) {
	p := planOf(2)
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	require.NoError(t, err)
	n := code.Bounds().Dx()
	require.Equal(t, p.size, n)
	dark := make([]float64, n*n)
	for i := range dark {
		dark[i] = -1
		if isDark(code, i%n, i/n) {
			dark[i] = 1
		}
	}
	f := p.formatsOf(dark)[0]
	for k := range 9 { // nine words of the sixteen wrong, and unclear
		at := p.data[8*(3*k)]
		dark[at] *= -0.01
	}
	_, ok := p.decode(dark, f, 0)
	require.False(t, ok)
	d, ok := p.decode(dark, f, 0.6)
	require.True(t, ok)
	m, err := parse.QR(d.words, 2)
	require.NoError(t, err)
	require.Equal(t, text, string(m.Data))
}

func BenchmarkFind(b *testing.B) {
	for _, v := range []float64{2, 4, 12} {
		img, _, _ := see(b, text, qr.M, picturetest.View{Module: v, Angle: 8, Blur: v / 5})
		b.Run(fmt.Sprintf("%dx%d", img.W, img.H), func(b *testing.B) {
			for b.Loop() {
				if len(Find(img, Config{})) != 1 {
					b.Fatal("not read")
				}
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	var seeds []*gray.Image
	for _, v := range []picturetest.View{{Module: 1}, {Module: 2, Angle: 20}, {Module: 2, Tilt: 0.3, Noise: 20}, {Module: 3, Dark: 200, Light: 20}} {
		img, _, _ := see(f, "lot", qr.M, v)
		seeds = append(seeds, img)
	}
	picturetest.Fuzz(f, seeds, func(g *gray.Image, stop func() bool) {
		for _, s := range Find(g, Config{Stop: stop}) {
			if _, err := parse.QR(s.Codewords, s.Version); err != nil {
				panic(err)
			}
		}
	})
}
