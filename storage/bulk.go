package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// A bulk load writes very many records as tables of sorted keys, which the
// database takes over in one step, all or none. What finds the records is sorted
// outside of memory, in a database of its own in the ledger's folder:
//
//	records come in order, many at a time, and are given their places;
//	their log and the lowest tiles of the tree are sorted as they come, and go
//	into tables at once;
//	the rest goes into sorted runs, which the staging database takes in;
//	to commit, the runs are read together and written as tables, too.
//
// Until then nothing is seen, and what a crash leaves is removed when the ledger
// is opened again.

const (
	stagingFolder  = "staging"
	stagingFolder2 = "staging.2" // of a load that is done again, see without
	tableBytes     = 64 << 20    // of a table, about
	stagingCache   = 32 << 20
	maxCells       = 1 << 17 // of the histogram of records, in memory
)

var runRecords = 1 << 15 // records of a run; less in tests

// A bulk is a bulk load. It implements [trace.Bulk].
type bulk struct {
	l      *Ledger
	ctx    context.Context
	dir    string // staging folder
	stage  *pebble.DB
	tree   frontier
	from   int64               // places before are in the ledger already
	cells  map[sourceDay]int64 // that the staging database has not taken yet
	counts map[string]trace.SourceCount
	done   trace.Appended
	names  []string // of tables that are finished
	log    *tables
	leaves *tables
	tiles  map[tileID][]byte // those that are not full, and all above the lowest level

	waiting []preparedRecord // records for the next run
	first   int64            // the place of the first of them

	running   sync.WaitGroup
	slots     chan struct{}
	mu        sync.Mutex
	failed    error
	conflicts []trace.Conflict
	closed    bool
}

// A preparedRecord is what can be worked out of a record without its place.
type preparedRecord struct {
	record  *trace.Record
	place   int64 // as the caller names it
	encoded []byte
	leaf    tlog.Hash
}

type prepared struct {
	records   []preparedRecord
	duplicate int64
	conflicts []trace.Conflict
}

// Bulk begins a bulk load, see [trace.Bulk]. Nothing else is appended meanwhile.
func (l *Ledger) Bulk(ctx context.Context) (trace.Bulk, error) {
	l.mu.Lock()
	b, err := l.newBulk(ctx, stagingFolder)
	if err != nil {
		l.mu.Unlock()
		return nil, err
	}
	return b, nil
}

func (l *Ledger) newBulk(ctx context.Context, folder string) (*bulk, error) {
	if err := l.writable(ctx); err != nil {
		return nil, err
	}
	if err := l.checkSpace(0); err != nil {
		return nil, err
	}
	b := &bulk{l: l, ctx: ctx, dir: l.fs.PathJoin(l.dir, folder), tree: l.tree.clone(), from: l.tree.size, first: l.tree.size,
		cells: map[sourceDay]int64{}, counts: map[string]trace.SourceCount{}, tiles: map[tileID][]byte{}, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	if err := errors.Join(l.fs.RemoveAll(b.dir), l.fs.MkdirAll(b.dir, 0o755)); err != nil {
		return nil, l.fault(err)
	}
	o := &pebble.Options{
		FS: l.fs, Merger: newMerger(func([]byte, int) {}), FormatMajorVersion: pebble.FormatValueSeparation,
		CacheSize: stagingCache, DisableWAL: true, DisableAutomaticCompactions: true, Logger: quiet{},
		L0StopWritesThreshold: math.MaxInt32, MemTableSize: 1 << 20,
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	for i := range o.Levels {
		o.Levels[i].BlockSize = 32 << 10
	}
	var err error
	if b.stage, err = pebble.Open(l.fs.PathJoin(b.dir, dbFolder), o); err != nil {
		return nil, l.fault(errors.Join(err, l.fs.RemoveAll(b.dir)))
	}
	b.log, b.leaves = b.newTables("log"), b.newTables("leaves")
	return b, nil
}

// quiet is a logger of a database whose errors reach the caller.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	panic(fmt.Errorf(format, args...))
}

// removeStaging removes what a bulk load left that was cut short.
func (l *Ledger) removeStaging() error {
	var errs []error
	for _, folder := range []string{stagingFolder, stagingFolder2} {
		name := l.fs.PathJoin(l.dir, folder)
		if _, err := l.fs.Stat(name); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, l.fs.RemoveAll(name))
		}
	}
	return errors.Join(errs...)
}

