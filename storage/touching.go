package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"sync"

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
	var seqs []int64
	err := l.search(ctx, span, true, func(s *search, e *entry, n *numbers, flags byte) error {
		if kindCode(flags&kindMask) == voidCode {
			return nil
		}
		seqs = append(seqs, int64(n.uvarint()))
		return nil
	})
	slices.Sort(seqs)
	return slices.Compact(seqs), err
}

// A Holding is what the index of items says of a record that bears on a package.
type Holding struct {
	Seq       int64
	Kind      trace.Kind
	Depth     int // levels under the lot of the record's item: fewer than the package has where it lies around it
	At, Known trace.Day
	From, To  string // who gave and who received; of a record about goods in one hand, To
	Quantity  int64  // rounds of the record's item, 0 where it does not say
	Packages  uint64 // how many packages the record's item spans; 0 means more than can be counted
	Corrected bool   // a correction names the record; whether it counts is for the rules to say
}

// Custody appends to held what bears on a package, on all that it lies in and
// on no other: the records with an item that contains it, by day and then by
// their place in the log. It reads the index alone and none of the records, so
// it costs little more than one look-up in the database. Records beyond the
// first asOf of the log are left out; a negative asOf means all.
func (l *Ledger) Custody(ctx context.Context, item marking.ID, asOf int64, held []Holding) ([]Holding, error) {
	from := len(held)
	var voided []int64
	err := l.search(ctx, marking.SpanOf(item), false, func(s *search, e *entry, n *numbers, flags byte) error {
		if err := e.readRest(n, flags, &s.known); err != nil {
			return err
		}
		switch {
		case asOf >= 0 && e.seq >= asOf:
		case e.kind == voidCode:
			voided = append(voided, e.voids)
		default:
			held = append(held, Holding{Seq: e.seq, Kind: e.kind.kind(), Depth: e.depth, At: e.at, Known: e.known,
				From: e.from, To: e.to, Quantity: e.quantity, Packages: e.hi - e.lo + 1})
		}
		return nil
	})
	found := held[from:]
	slices.SortFunc(found, func(a, b Holding) int {
		if a.At != b.At {
			return cmp.Compare(a.At, b.At)
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	for _, seq := range voided {
		for i := range found {
			found[i].Corrected = found[i].Corrected || found[i].Seq == seq
		}
	}
	return held, err
}

// search calls f for the entries of items that overlap span; for those inside
// it only where inside is set. The range of an entry is read, the rest is for f
// to read.
func (l *Ledger) search(ctx context.Context, span marking.Span, inside bool, f func(s *search, e *entry, n *numbers, flags byte) error) error {
	if err := l.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || span.IsZero() {
		return err
	}
	k, err := l.iterators.take(l.db)
	if err != nil {
		return l.fault(err)
	}
	s := searches.Get().(*search)
	s.ctx, s.it, s.epochs, s.f, s.started = ctx, k.it, &l.epochs, f, false
	err = s.run(span, inside)
	s.ctx, s.it, s.f = nil, nil, nil
	searches.Put(s)
	if putErr := l.iterators.put(k); err == nil {
		err = putErr
	}
	return l.fault(err)
}

var searches = sync.Pool{New: func() any { return new(search) }}

// A search walks over the blocks of one lot, always forward: the series of the
// packages that hold what is asked for lie in the order of their depth, then
// comes all that lies inside it. Where nothing is written between two places
// the iterator stands at the second already.
type search struct {
	ctx     context.Context
	it      *pebble.Iterator
	f       func(s *search, e *entry, n *numbers, flags byte) error
	epochs  *epochs
	started bool
	depth   int
	key     []byte // of a series
	target  []byte
	known   knownTexts

	e entry
	n numbers
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

func (s *search) run(span marking.Span, inside bool) error {
	first := span.First()
	for depth := range first.Depth() + 1 {
		holder := marking.SpanOf(first.Ancestor(depth))
		if depth == first.Depth() {
			holder = span
		}
		var lo, hi uint64
		s.depth = depth
		s.key, lo, hi = appendSeriesOf(s.key[:0], holder)
		if err := s.overlaps(s.key, lo, hi); err != nil {
			return err
		}
	}
	if !inside {
		return nil
	}
	return s.inside(first, span.Last())
}

// overlaps meets the entries of a series that overlap [lo, hi].
func (s *search) overlaps(ser series, lo, hi uint64) error {
	for level := maxLevel; level >= 0; {
		s.target = ser.appendPart(s.target[:0], level, blockAt(level, lo), 0)
		if !s.seek(s.target) {
			return nil
		}
		key := s.it.Key()
		if len(key) != len(s.target) || !bytes.HasPrefix(key, ser) {
			return nil // the series has no further blocks
		}
		at, number := maxLevel-int(key[len(ser)]), binary.BigEndian.Uint64(key[len(ser)+1:])
		if at < level {
			level = at // the levels between are empty
			continue
		}
		if number > blockAt(level, hi) {
			level--
			continue
		}
		if err := s.collect(level, number, lo, hi); err != nil {
			return err
		}
		switch {
		case s.epochs.several(key) || number < blockAt(level, hi):
			if !s.it.Next() { // to a further part of the block, or the next block
				return nil
			}
		case ser.isOne():
			s.it.Next() // most often to where its content begins
			return nil
		default:
			level--
		}
	}
	return nil
}

// inside meets all entries of what lies inside the packages first to last.
func (s *search) inside(first, last marking.ID) error {
	end := after(last.AppendKey([]byte{tagSpan}))
	for ok := s.seek(first.AppendKey([]byte{tagSpan})); ok && bytes.Compare(s.it.Key(), end) < 0; ok = s.it.Next() {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		_, level, number, _ := splitBlockKey(s.it.Key())
		if err := s.collect(level, number, 0, math.MaxUint64); err != nil {
			return err
		}
	}
	return nil
}

// collect meets the entries of the present block that overlap [lo, hi].
func (s *search) collect(level int, number, lo, hi uint64) error {
	if level < 0 || level > maxLevel {
		return errBlock
	}
	value, err := s.it.ValueAndErr()
	if err != nil {
		return err
	}
	begin := int64(number << (blockBits * (level + 1)))
	for len(value) > 0 {
		// What cutEntry and readRange do, for the entries of nearly all blocks,
		// which are short and most of which are not wanted.
		size := int(value[0])
		if size >= 0x80 || size < 3 || size >= len(value) {
			if value, err = s.met(value, level, number, lo, hi); err != nil {
				return err
			}
			continue
		}
		w := value[1 : 1+size]
		flags, at := w[0], 2
		d := uint64(w[1])
		if d >= 0x80 {
			var used int
			if d, used = binary.Uvarint(w[1:]); used <= 0 {
				return errBlock
			}
			at = 1 + used
		}
		from := uint64(begin + (int64(d>>1) ^ -int64(d&1)))
		to := from
		if flags&oneNumber == 0 {
			length, used := binary.Uvarint(w[at:])
			if used <= 0 {
				return errBlock
			}
			to += length
			at += used
		}
		if from <= hi && lo <= to {
			s.e.lo, s.e.hi, s.e.depth = from, to, s.depth
			s.n.b, s.n.bad = w[at:], false
			if err := s.f(s, &s.e, &s.n, flags); err != nil {
				return err
			}
		}
		value = value[1+size:]
	}
	return nil
}

// met meets the first entry of a block's value, of any size, and returns what
// follows.
func (s *search) met(value []byte, level int, number, lo, hi uint64) (rest []byte, err error) {
	written, rest, err := cutEntry(value)
	if err != nil {
		return nil, err
	}
	s.n.b, s.n.bad = written, false
	flags := s.e.readRange(&s.n, level, number)
	if s.n.bad {
		return nil, errBlock
	}
	if s.e.lo <= hi && lo <= s.e.hi {
		s.e.depth = s.depth
		err = s.f(s, &s.e, &s.n, flags)
	}
	return rest, err
}
