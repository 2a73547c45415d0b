package storage

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A database that cannot write its tables tries again at once and for ever, and
// one that cannot begin a new journal or make a folder's entries durable panics
// where nobody can recover. A disk stands between the database and the file
// system and keeps a full disk from becoming a busy or a crashing process: it
// makes the database wait between attempts, lets appends be refused meanwhile,
// and ends the process with a plain message where the database would panic.
type disk struct {
	vfs.FS
	dir    string // of the database
	ledger string // as it stands in messages

	// patience is how long an append waits for a database that cannot write.
	patience time.Duration

	mu      sync.Mutex
	failed  error     // of the last attempt to write a table, nil where it went well
	since   time.Time // of the first failure
	tries   int
	ended   chan struct{} // closed when the ledger closes
	givenUp chan struct{} // closed when writing has failed for as long as patience lasts
	gone    bool          // givenUp is closed
	stopped bool          // ended is closed
}

const (
	firstWait = 50 * time.Millisecond
	lastWait  = 5 * time.Second

	defaultPatience = 3 * time.Second
)

func newDisk(fs vfs.FS, ledger, dir string) *disk {
	return &disk{FS: fs, dir: dir, ledger: ledger, ended: make(chan struct{}), givenUp: make(chan struct{}), patience: defaultPatience}
}

// worked says that the database wrote a table.
func (d *disk) worked() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed, d.tries = nil, 0
}

// broke says that the database could not write a table. The database holds its
// lock meanwhile: nothing here may wait.
func (d *disk) broke(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.failed == nil {
		d.since = now
	}
	d.failed = err
	d.tries++
	if now.Sub(d.since) >= d.patience && !d.gone {
		d.gone = true
		close(d.givenUp)
	}
}

// failing returns why the database cannot write its tables at present.
func (d *disk) failing() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// guard calls f, which may have to wait for the database to write its tables,
// and stops waiting when that does not happen. It returns what f panics with as
// an error. Where over is false, f still runs.
func (d *disk) guard(f func() error) (over bool, err error) {
	done := make(chan error, 1)
	go func() { done <- recovered(f) }()
	select {
	case err := <-done:
		return true, err
	case <-d.givenUp:
	}
	select {
	case err := <-done:
		return true, err
	default:
		return false, fmt.Errorf("the database could not write its tables for %v: %w", d.patience, d.failing())
	}
}

// recovered calls f and returns what it panics with as an error.
func recovered(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// stop ends all waiting, for the database is being closed.
func (d *disk) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stopped {
		d.stopped = true
		close(d.ended)
	}
}

// wait keeps the database from trying again at once.
func (d *disk) wait() {
	d.mu.Lock()
	tries := d.tries
	d.mu.Unlock()
	if tries == 0 {
		return
	}
	timer := time.NewTimer(min(firstWait<<min(tries-1, 10), lastWait))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.ended:
	}
}

// ours reports whether a file is one of the database, and not of a copy.
func (d *disk) ours(name string) bool { return d.FS.PathDir(name) == d.dir }

func isJournal(name string) bool { return strings.HasSuffix(name, ".log") }

// fatal ends the process where the database would panic and nobody could recover.
func (d *disk) fatal(what string, err error) {
	if err != nil && !reachesCaller() {
		endProcess(d.ledger, fmt.Sprintf("%s: %v", what, err))
	}
}

// reachesCaller reports whether an error now comes back to whoever called the
// database: while it is opened, closed or copied, and not in a goroutine of its
// own, nor while a batch is written.
func reachesCaller() bool {
	calls := make([]uintptr, 100)
	frames := runtime.CallersFrames(calls[:runtime.Callers(2, calls)])
	for {
		f, more := frames.Next()
		switch f.Function {
		case "github.com/cockroachdb/pebble/v2.Open", "github.com/cockroachdb/pebble/v2.(*DB).Close", "github.com/cockroachdb/pebble/v2.(*DB).Checkpoint":
			return true
		}
		if !more {
			return false
		}
	}
}

// endProcess says why the process cannot go on. What was acknowledged is safe.
func endProcess(ledger, says string) {
	fmt.Fprintf(os.Stderr, "sublot: storage: %s: %s\nhint: records that were acknowledged are safe; make room on the disk or see to its health, then start again\n", ledger, says)
	os.Exit(2)
}

// Create implements [vfs.FS].
func (d *disk) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if !d.ours(name) {
		return d.FS.Create(name, category)
	}
	switch base := d.FS.PathBase(name); {
	case strings.HasSuffix(base, ".sst"), strings.HasSuffix(base, ".blob"):
		d.wait()
	case strings.HasPrefix(base, "marker."):
		// A marker names another file: the folder must hold that one first, whatever
		// order the file system keeps.
		if err := syncDir(d.FS, d.dir); err != nil {
			d.fatal("the folder cannot be made durable", err)
			return nil, err
		}
	}
	f, err := d.FS.Create(name, category)
	if isJournal(name) {
		d.fatal("a new journal cannot be made", err)
		f = d.journal(f, err)
	}
	return f, err
}

// ReuseForWrite implements [vfs.FS].
func (d *disk) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.ReuseForWrite(oldname, newname, category)
	if d.ours(newname) && isJournal(newname) {
		if !errors.Is(err, os.ErrNotExist) { // the database makes a new one then
			d.fatal("a new journal cannot be made", err)
		}
		f = d.journal(f, err)
	}
	return f, err
}

// OpenDir implements [vfs.FS].
func (d *disk) OpenDir(name string) (vfs.File, error) {
	f, err := d.FS.OpenDir(name)
	if err != nil || name != d.dir {
		return f, err
	}
	return &folder{f, d}, nil
}

// Unwrap implements [vfs.FS].
func (d *disk) Unwrap() vfs.FS { return d.FS }

// folder is the folder of the database.
type folder struct {
	vfs.File
	disk *disk
}

func (f *folder) Sync() error {
	err := f.File.Sync()
	f.disk.fatal("the folder cannot be made durable", err)
	return err
}

func (d *disk) journal(f vfs.File, err error) vfs.File {
	if err != nil {
		return f
	}
	return &journal{File: f, disk: d}
}

// journal is the file that batches are written to first. An append hears of an
// error itself; the database panics when it closes a journal that had one.
type journal struct {
	vfs.File
	disk *disk
	mu   sync.Mutex
	err  error
}

func (j *journal) note(err error) error {
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.err == nil {
			j.err = err
		}
	}
	return err
}

func (j *journal) Write(p []byte) (int, error) {
	n, err := j.File.Write(p)
	return n, j.note(err)
}

func (j *journal) Sync() error     { return j.note(j.File.Sync()) }
func (j *journal) SyncData() error { return j.note(j.File.SyncData()) }

func (j *journal) SyncTo(length int64) (bool, error) {
	full, err := j.File.SyncTo(length)
	return full, j.note(err)
}

func (j *journal) Close() error {
	err := j.note(j.File.Close())
	j.mu.Lock()
	defer j.mu.Unlock()
	j.disk.fatal("the journal cannot be written", j.err)
	return err
}
