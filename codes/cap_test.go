package codes_test

import (
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

// The time cap holds whatever is in a picture and however large it is. The tests
// compare processor time with the cap, so that a busy machine does not fail them:
// four times the cap is what a scan of its length may take here.
func TestTheTimeCapHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	pictures := map[string]func(w, h int) *image.Gray{
		"noise": func(w, h int) *image.Gray {
			img := image.NewGray(image.Rect(0, 0, w, h))
			for i := range img.Pix {
				img.Pix[i] = uint8(r.Uint32())
			}
			return img
		},
		"squares": func(w, h int) *image.Gray { // corners and edges everywhere
			img := image.NewGray(image.Rect(0, 0, w, h))
			side := make([]byte, (w/8+1)*(h/8+1))
			for i := range side {
				side[i] = uint8(r.IntN(2) * 255)
			}
			for y := range h {
				for x := range w {
					img.Pix[y*w+x] = side[y/8*(w/8+1)+x/8]
				}
			}
			return img
		},
		"rings": func(w, h int) *image.Gray { // bullseyes and finders
			img := image.NewGray(image.Rect(0, 0, w, h))
			for y := range h {
				for x := range w {
					dx, dy := x%70-35, y%70-35
					img.Pix[y*w+x] = uint8(255 * (max(dx, -dx, dy, -dy) / 5 & 1))
				}
			}
			return img
		},
		"table": func(w, h int) *image.Gray { return table(image.Pt(w, h), 5) },
	}
	sizes := []image.Point{{640, 480}, {3000, 2000}}
	if !testing.Short() {
		sizes = append(sizes, image.Pt(8000, 6250))
	}
	const limit = 250 * time.Millisecond
	for name, draw := range pictures {
		for _, size := range sizes {
			img := draw(size.X, size.Y)
			begin := picturetest.Processor()
			result, err := codes.Scan(img, codes.ScanConfig{MaxTime: limit})
			took := picturetest.Processor() - begin
			require.NoError(t, err)
			require.Empty(t, result.Hits, "%s of %v", name, size)
			t.Logf("%-8s %v: %v, timed out: %v", name, size, took.Round(time.Millisecond), result.TimedOut)
			require.Less(t, took, 4*limit, "%s of %v", name, size)
		}
	}
}
