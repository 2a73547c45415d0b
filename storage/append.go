package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

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
			if l.failed == nil { // what the writer counted never came to be
				l.failed = l.epochs.read(l.db)
			}
		}
	}()
	w := l.newWriter()
	w.expect(fresh)
	for i := range fresh {
		if i%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return trace.Appended{}, err
			}
		}
		if err := w.add(&fresh[i]); err != nil {
			return trace.Appended{}, l.fault(err)
		}
	}
	if err := w.finish(batch); err != nil {
		return trace.Appended{}, l.fault(err)
	}
	if err := l.checkSpace(int64(batch.Len())); err != nil {
		return trace.Appended{}, err
	}
	if err := l.iterators.close(); err != nil {
		return trace.Appended{}, l.fault(err)
	}
	defer l.iterators.open()
	if err := l.blocks.drop(w.touched); err != nil {
		return trace.Appended{}, l.fault(err)
	}
	committed = true
	if err := l.commit(batch, apply); err != nil {
		return trace.Appended{}, err
	}
	l.tree = w.tree
	l.length.Store(w.tree.size)
	l.sources.add(w.tree.size, w.cells)
	l.lots.learn(w.newLots)
	l.corrected.learn(w.corrections)
	l.shelf.Appended(records)
	l.advanceHead()
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
	if err := l.heads.err(); err != nil {
		return &Error{Problem: Failed, Dir: l.dir, Says: "the HEAD file cannot be written", err: err}
	}
	if err := l.disk.failing(); err != nil {
		return l.fault(fmt.Errorf("the database cannot write its tables at present: %w", err))
	}
	return ctx.Err()
}

// fresh returns the records that the log does not hold yet.
func (l *Ledger) fresh(records []*trace.Record) ([]preparedRecord, trace.Appended, error) {
	var done trace.Appended
	all, err := l.prepare(records)
	if err != nil {
		return nil, done, err
	}
	fresh := all[:0]
	seen := make(map[trace.Ref]*trace.Record, len(records))
	for _, p := range all {
		ref := p.record.Ref()
		canonical, found := []byte(nil), false
		if old, ok := seen[ref]; ok {
			canonical, found = old.Canonical, true
		} else if p.place >= 0 {
			if canonical, err = l.canonical(p.place); err != nil {
				return nil, trace.Appended{}, err
			}
			found = true
		}
		switch {
		case !found:
			seen[ref] = p.record
			fresh = append(fresh, p)
			done.Accepted++
		case bytes.Equal(canonical, p.record.Canonical):
			done.Duplicate++
		default:
			return nil, trace.Appended{}, &trace.ConflictError{Ref: ref}
		}
	}
	return fresh, done, nil
}

// prepare works out what can be of records without the others, on all processors
// where there are many. The place of each is where its name stands in the log, -1
// where it does not.
func (l *Ledger) prepare(records []*trace.Record) ([]preparedRecord, error) {
	out := make([]preparedRecord, len(records))
	part := func(from, to int) error {
		arena := make([]byte, 0, 96*(to-from))
		for i := from; i < to; i++ {
			r := records[i]
			place := int64(-1)
			if l.tree.size > 0 {
				switch seq, err := l.seqOfName(r.Ref()); {
				case err == nil:
					place = seq
				case !errors.Is(err, trace.ErrNotFound):
					return err
				}
			}
			out[i] = prepareRecord(r, &arena)
			out[i].place = place
		}
		return nil
	}
	const few = 32
	parts := max(1, min(runtime.GOMAXPROCS(0), len(records)/few))
	errs := make([]error, parts)
	var group sync.WaitGroup
	for p := range parts {
		from, to := len(records)*p/parts, len(records)*(p+1)/parts
		if p == parts-1 {
			errs[p] = part(from, to)
			break
		}
		group.Go(func() { errs[p] = part(from, to) })
	}
	group.Wait()
	return out, errors.Join(errs...)
}

// prepareRecord encodes a record at the end of an arena, and hashes it.
func prepareRecord(r *trace.Record, arena *[]byte) preparedRecord {
	from := len(*arena)
	*arena = encodeRecord(*arena, r)
	return preparedRecord{record: r, encoded: (*arena)[from:len(*arena):len(*arena)], leaf: tlog.RecordHash(r.Canonical)}
}

