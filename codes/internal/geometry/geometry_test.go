package geometry

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFitFindsTheMapAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		want := Map{3 + r.Float64(), r.Float64(), 100 * r.Float64(), r.Float64(), -2 - r.Float64(), 50, 0.01 * r.Float64(), -0.01 * r.Float64(), 1}
		var from, to []Point
		for i := range 4 + r.IntN(4) {
			p := Point{float64(i%2)*20 + r.Float64(), float64(i/2)*9 + r.Float64()}
			from, to = append(from, p), append(to, want.At(p.X, p.Y))
		}
		got, ok := Fit(from, to)
		require.True(t, ok)
		for range 5 {
			x, y := 20*r.Float64(), 20*r.Float64()
			p, q := want.At(x, y), got.At(x, y)
			require.InDelta(t, p.X, q.X, 1e-5)
			require.InDelta(t, p.Y, q.Y, 1e-5)
		}
	}
}

func TestFitRefusesPointsOnALine(t *testing.T) {
	line := []Point{{0, 0}, {1, 1}, {2, 2}, {3, 3}}
	square := []Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}
	_, ok := Fit(line, square)
	require.False(t, ok)
	_, ok = Fit(square[:3], square[:3])
	require.False(t, ok)
	_, ok = Fit([]Point{{1, 1}, {1, 1}, {1, 1}, {1, 1}}, square)
	require.False(t, ok)
}

func TestInside(t *testing.T) {
	q := [4][2]float64{{0, 0}, {10, 0}, {12, 8}, {0, 9}}
	require.True(t, Inside(Point{5, 5}, q))
	require.False(t, Inside(Point{-1, 5}, q))
	require.False(t, Inside(Point{11.9, 2}, q))
}
