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

const firstBits = 12 // of many numbers; see sortNumbers

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
func (j *joiner) sort() {
	j.order = j.order[:0]
	for i := range j.places {
		j.order = append(j.order, uint64(i))
	}
	j.sortFrom(j.order, 1)
}

// sortFrom sorts entries whose keys are alike up to a byte.
//
// What is sorted are numbers: the bits in which some of the keys differ, as many of the
// first ones as there is room for beside an entry's place. In sixteen bytes of digits and
// of what stands between them these are few, so that they tell nearly all keys from one
// another. Those that they do not tell are sorted by what follows.
func (j *joiner) sortFrom(some []uint64, from int) {
	if len(some) < fewKeys {
		j.sortFew(some)
		return
	}
	low := placeBits(len(j.places))
	first, longest := j.key(some[0], from)
	var differ [2]uint64
	same := true // lengths
	for _, o := range some[1:] {
		key, length := j.key(o, from)
		differ[0] |= key[0] ^ first[0]
		differ[1] |= key[1] ^ first[1]
		same = same && length == longest
		longest = max(longest, length)
	}
	if differ == [2]uint64{} {
		switch {
		case longest > from+16:
			j.sortFrom(some, from+16)
		case !same: // one goes on with zeros where another ends
			j.sortFew(some)
		}
		return
	}
	high, rest := newBitSieve(differ[0]), newBitSieve(differ[1])
	drop := max(0, high.n+rest.n-(64-low)) // of the last bits
	if drop >= rest.n {
		rest = bitSieve{n: rest.n}
	}
	for i, o := range some {
		key, _ := j.key(o, from)
		tells := high.of(key[0])
		if drop < rest.n {
			tells = tells<<(rest.n-drop) | rest.of(key[1])>>drop
		} else {
			tells >>= drop - rest.n
		}
		some[i] = tells<<low | o&(1<<low-1)
	}
	j.sortNumbers(some)
	if drop == 0 {
		from += 16
	}
	for len(some) > 0 {
		n := 1
		for n < len(some) && some[n]>>low == some[0]>>low {
			n++
		}
		j.sortFrom(some[:n], from)
		some = some[n:]
	}
}

const fewKeys = 6 // to compare them is faster then

// sortFew is sort by comparison.
func (j *joiner) sortFew(some []uint64) {
	if len(some) < 2 {
		return
	}
	slices.SortFunc(some, func(x, y uint64) int {
		r, a := j.entry(x)
		s, b := j.entry(y)
		return cmp.Or(bytes.Compare(r.keyOf(a), s.keyOf(b)), cmp.Compare(x, y))
	})
}

// A bitSieve takes the bits of a mask out of a number and moves them together, in their
// order. It is made once for many numbers. After "compress" in H. S. Warren, Hacker's
// Delight, 2nd edition, section 7-4.
type bitSieve struct {
	mask  uint64
	moves [6]uint64 // which bits move by 1, 2, 4, 8, 16 and 32
	n     int       // bits of the mask
}

func newBitSieve(mask uint64) bitSieve {
	s := bitSieve{mask: mask, n: bits.OnesCount64(mask)}
	left := ^mask << 1 // bits that lie above ones that are not taken
	for i := range s.moves {
		odd := left // the bits above an odd number of those
		for shift := 1; shift < 64; shift *= 2 {
			odd ^= odd << shift
		}
		s.moves[i] = odd & mask
		mask = mask ^ s.moves[i] | s.moves[i]>>(1<<i)
		left &^= odd
	}
	return s
}

func (s *bitSieve) of(x uint64) uint64 {
	x &= s.mask
	for i, move := range s.moves {
		t := x & move
		x = x ^ t | t>>(1<<i)
	}
	return x
}

// sortNumbers puts numbers in order: by their first bits, and then those that have these in
// common, which are few. To compare two numbers that nothing is known of is to guess, and a
// processor that guessed wrong loses some twenty steps.
func (j *joiner) sortNumbers(some []uint64) {
	const several, many = 24, 1 << 12
	if len(some) < several {
		slices.Sort(some)
		return
	}
	top := bits.Len64(slices.Max(some))
	wide := firstBits
	if len(some) < many {
		wide -= 4
	}
	shift := max(0, top-wide)
	ends := j.ends[:1<<wide]
	clear(ends)
	for _, o := range some {
		ends[o>>shift]++
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	j.room = append(j.room[:0], some...)
	for _, o := range slices.Backward(j.room) {
		at := &ends[o>>shift] // where they begin, when all are there
		*at--
		some[*at] = o
	}
	for i, from := range ends {
		to := len(some)
		if i+1 < len(ends) {
			to = int(ends[i+1])
		}
		if alike := some[from:to]; len(alike) > 1 {
			slices.Sort(alike)
		}
	}
}

// key returns sixteen bytes of an entry's key from a byte on, filled up with zeros, and the
// length of the key.
func (j *joiner) key(o uint64, from int) ([2]uint64, int) {
	r, e := j.entry(o)
	if from == 1 {
		return e.prefix, int(e.key)
	}
	return sixteen(r.keyOf(e), from), int(e.key)
}

// entry returns the entry that a number of the order tells, and its run.
func (j *joiner) entry(o uint64) (*keyRun, *runEntry) {
	p := j.places[o&(1<<placeBits(len(j.places))-1)]
	r := j.set.runs[p.run]
	return r, &r.at[j.tag][p.at]
}

// placeBits returns the bits that tell one of n places.
func placeBits(n int) int { return bits.Len(uint(n - 1)) }

func sameKey(r *keyRun, a *runEntry, s *keyRun, b *runEntry) bool {
	return a.prefix == b.prefix && bytes.Equal(r.keyOf(a), s.keyOf(b))
}
