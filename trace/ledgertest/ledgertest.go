package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Run tests that the ledgers which open returns keep the promises of
// [trace.Ledger]. Each call of open gives an empty ledger, and closes it when
// the test ends.
func Run(t *testing.T, open func(t *testing.T) trace.Ledger) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, l trace.Ledger){
		"Empty":                 testEmpty,
		"AppendIsAllOrNothing":  testAllOrNothing,
		"AppendIsIdempotent":    testIdempotent,
		"ConflictInOneAppend":   testConflictInOneAppend,
		"OneNameOneRecord":      testOneName,
		"SignedRecordsAreKept":  testSigned,
		"LookUpsMatchTheLog":    testLookUps,
		"SourcesCount":          testSources,
		"IteratorsStop":         testIteratorsStop,
		"ReadersWhileAppending": testReaders,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func testEmpty(t *testing.T, l trace.Ledger) {
	ctx := context.Background()
	require.Zero(t, l.Len())
	require.Empty(t, collect(t, l.All(ctx, 0)))
	require.Empty(t, collect(t, l.All(ctx, 10)))
	require.Empty(t, collect(t, l.Touching(ctx, marking.MustParseSpan("XCW/L1"))))
	require.Empty(t, collect(t, l.Citing(ctx, "XA:1", trace.KindTransfer)))
	require.Empty(t, collect(t, l.About(ctx, "XA")))
	require.Empty(t, collect(t, l.Lots(ctx, "")))
	_, err := l.Get("XA:1")
	require.ErrorIs(t, err, trace.ErrNotFound)
	counts, err := l.Sources(ctx, -1, trace.NoDay)
	require.NoError(t, err)
	require.Empty(t, counts)
	done, err := l.Append(ctx, nil)
	require.NoError(t, err)
	require.Zero(t, done)
}

func testAllOrNothing(t *testing.T, l trace.Ledger) {
	ctx := context.Background()
	first := parse(t, loss("XB", "1", "2024-01-01", "XCW/L1"))
	appendAll(t, l, first)
	_, err := l.Append(ctx, []*trace.Record{
		parse(t, loss("XB", "2", "2024-01-01", "XCW/L1")),
		parse(t, loss("XB", "1", "2024-01-02", "XCW/L1")),
		parse(t, loss("XB", "3", "2024-01-01", "XCW/L1")),
	})
	conflict, ok := err.(*trace.ConflictError)
	require.True(t, ok, "%T: %v", err, err)
	require.Equal(t, trace.Ref("XB:1"), conflict.Ref)
	require.Equal(t, []trace.Entry{{Seq: 0, Record: first}}, collect(t, l.All(ctx, 0)))
	require.Len(t, collect(t, l.Touching(ctx, marking.MustParseSpan("XCW/L1"))), 1)
	for _, ref := range []trace.Ref{"XB:2", "XB:3"} {
		_, err := l.Get(ref)
		require.ErrorIs(t, err, trace.ErrNotFound)
	}

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = l.Append(cancelled, []*trace.Record{parse(t, loss("XB", "4", "2024-01-01", "XCW/L1"))})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 1, l.Len())
}

func testIdempotent(t *testing.T, l trace.Ledger) {
	a, b := parse(t, loss("XB", "1", "2024-01-01", "XCW/L1")), parse(t, loss("XB", "2", "2024-01-01", "XCW/L1"))
	// Another spelling of the same record is the same record.
	again := parse(t, " "+string(a.Canonical)+" ")
	require.Equal(t, trace.Appended{Accepted: 2, Duplicate: 2}, appendAll(t, l, a, again, b, a))
	require.Equal(t, trace.Appended{Duplicate: 1}, appendAll(t, l, b))
	require.Equal(t, trace.Appended{Accepted: 1, Duplicate: 1}, appendAll(t, l, again, parse(t, loss("XB", "3", "2024-01-01", "XCW/L1"))))
	require.EqualValues(t, 3, l.Len())
	require.Len(t, collect(t, l.Touching(context.Background(), marking.MustParseSpan("XCW/L1/001"))), 3)
}

func testConflictInOneAppend(t *testing.T, l trace.Ledger) {
	_, err := l.Append(context.Background(), []*trace.Record{
		parse(t, loss("XB", "1", "2024-01-01", "XCW/L1")),
		parse(t, loss("XB", "1", "2024-01-02", "XCW/L1")),
	})
	require.IsType(t, &trace.ConflictError{}, err)
	require.Zero(t, l.Len())
}

// A name is compared as it reads: PL, 21:7 and PL:21, 7 are one.
func testOneName(t *testing.T, l trace.Ledger) {
	appendAll(t, l, parse(t, loss("PL", "21:7", "2024-01-01", "XCW/L1")))
	_, err := l.Append(context.Background(), []*trace.Record{parse(t, loss("PL:21", "7", "2024-01-01", "XCW/L1"))})
	require.IsType(t, &trace.ConflictError{}, err)
}

