package codes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

// TestRungs measures each rung of the ladder alone and in its place on the
// pictures that SUBLOT_PICTURES names: how many it reads, and the processor time
// it takes, on all of them and (the median) on those of sets without a symbol.
func TestRungs(t *testing.T) {
	root := os.Getenv("SUBLOT_PICTURES")
	if root == "" {
		t.Skip("SUBLOT_PICTURES names no folder of pictures")
	}
	type sum struct {
		alone, adds int
		took, left  time.Duration // on all pictures, and on those not read before
		without     []time.Duration
	}
	sums := make([]sum, len(ladder))
	n := 0
	for _, kind := range []string{"png", "jpg", "webp", "gif"} {
		files, err := filepath.Glob(filepath.Join(root, "*", "*."+kind))
		require.NoError(t, err)
		for _, path := range files {
			f, err := os.Open(path)
			require.NoError(t, err)
			img, err := ReadPicture(f, PictureLimit{})
			require.NoError(t, f.Close())
			require.NoError(t, err)
			n++
			read := false
			looks := frames(gray.From(img)) // what a rung finds out about them the next may use, as in the ladder
			for i, r := range ladder {
				s := &scanner{cfg: ScanConfig{MaxMarks: 64}, deadline: time.Now().Add(time.Minute)}
				begin := picturetest.Processor()
				for _, v := range looks {
					if v = r.look(v); v.Image != nil {
						r.read(s, v)
					}
				}
				took := picturetest.Processor() - begin
				sums[i].took += took
				if !read {
					sums[i].left += took
				}
				if strings.HasPrefix(filepath.Base(filepath.Dir(path)), "falsepositives") {
					sums[i].without = append(sums[i].without, took)
				}
				if len(s.hits) > 0 {
					sums[i].alone++
					if !read {
						read = true
						sums[i].adds++
					}
				}
			}
		}
	}
	require.NotZero(t, n, "no pictures under %s", root)
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	t.Logf("%-40s %6s %6s %9s %12s %10s", "rung", "alone", "adds", "ms each", "ms without", "adds per s")
	for i, r := range ladder {
		without := 0.0
		if w := sums[i].without; len(w) > 0 {
			slices.Sort(w)
			without = ms(w[len(w)/2])
		}
		t.Logf("%-40s %6d %6d %9.1f %12.1f %10.1f", r.name, sums[i].alone, sums[i].adds, ms(sums[i].took)/float64(n), without,
			float64(sums[i].adds)/max(sums[i].left.Seconds(), 1e-9))
	}
}
