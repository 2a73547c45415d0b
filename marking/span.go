package marking

import (
	"iter"
	"math"
	"strconv"
	"strings"
)

// maxOrdinalDigits is how many of the last digits of a name are counted. It
// keeps every ordinal inside an int64; the digits before them belong to the
// prefix.
const maxOrdinalDigits = 18

// A Span is one package or a run of sibling packages of one parent. Its text
// form is that of an identity, or
//
//	PARENT/FROM..TO    XCW/XCW24C001-012/001/0001..0400
//
// A run counts the last run of digits of its ends, which agree in the text
// before it and in its width, have nothing after it, and rise from first to
// last. Lots are not spanned. A run may vary only in its last 18 digits.
//
// A Span is comparable with == and has exactly one spelling: [ParseSpan]
// accepts only what [Span.String] writes. The zero Span is empty.
type Span struct {
	first ID
	last  uint64 // ordinal of the last package of a run; 0 where the span is one package
}

// ParseSpan reads an identity or a span of siblings. Its errors are [*IDError].
func ParseSpan(s string) (Span, error) {
	i := strings.Index(s, "..")
	if i < 0 {
		id, err := ParseID(s)
		return Span{first: id}, err
	}
	from, to := s[:i], s[i+2:]
	if err := checkPath(s, from); err != nil {
		return Span{}, err
	}
	fault := func(at int, found, reason string) (Span, error) {
		return Span{}, &IDError{Text: s, At: at, Found: found, Reason: reason,
			hint: "a span counts the last digits of its ends upwards, e.g. XCW/XCW24C001-012/001/0001..0400 or …/A01..A20"}
	}
	first := ID{from}
	if first.Depth() == 0 {
		return fault(i, "..", "a span of lots: lots are not spanned")
	}
	if err := checkComponent(s, i+2, to); err != nil {
		return Span{}, err
	}
	x, y := ordinalOf(first.Name()), ordinalOf(to)
	switch {
	case x.width == 0:
		return fault(i, "..", "a span whose first name does not end in digits")
	case y.width == 0:
		return fault(len(s), "", "a span whose last name does not end in digits")
	case x.width != y.width:
		return fault(i+2, to, "a span whose ends differ in width")
	case x.prefix != y.prefix:
		return fault(i+2, to, "a span whose ends differ before the counted digits")
	case x.n > y.n:
		return fault(i+2, to, "span runs backwards")
	case x.n == y.n:
		return fault(i+2, to, "a span of one package")
	}
	return Span{first, y.n}, nil
}

// MustParseSpan is [ParseSpan] for spans that are constants of a program. It
// panics when the text is not one.
func MustParseSpan(s string) Span {
	sp, err := ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return sp
}

// ordinal is the place of a name among its siblings: names that agree in prefix
// and width are counted by n.
type ordinal struct {
	prefix string // what stands before the counted digits
	width  int    // digits at the end of the name, 0 where there are none
	n      uint64
}

func ordinalOf(name string) (o ordinal) {
	i := len(name)
	for unit := uint64(1); i > 0 && name[i-1] >= '0' && name[i-1] <= '9'; i-- {
		if o.width < maxOrdinalDigits {
			o.n += unit * uint64(name[i-1]-'0')
			unit *= 10
		}
		o.width++
	}
	o.prefix = name[:max(i, len(name)-maxOrdinalDigits)]
	return o
}

// name writes the sibling of the given ordinal.
func (o ordinal) name(n uint64) string {
	var digits [20]byte
	d := strconv.AppendUint(digits[:0], n, 10)
	return o.prefix + "00000000000000000000"[:max(min(o.width, maxOrdinalDigits)-len(d), 0)] + string(d)
}

// SpanOf returns the span of one package.
func SpanOf(id ID) Span { return Span{first: id} }

// IsZero reports whether s is the zero Span, which holds nothing.
func (s Span) IsZero() bool { return s.first.IsZero() }

// IsRun reports whether s is a run of two packages or more.
func (s Span) IsRun() bool { return s.last != 0 }

// First returns the first package of the span.
func (s Span) First() ID { return s.first }

