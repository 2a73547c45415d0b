package marking

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxComponent = 32 // characters in one component
	maxBelowLot  = 8  // levels under the lot
)

// An ID names ammunition by its place of birth: a lot of a maker, or a package
// at some level below it. Its text form is
//
//	MAKER/LOT                      a head lot        XCW/XCW24C001-012
//	MAKER/LOT/SUB                  a sub-lot         XCW/XCW24C001-012/001
//	MAKER/LOT/SUB/…/UNIT           a smaller package XCW/XCW24C001-012/001/0042/17
//
// with at most eight levels under the lot. A component has 1 to 32 characters:
// upper-case letters of one script in Unicode NFC and ASCII digits; it begins
// and ends with one of those or with ( ) #, and may hold - . _ + : and single
// spaces inside.
//
// An ID is comparable with == and has exactly one spelling: [ParseID] accepts
// only what [ID.String] writes. The zero ID is not valid; see [ID.IsZero].
type ID struct {
	s string
}

// An IDError says why a text is not an identity or a span of identities.
type IDError struct {
	Text   string // the text as given
	At     int    // byte offset of the fault in Text
	Found  string // what stands there
	Reason string // what is wrong, in a few words
	hint   string
}

func (e *IDError) Error() string {
	return fmt.Sprintf("marking: %s in %s at character %d", e.Reason, quote(e.Text), utf8.RuneCountInString(e.Text[:min(max(e.At, 0), len(e.Text))])+1)
}

// Hint says what would be accepted.
func (e *IDError) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	return "an identity is MAKER/LOT or MAKER/LOT/SUB/…/UNIT in upper case, e.g. XCW/XCW24C001-012/001/0042"
}

// quote shows a text that may be long or hold control characters.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		cut := most
		for cut > most-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return fmt.Sprintf("%q… (%d bytes)", s[:cut], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// ParseID reads the text form of an identity. It never repairs: whatever
// [ID.String] would not write is refused with an [*IDError]. What people type
// goes through package trace's clues instead.
func ParseID(s string) (ID, error) {
	if err := checkPath(s, s); err != nil {
		return ID{}, err
	}
	return ID{s}, nil
}

// checkPath checks path, which is a part of text beginning at its first byte.
func checkPath(text, path string) *IDError {
	levels, start := 0, 0
	for {
		end := strings.IndexByte(path[start:], '/')
		c := path[start:]
		if end >= 0 {
			c = path[start : start+end]
		}
		if err := checkComponent(text, start, c); err != nil {
			return err
		}
		levels++
		if levels > 2+maxBelowLot {
			return &IDError{Text: text, At: start, Found: c, Reason: fmt.Sprintf("more than %d levels under the lot", maxBelowLot)}
		}
		if end < 0 {
			break
		}
		start += end + 1
	}
	if levels < 2 {
		return &IDError{Text: text, At: len(path), Reason: "no lot after the maker"}
	}
	return nil
}

// checkComponent checks c, which stands at byte offset at of text.
func checkComponent(text string, at int, c string) *IDError {
	fault := func(i int, reason string) *IDError {
		found := c[i:]
		if len(found) > 0 {
			_, n := utf8.DecodeRuneInString(found)
			found = found[:n]
		}
		return &IDError{Text: text, At: at + i, Found: found, Reason: reason}
	}
	if c == "" {
		return fault(0, "empty component")
	}
	if plainComponent(c) {
		return nil
	}
	if !utf8.ValidString(c) {
		return fault(0, "invalid UTF-8")
	}
	var script *unicode.RangeTable
	n, last := 0, rune(0)
	for i, r := range c {
		n++
		switch {
		case n > maxComponent:
			return fault(i, fmt.Sprintf("component longer than %d characters", maxComponent))
		case r >= '0' && r <= '9', r == '(', r == ')', r == '#':
		case isInner(r):
			switch {
			case i == 0:
				return fault(i, fmt.Sprintf("component begins with %q", r))
			case r == ' ' && last == ' ':
				return fault(i, "two spaces together")
			case r == '.' && last == '.':
				return fault(i, "a span inside a component")
			}
		case unicode.Is(unicode.Lu, r) || unicode.Is(unicode.Lo, r) && !unicode.Is(unicode.Other_Lowercase, r):
			switch s := scriptOf(r); {
			case s == unicode.Common:
				return fault(i, fmt.Sprintf("%q is a symbol, not a letter of a script", r))
			case script == nil:
				script = s
			case s != script:
				return fault(i, "letters of two scripts in one component")
			}
		case unicode.IsLetter(r):
			return fault(i, "a letter that is not upper case")
		default:
			return fault(i, fmt.Sprintf("character %q not allowed", r))
		}
		last = r
	}
	if isInner(last) {
		return fault(len(c)-1, fmt.Sprintf("component ends with %q", last))
	}
	if !norm.NFC.IsNormalString(c) {
		return fault(0, "letters not in Unicode NFC")
	}
	return nil
}

// plainComponent is the fast path for what nearly all marks hold: at most 32
// ASCII capitals, digits and hyphens with no hyphen at either end.
func plainComponent(c string) bool {
	if len(c) > maxComponent || c[0] == '-' || c[len(c)-1] == '-' {
		return false
	}
	for i := 0; i < len(c); i++ {
		b := c[i]
		if (b < '0' || b > '9') && (b < 'A' || b > 'Z') && b != '-' {
			return false
		}
	}
	return true
}

func isInner(r rune) bool { return strings.ContainsRune("-._+: ", r) }

// scriptOf names the script of a letter. Every letter has exactly one; those
// that stand for symbols, like the double-struck capitals, have Common.
func scriptOf(r rune) *unicode.RangeTable {
	for _, t := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Han} {
		if unicode.Is(t, r) {
			return t
		}
	}
	for _, t := range unicode.Scripts {
		if unicode.Is(t, r) {
			return t
		}
	}
	return unicode.Common
}

