package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// BenchmarkProof proves records of a ledger, with a cache that holds all tiles of its
// tree and with one that holds few. SUBLOT_BENCH names a folder with the ledger, as
// `sublot bench --keep` leaves it; else it is a new one.
func BenchmarkProof(b *testing.B) {
	dir := os.Getenv("SUBLOT_BENCH")
	if dir == "" {
		dir = b.TempDir()
		l, err := storage.Open(filepath.Join(dir, "ledger"), storage.Config{})
		require.NoError(b, err)
		var world bytes.Buffer
		_, err = NewWorld(400_000, 1, 1).WriteTo(&world)
		require.NoError(b, err)
		_, err = trace.Import(b.Context(), l, []trace.ImportFile{{Name: "world", Reader: &world}}, trace.ImportConfig{})
		require.NoError(b, err)
		require.NoError(b, l.Close())
	}
	for _, cache := range []int64{256 << 20, 4 << 20} {
		b.Run(fmt.Sprintf("cache=%dMB", cache>>20), func(b *testing.B) {
			l, err := storage.Open(filepath.Join(dir, "ledger"), storage.Config{CacheBytes: cache})
			require.NoError(b, err)
			defer l.Close()
			rng := rand.New(rand.NewPCG(1, 1))
			for range 2 * l.Len() / 256 { // most tiles once
				_, err := l.ProveRecord(rng.Int64N(l.Len()), l.Len())
				require.NoError(b, err)
			}
			for b.Loop() {
				_, err := l.ProveRecord(rng.Int64N(l.Len()), l.Len())
				require.NoError(b, err)
			}
		})
	}
}
