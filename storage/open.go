package storage

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/sublot/sublot/trace"
)

// Config says how a ledger is opened. Its zero value suits a ledger of a few
// million records.
type Config struct {
	// CacheBytes is how much memory the cache of what lies on disk may take, a
	// third of it for the index of small lots that were asked about. Zero means
	// 64 MiB.
	CacheBytes int64

	// CachedRecords is how many records are kept as they were read, some 2 KB
	// each, and how many of lots laid out for the next question about them, some
	// 500 bytes more each. Zero means 16,384.
	CachedRecords int

	// ReadOnly refuses to append. Any number of processes may read a ledger at
	// once. While another one writes to it, what is opened is a copy that the
	// other makes when asked, see [Ledger.Shared]. A copy that [Ledger.Backup] made
	// is opened only so.
	ReadOnly bool

	// Aside has what is only read be a copy of the ledger from the beginning, which
	// shares its files, so that nobody has to wait before writing for as long as it is
	// read. Where no copy can be made, such as on a disk that cannot be written to, it
	// changes nothing.
	Aside bool

	// Wait is how long to wait for another process that has the ledger open.
	Wait time.Duration

	// Migrating is called from time to time while a ledger of an older format is brought
	// to the present one, with how many of its records are done. It may be nil.
	Migrating func(done, records int64)

	fs       vfs.FS        // for tests; nil means the disk
	patience time.Duration // for tests; see disk
	spare    int64         // for tests; zero means spareBytes
	memTable int64         // for tests; zero means memTableBytes
}

const (
	dbFolder = "db"
	lockFile = "LOCK"

	defaultCache   = 64 << 20
	defaultRecords = 1 << 14
	memTableBytes  = 64 << 20
	dataBlockBytes = 16 << 10

	// One look into the index of a table finds the block: an index is not cut.
	indexBlockBytes = 256 << 10

	// spareBytes is what must be left on the disk besides what an append writes,
	// for the database to keep house.
	spareBytes = 3 * memTableBytes
)

// A Ledger is a [trace.Ledger] on disk. Its methods may be called by several
// goroutines at once.
type Ledger struct {
	dir     string // of the ledger
	at      string // where the files lie that are used: dir, or a copy in it
	fs      vfs.FS
	disk    *disk
	db      *pebble.DB
	lock    io.Closer
	records cache
	shelf   *trace.Shelf

	spare     int64 // what must be left on the disk
	onDisk    bool  // not in the memory of a test
	readOnly  bool
	shared    bool // read from a copy that another process published
	aside     bool // read from a copy that this one made
	publisher *publisher
	born      int64                // when the ledger was opened, in nanoseconds: names its copies
	slot      slot                 // of the HEAD file, as it was read
	heads     *headWriter          // nil where the ledger is read only
	acked     atomic.Pointer[Head] // the last head that was acknowledged
	closed    atomic.Bool
	corrupt   atomic.Pointer[string] // what the database found damaged while keeping house
	length    atomic.Int64           // records in the log

	mu     sync.Mutex // held while appending
	failed error      // set where an append may be half done in memory
	tree   frontier
	lots   seenLots
	names  recentNames
	epochs epochs
	room   diskRoom
	memory memoryRoom

	sources   sourceTotals
	corrected correctedRefs
	iterators iterators
	blocks    lotBlocks
	kept      keptTiles
}

var _ trace.Ledger = (*Ledger)(nil)

// Open opens the ledger in a folder. A folder that is missing or empty becomes
// a new ledger, unless cfg.ReadOnly; one that holds anything else is refused and
// left as it is. Its errors are [*Error].
func Open(dir string, cfg Config) (*Ledger, error) {
	l := &Ledger{dir: dir, at: dir, fs: cfg.fs, readOnly: cfg.ReadOnly, born: time.Now().UnixNano()}
	if l.fs == nil {
		l.fs, l.onDisk = vfs.Default, true
	}
	if err := l.open(cfg); err != nil {
		l.release()
		return nil, l.fault(err)
	}
	return l, nil
}

