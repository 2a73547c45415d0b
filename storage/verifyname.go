package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// eachKey calls f for all that a record calls for, each once; of a correction
// also what it calls for in the blocks of the record that it voids.
func (v *verifier) eachKey(x *indexer, r *trace.Record, seq int64, f func(indexKey) error) error {
	if err := x.each(r, seq, f); err != nil {
		return err
	}
	c, ok := r.Body.(*trace.Correction)
	if !ok {
		return nil
	}
	target, err := v.named(c.Voids)
	if err != nil || target.Record == nil {
		return err
	}
	return x.eachVoid(target.Record, target.Seq, correctionOf(r, seq), f)
}

// named returns the record of a name, and an empty entry where there is none or
// the index of names is wrong about it, which is found out elsewhere.
func (v *verifier) named(ref trace.Ref) (trace.Entry, error) {
	value, closer, err := v.r.Get(nameKey(ref))
	if errors.Is(err, pebble.ErrNotFound) {
		return trace.Entry{}, nil
	}
	if err != nil {
		return trace.Entry{}, err
	}
	seq, used := binary.Uvarint(value)
	ok := used == len(value)
	closer.Close()
	if !ok {
		return trace.Entry{}, nil
	}
	if value, closer, err = v.r.Get(logKey(int64(seq))); err != nil {
		if errors.Is(err, pebble.ErrNotFound) {
			err = nil
		}
		return trace.Entry{}, err
	}
	defer closer.Close()
	r, err := checkedRecord(value)
	if err != nil || r.Ref() != ref {
		return trace.Entry{}, nil
	}
	return trace.Entry{Seq: int64(seq), Record: r}, nil
}

// name finds the first record that an index misses, else the first entry that no
// record calls for.
func (v *verifier) name(stretches []keyStretch) error {
	n := stretchesOf(v.tree.size)
	err := firstError(v.ctx, n, func(ctx context.Context, i int) error {
		from, end := placesOf(i, n)
		return v.missing(ctx, from, end)
	})
	if err != nil {
		return err
	}
	err = firstError(v.ctx, len(stretches), func(ctx context.Context, i int) error { return v.tooMuch(ctx, stretches[i]) })
	if err != nil {
		return err
	}
	return &Difference{Where: "database", Seq: -1, Found: "an index that differs", Wanted: "what the records call for"}
}

// missing names the first record of a stretch that an index misses.
func (v *verifier) missing(ctx context.Context, from, end int64) error {
	var x indexer
	for e, err := range v.l.walk(ctx, v.r, from) {
		if err != nil {
			return err
		}
		if e.Seq >= end {
			break
		}
		err := v.eachKey(&x, e.Record, e.Seq, func(k indexKey) error {
			if found, err := v.has(k); err != nil || found {
				return err
			}
			return &Difference{Where: indexNames[k.key[0]], Seq: e.Seq, Ref: e.Record.Ref(), Found: "nothing", Wanted: fmt.Sprintf("an entry under key %x", k.key)}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tooMuch names the first entry of a stretch that no record calls for.
func (v *verifier) tooMuch(ctx context.Context, s keyStretch) error {
	for key, err := range v.l.keys(ctx, v.r, s.lower, s.upper) {
		if err != nil {
			return err
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		if err := v.calledFor(key.Key(), value); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether an entry that a record calls for is there.
func (v *verifier) has(k indexKey) (bool, error) {
	if k.merged {
		return v.hasEntry(k)
	}
	value, closer, err := v.r.Get(k.key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer closer.Close()
	return bytes.Equal(value, k.value), nil
}

// hasEntry looks for an entry in all parts of its block.
func (v *verifier) hasEntry(k indexKey) (found bool, err error) {
	block := wholeBlock(k.key)
	for key, err := range v.l.keys(v.ctx, v.r, block, after(block)) {
		if err != nil {
			return false, err
		}
		if len(key.Key()) != len(k.key) {
			continue
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return false, err
		}
		err = eachEntry(key.Key(), value, func(_ *entry, written []byte) error {
			found = found || bytes.Equal(written, k.value)
			return nil
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// calledFor checks that a record calls for each entry under a key.
func (v *verifier) calledFor(key, value []byte) error {
	first := key
	if key[0] == tagSpan && len(key) > epochSuffix {
		first = binary.BigEndian.AppendUint16(bytes.Clone(wholeBlock(key)), 0)
	}
	check := func(seq int64, value []byte) error {
		e, err := v.entry(seq)
		if err != nil {
			return extra(key, fmt.Sprintf("record %d, which is not in the log,", seq))
		}
		called := false
		var x indexer
		err = v.eachKey(&x, e.Record, seq, func(k indexKey) error {
			called = called || bytes.Equal(k.key, first) && bytes.Equal(k.value, value)
			return nil
		})
		if err == nil && !called {
			err = extra(key, fmt.Sprintf("record %d (%s)", seq, e.Record.Ref()))
		}
		return err
	}
	switch key[0] {
	case tagName:
		seq, _ := binary.Uvarint(value)
		return check(int64(seq), value)
	case tagCited, tagAbout, tagParty, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagDay:
		if len(key) < 9 {
			return extra(key, "what is no entry")
		}
		return check(seqOf(key), value)
	case tagSpan:
		seen := map[string]bool{}
		return eachEntry(key, value, func(e *entry, written []byte) error {
			if seen[string(written)] {
				return extra(key, fmt.Sprintf("record %d twice", e.seq))
			}
			seen[string(written)] = true
			return check(e.seq, written)
		})
	}
	return nil
}

func (v *verifier) entry(seq int64) (trace.Entry, error) {
	if seq < 0 || seq >= v.tree.size {
		return trace.Entry{}, errRecord
	}
	return v.l.entry(seq)
}
