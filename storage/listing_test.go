package storage

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A listing gives names in the order of their keys, each with all of its numbers in order.
func TestListing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	l := newListing(compareTexts)
	for trial := range 500 {
		l.clear()
		want := map[string][]uint32{}
		for i := range rng.IntN(400) {
			name := string(slices.Repeat([]byte{'a' + byte(rng.IntN(1+trial%5))}, rng.IntN(4)*rng.IntN(100)))
			n := uint32(i)
			if trial%2 == 1 {
				n = rng.Uint32N(50)
			}
			l.add(name, n)
			want[name] = append(want[name], n)
		}
		var keys []string
		require.NoError(t, l.each(func(name string, numbers []uint32) error {
			keys = append(keys, string(textKey(tagParty, name)))
			slices.Sort(want[name])
			require.Equal(t, want[name], numbers)
			delete(want, name)
			return nil
		}))
		require.Empty(t, want)
		require.True(t, slices.IsSorted(keys))
	}
}

// Keys that a run holds as one are those that were put into it.
func TestEachPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	for range 500 {
		first := rng.Int64N(1 << 40)
		var numbers []uint32
		for n := rng.Uint32N(1000); n < 1<<15 && len(numbers) < 100; n += 1 + rng.Uint32N(1000) {
			numbers = append(numbers, n)
		}
		var want, got []string
		for _, n := range numbers {
			want = append(want, string(appendListed(nil, tagParty, "XA-1", first+int64(n))))
		}
		require.NoError(t, eachPlace([]byte(want[0]), appendPlaces(nil, numbers), func(key []byte) error {
			got = append(got, string(key))
			return nil
		}))
		require.Equal(t, want, got)
	}
	require.ErrorIs(t, eachPlace(appendListed(nil, tagParty, "XA-1", 1), []byte{0x80}, func([]byte) error { return nil }), errRun)
}

// Lists of days come to what the days come to, joined or not.
func TestEachDay(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 3))
	for range 500 {
		want := map[uint32]uint64{}
		var lists [][]byte
		for range rng.IntN(5) {
			days := make([]uint32, rng.IntN(100))
			for i := range days {
				days[i] = rng.Uint32N(1<<31) >> rng.IntN(32)
				want[days[i]]++
			}
			slices.Sort(days)
			lists = append(lists, appendDays(nil, days))
		}
		joined, err := joinDays(nil, lists)
		require.NoError(t, err)
		for _, of := range [][][]byte{lists, {joined}} {
			var order []uint32
			got := map[uint32]uint64{}
			require.NoError(t, eachDay(of, func(day uint32, records uint64) error {
				order = append(order, day)
				got[day] = records
				return nil
			}))
			require.Equal(t, slices.Sorted(maps.Keys(want)), order)
			require.Equal(t, want, got)
		}
	}
	require.ErrorIs(t, eachDay([][]byte{{5, 0x80}}, func(uint32, uint64) error { return nil }), errRun)
}
