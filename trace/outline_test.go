package trace_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

// TestOutline asks random worlds with all records of a lot read, and of a ledger whose
// index tells which of them matter: every word is the same. SUBLOT_WORLDS says how many
// worlds, of which it asks a quarter and as many busy ones, SUBLOT_WORLDS_FROM the seed
// of the first.
func TestOutline(t *testing.T) {
	worlds, from := 150, 1
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_WORLDS")); err == nil {
		worlds = max(n/4, 1)
	}
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_WORLDS_FROM")); err == nil {
		from = n
	}
	some, all := 0, 0
	for seed := from; seed < from+2*worlds; seed++ {
		w := oracle.NewBusyWorld(uint64(seed))
		if seed < from+worlds {
			w = oracle.NewWorld(uint64(seed))
		}
		l := &ledgertest.Outlined{Memory: trace.NewMemory()}
		_, err := trace.Import(t.Context(), l, []trace.ImportFile{{Name: "world", Reader: strings.NewReader(strings.Join(w.Records, "\n"))}}, trace.ImportConfig{})
		require.NoError(t, err)
		answer := func(l trace.Ledger, q trace.Query) string {
			f, err := trace.Resolve(t.Context(), l, q)
			require.NoError(t, err)
			b, err := json.Marshal([]any{f, f.Steps})
			require.NoError(t, err)
			return string(b)
		}
		ask := func(item string, recovered, known trace.Day, asOf int64) {
			q := trace.Query{Text: item, Recovered: recovered, KnownOn: known, AsOf: asOf, Today: recovered + 400}
			l.Whole = 0
			got := answer(l, q)
			all++
			if l.Whole == 0 {
				some++
			}
			require.Equal(t, answer(l.Memory, q), got, "world %d: %s on %s as of %d", seed, item, recovered, asOf)
		}
		day := func(s string) trace.Day {
			if s == "" {
				return trace.NoDay
			}
			d, err := trace.ParseDay(s)
			require.NoError(t, err)
			return d
		}
		for _, q := range w.Questions {
			ask(q.Item, day(q.Recovered), day(q.KnownOn), -1)
		}
		for e, err := range l.All(t.Context(), 0) { // and about what the records name
			require.NoError(t, err)
			for i, item := range e.Record.Items() {
				if i == 4 {
					break
				}
				ask(marking.SpanOf(item.Last()).String(), e.Record.At.Day()+trace.Day(i*20), trace.NoDay, -1)
				ask(item.String(), e.Record.At.Day()+trace.Day(i*20), trace.NoDay, e.Seq+int64(i*7))
			}
		}
	}
	t.Logf("of %d questions %d were answered without reading a lot whole", all, some)
	require.Greater(t, some, all/10)
}
