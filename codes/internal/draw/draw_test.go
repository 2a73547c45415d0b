package draw

import (
	"bytes"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// requirePNG decodes a bitmap with the standard library.
func requirePNG(t *testing.T, m *Bitmap) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(m.AppendPNG(nil, 300)))
	require.NoError(t, err)
	require.Equal(t, m.Width, img.Bounds().Dx())
	require.Equal(t, m.Height, img.Bounds().Dy())
	for y := range m.Height {
		for x := range m.Width {
			v, _, _, _ := img.At(x, y).RGBA()
			if m.At(x, y) != (v == 0) {
				t.Fatalf("%dx%d: dot %d, %d", m.Width, m.Height, x, y)
			}
		}
	}
}

// TestPNGDecodes draws bitmaps with repeated rows and runs of every length that
// the stream has codes for.
func TestPNGDecodes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for width := 1; width < 6000; width += 1 + width/9 {
		m := NewBitmap(width, 6)
		for y := range m.Height {
			if y%3 == 2 {
				copy(m.Row(y), m.Row(y-1))
				continue
			}
			for range r.IntN(4) {
				x := r.IntN(width)
				m.Ink(y, x, x+r.IntN(width))
			}
			for range r.IntN(width) {
				x := r.IntN(width)
				m.Ink(y, x, x+1)
			}
		}
		requirePNG(t, m)
	}
	requirePNG(t, NewBitmap(200000, 3)) // a distance of 25001
	requirePNG(t, NewBitmap(300000, 3)) // the row above is too far
}

func FuzzPNG(f *testing.F) {
	seeds := 0
	for _, s := range []string{"\x00\x00\x00\x00", "\xff\x00\xff\x00\xff\x00", "abcabcabcabc"} {
		f.Add([]byte(s), uint16(3))
		seeds++
	}
	if seeds < 3 {
		f.Fatalf("only %d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, pix []byte, stride uint16) {
		if stride == 0 || len(pix) < int(stride) {
			return
		}
		m := &Bitmap{Width: 8 * int(stride), Height: len(pix) / int(stride), Stride: int(stride), Pix: pix}
		requirePNG(t, m)
	})
}

func TestBlitIsInkDotByDot(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for range 300 {
		src := NewBitmap(1+r.IntN(30), 1+r.IntN(10))
		for range 60 {
			x := r.IntN(src.Width)
			src.Ink(r.IntN(src.Height), x, x+1+r.IntN(4))
		}
		m, want := NewBitmap(50, 20), NewBitmap(50, 20)
		x, y := r.IntN(80)-20, r.IntN(30)-5
		m.Blit(src, x, y)
		for sy := range src.Height {
			for sx := range src.Width {
				if src.At(sx, sy) {
					want.Ink(y+sy, x+sx, x+sx+1)
				}
			}
		}
		require.Equal(t, want.Pix, m.Pix)
	}
}
