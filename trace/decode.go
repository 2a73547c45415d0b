package trace

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
)

// Records are read straight from their canonical form, whose members come in the
// order of their names: an import has millions, and an answer reads thousands.
// The same readers check what they read, where it is not known to be a record.

// ReadCanonical sets r to the record of which b is the canonical form. It trusts
// that b is what [ParseRecord] gave as Record.Canonical, and gives the same record
// for it, in less time: it checks neither what the fields say nor that
// the form is the canonical one. Of what is not the canonical form of a record it
// may make anything, but it ends, and what it cannot read is an error.
//
// The record does not depend on b afterwards. Its texts are parts of one string.
func (r *Record) ReadCanonical(b []byte) error {
	p := parsers.Get().(*jsonParser)
	defer p.release()
	p.cursor = cursor{s: string(b)}
	*r = Record{}
	t := p.table()
	if t == nil || !p.record(r, t) || p.i < len(p.s) {
		return p.unreadable()
	}
	r.Canonical = bytes.Clone(b)
	return nil
}

func (c *cursor) unreadable() *RecordError {
	return &RecordError{Reason: fmt.Sprintf("not the canonical form of a record at byte %d", c.i+1)}
}

// record sets r, which is empty, to the record of a kind that begins here.
func (p *jsonParser) record(r *Record, t *fullTable) bool {
	r.Body = t.body()
	ok := t.layout.read(p, reflect.ValueOf(r).Elem(), reflect.ValueOf(r.Body).Elem())
	r.ref = r.Ref()
	return ok
}

// table returns the table of the kind of the record that begins here, nil where it
// is none.
func (c cursor) table() *fullTable {
	const named = `kind":` // no text holds it, for its quote would be escaped
	rest := c.s[c.i:]
	switch at := strings.Index(rest, named); {
	case at <= 2:
		return nil // an id comes before it
	case rest[at-2:at] == `,"` && strings.IndexByte(rest[1:at], '{') < 0:
		c.i += at + len(named) // it is in no object inside this one
		kind, _ := c.text()
		return tables[Kind(kind)]
	}
	for open := c.take('{'); open; open = c.take(',') {
		name, ok := c.name()
		if name == "kind" {
			kind, _ := c.text()
			return tables[Kind(kind)]
		}
		if !ok || !c.skip() {
			return nil
		}
	}
	return nil
}
