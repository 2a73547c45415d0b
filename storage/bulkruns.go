package storage

import (
	"context"
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
// run.
func (b *bulk) sortRun(records []preparedRecord, first int64) error {
	r := <-b.rooms
	defer func() { b.rooms <- r }()
	r.clear()
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
	if err := b.take(r, fmt.Sprintf("run-%d", first)); err != nil {
		return err
	}
	return b.fewer()
}

// take writes a run.
func (b *bulk) take(r *keyRun, name string) error {
	w, err := newRunWriter(b.l.fs, b.l.fs.PathJoin(b.dir, name))
	if err != nil {
		return err
	}
	j := joiners.Get().(*joiner)
	set := newRunSet(r)
	for tag := byte(0); err == nil && tag < tagTile; tag++ {
		err = j.each(set, tag, w.add, w.add)
	}
	joiners.Put(j)
	run, finishErr := w.finish()
	b.mu.Lock()
	b.runs = append(b.runs, run)
	b.mu.Unlock()
	return errors.Join(err, finishErr)
}

// fewer makes one run of several where there are so many that reading them together
// would take too much memory.
func (b *bulk) fewer() error {
	for tier := 0; ; tier++ {
		b.mu.Lock()
		var some, others []*runFile
		for _, r := range b.runs {
			if r.tier == tier {
				some = append(some, r)
			} else {
				others = append(others, r)
			}
		}
		if len(some) < maxRuns {
			b.mu.Unlock()
			return nil
		}
		b.runs = others
		b.mu.Unlock()
		run, err := b.mergeRuns(some)
		b.mu.Lock()
		if err != nil {
			b.runs = append(b.runs, some...) // to be removed with the others
		} else {
			run.tier = tier + 1
			b.runs = append(b.runs, run)
		}
		b.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// mergeRuns makes one run of several, and removes them.
func (b *bulk) mergeRuns(some []*runFile) (*runFile, error) {
	w, err := newRunWriter(b.l.fs, some[0].name+".merged")
	if err != nil {
		return nil, err
	}
	for tag := byte(0); err == nil && tag <= tagTile; tag++ {
		err = b.each(b.ctx, some, tag, w.add)
	}
	run, finishErr := w.finish()
	if err = errors.Join(err, finishErr); err != nil {
		return nil, errors.Join(err, run.remove(b.l.fs))
	}
	for _, r := range some {
		err = errors.Join(err, r.remove(b.l.fs))
	}
	return run, err
}

// each calls f for each key of a tag in runs, in order.
func (b *bulk) each(ctx context.Context, runs []*runFile, tag byte, f func(key, value []byte) error) error {
	m, err := newRunMerger(runs, tag)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		ok, err := m.next()
		if !ok || err != nil {
			return err
		}
		if err := f(m.key, m.value); err != nil {
			return err
		}
		if n%10_000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