// Prepare implements [trace.Bulk].
func (b *bulk) Prepare(records []*trace.Record, places []int64) (any, error) {
	p := &prepared{records: make([]preparedRecord, 0, len(records))}
	var arena []byte
	for i, r := range records {
		if b.from > 0 {
			old, err := b.l.Get(r.Ref())
			switch {
			case errors.Is(err, trace.ErrNotFound):
			case err != nil:
				return nil, err
			case bytes.Equal(old.Record.Canonical, r.Canonical):
				p.duplicate++
				continue
			default:
				p.conflicts = append(p.conflicts, trace.Conflict{Place: places[i], Record: r, Old: old.Record, OldPlace: -1})
				continue
			}
		}
		from := len(arena)
		if arena == nil {
			arena = make([]byte, 0, 96*len(records))
		}
		arena = encodeRecord(arena, r)
		p.records = append(p.records, preparedRecord{r, places[i], arena[from:len(arena):len(arena)], tlog.RecordHash(r.Canonical)})
	}
	return p, nil
}

// Add implements [trace.Bulk].
func (b *bulk) Add(preparedRecords any) error {
	p := preparedRecords.(*prepared)
	b.done.Duplicate += p.duplicate
	b.mu.Lock()
	b.conflicts = append(b.conflicts, p.conflicts...)
	b.mu.Unlock()
	for i := range p.records {
		if err := b.add(&p.records[i]); err != nil {
			return b.l.fault(err)
		}
		b.waiting = append(b.waiting, p.records[i])
		if len(b.waiting) == runRecords {
			if err := b.run(); err != nil {
				return b.l.fault(err)
			}
		}
	}
	return nil
}

// add writes a record into the log and the tree.
func (b *bulk) add(p *preparedRecord) (err error) {
	seq := b.tree.size
	b.tree.add(p.leaf, func(level int, n int64, h tlog.Hash) {
		id := tileID{level, n >> tileHeight}
		tile := append(b.tiles[id], h[:]...)
		b.tiles[id] = tile
		if full := n&(1<<tileHeight-1) == 1<<tileHeight-1; full && level == 0 && err == nil {
			err = b.leaf(id, tile)
			delete(b.tiles, id)
		}
	})
	if err == nil {
		err = b.log.set(logKey(seq), p.encoded)
	}
	b.done.Accepted++
	b.cells[sourceDay{p.record.Source, p.record.Known()}]++
	if err == nil && len(b.cells) >= maxCells {
		err = b.sources()
	}
	return err
}

// leaf writes a tile of the lowest level. One that the ledger began is gone on with.
func (b *bulk) leaf(id tileID, hashes []byte) error {
	if len(hashes) < tlog.HashSize<<tileHeight && id.n<<tileHeight < b.from {
		return b.leaves.merge(tileKey(id.level, id.n), hashes)
	}
	return b.leaves.set(tileKey(id.level, id.n), hashes)
}

// run sorts what finds the waiting records, in a goroutine of its own.
func (b *bulk) run() error {
	b.mu.Lock()
	err := b.failed
	b.mu.Unlock()
	if err == nil {
		err = b.ctx.Err()
	}
	if err != nil || len(b.waiting) == 0 {
		return err
	}
	if err := b.l.checkSpace(0); err != nil {
		return err
	}
	records, first := b.waiting, b.first
	b.waiting, b.first = make([]preparedRecord, 0, runRecords), b.tree.size
	b.slots <- struct{}{}
	b.running.Go(func() {
		defer func() { <-b.slots }()
		if err := b.sortRun(records, first); err != nil {
			b.mu.Lock()
			if b.failed == nil {
				b.failed = err
			}
			b.mu.Unlock()
		}
	})
	return nil
}

// sortRun writes what finds the records, the first of which is at a place, as one
// table, and has the staging database take it.
func (b *bulk) sortRun(records []preparedRecord, first int64) error {
	r := newSortedRun()
	defer sortedRuns.Put(r)
	var x indexer
	for i := range records {
		seq := first + int64(i)
		p := &records[i]
		err := x.each(p.record, seq, func(k indexKey) error {
			if k.key[0] == tagName { // where it stands, to be told of a second one
				r.value = binary.AppendUvarint(append(r.value[:0], k.value...), uint64(p.place))
				k.value = r.value
			}
			return r.put(k)
		})
		if err != nil {
			return err
		}
		ref := p.record.Ref()
		if b.from == 0 || !b.l.corrected.has(ref) {
			continue
		}
		err = b.l.eachVoiding(b.l.db, ref, func(at int64) error {
			c, err := b.l.entry(at)
			if err != nil {
				return err
			}
			return x.eachVoid(p.record, seq, c.Record, at, r.put)
		})
		if err != nil {
			return err
		}
	}
	return b.take(r, fmt.Sprintf("run-%d", first))
}