// checkSpace refuses an append that the disk has no room for, since a database
// that meets a full disk halfway can only stop.
func (l *Ledger) checkSpace(batch int64) error {
	usage, err := l.fs.GetDiskUsage(l.dir)
	if err != nil {
		return nil // a file system that does not tell
	}
	if want := uint64(3*batch + l.spare); usage.AvailBytes < want {
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

// A writer puts records and all that finds them into one batch, in the order of
// keys: the database takes them in half the time so.
type writer struct {
	l           *Ledger
	run         *sortedRun
	tree        frontier
	tiles       map[tileID][]byte // hashes to be put at the end of a tile
	cells       map[sourceDay]int64
	totals      totals
	newLots     []string
	touched     map[string]struct{}        // keys of lots, without a tag, of which blocks are written
	corrections map[trace.Ref][]correction // of this batch, by what they void
	added       map[trace.Ref]trace.Entry  // records of this batch, where any is a correction
	x           indexer
}

func (l *Ledger) newWriter() *writer {
	return &writer{l: l, run: newSortedRun(), tree: l.tree.clone(), tiles: map[tileID][]byte{}, cells: map[sourceDay]int64{},
		totals: totals{}, touched: map[string]struct{}{}, corrections: map[trace.Ref][]correction{}}
}

// expect tells the writer what it is about to add.
func (w *writer) expect(records []preparedRecord) {
	if slices.ContainsFunc(records, func(p preparedRecord) bool { return p.record.Kind == trace.KindCorrection }) {
		w.added = make(map[trace.Ref]trace.Entry, len(records))
	}
}

// add writes a record to the end of the log.
func (w *writer) add(p *preparedRecord) error {
	seq := w.tree.size
	w.tree.add(p.leaf, func(level int, n int64, h tlog.Hash) {
		id := tileID{level, n >> tileHeight}
		w.tiles[id] = append(w.tiles[id], h[:]...)
	})
	return w.record(p, seq)
}

// record writes a record and all that finds it, for which the tree is not needed.
func (w *writer) record(p *preparedRecord, seq int64) error {
	r := p.record
	w.cells[sourceDay{r.Source, r.Known()}]++
	if err := w.write(logKey(seq), p.encoded, false); err != nil {
		return err
	}
	if err := w.x.each(r, seq, w.put); err != nil {
		return err
	}
	if w.added != nil {
		w.added[r.Ref()] = trace.Entry{Seq: seq, Record: r}
	}
	return w.voids(r, seq)
}

// put writes what finds a record.
func (w *writer) put(k indexKey) error {
	switch {
	case k.lot:
		if w.l.lots.has(k.key) {
			return nil
		}
		w.newLots = append(w.newLots, string(k.key))
	case k.merged:
		return w.block(k)
	}
	return w.write(k.key, k.value, false)
}

// write notes what is to be written to a key.
func (w *writer) write(key, value []byte, merged bool) error {
	if len(w.run.arena)+len(key)+len(value) > math.MaxUint32 {
		return pebble.ErrBatchTooLarge
	}
	w.run.add(key, value, merged)
	return nil
}

// block puts an entry into the block whose first part k names.
func (w *writer) block(k indexKey) error {
	_, level, number, _ := splitBlockKey(k.key)
	e, _, err := readEntry(k.value, level, number)
	if err != nil {
		return err
	}
	lot := lotOf(k.key)
	if _, ok := w.touched[string(lot)]; !ok {
		w.touched[string(lot)] = struct{}{}
	}
	w.totals.add(lot, number, blockAt(level, e.lo), &e)
	epoch, grew := w.l.epochs.next(k.key)
	if epoch > 0 {
		binary.BigEndian.PutUint16(k.key[len(k.key)-epochSuffix:], epoch)
	}
	if grew {
		if err := w.write(grownKey(k.key), binary.AppendUvarint(nil, uint64(epoch)), false); err != nil {
			return err
		}
	}
	return w.write(k.key, k.value, true)
}

// finish adds what the records have in common, and writes all into a batch.
func (w *writer) finish(batch *pebble.Batch) error {
	if err := w.common(); err != nil {
		return err
	}
	err := w.run.each(
		func(key, value []byte) error { return batch.Set(key, value, nil) },
		func(key, value []byte) error { return batch.Merge(key, value, nil) })
	sortedRuns.Put(w.run)
	w.run = nil
	return err
}

// common adds what the records have in common.
func (w *writer) common() error {
	for id, hashes := range w.tiles {
		if err := w.write(tileKey(id.level, id.n), hashes, true); err != nil {
			return err
		}
	}
	sums := map[string]int64{}
	for c, n := range w.cells {
		if err := w.write(appendSourceKey(nil, c), binary.AppendUvarint(nil, uint64(n)), true); err != nil {
			return err
		}
		sums[c.source] += n
	}
	for source, n := range sums {
		if err := w.write(textKey(tagSourceSum, source), binary.AppendUvarint(nil, uint64(n)), true); err != nil {
			return err
		}
	}
	for key, t := range w.totals {
		if err := w.write([]byte(key), t.append(nil), true); err != nil {
			return err
		}
	}
	return nil
}

// seenLots are the keys of lots that are known to be in the index, so that not
// every record writes the key of its lot again.
type seenLots struct{ known map[string]struct{} }

const maxSeenLots = 1 << 18

func (s *seenLots) has(key []byte) bool {
	_, ok := s.known[string(key)]
	return ok
}

func (s *seenLots) learn(keys []string) {
	if s.known == nil || len(s.known)+len(keys) > maxSeenLots {
		s.known = make(map[string]struct{}, len(keys))
	}
	for _, key := range keys {
		s.known[key] = struct{}{}
	}
}
