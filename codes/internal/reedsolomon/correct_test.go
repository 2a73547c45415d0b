package reedsolomon

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// protect appends check correction words.
func protect(f *Field, data []int, check, first int) []int {
	g := []int{1}
	for i := range check {
		g = append(g, 0)
		for j := len(g) - 1; j > 0; j-- {
			g[j] ^= f.times(g[j-1], f.power[first+i])
		}
	}
	rest := append(append([]int(nil), data...), make([]int, check)...)
	for i := range data {
		k := rest[i]
		for j, c := range g {
			rest[i+j] ^= f.times(k, c)
		}
	}
	return append(append([]int(nil), data...), rest[len(data):]...)
}

var fields = map[string]*Field{"qr": QR, "4": Aztec4, "6": Aztec6, "8": Aztec8, "10": Aztec10, "12": Aztec12}

func TestFieldsAreWhole(t *testing.T) {
	for name, f := range fields {
		seen := map[int]bool{}
		for i := range f.order {
			seen[f.power[i]] = true
		}
		require.Len(t, seen, f.order, "%s: 2 does not generate the field", name)
		for a := 1; a <= f.order; a++ {
			require.Equal(t, 1, f.times(a, f.inverse(a)), name)
		}
	}
}

// All damage within the limit is repaired: errors, erasures and both.
func TestCorrectRepairsUpToTheLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range fields {
		for range 400 {
			check := 2 + r.IntN(min(f.order/2, 60))
			n := check + 1 + r.IntN(min(f.order-check, 200))
			first, reserve := r.IntN(3), r.IntN(2)
			data := make([]int, n-check)
			for i := range data {
				data[i] = r.IntN(f.order + 1)
			}
			want := protect(f, data, check, first)
			erasures := r.IntN(check - reserve + 1)
			errors := r.IntN((check-reserve-erasures)/2 + 1)
			places := r.Perm(n)[:min(erasures+errors, n)]
			got := append([]int(nil), want...)
			for _, p := range places {
				got[p] ^= 1 + r.IntN(f.order)
			}
			erased := places[:min(erasures, len(places))]
			wrong, ok := f.Correct(got, check, first, reserve, erased)
			require.True(t, ok, "%s n %d check %d erased %d errors %d", name, n, check, erasures, errors)
			require.Equal(t, want, got)
			require.Equal(t, len(places)-len(erased), wrong)
		}
	}
}

// What is beyond the limit is refused or becomes a word of the code, and stays as it
// was when refused.
func TestCorrectRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		words := make([]int, 30)
		for i := range words {
			words[i] = r.IntN(256)
		}
		before := append([]int(nil), words...)
		if _, ok := QR.Correct(words, 10, 0, 0, []int{1, 5}); !ok {
			require.Equal(t, before, words)
		} else {
			require.True(t, QR.syndromes(make([]int, 10), words, 0))
		}
	}
	_, ok := QR.Correct(make([]int, 5), 5, 0, 0, nil)
	require.False(t, ok)
	_, ok = QR.Correct(make([]int, 300), 5, 0, 0, nil)
	require.False(t, ok)
	_, ok = QR.Correct(make([]int, 10), 2, 0, 0, []int{1, 2, 3})
	require.False(t, ok)
}