// take writes a run and has the staging database take it.
func (b *bulk) take(r *sortedRun, name string) error {
	for key, t := range r.totals {
		r.add([]byte(key), t.append(nil), true)
	}
	path := b.l.fs.PathJoin(b.dir, name)
	t, err := b.newTable(b.stage, path, false)
	if err != nil {
		return err
	}
	if err := r.write(t); err != nil {
		return err
	}
	return b.stage.Ingest(b.ctx, []string{path})
}

// put gathers what finds a record.
func (r *sortedRun) put(k indexKey) error {
	merged := k.merged || k.key[0] == tagName
	switch {
	case k.lot:
		if _, ok := r.seen[string(k.key)]; ok {
			return nil
		}
		r.seen[string(k.key)] = struct{}{}
	case k.merged:
		_, level, number, _ := splitBlockKey(k.key)
		e, _, err := readEntry(k.value, level, number)
		if err != nil {
			return err
		}
		r.totals.add(lotOf(k.key), number, blockAt(level, e.lo), &e)
	}
	r.add(k.key, k.value, merged)
	return nil
}

// write finishes a table of what was gathered.
func (r *sortedRun) write(t *table) error {
	if err := r.each(t.w.Set, t.w.Merge); err != nil {
		t.w.Close()
		return err
	}
	return t.w.Close()
}

// Commit implements [trace.Bulk].
func (b *bulk) Commit(proceed bool) (trace.Appended, []trace.Conflict, error) {
	defer b.Close()
	done, conflicts, err := b.commit(proceed)
	return done, conflicts, b.l.fault(err)
}

func (b *bulk) commit(proceed bool) (trace.Appended, []trace.Conflict, error) {
	err := b.run()
	b.running.Wait()
	if err = errors.Join(err, b.failed); err != nil {
		return trace.Appended{}, nil, err
	}
	if len(b.conflicts) > 0 && !proceed {
		return trace.Appended{}, b.conflicts, nil
	}
	if b.done.Accepted == 0 {
		return b.done, b.conflicts, nil
	}
	if err := b.finishLog(); err != nil {
		return trace.Appended{}, nil, err
	}
	again, duplicates, err := b.twice()
	switch {
	case err != nil:
		return trace.Appended{}, nil, err
	case len(b.conflicts) > 0 && !proceed:
		return trace.Appended{}, b.conflicts, nil
	case len(again) > 0:
		return b.without(again, duplicates, proceed)
	}
	if err := b.voids(); err != nil {
		return trace.Appended{}, nil, err
	}
	learned, err := b.indexes()
	if err != nil {
		return trace.Appended{}, nil, err
	}
	return b.done, b.conflicts, b.ingest(learned)
}

