package trace

import (
	"context"
	"encoding/json"
	"fmt"
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
// worlds; a quarter as many are busy ones.
func TestFollow(t *testing.T) {
	worlds := 150
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_WORLDS")); err == nil {
		worlds = n
	}
	alone, around, all := 0, 0, 0
	busy := max(worlds/4, 1)
	for seed := range uint64(worlds + busy) {
		w := oracle.NewWorld(seed + 1)
		if seed >= uint64(worlds) {
			w = oracle.NewBusyWorld(seed)
		}
		l := NewMemory()
		_, err := Import(context.Background(), l, []ImportFile{{Name: "world", Reader: strings.NewReader(strings.Join(w.Records, "\n"))}}, ImportConfig{})
		require.NoError(t, err)
		ask := func(item string, recovered, known Day) {
			q := Query{Text: item, Recovered: recovered, KnownOn: known, AsOf: -1, Today: recovered + 400}
			a, by := followed(t, l, q, false)
			b, _ := followed(t, l, q, true)
			require.Equal(t, b, a, "world %d: %s on %s", seed+1, item, recovered)
			all++
			switch by {
			case byItself:
				alone++
			case withOthers:
				around++
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
	t.Logf("%d of %d questions were followed alone, %d with some others", alone, all, around)
	require.Greater(t, alone, all/10)
	require.Greater(t, around, all/200)
}

// TestFollowOrder has transfers of one day of which a package alone would tell another
// order than all that they give.
func TestFollowOrder(t *testing.T) {
	party := func(id string) string {
		return `{"kind":"party","source":"XA","id":"` + id + `","name":"n","country":"XA","roles":["end_user"]}`
	}
	transfer := func(source, id, day, to, item string, quantity int) string {
		return fmt.Sprintf(`{"kind":"transfer","source":"%s","id":"%s","at":"2024-02-%s","act":"issue","from":"%s","to":"%s","lines":[{"item":"XM01/L1/%s","quantity":%d}]}`,
			source, id, day, source, to, item, quantity)
	}
	lot := []string{
		`{"kind":"party","source":"XM","id":"XM01","name":"n","country":"XM","roles":["maker"]}`, party("XA-1"), party("XA-2"), party("XA-3"), party("XA-5"),
		`{"kind":"lot","source":"XM01","id":"L","item":"XM01/L1","calibre":"9x19","quantity":160,"made":{"from":"2024-01-01","to":"2024-01-02"}}`,
		`{"kind":"pack","source":"XM01","id":"K","at":"2024-01-03","item":"XM01/L1","quantity":160,"units":[{"item":"XM01/L1/01..16","each":10}]}`,
		transfer("XM01", "T1", "01", "XA-5", "01..16", 160),
	}
	for name, c := range map[string]struct {
		more []string
		by   int
	}{
		"a chain": {[]string{transfer("XA-5", "T20", "05", "XA-1", "01..16", 160), transfer("XA-1", "T15", "05", "XA-2", "01..02", 20)}, byItself},
		"and parts given on that day": {[]string{transfer("XA-5", "T20", "05", "XA-1", "01..16", 160), transfer("XA-1", "T15", "05", "XA-2", "01..02", 20),
			transfer("XA-1", "T10", "05", "XA-3", "05..08", 40)}, byItself},
		"a part given by another before": {[]string{transfer("XA-5", "T20", "05", "XA-1", "01..16", 160), transfer("XA-1", "T15", "05", "XA-2", "01..02", 20),
			transfer("XA-5", "T10", "05", "XA-3", "05..08", 40)}, withAll},
		"a part given days before": {[]string{transfer("XA-5", "T20", "05", "XA-1", "01..16", 160), transfer("XA-1", "T15", "05", "XA-2", "01..02", 20),
			transfer("XA-5", "T10", "03", "XA-3", "05..08", 40)}, withAll},
		"nobody has it": {[]string{transfer("XA-3", "T20", "05", "XA-1", "01..16", 160), transfer("XA-1", "T15", "05", "XA-2", "01..02", 20)}, byItself},
		"a part given days before, and the first of the day is the only one that may fit": {[]string{transfer("XA-5", "T05", "05", "XA-1", "01..16", 160), transfer("XA-5", "T15", "05", "XA-2", "01..02", 20),
			transfer("XA-5", "T10", "03", "XA-3", "05..08", 40)}, withAll},
		"and the other's giver has it not": {[]string{transfer("XA-5", "T05", "05", "XA-6", "01..16", 160), transfer("XA-6", "T15", "05", "XA-2", "01..02", 20),
			transfer("XA-5", "T10", "03", "XA-3", "05..08", 40)}, byItself},
	} {
		t.Run(name, func(t *testing.T) {
			l := NewMemory()
			_, err := Import(t.Context(), l, []ImportFile{{Name: "lot", Reader: strings.NewReader(strings.Join(append(lot[:len(lot):len(lot)], c.more...), "\n"))}}, ImportConfig{})
			require.NoError(t, err)
			q := Query{Text: "XM01/L1/01", Recovered: NoDay, KnownOn: NoDay, AsOf: -1, Today: 20000}
			some, by := followed(t, l, q, false)
			require.Equal(t, c.by, by)
			whole, _ := followed(t, l, q, true)
			require.Equal(t, whole, some)
		})
	}
}

// How what was asked was followed.
const (
	withAll    = iota // the whole lot
	byItself          // alone
	withOthers        // with packages around it
)

// followed answers a question, with the whole lot followed or not, and says how what was
// asked was followed.
func followed(t *testing.T, l Ledger, q Query, whole bool) (says string, by int) {
	t.Helper()
	a := &answer{q: q, v: newView(t.Context(), l, q.AsOf, q.KnownOn), f: &Finding{}, whole: whole}
	require.NoError(t, a.resolve())
	b, err := json.Marshal([]any{a.f, a.f.Steps})
	require.NoError(t, err)
	switch {
	case a.course == nil || !a.course.alone:
		return string(b), withAll
	case len(a.course.at) == 1:
		return string(b), byItself
	}
	return string(b), withOthers
}
