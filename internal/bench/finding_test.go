package bench

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// BenchmarkFinding compares a whole finding, about a lot that was asked about before and
// without anything kept, with a bare look-up of a block. SUBLOT_BENCH names a folder with a ledger of a
// million spans, as `sublot bench --keep` leaves it; else it is a new one of fewer.
func BenchmarkFinding(b *testing.B) {
	cfg := Config{Spans: 1_000_000, Levels: 1, Records: 65536, Seed: 1, Cache: 256 << 20, Dir: os.Getenv("SUBLOT_BENCH"), Tell: func(string, ...any) {}}
	if cfg.Dir == "" {
		cfg.Dir, cfg.Spans = b.TempDir(), 100_000
	}
	r := &run{Config: cfg, ctx: b.Context(), ledger: filepath.Join(cfg.Dir, "ledger"), rng: rand.New(rand.NewPCG(1, 2)), world: NewWorld(cfg.Spans, 1, 1)}
	require.NoError(b, r.fill())
	l, err := r.open(r.Records)
	require.NoError(b, err)
	defer func() { l.Close() }()
	var questions []Question
	var keys [][]byte
	for range 100 {
		q := r.world.ask(r.rng, longLot)
		key, err := l.FirstBlock(b.Context(), q.Item)
		require.NoError(b, err)
		questions, keys = append(questions, q), append(keys, key)
	}
	i := 0
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			_, err := l.RawGet(keys[i%len(keys)])
			require.NoError(b, err)
			i++
		}
	})
	ask := func() {
		q := questions[i%len(questions)]
		_, err := trace.Resolve(b.Context(), l, q.query(-1))
		require.NoError(b, err)
		i++
	}
	measure := func(name string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
	}
	for range 2 * len(questions) {
		ask()
	}
	measure("finding")
	require.NoError(b, l.Close())
	l, err = r.open(1)
	require.NoError(b, err)
	for range questions {
		ask()
	}
	measure("uncached")
}
