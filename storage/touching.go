package storage

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Touching implements [trace.Ledger].
func (l *Ledger) Touching(ctx context.Context, span marking.Span) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		seqs, err := l.bearing(ctx, span)
		if err != nil {
			yield(trace.Entry{}, err)
			return
		}
		for _, seq := range seqs {
			if err := ctx.Err(); err != nil {
				yield(trace.Entry{}, err)
				return
			}
			e, err := l.entry(seq)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// bearing returns the places in the log of the records with an item that
// overlaps span, in their order.
func (l *Ledger) bearing(ctx context.Context, span marking.Span) ([]int64, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if span.IsZero() {
		return nil, nil
	}
	lot := span.First().Lot().AppendKey([]byte{tagSpan})
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: lot, UpperBound: after(lot)})
	if err != nil {
		return nil, l.fault(err)
	}
	defer it.Close()
	s := search{ctx: ctx, it: it, begin: lot}
	err = s.run(span)
	if err == nil {
		err = it.Error()
	}
	if err != nil {
		return nil, l.fault(err)
	}
	slices.Sort(s.seqs)
	return slices.Compact(s.seqs), nil
}

// A search walks over the blocks of one lot, always forward: the series of the
// packages that hold what is asked for lie in the order of their depth, then
// comes all that lies inside it. Where nothing is written between two places
// the iterator stands at the second already.
type search struct {
	ctx     context.Context
	it      *pebble.Iterator
	begin   []byte // where the blocks of the lot begin
	started bool
	seqs    []int64
}

// seek moves forward to the first key that is not below target.
func (s *search) seek(target []byte) bool {
	switch {
	case !s.started:
		s.started = true
		return s.it.SeekGE(target)
	case !s.it.Valid():
		return false
	case bytes.Compare(s.it.Key(), target) >= 0:
		return true
	}
	return s.it.SeekGE(target)
}

func (s *search) run(span marking.Span) error {
	first := span.First()
	for depth := range first.Depth() + 1 {
		holder := marking.SpanOf(first.Ancestor(depth))
		if depth == first.Depth() {
			holder = span
		}
		ser, lo, hi := seriesOf(holder)
		if err := s.overlaps(ser, lo, hi); err != nil {
			return err
		}
	}
	return s.inside(first, span.Last())
}

// overlaps collects the entries of a series that overlap [lo, hi].
func (s *search) overlaps(ser series, lo, hi uint64) error {
	for level := 0; level <= maxLevel; {
		if !s.seek(ser.block(level, blockAt(level, lo))) {
			return nil
		}
		found, at, number := splitBlockKey(s.it.Key())
		if !bytes.Equal(found, ser) {
			return nil // the series has no further blocks
		}
		if at > level {
			level = at // the levels between are empty
			continue
		}
		if number > blockAt(level, hi) {
			level++
			continue
		}
		if err := s.collect(level, number, func(e entry) bool { return e.lo <= hi && lo <= e.hi }); err != nil {
			return err
		}
		if number == blockAt(level, hi) {
			if ser.isOne() {
				return nil
			}
			level++
		} else if !s.it.Next() {
			return nil
		}
	}
	return nil
}

// inside collects all entries of what lies inside the packages first to last.
func (s *search) inside(first, last marking.ID) error {
	end := after(last.AppendKey([]byte{tagSpan}))
	for ok := s.seek(first.AppendKey([]byte{tagSpan})); ok && bytes.Compare(s.it.Key(), end) < 0; ok = s.it.Next() {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		_, level, number := splitBlockKey(s.it.Key())
		if err := s.collect(level, number, func(entry) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// collect adds the entries of the present block that are wanted.
func (s *search) collect(level int, number uint64, want func(entry) bool) error {
	if level > maxLevel {
		return errBlock
	}
	value, err := s.it.ValueAndErr()
	if err != nil {
		return err
	}
	for len(value) > 0 {
		var e entry
		if e, value, err = readEntry(value, level, number); err != nil {
			return err
		}
		if want(e) {
			s.seqs = append(s.seqs, e.seq)
		}
	}
	return nil
}
