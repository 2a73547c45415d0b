package pdf417

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

const (
	startPattern = 0x1fea8 // 17 modules
	stopPattern  = 0x3fa29 // 18 modules
)

// draw returns the modules of a symbol, one line for each row of characters.
func draw(data []int, columns, level int, truncated bool) [][]bool {
	k := 2 << level
	rows := max((len(data)+1+k+columns-1)/columns, minRows)
	length := rows*columns - k
	words := append([]int{length}, data...)
	for len(words) < length {
		words = append(words, latchText)
	}
	words = protect(words, k)
	var out [][]bool
	for r := range rows {
		var line []bool
		put := func(p uint32, n int) {
			for i := n - 1; i >= 0; i-- {
				line = append(line, p>>i&1 == 1)
			}
		}
		indicators := [3]int{(rows - 1) / 3, level*3 + (rows-1)%3, columns - 1}
		put(startPattern, 17)
		put(patterns[r%3][r/3*30+indicators[r%3]], 17)
		for _, w := range words[r*columns : (r+1)*columns] {
			put(patterns[r%3][w], 17)
		}
		if truncated {
			put(1, 1)
		} else {
			put(patterns[r%3][r/3*30+indicators[(r+2)%3]], 17)
			put(stopPattern, 18)
		}
		out = append(out, line)
	}
	return out
}

func see(data []int, columns, level int, truncated bool, v picturetest.View) (*gray.Image, [4][2]float64) {
	m := draw(data, columns, level, truncated)
	v.Squeeze = 3
	if v.Quiet == 0 {
		v.Quiet = 4
	}
	return picturetest.Draw(len(m[0]), len(m), func(x, y int) bool { return m[y][x] }, v)
}

// plain is a text of mixed contents: 12 words of text, bytes, digits.
var plain = []int{453, 178, 121, 239, 901, 100, 200, 300, 400, 500, 65, 66, 902, 15, 369, 753, 190, 900, 10, 20}

func expect(t *testing.T, want []byte, img *gray.Image, corners [4][2]float64, name string) Symbol {
	t.Helper()
	got := Find(img, Config{})
	require.Len(t, got, 1, name)
	require.Equal(t, want, got[0].Data, name)
	for i, c := range got[0].Corners {
		require.InDelta(t, 0, math.Hypot(c[0]-corners[i][0], c[1]-corners[i][1]), 5*got[0].ModulePixels+3, "%s: corner %d: %v, want %v", name, i, got[0].Corners, corners)
	}
	return got[0]
}

func TestFindReadsSymbolsSeenInManyWays(t *testing.T) {
	m, err := parse(plain)
	require.NoError(t, err)
	for name, v := range map[string]picturetest.View{
		"upright":     {Module: 3},
		"one pixel":   {Module: 1},
		"small":       {Module: 1.7},
		"large":       {Module: 11},
		"no quiet":    {Module: 3, Quiet: 0.01},
		"7 degrees":   {Module: 3, Angle: 7},
		"22 degrees":  {Module: 3, Angle: 22},
		"45 degrees":  {Module: 3, Angle: 45},
		"70 degrees":  {Module: 3, Angle: 70},
		"90 degrees":  {Module: 3, Angle: 90},
		"upside down": {Module: 3, Angle: 180},
		"200 degrees": {Module: 3, Angle: 200},
		"300 degrees": {Module: 3, Angle: 300},
		"mirrored":    {Module: 3, Mirror: true},
		"inverted":    {Module: 3, Dark: 220, Light: 30},
		"blurred":     {Module: 3, Blur: 1.5},
		"noisy":       {Module: 4, Noise: 40},
		"faint":       {Module: 3, Dark: 120, Light: 140, Noise: 1},
		"tilted":      {Module: 4, Tilt: 0.3},
		"all at once": {Module: 3, Angle: 25, Tilt: 0.2, Blur: 0.8, Noise: 12, Dark: 60, Light: 190},
	} {
		t.Run(name, func(t *testing.T) {
			img, corners := see(plain, 4, 2, false, v)
			s := expect(t, m.Data, img, corners, name)
			require.Equal(t, v.Mirror, s.Mirrored)
			require.Equal(t, v.Dark > v.Light, s.Inverted)
			require.InDelta(t, v.Module, s.ModulePixels, 0.25*v.Module+0.1)
			require.Equal(t, [3]int{8, 4, 2}, [3]int{s.Rows, s.Columns, s.Level})
		})
	}
}

