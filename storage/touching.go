package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"slices"
	"sync"

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
		for e, err := range l.Entries(ctx, seqs) {
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// bearing returns the places in the log of the records with an item that
// overlaps span, in their order.
func (l *Ledger) bearing(ctx context.Context, span marking.Span) ([]int64, error) {
	s := searches.Get().(*search)
	s.seqs = nil
	err := l.search(ctx, s, span, true, (*search).list)
	seqs := s.seqs
	s.seqs = nil
	searches.Put(s)
	slices.Sort(seqs)
	return slices.Compact(seqs), err
}

// list adds the record of an entry to those that are looked for.
func (s *search) list(_ *entry, n *numbers, flags byte) error {
	if kindCode(flags&kindMask) != voidCode {
		s.seqs = append(s.seqs, int64(n.uvarint()))
	}
	return nil
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
	s := searches.Get().(*search)
	s.held, s.voided, s.asOf = held, s.voided[:0], asOf
	err := l.search(ctx, s, marking.SpanOf(item), false, (*search).hold)
	held, s.held = s.held, nil
	found := held[from:]
	slices.SortFunc(found, func(a, b Holding) int {
		if a.At != b.At {
			return cmp.Compare(a.At, b.At)
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	for _, seq := range s.voided {
		for i := range found {
			found[i].Corrected = found[i].Corrected || found[i].Seq == seq
		}
	}
	searches.Put(s)
	return held, err
}

// hold adds what an entry says to the holdings that are looked for.
func (s *search) hold(e *entry, n *numbers, flags byte) error {
	if err := e.readRest(n, flags, &s.known); err != nil {
		return err
	}
	switch {
	case s.asOf >= 0 && e.seq >= s.asOf:
	case e.kind == voidCode:
		s.voided = append(s.voided, e.voids)
	default:
		s.held = append(s.held, Holding{Seq: e.seq, Kind: e.kind.kind(), Depth: e.depth, At: e.at, Known: e.known,
			From: e.from, To: e.to, Quantity: e.quantity, Packages: e.hi - e.lo + 1})
	}
	return nil
}

// search calls f for the entries of items that overlap span; for those inside
// it only where inside is set. The range of an entry is read, the rest is for f
// to read.
func (l *Ledger) search(ctx context.Context, s *search, span marking.Span, inside bool, f func(s *search, e *entry, n *numbers, flags byte) error) error {
	if err := l.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || span.IsZero() {
		return err
	}
	s.ctx, s.epochs, s.f = ctx, &l.epochs, f
	err := l.fault(l.find(s, span, inside))
	s.ctx, s.it, s.f, s.kept = nil, nil, nil, lotIterator{}
	return err
}

// find runs a search over the blocks of its lot.
func (l *Ledger) find(s *search, span marking.Span, inside bool) error {
	return l.inBlocks(s, span.First().Lot(), func(it blockIterator) error { return s.run(it, span, inside) })
}

// inBlocks calls f with an iterator over the blocks of a small lot, which are kept, or
// over those of the database.
func (l *Ledger) inBlocks(s *search, lot marking.ID, f func(blockIterator) error) error {
	im := l.blocks.get(lot)
	if im != nil && !im.large {
		s.kept.im = im
		return f(&s.kept)
	}
	k, err := l.iterators.take(l.db)
	if err != nil {
		return err
	}
	if im == nil {
		if im, err = readLot(k.it, lot); err == nil {
			l.iterators.ifNew(k, func() { l.blocks.put(lot, im) })
		}
	}
	switch {
	case err != nil:
	case im.large:
		err = f(k.it)
	default:
		s.kept.im = im
		err = f(&s.kept)
	}
	return errors.Join(err, l.iterators.put(k))
}

var searches = sync.Pool{New: func() any { return new(search) }}

// A search walks over the blocks of one lot, always forward: the series of the
// packages that hold what is asked for lie in the order of their depth, then
// comes all that lies inside it. Where nothing is written between two places
// the iterator stands at the second already.
type search struct {
	ctx     context.Context
	it      blockIterator
	kept    lotIterator // it, where the lot is kept
	f       func(s *search, e *entry, n *numbers, flags byte) error
	epochs  *epochs
	started bool
	depth   int
	key     []byte // of a series
	target  []byte
	known   knownTexts

	e entry
	n numbers

	// What is found: by hold, and by list.
	held   []Holding
	voided []int64
	asOf   int64
	seqs   []int64

	names, hands numbering // of an outline
	name         []byte
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

func (s *search) run(it blockIterator, span marking.Span, inside bool) error {
	s.it, s.started = it, false
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
