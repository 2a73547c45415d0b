package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// A merger reads the keys of a range, wherever it begins and ends, each once, with the
// values of earlier runs before those of later ones.
func TestRunRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	fs := vfs.NewMem()
	var runs []*runFile
	values := map[string][]byte{}
	for i := range 4 {
		w, err := newRunWriter(fs, fmt.Sprint(i), int64(i))
		require.NoError(t, err)
		for _, tag := range []byte{tagName, tagSpan, tagParty} {
			for n := range 40_000 {
				if rng.IntN(2) == 0 {
					continue
				}
				key := fmt.Appendf([]byte{tag}, "lot\x00%06d\x00", n)
				value := []byte{byte('a' + i)}
				require.NoError(t, w.add(key, value))
				values[string(key)] = append(values[string(key)], value...)
			}
		}
		run, err := w.finish()
		require.NoError(t, err)
		require.Greater(t, len(run.marks), 1)
		runs = append(runs, run)
	}
	runs = []*runFile{runs[2], runs[0], runs[3], runs[1]} // as they may come

	var all []string
	for key := range values {
		if key[0] == tagSpan {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	read := func(of keyRange) (keys []string) {
		m, err := newRunMerger(runs, of)
		require.NoError(t, err)
		for {
			ok, err := m.next()
			require.NoError(t, err)
			if !ok {
				return keys
			}
			keys = append(keys, string(m.key))
			require.Equal(t, string(values[string(m.key)]), string(m.value))
		}
	}
	require.Equal(t, all, read(keyRange{tag: tagSpan}))
	for range 100 {
		from, to := fmt.Appendf([]byte{tagSpan}, "lot\x00%06d", rng.IntN(42_000)), fmt.Appendf([]byte{tagSpan}, "lot\x00%06d", rng.IntN(42_000))
		a, _ := slices.BinarySearch(all, string(from))
		b, _ := slices.BinarySearch(all, string(to))
		require.Equal(t, len(all[min(a, b):b]), len(read(keyRange{tagSpan, from, to})))
	}

	saved := itemPart
	t.Cleanup(func() { itemPart = saved })
	for _, itemPart = range []int{1 << 10, 32 << 10, 1 << 30} {
		var together []string
		parts := itemParts(runs, 8)
		for _, part := range parts {
			together = append(together, read(part)...)
		}
		require.Equal(t, all, together)
		require.Equal(t, itemPart < 1<<20, len(parts) > 1)
	}
}
