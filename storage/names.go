package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// recentNames remembers, without certainty, the names that were appended of late:
// those that may not be in the database's tables yet. Nearly every name that is
// appended is new. That it is in no table, their filters say; to find that it is not
// in the database's memory either takes several times as long, and is left out
// where the name was not appended of late.
//
// There are two filters. Once enough names are in the younger one it becomes the
// older, and the database is asked to write its memory into tables; when it has,
// the older one is dropped.
type recentNames struct {
	seed       maphash.Seed
	young, old nameFilter
	n          int
	all        bool            // names that are in no table may be missing in both
	written    <-chan struct{} // closed when what is in the older one is in tables

	readers []nameReader // of appends, one for each part of a batch
}

// A nameFilter has a bit for the hash of each name in it.
type nameFilter []uint64

const (
	namesInFilter  = 1 << 18
	nameFilterBits = 1 << 23 // one name in thirty is taken for one of them at most
)

func (f nameFilter) has(hash uint64) bool {
	return f != nil && f[hash%nameFilterBits/64]&(1<<(hash%64)) != 0
}

func (r *recentNames) init() {
	r.seed = maphash.MakeSeed()
	r.young = make(nameFilter, nameFilterBits/64)
}

// add remembers what was appended.
func (r *recentNames) add(records []preparedRecord) {
	for _, p := range records {
		r.young[p.name%nameFilterBits/64] |= 1 << (p.name % 64)
	}
	r.n += len(records)
}

// turnNames drops the older filter when what was in it is in tables, and makes the
// younger one the older when it is full.
func (l *Ledger) turnNames() error {
	r := &l.names
	for i := range r.readers {
		if n := &r.readers[i]; n.it != nil && time.Since(n.made) > readersKept {
			if err := n.close(); err != nil {
				return err
			}
		}
	}
	if r.written != nil {
		select {
		case <-r.written:
			r.old, r.all, r.written = nil, false, nil
			if err := r.closeReaders(); err != nil { // they may not see what was in it
				return l.fault(err)
			}
		default:
		}
	}
	if r.written != nil || r.n < namesInFilter && !r.all {
		return nil
	}
	_, err := l.disk.guard(func() (err error) {
		r.written, err = l.db.AsyncFlush()
		return err
	})
	if err != nil {
		l.failed = err
		return l.fault(err)
	}
	r.old, r.young, r.n = r.young, make(nameFilter, nameFilterBits/64), 0
	l.memory.left = 0 // a table more
	return nil
}

// writeNames has the database write its memory into tables, so that all names are
// there, and waits for it.
func (l *Ledger) writeNames() error {
	if _, err := l.disk.guard(func() error { return l.db.Flush() }); err != nil {
		return l.fault(err)
	}
	r := &l.names
	clear(r.young)
	r.old, r.n, r.all, r.written = nil, 0, false, nil
	return l.fault(r.closeReaders())
}

// readersOf returns readers for the parts of a batch. They are kept from append to
// append: what was appended since one was made, the filters tell.
func (l *Ledger) readersOf(parts int) []nameReader {
	r := &l.names
	for len(r.readers) < parts {
		r.readers = append(r.readers, nameReader{l: l})
	}
	return r.readers
}

func (r *recentNames) closeReaders() error {
	var errs []error
	for i := range r.readers {
		errs = append(errs, r.readers[i].close())
	}
	return errors.Join(errs...)
}

// A nameReader looks up names.
type nameReader struct {
	l    *Ledger
	it   *pebble.Iterator // over tables alone; made when it is needed
	made time.Time
	key  []byte
}

// readersKept is how long a reader serves appends. It keeps files that the database has
// done with, and to make one takes as long as to look up some twenty names.
const readersKept = time.Second

// hash writes the key of a record's name, and returns its hash.
func (n *nameReader) hash(r *trace.Record) uint64 {
	n.key = appendNameKey(n.key[:0], r)
	return maphash.Bytes(n.l.names.seed, n.key)
}

// place returns where the name that was hashed last stands in the log, -1 where it
// does not.
func (n *nameReader) place(hash uint64) (int64, error) {
	names := &n.l.names
	if names.all || names.young.has(hash) || names.old.has(hash) {
		seq, err := n.l.seqOfKey(n.key)
		if errors.Is(err, trace.ErrNotFound) {
			return -1, nil
		}
		return seq, err
	}
	if n.it == nil {
		var err error
		if n.it, err = n.l.db.NewIter(&pebble.IterOptions{OnlyReadGuaranteedDurable: true, UseL6Filters: true}); err != nil {
			return 0, n.l.fault(err)
		}
		n.made = time.Now()
	}
	if !n.it.SeekPrefixGE(n.key) || !bytes.Equal(n.it.Key(), n.key) {
		if n.it.Error() != nil {
			return -1, n.close()
		}
		return -1, nil
	}
	value, err := n.it.ValueAndErr()
	if err != nil {
		return 0, n.l.fault(errors.Join(err, n.close()))
	}
	return n.l.seqIn(n.key, value)
}

func (n *nameReader) close() error {
	if n.it == nil {
		return nil
	}
	it := n.it
	n.it = nil
	return n.l.fault(it.Close())
}

func (l *Ledger) seqOfKey(key []byte) (int64, error) {
	value, closer, err := l.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, trace.ErrNotFound
	}
	if err != nil {
		return 0, l.fault(err)
	}
	defer closer.Close()
	return l.seqIn(key, value)
}

// seqIn reads what a name leads to.
func (l *Ledger) seqIn(key, value []byte) (int64, error) {
	seq, used := binary.Uvarint(value)
	if used != len(value) {
		return 0, l.damaged("the name %s leads nowhere", key[1:])
	}
	return int64(seq), nil
}
