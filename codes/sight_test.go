package codes_test

import (
	"image"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// When nothing can be read, the reader says what it saw and what to do.
func TestWhatWasSeen(t *testing.T) {
	s, err := codes.Encode(codes.Payload{Data: []byte("a mark of ninety bytes that somebody photographed badly, as it happens to everybody once..")}, codes.EncodeConfig{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		img  *image.Gray
		says string
	}{
		"far away": {degrade.Draw(s, degrade.Config{ModulePixels: 0.9, Rotation: 7}), "come closer"},
		"blurred":  {degrade.Draw(s, degrade.Config{Blur: 1.1, ModulePixels: 8}), "too blurred"},
		"faint":    {degrade.Draw(s, degrade.Config{Contrast: 5, Noise: 3, Blur: 0.9}), "too faint"},
		"blank":    {image.NewGray(image.Rect(0, 0, 300, 200)), "nothing with the edges of a symbol"},
	} {
		r, err := codes.Scan(c.img, codes.ScanConfig{MaxTime: time.Minute})
		require.NoError(t, err)
		require.Empty(t, r.Hits, name)
		require.NotEmpty(t, r.Seen, name)
		require.Contains(t, r.Seen[0].Says, c.says, name)
	}
	r, err := codes.Scan(degrade.Draw(s, degrade.Config{}), codes.ScanConfig{MaxTime: time.Minute})
	require.NoError(t, err)
	require.Empty(t, r.Seen, "nothing is said where all was read")
}

// Of a Data Matrix that cannot be read for its damage the L is named, and where it
// is.
func TestAnLThatWasSeen(t *testing.T) {
	s, err := codes.Encode(codes.Payload{Data: []byte("thirty bytes, of which half are gone")}, codes.EncodeConfig{})
	require.NoError(t, err)
	img := degrade.Draw(s, degrade.Config{Seed: 3, ModulePixels: 6, Rotation: 9, Noise: 3})
	for y := img.Rect.Dy() / 4; y < img.Rect.Dy()*3/4; y++ { // the middle was ground down to stripes
		for x := img.Rect.Dx() / 4; x < img.Rect.Dx()*3/4; x++ {
			img.Pix[y*img.Stride+x] = uint8(255 * (x / 6 % 2))
		}
	}
	r, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
	require.NoError(t, err)
	require.Empty(t, r.Hits)
	require.Len(t, r.Seen, 1)
	require.Equal(t, codes.DataMatrix, r.Seen[0].Symbology)
	require.Regexp(t, `^an L of about (22|24|26|28) modules, `, r.Seen[0].Says)
	for _, c := range r.Seen[0].Corners {
		require.True(t, image.Pt(int(c[0]), int(c[1])).In(img.Rect.Inset(-3)), "%v", c)
	}
}

// Scan takes any picture without a panic, a hang or a claim that is not in it, and
// all it says of it lies within.
func FuzzScan(f *testing.F) {
	for i, data := range []string{"A1", "XCW/24E017/B/412", "a mark of thirty bytes or so...", "0123456789"} {
		s, err := codes.Encode(codes.Payload{Data: []byte(data)}, codes.EncodeConfig{Symbology: []codes.Symbology{codes.DataMatrix, codes.QR, codes.DataMatrix, codes.Aztec}[i]})
		require.NoError(f, err)
		img := degrade.Draw(s, degrade.Config{ModulePixels: 1.5, Rotation: float64(7 * i), Cylinder: float64(i / 2 * 40)})
		f.Add(append([]byte{byte(img.Rect.Dx())}, img.Pix...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2 || b[0] == 0 || len(b) > 1<<13 {
			return
		}
		w := int(b[0])
		h := (len(b) - 1) / w
		if h == 0 {
			return
		}
		img := &image.Gray{Pix: b[1 : 1+w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
		// The other engines have targets of their own.
		r, err := codes.Scan(img, codes.ScanConfig{Symbologies: []codes.Symbology{codes.DataMatrix}, MaxTime: 5 * time.Millisecond})
		require.NoError(t, err)
		for _, h := range r.Hits {
			require.NotEmpty(t, h.Grade())
			require.LessOrEqual(t, h.Corrected, max(h.Correctable, 0))
			for _, c := range h.Corners {
				require.False(t, math.IsNaN(c[0]) || math.IsNaN(c[1]))
			}
		}
	})
}
