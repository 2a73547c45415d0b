package pdf417

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// protect appends k correction codewords to data.
func protect(data []int, k int) []int {
	g := []int{1} // coefficients from the highest on
	for i := 1; i <= k; i++ {
		g = append(g, 0)
		for j := len(g) - 1; j > 0; j-- {
			g[j] = (g[j] + values - multiply(g[j-1], power[i])) % values
		}
	}
	rest := append(append([]int(nil), data...), make([]int, k)...)
	for i := range data {
		f := rest[i]
		for j, c := range g {
			rest[i+j] = (rest[i+j] + values - multiply(f, c)) % values
		}
	}
	words := append([]int(nil), data...)
	for _, r := range rest[len(data):] {
		words = append(words, (values-r)%values)
	}
	return words
}

// All damage within the limit is repaired, and what is beyond it is refused or
// at least leaves a word of the code.
func TestCorrectRepairsUpToTheLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		k := 2 << r.IntN(7)
		n := k + 1 + r.IntN(200)
		data := make([]int, n-k)
		for i := range data {
			data[i] = r.IntN(values)
		}
		want := protect(data, k)
		reserve := 2
		if k <= 4 {
			reserve = 1
		}
		erasures := r.IntN(k - reserve + 1)
		errors := r.IntN((k-reserve-erasures)/2 + 1)
		places := r.Perm(n)[:min(erasures+errors, n)]
		got := append([]int(nil), want...)
		for _, p := range places {
			got[p] = (got[p] + 1 + r.IntN(values-1)) % values
		}
		erased := places[:min(erasures, len(places))]
		wrong, ok := correct(got, k, erased)
		require.True(t, ok, "k %d n %d erasures %d errors %d", k, n, erasures, errors)
		require.Equal(t, want, got)
		require.Equal(t, len(places)-len(erased), wrong)
	}
}

func TestCorrectRefusesNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	passed := 0
	for range 20000 {
		k := 4 << r.IntN(4)
		words := make([]int, k+5+r.IntN(40))
		for i := range words {
			words[i] = r.IntN(values)
		}
		before := append([]int(nil), words...)
		if _, ok := correct(words, k, nil); ok {
			passed++
		} else {
			require.Equal(t, before, words)
		}
	}
	require.LessOrEqual(t, passed, 20)
}
