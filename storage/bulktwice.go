package storage

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// A record whose name is taken, in the ledger or earlier in the same load, is found
// when all names are sorted: before anything is in the ledger.

// A twice notes the records whose name came before in the same load.
type twice struct {
	b          *bulk
	again      map[int64]struct{} // their places
	duplicates int64              // those that are the same record again
}

// name notes what there is of a name, of which value says where each record that has it
// stands, in the load and as the caller names it.
func (t *twice) name(value []byte) error {
	n := numbers{b: value}
	seq, place := int64(n.uvarint()), int64(n.uvarint())
	if len(n.b) == 0 {
		return nil
	}
	all := [][2]int64{{seq, place}}
	for len(n.b) > 0 {
		all = append(all, [2]int64{int64(n.uvarint()), int64(n.uvarint())})
	}
	slices.SortFunc(all, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
	old, err := t.b.staged(all[0][0])
	if err != nil {
		return err
	}
	for _, x := range all[1:] {
		r, err := t.b.staged(x[0])
		if err != nil {
			return err
		}
		t.again[x[0]] = struct{}{}
		if bytes.Equal(r.Canonical, old.Canonical) {
			t.duplicates++
			continue
		}
		t.b.conflicts = append(t.b.conflicts, trace.Conflict{Place: x[1], Record: r, Old: old, OldPlace: all[0][1]})
	}
	return nil
}

// staged reads a record of this load.
func (b *bulk) staged(seq int64) (*trace.Record, error) {
	value, closer, err := b.read.Get(logKey(seq))
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return decodeRecord(value)
}

// without does the load again from its own log, without the records that came
// twice: their places are others' now.
func (b *bulk) without(again map[int64]struct{}, duplicates int64, proceed bool) (trace.Appended, []trace.Conflict, error) {
	b.done.Duplicate += duplicates
	it, err := b.read.NewIter(&pebble.IterOptions{LowerBound: []byte{tagLog}, UpperBound: []byte{tagLog + 1}})
	if err != nil {
		return trace.Appended{}, nil, err
	}
	defer it.Close()
	next, err := b.l.newBulk(b.ctx, stagingFolder2)
	if err != nil {
		return trace.Appended{}, nil, err
	}
	defer next.discard()
	var records []*trace.Record
	flush := func() error {
		p, err := next.Prepare(records, make([]int64, len(records)))
		if err != nil {
			return err
		}
		records = records[:0]
		return next.Add(p)
	}
	for it.First(); it.Valid(); it.Next() {
		if _, skip := again[seqOf(it.Key())]; skip {
			continue
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return trace.Appended{}, nil, err
		}
		r, err := decodeRecord(value)
		if err != nil {
			return trace.Appended{}, nil, err
		}
		if records = append(records, r); len(records) == 4096 {
			if err := flush(); err != nil {
				return trace.Appended{}, nil, err
			}
		}
	}
	if err := errors.Join(it.Error(), flush()); err != nil {
		return trace.Appended{}, nil, err
	}
	done, _, err := next.commit(proceed)
	done.Duplicate = b.done.Duplicate
	return done, b.conflicts, err
}
