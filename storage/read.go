package storage

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Len implements [trace.Ledger].
func (l *Ledger) Len() int64 { return l.length.Load() }

// Shelf returns where lots are kept laid out, see [trace.Shelf].
func (l *Ledger) Shelf() *trace.Shelf { return l.shelf }

// Get implements [trace.Ledger].
func (l *Ledger) Get(ref trace.Ref) (trace.Entry, error) {
	if err := l.usable(); err != nil {
		return trace.Entry{}, err
	}
	var seq int64
	key := nameKey(ref)
	err := l.look(key, func(value []byte) (err error) {
		seq, err = l.seqIn(key, value)
		return err
	})
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return trace.Entry{}, trace.ErrNotFound
	case err != nil:
		return trace.Entry{}, err
	}
	return l.entry(seq)
}

// entry returns the record at a place in the log.
func (l *Ledger) entry(seq int64) (e trace.Entry, err error) {
	if e, ok := l.records.get(seq); ok {
		return e, nil
	}
	err = l.look(logKey(seq), func(value []byte) error {
		e, err = l.decoded(seq, value)
		return err
	})
	if errors.Is(err, pebble.ErrNotFound) {
		err = l.damaged("record %d is not in the log", seq)
	}
	return e, err
}

// look calls f with the value of a key, or returns [pebble.ErrNotFound]. A kept iterator
// finds it in half the time of one that Get makes.
func (l *Ledger) look(key []byte, f func(value []byte) error) error {
	if l.iterators.busy() {
		value, closer, err := l.db.Get(key)
		switch {
		case errors.Is(err, pebble.ErrNotFound):
			return err
		case err != nil:
			return l.fault(err)
		}
		defer closer.Close()
		return f(value)
	}
	k, err := l.iterators.take(l.db)
	if err != nil {
		return l.fault(err)
	}
	err = pebble.ErrNotFound
	if k.it.SeekPrefixGE(key) && bytes.Equal(k.it.Key(), key) {
		var value []byte
		if value, err = k.it.ValueAndErr(); err == nil {
			err = f(value)
		} else {
			err = l.fault(err)
		}
	}
	if putErr := l.iterators.put(k); putErr != nil {
		err = l.fault(putErr)
	}
	return err
}

// decoded reads a record of the log, and keeps it.
func (l *Ledger) decoded(seq int64, value []byte) (trace.Entry, error) {
	r, err := decodeRecord(value)
	if err != nil {
		return trace.Entry{}, l.damaged("record %d: %v", seq, err)
	}
	e := trace.Entry{Seq: seq, Record: r}
	l.records.put(e)
	return e, nil
}

// Entries yields the records at places in the log, which are in order: one
// iterator finds those that are not kept, for less than as many look-ups would.
func (l *Ledger) Entries(ctx context.Context, seqs []int64) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		var k kept
		defer func() {
			if k.it != nil {
				l.iterators.put(k)
			}
		}()
		read := func(seq int64) (trace.Entry, error) {
			if err := ctx.Err(); err != nil {
				return trace.Entry{}, err
			}
			if e, ok := l.records.get(seq); ok {
				return e, nil
			}
			if k.it == nil {
				var err error
				if k, err = l.iterators.take(l.db); err != nil {
					return trace.Entry{}, l.fault(err)
				}
			}
			k.key = appendLogKey(k.key[:0], seq)
			if !k.it.SeekGE(k.key) || !bytes.Equal(k.it.Key(), k.key) {
				if err := k.it.Error(); err != nil {
					return trace.Entry{}, l.fault(err)
				}
				return trace.Entry{}, l.damaged("record %d is not in the log", seq)
			}
			value, err := k.it.ValueAndErr()
			if err != nil {
				return trace.Entry{}, l.fault(err)
			}
			return l.decoded(seq, value)
		}
		for _, seq := range seqs {
			e, err := read(seq)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// canonical returns the canonical form of the record at a place in the log.
func (l *Ledger) canonical(seq int64) ([]byte, error) {
	value, closer, err := l.db.Get(logKey(seq))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, l.damaged("record %d is not in the log", seq)
	}
	if err != nil {
		return nil, l.fault(err)
	}
	defer closer.Close()
	_, _, canonical, err := splitRecord(value)
	if err != nil {
		return nil, l.damaged("record %d: %v", seq, err)
	}
	return append([]byte(nil), canonical...), nil
}

