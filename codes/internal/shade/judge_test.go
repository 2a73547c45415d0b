package shade

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Random modules in light that doubles from one corner to the other, and blurred
// into their neighbours.
func TestJudgeSeesThroughUnevenLightAndBlur(t *testing.T) {
	const n = 25
	r := rand.New(rand.NewPCG(1, 2))
	dark := make([]bool, n*n)
	plain, uneven, blurred := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := range dark {
		dark[i] = r.IntN(2) == 0
		plain[i] = 200
		if dark[i] {
			plain[i] = 40
		}
		uneven[i] = plain[i] * (0.45 + 0.55*float64(i%n+i/n)/(2*n))
	}
	for i := range blurred {
		sum, count := 4*plain[i], 4.0
		for _, k := range [4]int{i - 1, i + 1, i - n, i + n} {
			if k >= 0 && k < n*n && (k/n == i/n || k%n == i%n) {
				sum, count = sum+plain[k], count+1
			}
		}
		blurred[i] = sum / count
	}
	wrong := func(v []float64, way int) (k int) {
		for i, d := range Judge(v, n, way, 40, 200) {
			if (d > 0) != dark[i] {
				k++
			}
		}
		return k
	}
	for way := range Ways {
		if way != 2 { // a mean lies where the majority is
			require.Zero(t, wrong(plain, way), "way %d", way)
		}
	}
	require.Positive(t, wrong(uneven, 0))
	require.Zero(t, wrong(uneven, 1))
	require.Positive(t, wrong(blurred, 0))
	require.Less(t, 4*wrong(blurred, Ways-1), wrong(blurred, 0), "sharpened against plain")
}

func TestTransposedTwiceIsNothing(t *testing.T) {
	v := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	require.Equal(t, []float64{1, 4, 7, 2, 5, 8, 3, 6, 9}, Transposed(v, 3))
	require.Equal(t, v, Transposed(Transposed(v, 3), 3))
}
