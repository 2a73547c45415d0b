package storage

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

// TestWorlds asks random worlds of the ledger in memory and of the one on disk,
// with the records in another order: findings and whereabouts are the same bytes.
// SUBLOT_WORLDS says how many worlds, SUBLOT_WORLDS_FROM the seed of the first.
func TestWorlds(t *testing.T) {
	number := func(name string, n int) uint64 {
		if s := os.Getenv(name); s != "" {
			var err error
			n, err = strconv.Atoi(s)
			require.NoError(t, err)
		}
		return uint64(n)
	}
	from := number("SUBLOT_WORLDS_FROM", 1)
	for seed := from; seed < from+number("SUBLOT_WORLDS", 100); seed++ {
		w := oracle.NewWorld(seed)
		memory := trace.NewMemory()
		fill(t, memory, w.Records)
		disk := mustOpen(t, vfs.NewMem())
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(w.Records), func(i, j int) { w.Records[i], w.Records[j] = w.Records[j], w.Records[i] })
		half := len(w.Records) / 2
		fill(t, disk, w.Records[:half])
		for _, q := range w.Questions { // so that lots are on the shelf which are not as they will be
			answerTo(t, disk, q)
		}
		fill(t, disk, w.Records[half:])
		for _, q := range w.Questions {
			require.Equal(t, answerTo(t, memory, q), answerTo(t, disk, q), "world %d: %+v", seed, q)
		}
		ledgertest.TestOutline(t, disk, rand.New(rand.NewPCG(seed, 3)).Int64N(disk.Len()+10)-10)
		require.NoError(t, disk.Close())
		if n := seed - from + 1; n%5000 == 0 {
			t.Logf("%d worlds", n)
		}
	}
}

// TestBulkClearsTheShelf asks about lots before and after a bulk load that tells more of them.
func TestBulkClearsTheShelf(t *testing.T) {
	for seed := range uint64(20) {
		w := oracle.NewWorld(seed + 1)
		memory := trace.NewMemory()
		fill(t, memory, w.Records)
		disk := mustOpen(t, vfs.NewMem())
		half := len(w.Records) / 2
		fill(t, disk, w.Records[:half])
		for _, q := range w.Questions {
			answerTo(t, disk, q)
		}
		b, err := disk.Bulk(t.Context())
		require.NoError(t, err)
		var records []*trace.Record
		var places []int64
		for i, line := range w.Records[half:] {
			r, err := trace.ParseRecord([]byte(line))
			require.NoError(t, err)
			records, places = append(records, r), append(places, int64(i))
		}
		prepared, err := b.Prepare(records, places)
		require.NoError(t, err)
		require.NoError(t, b.Add(prepared))
		_, conflicts, err := b.Commit(false)
		require.NoError(t, err)
		require.Empty(t, conflicts)
		for _, q := range w.Questions {
			require.Equal(t, answerTo(t, memory, q), answerTo(t, disk, q), "world %d: %+v", seed+1, q)
		}
		require.NoError(t, disk.Close())
	}
}

// TestStories tells the stories to a ledger on disk.
func TestStories(t *testing.T) {
	ledgertest.RunStories(t, func(t *testing.T) trace.Ledger { return mustOpen(t, vfs.NewMem()) })
}

func fill(t *testing.T, l trace.Ledger, lines []string) {
	in := []trace.ImportFile{{Name: "world", Reader: strings.NewReader(strings.Join(lines, "\n"))}}
	report, err := trace.Import(context.Background(), l, in, trace.ImportConfig{})
	require.NoError(t, err)
	require.Empty(t, report.Refused)
}

func answerTo(t *testing.T, l trace.Ledger, q oracle.Question) string {
	day := func(s string) trace.Day {
		if s == "" {
			return trace.NoDay
		}
		d, err := trace.ParseDay(s)
		require.NoError(t, err)
		return d
	}
	f, err := trace.Resolve(context.Background(), l, trace.Query{Text: q.Item, Recovered: day(q.Recovered), Quantity: q.Quantity,
		Condition: q.Condition, KnownOn: day(q.KnownOn), AsOf: -1, Today: day(oracle.Today)})
	require.NoError(t, err)
	b, err := json.Marshal(f)
	require.NoError(t, err)
	s, err := json.Marshal(f.Steps)
	require.NoError(t, err)
	w, err := trace.Where(context.Background(), l, marking.MustParseSpan(q.Item), day(q.Recovered))
	if err != nil {
		return string(b) + string(s) + err.Error()
	}
	p, err := json.Marshal(w)
	require.NoError(t, err)
	return string(b) + string(s) + string(p)
}
