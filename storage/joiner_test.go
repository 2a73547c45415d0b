package storage

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Keys of several runs come in order, each once: with what was set last, or with all that
// was merged to it in the order of records. Keys have much in common, or nothing.
func TestJoiner(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	var j joiner
	for trial := range 2000 {
		runs := make([]*keyRun, 1+trial%4)
		for i := range runs {
			runs[i] = newKeyRun()
		}
		want := map[string][]byte{}
		common := bytes.Repeat([]byte{tagParty, 'a'}, rng.IntN(12))
		chars := 1 + rng.IntN(200)
		for record := 0; record < 1+rng.IntN(300); {
			r := runs[rng.IntN(len(runs))]
			r.goOn(record)
			for range rng.IntN(9) {
				for range rng.IntN(3) {
					key := append([]byte{tagParty}, common...)
					for range rng.IntN(3) + rng.IntN(2)*rng.IntN(20) {
						key = append(key, byte(rng.IntN(chars)))
					}
					merged := len(key)%2 == 0
					value := []byte{byte(record), byte(record >> 8)}
					require.NoError(t, r.add(key, value, merged))
					if merged {
						value = append(want[string(key)], value...)
					}
					want[string(key)] = value
				}
				record++
			}
			record++
		}
		var keys []string
		got := map[string][]byte{}
		take := func(merged int) func(key, value []byte) error {
			return func(key, value []byte) error {
				require.Equal(t, merged, len(key)%2)
				keys = append(keys, string(key))
				got[string(key)] = bytes.Clone(value)
				return nil
			}
		}
		set := newRunSet(runs...)
		require.NoError(t, j.each(set, tagParty, take(1), take(0)))
		require.Equal(t, slices.Sorted(maps.Keys(want)), keys)
		require.Equal(t, want, got)
		require.NoError(t, j.each(set, tagSite, take(1), take(0)))
		for _, r := range runs {
			keyRuns.Put(r)
		}
	}
}

// The bits of a mask are moved together in their order.
func TestBitSieve(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	for range 10_000 {
		mask, x := rng.Uint64()&rng.Uint64(), rng.Uint64()
		if rng.IntN(4) == 0 {
			mask = ^mask
		}
		var want uint64
		for bit := 63; bit >= 0; bit-- {
			if mask>>bit&1 != 0 {
				want = want<<1 | x>>bit&1
			}
		}
		s := newBitSieve(mask)
		require.Equal(t, want, s.of(x), "%x of %x", mask, x)
	}
	for _, mask := range []uint64{0, 1, 1 << 63, ^uint64(0)} {
		s := newBitSieve(mask)
		require.LessOrEqual(t, s.of(^uint64(0)), mask)
	}
}
