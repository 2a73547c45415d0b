package pdf417

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
)

// The rules of the standard for a symbol character; a digit wrong in the table
// breaks one of them.
func TestCharactersKeepTheRules(t *testing.T) {
	require.Len(t, byPattern, 3*values)
	require.Len(t, byDistances, 3*values)
	for c := range patterns {
		for v, p := range patterns[c] {
			w := widths(p)
			sum := 0
			for _, n := range w {
				require.GreaterOrEqual(t, n, 1, "%d %d", c, v)
				require.LessOrEqual(t, n, 6, "%d %d", c, v)
				sum += n
			}
			require.Equal(t, charModules, sum)
			require.Equal(t, 3*c, ((w[0]-w[2]+w[4]-w[6])%9+9)%9)
		}
	}
	// Characters of the standard's figures.
	require.Equal(t, [8]int{3, 1, 1, 1, 1, 1, 3, 6}, widths(patterns[0][0]))
	require.Equal(t, [8]int{5, 1, 1, 1, 1, 1, 2, 5}, widths(patterns[1][0]))
	require.Equal(t, [8]int{2, 1, 1, 1, 1, 1, 5, 5}, widths(patterns[2][0]))
}

// Symbols of another implementation use most of the table: bytes in pseudo-random
// order at the highest level of correction.
func TestFindReadsSymbolsOfZXing(t *testing.T) {
	writer, err := exec.LookPath("ZXingWriter")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ZXingWriter is not installed: apt-get install zxing-cpp-tools")
		}
		t.Skip("ZXingWriter is not installed")
	}
	x := uint32(1)
	for i := range 6 {
		text := make([]byte, 120+30*i)
		for k := range text {
			x = x*1664525 + 1013904223
			text[k] = 33 + byte(x>>24)%94
		}
		path := filepath.Join(t.TempDir(), "symbol.png")
		out, err := exec.Command(writer, "-ecc", "6", "-size", "900x900", "PDF417", string(text), path).CombinedOutput()
		require.NoError(t, err, "%s", out)
		f, err := os.Open(path)
		require.NoError(t, err)
		img, err := png.Decode(f)
		f.Close()
		require.NoError(t, err)
		got := Find(gray.From(img), Config{})
		require.Len(t, got, 1)
		require.Equal(t, string(text), string(got[0].Data))
		require.Zero(t, got[0].Corrected, "a character of the table is wrong")
	}
}
