package codes_test

import (
	"image"
	"image/draw"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// A small mark somewhere in a large photograph is found, at any size that cameras
// make.
func TestSmallMarksInLargePictures(t *testing.T) {
	for _, size := range []image.Point{{2000, 1500}, {4000, 3000}, {8000, 6250}} {
		if size.X > 4000 && testing.Short() {
			continue
		}
		img := table(size, uint64(size.X))
		data := []byte("a mark of ninety bytes, small in a large picture, as an investigator would take it.......")
		s, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{})
		require.NoError(t, err)
		c := degrade.Config{ModulePixels: 5, Rotation: 12, Noise: 4, Contrast: 150, Blur: 0.2}
		mark := degrade.Draw(s, c)
		at := mark.Rect.Add(image.Pt(size.X*2/3, size.Y/5))
		draw.Draw(img, at, mark, image.Point{}, draw.Src)
		begin := time.Now()
		r, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
		require.NoError(t, err)
		t.Logf("%v: %v", size, time.Since(begin))
		require.Len(t, r.Hits, 1, "%v", size)
		require.Equal(t, data, r.Hits[0].Payload.Data)
		for _, corner := range r.Hits[0].Corners {
			require.True(t, image.Pt(int(corner[0]), int(corner[1])).In(at.Inset(-4)), "corner %v not in %v", corner, at)
		}
	}
}

// table is a ground with a soft structure and some grain, as of wood or cardboard.
func table(size image.Point, seed uint64) *image.Gray {
	tile := degrade.Draw(blank{64}, degrade.Config{Seed: seed, ModulePixels: 8, Rough: 0.15, Contrast: 120, Noise: 4})
	img := image.NewGray(image.Rectangle{Max: size})
	for y := 0; y < size.Y; y += tile.Rect.Dy() {
		for x := 0; x < size.X; x += tile.Rect.Dx() {
			draw.Draw(img, tile.Rect.Add(image.Pt(x, y)), tile, image.Point{}, draw.Src)
		}
	}
	return img
}

// blank is a symbol without a dark module.
type blank struct{ n int }

func (b blank) Width() int     { return b.n }
func (b blank) Height() int    { return b.n }
func (blank) At(x, y int) bool { return false }
func (blank) QuietZone() int   { return 0 }