func (l *Ledger) open(cfg Config) error {
	if l.spare = cfg.spare; l.spare <= 0 {
		l.spare = spareBytes
	}
	if err := l.checkFolder(); err != nil {
		return err
	}
	if err := l.takeLock(cfg.Wait); err != nil {
		return err
	}
	if err := l.readHead(); err != nil {
		return err
	}
	if cfg.Aside {
		l.stepAside()
	}
	if l.slot.kind == kindCopy && !l.readOnly {
		return &Error{Problem: ReadOnly, Dir: l.dir, Says: "the folder is a backup copy"}
	}
	if err := l.openDatabase(cfg); err != nil {
		return l.databaseFault(err)
	}
	kept := cmp.Or(max(cfg.CachedRecords, 0), defaultRecords)
	l.records.init(kept)
	l.shelf = trace.NewShelf(kept)
	l.names.init()
	l.blocks.init(cfg.cacheBytes() / lotCacheShare)
	if err := l.readLog(); err != nil {
		return err
	}
	if !l.readOnly {
		if err := l.removeStaging(); err != nil {
			return err
		}
	}
	older := l.slot.format < headFormat
	switch {
	case l.readOnly && older:
		return &Error{Problem: OlderFormat, Dir: l.dir, Says: fmt.Sprintf("format %d, this version works with %d", l.slot.format, headFormat)}
	case l.readOnly:
		// The log is longer than the HEAD file says where an append was cut short
		// after its records were safe.
		l.slot.head = l.tree.head()
		l.acked.Store(&l.slot.head)
		return nil
	case older:
		if err := l.migrate(cfg.Migrating); err != nil {
			return err
		}
	}
	f, err := l.fs.OpenReadWrite(l.fs.PathJoin(l.dir, headFile), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	l.heads = newHeadWriter(f, l.slot)
	l.advanceHead() // as above
	l.publish()
	return nil
}

// openDatabase opens the database, which panics where it cannot write.
func (l *Ledger) openDatabase(cfg Config) (err error) {
	path := l.fs.PathJoin(l.at, dbFolder)
	l.memory.table = cmp.Or(cfg.memTable, memTableBytes)
	l.disk = newDisk(l.fs, l.dir, path)
	if cfg.patience > 0 {
		l.disk.patience = cfg.patience
	}
	return recovered(func() error {
		if err := l.newDatabase(path, cfg); err != nil {
			return err
		}
		l.db, err = pebble.Open(path, l.options(cfg))
		return err
	})
}

// newDatabase makes the database of a new ledger: whole or not at all, since one
// that was cut short at its beginning does not open.
func (l *Ledger) newDatabase(path string, cfg Config) error {
	if _, err := l.fs.Stat(path); l.readOnly || l.slot.head.Size > 0 || !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	half := path + ".new"
	if err := l.fs.RemoveAll(half); err != nil {
		return err
	}
	db, err := pebble.Open(half, l.options(cfg))
	if err != nil {
		return err
	}
	err = db.Close()
	if err == nil {
		err = syncDir(l.fs, half)
	}
	if err == nil {
		err = l.fs.Rename(half, path)
	}
	if err == nil {
		err = syncDir(l.fs, l.dir)
	}
	return err
}

// checkFolder refuses a folder that is neither a ledger nor fit to become one.
func (l *Ledger) checkFolder() error {
	names, err := l.fs.List(l.dir)
	switch {
	case errors.Is(err, os.ErrNotExist) && l.readOnly:
		return &Error{Problem: NotALedger, Dir: l.dir, Says: "there is no such folder"}
	case errors.Is(err, os.ErrNotExist):
		if err := l.fs.MkdirAll(l.dir, 0o755); err != nil {
			return err
		}
		return syncDir(l.fs, l.fs.PathDir(l.dir))
	case err != nil:
		if info, serr := l.fs.Stat(l.dir); serr == nil && !info.IsDir() {
			return &Error{Problem: NotALedger, Dir: l.dir, Says: "it is a file, not a folder"}
		}
		return err
	case slices.Contains(names, headFile):
		return nil
	}
	// What an opening leaves that was cut short at its beginning.
	names = slices.DeleteFunc(names, func(n string) bool { return n == lockFile || n == headFileNew })
	switch {
	case len(names) > 0 && slices.Contains(names, dbFolder):
		return &Error{Problem: Damaged, Dir: l.dir, Says: "the HEAD file is missing"}
	case len(names) > 0:
		return &Error{Problem: NotALedger, Dir: l.dir, Says: fmt.Sprintf("it holds %s", names[0])}
	case l.readOnly:
		return &Error{Problem: NotALedger, Dir: l.dir, Says: "the folder is empty"}
	}
	return nil
}

// readHead reads the HEAD file, and makes it first where the ledger is new.
func (l *Ledger) readHead() error {
	s, format, err := readHead(l.fs, l.at)
	if errors.Is(err, os.ErrNotExist) {
		l.slot = slot{format: headFormat, head: Head{Root: emptyRoot}}
		return createHead(l.fs, l.dir, l.slot)
	}
	switch {
	case err != nil:
		return err
	case format == 0:
		return l.damaged("the HEAD file cannot be read")
	case format > headFormat:
		return &Error{Problem: NewerFormat, Dir: l.dir, Says: fmt.Sprintf("format %d, this version reads up to %d", format, headFormat)}
	}
	l.slot = s
	return nil
}

func (cfg Config) cacheBytes() int64 {
	if cfg.CacheBytes <= 0 {
		return defaultCache
	}
	return cfg.CacheBytes
}

func (l *Ledger) options(cfg Config) *pebble.Options {
	o := &pebble.Options{
		FS:                          l.disk,
		CacheSize:                   cfg.cacheBytes() * (lotCacheShare - 1) / lotCacheShare,
		Merger:                      newMerger(l.epochs.met),
		FormatMajorVersion:          pebble.FormatValueSeparation,
		ErrorIfNotExists:            l.slot.head.Size > 0 || l.readOnly,
		ReadOnly:                    l.readOnly,
		MemTableSize:                uint64(l.memory.table),
		MemTableStopWritesThreshold: maxTables,
		L0StopWritesThreshold:       maxSublevels,
		L0CompactionThreshold:       4,
		LBaseMaxBytes:               256 << 20,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
		Logger:                      logger{l.dir},
		Filters:                     map[string]pebble.FilterPolicy{oldFilter.Name(): oldFilter},
		EventListener: &pebble.EventListener{DataCorruption: func(info pebble.DataCorruptionInfo) {
			says := firstLine(info.Details.Error())
			l.corrupt.Store(&says)
		},
			BackgroundError: l.disk.broke,
			FlushEnd: func(info pebble.FlushInfo) {
				if info.Err == nil {
					l.disk.worked()
				}
			},
		},
	}
	if l.slot.kind == kindCopy || l.onDisk && l.readOnly {
		o.FS = withoutLock{l.disk}
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionGood })
	for i := range o.Levels {
		o.Levels[i].BlockSize = dataBlockBytes
		o.Levels[i].IndexBlockSize = indexBlockBytes
		o.Levels[i].FilterPolicy = keysFilter
	}
	return o
}

