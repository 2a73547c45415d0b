package storage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Baseline is a bare database of the kind that ledgers are kept in, opened as
// a ledger's is: what a ledger is compared with by whoever measures it.
type Baseline struct{ db *pebble.DB }

// OpenBaseline makes a bare database in a folder that is missing or empty.
func OpenBaseline(dir string, cfg Config) (*Baseline, error) {
	l := &Ledger{dir: dir, at: dir, fs: vfs.Default}
	if err := l.openDatabase(cfg); err != nil {
		return nil, l.fault(err)
	}
	return &Baseline{l.db}, nil
}

// Put sets keys to values in one batch and waits until it is on the disk.
func (b *Baseline) Put(all [][2][]byte) error {
	batch := b.db.NewBatch()
	defer batch.Close()
	for _, w := range all {
		if err := batch.Set(w[0], w[1], nil); err != nil {
			return err
		}
	}
	return b.db.Apply(batch, pebble.Sync)
}

// Close ends the use of the database.
func (b *Baseline) Close() error { return b.db.Close() }

// Writes returns the keys and values that appending the records would write, by the
// first record that calls for each. Nothing is written.
func (l *Ledger) Writes(ctx context.Context, records []*trace.Record) ([][2][]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var arena []byte
	all := make([]preparedRecord, len(records))
	for i, r := range records {
		all[i] = prepareRecord(r, &arena)
	}
	w := l.newWriter(ctx, all)
	defer w.release()
	one := w.part(0) // so that what is gathered lies in the order of records
	for i := range all {
		if err := one.add(all[i].record, i); err != nil {
			return nil, l.fault(err)
		}
	}
	if err := errors.Join(w.write(), l.epochs.read(l.db)); err != nil {
		return nil, l.fault(err)
	}
	// Where each key was called for first; a record, just before its name.
	called, names := map[string]int{}, []int{}
	for _, at := range one.run.at {
		for _, e := range at {
			key, place := one.run.keyOf(&e), int(e.from)*2
			if old, ok := called[string(key)]; !ok || place < old {
				called[string(key)] = place
			}
			if key[0] == tagName {
				names = append(names, place)
			}
		}
	}
	slices.Sort(names)
	for i, place := range names {
		called[string(logKey(w.first+int64(i)))] = place - 1
	}
	type write struct {
		place int
		what  [2][]byte
	}
	var writes []write
	for r := w.batch.Reader(); ; {
		_, key, value, ok, err := r.Next()
		if err != nil {
			return nil, l.fault(err)
		}
		if !ok {
			break
		}
		place, ok := called[string(key)]
		if !ok {
			place = math.MaxInt
		}
		writes = append(writes, write{place, [2][]byte{bytes.Clone(key), bytes.Clone(value)}})
	}
	slices.SortStableFunc(writes, func(a, b write) int { return cmp.Compare(a.place, b.place) })
	out := make([][2][]byte, len(writes))
	for i, w := range writes {
		out[i] = w.what
	}
	return out, nil
}

// Settle waits until the database has put everything where it stays, so that
// what lies on the disk is what it comes to in the long run. Nothing needs it.
func (l *Ledger) Settle(ctx context.Context) error {
	if err := l.usable(); err != nil {
		return err
	}
	if err := l.iterators.close(); err != nil {
		return l.fault(err)
	}
	defer l.iterators.open()
	if err := l.db.Flush(); err != nil {
		return l.fault(err)
	}
	return l.fault(l.db.Compact(ctx, []byte{0}, []byte{0xff}, true))
}

// Sizes returns the bytes on disk of the log and of each index, as near as the
// database can tell, by their names.
func (l *Ledger) Sizes() (map[string]int64, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for tag := range 256 {
		name := indexNames[byte(tag)]
		if tag == tagLog {
			name = inLog
		}
		if name == "" {
			continue
		}
		n, err := l.db.EstimateDiskUsage([]byte{byte(tag)}, []byte{byte(tag) + 1})
		if err != nil {
			return nil, l.fault(err)
		}
		out[name] += int64(n)
	}
	return out, nil
}

// FirstBlock returns a key that a look-up of an item's custody reads, nil where
// it finds nothing. RawGet gets it.
func (l *Ledger) FirstBlock(ctx context.Context, item marking.ID) (key []byte, err error) {
	k, err := l.iterators.take(l.db)
	if err != nil {
		return nil, l.fault(err)
	}
	s := search{ctx: ctx, epochs: &l.epochs}
	s.f = func(*search, *entry, *numbers, byte) error {
		key = append(key[:0], k.it.Key()...)
		return nil
	}
	err = s.run(k.it, marking.SpanOf(item), false)
	if putErr := l.iterators.put(k); err == nil {
		err = putErr
	}
	return key, l.fault(err)
}

// RawGet is one look-up of a key in the database, and nothing else. It returns
// the length of the value.
func (l *Ledger) RawGet(key []byte) (int, error) {
	value, closer, err := l.db.Get(key)
	if err != nil {
		return 0, l.fault(err)
	}
	n := len(value)
	return n, closer.Close()
}
