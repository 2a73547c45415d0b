package bench

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// BenchmarkCustody compares a look-up of custody with a bare one. SUBLOT_BENCH
// names a folder where the ledger is kept for the next time.
func BenchmarkCustody(b *testing.B) {
	const spans = 300_000
	w := NewWorld(spans, 1, 1)
	dir := os.Getenv("SUBLOT_BENCH")
	if dir == "" {
		dir = b.TempDir()
	}
	l, err := storage.Open(filepath.Join(dir, "ledger"), storage.Config{CacheBytes: 256 << 20})
	require.NoError(b, err)
	defer l.Close()
	if l.Len() == 0 {
		f, err := os.CreateTemp(dir, "world")
		require.NoError(b, err)
		defer os.Remove(f.Name())
		_, err = w.WriteTo(f)
		require.NoError(b, err)
		_, err = f.Seek(0, 0)
		require.NoError(b, err)
		_, err = trace.Import(b.Context(), l, []trace.ImportFile{{Name: "world", Reader: f}}, trace.ImportConfig{})
		require.NoError(b, err)
		require.NoError(b, l.Settle(b.Context()))
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var questions []Question
	var keys [][]byte
	for len(keys) < 5000 {
		q := w.Ask(rng)
		key, err := l.FirstBlock(b.Context(), q.Item)
		require.NoError(b, err)
		if key != nil {
			questions, keys = append(questions, q), append(keys, key)
		}
	}
	i := 0
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := l.RawGet(keys[i%len(keys)])
			require.NoError(b, err)
			i++
		}
	})
	var held []storage.Holding
	b.Run("custody", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			held, err = l.Custody(b.Context(), questions[i%len(keys)].Item, -1, held[:0])
			i++
		}
	})
}
