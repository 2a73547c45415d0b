package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// A tileID says which tile of the tree.
type tileID struct {
	level int
	n     int64
}

// A writer puts records and all that finds them into one batch, in the order of the keys
// of each index: the database takes them in three quarters of the time so.
type writer struct {
	l       *Ledger
	ctx     context.Context
	records []preparedRecord
	first   int64 // place of the first record
	crew    *crew
	parts   []*part // by worker, nil for those that did not begin
	batch   *pebble.Batch
	touched [][]byte                   // keys of lots, without a tag, of which blocks are written
	voided  map[trace.Ref]voidedRecord // by corrections of this batch
	gains   []sourceGain
	tree    frontier // with the records
	head    Head     // of the tree
	grown   bool     // the tree had them already
}

// A part is what one worker does of a batch.
type part struct {
	w     *writer
	run   *keyRun
	x     indexer
	join  *joiner
	batch *pebble.Batch // of the indexes that it joins, or of the log

	names *nameReader
	arena []byte
	known bool // some record was in the log: what finds the others is worked out anew
}

// parts keeps the room that parts take.
var parts = sync.Pool{New: func() any { return new(part) }}

// part returns the part of a worker, which alone uses it in a stage.
func (w *writer) part(worker int) *part {
	if w.parts[worker] == nil {
		p := parts.Get().(*part)
		p.w, p.run, p.join, p.names, p.batch = w, newKeyRun(), joiners.Get().(*joiner), &w.l.names.readers[worker], w.l.db.NewBatch()
		p.run.known = &w.l.lots
		w.parts[worker] = p
	}
	return w.parts[worker]
}

func (p *part) release() {
	if p.batch != nil {
		p.batch.Close()
	}
	keyRuns.Put(p.run)
	joiners.Put(p.join)
	*p = part{x: p.x, arena: p.arena[:0]}
	parts.Put(p)
}

// newWriter begins a batch of records, of which it looks at the records alone.
func (l *Ledger) newWriter(ctx context.Context, records []preparedRecord) *writer {
	workers := partsOf(len(records))
	l.readersOf(workers)
	return &writer{l: l, ctx: ctx, records: records, first: l.tree.size, voided: voidsIn(records),
		crew: newCrew(workers), parts: make([]*part, workers), tree: l.tree.clone()}
}

// gather works out what finds the records.
func (w *writer) gather() error {
	return w.share(func(p *part, i int) error { return p.add(w.records[i].record, i) })
}

// share calls f for each record.
func (w *writer) share(f func(p *part, i int) error) error {
	n := len(w.records)
	return w.crew.do(n, max(8, n/(16*w.crew.size)), func(worker, from, to int) error {
		p := w.part(worker)
		p.run.goOn(from)
		for i := from; i < to; i++ {
			if err := f(p, i); err != nil {
				return err
			}
		}
		return nil
	})
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
	if err := p.x.each(r, seq, p.run.put); err != nil {
		return err
	}
	return p.voids(r, i)
}

