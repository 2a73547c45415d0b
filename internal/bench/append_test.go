package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkAppend compares appends with batches of bare Sets of the same keys and
// values, by turns. SUBLOT_BENCH names a folder with the ledger that is appended to,
// as `sublot bench --keep` leaves it; else it is a new one.
func BenchmarkAppend(b *testing.B) {
	dir := os.Getenv("SUBLOT_BENCH")
	if dir == "" {
		dir = b.TempDir()
	}
	r := &run{Config: Config{Spans: 1, Levels: 1, Queries: 1000, Seed: uint64(os.Getpid()), Cache: 256 << 20, Dir: dir, Tell: func(string, ...any) {}},
		ctx: b.Context(), ledger: filepath.Join(dir, "ledger"), rng: rand.New(rand.NewPCG(1, 2))}
	for b.Loop() {
		b.StopTimer()
		l, err := r.open(0)
		require.NoError(b, err)
		require.NoError(b, l.Settle(b.Context())) // so that the memory of both databases begins empty, and as small
		require.NoError(b, l.Close())
		b.StartTimer()
		r.report.Insert = nil
		require.NoError(b, r.insert())
	}
	for _, i := range r.report.Insert {
		b.ReportMetric(i.Ratio, fmt.Sprintf("ratio/%d", i.Batch))
		b.ReportMetric(i.Ledger, fmt.Sprintf("records/s/%d", i.Batch))
	}
}
