package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// A sortedRun gathers keys and values in any order. Those of each tag are sorted
// apart: they are fewer, and some come in their order.
type sortedRun struct {
	arena []byte
	at    [tagTile + 1][]runEntry // by the first byte of the key
	order []runPlace              // room for sorting
	spare []runEntry
	n     int                 // of all
	from  []runStretch        // where several runs are read together
	seen  map[string]struct{} // lots
	known *seenLots           // lots that need not be written; may be nil
	days  histogram
	key   []byte
	value []byte
}

var sortedRuns = sync.Pool{New: func() any {
	return &sortedRun{seen: map[string]struct{}{}, days: histogram{sources: map[string]uint32{}}}
}}

func newSortedRun() *sortedRun {
	r := sortedRuns.Get().(*sortedRun)
	r.clear()
	return r
}

// clear forgets what was gathered, and keeps the room for it.
func (r *sortedRun) clear() {
	r.arena, r.n, r.known, r.from = r.arena[:0], 0, nil, r.from[:0]
	for tag := range r.at {
		r.at[tag] = r.at[tag][:0]
	}
	clear(r.seen)
	r.days.clear()
}

// A runEntry is a key and a value in the arena.
type runEntry struct {
	prefix   [2]uint64 // the key's bytes 1 to 16
	from     uint32
	key, val uint32 // lengths
	merged   bool
}

// A runStretch says that a run goes on, from a place in its arena, with what comes of
// the records from a place in their batch on.
type runStretch struct {
	arena  uint32
	record int
}

// goOn says that what is gathered next is of the records from a place in their batch on.
// Runs that are read together hold stretches that do not overlap, each in its order.
func (r *sortedRun) goOn(record int) {
	r.from = append(r.from, runStretch{uint32(len(r.arena)), record})
}

// stretchOf returns where the stretch of an entry begins in the batch.
func (r *sortedRun) stretchOf(e *runEntry) int {
	for i := len(r.from) - 1; i >= 0; i-- {
		if r.from[i].arena <= e.from {
			return r.from[i].record
		}
	}
	return 0
}

func prefixOf(key []byte) [2]uint64 {
	if len(key) > 16 {
		return [2]uint64{binary.BigEndian.Uint64(key[1:]), binary.BigEndian.Uint64(key[9:])}
	}
	var prefix [16]byte
	copy(prefix[:], key[1:])
	return [2]uint64{binary.BigEndian.Uint64(prefix[:8]), binary.BigEndian.Uint64(prefix[8:])}
}

func (r *sortedRun) add(key, value []byte, merged bool) error {
	if len(r.arena)+len(key)+len(value) > math.MaxUint32 {
		return pebble.ErrBatchTooLarge
	}
	e := runEntry{prefix: prefixOf(key), from: uint32(len(r.arena)), key: uint32(len(key)), val: uint32(len(value)), merged: merged}
	r.arena = append(append(r.arena, key...), value...)
	r.at[key[0]] = append(r.at[key[0]], e)
	r.n++
	return nil
}

func (r *sortedRun) keyOf(e *runEntry) []byte { return r.arena[e.from : e.from+e.key] }

func (r *sortedRun) valueOf(e *runEntry) []byte {
	return r.arena[e.from+e.key : e.from+e.key+e.val]
}

// put gathers what finds a record.
func (r *sortedRun) put(k indexKey) error {
	if k.lot {
		if r.known != nil && r.known.has(k.key) {
			return nil
		}
		if _, ok := r.seen[string(k.key)]; ok {
			return nil
		}
		r.seen[string(k.key)] = struct{}{}
	}
	if k.entry != nil && k.first {
		err := k.entry.eachTotal(func(party string, change total) error {
			r.key = append(append(append(r.key[:0], tagTotal), lotOf(k.key)...), party...)
			r.value = change.append(r.value[:0])
			return r.add(r.key, r.value, true)
		})
		if err != nil {
			return err
		}
	}
	return r.add(k.key, k.value, k.merged)
}

// cells gathers how many records each source has of each day, and returns what they
// come to by source.
func (r *sortedRun) cells() (counts []trace.SourceCount, err error) {
	counts = make([]trace.SourceCount, 0, len(r.days.names))
	err = r.days.each(func(source string, day trace.Day, n int64) error {
		if len(counts) == 0 || counts[len(counts)-1].Source != source {
			counts = append(counts, trace.SourceCount{Source: source})
		}
		of := &counts[len(counts)-1]
		of.Records, of.Through = of.Records+n, day
		r.key = appendSourceKey(r.key[:0], sourceDay{source, day})
		r.value = binary.AppendUvarint(r.value[:0], uint64(n))
		return r.add(r.key, r.value, true)
	})
	return counts, err
}

