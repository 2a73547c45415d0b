package marking

import (
	"bytes"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Layout of a frame of version 1, all numbers big-endian. docs/format.md states
// it in full.
//
//	0      001 u llll   version 1; u = 1: unsigned; level, 1 lot to 9 item
//	1      hint         4 bytes, first of SHA-256 over algorithm and public key; signed frames only
//	1|5    cccccccc cccmmmmm mmmmmmmf   calibre, 11 bits; month, 12 bits; f = 1: fields follow
//	       n            length of the path in bytes, 1 to 255; only where f = 1
//	       path         the identity, dense; or 00 and its UTF-8
//	       fields       tag, length 1 to 255, value; by rising tag and value; only where f = 1
//	end    signature    64 bytes Ed25519; signed frames only
const (
	frameVersion  = 1 << 5
	versionMask   = 7 << 5
	unsignedFlag  = 1 << 4
	levelMask     = 1<<4 - 1
	hintLen       = 4
	signatureLen  = 64
	maxFrame      = 512 // bytes, signature included
	maxFieldValue = 255

	tagCalibre  = 1  // text, where the calibre's number is 2047
	tagRounds   = 2  // number in as few bytes as it takes
	tagType     = 3  // text
	tagNSN      = 4  // dense
	tagNational = 16 // text STATE:NAME=VALUE; several may stand
)

// signContext keeps signatures of marks apart from those over anything else.
const signContext = "sublot/mark/v1\x00"

// A FrameError says why bytes are not a frame, or why a mark cannot be written
// as one.
type FrameError struct {
	Reason string // what was found and what is wanted
	hint   string
}

func (e *FrameError) Error() string { return "marking: " + e.Reason }

// Hint says what to do.
func (e *FrameError) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	return "these are not the bytes of a sublot mark: read the symbol again, or decode it as GS1 or ISO/IEC 15434"
}

func badFrame(format string, args ...any) error {
	return &FrameError{Reason: "not a frame: " + fmt.Sprintf(format, args...)}
}

func badMark(hint, format string, args ...any) error {
	return &FrameError{Reason: fmt.Sprintf(format, args...), hint: hint}
}

// A wire is a frame taken apart. Unlike a [Mark] it depends on no dictionary,
// so that an old frame has one spelling whatever is added to the list of
// calibres.
type wire struct {
	unsigned bool
	level    int
	hint     KeyHint
	calibre  int
	made     Month
	path     []byte // dense, or 0 and UTF-8
	fields   []byte
	sig      []byte
}

// claims returns the length of all but the signature.
func (w *wire) claims() int {
	n := 1 + 3 + len(w.path)
	if !w.unsigned {
		n += hintLen
	}
	if len(w.fields) > 0 {
		n += 1 + len(w.fields)
	}
	return n
}

// len returns the length of the frame.
func (w *wire) len() int {
	if w.unsigned {
		return w.claims()
	}
	return w.claims() + signatureLen
}

// appendClaims appends all but the signature.
func (w *wire) appendClaims(b []byte) []byte {
	first := byte(frameVersion | w.level)
	if w.unsigned {
		first |= unsignedFlag
	}
	b = append(b, first)
	if !w.unsigned {
		b = append(b, w.hint[:]...)
	}
	v := uint32(w.calibre)<<13 | uint32(w.made)<<1
	if len(w.fields) > 0 {
		v |= 1
	}
	b = append(b, byte(v>>16), byte(v>>8), byte(v))
	if len(w.fields) > 0 {
		b = append(b, byte(len(w.path)))
	}
	b = append(b, w.path...)
	return append(b, w.fields...)
}

// parseWire takes a frame apart. It checks lengths alone; what the parts say is
// checked by mark.
func parseWire(frame []byte) (w wire, err error) {
	switch {
	case len(frame) == 0:
		return w, badFrame("no bytes")
	case len(frame) > maxFrame:
		return w, badFrame("%d bytes, wanted %d at most", len(frame), maxFrame)
	case frame[0]&versionMask != frameVersion:
		return w, badFrame("first byte %02x, wanted version 1, 21 to 39", frame[0])
	}
	w.unsigned = frame[0]&unsignedFlag != 0
	w.level = int(frame[0] & levelMask)
	rest := frame[1:]
	if !w.unsigned {
		if len(rest) < hintLen+3+1+signatureLen {
			return w, badFrame("%d bytes, too short for a signed frame", len(frame))
		}
		copy(w.hint[:], rest)
		cut := len(rest) - signatureLen
		rest, w.sig = rest[hintLen:cut], rest[cut:]
	}
	if len(rest) < 3+1 {
		return w, badFrame("%d bytes, too short", len(frame))
	}
	v := uint32(rest[0])<<16 | uint32(rest[1])<<8 | uint32(rest[2])
	rest = rest[3:]
	w.calibre, w.made = int(v>>13), Month(v>>1)&lastMonth
	if v&1 == 0 {
		w.path = rest
		return w, nil
	}
	n := int(rest[0])
	if n == 0 || 1+n >= len(rest) {
		return w, badFrame("a path of %d bytes where %d are left for path and fields", n, len(rest)-1)
	}
	w.path, w.fields = rest[1:1+n], rest[1+n:]
	return w, nil
}