// Last returns the last package of the span, which is the first one where s is one package.
func (s Span) Last() ID {
	if !s.IsRun() {
		return s.first
	}
	return s.at(s.last)
}

func (s Span) at(n uint64) ID {
	return ID{s.first.Parent().s + "/" + ordinalOf(s.first.Name()).name(n)}
}

// Count returns how many packages the span has: 1 or more, 0 for the zero Span.
func (s Span) Count() int64 {
	switch {
	case s.IsZero():
		return 0
	case !s.IsRun():
		return 1
	}
	lo, hi := s.Ordinals()
	return int64(hi-lo) + 1
}

// All yields the packages of the span in order. A span may count up to 10^18
// packages: stop early.
func (s Span) All() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		if s.IsZero() {
			return
		}
		if !s.IsRun() {
			yield(s.first)
			return
		}
		lo, hi := s.Ordinals()
		for n := lo; n <= hi; n++ {
			if !yield(s.at(n)) {
				return
			}
		}
	}
}

// Series returns what the packages of the span have in common: the parent they
// were born in, and the text and width of digits of their names. Packages of
// one series are told apart by their ordinals alone. Width is 0 for a name that
// does not end in a digit.
func (s Span) Series() (parent ID, prefix string, width int) {
	o := ordinalOf(s.first.Name())
	return s.first.Parent(), o.prefix, o.width
}

// Ordinals returns the printed numbers of the first and the last package; both
// are 0 for a name that does not end in a digit.
func (s Span) Ordinals() (first, last uint64) {
	first = ordinalOf(s.first.Name()).n
	if s.IsRun() {
		return first, s.last
	}
	return first, first
}

// SpanIn returns the run of the packages numbered first to last of the series
// that s belongs to. It is the zero Span where last is below first or s names a
// lot or a package without a number.
func (s Span) SpanIn(first, last uint64) Span {
	o := ordinalOf(s.first.Name())
	limit := uint64(math.Pow10(min(o.width, maxOrdinalDigits)))
	if s.first.Depth() == 0 || o.width == 0 || last < first || last >= limit {
		return Span{}
	}
	sp := Span{first: s.at(first)}
	if last > first {
		sp.last = last
	}
	return sp
}

// String returns the text form, the one spelling that [ParseSpan] accepts.
func (s Span) String() string {
	if !s.IsRun() {
		return s.first.s
	}
	return s.first.s + ".." + ordinalOf(s.first.Name()).name(s.last)
}

// MarshalText writes the text form; the zero Span is written as empty text.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form as [ParseSpan] does.
func (s *Span) UnmarshalText(b []byte) error {
	v, err := ParseSpan(string(b))
	if err != nil {
		return err
	}
	*s = v
	return nil
}

// Holds reports whether the package id is one of the span's or lies inside one.
func (s Span) Holds(id ID) bool {
	if !s.IsRun() {
		return s.first.Contains(id)
	}
	a := id.Ancestor(s.first.Depth())
	if a.IsZero() || a.Parent() != s.first.Parent() {
		return false
	}
	x, y := ordinalOf(s.first.Name()), ordinalOf(a.Name())
	return x.prefix == y.prefix && x.width == y.width && x.n <= y.n && y.n <= s.last
}

// Contains reports whether all of other lies in s.
func (s Span) Contains(other Span) bool {
	return s.Holds(other.first) && (!other.IsRun() || s.Holds(other.Last()))
}

// Intersect returns what lies in both spans: the zero Span where they are apart.
func (s Span) Intersect(other Span) Span {
	switch {
	case s.IsZero() || other.IsZero():
		return Span{}
	case s.Contains(other):
		return other
	case other.Contains(s):
		return s
	}
	sp, spre, sw := s.Series()
	op, opre, ow := other.Series()
	if sp != op || spre != opre || sw != ow || !s.IsRun() || !other.IsRun() {
		return Span{}
	}
	slo, shi := s.Ordinals()
	olo, ohi := other.Ordinals()
	return s.SpanIn(max(slo, olo), min(shi, ohi))
}

// Compare orders spans by their first package, then the shorter span first.
func (s Span) Compare(other Span) int {
	if c := s.first.Compare(other.first); c != 0 {
		return c
	}
	return s.Last().Compare(other.Last())
}