// finishLog ends the tables of the log and the tree, and shows the log to the
// staging database.
func (b *bulk) finishLog() error {
	var lowest, above []tileID
	for id := range b.tiles {
		if id.level == 0 {
			lowest = append(lowest, id)
		} else {
			above = append(above, id)
		}
	}
	for _, id := range lowest { // at most one
		if err := b.leaf(id, b.tiles[id]); err != nil {
			return err
		}
	}
	slices.SortFunc(above, func(x, y tileID) int { return cmp.Or(cmp.Compare(x.level, y.level), cmp.Compare(x.n, y.n)) })
	for _, id := range above {
		var err error
		if begun := id.n << (tileHeight * (id.level + 1)); begun < b.from {
			err = b.leaves.merge(tileKey(id.level, id.n), b.tiles[id])
		} else {
			err = b.leaves.set(tileKey(id.level, id.n), b.tiles[id])
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(b.log.finish(), b.leaves.finish()); err != nil {
		return err
	}
	var links []string
	for _, path := range b.log.done {
		link := path + ".link"
		if err := b.l.fs.Link(path, link); err != nil {
			return err
		}
		links = append(links, link)
	}
	return b.stage.Ingest(b.ctx, links)
}

// twice returns the places of records whose name came before in the same load,
// and how many of them are the same record again.
func (b *bulk) twice() (again map[int64]struct{}, duplicates int64, err error) {
	again = map[int64]struct{}{}
	it, err := b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tagName}, UpperBound: []byte{tagName + 1}})
	if err != nil {
		return nil, 0, err
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, 0, err
		}
		n := numbers{b: value}
		seq, place := int64(n.uvarint()), int64(n.uvarint())
		if len(n.b) == 0 {
			continue
		}
		all := [][2]int64{{seq, place}}
		for len(n.b) > 0 {
			all = append(all, [2]int64{int64(n.uvarint()), int64(n.uvarint())})
		}
		slices.SortFunc(all, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
		old, err := b.staged(all[0][0])
		if err != nil {
			return nil, 0, err
		}
		for _, x := range all[1:] {
			r, err := b.staged(x[0])
			if err != nil {
				return nil, 0, err
			}
			again[x[0]] = struct{}{}
			if bytes.Equal(r.Canonical, old.Canonical) {
				duplicates++
				continue
			}
			b.conflicts = append(b.conflicts, trace.Conflict{Place: x[1], Record: r, Old: old, OldPlace: all[0][1]})
		}
	}
	slices.SortFunc(b.conflicts, func(x, y trace.Conflict) int { return cmp.Compare(x.Place, y.Place) })
	return again, duplicates, it.Error()
}

// staged reads a record of this load.
func (b *bulk) staged(seq int64) (*trace.Record, error) {
	value, closer, err := b.stage.Get(logKey(seq))
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return decodeRecord(value)
}

// without does the load again from its own log, without the records that came
// twice: their places are others' now.
func (b *bulk) without(again map[int64]struct{}, duplicates int64, proceed bool) (trace.Appended, []trace.Conflict, error) {
	b.done.Duplicate += duplicates
	it, err := b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tagLog}, UpperBound: []byte{tagLog + 1}})
	if err != nil {
		return trace.Appended{}, nil, err
	}
	defer it.Close()
	next, err := b.l.newBulk(b.ctx, stagingFolder2)
	if err != nil {
		return trace.Appended{}, nil, err
	}
	defer next.discard()
	var records []*trace.Record
	flush := func() error {
		p, err := next.Prepare(records, make([]int64, len(records)))
		if err != nil {
			return err
		}
		records = records[:0]
		return next.Add(p)
	}
	for it.First(); it.Valid(); it.Next() {
		if _, skip := again[seqOf(it.Key())]; skip {
			continue
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return trace.Appended{}, nil, err
		}
		r, err := decodeRecord(value)
		if err != nil {
			return trace.Appended{}, nil, err
		}
		if records = append(records, r); len(records) == 4096 {
			if err := flush(); err != nil {
				return trace.Appended{}, nil, err
			}
		}
	}
	if err := errors.Join(it.Error(), flush()); err != nil {
		return trace.Appended{}, nil, err
	}
	done, _, err := next.commit(proceed)
	done.Duplicate = b.done.Duplicate
	return done, b.conflicts, err
}

