package profile

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
)

// Bars of any width, blurred, keep their edges to a fraction of a sample.
func TestEdgesLieWhereTheBarsAre(t *testing.T) {
	want := []float64{20.3, 25.1, 27.4, 29.9, 37, 60.2, 63, 66.1}
	for _, sigma := range []float64{0.3, 0.7, 1} {
		v := make([]float64, 90)
		for i := range v {
			v[i] = 200
			for k, e := range want {
				v[i] += []float64{-60, 60}[k%2] * (1 + math.Erf((float64(i)-e)/(sigma*math.Sqrt2)))
			}
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
	v := make([]float64, 200)
	for i := range v {
		v[i] = 150 + float64(i*7%5)
		if i > 90 && i < 100 {
			v[i] -= 80
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
	require.Equal(t, []float64{49, 49, 49, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 49, 49}, v)
}
