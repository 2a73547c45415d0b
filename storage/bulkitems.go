package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// An itemWriter writes the blocks of items of a bulk load, which come in the order of
// their keys, and beside them the lots that they are of and what their entries add to the
// totals of these: all that tells of a lot comes together.
type itemWriter struct {
	x      *indexing
	lots   *tables
	blocks *tables
	totals *tables

	placed []placedEntry // of a block
	part   []byte        // key

	lot     []byte // key of the lot of what comes, without a tag
	parties map[string]int
	texts   *knownTexts
	sums    []lotSum
}

// A placedEntry is where an entry stands in a block's value, and its place among the
// others.
type placedEntry struct {
	order    int64
	from, to int
}

// A lotSum is what is added to the totals of a party.
type lotSum struct {
	party string
	total total
}

// items returns tasks that write the lots, the index of their items and their totals.
func (x *indexing) items(runs []*runFile) (tasks []func() error) {
	for i, part := range itemParts(runs, 4*cap(x.b.slots)) {
		table := func(name string, as tableForm) *tables { return x.b.newTables(fmt.Sprintf("%s-%d", name, i), as) }
		tasks = append(tasks, func() error {
			w := itemWriter{
				x: x, lots: table("lots", asList), blocks: table("items", quickly), totals: table("totals", asList),
				parties: map[string]int{}, texts: new(knownTexts),
			}
			err := x.b.each(x.ctx, runs, part, w.block)
			if err == nil {
				err = w.endLot()
			}
			x.end(w.lots, err)
			x.end(w.blocks, err)
			x.end(w.totals, err)
			return err
		})
	}
	return tasks
}

var itemPart = 16 << 20 // bytes of runs from which on items are written in parts; less in tests

// itemParts divides the keys of items in runs into ranges that are about as long, at most
// so many. A lot is in one of them.
func itemParts(runs []*runFile, most int) (parts []keyRange) {
	var marks [][]byte
	size := int64(0)
	for _, r := range runs {
		size += r.tags[tagSpan+1] - r.tags[tagSpan]
		for _, m := range r.marks {
			marks = append(marks, m.key)
		}
	}
	slices.SortFunc(marks, bytes.Compare)
	n := min(most, 1+int(size/int64(itemPart)))
	var from []byte
	for i := 1; i < n; i++ {
		to := append([]byte{tagSpan}, lotOf(marks[i*len(marks)/n])...)
		if from == nil || bytes.Compare(from, to) < 0 {
			parts = append(parts, keyRange{tagSpan, from, to})
			from = to
		}
	}
	return append(parts, keyRange{tagSpan, from, nil})
}

// block writes the entries of one block, in the order in which they came to be,
// as many parts as they need.
func (w *itemWriter) block(key, value []byte) error {
	if lot := lotOf(key); !bytes.Equal(lot, w.lot) {
		if err := w.endLot(); err != nil {
			return err
		}
		w.lot = append(w.lot[:0], lot...)
		if err := w.lots.set(append([]byte{tagLot}, lot...), nil); err != nil {
			return err
		}
	}
	sorted, err := w.read(key, value)
	if err != nil {
		return err
	}
	entries := w.placed
	if !sorted {
		slices.SortStableFunc(entries, func(x, y placedEntry) int { return cmp.Compare(x.order, y.order) })
	}
	epoch := w.x.b.l.epochs.last[string(wholeBlock(key))]
	first := epoch
	w.part = append(w.part[:0], key...)
	for from := 0; from < len(entries); from += epochEntries {
		to := min(from+epochEntries, len(entries))
		binary.BigEndian.PutUint16(w.part[len(w.part)-epochSuffix:], epoch)
		var joined []byte
		if sorted {
			joined = value[entries[from].from:entries[to-1].to]
		} else {
			for _, e := range entries[from:to] {
				joined = append(joined, value[e.from:e.to]...)
			}
		}
		if err := w.x.b.put(w.blocks, w.part, joined); err != nil {
			return err
		}
		if to < len(entries) && epoch < maxEpoch {
			epoch++
		}
	}
	if epoch != first {
		w.x.mu.Lock()
		w.x.learned.grown[string(wholeBlock(key))] = epoch
		w.x.mu.Unlock()
	}
	return nil
}

// read reads where the entries of a block are, and reports whether they are in order. It
// adds them to the totals of the lot.
func (w *itemWriter) read(key, value []byte) (sorted bool, err error) {
	_, level, number, _ := splitBlockKey(key)
	w.placed = w.placed[:0]
	sorted, last := true, int64(-1)
	for rest := value; len(rest) > 0; {
		from := len(value) - len(rest)
		var written []byte
		if written, rest, err = cutEntry(rest); err != nil {
			return false, err
		}
		var e entry
		n := numbers{b: written}
		flags := e.readRange(&n, level, number)
		if err := e.readRest(&n, flags, w.texts); err != nil {
			return false, err
		}
		order := e.order()
		sorted, last = sorted && last <= order, order
		w.placed = append(w.placed, placedEntry{order, from, len(value) - len(rest)})
		if blockAt(level, e.lo) == number {
			w.add(&e)
		}
	}
	return sorted, nil
}

// add adds an entry to the totals of its lot.
func (w *itemWriter) add(e *entry) {
	e.eachTotal(func(party string, change total) error {
		i, ok := w.parties[party]
		if !ok {
			i = len(w.sums)
			w.parties[party] = i
			w.sums = append(w.sums, lotSum{party: party})
		}
		w.sums[i].total.add(change)
		return nil
	})
}

// endLot writes the totals of a lot that is whole.
func (w *itemWriter) endLot() error {
	if len(w.sums) == 0 {
		return nil
	}
	slices.SortFunc(w.sums, func(a, b lotSum) int { return cmp.Compare(a.party, b.party) })
	key := append([]byte{tagTotal}, w.lot...)
	lot := len(key)
	var value []byte
	for _, s := range w.sums {
		key, value = append(key[:lot], s.party...), s.total.append(value[:0])
		if err := w.x.b.put(w.totals, key, value); err != nil {
			return err
		}
	}
	const many = 1024 // to clear a map takes as long as it was ever large
	if len(w.sums) > many {
		w.parties, w.sums = map[string]int{}, nil
	}
	clear(w.parties)
	w.sums = w.sums[:0]
	return nil
}
