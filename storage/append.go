package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Append implements [trace.Ledger]: the records, their hashes and all that finds
// them go to the disk in one batch.
func (l *Ledger) Append(ctx context.Context, records []*trace.Record) (trace.Appended, error) {
	return l.appendWith(ctx, records, func(b *pebble.Batch) error { return l.db.Apply(b, pebble.Sync) })
}

// appendWith is Append with another way to write the batch, for tests that must
// fail.
func (l *Ledger) appendWith(ctx context.Context, records []*trace.Record, apply func(*pebble.Batch) error) (trace.Appended, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(ctx); err != nil {
		return trace.Appended{}, err
	}
	fresh, done, err := l.fresh(records)
	if err != nil || len(fresh) == 0 {
		return done, err
	}
	batch, committed := l.db.NewBatch(), false
	defer func() {
		if !committed {
			batch.Close()
		}
	}()
	w := writer{batch: batch, tree: l.tree.clone(), tiles: map[tileID][]byte{}, cells: map[sourceDay]int64{}, lots: &l.lots}
	for i, r := range fresh {
		if i%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return trace.Appended{}, err
			}
		}
		if err := w.add(r); err != nil {
			return trace.Appended{}, l.fault(err)
		}
	}
	if err := w.finish(); err != nil {
		return trace.Appended{}, l.fault(err)
	}
	if err := l.checkSpace(int64(batch.Len())); err != nil {
		return trace.Appended{}, err
	}
	committed = true
	if err := l.commit(batch, apply); err != nil {
		return trace.Appended{}, err
	}
	l.tree = w.tree
	l.length.Store(w.tree.size)
	l.sources.add(w.tree.size, w.cells)
	l.lots.learn(w.newLots)
	if err := l.advanceHead(); err != nil {
		l.failed = err
		return trace.Appended{}, l.fault(err)
	}
	return done, nil
}

func (l *Ledger) writable(ctx context.Context) error {
	if err := l.usable(); err != nil {
		return err
	}
	if l.readOnly {
		return &Error{Problem: ReadOnly, Dir: l.dir}
	}
	if l.failed != nil {
		return &Error{Problem: Failed, Dir: l.dir, Says: "an earlier append failed; open the ledger again", err: l.failed}
	}
	if err := l.disk.failing(); err != nil {
		return l.fault(fmt.Errorf("the database cannot write its tables at present: %w", err))
	}
	return ctx.Err()
}

// fresh returns the records that the log does not hold yet.
func (l *Ledger) fresh(records []*trace.Record) ([]*trace.Record, trace.Appended, error) {
	var done trace.Appended
	fresh := make([]*trace.Record, 0, len(records))
	seen := make(map[trace.Ref]*trace.Record, len(records))
	for _, r := range records {
		ref := r.Ref()
		canonical, found := []byte(nil), false
		if old, ok := seen[ref]; ok {
			canonical, found = old.Canonical, true
		} else if l.tree.size > 0 {
			seq, err := l.seqOfName(ref)
			switch {
			case err == nil:
				if canonical, err = l.canonical(seq); err != nil {
					return nil, trace.Appended{}, err
				}
				found = true
			case !errors.Is(err, trace.ErrNotFound):
				return nil, trace.Appended{}, err
			}
		}
		switch {
		case !found:
			seen[ref] = r
			fresh = append(fresh, r)
			done.Accepted++
		case bytes.Equal(canonical, r.Canonical):
			done.Duplicate++
		default:
			return nil, trace.Appended{}, &trace.ConflictError{Ref: ref}
		}
	}
	return fresh, done, nil
}

// checkSpace refuses an append that the disk has no room for, since a database
// that meets a full disk halfway can only stop.
func (l *Ledger) checkSpace(batch int64) error {
	usage, err := l.fs.GetDiskUsage(l.dir)
	if err != nil {
		return nil // a file system that does not tell
	}
	if want := uint64(3*batch + spareBytes); usage.AvailBytes < want {
		return &Error{Problem: DiskFull, Dir: l.dir, Says: fmt.Sprintf("%d MB are left, %d MB are needed", usage.AvailBytes>>20, want>>20)}
	}
	return nil
}

// commit writes a batch, waits until it is on the disk and closes it.
func (l *Ledger) commit(batch *pebble.Batch, apply func(*pebble.Batch) error) error {
	_, err := l.disk.guard(func() error {
		defer batch.Close()
		return apply(batch)
	})
	if err != nil {
		l.failed = err
	}
	return l.fault(err)
}

// A tileID says which tile of the tree.
type tileID struct {
	level int
	n     int64
}

// A writer puts records and all that finds them into one batch.
type writer struct {
	batch   *pebble.Batch
	tree    frontier
	tiles   map[tileID][]byte // hashes to be put at the end of a tile
	cells   map[sourceDay]int64
	lots    *seenLots
	newLots []marking.ID
	buf     []byte
}

// add writes a record to the end of the log.
func (w *writer) add(r *trace.Record) error {
	seq := w.tree.size
	w.tree.add(tlog.RecordHash(r.Canonical), func(level int, n int64, h tlog.Hash) {
		id := tileID{level, n >> tileHeight}
		w.tiles[id] = append(w.tiles[id], h[:]...)
	})
	w.cells[sourceDay{r.Source, r.Known()}]++
	w.buf = encodeRecord(w.buf[:0], r)
	if err := w.batch.Set(logKey(seq), w.buf, nil); err != nil {
		return err
	}
	return eachKey(r, seq, func(k indexKey) error {
		switch {
		case k.lot.IsZero():
		case w.lots.has(k.lot):
			return nil
		default:
			w.newLots = append(w.newLots, k.lot)
		}
		if k.merged {
			return w.batch.Merge(k.key, k.value, nil)
		}
		return w.batch.Set(k.key, k.value, nil)
	})
}

// finish writes what the records have in common.
func (w *writer) finish() error {
	for id, hashes := range w.tiles {
		if err := w.batch.Merge(tileKey(id.level, id.n), hashes, nil); err != nil {
			return err
		}
	}
	for c, n := range w.cells {
		if err := w.batch.Merge(sourceKey(c.source, c.day), binary.AppendUvarint(nil, uint64(n)), nil); err != nil {
			return err
		}
	}
	return nil
}

// seenLots are lots that are known to be in the index, so that not every record
// writes the key of its lot again.
type seenLots struct{ known map[marking.ID]struct{} }

const maxSeenLots = 1 << 18

func (s *seenLots) has(lot marking.ID) bool {
	_, ok := s.known[lot]
	return ok
}

func (s *seenLots) learn(lots []marking.ID) {
	if s.known == nil || len(s.known)+len(lots) > maxSeenLots {
		s.known = make(map[marking.ID]struct{}, len(lots))
	}
	for _, lot := range lots {
		s.known[lot] = struct{}{}
	}
}