// databaseFault says what it means that the database does not open.
func (l *Ledger) databaseFault(err error) error {
	switch {
	case errors.Is(err, pebble.ErrDBDoesNotExist):
		return &Error{Problem: Shortened, Dir: l.dir, Says: fmt.Sprintf("the HEAD file says %d records and there is no database", l.slot.head.Size)}
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.ENOSPC):
		return err
	}
	return &Error{Problem: Damaged, Dir: l.dir, Says: "the database does not open", err: err}
}

// readLog finds the end of the log and compares it with the HEAD file.
func (l *Ledger) readLog() error {
	size, err := logLength(l.db)
	if err != nil {
		return err
	}
	known := l.slot.head
	if size < known.Size {
		return &Error{Problem: Shortened, Dir: l.dir,
			Says: fmt.Sprintf("the HEAD file says %d records, the log ends after %d", known.Size, size)}
	}
	if l.tree, err = readFrontier(size, tiles{r: l.db}); err != nil {
		return l.damaged("the tree of %d records cannot be read: %v", size, err)
	}
	root, err := rootOf(known.Size, tiles{r: l.db})
	if err != nil {
		return l.damaged("the tree of %d records cannot be read: %v", known.Size, err)
	}
	if root != known.Root {
		return l.damaged("the first %d records are not those of the HEAD file", known.Size)
	}
	if err := l.readIndexes(); err != nil {
		return err
	}
	l.length.Store(size)
	return nil
}

