package storage

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/sublot/sublot/trace"
)

// The indexes of a bulk load are written as tables in the order of their keys, and
// the database takes them over in one step.

// learned is what the ledger keeps in memory of the indexes.
type learned struct {
	grown     map[string]uint16
	corrected []trace.Ref
}

// An indexing reads the runs together and writes them as tables, several parts of the
// indexes at once.
type indexing struct {
	b       *bulk
	ctx     context.Context
	stop    context.CancelFunc
	group   sync.WaitGroup
	mu      sync.Mutex
	failed  error
	learned learned
}

// What corrections void goes into the blocks of items and the sums of lots. All
// else can be written before that is known.
var (
	voidedTags = []byte{tagSpan, tagTotal}
	otherTags  = []byte{tagParty, tagName, tagDay, tagCited, tagSource, tagLot, tagAbout, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagSourceSum}
)

func (b *bulk) newIndexing() (*indexing, error) {
	sums := newKeyRun()
	for source, c := range b.counts {
		if err := sums.sum(source, c.Records); err != nil {
			return nil, err
		}
	}
	if err := b.take(sums, "sums"); err != nil {
		return nil, err
	}
	x := &indexing{b: b, learned: learned{grown: map[string]uint16{}}}
	x.ctx, x.stop = context.WithCancel(b.ctx)
	return x, nil
}

// write begins to write the parts of the indexes whose keys begin with some tags, from
// the runs that there are.
func (x *indexing) write(tags []byte) {
	b := x.b
	runs := slices.Clone(b.runs)
	for _, tag := range tags {
		x.group.Go(func() {
			b.slots <- struct{}{}
			defer func() { <-b.slots }()
			out := b.newTables(fmt.Sprintf("index-%02x", tag))
			err := x.index(runs, tag, out)
			if err == nil {
				err = out.finish()
			}
			out.abandon()
			x.mu.Lock()
			defer x.mu.Unlock()
			x.failed = errors.Join(x.failed, err)
			b.names = append(b.names, out.done...)
		})
	}
}

// wait waits until all is written.
func (x *indexing) wait() error {
	x.group.Wait()
	x.stop()
	if x.failed != nil || len(x.learned.grown) == 0 {
		return x.failed
	}
	out := x.b.newTables("grown")
	for _, block := range slices.Sorted(maps.Keys(x.learned.grown)) {
		key := append([]byte{tagGrown}, block[1:]...)
		if err := out.set(key, binary.AppendUvarint(nil, uint64(x.learned.grown[block]))); err != nil {
			return err
		}
	}
	err := out.finish()
	x.b.names = append(x.b.names, out.done...)
	return err
}

// index writes the part of the indexes whose keys begin with a tag.
func (x *indexing) index(runs []*runFile, tag byte, out *tables) error {
	b := x.b
	return b.each(x.ctx, runs, tag, func(key, value []byte) error {
		switch tag {
		case tagName:
			_, used := binary.Uvarint(value)
			return out.set(key, value[:used])
		case tagSpan:
			return b.block(key, value, out, &x.learned)
		case tagTotal, tagSource, tagSourceSum:
			return b.put(out, key, value)
		case tagVoided:
			text, _ := listedText(key)
			x.learned.corrected = append(x.learned.corrected, trace.Ref(text))
		}
		return out.set(key, value)
	})
}

// put writes what is put to what a ledger has; to an empty one there is nothing to
// be put to, and what is set is read without being joined.
func (b *bulk) put(out *tables, key, value []byte) error {
	if b.from == 0 {
		return out.set(key, value)
	}
	return out.merge(key, value)
}

// block writes the entries of one block, in the order in which they came to be,
// as many parts as they need.
func (b *bulk) block(key, value []byte, out *tables, more *learned) error {
	type placed struct {
		order    int64
		from, to int
	}
	_, level, number, _ := splitBlockKey(key)
	var room [64]placed
	entries, sorted, at := room[:0], true, 0
	for at < len(value) {
		e, rest, err := readEntry(value[at:], level, number)
		if err != nil {
			return err
		}
		to := len(value) - len(rest)
		sorted = sorted && (len(entries) == 0 || entries[len(entries)-1].order <= e.order())
		entries = append(entries, placed{e.order(), at, to})
		at = to
	}
	if !sorted {
		slices.SortStableFunc(entries, func(x, y placed) int { return cmp.Compare(x.order, y.order) })
	}
	epoch := b.l.epochs.last[string(wholeBlock(key))]
	first := epoch
	part := append([]byte(nil), key...)
	for from := 0; from < len(entries); from += epochEntries {
		to := min(from+epochEntries, len(entries))
		binary.BigEndian.PutUint16(part[len(part)-epochSuffix:], epoch)
		var joined []byte
		if sorted {
			joined = value[entries[from].from:entries[to-1].to]
		} else {
			for _, e := range entries[from:to] {
				joined = append(joined, value[e.from:e.to]...)
			}
		}
		if err := b.put(out, part, joined); err != nil {
			return err
		}
		if to < len(entries) && epoch < maxEpoch {
			epoch++
		}
	}
	if epoch != first {
		more.grown[string(wholeBlock(key))] = epoch
	}
	return nil
}

// ingest has the ledger's database take over all tables in one step.
func (b *bulk) ingest(more *learned) error {
	l := b.l
	paths := append(append(append([]string{}, b.log.done...), b.leaves.done...), b.names...)
	if err := l.iterators.close(); err != nil {
		return err
	}
	defer l.iterators.open()
	l.blocks.clear()
	l.memory.left = 0
	if _, err := l.disk.guard(func() error { return l.db.Ingest(context.WithoutCancel(b.ctx), paths) }); err != nil {
		l.failed = err
		return err
	}
	l.names.all = true
	l.tree = b.tree
	l.length.Store(b.tree.size)
	l.sources.join(b.tree.size, l.sources.gains(b.counts.sorted()))
	l.corrected.learnRefs(more.corrected)
	l.shelf.Appended(nil)
	for block, last := range more.grown {
		l.epochs.grow([]byte(block), last)
	}
	l.advanceHead()
	return nil
}
