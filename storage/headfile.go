package storage

import (
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// createHead makes the HEAD file of a new folder: whole or not at all.
func createHead(fs vfs.FS, dir string, s slot) error {
	name := fs.PathJoin(dir, headFileNew)
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	b := make([]byte, slotDistance+slotSize)
	copy(b, s.encode())
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = fs.Rename(name, fs.PathJoin(dir, headFile))
	}
	if err == nil {
		err = syncDir(fs, dir)
	}
	return err
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}

// readHead returns the later of the two slots. It reports false where neither
// can be read. A format above ours is that of a later version.
func readHead(fs vfs.FS, dir string) (s slot, format int, err error) {
	f, err := fs.Open(fs.PathJoin(dir, headFile))
	if err != nil {
		return slot{}, 0, err
	}
	defer f.Close()
	for i := range 2 {
		b := make([]byte, slotSize)
		n, _ := f.ReadAt(b, int64(i*slotDistance)) // a short slot fails its checksum
		other, otherFormat := decodeSlot(b[:n])
		if otherFormat > 0 && (format == 0 || other.turn > s.turn) {
			s, format = other, otherFormat
		}
	}
	return s, format, nil
}

// A headWriter writes the HEAD file, beside appends and not before they return:
// the journal, which holds the records, is what they wait for. It writes at once
// what it is told and not again for headEvery, so that many small appends do not
// wait for the disk twice as long. A head is told of when its records are safe,
// so that no HEAD file is ever ahead of the journal.
//
// So after a power cut, or a kill, the file may be behind by what was appended in
// the last moment: the log is longer then, and is taken as it is.
type headWriter struct {
	f    vfs.File
	told chan struct{} // holds one
	stop chan struct{}
	done sync.WaitGroup

	writing sync.Mutex // held while a slot is written

	mu      sync.Mutex
	next    Head  // the last one told of
	written slot  // the last one on the disk
	failed  error // of the write that went wrong, after which there is none
}

// headEvery is how far the HEAD file may be behind, beside the time of a write.
const headEvery = 10 * time.Millisecond

// newHeadWriter goes on from the slot that was read from the file.
func newHeadWriter(f vfs.File, read slot) *headWriter {
	h := &headWriter{f: f, written: read, next: read.head, told: make(chan struct{}, 1), stop: make(chan struct{})}
	h.done.Go(func() {
		for {
			select {
			case <-h.told:
			case <-h.stop:
				return
			}
			if h.write() != nil {
				return
			}
			select {
			case <-time.After(headEvery):
			case <-h.stop:
				return
			}
		}
	})
	return h
}

// tell says that a head is acknowledged.
func (h *headWriter) tell(head Head) {
	h.mu.Lock()
	h.next = head
	h.mu.Unlock()
	select {
	case h.told <- struct{}{}:
	default:
	}
}

// write writes the slot whose turn it is, if there is a new head, and waits until
// it is on the disk.
func (h *headWriter) write() error {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	s, err := h.written, h.failed
	same := s.head == h.next && s.format == headFormat
	s.format, s.head = headFormat, h.next
	s.turn++
	h.mu.Unlock()
	if err != nil || same {
		return err
	}
	if _, err = h.f.WriteAt(s.encode(), int64(s.turn%2)*slotDistance); err == nil {
		err = h.f.SyncData()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed = err; err == nil {
		h.written = s
	}
	return err
}

// onDisk returns the slot that was written last.
func (h *headWriter) onDisk() slot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.written
}

// err returns why the file cannot be written.
func (h *headWriter) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed
}

// close writes what is left to be written.
func (h *headWriter) close() error {
	close(h.stop)
	h.done.Wait()
	err := h.write()
	if closeErr := h.f.Close(); err == nil {
		err = closeErr
	}
	return err
}
