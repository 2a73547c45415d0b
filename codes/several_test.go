package codes_test

import (
	"image"
	"image/draw"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// Every mark in a picture is found, the same mark once.
func TestSeveralMarksInOnePicture(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	img := table(image.Pt(1600, 1100), 3)
	want := map[string]codes.Symbology{}
	for i := range 6 {
		symbology := []codes.Symbology{codes.DataMatrix, codes.QR}[i%2]
		data := make([]byte, 20+r.IntN(60))
		for k := range data {
			data[k] = byte(r.IntN(256))
		}
		s, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		mark := degrade.Draw(s, degrade.Config{Seed: uint64(i), ModulePixels: 5, Rotation: r.Float64()*20 - 10, Noise: 4, Contrast: 150})
		at := mark.Rect.Add(image.Pt(30+i%3*520, 60+i/3*520))
		draw.Draw(img, at, mark, image.Point{}, draw.Src)
		want[string(data)] = symbology
	}
	got, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
	require.NoError(t, err)
	for _, h := range got.Hits {
		require.Equal(t, want[string(h.Payload.Data)], h.Symbology)
		delete(want, string(h.Payload.Data))
	}
	require.Empty(t, want)
	require.Len(t, got.Hits, 6)
	for i := range got.Hits[1:] { // from top to bottom
		require.LessOrEqual(t, got.Hits[i].Corners[0][1], got.Hits[i+1].Corners[0][1]+60)
	}

	first, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute, MaxMarks: 1})
	require.NoError(t, err)
	require.Len(t, first.Hits, 1)
	only, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute, Symbologies: []codes.Symbology{codes.QR}})
	require.NoError(t, err)
	require.Len(t, only.Hits, 3)
}
