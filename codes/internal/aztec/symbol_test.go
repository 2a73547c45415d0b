package aztec

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/boombuler/barcode/aztec"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

var payload = []byte("XCW/24E017/B\x00\xff 3 of 40")

// see draws a symbol that another library encoded; layers as there: negative for
// compact, 0 for the smallest.
func see(t testing.TB, data []byte, layers int, v picturetest.View) (*gray.Image, [4][2]float64, int) {
	code, err := aztec.Encode(data, 33, layers)
	require.NoError(t, err)
	n := code.Bounds().Dx()
	if v.Quiet == 0 {
		v.Quiet = 2
	}
	img, corners := picturetest.Draw(n, n, func(x, y int) bool { return isDark(code, x, y) }, v)
	return img, corners, n
}

func isDark(m image.Image, x, y int) bool {
	r, _, _, _ := m.At(x, y).RGBA()
	return r < 0x8000
}

func says(t testing.TB, s Symbol) []byte {
	m, err := parse.Aztec(s.Bits, s.Count)
	require.NoError(t, err)
	return m.Data
}

func TestFindReadsSymbolsSeenInManyWays(t *testing.T) {
	for name, v := range map[string]picturetest.View{
		"upright":     {Module: 4},
		"one pixel":   {Module: 1},
		"small":       {Module: 1.8},
		"large":       {Module: 15},
		"no quiet":    {Module: 4, Quiet: 0.01},
		"10 degrees":  {Module: 4, Angle: 10},
		"30 degrees":  {Module: 4, Angle: 30},
		"45 degrees":  {Module: 4, Angle: 45},
		"100 degrees": {Module: 4, Angle: 100},
		"200 degrees": {Module: 4, Angle: 200},
		"300 degrees": {Module: 4, Angle: 300},
		"mirrored":    {Module: 4, Mirror: true, Angle: 12},
		"inverted":    {Module: 4, Dark: 220, Light: 30},
		"blurred":     {Module: 4, Blur: 2},
		"noisy":       {Module: 4, Noise: 40},
		"faint":       {Module: 4, Dark: 120, Light: 135, Noise: 1},
		"tilted":      {Module: 5, Tilt: 0.3},
		"all at once": {Module: 5, Angle: 25, Tilt: 0.2, Blur: 1.2, Noise: 15, Dark: 60, Light: 190},
	} {
		for _, layers := range []int{-4, 6} {
			t.Run(fmt.Sprint(name, " ", layers), func(t *testing.T) {
				img, corners, n := see(t, payload, layers, v)
				got := Find(img, Config{})
				require.Len(t, got, 1)
				require.Equal(t, payload, says(t, got[0]))
				require.Equal(t, n, got[0].Size)
				require.Equal(t, v.Mirror, got[0].Mirrored)
				require.Equal(t, v.Dark > v.Light, got[0].Inverted)
				require.InDelta(t, v.Module, got[0].ModulePixels, 0.15*v.Module+0.05)
				for i := range corners {
					c := got[0].Corners[i]
					require.Less(t, math.Hypot(corners[i][0]-c[0], corners[i][1]-c[1]), v.Module+0.5, "corner %d: %v, want %v", i, got[0].Corners, corners)
				}
			})
		}
	}
}

func TestFindReadsEverySize(t *testing.T) {
	sizes := []int{-1, -2, -3, -4}
	for l := 1; l <= 32; l++ {
		if l%3 == 2 || l <= 4 && !testing.Short() {
			sizes = append(sizes, l)
		}
	}
	for _, layers := range sizes {
		data := []byte("lot 7")
		img, _, n := see(t, data, layers, picturetest.View{Module: 2.5, Angle: 5})
		got := Find(img, Config{})
		require.Len(t, got, 1, "%d layers", layers)
		require.Equal(t, data, says(t, got[0]))
		require.Equal(t, n, got[0].Size)
		require.Equal(t, layers < 0, got[0].Compact)
		require.Equal(t, max(layers, -layers), got[0].Layers)
		require.Zero(t, got[0].Corrected, "%d layers", layers)
	}
}

