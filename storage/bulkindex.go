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

// listTags are those of the indexes that are written as they are read. What takes long
// comes first.
var listTags = []byte{tagParty, tagDay, tagSource, tagCited, tagAbout, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagSourceSum}

func (b *bulk) newIndexing() (*indexing, error) {
	sums := newKeyRun()
	for source, c := range b.counts {
		if err := sums.sum(source, c.Records); err != nil {
			return nil, err
		}
	}
	if err := b.take(sums, "sums", 0, nil); err != nil {
		return nil, err
	}
	x := &indexing{b: b, learned: learned{grown: map[string]uint16{}}}
	x.ctx, x.stop = context.WithCancel(b.ctx)
	return x, nil
}

// write writes all indexes, unless records came twice: then it returns their places, and
// how many are the same record again. What corrections void goes into the blocks of items,
// so that these come after the names; the others are written beside.
func (x *indexing) write(proceed bool) (again map[int64]struct{}, duplicates int64, err error) {
	b := x.b
	b.slots <- struct{}{}
	x.lists(slices.Clone(b.runs))
	t := twice{b: b, again: map[int64]struct{}{}}
	err = x.names(&t)
	whole := err == nil && len(t.again) == 0 && (len(b.conflicts) == 0 || proceed)
	if whole {
		err = x.items(b.runs)
	}
	if !whole || err != nil {
		x.stop()
	}
	<-b.slots
	x.group.Wait()
	if whole && err == nil {
		err = errors.Join(x.failed, x.writeGrown())
	}
	x.stop()
	return t.again, t.duplicates, err
}

// lists begins to write what needs nothing but the runs that there are.
func (x *indexing) lists(runs []*runFile) {
	next := make(chan byte, len(listTags))
	for _, tag := range listTags {
		next <- tag
	}
	close(next)
	for range cap(x.b.slots) {
		x.group.Go(func() {
			x.b.slots <- struct{}{}
			defer func() { <-x.b.slots }()
			for tag := range next {
				out := x.b.newTables(fmt.Sprintf("index-%02x", tag))
				x.end(out, x.list(runs, tag, out))
			}
		})
	}
}

// end ends tables into which all was written, or as much as an error let be. It returns
// that error, or the one in ending them.
func (x *indexing) end(out *tables, err error) error {
	if err == nil {
		err = out.finish()
	}
	out.abandon()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = errors.Join(x.failed, err)
	x.b.names = append(x.b.names, out.done...)
	return err
}

// writeGrown writes which blocks have several parts.
func (x *indexing) writeGrown() error {
	out := x.b.newTables("grown")
	var err error
	for _, block := range slices.Sorted(maps.Keys(x.learned.grown)) {
		key := append([]byte{tagGrown}, block[1:]...)
		err = errors.Join(err, out.set(key, binary.AppendUvarint(nil, uint64(x.learned.grown[block]))))
	}
	return x.end(out, err)
}

// list writes the index whose keys begin with a tag.
func (x *indexing) list(runs []*runFile, tag byte, out *tables) error {
	b := x.b
	return b.each(x.ctx, runs, tag, func(key, value []byte) error {
		switch tag {
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
