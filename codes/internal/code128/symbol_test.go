package code128

import (
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

// values returns a symbol of set B that says text, from start to stop.
func values(text string) []byte {
	v := []byte{104}
	sum := 104
	for i, c := range []byte(text) {
		v = append(v, c-32)
		sum += (i + 1) * int(c-32)
	}
	return append(v, byte(sum%103), stop)
}

// see draws a symbol as high as tall modules.
func see(v []byte, tall int, view picturetest.View) (*gray.Image, [4][2]float64) {
	var modules []bool
	for _, c := range v {
		dark := true
		put := func(n int) {
			for range n {
				modules = append(modules, dark)
			}
			dark = !dark
		}
		if c == stop {
			for _, n := range stopWidths {
				put(n)
			}
			continue
		}
		for k := range 6 {
			put(int(widths[6*int(c)+k] - '0'))
		}
	}
	if view.Quiet == 0 {
		view.Quiet = 10
	}
	return picturetest.Draw(len(modules), tall, func(x, y int) bool { return modules[x] }, view)
}

func TestTableKeepsTheRules(t *testing.T) {
	require.Len(t, widths, 6*count)
	seen := map[string]bool{}
	for v := range count {
		sum := 0
		for k := range 6 {
			sum += int(widths[6*v+k] - '0')
		}
		require.Equal(t, charModules, sum, "value %d", v)
		require.Zero(t, int(shapes[v].bars)%2, "value %d", v)
		require.False(t, seen[widths[6*v:6*v+6]], "value %d", v)
		seen[widths[6*v:6*v+6]] = true
	}
}

func TestFindReadsSymbolsSeenInManyWays(t *testing.T) {
	want := values("XCW/24E017/B")
	for name, view := range map[string]picturetest.View{
		"upright":     {Module: 3},
		"one pixel":   {Module: 1},
		"small":       {Module: 1.6},
		"large":       {Module: 9},
		"7 degrees":   {Module: 3, Angle: 7},
		"30 degrees":  {Module: 3, Angle: 30},
		"45 degrees":  {Module: 3, Angle: 45},
		"-70 degrees": {Module: 3, Angle: -70},
		"90 degrees":  {Module: 3, Angle: 90},
		"upside down": {Module: 3, Angle: 180},
		"blurred":     {Module: 3, Blur: 1.5},
		"noisy":       {Module: 4, Noise: 25},
		"faint":       {Module: 3, Dark: 120, Light: 140, Noise: 1},
		"inverted":    {Module: 3, Dark: 230, Light: 20},
		"tilted":      {Module: 3, Tilt: 0.3},
		"all at once": {Module: 3, Angle: 20, Tilt: 0.2, Blur: 0.8, Noise: 8, Dark: 60, Light: 190},
	} {
		t.Run(name, func(t *testing.T) {
			img, corners := see(want, 40, view)
			got := Find(img, Config{})
			require.Len(t, got, 1)
			require.Equal(t, want, got[0].Values)
			require.Equal(t, view.Dark > view.Light, got[0].Inverted)
			require.InDelta(t, view.Module, got[0].ModulePixels, 0.2*view.Module+0.1)
			// What was read lies in the symbol, and its left is the printed one's.
			c := got[0].Corners
			for i := range 4 {
				side := [2][2]float64{corners[0], corners[3]}
				if i == 1 || i == 2 {
					side = [2][2]float64{corners[1], corners[2]}
				}
				require.Less(t, distance(c[i], side), 2*view.Module+2, "corner %d: %v of %v", i, c, corners)
			}
		})
	}
}

// distance is how far a point lies from a stretch.
func distance(p [2]float64, s [2][2]float64) float64 {
	best := math.Inf(1)
	for f := 0.0; f <= 1; f += 0.01 {
		best = min(best, math.Hypot(s[0][0]+(s[1][0]-s[0][0])*f-p[0], s[0][1]+(s[1][1]-s[0][1])*f-p[1]))
	}
	return best
}

// All characters, in symbols of random length and contents.
func TestFindReadsEveryCharacter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		v := []byte{byte(startA + r.IntN(3))}
		sum := int(v[0])
		for i := range 1 + r.IntN(30) {
			c := r.IntN(startA)
			v = append(v, byte(c))
			sum += (i + 1) * c
		}
		v = append(v, byte(sum%103), stop)
		img, _ := see(v, 20, picturetest.View{Module: 2, Blur: 0.6})
		got := Find(img, Config{})
		require.Len(t, got, 1)
		require.Equal(t, v, got[0].Values)
	}
}

