package trace

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of the JSON that is read. They bound the work that a line can cause;
// its length is bounded where it is read.
const (
	maxNesting = 32  // objects and arrays inside each other
	maxNumber  = 128 // characters of a number
	maxDigits  = 17  // significant digits of a number: those that tell any two doubles apart
)

// A jsonValue is a JSON value, read strictly: its canonical form says all there
// is to say about it.
type jsonValue struct {
	kind    byte         // one of { [ " 0 t f n
	exact   bool         // of an object: text is its canonical form
	text    string       // a string's content, the canonical form of a number, or an object as it was read
	members []jsonMember // of an object, in canonical order; of an array, without names
}

type jsonMember struct {
	name  string
	value jsonValue
}

// member returns the member of that name of an object, nil where it has none.
func (v *jsonValue) member(name string) *jsonValue {
	for i := range v.members { // a member is large
		if m := &v.members[i]; m.name == name {
			return &m.value
		}
	}
	return nil
}

// parseJSON reads one JSON object and nothing else. It is stricter than RFC 8259
// where two readers could understand two things: it refuses names given twice,
// text that is not UTF-8, half surrogate pairs, and numbers that a double cannot
// hold.
func parseJSON(line []byte) (jsonValue, *RecordError) { return new(jsonParser).parse(string(line)) }

// parse is parseJSON. The value is good until the parser is released.
func (p *jsonParser) parse(line string) (jsonValue, *RecordError) {
	p.cursor = cursor{s: line}
	if !utf8.ValidString(p.s) {
		for i, r := range p.s {
			if r == utf8.RuneError && !strings.HasPrefix(p.s[i:], "\uFFFD") {
				p.i = i
				break
			}
		}
		return jsonValue{}, p.fault("text that is not UTF-8", fmt.Sprintf("byte 0x%02x", p.s[p.i]), "UTF-8")
	}
	p.space()
	if p.i < len(p.s) && p.s[p.i] != '{' {
		return jsonValue{}, p.unexpected("a JSON object, beginning with {")
	}
	v, err := p.value(1)
	if err != nil {
		return jsonValue{}, err
	}
	if p.space(); p.i < len(p.s) {
		return jsonValue{}, p.unexpected("one object a line and nothing after it")
	}
	return v, nil
}

// jsonParser reads what follows its cursor.
type jsonParser struct {
	cursor
	odd int // what it met that a canonical form does not have

	open []jsonMember // what is not closed yet
	kept []jsonMember // where the members of a value go when it is closed, in one piece
}

var parsers = sync.Pool{New: func() any { return new(jsonParser) }}

// release lets the parser be used for another line. Nothing of what it read may be
// used any more but texts.
func (p *jsonParser) release() {
	p.s = ""
	p.open, p.kept = emptied(p.open), emptied(p.kept)
	parsers.Put(p)
}

// emptied keeps the room of a list, unless it is much.
func emptied(all []jsonMember) []jsonMember {
	const much = 1024
	if cap(all) > much {
		return nil
	}
	clear(all)
	return all[:0]
}

// keep closes what was opened from a place on. Where those that are kept have no
// room for it, they stay where they are, and others begin.
func (p *jsonParser) keep(from int) []jsonMember {
	const room = 64
	list := p.open[from:]
	if len(p.kept)+len(list) > cap(p.kept) {
		p.kept = make([]jsonMember, 0, max(room, 2*len(list)))
	}
	first := len(p.kept)
	p.kept = append(p.kept, list...)
	clear(list)
	p.open = p.open[:from]
	return p.kept[first:len(p.kept):len(p.kept)]
}

// notComplete is the reason for a text that ends before its JSON does.
const notComplete = "not complete JSON"

func (p *jsonParser) fault(reason, found, wanted string) *RecordError {
	return &RecordError{Reason: fmt.Sprintf("%s at byte %d", reason, p.i+1), Found: found, Wanted: wanted}
}

func (p *jsonParser) unexpected(wanted string) *RecordError {
	if p.i >= len(p.s) {
		return &RecordError{Reason: notComplete, Found: "the end after " + tail(p.s), Wanted: wanted}
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return p.fault("not JSON", strconv.QuoteRune(r), wanted)
}

func tail(s string) string {
	const most = 20
	if len(s) > most {
		s = strings.ToValidUTF8(s[len(s)-most:], "")
	}
	return strconv.Quote(s)
}

func (p *jsonParser) space() {
	for p.i < len(p.s) && p.s[p.i] <= ' ' && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
		p.odd++
	}
}