// write writes all that the records call for: the log, and one index beside the other.
func (w *writer) write() error {
	w.part(0) // also where there are no records
	var gathered []*keyRun
	for _, p := range w.parts {
		if p != nil {
			gathered = append(gathered, p.run)
		}
	}
	set, tasks := newRunSet(gathered...), w.tasks(gathered)
	err := w.crew.do(len(tasks), 1, func(worker, from, _ int) error {
		switch p := w.part(worker); tasks[from] {
		case tagLog:
			return errors.Join(p.writeRecords(), p.grow())
		case tagSource:
			return p.writeSources()
		default:
			return p.index(set, tasks[from])
		}
	})
	w.crew.end()
	if err != nil {
		return err
	}
	for _, p := range w.parts {
		switch {
		case p == nil:
		case w.batch == nil:
			w.batch, p.batch = p.batch, nil
		default:
			if err := w.batch.Apply(p.batch, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// tasks returns tags that stand for what is to be written: that of the log, that of
// sources, and those of the indexes that something was gathered for. What takes long
// comes first.
func (w *writer) tasks(gathered []*keyRun) []byte {
	n := len(w.records)
	takes := [tagTile]int{tagLog: 3*n + 1, tagSource: 2 * n} // the log always, for the head
	tags := make([]byte, 0, 16)
	for tag := range takes {
		for _, r := range gathered {
			takes[tag] += len(r.at[tag])
		}
		if takes[tag] > 0 {
			tags = append(tags, byte(tag))
		}
	}
	slices.SortFunc(tags, func(a, b byte) int { return cmp.Or(cmp.Compare(takes[b], takes[a]), cmp.Compare(a, b)) })
	return tags
}

// writeSources writes how many records each source has, and looks what that adds to.
func (p *part) writeSources() error {
	sums := newKeyRun()
	defer keyRuns.Put(sums)
	for i := range p.w.records {
		sums.addDay(p.w.records[i].record)
	}
	counts, err := sums.cells()
	if err != nil {
		return err
	}
	for _, c := range counts {
		if err := sums.sum(c.Source, c.Records); err != nil {
			return err
		}
	}
	p.w.gains = p.w.l.sources.gains(counts)
	set := newRunSet(sums)
	return errors.Join(p.index(set, tagSource), p.index(set, tagSourceSum))
}

// index writes the keys of an index.
func (p *part) index(of *runSet, tag byte) error {
	merge := func(key, value []byte) error { return p.batch.Merge(key, value, nil) }
	if tag == tagSpan {
		w := p.w
		w.touched = make([][]byte, 0, len(w.records))
		merge = func(key, value []byte) error {
			lot := lotOf(key)
			if n := len(w.touched); n == 0 || !bytes.Equal(lot, w.touched[n-1]) {
				w.touched = append(w.touched, lot)
			}
			return p.block(key, value)
		}
	}
	return p.join.each(of, tag, func(key, value []byte) error { return p.batch.Set(key, value, nil) }, merge)
}

// block writes entries of a block. Key is that of its first part, and is changed.
func (p *part) block(key, value []byte) error {
	write := func(epoch uint16, entries []byte) error {
		binary.BigEndian.PutUint16(key[len(key)-epochSuffix:], epoch)
		return p.batch.Merge(key, entries, nil)
	}
	now, from := uint16(0), 0
	for rest := value; len(rest) > 0; {
		at := len(value) - len(rest)
		var err error
		if _, rest, err = cutEntry(rest); err != nil {
			return err
		}
		epoch, grew := p.w.l.epochs.next(key)
		if grew {
			if err := p.batch.Set(grownKey(key), binary.AppendUvarint(nil, uint64(epoch)), nil); err != nil {
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

// writeRecords writes the records.
func (p *part) writeRecords() error {
	w := p.w
	var key []byte
	for i := range w.records {
		key = appendLogKey(key[:0], w.first+int64(i))
		if err := p.batch.Set(key, w.records[i].encoded, nil); err != nil {
			return err
		}
	}
	return nil
}

// grow adds the hashes of the records to the tree, and writes them.
func (p *part) grow() error {
	w := p.w
	if w.grown {
		return nil
	}
	var open []openTile // the last one of each level
	var errs []error
	write := func(level int) {
		if t := &open[level]; len(t.hashes) > 0 {
			errs = append(errs, p.batch.Merge(tileKey(level, t.n), t.hashes, nil))
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
	for _, p := range w.parts {
		if p != nil {
			w.l.lots.learn(p.run.seen)
		}
	}
	w.l.sources.join(size, w.gains)
	w.l.corrected.learn(w.voided)
}

// take returns the batch, which whoever asks is to close.
func (w *writer) take() *pebble.Batch {
	batch := w.batch
	w.batch = nil
	return batch
}

// release gives back what the writer used, which is not used again.
func (w *writer) release() {
	w.crew.end()
	if w.batch != nil {
		w.batch.Close()
	}
	for _, p := range w.parts {
		if p != nil {
			p.release()
		}
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