// sum gathers how many records of a source there are, of all days.
func (r *sortedRun) sum(source string, records int64) error {
	r.key = appendTextKey(r.key[:0], tagSourceSum, source)
	r.value = binary.AppendUvarint(r.value[:0], uint64(records))
	return r.add(r.key, r.value, true)
}

// A runPlace is where an entry stands, with what nearly always tells its place in the
// order: small enough to be compared in registers.
type runPlace struct {
	first, second uint64 // the prefix of its key
	at            uint32
}

// sort puts what was gathered in the order of keys; of one key, as it came.
func (r *sortedRun) sort() {
	for _, at := range r.at {
		if len(at) < 2 {
			continue
		}
		r.order = r.order[:0]
		for i := range at {
			r.order = append(r.order, runPlace{at[i].prefix[0], at[i].prefix[1], uint32(i)})
		}
		slices.SortFunc(r.order, func(a, b runPlace) int {
			switch {
			case a.first < b.first:
				return -1
			case a.first > b.first:
				return 1
			case a.second < b.second:
				return -1
			case a.second > b.second:
				return 1
			}
			if c := bytes.Compare(r.keyOf(&at[a.at]), r.keyOf(&at[b.at])); c != 0 {
				return c
			}
			return cmp.Compare(a.at, b.at)
		})
		r.spare = append(r.spare[:0], at...)
		for i, p := range r.order {
			at[i] = r.spare[p.at]
		}
	}
}

// compareEntries compares the keys of an entry of r and one of s.
func compareEntries(r *sortedRun, a *runEntry, s *sortedRun, b *runEntry) int {
	switch {
	case a.prefix[0] != b.prefix[0]:
		return cmp.Compare(a.prefix[0], b.prefix[0])
	case a.prefix[1] != b.prefix[1]:
		return cmp.Compare(a.prefix[1], b.prefix[1])
	}
	return bytes.Compare(r.keyOf(a), s.keyOf(b))
}

// compareAll compares as compareEntries does; of one key, what comes of earlier records
// is less.
func compareAll(r *sortedRun, a *runEntry, s *sortedRun, b *runEntry) int {
	if c := compareEntries(r, a, s, b); c != 0 {
		return c
	}
	return cmp.Compare(r.stretchOf(a), s.stretchOf(b))
}

func sameKey(r *sortedRun, a *runEntry, s *sortedRun, b *runEntry) bool {
	return a.prefix == b.prefix && bytes.Equal(r.keyOf(a), s.keyOf(b))
}

// eachOf reads sorted runs together: it calls set for each key with what was set
// last, or merge with all that is merged to it, that of earlier records first. What they
// are called with may be changed, and is not to be kept.
func eachOf(runs []*sortedRun, set, merge func(key, value []byte) error) error {
	var joined []byte
	var values [][]byte
	write := func(of *sortedRun, e *runEntry) (err error) {
		key := of.keyOf(e)
		switch {
		case !e.merged:
			return set(key, values[len(values)-1])
		case len(values) == 1:
			return merge(key, values[0])
		}
		if joined, err = join(joined[:0], key[0], values); err != nil {
			return err
		}
		return merge(key, joined)
	}
	heads := make([][]runEntry, len(runs))
	for tag := range len(runs[0].at) {
		for i, r := range runs {
			heads[i] = r.at[tag]
		}
		var of *sortedRun // and the entry in it whose key values are of
		var e *runEntry
		for {
			least := -1
			for i, h := range heads {
				if len(h) > 0 && (least < 0 || compareAll(runs[i], &h[0], runs[least], &heads[least][0]) < 0) {
					least = i
				}
			}
			if least < 0 {
				break
			}
			r, next := runs[least], &heads[least][0]
			heads[least] = heads[least][1:]
			if of != nil && !sameKey(of, e, r, next) {
				if err := write(of, e); err != nil {
					return err
				}
				of = nil
			}
			if of == nil {
				of, e, values = r, next, values[:0]
			}
			values = append(values, r.valueOf(next))
		}
		if of != nil {
			if err := write(of, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// A histogram counts the records of a run by source and day. Nearly every record
// may have a cell of its own, so they are put in order rather than looked up.
type histogram struct {
	sources map[string]uint32
	names   []string
	cells   []uint64 // source and day of each record
}

func (h *histogram) clear() {
	clear(h.sources)
	h.names, h.cells = h.names[:0], h.cells[:0]
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

// each calls f for each cell, those of a source together, in the order of days.
func (h *histogram) each(f func(source string, day trace.Day, n int64) error) error {
	slices.Sort(h.cells)
	for i := 0; i < len(h.cells); {
		n := i + 1
		for n < len(h.cells) && h.cells[n] == h.cells[i] {
			n++
		}
		if err := f(h.names[h.cells[i]>>32], trace.Day(int64(uint32(h.cells[i]))-dayBias), int64(n-i)); err != nil {
			return err
		}
		i = n
	}
	return nil
}
