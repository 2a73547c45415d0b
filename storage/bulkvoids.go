package storage

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/sublot/sublot/trace"
)

// names writes the index of names, notes those that came twice, and writes that
// corrections of this load name records, of this load or of the ledger. Names are looked
// up in their order, beside the names of this load: to look for one in all runs takes as
// long as to read a part of each.
func (x *indexing) names(t *twice) error {
	b := x.b
	voided, err := newRunMerger(b.runs, keyRange{tag: tagVoided})
	if err != nil {
		return err
	}
	runs := slices.Clone(b.runs)
	out := b.newTables("names", quickly)
	v := voiding{b: b, run: newKeyRun()}
	err = v.round(voided, func() error {
		return b.each(x.ctx, runs, keyRange{tag: tagName}, func(key, value []byte) error {
			seq, used := binary.Uvarint(value)
			return errors.Join(out.set(key, value[:used]), t.name(value), v.meet(key[1:], int64(seq)))
		})
	})
	for err == nil && !v.last && len(t.again) == 0 {
		err = v.round(voided, func() error {
			return b.each(x.ctx, runs, keyRange{tag: tagName}, func(key, value []byte) error {
				seq, _ := binary.Uvarint(value)
				return v.meet(key[1:], int64(seq))
			})
		})
	}
	if err == nil {
		err = v.take()
	}
	slices.SortFunc(b.conflicts, func(x, y trace.Conflict) int { return cmp.Compare(x.Place, y.Place) })
	x.end(out, err)
	return err
}

// A voiding writes what corrections void.
type voiding struct {
	b       *bulk
	waiting []namedVoid // in the order of what they void
	found   []foundVoid
	last    bool // there are no others
	x       indexer
	run     *keyRun
	runs    int64
}

// A namedVoid is what a correction voids, by its name.
type namedVoid struct {
	ref trace.Ref
	by  correction
}

// A foundVoid is what a correction voids, by its place in the load.
type foundVoid struct {
	seq int64
	by  correction
}

// round looks into the next corrections, as many as are kept in memory together. Walk calls
// meet for each name of the load, in order.
func (v *voiding) round(voided *runMerger, walk func() error) error {
	for len(v.waiting) < voidsAtOnce {
		ok, err := voided.next()
		if err != nil {
			return err
		}
		if !ok {
			v.last = true
			break
		}
		text, ok := listedText(voided.key)
		if !ok {
			return errCount
		}
		n := numbers{b: voided.value}
		by := correction{seqOf(voided.key), trace.Day(n.varint()), trace.Day(n.varint())}
		if n.bad {
			return errCount
		}
		v.waiting = append(v.waiting, namedVoid{trace.Ref(text), by})
	}
	slices.SortFunc(v.waiting, func(x, y namedVoid) int { return cmp.Or(cmp.Compare(x.ref, y.ref), cmp.Compare(x.by.seq, y.by.seq)) })
	if err := errors.Join(walk(), v.pass(nil)); err != nil {
		return err
	}
	return v.ours()
}

// ours writes what corrections void of the load. Its log is read in its order.
func (v *voiding) ours() error {
	slices.SortFunc(v.found, func(x, y foundVoid) int { return cmp.Or(cmp.Compare(x.seq, y.seq), cmp.Compare(x.by.seq, y.by.seq)) })
	for i, f := range v.found {
		if i%1000 == 0 && v.b.ctx.Err() != nil {
			return v.b.ctx.Err()
		}
		target, err := v.b.staged(f.seq)
		if err != nil {
			return err
		}
		if err := v.void(trace.Entry{Seq: f.seq, Record: target}, f.by); err != nil {
			return err
		}
	}
	v.found = v.found[:0]
	return nil
}

// meet notes what corrections void of the record that has a name, and writes what they
// void of records with lesser names, which are not of this load.
func (v *voiding) meet(name []byte, seq int64) error {
	if len(v.waiting) == 0 || string(v.waiting[0].ref) > string(name) {
		return nil
	}
	if err := v.pass(name); err != nil {
		return err
	}
	for len(v.waiting) > 0 && string(v.waiting[0].ref) == string(name) {
		v.found = append(v.found, foundVoid{seq, v.waiting[0].by})
		v.waiting = v.waiting[1:]
	}
	return nil
}

// pass writes what corrections void of the ledger, up to a name of the load; nil is behind
// all names.
func (v *voiding) pass(name []byte) error {
	for n := 0; len(v.waiting) > 0 && (name == nil || string(v.waiting[0].ref) < string(name)); n++ {
		if n%1000 == 0 {
			if err := v.b.ctx.Err(); err != nil {
				return err
			}
		}
		w := v.waiting[0]
		v.waiting = v.waiting[1:]
		target, err := v.b.l.Get(w.ref)
		if errors.Is(err, trace.ErrNotFound) {
			continue
		}
		if err == nil {
			err = v.void(target, w.by)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// void writes that a correction names a record.
func (v *voiding) void(target trace.Entry, by correction) error {
	if err := v.x.eachVoid(target.Record, target.Seq, by, v.run.putKey); err != nil {
		return err
	}
	if v.run.n > 4*runRecords {
		return v.take()
	}
	return nil
}

// take writes what was gathered as a run.
func (v *voiding) take() error {
	if v.run.n == 0 {
		return nil
	}
	err := v.b.take(v.run, "voids", v.b.log.tree.size+v.runs, nil) // after all others
	v.runs++
	keyRuns.Put(v.run)
	v.run = newKeyRun()
	return err
}
