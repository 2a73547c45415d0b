package storage

import (
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
	voidedTags = []byte{tagSpan}
	otherTags  = []byte{tagParty, tagName, tagDay, tagCited, tagSource, tagLot, tagAbout, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagSourceSum}
)

func (b *bulk) newIndexing() (*indexing, error) {
	sums := newKeyRun()
	for source, c := range b.counts {
		if err := sums.sum(source, c.Records); err != nil {
			return nil, err
		}
	}
	if err := b.take(sums, "sums", nil); err != nil {
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
			var err error
			if tag == tagSpan {
				err = x.items(runs, out)
			} else {
				err = x.index(runs, tag, out)
			}
			x.end(out, err)
		})
	}
}

// end ends tables into which all was written, or as much as an error let be.
func (x *indexing) end(out *tables, err error) {
	if err == nil {
		err = out.finish()
	}
	out.abandon()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = errors.Join(x.failed, err)
	x.b.names = append(x.b.names, out.done...)
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
		case tagParty, tagDay:
			return eachPlace(key, value, func(key []byte) error { return out.set(key, nil) })
		case tagSource:
			return b.days(key, value, out)
		case tagSourceSum:
			return b.put(out, key, value)
		case tagVoided:
			text, _ := listedText(key)
			x.learned.corrected = append(x.learned.corrected, trace.Ref(text))
		}
		return out.set(key, value)
	})
}

// days writes how many records a source has of each day. Key is changed.
func (b *bulk) days(key, list []byte, out *tables) error {
	var room [binary.MaxVarintLen64]byte
	source := len(key)
	return eachDay([][]byte{list}, func(day uint32, records uint64) error {
		key = binary.BigEndian.AppendUint32(key[:source], day)
		return b.put(out, key, binary.AppendUvarint(room[:0], records))
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
