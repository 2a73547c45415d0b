package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// tableFiles reads every block of the tables again, past the cache: also those
// that a walk over all keys does not need, such as the filters that look-ups of
// single keys go by.
func (l *Ledger) tableFiles(ctx context.Context) error {
	levels, err := l.db.SSTables()
	if err != nil {
		return err
	}
	o := &pebble.Options{Merger: newMerger(nil)}
	o.EnsureDefaults()
	options := o.MakeReaderOptions()
	tables := slices.Concat(levels...)
	return firstError(ctx, len(tables), func(ctx context.Context, i int) error {
		name := fmt.Sprintf("%s.sst", tables[i].BackingSSTNum)
		err := checkTable(ctx, l.fs, l.fs.PathJoin(l.at, dbFolder, name), options)
		switch {
		case err == nil, errors.Is(err, os.ErrNotExist): // the database made others of it meanwhile, or the walk has met it
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		return &Difference{Where: "file " + name, Seq: -1, Found: firstLine(err.Error()), Wanted: "blocks that have their checksums"}
	})
}

func checkTable(ctx context.Context, fs vfs.FS, path string, options sstable.ReaderOptions) error {
	f, err := fs.Open(path)
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		f.Close()
		return err
	}
	r, err := sstable.NewReader(ctx, readable, options)
	if err != nil {
		return err // it has closed the file
	}
	defer r.Close()
	return r.ValidateBlockChecksums()
}
