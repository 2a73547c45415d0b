package trace

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A RecordError says what is wrong with a record in itself. Disagreement
// between records is never an error.
type RecordError struct {
	Field  string // where, e.g. lines[0].quantity; empty where it is the whole record
	Found  string // what stands there
	Wanted string // what would be accepted
	Reason string // what is wrong, in a few words
	hint   string
}

func (e *RecordError) Error() string {
	var b strings.Builder
	b.WriteString("trace: ")
	if e.Field != "" && !strings.HasPrefix(e.Reason, e.Field+" ") {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Reason)
	if e.Found != "" {
		b.WriteString(", found " + e.Found)
	}
	if e.Wanted != "" {
		b.WriteString(", wanted " + e.Wanted)
	}
	return b.String()
}

// Hint says what to do.
func (e *RecordError) Hint() string {
	switch {
	case e.hint != "":
		return e.hint
	case e.Wanted != "" && e.Field != "":
		return "give " + e.Field + " as " + e.Wanted
	case e.Wanted != "":
		return "give " + e.Wanted
	}
	return "see docs/records.md for what a record may hold"
}

// ParseRecord reads a record as one line of an import file holds it: the JSON
// object of a record, or {"record": {…}, "key": …, "signature": …} around a
// signed one. It refuses whatever is wrong with the record in itself with a
// [*RecordError] that names the field: a field that its kind does not have, one
// that is missing or has the wrong form, lines that overlap, parts that exceed
// the whole. The signature is kept and not verified.
//
// The record does not depend on line afterwards.
func ParseRecord(line []byte) (*Record, error) {
	r, err := parseLine(line)
	if err != nil {
		return nil, err
	}
	return r, nil
}

var oneOfKinds = func() form {
	words := make([]string, len(schema))
	for i, t := range schema {
		words[i] = string(t.kind)
	}
	return oneOf(words...)
}()

// checkFields checks the members of object against the fields it may have.
// Prefix is what stands before a field's name in its path, owner what the
// object is called.
func checkFields(prefix, owner string, object jsonValue, fields []field) *RecordError {
	known := 0
	var there uint64 // most fields are not
	for i := range object.members {
		there |= nameBit(object.members[i].name)
	}
	for i := range fields {
		f := &fields[i]
		var m *jsonValue
		if there&nameBit(f.name) != 0 {
			m = object.member(f.name)
		}
		if m == nil {
			if f.need == must {
				return unknownOr(prefix, owner, object, fields, missing(prefix, *f))
			}
			continue
		}
		known++
		if err := f.form.check(f.name, *m); err != nil {
			if prefix != "" { // its place is put together only where it is told
				err = f.form.check(prefix+f.name, *m)
			}
			return unknownOr(prefix, owner, object, fields, err)
		}
		if f.need == must && m.kind == '[' && len(m.members) == 0 {
			return &RecordError{Field: prefix + f.name, Found: "[]", Reason: f.name + " is empty", Wanted: f.form.says}
		}
	}
	if known == len(object.members) {
		return nil
	}
	return unknownOr(prefix, owner, object, fields, nil)
}

// nameBit returns a bit that names have in common with few others.
func nameBit(name string) uint64 {
	if name == "" {
		return 1
	}
	return 1 << ((len(name) + 5*int(name[0])) % 64)
}

// unknownOr returns the fault of a field that the object may not have, and err
// where there is none: a misspelt name explains a missing field.
func unknownOr(prefix, owner string, object jsonValue, fields []field, err *RecordError) *RecordError {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	for _, m := range object.members {
		if slices.Contains(names, m.name) {
			continue
		}
		e := &RecordError{
			Field:  prefix + m.name,
			Found:  m.value.show(),
			Wanted: "one of " + strings.Join(names, ", "),
			Reason: fmt.Sprintf("field %s is not a field of %s", show(m.name), owner),
			hint:   "put national and partner fields into ext, which is kept and re-exported unchanged",
		}
		if near := likely(m.name, names); near != "" {
			e.hint = "write " + near + " if that is meant; national and partner fields go into ext"
		}
		return e
	}
	return err
}

// likely returns the name that was probably meant by one of its beginnings or
// by a name that begins with it, or empty text.
func likely(given string, names []string) string {
	given = strings.ToLower(given)
	for _, n := range names {
		if len(given) >= 2 && len(n) >= 2 && (strings.HasPrefix(n, given) || strings.HasPrefix(given, n) || n[:2] == given[:2] && n[len(n)-1] == given[len(given)-1]) {
			return n
		}
	}
	return ""
}

func missing(prefix string, f field) *RecordError {
	return &RecordError{Field: prefix + f.name, Found: "nothing", Wanted: f.form.says, Reason: "field " + f.name + " is missing"}
}

// NewRecord returns the record of the fields given, checked as [ParseRecord]
// checks a line and with its canonical form. Of r it reads the common fields and
// the body; where Kind is empty it is the body's.
func NewRecord(r Record) (*Record, error) {
	if r.Body == nil {
		return nil, &RecordError{Field: "kind", Reason: "a record without a body", Wanted: "Record.Body"}
	}
	if r.Kind == "" {
		r.Kind = r.Body.kind()
	}
	type header Record
	head, err := json.Marshal(header(r))
	if err != nil {
		return nil, fmt.Errorf("trace: writing record %s: %w", r.Ref(), err)
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, fmt.Errorf("trace: writing record %s: %w", r.Ref(), err)
	}
	// Two objects become one: both have fields.
	line := append(head[:len(head)-1], ',')
	line = append(line, body[1:]...)
	return ParseRecord(line)
}

// MarshalJSON writes the record as an import file holds it: its canonical form,
// inside a signed record where it has a signature.
func (r *Record) MarshalJSON() ([]byte, error) {
	if r.Signature == nil {
		return r.Canonical, nil
	}
	b := append([]byte(signedRecord), r.Canonical...)
	b = appendString(append(b, signedKey...), r.KeyHint)
	b = appendString(append(b, signedSignature...), base64.StdEncoding.EncodeToString(r.Signature))
	return append(b, '}'), nil
}

// UnmarshalJSON reads what [Record.MarshalJSON] wrote, as [ParseRecord] does.
func (r *Record) UnmarshalJSON(line []byte) error {
	parsed, err := ParseRecord(line)
	if err != nil {
		return err
	}
	*r = *parsed
	return nil
}
