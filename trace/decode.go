package trace

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
)

// Bodies are read straight from the values that were checked, as encoding/json
// would read them from text: an import has millions.

// A reader sets a value of one type to what a JSON value says. Every value has
// the form that its type reads, for it was checked, so reading cannot fail.
type reader func(to reflect.Value, v jsonValue)

// readers are those of the bodies.
var readers = func() map[Kind]reader {
	m := make(map[Kind]reader, len(schema))
	for _, t := range schema {
		m[t.kind] = readerOf(reflect.TypeOf(t.body()).Elem())
	}
	return m
}()

// readBody sets a body, a pointer, to what an object says.
func readBody(body Body, kind Kind, v jsonValue) { readers[kind](reflect.ValueOf(body).Elem(), v) }

func readerOf(t reflect.Type) reader {
	switch t {
	case reflect.TypeFor[When]():
		return func(to reflect.Value, v jsonValue) { *to.Addr().Interface().(*When), _ = ParseWhen(v.text) }
	case reflect.TypeFor[marking.ID]():
		return func(to reflect.Value, v jsonValue) {
			*to.Addr().Interface().(*marking.ID), _ = marking.ParseID(v.text)
		}
	case reflect.TypeFor[marking.Span]():
		return func(to reflect.Value, v jsonValue) {
			*to.Addr().Interface().(*marking.Span), _ = marking.ParseSpan(v.text)
		}
	case reflect.TypeFor[[]byte]():
		return func(to reflect.Value, v jsonValue) {
			b, _ := base64.StdEncoding.DecodeString(v.text)
			to.SetBytes(b)
		}
	}
	switch t.Kind() {
	case reflect.String:
		return func(to reflect.Value, v jsonValue) { to.SetString(v.text) }
	case reflect.Int64:
		return func(to reflect.Value, v jsonValue) {
			n, _ := strconv.ParseInt(v.text, 10, 64)
			to.SetInt(n)
		}
	case reflect.Uint64:
		return func(to reflect.Value, v jsonValue) {
			n, _ := strconv.ParseUint(v.text, 10, 64)
			to.SetUint(n)
		}
	case reflect.Float64:
		return func(to reflect.Value, v jsonValue) {
			f, _ := strconv.ParseFloat(v.text, 64)
			to.SetFloat(f)
		}
	case reflect.Pointer:
		elem := readerOf(t.Elem())
		return func(to reflect.Value, v jsonValue) {
			p := reflect.New(t.Elem())
			elem(p.Elem(), v)
			to.Set(p)
		}
	case reflect.Slice:
		elem := readerOf(t.Elem())
		return func(to reflect.Value, v jsonValue) {
			s := reflect.MakeSlice(t, len(v.items), len(v.items))
			for i, item := range v.items {
				elem(s.Index(i), item)
			}
			to.Set(s)
		}
	case reflect.Map:
		return func(to reflect.Value, v jsonValue) {
			m := make(map[string]string, len(v.members))
			for _, x := range v.members {
				m[x.name] = x.value.text
			}
			to.Set(reflect.ValueOf(m))
		}
	case reflect.Struct:
		return structReader(t)
	}
	panic("trace: no reader for " + t.String()) // a new type of field, which any test shows
}

// structReader reads the fields of a struct by the names of their JSON form.
func structReader(t reflect.Type) reader {
	type named struct {
		name string
		at   int
		read reader
	}
	var fields []named
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields = append(fields, named{name, i, readerOf(t.Field(i).Type)})
	}
	return func(to reflect.Value, v jsonValue) {
		for k := range v.members {
			m := &v.members[k]
			for i := range fields {
				if f := &fields[i]; f.name == m.name {
					f.read(to.Field(f.at), m.value)
					break
				}
			}
		}
	}
}