// readIndexes reads the indexes that are kept in memory.
func (l *Ledger) readIndexes() error {
	return errors.Join(l.sources.read(l.db), l.corrected.read(l.db), l.epochs.read(l.db))
}

// logLength returns how many records the log holds.
func logLength(r pebble.Reader) (int64, error) {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagLog}, UpperBound: []byte{tagLog + 1}})
	if err != nil {
		return 0, err
	}
	defer it.Close()
	if !it.Last() {
		return 0, it.Error()
	}
	if len(it.Key()) != 9 {
		return 0, errRecord
	}
	return seqOf(it.Key()) + 1, nil
}

// advanceHead acknowledges the present head.
func (l *Ledger) advanceHead() { l.acknowledge(l.tree.head()) }

func (l *Ledger) acknowledge(head Head) {
	l.acked.Store(&head)
	l.heads.tell(head)
}

// Head returns the present head of the log.
func (l *Ledger) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.head()
}

// Close ends the use of the ledger. Everything appended is on disk already.
// Nothing else may be called meanwhile; sequences must have ended.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed.Swap(true) {
		return nil
	}
	return l.fault(l.release())
}

func (l *Ledger) release() error {
	l.unpublish()
	errs := []error{l.iterators.close(), l.names.closeReaders()}
	if l.heads != nil {
		errs = append(errs, l.heads.close())
	}
	if l.db != nil {
		l.disk.stop()
		errs = append(errs, recovered(l.db.Close))
	}
	if l.aside {
		errs = append(errs, l.fs.RemoveAll(l.at))
		l.fs.Remove(l.fs.PathDir(l.at)) // if it was the last
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}

// usable fails where the ledger was closed or is known to be damaged.
func (l *Ledger) usable() error {
	if l.closed.Load() {
		return &Error{Problem: Closed, Dir: l.dir}
	}
	if says := l.corrupt.Load(); says != nil {
		return &Error{Problem: Damaged, Dir: l.dir, Says: *says}
	}
	return nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// logger is quiet until the database cannot go on.
type logger struct{ dir string }

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}

// commitFailed begins what the database says when a batch cannot be written.
const commitFailed = "pebble: fatal commit error"

// Fatalf must not return: the database cannot say how far a write got. Where an
// append asked for it, the append fails (see [Ledger.commit]). Elsewhere the
// process ends; what was acknowledged is safe.
func (g logger) Fatalf(format string, args ...any) {
	says := firstLine(fmt.Sprintf(format, args...))
	if strings.HasPrefix(format, commitFailed) {
		for _, a := range args {
			if err, ok := a.(error); ok {
				panic(err)
			}
		}
	}
	endProcess(g.dir, says)
}

// withoutLock is a file system for what nobody writes to meanwhile.
type withoutLock struct{ vfs.FS }

type noLock struct{}

func (noLock) Close() error { return nil }

func (withoutLock) Lock(string) (io.Closer, error) { return noLock{}, nil }

func (f withoutLock) Unwrap() vfs.FS { return f.FS }
