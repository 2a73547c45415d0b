package storage

import (
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// migratedAtOnce is how many records migrate works out together; less in tests.
var migratedAtOnce = 2000

// migrate brings a ledger of an older format to the present one. All beside the
// log and its tree is worked out from the log again. The HEAD file says so last:
// where this is cut short it begins anew.
//
//	1  the index of items has blocks without parts, of bare places in the log;
//	   there are no totals, and no indexes by party, text and day
//	2  there are no sums of sources
//	3  citations are not by kind, and the index of items has no names of transfers
func (l *Ledger) migrate(tell func(done, records int64)) error {
	ctx := context.Background()
	if err := l.iterators.close(); err != nil { // they would not see what is written here
		return err
	}
	defer l.iterators.open()
	wipe := l.db.NewBatch()
	defer wipe.Close()
	for _, r := range [][2]byte{{tagName, tagTile}} {
		if err := wipe.DeleteRange(r[:1], r[1:], nil); err != nil {
			return err
		}
	}
	if err := l.db.Apply(wipe, pebble.NoSync); err != nil {
		return err
	}
	l.lots = seenLots{}
	if err := l.readIndexes(); err != nil {
		return err
	}
	var chunk []trace.Entry
	flush := func() error {
		records := make([]preparedRecord, len(chunk))
		var arena []byte
		for i, e := range chunk {
			records[i] = prepareRecord(e.Record, &arena)
		}
		w := l.newWriter(ctx, records)
		defer w.release()
		w.grown = true
		if len(chunk) > 0 {
			w.first = chunk[0].Seq
		}
		if err := errors.Join(w.gather(), w.write()); err != nil {
			return err
		}
		if tell != nil && len(chunk) > 0 {
			tell(chunk[len(chunk)-1].Seq+1, l.tree.size)
		}
		chunk = chunk[:0]
		w.learn(l.tree.size)
		return l.db.Apply(w.batch, pebble.NoSync)
	}
	for e, err := range l.walk(ctx, l.db, 0) {
		if err != nil {
			return err
		}
		if chunk = append(chunk, e); len(chunk) == migratedAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := l.db.LogData(nil, pebble.Sync); err != nil { // all that was written before is on the disk after this
		return err
	}
	l.names.all = true
	return l.readIndexes()
}
