package codes_test

import (
	"image"
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