// MustParseID is [ParseID] for identities that are constants of a program. It
// panics when the text is not one.
func MustParseID(s string) ID {
	id, err := ParseID(s)
	if err != nil {
		panic(err)
	}
	return id
}

// IsZero reports whether id is the zero ID, which names nothing.
func (id ID) IsZero() bool { return id.s == "" }

// String returns the text form, the one spelling that [ParseID] accepts.
func (id ID) String() string { return id.s }

// MarshalText writes the text form; the zero ID is written as empty text.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.s), nil }

// UnmarshalText reads the text form as [ParseID] does.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Maker returns the maker's code, the first component.
func (id ID) Maker() string {
	m, _, _ := strings.Cut(id.s, "/")
	return m
}

// Lot returns the identity of the lot that id belongs to: id itself where id is a lot.
func (id ID) Lot() ID {
	i := strings.IndexByte(id.s, '/')
	if i < 0 {
		return ID{}
	}
	if j := strings.IndexByte(id.s[i+1:], '/'); j >= 0 {
		return ID{id.s[:i+1+j]}
	}
	return id
}

// Name returns the last component: what is printed on this package and not on its parent.
func (id ID) Name() string { return id.s[strings.LastIndexByte(id.s, '/')+1:] }

// Depth returns how many levels id lies under its lot: 0 for a lot, 1 for a
// sub-lot, at most 8.
func (id ID) Depth() int {
	if id.s == "" {
		return 0
	}
	return strings.Count(id.s, "/") - 1
}

// Parent returns the package that id was born in, or the zero ID for a lot.
func (id ID) Parent() ID {
	if id.Depth() == 0 {
		return ID{}
	}
	return ID{id.s[:strings.LastIndexByte(id.s, '/')]}
}

// Ancestor returns the package at the given depth that holds id: id itself at
// its own depth, its lot at depth 0. Outside 0 to id.Depth() it is the zero ID.
func (id ID) Ancestor(depth int) ID {
	if depth < 0 {
		return ID{}
	}
	seen := -2 // separators seen, less the two that come before depth 0 ends
	for i := 0; i < len(id.s); i++ {
		if id.s[i] == '/' {
			if seen++; seen == depth {
				return ID{id.s[:i]}
			}
		}
	}
	if depth == id.Depth() {
		return id
	}
	return ID{}
}

