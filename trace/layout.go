package trace

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
)

// A layout is the members that an object may have, in the order of their names.
type layout struct {
	members []member
	needed  int // members that must be there
}

// A member goes into a field of one of the structs that an object is read into.
type member struct {
	initial byte   // of its name
	begins  string // its name in quotes and the colon
	need    need
	in      int // the struct
	at      int // the field
	read    reader
}

// layoutOf lays out the fields of a schema table by the structs whose JSON form
// has them.
func layoutOf(fields []field, structs ...reflect.Type) layout {
	var l layout
	for _, f := range slices.SortedFunc(slices.Values(fields), func(a, b field) int { return strings.Compare(a.name, b.name) }) {
		in, at := fieldOf(f.name, structs)
		l.members = append(l.members, member{f.name[0], `"` + f.name + `":`, f.need, in, at, readerOf(structs[in].Field(at).Type, f)})
		if f.need == must {
			l.needed++
		}
	}
	return l
}

// fieldOf returns the struct, and its field, whose JSON form has a name.
func fieldOf(name string, structs []reflect.Type) (in, at int) {
	for in, t := range structs {
		for at := range t.NumField() {
			if tag, _, _ := strings.Cut(t.Field(at).Tag.Get("json"), ","); tag == name {
				return in, at
			}
		}
	}
	panic("trace: no place for " + name) // a new field of a table, which any test shows
}

// read reads an object.
func (l *layout) read(p *jsonParser, structs ...reflect.Value) bool {
	if !p.take('{') {
		return false
	}
	needed := l.needed
	if p.take('}') {
		return needed == 0 || !p.checks
	}
	initial := p.initial()
	for i := range l.members {
		m := &l.members[i]
		if m.initial != initial || !p.pass(m.begins) {
			continue // as most do that may be there
		}
		if !m.read(p, structs[m.in].Field(m.at)) {
			return false
		}
		if m.need == must {
			needed--
		}
		if !p.take(',') {
			return p.take('}') && (needed == 0 || !p.checks)
		}
		initial = p.initial()
	}
	return false
}

// A reader sets a value of one type to what stands at the cursor of a parser, and
// reports whether it could be read. Where the parser checks, it reads only what is
// canonical and has the form of its field.
type reader func(p *jsonParser, to reflect.Value) bool

func readerOf(t reflect.Type, f field) reader {
	switch t {
	case reflect.TypeFor[When]():
		return textReader(ParseWhen)
	case reflect.TypeFor[marking.ID]():
		return textReader(marking.ParseID)
	case reflect.TypeFor[marking.Span]():
		return textReader(marking.ParseSpan)
	case reflect.TypeFor[[]byte]():
		return checked(f.form, textReader(base64.StdEncoding.DecodeString))
	case reflect.TypeFor[[]Line]():
		return readLines
	case reflect.TypeFor[json.RawMessage]():
		return checked(f.form, readRaw)
	}
	form := f.form
	switch t.Kind() {
	case reflect.String:
		return func(p *jsonParser, to reflect.Value) bool {
			s, ok := p.textOf(&form)
			to.SetString(s)
			return ok
		}
	case reflect.Int64:
		return func(p *jsonParser, to reflect.Value) bool {
			n, ok := p.wholeOf(&form)
			to.SetInt(n)
			return ok
		}
	case reflect.Uint64:
		return func(p *jsonParser, to reflect.Value) bool {
			n, ok := p.wholeOf(&form)
			to.SetUint(uint64(n))
			return ok
		}
	case reflect.Float64:
		return checked(f.form, readFloat)
	case reflect.Pointer:
		elem := readerOf(t.Elem(), f)
		return func(p *jsonParser, to reflect.Value) bool {
			v := reflect.New(t.Elem())
			to.Set(v)
			return elem(p, v.Elem())
		}
	case reflect.Slice:
		return listReader(t, f)
	case reflect.Map:
		return checked(f.form, readMap)
	case reflect.Struct:
		l := layoutOf(f.form.fields, t)
		return func(p *jsonParser, to reflect.Value) bool { return l.read(p, to) }
	}
	panic("trace: no reader for " + t.String()) // a new type of field, which any test shows
}

// checked is a reader that looks at the value as a tree first, where it is checked:
// for what is rare, or may say anything.
func checked(f form, read reader) reader {
	const depth = 3 // of ext in a signed record: the only one that may hold objects
	return func(p *jsonParser, to reflect.Value) bool {
		if !p.checks {
			return read(p, to)
		}
		from, odd := p.i, p.odd
		v, err := p.value(depth)
		if err != nil || p.odd != odd || f.check("", v) != nil {
			return false
		}
		end := p.i
		p.i = from
		return read(p, to) && p.i == end
	}
}

// textReader reads what has a text form. To parse it is to check it.
func textReader[T any](parse func(string) (T, error)) reader {
	return func(p *jsonParser, to reflect.Value) bool {
		s, ok := p.text()
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
func listReader(t reflect.Type, f field) reader {
	elem := readerOf(t.Elem(), field{form: *f.form.elem})
	return func(p *jsonParser, to reflect.Value) bool {
		n, ok := p.count()
		if !ok {
			return false
		}
		if n == 0 {
			to.Set(reflect.MakeSlice(t, 0, 0))
			return p.pass("[]") && (f.need == may || !p.checks)
		}
		to.Grow(n)
		to.SetLen(n)
		for i := range n {
			if !p.take("[,"[min(i, 1)]) || !elem(p, to.Index(i)) {
				return false
			}
		}
		return p.take(']')
	}
}

// readLines reads a lineList, which nearly all records have, as [listReader] would
// and without its detours.
func readLines(p *jsonParser, to reflect.Value) bool {
	var first Line
	if !p.take('[') || !p.line(&first) {
		return false
	}
	lines := make([]Line, 1+p.more())
	lines[0] = first
	for i := range lines[1:] {
		if !p.take(',') || !p.line(&lines[1+i]) {
			return false
		}
	}
	*to.Addr().Interface().(*[]Line) = lines
	return p.take(']')
}

func (p *jsonParser) line(l *Line) bool {
	if !p.pass(`{"item":`) {
		return false
	}
	item, ok := p.text()
	if !ok {
		return false
	}
	var err error
	if l.Item, err = marking.ParseSpan(item); err != nil || !p.pass(`,"quantity":`) {
		return false
	}
	l.Quantity, ok = p.wholeOf(&aQuantity)
	return ok && p.take('}')
}

// readMap reads an object of texts.
func readMap(p *jsonParser, to reflect.Value) bool {
	m := map[string]string{}
	to.Set(reflect.ValueOf(m))
	if p.pass("{}") {
		return true
	}
	for open := p.take('{'); open; open = p.take(',') {
		name, ok := p.name()
		if !ok {
			return false
		}
		if m[name], ok = p.text(); !ok {
			return false
		}
	}
	return p.take('}')
}

// readRaw reads a value of any type as it is written.
func readRaw(p *jsonParser, to reflect.Value) bool {
	from := p.i
	ok := p.skip()
	to.SetBytes([]byte(p.s[from:p.i]))
	return ok
}

func readFloat(p *jsonParser, to reflect.Value) bool {
	f, err := strconv.ParseFloat(p.cursor.number(), 64)
	to.SetFloat(f)
	return err == nil
}
