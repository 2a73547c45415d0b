package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/gofrs/flock"
)

// One process writes to a ledger, or any number read it: they hold the LOCK file
// alone or together. So that those who read need not wait for one that writes for
// long, they ask it for a copy by making the file readers/ASK. The writer makes a
// copy beside it, which shares the tables of the database, and takes the file away.
//
// Who means to read for long makes a copy while nobody writes, and reads that one,
// see [Config].Aside.
//
// Whoever reads such a copy holds the LOCK file in it; the writer takes a copy
// away only when it gets that lock.
const (
	readersFolder = "readers"
	askFile       = "ASK"
	asidePrefix   = "aside-" // of copies that a reader made for itself

	askedEvery  = 200 * time.Millisecond // how often the writer looks
	askPause    = 20 * time.Millisecond  // how often a reader does
	askPatience = 2 * time.Second        // until a reader takes an older copy
	copyShare   = 10                     // of the time at most one part in so many is spent on copies
)

// fileLock takes a lock, for writing alone or for reading with others. It
// returns nil where others have it.
func fileLock(name string, reading bool) (io.Closer, error) {
	l := flock.New(name, flock.SetPermissions(0o644))
	take := l.TryLock
	if reading {
		take = l.TryRLock
	}
	ok, err := take()
	if err != nil || !ok {
		l.Close()
		return nil, err
	}
	return l, nil
}

// takeLock keeps other processes out while this one writes, and those that write
// while it reads. Copies are never written to, so nobody needs to be kept out of
// them. While another process writes, a reader is led to a copy.
func (l *Ledger) takeLock(wait time.Duration) error {
	if s, _, err := readHead(l.fs, l.dir); err == nil && s.kind == kindCopy {
		return nil
	}
	name := l.fs.PathJoin(l.dir, lockFile)
	if !l.onDisk {
		lock, err := l.fs.Lock(name)
		if err != nil {
			return l.lockFault(err)
		}
		l.lock = lock
		return nil
	}
	ask := l.fs.PathJoin(l.dir, readersFolder, askFile)
	asked := false
	for begin := time.Now(); ; time.Sleep(askPause) {
		lock, err := fileLock(name, l.readOnly)
		switch {
		case err != nil:
			return l.lockFault(err)
		case lock != nil:
			l.lock = lock
			if asked {
				l.fs.Remove(ask)
			}
			return nil
		case l.readOnly && !asked && wait > 0:
			asked = true
			l.ask(ask)
		case l.readOnly:
			_, err := l.fs.Stat(ask)
			if (err != nil || time.Since(begin) >= min(wait, askPatience)) && l.findCopy() {
				return nil
			}
		}
		if time.Since(begin) >= wait {
			return &Error{Problem: InUse, Dir: l.dir}
		}
	}
}

// ask asks the process that writes for a copy. Where that cannot be done, there
// may be one that another asked for.
func (l *Ledger) ask(name string) {
	if l.fs.MkdirAll(l.fs.PathDir(name), 0o777) == nil {
		if f, err := l.fs.Create(name, vfs.WriteCategoryUnspecified); err == nil {
			f.Close()
		}
	}
}

func (l *Ledger) lockFault(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return err
	}
	return &Error{Problem: InUse, Dir: l.dir, err: err}
}

// findCopy looks for the latest copy that the process that writes has published,
// and goes there.
func (l *Ledger) findCopy() bool {
	for _, dir := range l.copies() {
		lock, err := fileLock(l.fs.PathJoin(dir, lockFile), true)
		if err != nil || lock == nil {
			continue
		}
		// It may have been taken away before it was locked.
		if s, _, err := readHead(l.fs, dir); err == nil && s.kind == kindCopy {
			l.lock, l.at, l.shared = lock, dir, true
			return true
		}
		lock.Close()
	}
	return false
}

// copies returns the folders of the published copies, the latest first.
func (l *Ledger) copies() []string {
	folder := l.fs.PathJoin(l.dir, readersFolder)
	names, err := l.fs.List(folder)
	if err != nil {
		return nil
	}
	slices.Sort(names)
	slices.Reverse(names)
	var dirs []string
	for _, n := range names {
		if n != askFile && !strings.HasSuffix(n, ".new") && !strings.HasPrefix(n, asidePrefix) {
			dirs = append(dirs, l.fs.PathJoin(folder, n))
		}
	}
	return dirs
}

// stepAside makes a copy of a ledger that is only read, and goes there, so that the
// ledger is free to be written to. Where that cannot be done it stays where it is.
func (l *Ledger) stepAside() {
	if !l.onDisk || !l.readOnly || l.slot.kind == kindCopy || l.slot.format != headFormat {
		return
	}
	dir := l.fs.PathJoin(l.dir, readersFolder, fmt.Sprintf("%s%d-%d", asidePrefix, l.born, os.Getpid()))
	db := l.fs.PathJoin(l.dir, dbFolder)
	s := slot{format: headFormat, kind: kindCopy, head: l.slot.head}
	var lock io.Closer
	err := l.fs.MkdirAll(dir, 0o755)
	if err == nil {
		lock, err = fileLock(l.fs.PathJoin(dir, lockFile), true)
	}
	if err == nil {
		err = errors.Join(cloneDatabase(l.fs, db, l.fs.PathJoin(dir, dbFolder)), createHead(l.fs, dir, s))
	}
	if err != nil || lock == nil {
		if lock != nil {
			lock.Close()
		}
		l.fs.RemoveAll(dir)
		return
	}
	l.lock.Close()
	l.lock, l.at, l.aside, l.slot = lock, dir, true, s
}

