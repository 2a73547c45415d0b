package codes

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Any mix of erasures and errors with e + 2t not above the number of check words is
// repaired; a block with more is refused or, seldom, becomes another codeword.
func TestCorrectRepairsErrorsAndErasures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	wrongly := 0
	for trial := range 3000 {
		f, first := dmField, 1
		if trial%2 == 0 {
			f, first = newField(0x11D), 0
		}
		n := 4 + r.IntN(40)
		words := make([]byte, 1+r.IntN(100)+n)
		data := words[:len(words)-n]
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		f.remainder(words[len(data):], data, 0, 1, f.generator(first, n))
		sound := append([]byte(nil), words...)
		e := r.IntN(n + 1)
		errors := (n - e) / 2
		beyond := trial%10 == 9
		if beyond {
			errors += 1 + r.IntN(4)
		}
		places := r.Perm(len(words))
		errors = min(errors, len(words)-e)
		for _, p := range places[:e] {
			words[p] = byte(r.IntN(256))
		}
		for _, p := range places[e : e+errors] {
			words[p] ^= byte(1 + r.IntN(255))
		}
		got, ok := f.correct(words, first, n, places[:e])
		if beyond && e+2*errors > n {
			if ok && string(words) != string(sound) {
				wrongly++
			}
			continue
		}
		require.True(t, ok, "trial %d: %d words, %d checks, %d erased, %d wrong", trial, len(words), n, e, errors)
		require.Equal(t, sound, words)
		require.Equal(t, errors, got)
	}
	require.Less(t, wrongly, 60) // mostly those where erasures use up all check words
}
