package trace

import (
	"context"
	"iter"
	"slices"

	"github.com/sublot/sublot/marking"
)

// Check audits a ledger: it yields the flags of every lot, in the order of the
// lots, each with the item that it is about. What is only a state of goods, in
// stock or used up, is no flag here. Today is the day on which deliveries are
// judged.
func Check(ctx context.Context, l Ledger, today Day) iter.Seq2[Flag, error] {
	return func(yield func(Flag, error) bool) {
		for lot, err := range l.Lots(ctx, "") {
			if err != nil {
				yield(Flag{}, err)
				return
			}
			flags, err := checkLot(ctx, l, lot, today)
			if err != nil {
				yield(Flag{}, err)
				return
			}
			for _, f := range flags {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// CheckProposed says what a transfer that is not in the ledger would do: the
// flags that it would add to those of its lots. Nothing is written. The errors
// are those of the ledger.
func CheckProposed(ctx context.Context, l Ledger, transfer *Record, today Day) ([]Flag, error) {
	with := &proposal{l, Entry{Seq: l.Len(), Record: transfer}}
	var out []Flag
	seen := map[marking.ID]bool{}
	for _, line := range transfer.Lines() {
		lot := line.Item.First().Lot()
		if seen[lot] {
			continue
		}
		seen[lot] = true
		before, err := checkLot(ctx, l, lot, today)
		if err != nil {
			return nil, err
		}
		after, err := checkLot(ctx, with, lot, today)
		if err != nil {
			return nil, err
		}
		for _, f := range after {
			if slices.Contains(f.Records, transfer.Ref()) || !slices.ContainsFunc(before, f.equal) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

func (f Flag) equal(o Flag) bool {
	return f.Code == o.Code && f.Says.String() == o.Says.String() && f.Item == o.Item && slices.Equal(f.Records, o.Records)
}

// checkLot returns the flags of a lot.
func checkLot(ctx context.Context, l Ledger, lot marking.ID, today Day) ([]Flag, error) {
	q := Query{Item: marking.SpanOf(lot), Text: lot.String(), Recovered: NoDay, KnownOn: NoDay, AsOf: -1, Today: today}
	a := &answer{q: q, v: newView(ctx, l, -1, NoDay), f: &Finding{}}
	if err := a.resolve(); err != nil {
		return nil, err
	}
	flags := slices.DeleteFunc(a.f.Flags, func(f Flag) bool {
		return f.Code == "RECORDED_IN_STOCK" || f.Code == "RECORDED_EXPENDED" || f.Code == "RECORDED_DESTROYED"
	})
	return flags, a.placeFlags(flags, lot)
}

// placeFlags states the item that each flag is about: that of its records where
// they speak of one, else the lot.
func (a *answer) placeFlags(flags []Flag, lot marking.ID) error {
	for i := range flags {
		f := &flags[i]
		f.Item = marking.SpanOf(lot)
		items := map[marking.Span]bool{}
		for _, ref := range f.Records {
			r, err := a.v.get(ref)
			if err != nil {
				return err
			}
			if r == nil {
				continue
			}
			for _, l := range r.Lines() {
				if l.Item.First().Lot() == lot {
					items[l.Item] = true
				}
			}
		}
		if len(items) == 1 {
			for item := range items {
				f.Item = item
			}
		}
	}
	return nil
}

// A proposal is a ledger as if one more record were in it.
type proposal struct {
	Ledger
	extra Entry
}

func (p *proposal) Len() int64 { return p.Ledger.Len() + 1 }

func (p *proposal) Get(ref Ref) (Entry, error) {
	if ref == p.extra.Record.Ref() {
		return p.extra, nil
	}
	return p.Ledger.Get(ref)
}

func (p *proposal) Touching(ctx context.Context, s marking.Span) iter.Seq2[Entry, error] {
	touches := slices.ContainsFunc(p.extra.Record.Items(), func(i marking.Span) bool { return !i.Intersect(s).IsZero() })
	return p.follow(p.Ledger.Touching(ctx, s), touches)
}

func (p *proposal) Citing(ctx context.Context, ref Ref, kind Kind) iter.Seq2[Entry, error] {
	r := p.extra.Record
	return p.follow(p.Ledger.Citing(ctx, ref, kind), r.Kind == kind && slices.Contains(r.Cites(), ref))
}

// follow yields the proposed record, where it belongs there, after the others.
func (p *proposal) follow(seq iter.Seq2[Entry, error], belongs bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e, err := range seq {
			if !yield(e, err) {
				return
			}
		}
		if belongs {
			yield(p.extra, nil)
		}
	}
}
