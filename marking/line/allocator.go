package line

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sublot/sublot/marking"
)

// Config says how numbers are handed out. The zero value hands them out in
// order, 256 at a time.
type Config struct {
	// Block is how many numbers one synced write reserves; 0 means 256, the most
	// is 1,000,000. A crash leaves at most so many of a span unused.
	Block int

	// Random, where it is set, draws the number that each new span begins with:
	// give crypto/rand.Reader. Where it is nil a span begins with its first.
	Random io.Reader

	// DryRun hands out the numbers that would come next and writes nothing: the
	// same ones come again. It needs no lock, and no folder.
	DryRun bool
}

const (
	defaultBlock = 256
	maxBlock     = 1_000_000
)

// ErrUsedUp says that every number of a span was handed out.
var ErrUsedUp = errors.New("all its numbers are handed out")

// An Error says why there is no number.
type Error struct {
	Reason string
	hint   string
	err    error
}

func (e *Error) Error() string { return "line: " + e.Reason }

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Unwrap returns the error below it: [ErrUsedUp], or that of the disk.
func (e *Error) Unwrap() error { return e.err }

// An Allocator hands out the numbers of packages. It may be used by several
// goroutines at once.
type Allocator struct {
	cfg  Config
	mu   sync.Mutex
	log  *log // nil in a dry run
	all  map[marking.Span]*series
	stop error // why no more numbers are given: closed, or the disk failed
}

// A series is the state of one span. Its packages are counted by positions, from 0
// in the order in which they are handed out.
type series struct {
	span  marking.Span
	count uint64
	start uint64 // ordinal, counted from that of the first package, of position 0
	used  uint64 // positions handed out, as far as it is known
	upto  uint64 // positions reserved
	doubt [][2]uint64
}

// Open opens the folder of a line, and makes it where there is none. Close it
// when the shift ends: what was reserved and not handed out is then given back.
func Open(dir string, cfg Config) (*Allocator, error) { return open(folder(dir), cfg) }

func open(d disk, cfg Config) (*Allocator, error) {
	if cfg.Block == 0 {
		cfg.Block = defaultBlock
	}
	if cfg.Block < 1 || cfg.Block > maxBlock {
		return nil, &Error{Reason: fmt.Sprintf("blocks of %d numbers, wanted 1 to %d", cfg.Block, maxBlock), hint: "leave Block 0 for 256"}
	}
	l, all, err := openLog(d, cfg.DryRun)
	if err != nil {
		return nil, err
	}
	return &Allocator{cfg: cfg, log: l, all: all}, nil
}

// Next returns the next package of a span of siblings that was never handed out:
// XCW/XCW24C001-012/001..012 for sub-lots, XCW/XCW24C001-012/001/0001..0400 for
// crates of one. A span is told from others by its text: give the same one every
// time, and never two that overlap, which is refused. When all are handed out the
// error is [ErrUsedUp].
//
// On return without error the number is safe: no later Next gives it again,
// whatever happens. After an error of the disk no more numbers are given.
func (a *Allocator) Next(span marking.Span) (marking.ID, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stop != nil {
		return marking.ID{}, a.stop
	}
	s, err := a.series(span)
	if err != nil {
		return marking.ID{}, err
	}
	if s.used == s.upto {
		if s.upto == s.count {
			return marking.ID{}, &Error{Reason: fmt.Sprintf("%v: %v", span, ErrUsedUp), err: ErrUsedUp,
				hint: "begin another sub-lot, or a span of numbers behind this one"}
		}
		if err := a.reserve(s); err != nil {
			return marking.ID{}, err
		}
	}
	s.used++
	return s.at(s.used - 1), nil
}

// series returns the state of a span, a new one where it is new.
func (a *Allocator) series(span marking.Span) (*series, error) {
	if s, ok := a.all[span]; ok {
		return s, nil
	}
	if span.IsZero() || span.First().Depth() == 0 {
		return nil, &Error{Reason: fmt.Sprintf("%q is no span of packages", span), hint: "give a span such as XCW/XCW24C001-012/001/0001..0400"}
	}
	for other := range a.all { // spans of other depths are of other packages
		if span.First().Depth() == other.First().Depth() && !span.Intersect(other).IsZero() {
			return nil, &Error{Reason: fmt.Sprintf("%v overlaps %v, of which numbers were handed out", span, other),
				hint: "give the span that was given before, or one that begins behind it"}
		}
	}
	s := &series{span: span, count: uint64(span.Count())}
	if a.cfg.Random != nil {
		var b [8]byte
		if _, err := io.ReadFull(a.cfg.Random, b[:]); err != nil {
			return nil, &Error{Reason: fmt.Sprintf("no random number: %v", err), hint: "give crypto/rand.Reader", err: err}
		}
		s.start = binary.BigEndian.Uint64(b[:]) % s.count // the bias is below one in ten for the largest span there is
	}
	a.all[span] = s
	return s, nil
}

// reserve makes the next block of a series safe.
func (a *Allocator) reserve(s *series) error {
	upto := s.upto + min(uint64(a.cfg.Block), s.count-s.upto)
	if a.log != nil {
		if err := a.log.write(opReserve, s, upto); err != nil {
			a.stop = err
			return err
		}
	}
	s.upto = upto
	return nil
}

// at returns the package of a position.
func (s *series) at(position uint64) marking.ID {
	if !s.span.IsRun() {
		return s.span.First()
	}
	n := s.ordinal(position)
	return s.span.SpanIn(n, n).First()
}

func (s *series) ordinal(position uint64) uint64 {
	first, _ := s.span.Ordinals()
	return first + (s.start+position)%s.count
}

// Doubt returns the packages whose numbers were reserved when a process ended
// without closing, in the order in which it happened: each of them was handed out,
// or was not.
func (a *Allocator) Doubt() []marking.Span {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []marking.Span
	for _, s := range sorted(a.all) {
		for _, d := range s.doubt {
			if !s.span.IsRun() {
				out = append(out, s.span)
				continue
			}
			first, last := s.ordinal(d[0]), s.ordinal(d[1]-1)
			if first <= last {
				out = append(out, s.span.SpanIn(first, last))
				continue
			}
			low, high := s.span.Ordinals() // the block goes round
			out = append(out, s.span.SpanIn(first, high), s.span.SpanIn(low, last))
		}
	}
	return out
}

// Damaged returns how many lines of the log did not verify when it was opened. A
// crash leaves one or two; more mean that the disk goes bad, though nothing was
// lost yet.
func (a *Allocator) Damaged() int {
	if a.log == nil {
		return 0
	}
	return a.log.damaged
}

// Close gives back what was reserved and not handed out, and lets another process
// have the folder. No number is given after it.
func (a *Allocator) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.log == nil {
		a.stop = errClosed
		return nil
	}
	err := a.stop
	if errors.Is(err, errClosed) {
		return nil
	}
	if err == nil {
		for _, s := range sorted(a.all) {
			if s.used < s.upto && err == nil {
				err = a.log.write(opReturn, s, s.used)
			}
		}
	}
	a.stop = errClosed
	return errors.Join(err, a.log.close())
}

var errClosed = &Error{Reason: "the allocator is closed", hint: "open it again"}
