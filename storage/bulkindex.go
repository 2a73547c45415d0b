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
	b    *bulk
	ctx  context.Context
	stop context.CancelFunc

	workers, endings sync.WaitGroup

	mu      sync.Mutex
	more    sync.Cond      // of mu: tasks, or all
	tasks   []func() error // to be done, what others wait for first
	all     bool           // no more of them will come
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
	x.more.L = &x.mu
	x.ctx, x.stop = context.WithCancel(b.ctx)
	return x, nil
}

// write writes all indexes, unless records came twice: then it returns their places, and
// how many are the same record again. What corrections void goes into the blocks of items,
// so that these come after the names; the others are written beside.
func (x *indexing) write(proceed bool) (again map[int64]struct{}, duplicates int64, err error) {
	b := x.b
	runs := slices.Clone(b.runs) // those of voids will be more
	t := twice{b: b, again: map[int64]struct{}{}}
	whole := false
	x.tasks = append(x.tasks, func() error {
		err := b.readLog()
		if err == nil {
			err = x.names(&t)
		}
		x.fail(err)
		if whole = err == nil && len(t.again) == 0 && (len(b.conflicts) == 0 || proceed); !whole {
			x.stop()
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if whole {
			x.tasks = append(x.items(b.runs), x.tasks...)
		}
		x.all = true
		x.more.Broadcast()
		return nil
	})
	for _, tag := range listTags {
		x.tasks = append(x.tasks, func() error {
			out := b.newTables(fmt.Sprintf("index-%02x", tag), asList)
			err := x.list(runs, tag, out)
			x.end(out, err)
			return err
		})
	}
	for range cap(b.slots) {
		x.workers.Go(x.work)
	}
	x.workers.Wait()
	x.endings.Wait()
	if whole && x.failed == nil {
		x.failed = x.writeGrown()
	}
	x.stop()
	if err = x.failed; !whole && errors.Is(err, context.Canceled) && b.ctx.Err() == nil {
		err = nil // stopped for what came twice
	}
	return t.again, t.duplicates, err
}

// work does what is to be done, until there is no more.
func (x *indexing) work() {
	for {
		x.mu.Lock()
		for len(x.tasks) == 0 && !x.all {
			x.more.Wait()
		}
		if len(x.tasks) == 0 {
			x.mu.Unlock()
			return
		}
		task := x.tasks[0]
		x.tasks = x.tasks[1:]
		x.mu.Unlock()
		x.fail(task())
	}
}

// fail notes what went wrong, so that the others need not go on. What they say then says
// nothing more.
func (x *indexing) fail(err error) {
	if err == nil {
		return
	}
	x.mu.Lock()
	if x.failed == nil {
		x.failed = err
	}
	x.mu.Unlock()
	x.stop()
}

// end ends tables into which all was written, or as much as an error let be. It does not
// wait for the disk.
func (x *indexing) end(out *tables, err error) {
	x.endings.Go(func() {
		if err == nil {
			x.fail(out.finish())
		}
		out.abandon()
		x.mu.Lock()
		defer x.mu.Unlock()
		x.b.names = append(x.b.names, out.done...)
	})
}

// writeGrown writes which blocks have several parts.
func (x *indexing) writeGrown() error {
	if len(x.learned.grown) == 0 {
		return nil
	}
	out := x.b.newTables("grown", asList)
	defer out.abandon()
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

// list writes the index whose keys begin with a tag.
func (x *indexing) list(runs []*runFile, tag byte, out *tables) error {
	b := x.b
	return b.each(x.ctx, runs, keyRange{tag: tag}, func(key, value []byte) error {
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
			return out.set(key, nil)
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
	paths := slices.Concat(b.log.records.done, b.log.leaves.done, b.names)
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
	l.tree = b.log.tree
	l.length.Store(b.log.tree.size)
	l.sources.join(b.log.tree.size, l.sources.gains(b.counts.sorted()))
	l.corrected.learnRefs(more.corrected)
	l.shelf.Appended(nil)
	for block, last := range more.grown {
		l.epochs.grow([]byte(block), last)
	}
	l.advanceHead()
	return nil
}
