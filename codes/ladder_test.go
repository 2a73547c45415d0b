package codes

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
)

// TestRungs measures each rung of the ladder alone and in its place on the
// pictures that SUBLOT_PICTURES names: how many it reads, and what it costs.
func TestRungs(t *testing.T) {
	root := os.Getenv("SUBLOT_PICTURES")
	if root == "" {
		t.Skip("SUBLOT_PICTURES names no folder of pictures")
	}
	var pictures []*image.Gray
	for _, kind := range []string{"png", "jpg", "webp"} {
		files, err := filepath.Glob(filepath.Join(root, "*", "*."+kind))
		require.NoError(t, err)
		for _, path := range files {
			f, err := os.Open(path)
			require.NoError(t, err)
			img, err := ReadPicture(f, PictureLimit{})
			require.NoError(t, f.Close())
			require.NoError(t, err)
			pictures = append(pictures, img)
		}
	}
	read := make([]bool, len(pictures))
	t.Logf("%-30s %6s %9s %6s %13s", "rung", "alone", "ms each", "adds", "adds per s")
	for _, r := range ladder {
		alone, adds, left := 0, 0, 0
		var took, tookLeft time.Duration
		for i, img := range pictures {
			s := &scanner{cfg: ScanConfig{MaxMarks: 64}, deadline: time.Now().Add(time.Minute)}
			begin := time.Now()
			for _, v := range frames(gray.From(img)) {
				if v = r.look(v); v.Image != nil {
					r.read(s, v)
				}
			}
			d := time.Since(begin)
			took += d
			if !read[i] {
				left++
				tookLeft += d
			}
			if len(s.hits) > 0 {
				alone++
				if !read[i] {
					read[i] = true
					adds++
				}
			}
		}
		t.Logf("%-30s %6d %9.2f %6d %13.1f", r.name, alone, took.Seconds()*1000/float64(len(pictures)), adds, float64(adds)/tookLeft.Seconds())
	}
}
