package line

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
)

// What a line of the log says.
const (
	opOpen    = "open"    // a process begins; what is reserved and not returned is in doubt
	opReserve = "reserve" // positions up to the one named are reserved
	opReturn  = "return"  // positions up to the one named were handed out, no more
)

const fields = 6 // of a line

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A log is the file of an allocator, opened to be written.
type log struct {
	disk    disk
	file    file
	lock    io.Closer
	serial  uint64 // of the last line
	damaged int
}

// openLog locks the folder, reads its log and begins a new session in it. In a dry
// run it only reads, and the log is nil.
func openLog(d disk, dry bool) (_ *log, _ map[marking.Span]*series, err error) {
	l := &log{disk: d}
	if dry {
		f, err := d.read()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, map[marking.Span]*series{}, nil
		}
		if err != nil {
			return nil, nil, diskError("opening the log", err)
		}
		defer f.Close()
		all, err := l.load(f)
		return nil, all, err
	}
	if err := d.make(); err != nil {
		return nil, nil, diskError("making the folder", err)
	}
	if l.lock, err = d.lock(); err != nil {
		return nil, nil, &Error{Reason: fmt.Sprintf("%v: another process has the folder: %v", d, err),
			hint: "let all stations of a line use one process, or stop the other one; a folder is never shared", err: err}
	}
	defer func() {
		if err != nil {
			_ = l.close()
		}
	}()
	if l.file, err = d.open(); err != nil {
		return nil, nil, diskError("opening the log", err)
	}
	all, err := l.load(l.file)
	if err != nil {
		return nil, nil, err
	}
	// The name of a new file is safe once its folder is synced.
	if err := d.sync(); err != nil {
		return nil, nil, diskError("syncing the folder", err)
	}
	if err := l.write(opOpen, &series{}, 0); err != nil {
		return nil, nil, err
	}
	return l, all, nil
}

func diskError(doing string, err error) *Error {
	return &Error{Reason: fmt.Sprintf("%s: %v", doing, err), err: err,
		hint: "no number is given while the disk cannot be trusted: see that it is there, writable and not full, then open the line again"}
}

// write appends a line, twice, and syncs it.
func (l *log) write(op string, s *series, position uint64) error {
	l.serial++
	text := fmt.Sprintf("%d\t%s\t%s\t%d\t%d\t", l.serial, op, s.span, s.start, position)
	text += fmt.Sprintf("%08x\n", crc32.Checksum([]byte(text), castagnoli))
	text += "\n" + text // apart by an empty line, so that no one byte spoils both
	if op == opOpen && (l.serial > 1 || l.damaged > 0) {
		text = "\n" + text // ends whatever a crash left
	}
	if _, err := l.file.Write([]byte(text)); err != nil {
		return diskError("writing the log", err)
	}
	// After a sync that failed nobody knows what is on the disk: the caller stops.
	if err := l.file.Sync(); err != nil {
		return diskError("syncing the log", err)
	}
	return nil
}

func (l *log) close() error {
	var errs []error
	if l.file != nil {
		errs = append(errs, l.file.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}

// load reads the log. Lines that do not verify are passed over: a write that was
// cut off was never acknowledged, and any other line stands twice.
func (l *log) load(r io.Reader) (map[marking.Span]*series, error) {
	all := map[marking.Span]*series{}
	lines := bufio.NewScanner(r)
	last := ""
	for lines.Scan() {
		text := lines.Text()
		if text == "" {
			continue
		}
		f, ok := verified(text)
		if !ok {
			l.damaged++
			continue
		}
		serial, err := strconv.ParseUint(f[0], 10, 64)
		switch {
		case err == nil && serial == l.serial && text == last:
			continue // the second of the two
		case err != nil || serial != l.serial+1:
			return nil, damage(fmt.Sprintf("line %s stands behind line %d", f[0], l.serial))
		}
		l.serial, last = serial, text
		if err := replay(all, f); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, damage(fmt.Sprintf("no line of the log behind line %d", l.serial))
	} else if err != nil {
		return nil, diskError("reading the log", err)
	}
	for _, s := range all {
		s.end()
	}
	return all, nil
}

func damage(what string) *Error {
	return &Error{Reason: "the log of numbers is damaged: " + what,
		hint: "numbers handed out are missing from it: bring the folder back from a copy taken since, or begin a sub-lot that never was with an empty folder"}
}

// verified takes a line apart if its checksum holds.
func verified(text string) ([]string, bool) {
	f := strings.Split(text, "\t")
	if len(f) != fields {
		return nil, false
	}
	sum, err := strconv.ParseUint(f[fields-1], 16, 32)
	body := text[:len(text)-len(f[fields-1])]
	return f, err == nil && uint32(sum) == crc32.Checksum([]byte(body), castagnoli)
}

// replay takes what one line says into the state.
func replay(all map[marking.Span]*series, f []string) error {
	if f[1] == opOpen {
		for _, s := range all {
			s.end()
		}
		return nil
	}
	span, err := marking.ParseSpan(f[2])
	start, err1 := strconv.ParseUint(f[3], 10, 64)
	position, err2 := strconv.ParseUint(f[4], 10, 64)
	if err := errors.Join(err, err1, err2); err != nil {
		return damage(fmt.Sprintf("line %s: %v", f[0], err))
	}
	s := all[span]
	if s == nil {
		s = &series{span: span, count: uint64(span.Count()), start: start}
		all[span] = s
	}
	ok := start == s.start && start < s.count && position <= s.count
	switch {
	case ok && f[1] == opReserve && position > s.upto:
		s.used, s.upto = s.upto, position // the block before was used up
	case ok && f[1] == opReturn && position >= s.used && position <= s.upto:
		s.used, s.upto = position, position
	default:
		return damage(fmt.Sprintf("line %s: %s of %s after %d are reserved", f[0], f[1], f[4], s.upto))
	}
	return nil
}

// end closes a session that did not close itself: what it held is in doubt.
func (s *series) end() {
	if s.used < s.upto {
		s.doubt = append(s.doubt, [2]uint64{s.used, s.upto})
		s.used = s.upto
	}
}

// sorted returns the series in the order of their spans.
func sorted(all map[marking.Span]*series) []*series {
	return slices.SortedFunc(maps.Values(all), func(a, b *series) int { return a.span.Compare(b.span) })
}
