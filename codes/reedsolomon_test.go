package codes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheckWordsVanishAtTheRoots: data and check words, taken as a polynomial,
// are zero at every root of the generator. This is what a decoder tests.
func TestCheckWordsVanishAtTheRoots(t *testing.T) {
	for _, c := range []struct {
		f     *field
		first int
	}{{dmField, 1}, {qrField, 0}} {
		for n := 5; n <= 68; n++ {
			word := make([]byte, 100+n)
			for i := range 100 {
				word[i] = byte(i*i + n)
			}
			generator := c.f.generator(c.first, n)
			c.f.remainder(word[100:], word[:100], 0, 1, generator)
			for root := c.first; root < c.first+n; root++ {
				sum := byte(0)
				for _, w := range word {
					if sum != 0 {
						sum = c.f.exp[int(c.f.log[sum])+root]
					}
					sum ^= w
				}
				require.Zero(t, sum, "%d check words, root %d", n, root)
			}
		}
	}
}
