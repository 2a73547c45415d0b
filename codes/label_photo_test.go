package codes_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/codes/label"
)

// labelPhoto takes a picture by hand of a whole label on a patchy ground: text
// beside its Data Matrix of 32 to 52 modules, 4 to 5 pixels a module, turned any
// way, tilted, soft, of some contrast only.
func labelPhoto(t testing.TB, seed uint64, blank bool) (*image.Gray, []byte) {
	r := rand.New(rand.NewPCG(seed, 0x1abe1))
	size := []struct{ rows, bytes int }{{32, 60}, {36, 84}, {40, 112}, {44, 142}, {48, 172}, {52, 202}}[r.IntN(6)]
	data := chance(r, size.bytes-r.IntN(8))
	symbol, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Rows: size.rows})
	require.NoError(t, err)
	l, err := label.Default().Lay(symbol, map[string]string{
		"title": "9x19 ball", "subtitle": "Crate 0006, sub-lot 001", "lot": "XCW24C376-774", "maker": "XCW", "date": "2024-03",
		"quantity": "1,000 rounds", "identity": "XCW/XCW24C376-774/001/0006=S", "hazard": "1.4S", "note": "",
	})
	require.NoError(t, err)
	drawing, err := png.Decode(bytes.NewReader(l.AppendPNG(nil)))
	require.NoError(t, err)
	const dots = 8 // of the default label in a module
	if blank {
		drawing = papered(drawing, (size.rows+8)*dots)
	}
	if r.IntN(2) == 0 {
		drawing = onCrate(drawing, r)
	}
	c := degrade.Photo(seed)
	c.ModulePixels = between(r, 4, 5)
	c.Rotation = between(r, -180, 180)
	c.Tilt = between(r, 15, 35)
	c.Contrast = between(r, 60, 140)
	return degrade.Photograph(drawing, dots, c), data
}

// A mark is read wherever it lies on a label, whatever ground the label lies on.
// SUBLOT_PHOTOS sets how many seeds are tried.
func TestEveryPhotographOfALabelIsRead(t *testing.T) {
	n := trials("SUBLOT_PHOTOS", 6)
	failed := 0
	for seed := range uint64(n) {
		img, data := labelPhoto(t, seed, false)
		got, err := codes.Scan(img, patient)
		require.NoError(t, err)
		if len(got.Hits) != 1 || string(got.Hits[0].Payload.Data) != string(data) {
			failed++
			t.Logf("seed %d: %v: %d hits", seed, img.Rect.Size(), len(got.Hits))
		}
	}
	require.Zero(t, failed, "of %d", n)
}

// papered is a drawing with a square of its upper left corner left white.
func papered(drawing image.Image, side int) image.Image {
	out := image.NewGray(drawing.Bounds())
	draw.Draw(out, out.Rect, drawing, out.Rect.Min, draw.Src)
	draw.Draw(out, image.Rect(0, 0, side, side), image.White, image.Point{}, draw.Src)
	return out
}

// onCrate lays a label on a crate with boards, shadows and stains, all of them larger
// than its mark.
func onCrate(drawing image.Image, r *rand.Rand) image.Image {
	const rim = 260 // dots
	out := image.NewGray(drawing.Bounds().Inset(-rim))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{Y: 190}), image.Point{}, draw.Src)
	for range 60 {
		w, h := 150+r.IntN(250), 150+r.IntN(250)
		at := image.Pt(out.Rect.Min.X+r.IntN(out.Rect.Dx()), out.Rect.Min.Y+r.IntN(out.Rect.Dy()))
		draw.Draw(out, image.Rect(0, 0, w, h).Add(at), image.NewUniform(color.Gray{Y: uint8(90 + r.IntN(150))}), image.Point{}, draw.Src)
	}
	draw.Draw(out, drawing.Bounds(), drawing, drawing.Bounds().Min, draw.Src)
	return out
}

// A mark is read among many things that are larger and none.
func TestAMarkAmongLargerThings(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 0x1a49e))
		c := degrade.Photo(seed)
		c.ModulePixels, c.Background, c.Contrast = between(r, 4, 5), 0, between(r, 60, 140)
		symbol, data := drawn(t, chance(r, 10), codes.EncodeConfig{Rows: 16})
		img := image.NewGray(image.Rect(0, 0, 850, 680))
		draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: 150}), image.Point{}, draw.Src)
		place := r.IntN(20)
		for i := range 20 {
			at := image.Pt(10+i%5*168, 10+i/5*168)
			c.Seed, c.Rotation = r.Uint64(), between(r, -40, 40)
			if i == place {
				draw.Draw(img, image.Rect(0, 0, 160, 160).Add(at), degrade.Draw(symbol, c), image.Point{}, draw.Src)
				continue
			}
			patch := newPattern(22, 22, 1, r, 0.3+0.4*r.Float64())
			draw.Draw(img, image.Rect(0, 0, 160, 160).Add(at), degrade.Draw(patch, c), image.Point{}, draw.Src)
		}
		got, err := codes.Scan(img, codes.ScanConfig{MaxTime: patient.MaxTime, Symbologies: []codes.Symbology{codes.DataMatrix}})
		require.NoError(t, err)
		require.Len(t, got.Hits, 1, "seed %d", seed)
		require.Equal(t, data, got.Hits[0].Payload.Data)
	}
}