// mark reads what the parts say.
func (w *wire) mark() (m Mark, err error) {
	if w.level < 1 || w.level > len(levels) {
		return m, badFrame("level %d, wanted 1 to %d", w.level, len(levels))
	}
	m.Level, m.Made = levels[w.level-1], w.made
	if len(w.path) > maxDense {
		return m, badFrame("a path of %d bytes, wanted %d at most", len(w.path), maxDense)
	}
	var text string
	if w.path[0] == 0 {
		text = string(w.path[1:])
		if !needsUTF8(text) {
			return m, badFrame("identity %s written as UTF-8 though it needs none", quote(text))
		}
	} else {
		text, _ = dense(w.path)
	}
	if m.Item, err = ParseID(text); err != nil {
		return m, badFrame("%s", strings.TrimPrefix(err.Error(), "marking: "))
	}
	if w.calibre != calibreText {
		m.Calibre = calibreName(w.calibre)
	}
	var last Field
	for rest := w.fields; len(rest) > 0; {
		if len(rest) < 2 || rest[1] == 0 || 2+int(rest[1]) > len(rest) {
			return m, badFrame("field %d has a length beyond the frame, or none", rest[0])
		}
		end := 2 + int(rest[1])
		f := Field{rest[0], rest[2:end]}
		rest = rest[end:]
		if compareFields(last, f) >= 0 || last.Tag == f.Tag && f.known() && f.Tag != tagNational {
			return m, badFrame("field %d is twice or out of order", f.Tag)
		}
		if err := m.setField(f); err != nil {
			return m, badFrame("field %d: %v", f.Tag, err)
		}
		last = f
	}
	if hasText := len(w.fields) > 0 && w.fields[0] == tagCalibre; hasText != (w.calibre == calibreText) {
		return m, badFrame("calibre number %d and a text of the calibre do not go together", w.calibre)
	}
	return m, nil
}

// known reports whether this build has a name for the field.
func (f Field) known() bool {
	switch f.Tag {
	case tagCalibre, tagRounds, tagType, tagNSN, tagNational:
		return true
	}
	return false
}

func (m *Mark) setField(f Field) error {
	switch f.Tag {
	case 0:
		return fmt.Errorf("a tag that is never used")
	case tagCalibre:
		m.Calibre = string(f.Value)
		return checkCalibreText(m.Calibre)
	case tagRounds:
		if f.Value[0] == 0 || len(f.Value) > 5 {
			return fmt.Errorf("number of rounds %x is not in as few bytes as it takes, 5 at most", f.Value)
		}
		for _, b := range f.Value {
			m.Rounds = m.Rounds<<8 | int64(b)
		}
		if m.Rounds > maxRounds {
			return fmt.Errorf("%d rounds, wanted %d at most", m.Rounds, int64(maxRounds))
		}
	case tagType:
		m.Type = string(f.Value)
		return checkText(m.Type, maxTypeLen)
	case tagNSN:
		m.NSN, _ = dense(f.Value)
		return checkNSN(m.NSN)
	case tagNational:
		n, err := ParseNational(string(f.Value))
		if err != nil {
			return err
		}
		m.National = append(m.National, n)
	default:
		m.Unknown = append(m.Unknown, Field{f.Tag, slices.Clone(f.Value)})
	}
	return nil
}

// needsUTF8 reports whether an identity has a character that is not in the
// dense alphabet.
func needsUTF8(s string) bool {
	for i := range len(s) {
		if denseValue[s[i]] == 0 {
			return true
		}
	}
	return false
}

// wireOf writes the parts of a mark, with the calibre's number of this build's
// dictionary.
func wireOf(m Mark, unsigned bool) (wire, error) {
	number, text, err := calibreNumber(m.Calibre)
	if err != nil {
		return wire{}, badMark("name a calibre of the dictionary, or write it in 32 bytes", "calibre: %v", err)
	}
	return wireWith(m, unsigned, number, text)
}

