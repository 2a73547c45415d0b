package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Keys of a bulk load are sorted in runs that fit into memory, each written beside
// the ledger; what is read back is their merger.

// run sorts what finds the waiting records, in a goroutine of its own.
func (b *bulk) run() error {
	b.mu.Lock()
	err := b.failed
	b.mu.Unlock()
	if err == nil {
		err = b.ctx.Err()
	}
	if err != nil || len(b.waiting) == 0 {
		return err
	}
	if err := b.l.checkSpace(0); err != nil {
		return err
	}
	records, first := b.waiting, b.first
	b.waiting, b.first = make([]preparedRecord, 0, runRecords), b.tree.size
	b.slots <- struct{}{}
	b.running.Go(func() {
		defer func() { <-b.slots }()
		if err := b.sortRun(records, first); err != nil {
			b.mu.Lock()
			if b.failed == nil {
				b.failed = err
			}
			b.mu.Unlock()
		}
	})
	return nil
}

// sortRun writes what finds the records, the first of which is at a place, as one
// table, and has the staging database take it.
func (b *bulk) sortRun(records []preparedRecord, first int64) error {
	r := newSortedRun()
	defer sortedRuns.Put(r)
	var x indexer
	for i := range records {
		seq := first + int64(i)
		p := &records[i]
		err := x.each(p.record, seq, func(k indexKey) error {
			if k.key[0] == tagName { // where it stands, to be told of a second one
				r.value = binary.AppendUvarint(append(r.value[:0], k.value...), uint64(p.place))
				k.value, k.merged = r.value, true
			}
			return r.put(k)
		})
		if err != nil {
			return err
		}
		r.days.add(p.record)
		ref := p.record.Ref()
		if b.from == 0 || !b.l.corrected.has(ref) {
			continue
		}
		err = b.l.eachVoiding(b.l.db, ref, func(at int64) error {
			c, err := b.l.entry(at)
			if err != nil {
				return err
			}
			return x.eachVoid(p.record, seq, c.Record, at, r.put)
		})
		if err != nil {
			return err
		}
	}
	counts, err := r.cells()
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.counts.join(counts...)
	b.mu.Unlock()
	return b.take(r, fmt.Sprintf("run-%d", first))
}

// take writes a run and has the staging database take it.
func (b *bulk) take(r *sortedRun, name string) error {
	r.sort()
	path := b.l.fs.PathJoin(b.dir, name)
	t, err := b.newTable(b.stage, path, false)
	if err != nil {
		return err
	}
	if err := errors.Join(eachOf([]*sortedRun{r}, t.w.Set, t.w.Merge), t.w.Close()); err != nil {
		return err
	}
	return b.stage.Ingest(b.ctx, []string{path})
}
