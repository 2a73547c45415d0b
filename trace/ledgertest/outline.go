package ledgertest

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Outlined is a ledger in memory that tells what is on record of a lot as an index
// would, and counts how often a lot was read whole.
type Outlined struct {
	*trace.Memory
	Whole int
}

// Touching implements [trace.Ledger].
func (l *Outlined) Touching(ctx context.Context, s marking.Span) iter.Seq2[trace.Entry, error] {
	l.Whole++
	return l.Memory.Touching(ctx, s)
}

// Entries returns the records at places in the log.
func (l *Outlined) Entries(ctx context.Context, places []int64) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		for e, err := range l.All(ctx, 0) {
			if _, wanted := slices.BinarySearch(places, e.Seq); (wanted || err != nil) && !yield(e, err) {
				return
			}
		}
	}
}

// Outline says of each item of a lot, from the records, what an index is to say.
func (l *Outlined) Outline(ctx context.Context, lot marking.ID, asOf int64) ([]trace.OutlinedSeries, error) {
	type key struct {
		parent marking.ID
		prefix string
		width  int
	}
	at := map[key]int{}
	var out []trace.OutlinedSeries
	add := func(item marking.Span, x trace.Outlined) {
		if item.First().Lot() != lot || asOf >= 0 && x.Seq >= asOf {
			return
		}
		var k key
		if k.parent, k.prefix, k.width = item.Series(); k.width == 0 || k.parent.IsZero() {
			k = key{item.First(), "", 0}
		} else {
			x.Lo, x.Hi = item.Ordinals()
		}
		i, ok := at[k]
		if !ok {
			i, at[k] = len(out), len(out)
			out = append(out, trace.OutlinedSeries{One: marking.SpanOf(item.First())})
		}
		out[i].Items = append(out[i].Items, x)
	}
	for e, err := range l.All(ctx, 0) {
		if err != nil {
			return nil, err
		}
		eachOutlined(e, add)
		c, ok := e.Record.Body.(*trace.Correction)
		if !ok {
			continue
		}
		if target, err := l.Get(c.Voids); err == nil {
			eachOutlined(target, func(item marking.Span, _ trace.Outlined) {
				add(item, trace.Outlined{Seq: e.Seq, Kind: trace.KindCorrection, At: e.Record.At.Day(), Known: e.Record.Known(), Voids: target.Seq})
			})
		}
	}
	return out, ctx.Err()
}

// eachOutlined calls f for each item of a record, once.
func eachOutlined(e trace.Entry, f func(marking.Span, trace.Outlined)) {
	r := e.Record
	x := trace.Outlined{Seq: e.Seq, Kind: r.Kind, At: r.At.Day(), Known: r.Known()}
	switch b := r.Body.(type) {
	case *trace.Transfer:
		x.From, x.To, x.Transfer = b.From, b.To, r.Ref()
		x.Own = r.Source == b.From || r.Source == b.To
	case *trace.Consent:
		x.From, x.To = b.From, b.To
	case *trace.Delivery:
		x.To, x.Transfer = b.To, b.Transfer
	case *trace.Stock:
		x.To = b.Holder
	case *trace.Loss:
		x.To = b.Holder
	case *trace.Destruction:
		x.To = b.Holder
	case *trace.Repack:
		x.To = b.Holder
	case *trace.Recovery:
		x.To = b.Agency
	case *trace.Sighting:
		x.To = b.By
	}
	quantity := func(i int) int64 {
		switch b := r.Body.(type) {
		case *trace.Lot:
			return b.Quantity
		case *trace.Pack:
			if i == 0 {
				return b.Quantity
			}
			return b.Units[i-1].Each * b.Units[i-1].Item.Count()
		}
		if lines := r.Lines(); i < len(lines) {
			return lines[i].Quantity
		}
		return 0
	}
	items := r.Items()
	for i, item := range items {
		if !slices.Contains(items[:i], item) {
			x.Quantity = quantity(i)
			f(item, x)
		}
	}
}

// TestOutline compares what a ledger's index says of lots with what its records say.
func TestOutline(t *testing.T, l interface {
	trace.Ledger
	Outline(ctx context.Context, lot marking.ID, asOf int64) ([]trace.OutlinedSeries, error)
	Entries(ctx context.Context, places []int64) iter.Seq2[trace.Entry, error]
}, asOf int64) {
	ctx := t.Context()
	want := &Outlined{Memory: trace.NewMemory()}
	for e, err := range l.All(ctx, 0) {
		require.NoError(t, err)
		_, err = want.Append(ctx, []*trace.Record{e.Record})
		require.NoError(t, err)
	}
	type item struct {
		of marking.Span
		x  trace.Outlined
	}
	items := func(all []trace.OutlinedSeries) map[item]int {
		out := map[item]int{}
		for _, s := range all {
			for _, x := range s.Items {
				of := s.One
				if in := s.One.SpanIn(x.Lo, x.Hi); !in.IsZero() {
					of = in
				}
				if x.Kind == trace.KindCorrection {
					x = trace.Outlined{Lo: x.Lo, Hi: x.Hi, Seq: x.Seq, Kind: x.Kind, At: x.At, Known: x.Known, Voids: x.Voids}
				}
				out[item{of, x}]++
			}
		}
		return out
	}
	for lot, err := range l.Lots(ctx, "") {
		require.NoError(t, err)
		a, err := want.Outline(ctx, lot, asOf)
		require.NoError(t, err)
		b, err := l.Outline(ctx, lot, asOf)
		require.NoError(t, err)
		require.Equal(t, items(a), items(b), "outline of %s", lot)
	}
}