func (p *jsonParser) value(depth int) (jsonValue, *RecordError) {
	if p.i >= len(p.s) {
		return jsonValue{}, p.unexpected("a value")
	}
	switch c := p.s[p.i]; {
	case c == '{' || c == '[':
		if depth > maxNesting {
			return jsonValue{}, p.fault("nested too deeply", string(c), fmt.Sprintf("at most %d levels", maxNesting))
		}
		if c == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return jsonValue{kind: '"', text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(p.s[p.i:], word) {
			p.i += len(word)
			return jsonValue{kind: word[0], text: word}, nil
		}
		if strings.HasPrefix(word, p.s[p.i:]) {
			p.i = len(p.s)
		}
	}
	return jsonValue{}, p.unexpected("a value")
}

func (p *jsonParser) object(depth int) (jsonValue, *RecordError) {
	v := jsonValue{kind: '{'}
	first, start, odd := len(p.open), p.i, p.odd
	p.i++
	for p.space(); ; p.space() {
		if len(p.open) == first && p.at('}') {
			p.i++
			v.exact, v.text = p.odd == odd, p.s[start:p.i]
			return v, nil
		}
		if !p.at('"') {
			return v, p.unexpected("a field name in quotes")
		}
		name, err := p.str()
		if err != nil {
			return v, err
		}
		if p.space(); !p.at(':') {
			return v, p.unexpected("a colon after the field name")
		}
		p.i++
		p.space()
		m, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		p.open = append(p.open, jsonMember{name, m})
		p.space()
		switch {
		case p.at(','):
			p.i++
		case p.at('}'):
			p.i++
			v.text = p.s[start:p.i]
			v.members = p.keep(first)
			if !slices.IsSortedFunc(v.members, compareNames) {
				slices.SortStableFunc(v.members, compareNames)
				p.odd++
			}
			v.exact = p.odd == odd
			for i := 1; i < len(v.members); i++ {
				if name := v.members[i].name; name == v.members[i-1].name {
					return v, &RecordError{Field: name, Reason: "field " + show(name) + " is given twice", Wanted: "each field once"}
				}
			}
			return v, nil
		default:
			return v, p.unexpected("a comma or }")
		}
	}
}

func (p *jsonParser) array(depth int) (jsonValue, *RecordError) {
	v := jsonValue{kind: '['}
	first := len(p.open)
	p.i++
	for p.space(); ; p.space() {
		if len(p.open) == first && p.at(']') {
			p.i++
			return v, nil
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		p.open = append(p.open, jsonMember{value: item})
		p.space()
		switch {
		case p.at(','):
			p.i++
		case p.at(']'):
			p.i++
			v.members = p.keep(first)
			return v, nil
		default:
			return v, p.unexpected("a comma or ]")
		}
	}
}

func (p *jsonParser) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

// str reads a string; p stands on its opening quote.
func (p *jsonParser) str() (string, *RecordError) {
	p.i++
	start := p.i
	var b strings.Builder // holds what stands before start, once there is an escape
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[start:p.i]
			p.i++
			if b.Len() > 0 {
				b.WriteString(s)
				return b.String(), nil
			}
			return s, nil
		case c < ' ':
			return "", p.fault("a control character inside a string", strconv.QuoteRune(rune(c)), `an escape such as \n`)
		case c != '\\':
			p.i++
		default:
			p.odd++
			b.WriteString(p.s[start:p.i])
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
			start = p.i
		}
	}
	return "", p.unexpected("a closing quote")
}

