package storage

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A logWriter writes the log and the tree of a bulk load, whose keys come in their order,
// in a goroutine of its own: what waits for the disk is not to keep the others waiting.
type logWriter struct {
	b       *bulk
	tree    frontier
	records *tables
	leaves  *tables
	key     []byte            // room for one
	tile    []byte            // of the lowest level, the one that is not full
	tiles   map[tileID][]byte // above the lowest level

	next  chan []preparedRecord // nil when no more will come
	ended chan struct{}         // closed when all is written, or not
	err   error                 // good then
}

const logWaits = 8 // pieces of an import that may wait for the log

func (b *bulk) newLogWriter(tree frontier) *logWriter {
	w := &logWriter{
		b: b, tree: tree, records: b.newTables("log", asDatabase), leaves: b.newTables("leaves", quickly), tiles: map[tileID][]byte{},
		next: make(chan []preparedRecord, logWaits), ended: make(chan struct{}),
	}
	go w.write(w.next)
	return w
}

func (w *logWriter) write(next <-chan []preparedRecord) {
	defer close(w.ended)
	for records := range next {
		for i := range records {
			if w.err == nil {
				w.err = w.add(&records[i])
			}
		}
		if w.err != nil {
			w.b.fail(w.err)
		}
	}
}

// end waits until what came is written.
func (w *logWriter) end() error {
	if w.next != nil {
		close(w.next)
		w.next = nil
	}
	<-w.ended
	return w.err
}

// add writes a record into the log and the tree.
func (w *logWriter) add(p *preparedRecord) (err error) {
	seq := w.tree.size
	w.tree.add(p.leaf, func(level int, n int64, h tlog.Hash) {
		if level > 0 {
			id := tileID{level, n >> tileHeight}
			w.tiles[id] = append(w.tiles[id], h[:]...)
			return
		}
		w.tile = append(w.tile, h[:]...)
		if full := n&(1<<tileHeight-1) == 1<<tileHeight-1; full && err == nil {
			err = w.leaf(n >> tileHeight)
		}
	})
	if err == nil {
		w.key = appendLogKey(w.key[:0], seq)
		err = w.records.set(w.key, p.encoded)
	}
	return err
}

// leaf writes the n-th tile of the lowest level. One that the ledger began is gone on with.
func (w *logWriter) leaf(n int64) error {
	hashes := w.tile
	w.tile = w.tile[:0]
	if len(hashes) < tlog.HashSize<<tileHeight && n<<tileHeight < w.b.from {
		return w.leaves.merge(tileKey(0, n), hashes)
	}
	return w.leaves.set(tileKey(0, n), hashes)
}

// finish ends the tables of the log and the tree, when all is written.
func (w *logWriter) finish() error {
	if len(w.tile) > 0 {
		if err := w.leaf(w.tree.size >> tileHeight); err != nil {
			return err
		}
	}
	above := slices.SortedFunc(maps.Keys(w.tiles), func(x, y tileID) int { return cmp.Or(cmp.Compare(x.level, y.level), cmp.Compare(x.n, y.n)) })
	for _, id := range above {
		var err error
		if begun := id.n << (tileHeight * (id.level + 1)); begun < w.b.from {
			err = w.leaves.merge(tileKey(id.level, id.n), w.tiles[id])
		} else {
			err = w.leaves.set(tileKey(id.level, id.n), w.tiles[id])
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(w.records.finish(), w.leaves.finish())
}

// abandon ends the tables without regard to what becomes of them.
func (w *logWriter) abandon() {
	w.end()
	w.records.abandon()
	w.leaves.abandon()
}