// Shared reports that another process writes to the ledger, and that what is
// read here is a copy of it that the other made.
func (l *Ledger) Shared() bool { return l.shared }

// A publisher makes copies for those that ask while the ledger is written to.
type publisher struct {
	stop chan struct{}
	done sync.WaitGroup
}

// publish begins to look for those that ask.
func (l *Ledger) publish() {
	if !l.onDisk || l.readOnly {
		return
	}
	l.clearCopies("")
	p := &publisher{stop: make(chan struct{})}
	l.publisher = p
	p.done.Go(func() {
		ask := l.fs.PathJoin(l.dir, readersFolder, askFile)
		published, turn := int64(-1), 0
		var pause time.Duration
		for {
			select {
			case <-p.stop:
				return
			case <-time.After(askedEvery + pause):
			}
			pause = 0
			if _, err := l.fs.Stat(ask); err != nil {
				continue
			}
			if size := l.acked.Load().Size; size != published && l.disk.failing() == nil {
				begin := time.Now()
				turn++
				// Whoever cannot be given a copy waits for the writer to end.
				if l.publishCopy(turn) == nil {
					published = size
				}
				pause = copyShare * time.Since(begin)
			}
			l.fs.Remove(ask)
		}
	})
}

// publishCopy publishes a copy and takes the earlier ones away.
func (l *Ledger) publishCopy(turn int) error {
	folder := l.fs.PathJoin(l.dir, readersFolder)
	if err := l.fs.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	name := l.fs.PathJoin(folder, fmt.Sprintf("%d-%08d", l.born, turn))
	if err := l.copyTo(name+".new", *l.acked.Load()); err != nil {
		l.fs.RemoveAll(name + ".new")
		return err
	}
	if err := l.fs.Rename(name+".new", name); err != nil {
		return err
	}
	l.clearCopies(name)
	return nil
}

// copyTo makes a copy of the database, with a head that its log has at least.
func (l *Ledger) copyTo(dir string, head Head) error {
	if err := l.fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if l.readOnly {
		if err := cloneDatabase(l.fs, l.fs.PathJoin(l.at, dbFolder), l.fs.PathJoin(dir, dbFolder)); err != nil {
			return err
		}
	} else if err := recovered(func() error {
		return l.db.Checkpoint(l.fs.PathJoin(dir, dbFolder), pebble.WithFlushedWAL())
	}); err != nil {
		return err
	}
	// The HEAD file comes last: without it the folder is no copy.
	return createHead(l.fs, dir, slot{format: headFormat, kind: kindCopy, head: head})
}

// cloneDatabase copies a database that nobody writes to. Tables never change, so
// the copy may share them; the other files are written over in time.
func cloneDatabase(fs vfs.FS, from, to string) error {
	if err := fs.MkdirAll(to, 0o755); err != nil {
		return err
	}
	names, err := fs.List(from)
	if err != nil {
		return err
	}
	for _, n := range names {
		copyFile := vfs.Copy
		switch {
		case n == lockFile:
			continue
		case strings.HasSuffix(n, ".sst"), strings.HasSuffix(n, ".blob"):
			copyFile = vfs.LinkOrCopy
		}
		if err := copyFile(fs, fs.PathJoin(from, n), fs.PathJoin(to, n)); err != nil {
			return err
		}
	}
	return syncDir(fs, to)
}

// clearCopies takes away the copies that nobody reads, but for one.
func (l *Ledger) clearCopies(but string) {
	folder := l.fs.PathJoin(l.dir, readersFolder)
	names, err := l.fs.List(folder)
	if err != nil {
		return
	}
	left := 0
	for _, n := range names {
		dir := l.fs.PathJoin(folder, n)
		if n == askFile {
			if but == "" {
				l.fs.Remove(dir)
			}
			continue
		}
		if dir == but {
			left++
			continue
		}
		lock, err := fileLock(l.fs.PathJoin(dir, lockFile), false)
		if err != nil || lock == nil {
			left++
			continue
		}
		l.fs.Remove(l.fs.PathJoin(dir, headFile)) // it is no copy from here on
		lock.Close()
		l.fs.RemoveAll(dir)
	}
	if left == 0 {
		l.fs.Remove(folder)
	}
}

// unpublish ends publishing.
func (l *Ledger) unpublish() {
	if l.publisher != nil {
		close(l.publisher.stop)
		l.publisher.done.Wait()
		l.publisher = nil
		l.clearCopies("")
	}
}
