package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// A bulk load writes very many records as tables of sorted keys, which the
// database takes over in one step, all or none. What finds the records is sorted
// outside of memory, in files of its own in the ledger's folder:
//
//	records come in order, many at a time, and are given their places;
//	their log and the lowest tiles of the tree are sorted as they come, and go
//	into tables at once, in a goroutine of their own;
//	the rest goes into sorted runs, several at a time;
//	to commit, the runs are read together and written as tables, too, an index
//	or a part of one beside the other.
//
// Until then nothing is seen, and what a crash leaves is removed when the ledger
// is opened again.

const (
	stagingFolder  = "staging"
	stagingFolder2 = "staging.2" // of a load that is done again, see without
	tableBytes     = 64 << 20    // of a table, about
	stagingCache   = 32 << 20
)

var (
	runRecords  = 1 << 16 // records of a run; less in tests
	maxRuns     = 512     // that are read together, times the logarithm of how many there are; less in tests
	voidsAtOnce = 1 << 20 // corrections that are looked into together; less in tests
)

// A bulk is a bulk load. It implements [trace.Bulk].
type bulk struct {
	l     *Ledger
	ctx   context.Context
	dir   string     // staging folder
	read  *pebble.DB // the log of this load, once it is whole
	log   *logWriter
	from  int64 // places before are in the ledger already
	done  trace.Appended
	names []string // of tables that are finished

	waiting []preparedRecord // records for the next run
	first   int64            // the place of the first of them

	running   sync.WaitGroup
	slots     chan struct{}
	mu        sync.Mutex
	failed    error
	conflicts []trace.Conflict
	rooms     chan *runRoom // where runs are gathered, one for each that is sorted at a time
	runs      []*runFile    // what finds the records
	counts    sourceCounts  // of the runs that are sorted
	closed    bool
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
	if l.tree.size > 0 { // every record will be looked up
		if err := l.writeNames(); err != nil {
			return nil, err
		}
	}
	b := &bulk{l: l, ctx: ctx, dir: l.fs.PathJoin(l.dir, folder), from: l.tree.size, first: l.tree.size,
		counts: sourceCounts{}, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	b.rooms = make(chan *runRoom, cap(b.slots))
	if err := errors.Join(l.fs.RemoveAll(b.dir), l.fs.MkdirAll(b.dir, 0o755)); err != nil {
		return nil, l.fault(err)
	}
	for range cap(b.slots) {
		b.rooms <- newRunRoom()
	}
	b.log = b.newLogWriter(l.tree.clone())
	return b, nil
}

// openDatabase makes a database of the load, of which nothing is to be left.
func (b *bulk) openDatabase(folder string) (*pebble.DB, error) {
	o := &pebble.Options{
		FS: b.l.fs, Merger: newMerger(func([]byte, int) {}), FormatMajorVersion: pebble.FormatValueSeparation,
		CacheSize: stagingCache, DisableWAL: true, DisableAutomaticCompactions: true, Logger: quiet{},
		L0StopWritesThreshold: math.MaxInt32, MemTableSize: 1 << 20,
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	for i := range o.Levels {
		o.Levels[i].BlockSize = 32 << 10
	}
	return pebble.Open(b.l.fs.PathJoin(b.dir, folder), o)
}

// quiet is a logger of a database whose errors reach the caller.
type quiet struct{}

func (quiet) Infof(string, ...any) {}

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
func (b *bulk) Prepare(records []*trace.Record, places []int64) (_ any, err error) {
	p := &prepared{records: make([]preparedRecord, 0, len(records))}
	names := nameReader{l: b.l}
	defer func() { err = errors.Join(err, names.close()) }()
	arena := make([]byte, 0, 96*len(records))
	for i, r := range records {
		if b.from > 0 {
			seq, err := names.place(names.hash(r))
			if err != nil {
				return nil, err
			}
			if seq >= 0 {
				if err := b.known(p, r, places[i], seq); err != nil {
					return nil, err
				}
				continue
			}
		}
		prepared := prepareRecord(r, &arena)
		prepared.place = places[i]
		p.records = append(p.records, prepared)
	}
	return p, nil
}

// known counts a record whose name is at a place in the ledger.
func (b *bulk) known(p *prepared, r *trace.Record, place, seq int64) error {
	old, err := b.l.entry(seq)
	switch {
	case err != nil:
		return err
	case bytes.Equal(old.Record.Canonical, r.Canonical):
		p.duplicate++
	default:
		p.conflicts = append(p.conflicts, trace.Conflict{Place: place, Record: r, Old: old.Record, OldPlace: -1})
	}
	return nil
}

var errLoadClosed = errors.New("storage: the bulk load is closed: nothing more can be added to it")

// Add implements [trace.Bulk].
func (b *bulk) Add(preparedRecords any) error {
	if b.closed {
		return errLoadClosed
	}
	p := preparedRecords.(*prepared)
	b.done.Duplicate += p.duplicate
	b.mu.Lock()
	b.conflicts = append(b.conflicts, p.conflicts...)
	b.mu.Unlock()
	b.done.Accepted += int64(len(p.records))
	b.log.next <- p.records
	for i := range p.records {
		b.waiting = append(b.waiting, p.records[i])
		if len(b.waiting) == runRecords {
			if err := b.run(); err != nil {
				return b.l.fault(err)
			}
		}
	}
	return nil
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
	if err = errors.Join(err, b.fault()); err != nil {
		return trace.Appended{}, nil, err
	}
	if len(b.conflicts) > 0 && !proceed {
		return trace.Appended{}, b.conflicts, nil
	}
	if b.done.Accepted == 0 {
		return b.done, b.conflicts, nil
	}
	x, err := b.newIndexing()
	if err != nil {
		return trace.Appended{}, nil, err
	}
	again, duplicates, err := x.write(proceed)
	switch {
	case err != nil:
		return trace.Appended{}, nil, err
	case len(b.conflicts) > 0 && !proceed:
		return trace.Appended{}, b.conflicts, nil
	case len(again) > 0:
		return b.without(again, duplicates, proceed)
	}
	return b.done, b.conflicts, b.ingest(&x.learned)
}

// readLog ends the tables of the log and the tree, and makes the log readable. It
// has a database of its own until it is in the ledger's.
func (b *bulk) readLog() error {
	if err := errors.Join(b.log.end(), b.log.finish()); err != nil {
		return err
	}
	var links []string
	for _, path := range b.log.records.done {
		link := path + ".link"
		if err := b.l.fs.Link(path, link); err != nil {
			return err
		}
		links = append(links, link)
	}
	var err error
	if b.read, err = b.openDatabase("log"); err != nil {
		return err
	}
	return b.read.Ingest(b.ctx, links)
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
	for range cap(b.rooms) {
		keyRuns.Put((<-b.rooms).keyRun)
	}
	b.log.abandon()
	var err error
	for _, r := range b.runs {
		err = errors.Join(err, r.f.Close())
	}
	if b.read != nil {
		err = errors.Join(err, b.read.Close())
	}
	return errors.Join(err, b.l.fs.RemoveAll(b.dir))
}
