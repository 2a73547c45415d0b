package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/sublot/sublot/trace"
)

// voids writes that corrections of this load name records, of this load or of
// the ledger.
func (b *bulk) voids() error {
	v := voiding{b: b, run: newKeyRun()}
	err := b.each(b.ctx, b.runs, tagVoided, func(key, _ []byte) error {
		text, ok := listedText(key)
		if !ok {
			return errCount
		}
		v.waiting = append(v.waiting, namedVoid{trace.Ref(text), seqOf(key)})
		if len(v.waiting) == voidsAtOnce {
			return v.flush()
		}
		return nil
	})
	if err := errors.Join(err, v.flush()); err != nil {
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
	run     *keyRun
	runs    int
}

// A namedVoid is what a correction voids, and the correction's place.
type namedVoid struct {
	ref trace.Ref
	seq int64
}

// flush looks into the corrections that wait: it reads the names of this load along
// with them.
func (v *voiding) flush() error {
	if len(v.waiting) == 0 {
		return nil
	}
	slices.SortFunc(v.waiting, func(x, y namedVoid) int { return cmp.Or(cmp.Compare(x.ref, y.ref), cmp.Compare(x.seq, y.seq)) })
	names, err := newRunMerger(v.b.runs, tagName)
	if err != nil {
		return err
	}
	there, err := names.next()
	if err != nil {
		return err
	}
	for i, w := range v.waiting {
		key := nameKey(w.ref)
		for n := 0; there && bytes.Compare(names.key, key) < 0; n++ {
			if there, err = names.next(); err != nil {
				return err
			}
			if n%10_000 == 0 {
				if err := v.b.ctx.Err(); err != nil {
					return err
				}
			}
		}
		if i%1000 == 0 {
			if err := v.b.ctx.Err(); err != nil {
				return err
			}
		}
		if err := v.void(w, names, there && bytes.Equal(names.key, key)); err != nil {
			return err
		}
	}
	v.waiting = v.waiting[:0]
	return nil
}

// void writes that a correction names a record: of this load, at which names stands
// then, or of the ledger.
func (v *voiding) void(w namedVoid, names *runMerger, ours bool) error {
	var target trace.Entry
	var err error
	if ours {
		seq, _ := binary.Uvarint(names.value)
		target.Seq = int64(seq)
		target.Record, err = v.b.staged(target.Seq)
	} else if target, err = v.b.l.Get(w.ref); errors.Is(err, trace.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := v.b.staged(w.seq)
	if err != nil {
		return err
	}
	if err := v.x.eachVoid(target.Record, target.Seq, c, w.seq, v.run.putKey); err != nil {
		return err
	}
	if v.run.n > 8*runRecords {
		return v.take()
	}
	return nil
}

// take writes what was gathered as a run.
func (v *voiding) take() error {
	if v.run.n == 0 {
		return nil
	}
	v.runs++
	err := v.b.take(v.run, fmt.Sprintf("voids-%d", v.runs), nil)
	keyRuns.Put(v.run)
	v.run = newKeyRun()
	return err
}
