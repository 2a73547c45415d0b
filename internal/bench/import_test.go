package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// BenchmarkImport imports a world in bulk; it tells what a record costs.
func BenchmarkImport(b *testing.B) {
	var world bytes.Buffer
	_, err := NewWorld(400_000, 1, 1).WriteTo(&world)
	require.NoError(b, err)
	for b.Loop() {
		b.StopTimer()
		l, err := storage.Open(b.TempDir(), storage.Config{})
		require.NoError(b, err)
		before := processorTime()
		b.StartTimer()
		report, err := trace.Import(b.Context(), l, []trace.ImportFile{{Name: "world", Reader: bytes.NewReader(world.Bytes())}}, trace.ImportConfig{})
		require.NoError(b, err)
		b.ReportMetric(float64((processorTime()-before).Microseconds())/float64(report.Accepted), "cpu-us/record")
		require.NoError(b, l.Close())
	}
}

// BenchmarkImportMore imports some spans into a large ledger: so few that they are
// appended, and so many that they are given in bulk. SUBLOT_BENCH names a folder with
// the ledger, as `sublot bench --keep` leaves it; what is imported stays in it.
func BenchmarkImportMore(b *testing.B) {
	dir := os.Getenv("SUBLOT_BENCH")
	if dir == "" {
		b.Skip("SUBLOT_BENCH names no ledger")
	}
	l, err := storage.Open(filepath.Join(dir, "ledger"), storage.Config{CacheBytes: 256 << 20})
	require.NoError(b, err)
	defer l.Close()
	for _, spans := range []int64{100_000, 400_000} {
		b.Run(fmt.Sprintf("spans=%d", spans), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				records, err := NewWorld(spans, 1, uint64(l.Len())).records(int(spans), another(l.Len()))
				require.NoError(b, err)
				var world bytes.Buffer
				for _, r := range records {
					world.Write(append(r.Canonical, '\n'))
				}
				before, start := processorTime(), time.Now()
				b.StartTimer()
				report, err := trace.Import(b.Context(), l, []trace.ImportFile{{Name: "world", Reader: &world}}, trace.ImportConfig{})
				require.NoError(b, err)
				n := float64(report.Accepted)
				b.ReportMetric(float64((processorTime()-before).Microseconds())/n, "cpu-us/record")
				b.ReportMetric(n/time.Since(start).Seconds(), "records/s")
			}
		})
	}
}
