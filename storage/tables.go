package storage

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/block"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// tables writes sorted keys into tables of some size, for the ledger's database
// to take over.
type tables struct {
	b    *bulk
	name string
	as   tableForm
	n    int
	now  *table
	done []string

	ending chan error // of the table before now; nil where none is being ended
}

// A table is one that is being written.
type table struct {
	w    *sstable.Writer
	path string
	size int
}

const (
	lastLevel      = 6        // of the database's
	listBlockBytes = 64 << 10 // of a block of a list, about
)

func (b *bulk) newTables(name string, as tableForm) *tables { return &tables{b: b, name: name, as: as} }

// A tableForm is how tables are written. The database writes them as its own when it joins them
// with others.
type tableForm func(*sstable.WriterOptions)

// asDatabase writes them as the database does, as small as can be.
func asDatabase(*sstable.WriterOptions) {}

// quickly compresses them as fast as can be: as well as the database does it takes a tenth
// of the time of the whole load. That is worth it for the log, the largest part by far of
// what gets smaller.
func quickly(o *sstable.WriterOptions) { o.Compression = block.FastestCompression }

// asList is quickly for what is read from one key to the next, and so may lie in long blocks.
func asList(o *sstable.WriterOptions) {
	quickly(o)
	o.BlockSize = listBlockBytes
}

// newTable makes the file of a table that the ledger's database can take over.
func (b *bulk) newTable(path string, as tableForm) (*table, error) {
	f, err := b.l.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	o := b.l.options(Config{})
	o.EnsureDefaults()
	w := o.MakeWriterOptions(lastLevel, b.l.db.TableFormat())
	as(&w)
	return &table{sstable.NewWriter(objstorageprovider.NewFileWritable(f), w), path, 0}, nil
}

// next returns the table that the next key goes to.
func (t *tables) next(size int) (*table, error) {
	if t.now != nil && t.now.size >= tableBytes {
		if err := t.roll(); err != nil {
			return nil, err
		}
	}
	if t.now == nil {
		path := t.b.l.fs.PathJoin(t.b.dir, fmt.Sprintf("%s-%d.sst", t.name, t.n))
		t.n++
		var err error
		if t.now, err = t.b.newTable(path, t.as); err != nil {
			return nil, err
		}
	}
	t.now.size += size
	return t.now, nil
}

func (t *tables) set(key, value []byte) error {
	now, err := t.next(len(key) + len(value))
	if err != nil {
		return err
	}
	return now.w.Set(key, value)
}

func (t *tables) merge(key, value []byte) error {
	now, err := t.next(len(key) + len(value))
	if err != nil {
		return err
	}
	return now.w.Merge(key, value)
}

// roll ends the table that is being written, beside what goes on: it waits for the disk.
func (t *tables) roll() error {
	if err := t.ended(); err != nil {
		return err
	}
	now := t.now
	t.now, t.done, t.ending = nil, append(t.done, now.path), make(chan error, 1)
	go func(ending chan<- error) { ending <- now.w.Close() }(t.ending)
	return nil
}

// ended waits for the table that is being ended.
func (t *tables) ended() error {
	if t.ending == nil {
		return nil
	}
	err := <-t.ending
	t.ending = nil
	return err
}

// finish ends the tables; what they hold is on the disk.
func (t *tables) finish() error {
	err := t.ended()
	if t.now != nil {
		err = errors.Join(err, t.now.w.Close())
		t.done = append(t.done, t.now.path)
		t.now = nil
	}
	return err
}

// abandon ends the tables without regard to what becomes of them.
func (t *tables) abandon() {
	if t == nil {
		return
	}
	t.ended()
	if t.now != nil {
		t.now.w.Close()
		t.now = nil
	}
}