func testSigned(t *testing.T, l trace.Ledger) {
	plain := parse(t, loss("XB", "1", "2024-01-01", "XCW/L1"))
	signed := *plain
	signed.KeyHint, signed.Signature = "0a1b2c3d", make([]byte, 64)
	appendAll(t, l, &signed)
	e, err := l.Get("XB:1")
	require.NoError(t, err)
	require.Equal(t, &signed, e.Record)
	require.Equal(t, trace.Appended{Duplicate: 1}, appendAll(t, l, plain))
}

// testLookUps compares every look-up with a walk over the log.
func testLookUps(t *testing.T, l trace.Ledger) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, 2))
	var log []trace.Entry
	for range 30 {
		var batch []*trace.Record
		for range rng.IntN(20) {
			batch = append(batch, parse(t, randomRecord(rng, int64(len(log)+len(batch)))))
		}
		require.EqualValues(t, len(batch), appendAll(t, l, batch...).Accepted)
		for _, r := range batch {
			log = append(log, trace.Entry{Seq: int64(len(log)), Record: r})
		}
	}
	require.EqualValues(t, len(log), l.Len())
	require.Equal(t, log, collect(t, l.All(ctx, 0)))
	require.Equal(t, log[17:], collect(t, l.All(ctx, 17)))
	for _, e := range log {
		got, err := l.Get(e.Record.Ref())
		require.NoError(t, err)
		require.Equal(t, e, got)
	}
	matching := func(want func(r *trace.Record) bool) []trace.Entry {
		var out []trace.Entry
		for _, e := range log {
			if want(e.Record) {
				out = append(out, e)
			}
		}
		return out
	}
	for range 300 {
		span := marking.MustParseSpan(randomSpan(rng))
		require.Equal(t, matching(func(r *trace.Record) bool {
			return slices.ContainsFunc(r.Items(), func(item marking.Span) bool { return !item.Intersect(span).IsZero() })
		}), collect(t, l.Touching(ctx, span)), "touching %s", span)
	}
	refs, parties, lots := map[trace.Ref]bool{"XX:none": true}, map[string]bool{"XX": true}, map[marking.ID]bool{}
	for _, e := range log {
		for _, ref := range e.Record.Cites() {
			refs[ref] = true
		}
		if p := e.Record.Describes(); p != "" {
			parties[p] = true
		}
		for _, item := range e.Record.Items() {
			lots[item.First().Lot()] = true
		}
	}
	for ref := range refs {
		for _, kind := range []trace.Kind{trace.KindLicence, trace.KindConsent, trace.KindTransfer, trace.KindDelivery, trace.KindStatus, trace.KindCorrection} {
			cites := func(r *trace.Record) bool { return r.Kind == kind && slices.Contains(r.Cites(), ref) }
			require.Equal(t, matching(cites), collect(t, l.Citing(ctx, ref, kind)), "citing %s", ref)
		}
	}
	for party := range parties {
		require.Equal(t, matching(func(r *trace.Record) bool { return r.Describes() == party }), collect(t, l.About(ctx, party)), "about %s", party)
	}
	for _, maker := range []string{"", "XCW", "XCX", "XC", "XNONE"} {
		want := slices.SortedFunc(maps.Keys(lots), marking.ID.Compare)
		want = slices.DeleteFunc(want, func(id marking.ID) bool { return maker != "" && id.Maker() != maker })
		same(t, want, collect(t, l.Lots(ctx, maker)), "lots of %q", maker)
	}
	for range 20 {
		asOf, known := int64(rng.IntN(len(log)+20)-10), trace.NoDay
		if rng.IntN(2) == 0 {
			known = day(t, randomDay(rng))
		}
		counts, err := l.Sources(ctx, asOf, known)
		require.NoError(t, err)
		same(t, sources(log, asOf, known), counts, "as of %d, known %s", asOf, known)
	}
}

// sources is what Sources promises, in so many words.
func sources(log []trace.Entry, asOf int64, known trace.Day) []trace.SourceCount {
	var out []trace.SourceCount
	for _, e := range log {
		d := e.Record.Known()
		if asOf >= 0 && e.Seq >= asOf || known != trace.NoDay && d > known {
			continue
		}
		i, ok := slices.BinarySearchFunc(out, e.Record.Source, func(c trace.SourceCount, s string) int {
			return cmp.Compare(c.Source, s)
		})
		if !ok {
			out = slices.Insert(out, i, trace.SourceCount{Source: e.Record.Source, Through: trace.NoDay})
		}
		out[i].Records++
		out[i].Through = max(out[i].Through, d)
	}
	return out
}

