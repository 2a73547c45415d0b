package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
)

// A sortedRun gathers keys and values in any order. Those of each tag are sorted
// apart: they are fewer, and some come in their order.
type sortedRun struct {
	arena  []byte
	at     [tagTile + 1][]runEntry // by the first byte of the key
	n      int                     // of all
	seen   map[string]struct{}     // lots
	totals totals
	value  []byte
}

var sortedRuns = sync.Pool{New: func() any { return &sortedRun{seen: map[string]struct{}{}, totals: totals{}} }}

func newSortedRun() *sortedRun {
	r := sortedRuns.Get().(*sortedRun)
	r.arena, r.n = r.arena[:0], 0
	for tag := range r.at {
		r.at[tag] = r.at[tag][:0]
	}
	clear(r.seen)
	clear(r.totals)
	return r
}

// A runEntry is a key and a value in the arena.
type runEntry struct {
	prefix   [2]uint64 // the key's bytes 1 to 16
	from     uint32
	key, val uint32 // lengths
	merged   bool
}

func (r *sortedRun) add(key, value []byte, merged bool) {
	e := runEntry{from: uint32(len(r.arena)), key: uint32(len(key)), val: uint32(len(value)), merged: merged}
	var prefix [16]byte
	copy(prefix[:], key[1:])
	e.prefix = [2]uint64{binary.BigEndian.Uint64(prefix[:8]), binary.BigEndian.Uint64(prefix[8:])}
	r.arena = append(append(r.arena, key...), value...)
	r.at[key[0]] = append(r.at[key[0]], e)
	r.n++
}

// each sorts what was gathered and calls set for each key with what was set last,
// or merge with all that is merged to it, as it came.
func (r *sortedRun) each(set, merge func(key, value []byte) error) error {
	for _, at := range r.at {
		if err := r.eachOf(at, set, merge); err != nil {
			return err
		}
	}
	return nil
}

func (r *sortedRun) eachOf(at []runEntry, set, merge func(key, value []byte) error) error {
	key := func(e *runEntry) []byte { return r.arena[e.from : e.from+e.key] }
	value := func(e *runEntry) []byte { return r.arena[e.from+e.key : e.from+e.key+e.val] }
	slices.SortFunc(at, func(a, b runEntry) int {
		switch {
		case a.prefix[0] != b.prefix[0]:
			return cmp.Compare(a.prefix[0], b.prefix[0])
		case a.prefix[1] != b.prefix[1]:
			return cmp.Compare(a.prefix[1], b.prefix[1])
		}
		if c := bytes.Compare(key(&a), key(&b)); c != 0 {
			return c
		}
		return cmp.Compare(a.from, b.from)
	})
	var joined []byte
	for i := 0; i < len(at); {
		e := &at[i]
		n := i + 1
		for n < len(at) && at[n].prefix == e.prefix && bytes.Equal(key(&at[n]), key(e)) {
			n++
		}
		var err error
		switch {
		case !e.merged:
			err = set(key(e), value(&at[n-1]))
		case n == i+1:
			err = merge(key(e), value(e))
		default:
			joined = joined[:0]
			for k := i; k < n; k++ {
				joined = append(joined, value(&at[k])...)
			}
			err = merge(key(e), joined)
		}
		if err != nil {
			return err
		}
		i = n
	}
	return nil
}

// put gathers what finds a record.
func (r *sortedRun) put(k indexKey) error {
	merged := k.merged || k.key[0] == tagName
	switch {
	case k.lot:
		if _, ok := r.seen[string(k.key)]; ok {
			return nil
		}
		r.seen[string(k.key)] = struct{}{}
	case k.merged:
		_, level, number, _ := splitBlockKey(k.key)
		e, _, err := readEntry(k.value, level, number)
		if err != nil {
			return err
		}
		r.totals.add(lotOf(k.key), number, blockAt(level, e.lo), &e)
	}
	r.add(k.key, k.value, merged)
	return nil
}

// write finishes a table of what was gathered.
func (r *sortedRun) write(t *table) error {
	if err := r.each(t.w.Set, t.w.Merge); err != nil {
		t.w.Close()
		return err
	}
	return t.w.Close()
}
