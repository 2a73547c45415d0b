package clue_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// manyLots is how many lots the recall and the benchmarks are measured on: what
// SUBLOT_CLUE_LOTS says, such as 1000000, else fewer.
func manyLots(t testing.TB) int {
	s := os.Getenv("SUBLOT_CLUE_LOTS")
	if s == "" {
		return 30_000
	}
	n, err := strconv.Atoi(s)
	require.NoError(t, err, "SUBLOT_CLUE_LOTS")
	return n
}

// TestRecall reads lots with one slip each and wants the lot among the first ten
// readings. A slip that makes another lot on record of it is left out and
// counted: that text is a lot, and no reader can know better. SUBLOT_CLUE_LOTS
// sets the number of lots.
func TestRecall(t *testing.T) {
	const most, asked = 10, 2000
	lots := lotsOnRecord(manyLots(t), 7)
	on := map[string]bool{}
	for _, l := range lots {
		on[l.Name()] = true
	}
	before := heap()
	var x *clue.Index
	var err error
	took := cpuTime(func() { x, err = clue.New(sequence(lots)) })
	require.NoError(t, err)
	t.Logf("%d lots: the index took %v of a core and %d bytes a lot beside the identities", len(lots), took.Round(time.Millisecond), (heap()-before)/uint64(len(lots)))
	for _, s := range slips {
		rng := rand.New(rand.NewPCG(3, 4))
		var found, first, other, cut int
		var times []time.Duration
		for len(times) < asked {
			lot := lots[rng.IntN(len(lots))]
			text, ok := s.make(rng, []rune(lot.Name()))
			switch {
			case !ok:
				continue
			case on[string(text)]:
				other++
				continue
			}
			var res clue.Result
			times = append(times, cpuTime(func() { res, err = x.Read(string(text), most, nil) }))
			require.NoError(t, err)
			i := slices.IndexFunc(res.Readings, func(r clue.Reading) bool { return r.Item == marking.SpanOf(lot) })
			if i >= 0 {
				found++
			}
			if i == 0 {
				first++
			}
			if res.Truncated {
				cut++
			}
		}
		slices.Sort(times)
		t.Logf("%-18s  in the first ten %.4f, first %.3f; p50 %v, p99 %v, most %v of a core; %d more were lots themselves, %d cut", s.name,
			float64(found)/asked, float64(first)/asked, percentile(times, .5), percentile(times, .99), times[len(times)-1], other, cut)
		require.GreaterOrEqual(t, float64(found)/asked, .99, s.name)
	}
	runtime.KeepAlive(x)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkRead reads lots with one slip each, beside reading them as they
// stand. SUBLOT_CLUE_LOTS sets the number of lots.
func BenchmarkRead(b *testing.B) {
	lots := lotsOnRecord(manyLots(b), 7)
	x, err := clue.New(sequence(lots))
	require.NoError(b, err)
	asIs := slip{"as it stands", func(_ *rand.Rand, lot []rune) ([]rune, bool) { return lot, true }}
	for _, s := range append([]slip{asIs}, slips...) {
		b.Run(s.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(3, 4))
			b.ReportAllocs()
			for b.Loop() {
				text, ok := s.make(rng, []rune(lots[rng.IntN(len(lots))].Name()))
				if ok {
					x.Read(string(text), 10, nil)
				}
			}
		})
	}
}

// BenchmarkNew makes the index that a single question needs.
func BenchmarkNew(b *testing.B) {
	lots := lotsOnRecord(manyLots(b), 7)
	for b.Loop() {
		_, err := clue.New(sequence(lots))
		require.NoError(b, err)
	}
}
