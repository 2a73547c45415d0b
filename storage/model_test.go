package storage

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

// The ledger on disk answers as the one in memory does, whatever the records,
// however they are cut into appends, and however often it is opened again.
func TestModel(t *testing.T) {
	small(t)
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			fs := vfs.NewMem()
			l := mustOpen(t, fs)
			model := trace.NewMemory()
			for range 40 {
				var batch []*trace.Record
				for range rng.IntN(1 + rng.IntN(40)) {
					batch = append(batch, randomRecord(t, rng, 400))
				}
				want, wantErr := model.Append(t.Context(), batch)
				got, err := l.Append(t.Context(), batch)
				require.Equal(t, wantErr, err)
				require.Equal(t, want, got)
				if rng.IntN(5) == 0 {
					require.NoError(t, l.db.Flush())
				}
				if rng.IntN(5) == 0 {
					require.NoError(t, l.Close())
					l = mustOpen(t, fs)
				}
				compare(t, rng, model, l, 30)
			}
			require.NoError(t, l.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false))
			compare(t, rng, model, l, 300)
			require.NoError(t, l.Close())
		})
	}
}

func mustOpen(t *testing.T, fs vfs.FS) *Ledger {
	t.Helper()
	l, err := Open("ledger", Config{fs: fs, CachedRecords: 50})
	require.NoError(t, err)
	return l
}

// compare asks both ledgers the same questions.
func compare(t *testing.T, rng *rand.Rand, want, got trace.Ledger, questions int) {
	t.Helper()
	ctx := context.Background()
	require.Equal(t, want.Len(), got.Len())
	from := rng.Int64N(want.Len() + 1)
	require.Equal(t, collect(t, want.All(ctx, from)), collect(t, got.All(ctx, from)))
	maker := []string{"", "XCW", "PL:21"}[rng.IntN(3)]
	require.Equal(t, collect(t, want.Lots(ctx, maker)), collect(t, got.Lots(ctx, maker)))
	for range questions {
		span := randomSpan(rng)
		require.Equal(t, collect(t, want.Touching(ctx, span)), collect(t, got.Touching(ctx, span)), "touching %s", span)
	}
	asOf := []int64{-1, want.Len() / 2, want.Len()}[want.Len()%3]
	ledgertest.TestOutline(t, got.(*Ledger), asOf)
	for range 5 {
		ref := trace.Ref(fmt.Sprintf("X%c:%d", []byte("AD")[rng.IntN(2)], rng.IntN(400)))
		for _, kind := range []trace.Kind{trace.KindTransfer, trace.KindDelivery, trace.KindStatus, trace.KindCorrection} {
			require.Equal(t, collect(t, want.Citing(ctx, ref, kind)), collect(t, got.Citing(ctx, ref, kind)), "citing %s", ref)
		}
		a, errA := want.Get(ref)
		b, errB := got.Get(ref)
		require.Equal(t, errA, errB)
		require.Equal(t, a, b)
		party := fmt.Sprintf("X%c", 'A'+rng.IntN(5))
		require.Equal(t, collect(t, want.About(ctx, party)), collect(t, got.About(ctx, party)), "about %s", party)
		asOf, known := rng.Int64N(want.Len()+3)-1, trace.NoDay
		if rng.IntN(2) == 0 {
			known = trace.Day(19000 + rng.IntN(400))
		}
		m, err := want.Sources(ctx, asOf, known)
		require.NoError(t, err)
		n, err := got.Sources(ctx, asOf, known)
		require.NoError(t, err)
		require.Equal(t, m, n, "sources as of %d known on %s", asOf, known)
	}
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for v, err := range seq {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

// randomSpan returns a lot, a package or a run of packages, of few enough that
// they meet, on all levels of the index.
func randomSpan(rng *rand.Rand) marking.Span {
	text := []string{"XCW/L1", "XCW/L1A", "XCW/L10", "PL:21/Q-7"}[rng.IntN(4)]
	for range rng.IntN(4) {
		text += "/" + []string{"B", "001", "002", "1", "0042", "A7"}[rng.IntN(6)]
	}
	series := []struct {
		form  string
		limit int64
	}{{"%02d", 99}, {"%04d", 9999}, {"A%d", 9}, {"%012d", 999_999_999_999}, {"%018d", 999_999_999_999_999_999}}[rng.IntN(5)]
	lo, hi := 1+rng.Int64N(series.limit), 1+rng.Int64N(series.limit)
	if rng.IntN(2) == 0 {
		hi = min(series.limit, lo+rng.Int64N(70))
	}
	name := func(n int64) string { return fmt.Sprintf(series.form, n) }
	switch {
	case rng.IntN(3) == 0:
		return marking.MustParseSpan(text)
	case lo >= hi || len(name(lo)) != len(name(hi)):
		return marking.MustParseSpan(text + "/" + name(lo))
	}
	return marking.MustParseSpan(text + "/" + name(lo) + ".." + name(hi))
}

// randomRecord returns a record that may be another one again, in equal form or
// not.
func randomRecord(t *testing.T, rng *rand.Rand, names int) *trace.Record {
	t.Helper()
	head := trace.Record{
		Source: fmt.Sprintf("X%c", 'A'+rng.IntN(3)), ID: fmt.Sprint(rng.IntN(names)),
		At: when(t, rng),
	}
	ref := func() trace.Ref { return trace.Ref(fmt.Sprintf("XA:%d", rng.IntN(names))) }
	party := func() string { return fmt.Sprintf("X%c", 'A'+rng.IntN(5)) }
	line := trace.Line{Item: randomSpan(rng), Quantity: 10}
	switch rng.IntN(11) {
	case 6:
		head.Body = &trace.Stock{Holder: party(), Site: "Depot", Movement: []string{"count", "expend"}[rng.IntN(2)], Lines: []trace.Line{line}}
	case 7:
		voids := ref()
		if voids == trace.Ref(head.Source+":"+head.ID) {
			voids = "XD:2"
		}
		head.Body = &trace.Correction{Voids: voids, Reason: "r"}
	case 0:
		head.Body = &trace.Party{Party: party(), Name: "n", Country: "XA", Roles: []string{"maker"}}
	case 1:
		head.Body = &trace.Sighting{By: party(), Item: randomSpan(rng)}
	case 2:
		head.Body = &trace.Correction{Voids: "XD:1", Reason: "r", ReplacedBy: "XD:2"} // of no source that writes here
	case 3:
		head.Body = &trace.Coverage{Party: party(), State: "complete"}
	case 4:
		head.Body = &trace.Recovery{Agency: party(), Country: "XB", Items: []trace.RecoveredItem{{Item: randomSpan(rng)}, {Item: line.Item}, {Item: line.Item}}}
	case 5:
		head.Body = &trace.Delivery{Transfer: ref(), To: party(), Lines: []trace.Line{line}}
	default:
		head.Body = &trace.Transfer{From: party(), To: party(), Lines: []trace.Line{line}, Licence: ref(), EUC: ref()}
	}
	r, err := trace.NewRecord(head)
	require.NoError(t, err)
	if rng.IntN(4) == 0 {
		r.KeyHint, r.Signature = "0a1b2c3d", make([]byte, 64)
		r.Signature[0] = byte(rng.IntN(256))
	}
	return r
}

func when(t *testing.T, rng *rand.Rand) trace.When {
	t.Helper()
	w, err := trace.ParseWhen(trace.Day(19000 + rng.IntN(400)).String())
	require.NoError(t, err)
	return w
}