func TestFindReadsSeveralSymbols(t *testing.T) {
	a, _, _ := see(t, []byte("first"), 0, picturetest.View{Module: 4})
	b, _, _ := see(t, []byte("other"), 0, picturetest.View{Module: 4})
	both := gray.New(a.W+b.W, max(a.H, b.H))
	for i := range both.Pix {
		both.Pix[i] = 255
	}
	for y := range a.H {
		copy(both.Row(y), a.Row(y))
	}
	for y := range b.H {
		copy(both.Row(y)[a.W:], b.Row(y))
	}
	require.Len(t, Find(both, Config{}), 2)
	require.Len(t, Find(both, Config{MaxSymbols: 1}), 1)
	require.Empty(t, Find(both, Config{Stop: func() bool { return true }}))
}

// Blots are repaired up to the limit; beyond it nothing is read, and nothing else.
func TestFindNeverReadsAnythingElse(t *testing.T) {
	read := 0
	for seed := range uint64(80) {
		img, _, _ := see(t, payload, 0, picturetest.View{Module: 4, Seed: seed})
		r := rand.New(rand.NewPCG(seed, 9))
		for range seed / 4 {
			cx, cy := r.IntN(img.W), r.IntN(img.H)
			shade := uint8(r.IntN(2) * 255)
			for y := max(cy-4, 0); y < min(cy+4, img.H); y++ {
				for x := max(cx-4, 0); x < min(cx+4, img.W); x++ {
					img.Pix[y*img.W+x] = shade
				}
			}
		}
		for _, s := range Find(img, Config{}) {
			require.Empty(t, s.Rune, "seed %d", seed)
			require.Equal(t, payload, says(t, s), "seed %d", seed)
			read++
		}
	}
	require.Greater(t, read, 20)
}

func TestFindFindsNothingWhereNothingIs(t *testing.T) {
	for seed := range uint64(60) {
		require.Empty(t, Find(picturetest.Noise(240, 200, seed), Config{}), "seed %d", seed)
	}
	for _, size := range [][2]int{{1, 1}, {1, 400}, {400, 1}, {11, 11}, {15, 15}} {
		require.Empty(t, Find(picturetest.Noise(size[0], size[1], 1), Config{}))
	}
}

// A rune is drawn by hand: rings, marks and the mode message with every other bit
// turned.
func TestFindReadsRunes(t *testing.T) {
	for value, words := range map[int][]int{0: {0, 0}, 25: {1, 9}, 200: {12, 8}, 255: {15, 15}} {
		message := protectMode(words, 5)
		dark := map[[2]int]bool{}
		for y := -4; y <= 4; y++ {
			for x := -4; x <= 4; x++ {
				dark[[2]int{x, y}] = max(x, -x, y, -y)%2 == 0
			}
		}
		for _, p := range [][2]int{{-5, -5}, {-4, -5}, {-5, -4}, {5, -5}, {5, -4}, {5, 4}} {
			dark[p] = true
		}
		ring := ringOf(5)
		for i, w := range message {
			for bit := range 4 {
				k := 4*i + bit
				dark[ring[k/7*10+2+k%7]] = (w^10)>>(3-bit)&1 == 1
			}
		}
		img, _ := picturetest.Draw(11, 11, func(x, y int) bool { return dark[[2]int{x - 5, y - 5}] }, picturetest.View{Module: 5, Quiet: 2, Angle: 20})
		got := Find(img, Config{})
		require.Len(t, got, 1, "%d", value)
		require.Equal(t, fmt.Sprintf("%03d", value), got[0].Rune)
	}
}

// protectMode appends check words of GF(16): the remainder is found by trying, as
// there are few.
func protectMode(data []int, check int) []int {
	words := append(append([]int(nil), data...), make([]int, check)...)
	erased := make([]int, check)
	for i := range erased {
		erased[i] = len(data) + i
	}
	if _, ok := fields[4].Correct(words, check, 1, 0, erased); !ok {
		panic("no check words")
	}
	return words
}

func BenchmarkFind(b *testing.B) {
	for _, v := range []float64{2, 4, 12} {
		img, _, _ := see(b, payload, 0, picturetest.View{Module: v, Angle: 8, Blur: v / 5})
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
		for _, layers := range []int{-1, 2} {
			img, _, _ := see(f, []byte("lot"), layers, v)
			seeds = append(seeds, img)
		}
	}
	picturetest.Fuzz(f, seeds, func(g *gray.Image, stop func() bool) { Find(g, Config{Stop: stop}) })
}
