package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// A tileID says which tile of the tree.
type tileID struct {
	level int
	n     int64
}

// A writer puts records and all that finds them into one batch, in the order of
// keys: the database takes them in half the time so. What finds them is worked out
// in parts, at once.
type writer struct {
	l       *Ledger
	ctx     context.Context
	records []preparedRecord
	first   int64 // place of the first record
	parts   []*part
	batch   *pebble.Batch              // what finds the records
	touched [][]byte                   // keys of lots, without a tag, of which blocks are written
	voided  map[trace.Ref]voidedRecord // by corrections of this batch

	log   sync.Once
	logs  *pebble.Batch // the records and their hashes
	tree  frontier      // with the records
	head  Head          // of the tree
	grown bool          // the tree had them already
	err   error         // of log
}

// A part is what one processor works out of a batch.
type part struct {
	w     *writer
	run   *sortedRun
	x     indexer
	gains []sourceGain

	names *nameReader
	arena []byte
	known bool // some record was in the log: what finds the others is worked out anew
}

// parts keeps the room that parts take.
var parts = sync.Pool{New: func() any { return new(part) }}

func (w *writer) newPart(names *nameReader) *part {
	p := parts.Get().(*part)
	*p = part{w: w, run: newSortedRun(), x: p.x, names: names, arena: p.arena[:0]}
	p.run.known = &w.l.lots
	return p
}

func (p *part) release() {
	sortedRuns.Put(p.run)
	*p = part{x: p.x, arena: p.arena}
	parts.Put(p)
}

// newWriter begins a batch of records, of which it looks at the records alone.
func (l *Ledger) newWriter(ctx context.Context, records []preparedRecord) *writer {
	return &writer{l: l, ctx: ctx, records: records, first: l.tree.size, voided: voidsIn(records),
		batch: l.db.NewBatch(), logs: l.db.NewBatch(), tree: l.tree.clone()}
}

// gather works out what finds the records.
func (w *writer) gather() error {
	return w.share(func(p *part, i int) error { return p.add(w.records[i].record, i) })
}

// share calls f for each record, on all processors where there are many, each with a
// part of its own. They take a few at a time: one that is busy otherwise, and comes late
// or not at all, keeps nobody waiting. Another processor than that of who calls share
// goes on with the log, if the records are ready when its part is.
func (w *writer) share(f func(p *part, i int) error) error {
	n := len(w.records)
	all := make([]*part, partsOf(n))
	few := max(8, n/(16*len(all)))
	readers := w.l.readersOf(len(all))
	errs := make([]error, len(all))
	var next, ready atomic.Int64
	work := func(k int) {
		p := w.newPart(&readers[k])
		all[k] = p
		for errs[k] == nil {
			to := int(next.Add(int64(few)))
			if to >= n+few {
				break
			}
			p.run.goOn(to - few)
			for i := to - few; i < min(to, n) && errs[k] == nil; i++ {
				errs[k] = f(p, i)
			}
			if errs[k] == nil {
				ready.Add(int64(min(to, n) - (to - few)))
			}
		}
		if errs[k] == nil {
			errs[k] = p.finish()
		}
	}
	others := make([]sync.Once, len(all)-1)
	for k := range others {
		go func() {
			goOn := false
			others[k].Do(func() {
				work(k + 1)
				goOn = !all[k+1].known && ready.Load() == int64(n)
			})
			if goOn {
				w.writeLog()
			}
		}()
	}
	work(0)
	for k := range others {
		others[k].Do(func() {}) // waits for who began, and lets nobody begin
	}
	for _, p := range all {
		if p != nil {
			w.parts = append(w.parts, p)
		}
	}
	return errors.Join(errs...)
}

var partRecords = 32 // of a part on average at least; less in tests

// partsOf returns in how many parts records are best worked on.
func partsOf(n int) int {
	return max(1, min(runtime.GOMAXPROCS(0), n/partRecords))
}

// add works out what finds the i-th record of the batch.
func (p *part) add(r *trace.Record, i int) error {
	if i%1000 == 0 {
		if err := p.w.ctx.Err(); err != nil {
			return err
		}
	}
	seq := p.w.first + int64(i)
	p.run.days.add(r)
	if err := p.x.each(r, seq, p.run.put); err != nil {
		return err
	}
	return p.voids(r, i)
}

// finish adds what the records have in common, and sorts all.
func (p *part) finish() error {
	counts, err := p.run.cells()
	if err != nil {
		return err
	}
	p.gains = p.w.l.sources.gains(counts)
	for _, c := range counts {
		if err := p.run.sum(c.Source, c.Records); err != nil {
			return err
		}
	}
	p.run.sort()
	return nil
}

