package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/storage"
)

func BenchmarkAppend(b *testing.B) {
	records, err := NewWorld(60_000, 1, 1).records(60_000, "XZ")
	require.NoError(b, err)
	l, err := storage.Open(b.TempDir(), storage.Config{})
	require.NoError(b, err)
	defer l.Close()
	i := 0
	for b.Loop() {
		_, err := l.Append(b.Context(), records[i:i+1000])
		require.NoError(b, err)
		if i += 1000; i+1000 > len(records) {
			b.StopTimer()
			break
		}
	}
}
