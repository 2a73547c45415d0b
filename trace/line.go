package trace

import (
	"encoding/base64"
	"unicode/utf8"
)

// A line that is canonical already is read straight into a record, each field
// checked on the way. Any other, and one in which a fault is met, is read into a
// tree, which can be put in order, and of which can be said what is wrong with it.

func parseLine(line []byte) (*Record, *RecordError) {
	p := parsers.Get().(*jsonParser)
	defer p.release()
	text := string(line)
	if r := p.canonical(text); r != nil {
		return r, nil
	}
	return p.tree(text)
}

// canonical returns the record of a line that is just as [Record.MarshalJSON]
// writes it. It returns nil for any other line, for one whose texts have escapes,
// and for a record that has a fault.
func (p *jsonParser) canonical(line string) *Record {
	if !utf8.ValidString(line) {
		return nil
	}
	p.cursor = cursor{s: line, checks: true}
	signed := p.pass(signedRecord)
	from := p.i
	t := p.table()
	if t == nil {
		return nil
	}
	r := new(Record)
	if !p.record(r, t) {
		return nil
	}
	r.Canonical = []byte(line[from:p.i])
	if signed && !p.signature(r) || p.i < len(line) || r.checkSense() != nil {
		return nil
	}
	return r
}

// What [Record.MarshalJSON] writes before the fields of a signed record.
const (
	signedRecord    = `{"record":`
	signedKey       = `,"key":`
	signedSignature = `,"signature":`
)

// signedFields are the fields around a signed record.
var signedFields = []field{
	{"record", must, anyObject, "the record"},
	{"key", must, anID, "hint of the key"},
	{"signature", must, aSignature, "over the record's canonical form"},
}

var aSignature = textForm("base64 of the 64 bytes of an Ed25519 signature", checkBase64(64, 64))

// signature reads what follows a signed record.
func (p *jsonParser) signature(r *Record) bool {
	if !p.pass(signedKey) {
		return false
	}
	key, ok := p.textOf(&anID)
	if !ok || !p.pass(signedSignature) {
		return false
	}
	signature, ok := p.textOf(&aSignature)
	r.KeyHint = key
	r.Signature, _ = base64.StdEncoding.DecodeString(signature) // its form is checked
	return ok && p.take('}')
}

// tree returns the record of a line that may be written in any way, or what is
// wrong with it.
func (p *jsonParser) tree(line string) (*Record, *RecordError) {
	v, err := p.parse(line)
	if err != nil {
		return nil, err
	}
	inner := v.member("record")
	if inner == nil || v.member("kind") != nil {
		return p.checked(v)
	}
	if err := checkFields("", "a signed record", v, signedFields); err != nil {
		return nil, err
	}
	r, err := p.checked(*inner)
	if err != nil {
		if err.Field != "" {
			err.Field = "record." + err.Field
		}
		return nil, err
	}
	r.KeyHint = v.member("key").text
	r.Signature, _ = base64.StdEncoding.DecodeString(v.member("signature").text) // its form is checked
	return r, nil
}

// checked returns the record of a JSON object that was read, if all is right with it.
func (p *jsonParser) checked(v jsonValue) (*Record, *RecordError) {
	kind := v.member("kind")
	if kind == nil {
		return nil, missing("", field{"kind", must, oneOfKinds, ""})
	}
	t := tables[Kind(kind.text)]
	if t == nil {
		err := oneOfKinds.check("kind", *kind)
		err.Reason = show(kind.text) + " is not a kind of record"
		return nil, err
	}
	if err := checkFields("", kind.text, v, t.fields); err != nil {
		return nil, err
	}

	text, canonical := v.text, []byte(v.text)
	if !v.exact {
		canonical = v.appendCanonical(canonical[:0])
		text = string(canonical)
	}
	p.cursor = cursor{s: text}
	r := new(Record)
	if !p.record(r, t) { // every field has the form that its type reads
		return nil, p.unreadable()
	}
	r.Canonical = canonical
	if err := r.checkSense(); err != nil {
		return nil, err
	}
	return r, nil
}