// index writes what finds the records.
func (w *writer) index() error {
	runs := make([]*sortedRun, len(w.parts))
	for i, p := range w.parts {
		runs[i] = p.run
	}
	w.touched = make([][]byte, 0, len(w.records))
	return eachOf(runs,
		func(key, value []byte) error { return w.batch.Set(key, value, nil) },
		func(key, value []byte) error {
			if key[0] != tagSpan {
				return w.batch.Merge(key, value, nil)
			}
			lot := lotOf(key)
			if n := len(w.touched); n == 0 || !bytes.Equal(lot, w.touched[n-1]) {
				w.touched = append(w.touched, lot)
			}
			return w.block(key, value)
		})
}

// block writes entries of a block. Key is that of its first part, and is changed.
func (w *writer) block(key, value []byte) error {
	write := func(epoch uint16, entries []byte) error {
		binary.BigEndian.PutUint16(key[len(key)-epochSuffix:], epoch)
		return w.batch.Merge(key, entries, nil)
	}
	now, from := uint16(0), 0
	for rest := value; len(rest) > 0; {
		at := len(value) - len(rest)
		var err error
		if _, rest, err = cutEntry(rest); err != nil {
			return err
		}
		epoch, grew := w.l.epochs.next(key)
		if grew {
			if err := w.batch.Set(grownKey(key), binary.AppendUvarint(nil, uint64(epoch)), nil); err != nil {
				return err
			}
		}
		if epoch != now && at > from {
			if err := write(now, value[from:at]); err != nil {
				return err
			}
			from = at
		}
		now = epoch
	}
	return write(now, value[from:])
}

// writeLog writes the records and their hashes, once.
func (w *writer) writeLog() error {
	w.log.Do(func() { w.err = errors.Join(w.writeRecords(), w.grow()) })
	return w.err
}

func (w *writer) writeRecords() error {
	var key []byte
	for i := range w.records {
		key = appendLogKey(key[:0], w.first+int64(i))
		if err := w.logs.Set(key, w.records[i].encoded, nil); err != nil {
			return err
		}
	}
	return nil
}

// grow adds the hashes of the records to the tree, and writes them.
func (w *writer) grow() error {
	if w.grown {
		return nil
	}
	var open []openTile // the last one of each level
	var errs []error
	write := func(level int) {
		if t := &open[level]; len(t.hashes) > 0 {
			errs = append(errs, w.logs.Merge(tileKey(level, t.n), t.hashes, nil))
			t.hashes = t.hashes[:0]
		}
	}
	for i := range w.records {
		w.tree.add(w.records[i].leaf, func(level int, n int64, h tlog.Hash) {
			if level == len(open) {
				open = append(open, openTile{hashes: make([]byte, 0, len(h)*min(1<<tileHeight, len(w.records)>>(level*tileHeight)+1))})
			}
			if n >>= tileHeight; n != open[level].n {
				write(level)
				open[level].n = n
			}
			open[level].hashes = append(open[level].hashes, h[:]...)
		})
	}
	for level := range open {
		write(level)
	}
	w.head = w.tree.head()
	return errors.Join(errs...)
}

// An openTile is hashes that are to be written to a tile.
type openTile struct {
	n      int64
	hashes []byte
}

// learn tells the ledger what was written to a log that is of the size now.
func (w *writer) learn(size int64) {
	var gains []sourceGain
	for _, p := range w.parts {
		w.l.lots.learn(p.run.seen)
		gains = append(gains, p.gains...)
	}
	w.l.sources.join(size, gains)
	w.l.corrected.learn(w.voided)
}

// write joins all in one batch.
func (w *writer) write() error {
	return errors.Join(w.index(), w.writeLog(), w.batch.Apply(w.logs, nil))
}

// take returns the batch, which whoever asks is to close.
func (w *writer) take() *pebble.Batch {
	batch := w.batch
	w.batch = nil
	return batch
}

// release gives back what the writer used, which is not used again.
func (w *writer) release() {
	w.log.Do(func() {}) // waits for who began, and lets nobody begin
	w.logs.Close()
	if w.batch != nil {
		w.batch.Close()
	}
	for _, p := range w.parts {
		p.release()
	}
	w.parts = nil
}

// seenLots are the keys of lots that are known to be in the index, so that not
// every record writes the key of its lot again.
type seenLots struct{ known map[string]struct{} }

const maxSeenLots = 1 << 18

func (s *seenLots) has(key []byte) bool {
	_, ok := s.known[string(key)]
	return ok
}

func (s *seenLots) learn(keys map[string]struct{}) {
	if s.known == nil || len(s.known)+len(keys) > maxSeenLots {
		s.known = make(map[string]struct{}, len(keys))
	}
	for key := range keys {
		s.known[key] = struct{}{}
	}
}
