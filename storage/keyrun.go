package storage

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// A keyRun gathers keys and values in any order, those of each tag apart. A joiner reads
// them in order.
type keyRun struct {
	arena []byte
	at    [tagTile + 1][]runEntry // by the first byte of the key
	n     int                     // of all
	from  []runStretch            // where several runs are joined
	seen  map[string]struct{}     // lots
	known *seenLots               // lots that need not be written; may be nil
	days  listing[string]         // that sources have records of
	key   []byte
	value []byte
}

var keyRuns = sync.Pool{New: func() any {
	return &keyRun{seen: map[string]struct{}{}, days: newListing(compareTexts)}
}}

func newKeyRun() *keyRun {
	r := keyRuns.Get().(*keyRun)
	r.clear()
	return r
}

// clear forgets what was gathered, and keeps the room for it.
func (r *keyRun) clear() {
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
func (r *keyRun) goOn(record int) {
	r.from = append(r.from, runStretch{uint32(len(r.arena)), record})
}

func prefixOf(key []byte) [2]uint64 { return sixteen(key, 1) }

// sixteen returns sixteen bytes of a key from one on, filled up with zeros.
func sixteen(key []byte, from int) [2]uint64 {
	if len(key) >= from+16 {
		return [2]uint64{binary.BigEndian.Uint64(key[from:]), binary.BigEndian.Uint64(key[from+8:])}
	}
	var room [16]byte
	if from < len(key) {
		copy(room[:], key[from:])
	}
	return [2]uint64{binary.BigEndian.Uint64(room[:8]), binary.BigEndian.Uint64(room[8:])}
}

func (r *keyRun) add(key, value []byte, merged bool) error {
	if len(r.arena)+len(key)+len(value) > math.MaxUint32 {
		return pebble.ErrBatchTooLarge
	}
	e := runEntry{prefix: prefixOf(key), from: uint32(len(r.arena)), key: uint32(len(key)), val: uint32(len(value)), merged: merged}
	r.arena = append(append(r.arena, key...), value...)
	r.at[key[0]] = append(r.at[key[0]], e)
	r.n++
	return nil
}

func (r *keyRun) keyOf(e *runEntry) []byte { return r.arena[e.from : e.from+e.key] }

func (r *keyRun) valueOf(e *runEntry) []byte {
	return r.arena[e.from+e.key : e.from+e.key+e.val]
}

// put gathers what finds a record, and for an item its lot and what it adds to the totals
// of that.
func (r *keyRun) put(k indexKey) error {
	if k.entry != nil && k.first {
		if err := r.putLot(lotOf(k.key)); err != nil {
			return err
		}
		err := k.entry.eachTotal(func(party string, change total) error {
			r.key = append(append(append(r.key[:0], tagTotal), lotOf(k.key)...), party...)
			r.value = change.append(r.value[:0])
			return r.add(r.key, r.value, true)
		})
		if err != nil {
			return err
		}
	}
	return r.putKey(k)
}

// putKey gathers what finds a record.
func (r *keyRun) putKey(k indexKey) error { return r.add(k.key, k.value, k.merged) }

// putLot gathers the key of a lot, once.
func (r *keyRun) putLot(lot []byte) error {
	r.key = append(append(r.key[:0], tagLot), lot...)
	if r.known != nil && r.known.has(r.key) {
		return nil
	}
	if _, ok := r.seen[string(r.key)]; ok {
		return nil
	}
	r.seen[string(r.key)] = struct{}{}
	return r.add(r.key, nil, false)
}

// addDay notes that the source of a record has one more of a day.
func (r *keyRun) addDay(of *trace.Record) {
	r.days.add(of.Source, uint32(int64(of.Known())+dayBias))
}

// cells gathers how many records each source has of each day, and returns what they
// come to by source.
func (r *keyRun) cells() (counts []trace.SourceCount, err error) {
	counts = make([]trace.SourceCount, 0, len(r.days.names))
	err = r.days.each(func(source string, days []uint32) error {
		counts = append(counts, countOf(source, days))
		for day, records := range tally(days) {
			r.key = binary.BigEndian.AppendUint32(appendTextKey(r.key[:0], tagSource, source), day)
			r.value = binary.AppendUvarint(r.value[:0], records)
			if err := r.add(r.key, r.value, true); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, err
}

// countOf returns what the days that a source has records of come to.
func countOf(source string, days []uint32) trace.SourceCount {
	return trace.SourceCount{Source: source, Records: int64(len(days)), Through: trace.Day(int64(days[len(days)-1]) - dayBias)}
}

// sum gathers how many records of a source there are, of all days.
func (r *keyRun) sum(source string, records int64) error {
	r.key = appendTextKey(r.key[:0], tagSourceSum, source)
	r.value = binary.AppendUvarint(r.value[:0], uint64(records))
	return r.add(r.key, r.value, true)
}
