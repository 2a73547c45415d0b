package storage

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// The indexes find what a walk over the whole log finds, appended or in bulk.
func TestFind(t *testing.T) {
	small(t)
	for _, bulk := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(1, 4))
		l := mustOpen(t, vfs.NewMem())
		records := some(t, rng, 0, 400)
		for i := range 5 {
			c, err := trace.NewRecord(trace.Record{Source: "XB", ID: string(rune('v' + i)), At: records[i].At, Body: &trace.Correction{Voids: records[10*i].Ref(), Reason: "r"}})
			require.NoError(t, err)
			records = append(records, c)
		}
		if bulk {
			b, err := l.Bulk(t.Context())
			require.NoError(t, err)
			p, err := b.Prepare(records, make([]int64, len(records)))
			require.NoError(t, err)
			require.NoError(t, b.Add(p))
			_, _, err = b.Commit(false)
			require.NoError(t, err)
		} else {
			mustAppend(t, l, records)
		}
		all := collect(t, l.All(t.Context(), 0))
		where := func(want func(*trace.Record) bool) (out []trace.Entry) {
			for _, e := range all {
				if want(e.Record) {
					out = append(out, e)
				}
			}
			return out
		}
		for _, party := range []string{"XA", "XB", "XC", "XE", "XQ"} {
			require.Equal(t, where(func(r *trace.Record) bool { return slices.Contains(r.AppendParties(nil), party) }), collect(t, l.Naming(t.Context(), party)))
			require.Equal(t, where(func(r *trace.Record) bool {
				return r.Kind == trace.KindRecovery || slices.Contains(r.AppendParties(nil), party)
			}), collect(t, l.Concerning(t.Context(), party)))
		}
		require.Equal(t, where(func(r *trace.Record) bool { return r.Kind == trace.KindStock }), collect(t, l.Find(t.Context(), BySite, "Depot")))
		require.Equal(t, where(func(r *trace.Record) bool { return r.Kind == trace.KindRecovery }), collect(t, l.Find(t.Context(), BySeizure, "XB")))
		ref := records[10].Ref()
		require.Equal(t, where(func(r *trace.Record) bool { c, ok := r.Body.(*trace.Correction); return ok && c.Voids == ref }), collect(t, l.Find(t.Context(), ByVoided, string(ref))))
		require.True(t, l.Corrected(ref))
		require.False(t, l.Corrected(records[11].Ref()))
		from, to := trace.Day(19100), trace.Day(19200)
		during := where(func(r *trace.Record) bool { return r.At.Day() >= from && r.At.Day() <= to })
		slices.SortStableFunc(during, func(a, b trace.Entry) int { return cmp.Compare(a.Record.At.Day(), b.Record.At.Day()) })
		require.Equal(t, during, collect(t, l.During(t.Context(), from, to)))

		checkCustody(t, l, all, rng)
		checkTotals(t, l, all)
		require.NoError(t, l.Close())
	}
}

// checkCustody compares what the index says of packages with the records.
func checkCustody(t *testing.T, l *Ledger, all []trace.Entry, rng *rand.Rand) {
	t.Helper()
	found := 0
	for range 300 {
		item := randomSpan(rng).First()
		asOf := int64(-1)
		if rng.IntN(3) == 0 {
			asOf = rng.Int64N(l.Len())
		}
		var want []Holding
		for _, e := range all {
			seen := map[marking.Span]bool{}
			for i, s := range e.Record.Items() {
				if seen[s] || !s.Holds(item) || asOf >= 0 && e.Seq >= asOf {
					continue
				}
				seen[s] = true
				h := Holding{Seq: e.Seq, Kind: e.Record.Kind, Depth: s.First().Depth(), At: e.Record.At.Day(), Known: e.Record.Known(),
					Quantity: quantityOf(e.Record, i), Packages: uint64(s.Count())}
				h.From, h.To = hands(e.Record)
				for _, c := range all {
					b, ok := c.Record.Body.(*trace.Correction)
					h.Corrected = h.Corrected || ok && b.Voids == e.Record.Ref() && (asOf < 0 || c.Seq < asOf)
				}
				want = append(want, h)
			}
		}
		slices.SortStableFunc(want, func(a, b Holding) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq)) })
		got, err := l.Custody(t.Context(), item, asOf, nil)
		require.NoError(t, err)
		require.ElementsMatch(t, want, got, "%s as of %d", item, asOf)
		require.True(t, slices.IsSortedFunc(got, func(a, b Holding) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq)) }))
		found += len(got)
	}
	require.Greater(t, found, 100)
}

// checkTotals adds up lots by their records.
func checkTotals(t *testing.T, l *Ledger, all []trace.Entry) {
	t.Helper()
	want := map[marking.ID]map[string]*LotParty{}
	of := func(lot marking.ID, party string) *LotParty {
		if want[lot] == nil {
			want[lot] = map[string]*LotParty{}
		}
		if want[lot][party] == nil {
			want[lot][party] = &LotParty{Party: party}
		}
		return want[lot][party]
	}
	named := map[trace.Ref]*trace.Record{}
	for _, e := range all {
		named[e.Record.Ref()] = e.Record
		from, to := hands(e.Record)
		for _, line := range e.Record.Lines() {
			lot := line.Item.First().Lot()
			switch b := e.Record.Body.(type) {
			case *trace.Transfer:
				of(lot, from).Records++
				of(lot, from).Given += line.Quantity
				of(lot, to).Records++
				of(lot, to).Received += line.Quantity
			case *trace.Stock:
				if b.Movement == "expend" {
					of(lot, to).Records++
					of(lot, to).Gone += line.Quantity
				}
			}
		}
	}
	for _, e := range all {
		c, ok := e.Record.Body.(*trace.Correction)
		if !ok || named[c.Voids] == nil || !codeOf(named[c.Voids]).counted() {
			continue
		}
		from, to := hands(named[c.Voids])
		for _, line := range named[c.Voids].Lines() {
			lot := line.Item.First().Lot()
			if from != "" {
				of(lot, from).Corrected++
			}
			of(lot, to).Corrected++
		}
	}
	require.NotEmpty(t, want)
	for lot, parties := range want {
		got, err := l.LotParties(t.Context(), lot)
		require.NoError(t, err)
		require.Len(t, got, len(parties))
		for _, p := range got {
			require.Equal(t, *parties[p.Party], p, lot)
		}
	}
}
