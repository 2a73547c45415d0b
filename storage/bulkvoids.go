package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// voids writes that corrections of this load name records, of this load or of
// the ledger.
func (b *bulk) voids() error {
	it, err := b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tagVoided}, UpperBound: []byte{tagVoided + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	v := voiding{b: b, run: newSortedRun()}
	for it.First(); it.Valid(); it.Next() {
		text, ok := listedText(it.Key())
		if !ok {
			return errCount
		}
		v.waiting = append(v.waiting, namedVoid{trace.Ref(text), seqOf(it.Key())})
		if len(v.waiting) == voidsAtOnce {
			if err := v.flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(it.Error(), v.flush()); err != nil {
		return err
	}
	return v.take()
}

// A voiding writes what corrections void. Names are looked up in their order, since
// looking for one in all runs takes as long as reading a part of each.
type voiding struct {
	b       *bulk
	waiting []namedVoid
	x       indexer
	run     *sortedRun
	runs    int
}

// A namedVoid is what a correction voids, and the correction's place.
type namedVoid struct {
	ref trace.Ref
	seq int64
}

// flush looks into the corrections that wait.
func (v *voiding) flush() error {
	names, err := v.b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tagName}, UpperBound: []byte{tagName + 1}})
	if err != nil {
		return err
	}
	defer names.Close()
	slices.SortFunc(v.waiting, func(x, y namedVoid) int { return cmp.Or(cmp.Compare(x.ref, y.ref), cmp.Compare(x.seq, y.seq)) })
	for i, w := range v.waiting {
		if i%1000 == 0 {
			if err := v.b.ctx.Err(); err != nil {
				return err
			}
		}
		target, err := v.b.named(names, w.ref)
		if errors.Is(err, trace.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		c, err := v.b.staged(w.seq)
		if err != nil {
			return err
		}
		if err := v.x.eachVoid(target.Record, target.Seq, c, w.seq, v.run.put); err != nil {
			return err
		}
		if v.run.n > 8*runRecords {
			if err := v.take(); err != nil {
				return err
			}
		}
	}
	v.waiting = v.waiting[:0]
	return nil
}

// take has the staging database take what was written.
func (v *voiding) take() error {
	if v.run.n == 0 {
		return nil
	}
	v.runs++
	err := v.b.take(v.run, fmt.Sprintf("voids-%d", v.runs))
	sortedRuns.Put(v.run)
	v.run = newSortedRun()
	return err
}

// named returns the record of a name, of this load or of the ledger. Names goes over
// the names of this load.
func (b *bulk) named(names *pebble.Iterator, ref trace.Ref) (trace.Entry, error) {
	key := nameKey(ref)
	if !names.SeekGE(key) || !bytes.Equal(names.Key(), key) {
		if err := names.Error(); err != nil {
			return trace.Entry{}, err
		}
		return b.l.Get(ref)
	}
	value, err := names.ValueAndErr()
	if err != nil {
		return trace.Entry{}, err
	}
	seq, _ := binary.Uvarint(value)
	r, err := b.staged(int64(seq))
	return trace.Entry{Seq: int64(seq), Record: r}, err
}