func testSources(t *testing.T, l trace.Ledger) {
	ctx := context.Background()
	appendAll(t, l,
		parse(t, loss("XB", "1", "2024-01-01", "XCW/L1")),
		parse(t, `{"kind":"party","source":"XA","id":"XB","name":"n","country":"XB","roles":["end_user"]}`),
		parse(t, loss("XB", "2", "2024-03-01", "XCW/L1")),
		parse(t, `{"kind":"lot","source":"XCW","id":"1","item":"XCW/L1","calibre":"9x19","quantity":1,"made":{"from":"2024-02-01","to":"2024-02-05"}}`),
	)
	count := func(source string, records int64, through trace.Day) trace.SourceCount {
		return trace.SourceCount{Source: source, Records: records, Through: through}
	}
	for _, c := range []struct {
		asOf  int64
		known trace.Day
		want  []trace.SourceCount
	}{
		{-1, trace.NoDay, []trace.SourceCount{count("XA", 1, trace.NoDay), count("XB", 2, day(t, "2024-03-01")), count("XCW", 1, day(t, "2024-02-05"))}},
		{2, trace.NoDay, []trace.SourceCount{count("XA", 1, trace.NoDay), count("XB", 1, day(t, "2024-01-01"))}},
		{0, trace.NoDay, nil},
		{-1, day(t, "2024-02-05"), []trace.SourceCount{count("XA", 1, trace.NoDay), count("XB", 1, day(t, "2024-01-01")), count("XCW", 1, day(t, "2024-02-05"))}},
		{-1, day(t, "2024-02-04"), []trace.SourceCount{count("XA", 1, trace.NoDay), count("XB", 1, day(t, "2024-01-01"))}},
		{-1, day(t, "2020-01-01"), []trace.SourceCount{count("XA", 1, trace.NoDay)}},
	} {
		got, err := l.Sources(ctx, c.asOf, c.known)
		require.NoError(t, err)
		same(t, c.want, got)
	}
}

func testIteratorsStop(t *testing.T, l trace.Ledger) {
	for i := range 10 {
		appendAll(t, l,
			parse(t, loss("XB", fmt.Sprint(i), "2024-01-01", fmt.Sprintf("XCW/L%d", i))),
			parse(t, fmt.Sprintf(`{"kind":"report","source":"XD","id":"r%d","at":"2024-01-01","about":"XC","case":"c"}`, i)),
			parse(t, fmt.Sprintf(`{"kind":"status","source":"XA","id":"s%d","at":"2024-01-01","of":"XA:L1","state":"revoked"}`, i)))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	all := map[string]iter.Seq2[trace.Entry, error]{
		"All":      l.All(ctx, 0),
		"Touching": l.Touching(ctx, marking.MustParseSpan("XCW/L1")),
		"Citing":   l.Citing(ctx, "XA:L1", trace.KindStatus),
		"About":    l.About(ctx, "XC"),
	}
	for name, seq := range all {
		n := 0
		for _, err := range seq {
			require.NoError(t, err)
			n++
			break
		}
		require.Equal(t, 1, n, name)
	}
	lots := l.Lots(ctx, "")
	for _, err := range lots {
		require.NoError(t, err)
		break
	}
	// A sequence may be walked again.
	require.Len(t, collect(t, all["About"]), 10)
	cancel()
	for name, seq := range all {
		for _, err := range seq {
			require.ErrorIs(t, err, context.Canceled, name)
		}
	}
	for _, err := range lots {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// testReaders reads while records are appended: what is seen is always a
// beginning of the log, in order, and look-ups never show half an append.
func testReaders(t *testing.T, l trace.Ledger) {
	ctx := context.Background()
	const batches, size = 30, 7
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := 0
				for e, err := range l.All(ctx, 0) {
					if err != nil || e.Seq != int64(n) || e.Record.ID != fmt.Sprint(n) {
						t.Errorf("record %d of the log is %v, %v", n, e, err)
						return
					}
					n++
				}
				m := 0
				for _, err := range l.Touching(ctx, marking.MustParseSpan("XCW/L1/0001")) {
					if err != nil {
						t.Error(err)
						return
					}
					m++
				}
				if n%size != 0 || m%size != 0 || m < n {
					t.Errorf("%d records in the log, then %d by item: half an append is seen", n, m)
					return
				}
			}
		})
	}
	for b := range batches {
		var batch []*trace.Record
		for i := range size {
			batch = append(batch, parse(t, loss("XB", fmt.Sprint(b*size+i), "2024-01-01", "XCW/L1/0001..0400")))
		}
		appendAll(t, l, batch...)
	}
	close(stop)
	wg.Wait()
	require.EqualValues(t, batches*size, l.Len())
}

// same compares lists; none and an empty one are the same.
func same[T any](t *testing.T, want, got []T, about ...any) {
	t.Helper()
	if len(want)+len(got) > 0 {
		require.Equal(t, want, got, about...)
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

func appendAll(t *testing.T, l trace.Ledger, records ...*trace.Record) trace.Appended {
	t.Helper()
	done, err := l.Append(context.Background(), records)
	require.NoError(t, err)
	return done
}

func parse(t *testing.T, line string) *trace.Record {
	t.Helper()
	r, err := trace.ParseRecord([]byte(line))
	require.NoError(t, err, line)
	return r
}

func day(t *testing.T, s string) trace.Day {
	t.Helper()
	d, err := trace.ParseDay(s)
	require.NoError(t, err)
	return d
}

func loss(source, id, at, item string) string {
	return fmt.Sprintf(`{"kind":"loss","source":%q,"id":%q,"at":%q,"holder":"XB","lines":[{"item":%q,"quantity":5}]}`, source, id, at, item)
}