func TestFindReadsEverySize(t *testing.T) {
	m, err := parse(plain)
	require.NoError(t, err)
	for columns := 1; columns <= maxColumns; columns++ {
		for _, level := range []int{0, 3, 6, 8} {
			k := 2 << level
			rows := (len(plain) + 1 + k + columns - 1) / columns
			if rows > maxRows || max(rows, 3)*columns > maxWords {
				continue
			}
			img, corners := see(plain, columns, level, false, picturetest.View{Module: 2})
			s := expect(t, m.Data, img, corners, "")
			require.Equal(t, [2]int{columns, level}, [2]int{s.Columns, s.Level})
			require.Zero(t, s.Corrected)
		}
	}
}

func TestFindReadsTruncatedSymbols(t *testing.T) {
	m, err := parse(plain)
	require.NoError(t, err)
	for _, angle := range []float64{0, 4, 180, 60} {
		img, corners := see(plain, 5, 3, true, picturetest.View{Module: 3, Angle: angle})
		require.True(t, expect(t, m.Data, img, corners, "truncated").Truncated)
	}
}

func TestFindReadsSymbolsSideBySideAndWithDamage(t *testing.T) {
	m, err := parse(plain)
	require.NoError(t, err)
	img, _ := see(plain, 3, 4, false, picturetest.View{Module: 3})
	wide := gray.New(2*img.W, img.H)
	for y := range img.H {
		copy(wide.Row(y), img.Row(y))
		copy(wide.Row(y)[img.W:], img.Row(y))
	}
	require.Len(t, Find(wide, Config{}), 2)
	require.Len(t, Find(wide, Config{MaxSymbols: 1}), 1)
	// A white stroke over a quarter of the words, and one half of the stop pattern.
	for y := range img.H {
		for x := range img.W {
			if x > 250 && y < img.H/2 || x > y+90 && x < y+130 {
				img.Pix[y*img.W+x] = 255
			}
		}
	}
	got := Find(img, Config{})
	require.Len(t, got, 1)
	require.Equal(t, m.Data, got[0].Data)
	require.Positive(t, got[0].Corrected)
}

// Damage beyond repair gives nothing, not something else.
func TestFindRefusesWhatItCannotRepair(t *testing.T) {
	m, err := parse(plain)
	require.NoError(t, err)
	for seed := range uint64(40) {
		img, _ := see(plain, 4, 1, false, picturetest.View{Module: 3, Noise: 20 + 4*float64(seed), Blur: 1 + float64(seed%7)/4, Seed: seed})
		for _, s := range Find(img, Config{}) {
			require.Equal(t, m.Data, s.Data)
		}
	}
}

func TestFindFindsNothingWhereNothingIs(t *testing.T) {
	for seed := range uint64(60) {
		require.Empty(t, Find(picturetest.Noise(320, 240, seed), Config{}))
	}
	for _, size := range [][2]int{{1, 1}, {1, 400}, {400, 1}, {2, 2}, {31, 40}} {
		require.Empty(t, Find(picturetest.Noise(size[0], size[1], 1), Config{}))
	}
}

func TestFindStops(t *testing.T) {
	img, _ := see(plain, 4, 2, false, picturetest.View{Module: 3})
	require.Empty(t, Find(img, Config{Stop: func() bool { return true }}))
}

func FuzzFind(f *testing.F) {
	var seeds []*gray.Image
	for _, v := range []picturetest.View{{Module: 1}, {Module: 1.5, Angle: 20}, {Module: 1.5, Tilt: 0.3, Noise: 20}, {Module: 1, Dark: 200, Light: 20}} {
		img, _ := see(plain[:6], 1, 1, false, v)
		seeds = append(seeds, img)
	}
	picturetest.Fuzz(f, seeds, func(g *gray.Image, stop func() bool) { Find(g, Config{Stop: stop}) })
}
