package trace

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/marking"
)

// TestFollow asks random worlds about packages that may be followed alone, and
// with the whole lot followed: every word is the same. SUBLOT_WORLDS says how many
// worlds.
func TestFollow(t *testing.T) {
	worlds := 150
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_WORLDS")); err == nil {
		worlds = n
	}
	alone, all := 0, 0
	for seed := range uint64(worlds) {
		w := oracle.NewWorld(seed + 1)
		l := NewMemory()
		_, err := Import(context.Background(), l, []ImportFile{{Name: "world", Reader: strings.NewReader(strings.Join(w.Records, "\n"))}}, ImportConfig{})
		require.NoError(t, err)
		answers := func(q Query, whole bool) (string, bool) {
			a := &answer{q: q, v: newView(context.Background(), l, q.AsOf, q.KnownOn), f: &Finding{}, whole: whole}
			require.NoError(t, a.resolve())
			b, err := json.Marshal([]any{a.f, a.f.Steps})
			require.NoError(t, err)
			return string(b), a.course != nil && a.course.alone
		}
		ask := func(item string, recovered, known Day) {
			q := Query{Text: item, Recovered: recovered, KnownOn: known, AsOf: -1, Today: recovered + 400}
			a, followed := answers(q, false)
			b, _ := answers(q, true)
			require.Equal(t, b, a, "world %d: %s on %s", seed+1, item, recovered)
			all++
			if followed {
				alone++
			}
		}
		day := func(s string) Day {
			if s == "" {
				return NoDay
			}
			d, err := ParseDay(s)
			require.NoError(t, err)
			return d
		}
		for _, q := range w.Questions {
			ask(q.Item, day(q.Recovered), day(q.KnownOn))
		}
		for e, err := range l.All(context.Background(), 0) { // and about what the records name
			require.NoError(t, err)
			for i, item := range e.Record.Items() {
				if i == 4 {
					break
				}
				ask(marking.SpanOf(item.Last()).String(), e.Record.At.Day()+Day(i*20), NoDay)
			}
		}
	}
	t.Logf("%d of %d questions were followed alone", alone, all)
	require.Greater(t, alone, all/10)
}
