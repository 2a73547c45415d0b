package storage

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
)

// A Problem is why a ledger cannot be opened, read or written.
type Problem string

// The problems that a caller may want to tell apart.
const (
	NotALedger  Problem = "not a ledger"     // the folder holds something else, or nothing
	InUse       Problem = "in use"           // another process or Ledger has it open
	NewerFormat Problem = "newer format"     // it was written by a later version
	OlderFormat Problem = "older format"     // it was written by an earlier version, and is open for reading
	Shortened   Problem = "records are gone" // the log ends before the HEAD file says
	Damaged     Problem = "damaged"          // what is stored contradicts itself
	DiskFull    Problem = "no space left"    // nothing was written
	ReadOnly    Problem = "open for reading" // nothing is written to it
	Failed      Problem = "failed"           // the system refused to read or write
	Closed      Problem = "closed"           // Close was called
)

// An Error says what is wrong with a ledger folder.
type Error struct {
	Problem Problem
	Dir     string // the ledger's folder
	Says    string // what was found
	err     error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("storage: %s: %s", e.Dir, e.Problem)
	if e.Says != "" {
		s += ": " + e.Says
	}
	if e.err != nil {
		s += ": " + e.err.Error()
	}
	return s
}

// Unwrap returns what the system or the database said.
func (e *Error) Unwrap() error { return e.err }

// Hint says what to do.
func (e *Error) Hint() string {
	switch e.Problem {
	case NotALedger:
		return "name the folder of a ledger, or an empty or new folder to make one in"
	case InUse:
		return "wait until the other program is done: one program writes to a ledger at a time, and none while others read it; a backup can be read at any time"
	case NewerFormat:
		return "use the version of sublot that wrote it, or a later one"
	case OlderFormat:
		return "open the ledger once for writing, which brings it to the present format; a copy is restored, which does so, too"
	case Shortened, Damaged:
		return "leave the folder as it is, restore the latest backup into another folder, and compare both with a head that was kept elsewhere"
	case DiskFull:
		return "make room on the disk and run the import again: what is there already is passed over"
	case ReadOnly:
		return "open the ledger itself for writing; a backup is made writable with restore"
	case Closed:
		return "open the ledger again"
	}
	return "check the disk and who may read and write the folder"
}

// fault makes an Error of what a database or file system call returned.
func (l *Ledger) fault(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	problem := Failed
	switch {
	case errors.Is(err, syscall.ENOSPC):
		problem = DiskFull
	case pebble.IsCorruptionError(err):
		problem = Damaged
	}
	return &Error{Problem: problem, Dir: l.dir, err: err}
}

// damaged says that what is stored contradicts itself.
func (l *Ledger) damaged(format string, args ...any) error {
	return &Error{Problem: Damaged, Dir: l.dir, Says: fmt.Sprintf(format, args...)}
}