// voids writes that corrections of this load name records, of this load or of
// the ledger.
func (b *bulk) voids() error {
	it, err := b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tagVoided}, UpperBound: []byte{tagVoided + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	var x indexer
	r, runs := newSortedRun(), 0
	for it.First(); it.Valid(); it.Next() {
		text, ok := listedText(it.Key())
		if !ok {
			return errCount
		}
		target, err := b.named(trace.Ref(text))
		if errors.Is(err, trace.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		seq := seqOf(it.Key())
		c, err := b.staged(seq)
		if err != nil {
			return err
		}
		if err := x.eachVoid(target.Record, target.Seq, c, seq, r.put); err != nil {
			return err
		}
		if len(r.at) > 8*runRecords {
			if err := b.take(r, fmt.Sprintf("voids-%d", runs)); err != nil {
				return err
			}
			runs++
			r = newSortedRun()
		}
	}
	if err := it.Error(); err != nil || len(r.at) == 0 {
		return err
	}
	return b.take(r, fmt.Sprintf("voids-%d", runs))
}

// named returns the record of a name, of this load or of the ledger.
func (b *bulk) named(ref trace.Ref) (trace.Entry, error) {
	value, closer, err := b.stage.Get(nameKey(ref))
	if errors.Is(err, pebble.ErrNotFound) {
		return b.l.Get(ref)
	}
	if err != nil {
		return trace.Entry{}, err
	}
	seq, _ := binary.Uvarint(value)
	closer.Close()
	r, err := b.staged(int64(seq))
	return trace.Entry{Seq: int64(seq), Record: r}, err
}

// learned is what the ledger keeps in memory of the indexes.
type learned struct {
	grown     map[string]uint16
	corrected []trace.Ref
}

// indexes reads the runs together and writes them as tables, several parts of
// the indexes at once.
func (b *bulk) indexes() (*learned, error) {
	more := &learned{grown: map[string]uint16{}}
	if err := b.sources(); err != nil {
		return nil, err
	}
	sums := newSortedRun()
	for source, c := range b.counts {
		sums.add(textKey(tagSourceSum, source), binary.AppendUvarint(nil, uint64(c.Records)), true)
	}
	if err := b.take(sums, "sums"); err != nil {
		return nil, err
	}
	tags := []byte{tagSpan, tagParty, tagName, tagDay, tagTotal, tagCited, tagSource, tagLot, tagAbout, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagSourceSum}
	var group sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, tag := range tags {
		group.Go(func() {
			b.slots <- struct{}{}
			defer func() { <-b.slots }()
			out := b.newTables(fmt.Sprintf("index-%02x", tag))
			err := b.index(tag, out, more)
			if err == nil {
				err = out.finish()
			}
			out.abandon()
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			b.names = append(b.names, out.done...)
		})
	}
	group.Wait()
	if failed != nil || len(more.grown) == 0 {
		return more, failed
	}
	out := b.newTables("grown")
	for _, block := range slices.Sorted(maps.Keys(more.grown)) {
		key := append([]byte{tagGrown}, block[1:]...)
		if err := out.set(key, binary.AppendUvarint(nil, uint64(more.grown[block]))); err != nil {
			return nil, err
		}
	}
	err := out.finish()
	b.names = append(b.names, out.done...)
	return more, err
}

// sources has the staging database take what was counted of the histogram of
// records, which may have more cells than memory holds.
func (b *bulk) sources() error {
	r := newSortedRun()
	defer sortedRuns.Put(r)
	for c, n := range b.cells {
		r.add(sourceKey(c.source, c.day), binary.AppendUvarint(nil, uint64(n)), true)
		count(b.counts, c, n)
	}
	clear(b.cells)
	return b.take(r, fmt.Sprintf("sources-%d", b.tree.size))
}

// index writes the part of the indexes whose keys begin with a tag.
func (b *bulk) index(tag byte, out *tables, more *learned) error {
	it, err := b.stage.NewIter(&pebble.IterOptions{LowerBound: []byte{tag}, UpperBound: []byte{tag + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if n++; n%10_000 == 0 {
			if err := b.ctx.Err(); err != nil {
				return err
			}
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		switch tag {
		case tagName:
			_, used := binary.Uvarint(value)
			err = out.set(it.Key(), value[:used])
		case tagSpan:
			err = b.block(it.Key(), value, out, more)
		case tagTotal, tagSource, tagSourceSum:
			err = b.put(out, it.Key(), value)
		case tagVoided:
			text, _ := listedText(it.Key())
			more.corrected = append(more.corrected, trace.Ref(text))
			fallthrough
		default:
			err = out.set(it.Key(), value)
		}
		if err != nil {
			return err
		}
	}
	return it.Error()
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
	if _, err := l.disk.guard(func() error { return l.db.Ingest(context.WithoutCancel(b.ctx), paths) }); err != nil {
		l.failed = err
		return err
	}
	l.tree = b.tree
	l.length.Store(b.tree.size)
	l.sources.join(b.tree.size, b.counts)
	l.corrected.learnRefs(more.corrected)
	for block, last := range more.grown {
		l.epochs.grow(block, last)
	}
	if err := l.advanceHead(); err != nil {
		l.failed = err
		return err
	}
	return nil
}

// Close implements [trace.Bulk].
func (b *bulk) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	err := b.discard()
	b.l.mu.Unlock()
	return b.l.fault(err)
}

// discard removes what is left of the load.
func (b *bulk) discard() error {
	b.running.Wait()
	b.log.abandon()
	b.leaves.abandon()
	return errors.Join(b.stage.Close(), b.l.fs.RemoveAll(b.dir))
}
