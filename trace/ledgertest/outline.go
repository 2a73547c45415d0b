package ledgertest

import (
	"cmp"
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

// Outline says of each item of a lot, from the records, what an index is to say. The
// names are numbered as they come.
func (l *Outlined) Outline(ctx context.Context, lot marking.ID, asOf int64, _ []trace.OutlinedSeries) ([]trace.OutlinedSeries, error) {
	names, hands := map[string]int32{}, map[string]int32{}
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
		eachOutlined(e, names, hands, add)
		c, ok := e.Record.Body.(*trace.Correction)
		if !ok {
			continue
		}
		if target, err := l.Get(c.Voids); err == nil {
			eachOutlined(target, nil, nil, func(item marking.Span, _ trace.Outlined) {
				add(item, trace.Outlined{Seq: e.Seq, Kind: trace.KindCorrection, At: e.Record.At.Day(), Known: e.Record.Known(), Voids: target.Seq})
			})
		}
	}
	return out, ctx.Err()
}

// eachOutlined calls f for each item of a record, once, with the numbers of its names
// where they are wanted.
func eachOutlined(e trace.Entry, names, hands map[string]int32, f func(marking.Span, trace.Outlined)) {
	r := e.Record
	x := trace.Outlined{Seq: e.Seq, Kind: r.Kind, At: r.At.Day(), Known: r.Known()}
	number := func(of map[string]int32, name string) int32 {
		if _, ok := of[name]; !ok && of != nil {
			of[name] = int32(len(of) + 1)
		}
		return of[name]
	}
	switch b := r.Body.(type) {
	case *trace.Transfer:
		x.Transfer, x.Hands = number(names, string(r.Ref())), number(hands, b.From+"\x00"+b.To)
		x.Own = r.Source == b.From || r.Source == b.To
	case *trace.Delivery:
		x.Transfer = number(names, string(b.Transfer))
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
	Outline(ctx context.Context, lot marking.ID, asOf int64, room []trace.OutlinedSeries) ([]trace.OutlinedSeries, error)
	Entries(ctx context.Context, places []int64) iter.Seq2[trace.Entry, error]
}, asOf int64) {
	ctx := t.Context()
	want := &Outlined{Memory: trace.NewMemory()}
	var room []trace.OutlinedSeries
	for e, err := range l.All(ctx, 0) {
		require.NoError(t, err)
		_, err = want.Append(ctx, []*trace.Record{e.Record})
		require.NoError(t, err)
	}
	for lot, err := range l.Lots(ctx, "") {
		require.NoError(t, err)
		a, err := want.Outline(ctx, lot, asOf, nil)
		require.NoError(t, err)
		room, err = l.Outline(ctx, lot, asOf, room)
		require.NoError(t, err)
		require.Equal(t, inOrder(a), inOrder(room), "outline of %s", lot)
	}
}

type outlinedItem struct {
	of marking.Span
	x  trace.Outlined
}

// inOrder returns all items in one order, with names numbered in that order.
func inOrder(all []trace.OutlinedSeries) (out []outlinedItem) {
	for _, s := range all {
		for _, x := range s.Items {
			of := s.One
			if in := s.One.SpanIn(x.Lo, x.Hi); !in.IsZero() {
				of = in
			}
			out = append(out, outlinedItem{of, x})
		}
	}
	slices.SortFunc(out, func(a, b outlinedItem) int {
		return cmp.Or(a.of.Compare(b.of), cmp.Compare(a.x.Seq, b.x.Seq), cmp.Compare(a.x.Voids, b.x.Voids))
	})
	names, hands := map[int32]int32{0: 0}, map[int32]int32{0: 0}
	again := func(of map[int32]int32, n *int32) {
		if _, ok := of[*n]; !ok {
			of[*n] = int32(len(of))
		}
		*n = of[*n]
	}
	for i := range out {
		again(names, &out[i].x.Transfer)
		again(hands, &out[i].x.Hands)
	}
	return out
}