// All implements [trace.Ledger].
func (l *Ledger) All(ctx context.Context, from int64) iter.Seq2[trace.Entry, error] {
	return l.walk(ctx, l.db, from)
}

// walk yields the records that r holds from a place in the log on.
func (l *Ledger) walk(ctx context.Context, r pebble.Reader, from int64) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		for key, err := range l.keys(ctx, r, logKey(max(from, 0)), []byte{tagLog + 1}) {
			if err != nil {
				yield(trace.Entry{}, err)
				return
			}
			seq := seqOf(key.Key())
			e, ok := l.records.get(seq)
			if !ok {
				value, err := key.ValueAndErr()
				if err != nil {
					yield(trace.Entry{}, l.fault(err))
					return
				}
				rec, err := decodeRecord(value)
				if err != nil {
					yield(trace.Entry{}, l.damaged("record %d: %v", seq, err))
					return
				}
				e = trace.Entry{Seq: seq, Record: rec}
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// keys yields the keys of r from lower on and below upper.
func (l *Ledger) keys(ctx context.Context, r pebble.Reader, lower, upper []byte) iter.Seq2[*pebble.Iterator, error] {
	return func(yield func(*pebble.Iterator, error) bool) {
		if err := l.usable(); err != nil {
			yield(nil, err)
			return
		}
		it, err := r.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
		if err != nil {
			yield(nil, l.fault(err))
			return
		}
		defer it.Close()
		for it.First(); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(it, nil) {
				return
			}
		}
		if err := it.Error(); err != nil {
			yield(nil, l.fault(err))
		}
	}
}

// Citing implements [trace.Ledger].
func (l *Ledger) Citing(ctx context.Context, ref trace.Ref, kind trace.Kind) iter.Seq2[trace.Entry, error] {
	return l.listed(ctx, append(textKey(tagCited, string(ref)), byte(codeOfKind(kind))))
}

// About implements [trace.Ledger].
func (l *Ledger) About(ctx context.Context, party string) iter.Seq2[trace.Entry, error] {
	return l.listed(ctx, textKey(tagAbout, party))
}

// listed yields the records whose places end the keys that begin with prefix.
func (l *Ledger) listed(ctx context.Context, prefix []byte) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		if err := l.usable(); err != nil {
			yield(trace.Entry{}, err)
			return
		}
		k, err := l.iterators.take(l.db)
		if err != nil {
			yield(trace.Entry{}, l.fault(err))
			return
		}
		defer l.iterators.put(k)
		for ok := k.it.SeekGE(prefix); ok && bytes.HasPrefix(k.it.Key(), prefix); ok = k.it.Next() {
			if err := ctx.Err(); err != nil {
				yield(trace.Entry{}, err)
				return
			}
			e, err := l.entry(seqOf(k.it.Key()))
			if !yield(e, err) || err != nil {
				return
			}
		}
		if err := k.it.Error(); err != nil {
			yield(trace.Entry{}, l.fault(err))
		}
	}
}

// Lots implements [trace.Ledger].
func (l *Ledger) Lots(ctx context.Context, maker string) iter.Seq2[marking.ID, error] {
	return func(yield func(marking.ID, error) bool) {
		prefix := []byte{tagLot}
		if maker != "" {
			const lot = "A"
			id, err := marking.ParseID(maker + "/" + lot)
			if err != nil || id.Maker() != maker {
				return // no lot has such a maker
			}
			prefix = lotKey(id)
			prefix = prefix[:len(prefix)-len(lot)-1]
		}
		for key, err := range l.keys(ctx, l.db, prefix, after(prefix)) {
			if err != nil {
				yield(marking.ID{}, err)
				return
			}
			lot, err := marking.ParseKey(key.Key()[1:])
			if err != nil {
				yield(marking.ID{}, l.damaged("the index of lots: %v", err))
				return
			}
			if !yield(lot, nil) {
				return
			}
		}
	}
}
