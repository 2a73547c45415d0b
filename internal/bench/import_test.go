package bench

import (
	"bytes"
	"testing"

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