// escape reads an escape; p stands on its backslash.
func (p *jsonParser) escape() (rune, *RecordError) {
	if p.i+1 >= len(p.s) {
		p.i = len(p.s)
		return 0, p.unexpected("an escape")
	}
	c := p.s[p.i+1]
	if c != 'u' {
		const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
		k := strings.IndexByte(from, c)
		if k < 0 {
			return 0, p.fault("an escape that JSON does not have", `\`+string(rune(c)), `one of \" \\ \/ \b \f \n \r \t \u`)
		}
		p.i += 2
		return rune(to[k]), nil
	}
	r, err := p.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if strings.HasPrefix(p.s[p.i:], `\u`) {
		low, err := p.unit()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, p.fault("half a surrogate pair", fmt.Sprintf(`\u%04x`, r), "two that belong together, or the character itself")
}

// unit reads \u and four hexadecimal digits.
func (p *jsonParser) unit() (rune, *RecordError) {
	if p.i+6 > len(p.s) {
		p.i = len(p.s)
		return 0, p.unexpected(`four hexadecimal digits after \u`)
	}
	n, err := strconv.ParseUint(p.s[p.i+2:p.i+6], 16, 16)
	if err != nil {
		return 0, p.fault("a broken escape", strconv.Quote(p.s[p.i:p.i+6]), `four hexadecimal digits after \u`)
	}
	p.i += 6
	return rune(n), nil
}

func (p *jsonParser) number() (jsonValue, *RecordError) {
	start := p.i
	digits := func() int {
		n := 0
		for ; p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9'; p.i++ {
			n++
		}
		return n
	}
	if p.at('-') {
		p.i++
	}
	if p.at('0') {
		p.i++
	} else if digits() == 0 {
		return jsonValue{}, p.unexpected("a digit")
	}
	if p.at('.') {
		if p.i++; digits() == 0 {
			return jsonValue{}, p.unexpected("a digit after the point")
		}
	}
	if p.at('e') || p.at('E') {
		if p.i++; p.at('+') || p.at('-') {
			p.i++
		}
		if digits() == 0 {
			return jsonValue{}, p.unexpected("a digit in the exponent")
		}
	}
	text, ok := canonicalNumber(p.s[start:p.i])
	if !ok {
		found := p.s[start:p.i]
		p.i = start
		return jsonValue{}, p.fault("a number that a double cannot hold", show(found), "a number that survives, or text in quotes")
	}
	if text != p.s[start:p.i] {
		p.odd++
	}
	return jsonValue{kind: '0', text: text}, nil
}

// canonicalNumber writes a JSON number as ECMAScript writes the double nearest
// to it. It reports false where a double cannot hold the number: out of its
// range, of more than 17 significant digits, or a whole number that would become
// another one, which written with as many digits as were given it must not.
func canonicalNumber(s string) (string, bool) {
	if len(s) <= 15 && (s[0] != '0' || len(s) == 1) && onlyDigits(s) {
		return s, true // a whole number that any double holds
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || len(s) > maxNumber {
		return "", false
	}
	digits, exponent := decimal(s)
	if digits == "" {
		return "0", true
	}
	d, e := decimal(strconv.FormatFloat(f, 'e', len(digits)-1, 64))
	same := d == digits && e == exponent
	if f == 0 || len(digits) > maxDigits || exponent >= 0 && !same {
		return "", false
	}
	format := byte('f')
	if a := math.Abs(f); a < 1e-6 || a >= 1e21 {
		format = 'e'
	}
	out := strconv.FormatFloat(f, format, -1, 64)
	return strings.Replace(out, "e-0", "e-", 1), true
}

func onlyDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// decimal returns the significant digits of a JSON number, zeros at both ends
// left out, and the power of ten of the last of them.
func decimal(s string) (digits string, exponent int) {
	s = strings.TrimPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(s[i+1:]) // out of range means out of a double's, too
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	exponent -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	n := len(digits)
	digits = strings.TrimRight(digits, "0")
	return digits, exponent + n - len(digits)
}

func compareNames(a, b jsonMember) int { return compareUTF16(a.name, b.name) }

// compareUTF16 orders texts by their UTF-16 code units, as RFC 8785 orders names.
func compareUTF16(a, b string) int {
	for len(a) > 0 && len(b) > 0 && a[0] < utf8.RuneSelf && b[0] < utf8.RuneSelf {
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			return cmp.Or(cmp.Compare(firstUnit(x), firstUnit(y)), cmp.Compare(x, y))
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func firstUnit(r rune) rune {
	if high, _ := utf16.EncodeRune(r); high != utf8.RuneError {
		return high
	}
	return r
}

// appendCanonical appends the RFC 8785 form of v.
func (v *jsonValue) appendCanonical(b []byte) []byte {
	switch v.kind {
	case '{':
		b = append(b, '{')
		for i := range v.members {
			m := &v.members[i]
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, m.name)
			b = append(b, ':')
			b = m.value.appendCanonical(b)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.members[i].value.appendCanonical(b)
		}
		return append(b, ']')
	case '"':
		return appendString(b, v.text)
	}
	return append(b, v.text...)
}

// appendString appends a JSON string with no more escapes than it must have.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		if k := strings.IndexByte("\"\\\b\f\n\r\t", c); k >= 0 {
			b = append(b, '\\', `"\bfnrt`[k])
		} else {
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// show makes a text that may be long or hold control characters fit to print.
func show(s string) string {
	const most = 80
	if len(s) > most {
		return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + fmt.Sprintf("… (%d bytes)", len(s))
	}
	if q := strconv.Quote(s); s == "" || len(q) != len(s)+2 || strings.ContainsAny(s, " ") {
		return q
	}
	return s
}
