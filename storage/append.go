package storage

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/cockroachdb/pebble/v2"

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
	if err := l.turnNames(); err != nil {
		return trace.Appended{}, err
	}
	w, done, err := l.fresh(ctx, records)
	if err != nil || w == nil {
		return done, err
	}
	committed := false
	defer func() {
		w.release()
		if !committed && l.failed == nil { // what the writer counted never came to be
			l.failed = l.epochs.read(l.db)
		}
	}()
	if err := w.write(); err != nil {
		return trace.Appended{}, l.fault(err)
	}
	if err := l.checkSpace(int64(w.batch.Len())); err != nil {
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
	if err := l.commit(w.take(), apply); err != nil {
		return trace.Appended{}, err
	}
	l.tree = w.tree
	l.length.Store(l.tree.size)
	w.learn(l.tree.size)
	l.shelf.Appended(records)
	l.acknowledge(w.head)
	l.names.add(w.records)
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

// A diskRoom is what a disk had left when it was asked.
type diskRoom struct {
	asked time.Time
	left  int64 // less what appends took since
}

const (
	roomAskedEvery = 50 * time.Millisecond
	roomPlenty     = 4 * spareBytes // nobody writes as much in that time
)

// checkSpace refuses an append that the disk has no room for, since a database
// that meets a full disk halfway can only stop. Where there was plenty a moment ago the
// disk is not asked.
func (l *Ledger) checkSpace(batch int64) error {
	want := 3*batch + l.spare
	if r := &l.room; time.Since(r.asked) < roomAskedEvery && r.left-want > roomPlenty {
		r.left -= 3 * batch
		return nil
	}
	usage, err := l.fs.GetDiskUsage(l.dir)
	if err != nil {
		return nil // a file system that does not tell
	}
	if usage.AvailBytes < uint64(want) {
		return &Error{Problem: DiskFull, Dir: l.dir, Says: fmt.Sprintf("%d MB are left, %d MB are needed", usage.AvailBytes>>20, want>>20)}
	}
	l.room = diskRoom{time.Now(), int64(min(usage.AvailBytes, math.MaxInt64)) - 3*batch}
	return nil
}

// A memoryRoom is what the database takes into its memory for sure, whatever becomes of
// its tables meanwhile. What goes there uncounted, or begins a table, ends it.
type memoryRoom struct {
	table int64 // the largest part of its memory that becomes one table
	asked time.Time
	left  int64 // bytes of batches
}

// The database lets a batch wait where so many tables wait to be written, or so many lie
// above each other.
const (
	maxTables    = 4
	maxSublevels = 12
)

// takes reports whether the database takes a batch into its memory without waiting for a
// table to be written. The database is asked once in many appends, and has to be far from full: the
// next so many bytes take four times as much memory at most, and begin six tables, since
// the first ones after it was opened are small.
func (m *memoryRoom) takes(db *pebble.DB, batch int64) bool {
	if m.left < batch && time.Since(m.asked) >= roomAskedEvery {
		has := db.Metrics()
		m.asked, m.left = time.Now(), 0
		if int64(has.MemTable.Size) <= (maxTables-2)*m.table && has.Levels[0].Sublevels < maxSublevels-6 {
			m.left = m.table / 16
		}
	}
	if m.left < batch {
		m.left = 0 // it goes there uncounted
		return false
	}
	m.left -= batch
	return true
}

// commit writes a batch, waits until it is on the disk and closes it.
func (l *Ledger) commit(batch *pebble.Batch, apply func(*pebble.Batch) error) (err error) {
	write := func() error {
		defer batch.Close()
		return apply(batch)
	}
	if l.memory.takes(l.db, int64(batch.Len())) {
		err = recovered(write)
	} else {
		_, err = l.disk.guard(write)
	}
	if err != nil {
		l.failed = err
	}
	return l.fault(err)
}
