package profile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// Bars of any width, blurred, keep their edges to a fraction of a sample.
func TestEdgesLieWhereTheBarsAre(t *testing.T) {
	want := []float64{20.3, 25.1, 27.4, 29.9, 37, 60.2, 63, 66.1}
	for _, sigma := range []float64{0.3, 0.7, 1} {
		v := make([]int32, 90)
		for i := range v {
			x := 200.0
			for k, e := range want {
				x += []float64{-60, 60}[k%2] * (1 + math.Erf((float64(i)-e)/(sigma*math.Sqrt2)))
			}
			v[i] = int32(math.Round(x * Level))
		}
		got := Edges(nil, v, 0.25)
		require.Len(t, got, len(want))
		for i, e := range got {
			require.InDelta(t, want[i], e.At, 0.4)
			require.Equal(t, i%2 == 0, e.Dark)
		}
	}
}

func TestEdgesIgnoreGrain(t *testing.T) {
	v := make([]int32, 200)
	for i := range v {
		v[i] = (150 + int32(i*7%5)) * Level
		if i > 90 && i < 100 {
			v[i] -= 80 * Level
		}
	}
	require.Len(t, Edges(nil, v, 0.25), 2)
	require.Empty(t, Edges(nil, v[:1], 0.25))
	require.Empty(t, Edges(nil, nil, 0.25))
}

func TestAlongContinuesThePictureWithItsBrightest(t *testing.T) {
	g := gray.New(10, 10)
	for i := range g.Pix {
		g.Pix[i] = uint8(i)
	}
	v := Along(nil, g, geometry.Point{X: -2.5, Y: 4.5}, geometry.Point{X: 1}, 1, 15)
	want := []int32{49, 49, 49, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 49, 49}
	for i := range want {
		want[i] *= Level
	}
	require.Equal(t, want, v)
}

// Along any line the brightness is what the picture has there, whether or not the
// samples fall on pixels, and beyond the picture what is next to its edge.
func TestAlongIsThePicture(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	g := gray.New(23, 17)
	for i := range g.Pix {
		g.Pix[i] = uint8(r.IntN(256))
	}
	for range 300 {
		start := geometry.Point{X: r.Float64()*33 - 5, Y: r.Float64()*27 - 5}
		sin, cos := math.Sincos(float64(r.IntN(16)) * math.Pi / 8)
		direction, step := geometry.Point{X: cos, Y: sin}, 0.3+r.Float64()
		for i, v := range Along(nil, g, start, direction, step, 60) {
			if p := start.Plus(direction.Times(float64(i) * step)); g.Inside(p.X, p.Y) {
				require.InDelta(t, g.At(p.X, p.Y), float64(v)/Level, 2.1)
			}
		}
	}
	require.Equal(t, []int32{0, 0}, Along(nil, g, geometry.Point{X: -9, Y: 3}, geometry.Point{Y: 1}, 1, 2))
}