func wireWith(m Mark, unsigned bool, number int, text string) (w wire, err error) {
	w.unsigned = unsigned
	if m.Item.IsZero() {
		return w, badMark("set Mark.Item, e.g. marking.ParseID(\"XCW/XCW24C001-012/001/0042\")", "mark without an item")
	}
	if w.level = m.Level.number(); w.level == 0 {
		_, err := ParseLevel(string(m.Level))
		return w, badMark("set the level of the package: lot, sublot, pallet, case, crate, tin, box, carton or item",
			"%s", strings.TrimPrefix(err.Error(), "marking: "))
	}
	if m.Made > lastMonth {
		return w, badMark("state a month from 1850-01 to 2191-03", "month of manufacture %d is out of range", m.Made)
	}
	w.made = m.Made
	if needsUTF8(m.Item.s) {
		w.path = append([]byte{0}, m.Item.s...)
	} else {
		w.path, _ = appendDense(make([]byte, 0, 48), m.Item.s)
	}
	if len(w.path) == 0 || len(w.path) > maxDense {
		return w, badMark("name the package with fewer or shorter components",
			"identity %s is too long for a mark: wanted %d bytes at most", quote(m.Item.s), maxDense)
	}
	w.calibre = number
	if w.fields, err = m.appendFields(nil, text); err != nil {
		return w, err
	}
	if n := w.len(); n > maxFrame {
		return w, badMark("leave out optional fields, or shorten their texts",
			"too long for a mark: %d bytes, wanted %d at most", n, maxFrame)
	}
	return w, nil
}

// appendFields appends the optional fields in their order. Text is the calibre
// where the dictionary has no number for it.
func (m *Mark) appendFields(b []byte, text string) ([]byte, error) {
	add := func(tag byte, value string) {
		b = append(append(b, tag, byte(len(value))), value...)
	}
	if text != "" {
		add(tagCalibre, text)
	}
	if m.Rounds != 0 {
		if m.Rounds < 0 || m.Rounds > maxRounds {
			return nil, badMark("state the rounds in this one package", "%d rounds, wanted 1 to %d", m.Rounds, int64(maxRounds))
		}
		n := (bits.Len64(uint64(m.Rounds)) + 7) / 8
		b = append(b, tagRounds, byte(n))
		for n--; n >= 0; n-- {
			b = append(b, byte(m.Rounds>>(8*n)))
		}
	}
	if m.Type != "" {
		if err := checkText(m.Type, maxTypeLen); err != nil {
			return nil, badMark("write the type in a few words, e.g. ball", "type: %v", err)
		}
		add(tagType, m.Type)
	}
	if m.NSN != "" {
		if err := checkNSN(m.NSN); err != nil {
			return nil, badMark("write the NSN without hyphens", "%v", err)
		}
		packed, _ := appendDense(nil, m.NSN)
		add(tagNSN, string(packed))
	}
	if len(m.National) == 0 && len(m.Unknown) == 0 {
		return b, nil
	}
	more := make([]Field, 0, len(m.National)+len(m.Unknown))
	for _, n := range m.National {
		if err := n.check(); err != nil {
			return nil, badMark("a national element is STATE:NAME=VALUE such as XB:unit=POL-3", "national element: %v", err)
		}
		more = append(more, Field{tagNational, []byte(n.String())})
	}
	for _, f := range m.Unknown {
		if f.Tag == 0 || f.known() || len(f.Value) == 0 || len(f.Value) > maxFieldValue {
			return nil, badMark("an unknown field has a tag that this build has no name for and 1 to 255 bytes",
				"field with tag %d and %d bytes", f.Tag, len(f.Value))
		}
		more = append(more, f)
	}
	slices.SortFunc(more, compareFields)
	for i, f := range more {
		if i > 0 && compareFields(more[i-1], f) == 0 {
			return nil, badMark("state each field once", "field %d is given twice with the same value", f.Tag)
		}
		b = append(append(b, f.Tag, byte(len(f.Value))), f.Value...)
	}
	return b, nil
}

// parseFrame takes a frame apart, reads it, and refuses it unless writing it
// again gives the same bytes.
func parseFrame(frame []byte) (wire, Mark, error) {
	w, err := parseWire(frame)
	if err != nil {
		return w, Mark{}, err
	}
	m, err := w.mark()
	if err != nil {
		return w, Mark{}, err
	}
	text := ""
	if w.calibre == calibreText {
		text = m.Calibre
	}
	again, err := wireWith(m, w.unsigned, w.calibre, text)
	again.hint = w.hint
	if err != nil || !bytes.Equal(again.appendClaims(make([]byte, 0, len(frame))), frame[:len(frame)-len(w.sig)]) {
		return w, Mark{}, badFrame("it is not in its one spelling")
	}
	return w, m, nil
}
