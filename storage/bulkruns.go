package storage

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sublot/sublot/trace"
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
	days := histogram{sources: map[string]uint32{}}
	for i := range records {
		seq := first + int64(i)
		p := &records[i]
		err := x.each(p.record, seq, func(k indexKey) error {
			if k.key[0] == tagName { // where it stands, to be told of a second one
				r.value = binary.AppendUvarint(append(r.value[:0], k.value...), uint64(p.place))
				k.value = r.value
			}
			return r.put(k)
		})
		if err != nil {
			return err
		}
		days.add(p.record)
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
	counts := sourceCounts{}
	days.each(func(c sourceDay, n int64) {
		x.key = appendSourceKey(x.key[:0], c)
		r.value = binary.AppendUvarint(r.value[:0], uint64(n))
		r.add(x.key, r.value, true)
		counts.add(c, n)
	})
	b.mu.Lock()
	b.counts.join(counts)
	b.mu.Unlock()
	return b.take(r, fmt.Sprintf("run-%d", first))
}

// take writes a run and has the staging database take it.
func (b *bulk) take(r *sortedRun, name string) error {
	for key, t := range r.totals {
		r.add([]byte(key), t.append(nil), true)
	}
	path := b.l.fs.PathJoin(b.dir, name)
	t, err := b.newTable(b.stage, path, false)
	if err != nil {
		return err
	}
	if err := r.write(t); err != nil {
		return err
	}
	return b.stage.Ingest(b.ctx, []string{path})
}

// A histogram counts the records of a run by source and day. Nearly every record
// may have a cell of its own, so they are put in order rather than looked up.
type histogram struct {
	sources map[string]uint32
	names   []string
	cells   []uint64 // source and day of each record
}

func (h *histogram) add(r *trace.Record) {
	n, ok := h.sources[r.Source]
	if !ok {
		n = uint32(len(h.names))
		h.sources[r.Source] = n
		h.names = append(h.names, r.Source)
	}
	h.cells = append(h.cells, uint64(n)<<32|uint64(uint32(int64(r.Known())+dayBias)))
}

// each calls f for each cell, those of a source together.
func (h *histogram) each(f func(c sourceDay, n int64)) {
	slices.Sort(h.cells)
	for i := 0; i < len(h.cells); {
		n := i + 1
		for n < len(h.cells) && h.cells[n] == h.cells[i] {
			n++
		}
		f(sourceDay{h.names[h.cells[i]>>32], trace.Day(int64(uint32(h.cells[i])) - dayBias)}, int64(n-i))
		i = n
	}
}
