package storage

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// A runSet is runs that are joined.
type runSet struct {
	runs      []*keyRun
	stretches []stretch // of all, in the order of records; nil for one run
}

// A stretch is the part of a run that comes of some records, up to a place in its arena.
type stretch struct {
	run    uint32
	end    uint32
	record int // the first
}

func newRunSet(runs ...*keyRun) *runSet {
	set := &runSet{runs: runs}
	if len(runs) == 1 {
		return set
	}
	for k, r := range runs {
		for i, s := range r.from {
			end := uint32(len(r.arena))
			if i+1 < len(r.from) {
				end = r.from[i+1].arena
			}
			set.stretches = append(set.stretches, stretch{uint32(k), end, s.record})
		}
	}
	slices.SortFunc(set.stretches, func(a, b stretch) int { return cmp.Compare(a.record, b.record) })
	return set
}

// A runPlace is where an entry stands: in which run, and where among those of its tag.
type runPlace struct{ run, at uint32 }

// A joiner reads the keys of one tag of runs in their order, each once, with what is
// written to it by all that came to it. It keeps its room.
type joiner struct {
	set    *runSet
	tag    byte
	places []runPlace // of entries, in the order of records
	order  []uint64   // see sort
	room   []uint64   // for it
	ends   [1 << firstBits]uint32
	at     []int // in each run
	joined []byte
	values [][]byte
}

var joiners = sync.Pool{New: func() any { return new(joiner) }}

// each calls set for each key with what was set last, or merge with all that is merged to
// it, that of earlier records first. What they are called with may be changed, and is not
// to be kept.
func (j *joiner) each(of *runSet, tag byte, set, merge func(key, value []byte) error) error {
	j.set, j.tag = of, tag
	defer func() { j.set = nil }()
	if j.gather(); len(j.places) == 0 {
		return nil
	}
	j.sort()
	write := func(of *keyRun, e *runEntry) (err error) {
		key := of.keyOf(e)
		switch {
		case !e.merged:
			return set(key, j.values[len(j.values)-1])
		case len(j.values) == 1:
			return merge(key, j.values[0])
		}
		if j.joined, err = join(j.joined[:0], key[0], j.values); err != nil {
			return err
		}
		return merge(key, j.joined)
	}
	var in *keyRun // and the entry in it whose key values are of
	var e *runEntry
	low := placeBits(len(j.places))
	for i, o := range j.order {
		r, next := j.entry(o)
		if i == 0 || j.order[i-1]>>low != o>>low || !sameKey(in, e, r, next) {
			if in != nil {
				if err := write(in, e); err != nil {
					return err
				}
			}
			in, e, j.values = r, next, j.values[:0]
		}
		j.values = append(j.values, r.valueOf(next))
	}
	return write(in, e)
}

// gather finds the entries in the order of the records that they come of.
func (j *joiner) gather() {
	runs := j.set.runs
	j.places = j.places[:0]
	if len(runs) == 1 {
		for i := range runs[0].at[j.tag] {
			j.places = append(j.places, runPlace{0, uint32(i)})
		}
		return
	}
	j.at = append(j.at[:0], make([]int, len(runs))...)
	for _, s := range j.set.stretches {
		all, i := runs[s.run].at[j.tag], j.at[s.run]
		for i < len(all) && all[i].from < s.end {
			j.places = append(j.places, runPlace{s.run, uint32(i)})
			i++
		}
		j.at[s.run] = i
	}
}

// sort puts the entries in the order of keys; those of one key, in that of records.
//
// What is sorted are numbers: of the bits of each key after those that all have in common,
// as many as there is room for beside the entry's place. They nearly always tell. Where
// they do not, keys are looked at.
func (j *joiner) sort() {
	first := j.prefix(0)
	var differ [2]uint64
	for i := range j.places {
		prefix := j.prefix(i)
		differ[0] |= prefix[0] ^ first[0]
		differ[1] |= prefix[1] ^ first[1]
	}
	skip := uint(bits.LeadingZeros64(differ[0]))
	if skip == 64 {
		skip += uint(bits.LeadingZeros64(differ[1]))
	}
	low := placeBits(len(j.places))
	j.order = j.order[:0]
	for i := range j.places {
		prefix := j.prefix(i)
		tells := prefix[1] << (skip - 64) // 0 where all is in common
		if skip < 64 {
			tells = prefix[0]<<skip | prefix[1]>>(64-skip)
		}
		j.order = append(j.order, tells>>low<<low|uint64(i))
	}
	j.sortNumbers()
	for rest := j.order; len(rest) > 1; {
		n := 1
		for n < len(rest) && rest[n]>>low == rest[0]>>low {
			n++
		}
		if n > 1 {
			slices.SortFunc(rest[:n], func(x, y uint64) int {
				r, a := j.entry(x)
				s, b := j.entry(y)
				return cmp.Or(compareEntries(r, a, s, b), cmp.Compare(x, y))
			})
		}
		rest = rest[n:]
	}
}

const firstBits = 8

// sortNumbers sorts the order by its numbers' first bits, and then what has those in
// common, which is few: to compare two numbers that nothing is known of is to guess, and a
// processor that guessed wrong loses some twenty steps.
func (j *joiner) sortNumbers() {
	const few = 24
	if len(j.order) < few {
		slices.Sort(j.order)
		return
	}
	clear(j.ends[:])
	for _, o := range j.order {
		j.ends[o>>(64-firstBits)]++
	}
	for i := range j.ends[1:] {
		j.ends[i+1] += j.ends[i]
	}
	j.room = slices.Grow(j.room[:0], len(j.order))[:len(j.order)]
	for _, o := range slices.Backward(j.order) {
		at := &j.ends[o>>(64-firstBits)] // where they begin, when all are there
		*at--
		j.room[*at] = o
	}
	j.order, j.room = j.room, j.order
	for i, from := range j.ends {
		to := len(j.order)
		if i+1 < len(j.ends) {
			to = int(j.ends[i+1])
		}
		if some := j.order[from:to]; len(some) > 1 {
			slices.Sort(some)
		}
	}
}

// placeBits returns the bits that tell one of n places.
func placeBits(n int) int { return bits.Len(uint(n - 1)) }

func (j *joiner) prefix(i int) *[2]uint64 {
	p := j.places[i]
	return &j.set.runs[p.run].at[j.tag][p.at].prefix
}

// entry returns the entry that a number of the order tells, and its run.
func (j *joiner) entry(o uint64) (*keyRun, *runEntry) {
	p := j.places[o&(1<<placeBits(len(j.places))-1)]
	r := j.set.runs[p.run]
	return r, &r.at[j.tag][p.at]
}

// compareEntries compares the keys of an entry of r and one of s.
func compareEntries(r *keyRun, a *runEntry, s *keyRun, b *runEntry) int {
	switch {
	case a.prefix[0] != b.prefix[0]:
		return cmp.Compare(a.prefix[0], b.prefix[0])
	case a.prefix[1] != b.prefix[1]:
		return cmp.Compare(a.prefix[1], b.prefix[1])
	}
	return bytes.Compare(r.keyOf(a), s.keyOf(b))
}

func sameKey(r *keyRun, a *runEntry, s *keyRun, b *runEntry) bool {
	return a.prefix == b.prefix && bytes.Equal(r.keyOf(a), s.keyOf(b))
}
