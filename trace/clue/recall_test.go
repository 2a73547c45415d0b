package clue_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// TestRecall reads lots with one slip each and counts how often the lot is among
// the first ten readings. SUBLOT_CLUE_LOTS=1000000 sets how many lots there are.
func TestRecall(t *testing.T) {
	n := 20_000
	if os.Getenv("SUBLOT_CLUE_LOTS") != "" {
		n = 1_000_000
	}
	lots := lotsOnRecord(n, 7)
	on := map[string]bool{}
	for _, l := range lots {
		on[l.Name()] = true
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var x *clue.Index
	var err error
	took := cpuTime(func() { x, err = clue.New(sequence(lots)) })
	require.NoError(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%d lots, index built in %v, %d bytes a lot", len(lots), took.Round(time.Millisecond), (after.HeapAlloc-before.HeapAlloc)/uint64(len(lots)))
	for _, s := range slips {
		rng := rand.New(rand.NewPCG(3, 4))
		var found, first, asked, isLot, trunc int
		var times []time.Duration
		var ties int
		for asked < 2000 {
			lot := lots[rng.IntN(len(lots))]
			r, ok := s.make(rng, []rune(lot.Name()))
			if !ok {
				continue
			}
			text := string(r)
			if on[text] {
				isLot++
				continue
			}
			asked++
			var res clue.Result
			times = append(times, cpuTime(func() { res, _ = x.Read(text, 10, nil) }))
			i := slices.IndexFunc(res.Readings, func(r clue.Reading) bool { return r.Item == marking.SpanOf(lot) })
			if i >= 0 {
				found++
			} else if asked-found < 4 {
				t.Log(text, lot, res.Readings)
			}
			if i == 0 {
				first++
			}
			if res.Truncated {
				trunc++
			}
			if len(res.Readings) > 0 {
				ties += res.Readings[0].Near
			}
		}
		slices.Sort(times)
		t.Logf("%-20s recall@10 %.4f first %.3f  p50 %v p99 %v max %v; %d were lots themselves, truncated %d, near %.1f", s.name, float64(found)/float64(asked), float64(first)/float64(asked),
			percentile(times, .5), percentile(times, .99), times[len(times)-1], isLot, trunc, float64(ties)/float64(asked))
	}
}
