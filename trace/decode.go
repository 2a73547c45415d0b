package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
)

// Records are read straight from their canonical form, whose members come in the
// order of their names: an import has millions, and an answer reads thousands.

// ReadCanonical sets r to the record of which b is the canonical form. It trusts
// that b is what [ParseRecord] gave as Record.Canonical, and gives the same record
// for it, in a third of the time: it checks neither what the fields say nor that
// the form is the canonical one. Of what is not the canonical form of a record it
// may make anything, but it ends, and what it cannot read is an error.
//
// The record does not depend on b afterwards. Its texts are parts of one string.
func (r *Record) ReadCanonical(b []byte) error {
	p := parsers.Get().(*jsonParser) // for its cursor
	defer p.release()
	p.cursor = cursor{s: string(b)}
	kind, ok := p.kind()
	t := tables[kind]
	*r = Record{}
	if !ok || t == nil || !p.record(r, t) {
		return p.unreadable()
	}
	r.Canonical = bytes.Clone(b)
	return nil
}

func (c *cursor) unreadable() *RecordError {
	return &RecordError{Reason: fmt.Sprintf("not the canonical form of a record at byte %d", c.i+1)}
}

// record sets r, which is empty, to the record of a kind that is all of the text.
func (c *cursor) record(r *Record, t *fullTable) bool {
	r.Body = t.body()
	ok := t.layout.read(c, reflect.ValueOf(r).Elem(), reflect.ValueOf(r.Body).Elem()) && c.i == len(c.s)
	r.ref = r.Ref()
	return ok
}

// kind returns the kind of the record that begins here.
func (c cursor) kind() (Kind, bool) {
	for open := c.take('{'); open; open = c.take(',') {
		name, ok := c.name()
		if name == "kind" {
			kind, ok := c.text()
			return Kind(kind), ok
		}
		if !ok || !c.skip() {
			return "", false
		}
	}
	return "", false
}

// A layout is the members that an object may have, in the order of their names.
type layout []member

// A member goes into a field of one of the structs that an object is read into.
type member struct {
	name string
	in   int // the struct
	at   int // the field
	read reader
}

// layoutOf lays out the fields of structs by the names of their JSON form.
func layoutOf(structs ...reflect.Type) (l layout) {
	for in, t := range structs {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if name != "-" && t.Field(i).IsExported() {
				l = append(l, member{name, in, i, readerOf(t.Field(i).Type)})
			}
		}
	}
	slices.SortFunc(l, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return l
}

// read reads an object.
func (l layout) read(c *cursor, structs ...reflect.Value) bool {
	if !c.take('{') {
		return false
	}
	if c.take('}') {
		return true
	}
	for i := 0; ; i++ {
		name, ok := c.name()
		for i < len(l) && l[i].name != name {
			i++
		}
		if !ok || i == len(l) {
			return false
		}
		m := &l[i]
		if !m.read(c, structs[m.in].Field(m.at)) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
}

// A reader sets a value of one type to what stands at a cursor, and reports
// whether it could be read.
type reader func(c *cursor, to reflect.Value) bool

func readerOf(t reflect.Type) reader {
	switch t {
	case reflect.TypeFor[When]():
		return textReader(ParseWhen)
	case reflect.TypeFor[marking.ID]():
		return textReader(marking.ParseID)
	case reflect.TypeFor[marking.Span]():
		return textReader(marking.ParseSpan)
	case reflect.TypeFor[[]byte]():
		return textReader(base64.StdEncoding.DecodeString)
	case reflect.TypeFor[json.RawMessage]():
		return func(c *cursor, to reflect.Value) bool {
			from := c.i
			ok := c.skip()
			to.SetBytes([]byte(c.s[from:c.i]))
			return ok
		}
	}
	switch t.Kind() {
	case reflect.String:
		return func(c *cursor, to reflect.Value) bool {
			s, ok := c.text()
			to.SetString(s)
			return ok
		}
	case reflect.Int64:
		return func(c *cursor, to reflect.Value) bool {
			n, err := strconv.ParseInt(c.number(), 10, 64)
			to.SetInt(n)
			return err == nil
		}
	case reflect.Uint64:
		return func(c *cursor, to reflect.Value) bool {
			n, err := strconv.ParseUint(c.number(), 10, 64)
			to.SetUint(n)
			return err == nil
		}
	case reflect.Float64:
		return func(c *cursor, to reflect.Value) bool {
			f, err := strconv.ParseFloat(c.number(), 64)
			to.SetFloat(f)
			return err == nil
		}
	case reflect.Pointer:
		elem := readerOf(t.Elem())
		return func(c *cursor, to reflect.Value) bool {
			p := reflect.New(t.Elem())
			to.Set(p)
			return elem(c, p.Elem())
		}
	case reflect.Slice:
		return listReader(t, readerOf(t.Elem()))
	case reflect.Map:
		return readMap
	case reflect.Struct:
		l := layoutOf(t)
		return func(c *cursor, to reflect.Value) bool { return l.read(c, to) }
	}
	panic("trace: no reader for " + t.String()) // a new type of field, which any test shows
}

// textReader reads what has a text form.
func textReader[T any](parse func(string) (T, error)) reader {
	return func(c *cursor, to reflect.Value) bool {
		s, ok := c.text()
		if !ok {
			return false
		}
		v, err := parse(s)
		*to.Addr().Interface().(*T) = v
		return err == nil
	}
}

// listReader reads a list of type t. It has no more room than it needs, for
// records are kept.
func listReader(t reflect.Type, elem reader) reader {
	return func(c *cursor, to reflect.Value) bool {
		n, ok := c.count()
		if !ok {
			return false
		}
		if n == 0 {
			to.Set(reflect.MakeSlice(t, 0, 0))
			return c.pass("[]")
		}
		to.Grow(n)
		to.SetLen(n)
		for i := range n {
			if !c.take("[,"[min(i, 1)]) || !elem(c, to.Index(i)) {
				return false
			}
		}
		return c.take(']')
	}
}

// readMap reads an object of texts.
func readMap(c *cursor, to reflect.Value) bool {
	m := map[string]string{}
	to.Set(reflect.ValueOf(m))
	if c.pass("{}") {
		return true
	}
	for open := c.take('{'); open; open = c.take(',') {
		name, ok := c.name()
		if !ok {
			return false
		}
		if m[name], ok = c.text(); !ok {
			return false
		}
	}
	return c.take('}')
}