func TestFindRefusesWhatIsNotWhole(t *testing.T) {
	bad := values("24E017")
	bad[len(bad)-2] ^= 1 // the check character
	for name, v := range map[string][]byte{
		"wrong check": bad, "no data": {104, 1, stop}, "no start": values("24E017")[1:], "no stop": append(values("24E017")[:8], 5),
	} {
		img, _ := see(v, 30, picturetest.View{Module: 3})
		require.Empty(t, Find(img, Config{}), name)
	}
	img, _ := see(values("24E017"), 30, picturetest.View{Module: 3, Quiet: 2, Light: 254})
	for i, v := range img.Pix { // a frame right beside the bars: no quiet zone
		if x := i % img.W; v == 254 && (x < 2 || x >= img.W-2) {
			img.Pix[i] = 0
		}
	}
	require.Empty(t, Find(img, Config{}), "no quiet zone")
}

func TestFindReadsTwoSymbols(t *testing.T) {
	a, _ := see(values("24E017"), 30, picturetest.View{Module: 2})
	b, _ := see(values("24E018"), 30, picturetest.View{Module: 2})
	both := gray.New(a.W, a.H+b.H)
	copy(both.Pix, a.Pix)
	copy(both.Pix[len(a.Pix):], b.Pix)
	require.Len(t, Find(both, Config{}), 2)
	require.Len(t, Find(both, Config{MaxSymbols: 1}), 1)
	require.Empty(t, Find(both, Config{Stop: func() bool { return true }}))
}

func TestFindFindsNothingWhereNothingIs(t *testing.T) {
	for seed := range uint64(60) {
		require.Empty(t, Find(picturetest.Noise(320, 240, seed), Config{}), "seed %d", seed)
	}
	for _, size := range [][2]int{{1, 1}, {1, 400}, {400, 1}, {2, 2}} {
		require.Empty(t, Find(picturetest.Noise(size[0], size[1], 1), Config{}))
	}
}

func TestFindReadsSymbolsOfZXing(t *testing.T) {
	writer, err := exec.LookPath("ZXingWriter")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ZXingWriter is not installed: apt-get install zxing-cpp-tools")
		}
		t.Skip("ZXingWriter is not installed")
	}
	path := filepath.Join(t.TempDir(), "symbol.png")
	out, err := exec.Command(writer, "-size", "600x100", "-margin", "20", "Code128", "XCW~24e/0", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	got := Find(gray.From(img), Config{})
	require.Len(t, got, 1)
	require.Equal(t, values("XCW~24e/0"), got[0].Values)
}

func FuzzFind(f *testing.F) {
	var seeds []*gray.Image
	for _, v := range []picturetest.View{{Module: 1}, {Module: 2, Quiet: 5}, {Module: 1, Angle: 20, Noise: 20}, {Module: 2, Dark: 200, Light: 20}} {
		img, _ := see(values("24E"), 8, v)
		seeds = append(seeds, img)
	}
	picturetest.Fuzz(f, seeds, func(g *gray.Image, stop func() bool) {
		for _, s := range Find(g, Config{Stop: stop}) {
			r := reading{values: s.Values}
			if !r.checked() {
				panic("a symbol whose check character is wrong")
			}
		}
	})
}
