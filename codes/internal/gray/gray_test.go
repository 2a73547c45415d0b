package gray

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func noise(w, h int, seed uint64) *Image {
	r := rand.New(rand.NewPCG(seed, 1))
	g := New(w, h)
	for i := range g.Pix {
		g.Pix[i] = uint8(r.IntN(256))
	}
	return g
}

func TestAtInterpolatesBetweenPixelCentres(t *testing.T) {
	g := &Image{W: 2, H: 2, Pix: []uint8{0, 100, 200, 40}}
	for _, c := range []struct{ x, y, want float64 }{
		{0.5, 0.5, 0}, {1.5, 0.5, 100}, {0.5, 1.5, 200}, {1.5, 1.5, 40},
		{1, 0.5, 50}, {0.5, 1, 100}, {1, 1, 85},
		{-9, -9, 0}, {9, -9, 100}, {0, 9, 200}, {9, 9, 40},
		{math.NaN(), 0.5, 0}, {math.Inf(1), 0.5, 100},
	} {
		require.InDelta(t, c.want, g.At(c.x, c.y), 1e-9, "at %v, %v", c.x, c.y)
	}
}

// Every kind of picture gives what the colour model of the standard library says.
func TestFromAgreesForAllKindsOfPictures(t *testing.T) {
	r := image.Rect(-3, 5, 14, 18)
	rnd := rand.New(rand.NewPCG(1, 2))
	pictures := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"gray": image.NewGray(r), "rgba": image.NewRGBA(r), "nrgba": image.NewNRGBA(r), "gray16": image.NewGray16(r),
		"paletted": image.NewPaletted(r, color.Palette{color.White, color.Black, color.NRGBA{200, 30, 90, 255}, color.Transparent}),
	}
	for name, img := range pictures {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.Set(x, y, color.NRGBA{uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), uint8(rnd.IntN(256))})
			}
		}
		g := From(img)
		require.Equal(t, r.Dx(), g.W)
		require.Equal(t, r.Dy(), g.H)
		for y := range g.H {
			for x := range g.W {
				want := of(img.At(r.Min.X+x, r.Min.Y+y))
				require.InDelta(t, want, g.Pix[y*g.W+x], 2, "%s at %d, %d", name, x, y)
			}
		}
	}
	require.Equal(t, &Image{W: 1, H: 1, Pix: []uint8{255}}, From(image.NewGray(image.Rect(0, 0, 0, 9))))
}

func TestFromCutsPicturesThatArePartOfLargerOnes(t *testing.T) {
	whole := image.NewYCbCr(image.Rect(0, 0, 20, 10), image.YCbCrSubsampleRatio420)
	for i := range whole.Y {
		whole.Y[i] = uint8(i)
	}
	g := From(whole.SubImage(image.Rect(4, 2, 9, 7)))
	require.Equal(t, 5, g.W)
	require.Equal(t, 5, g.H)
	require.Equal(t, whole.Y[2*whole.YStride+4], g.Pix[0])
	require.Equal(t, whole.Y[6*whole.YStride+8], g.Pix[24])
}

func TestScalesKeepPlacesAndBrightness(t *testing.T) {
	g := New(64, 48) // a ramp: value is place
	for y := range g.H {
		for x := range g.W {
			g.Pix[y*g.W+x] = uint8(2*x + y)
		}
	}
	for name, s := range map[string]*Image{"half": g.Half(), "double": g.Double(), "0.3": g.Scale(0.3), "1.7": g.Scale(1.7), "1": g.Scale(1)} {
		fx, fy := float64(s.W)/float64(g.W), float64(s.H)/float64(g.H)
		for _, p := range [][2]float64{{20, 20}, {40, 30}, {32, 24}} {
			require.InDelta(t, g.At(p[0], p[1]), s.At(p[0]*fx, p[1]*fy), 4, "%s at %v", name, p)
		}
	}
	require.Equal(t, 1, New(1, 1).Half().W)
	require.Equal(t, 1, New(3, 1).Scale(0.01).W)
}

func TestBoxIsTheMeanOfTheSquareAround(t *testing.T) {
	g := noise(17, 11, 3)
	for _, r := range []int{0, 1, 2, 5, 30} {
		b := g.Box(r)
		for y := range g.H {
			for x := range g.W {
				sum, n := 0, 0
				for j := max(0, y-r); j <= min(g.H-1, y+r); j++ {
					for i := max(0, x-r); i <= min(g.W-1, x+r); i++ {
						sum += int(g.Pix[j*g.W+i])
						n++
					}
				}
				require.Equal(t, uint8((sum+n/2)/n), b.Pix[y*g.W+x], "radius %d at %d, %d", r, x, y)
			}
		}
	}
}

func TestCropStaysInside(t *testing.T) {
	g := noise(9, 7, 4)
	c := g.Crop(2, 3, 5, 6)
	require.Equal(t, g.Pix[3*9+2], c.Pix[0])
	require.Equal(t, 3*3, len(c.Pix))
	require.Equal(t, 9*7, len(g.Crop(-5, -5, 50, 50).Pix))
	require.Equal(t, 1, len(g.Crop(50, 50, 60, 60).Pix))
	require.Equal(t, g, g.Invert().Invert())
}