// Child returns the package of the given name inside id. It fails as [ParseID] does.
func (id ID) Child(name string) (ID, error) {
	if strings.ContainsRune(name, '/') {
		return ID{}, &IDError{Text: name, At: strings.IndexByte(name, '/'), Found: "/", Reason: "a separator in a name"}
	}
	return ParseID(id.s + "/" + name)
}

// Contains reports whether other is id or lies inside it.
func (id ID) Contains(other ID) bool {
	n := len(id.s)
	return n > 0 && strings.HasPrefix(other.s, id.s) && (len(other.s) == n || other.s[n] == '/')
}

// Compare orders identities component by component; inside a component a run of
// digits is compared by its width, then its value, so 9 < 10 < 0042. A run that
// ends its component sorts before one that goes on, which makes a span of
// siblings exactly an interval. It agrees with the order of [ID.AppendKey].
func (id ID) Compare(other ID) int {
	a, b := id.s, other.s
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, "/")
		y, b, _ = strings.Cut(b, "/")
		if c := compareComponents(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b)) // one of them is empty: the container first
}

func compareComponents(x, y string) int {
	if x == y {
		return 0
	}
	var bx, by [6 * maxComponent]byte // 4 bytes a letter; a run of digits needs 2 more
	return bytes.Compare(appendComponent(bx[:0], x), appendComponent(by[:0], y))
}

// Markers of a run of digits in a key. Both sort where digits sort among the
// characters of a component, and neither is a character of one.
const (
	keyEnd      = 0x00 // ends a component
	keyLastRun  = 0x2f // a run that ends its component, then its width and its digits
	keyInnerRun = 0x30 // a run that something follows, then its width and its digits
)

// AppendKey appends the order-preserving binary form of id:
//
//	component 00 component 00 …
//
// where a character of a component is its UTF-8 and a run of digits is a
// marker, its width in one byte and the digits. Keys sort as the identities do,
// and the key of an identity is a prefix of the keys of all that the package
// contains and of no others.
func (id ID) AppendKey(b []byte) []byte {
	for s := id.s; s != ""; {
		var c string
		c, s, _ = strings.Cut(s, "/")
		b = append(appendComponent(b, c), keyEnd)
	}
	return b
}

func appendComponent(b []byte, c string) []byte {
	for i := 0; i < len(c); {
		n := digitsAt(c, i)
		switch {
		case n == 0:
			b = append(b, c[i])
			i++
			continue
		case i+n == len(c):
			b = append(b, keyLastRun, byte(n))
		default:
			b = append(b, keyInnerRun, byte(n))
		}
		b = append(b, c[i:i+n]...)
		i += n
	}
	return b
}

// digitsAt returns how many ASCII digits stand in s from i on.
func digitsAt(s string, i int) int {
	n := i
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n - i
}

// ParseKey reads back what [ID.AppendKey] wrote.
func ParseKey(key []byte) (ID, error) {
	var s strings.Builder
	bad := func() (ID, error) {
		return ID{}, fmt.Errorf("marking: %s is not the key of an identity", quote(string(key)))
	}
	for i := 0; i < len(key); {
		switch b := key[i]; b {
		case keyEnd:
			if i++; i < len(key) {
				s.WriteByte('/')
			}
		case keyLastRun, keyInnerRun:
			if i+1 >= len(key) || i+2+int(key[i+1]) > len(key) {
				return bad()
			}
			s.Write(key[i+2 : i+2+int(key[i+1])])
			i += 2 + int(key[i+1])
		default:
			s.WriteByte(b)
			i++
		}
	}
	id, err := ParseID(s.String())
	if err != nil || string(id.AppendKey(nil)) != string(key) {
		return bad()
	}
	return id, nil
}
