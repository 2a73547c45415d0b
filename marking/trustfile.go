package marking

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxTrustLine  = 64 << 10 // bytes
	maxTrustLines = 100_000
)

// A TrustError says why a trust file was refused.
type TrustError struct {
	Line   int    // from 1
	Field  string // empty where the line as a whole is wrong
	Reason string // what was found and what is wanted
}

func (e *TrustError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("marking: trust file, line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("marking: trust file, line %d, %s: %s", e.Line, e.Field, e.Reason)
}

// Hint says what a trust file holds.
func (e *TrustError) Hint() string {
	return "a trust file holds one JSON object a line: key records (sublot key show prints one) and status records with state revoked; correct the line by hand, nothing of the file was believed"
}

// trustStatus is a status record about a key.
type trustStatus struct {
	of     string
	at     time.Time
	reason string
	line   int
}

// ParseTrust reads a trust file: JSON Lines of key records, and of status
// records that revoke one of them. Lines may come in any order; of several
// revocations the earliest counts. The same line again is no error. Whatever is
// not understood is refused with a [*TrustError], and nothing of the file is
// believed: a half-read list of whom to trust is none.
func ParseTrust(r io.Reader) (*Trust, error) {
	var keys []Key
	var status []trustStatus
	seen := map[string]string{} // source:id → the line
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxTrustLine)
	n := 0
	for lines.Scan() {
		if n++; n > maxTrustLines {
			return nil, &TrustError{Line: n, Reason: fmt.Sprintf("more than %d lines", maxTrustLines)}
		}
		line := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 {
			continue
		}
		fields, err := readObject(line)
		if err != nil {
			return nil, &TrustError{Line: n, Reason: err.Error()}
		}
		name, terr := fields.name()
		if terr == nil {
			if old, ok := seen[name]; ok {
				if old == string(line) {
					continue
				}
				terr = &TrustError{Field: "id", Reason: fmt.Sprintf("%s stands on another line with other content", quote(name))}
			}
		}
		seen[name] = string(line)
		if terr == nil {
			switch kind := fields.text("kind"); kind {
			case "key":
				var k Key
				if k, terr = fields.key(); terr == nil {
					keys = append(keys, k)
				}
			case "status":
				var s trustStatus
				if s, terr = fields.status(); terr == nil {
					s.line = n
					status = append(status, s)
				}
			default:
				terr = &TrustError{Field: "kind", Reason: fmt.Sprintf("%s, wanted key or status", quote(kind))}
			}
		}
		if terr != nil {
			terr.Line = n
			return nil, terr
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, &TrustError{Line: n + 1, Reason: fmt.Sprintf("longer than %d bytes", maxTrustLine)}
	} else if err != nil {
		return nil, fmt.Errorf("marking: reading a trust file: %w", err)
	}
	byName := make(map[string]int, len(keys))
	for i, k := range keys {
		byName[k.Name()] = i
	}
	for _, s := range status {
		i, ok := byName[s.of]
		if !ok {
			return nil, &TrustError{Line: s.line, Field: "of", Reason: fmt.Sprintf("%s is not a key of this file", quote(s.of))}
		}
		if k := &keys[i]; k.Revoked.IsZero() || s.at.Before(k.Revoked) {
			k.Revoked, k.Reason = s.at, s.reason
		}
	}
	return NewTrust(keys...)
}

// trustFields are the fields of one line.
type trustFields map[string]json.RawMessage

// readObject reads one JSON object and refuses a name that stands twice, which
// encoding/json would take silently.
func readObject(line []byte) (trustFields, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	fields := trustFields{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, errors.New("not a JSON object")
		}
		name := t.(string) // the decoder gives nothing else in this place
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("field %s: not JSON", quote(name))
		}
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("field %s stands twice", quote(name))
		}
		fields[name] = v
	}
	if _, err := dec.Token(); err != nil {
		return nil, errors.New("a JSON object that does not end")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value on the line")
	}
	return fields, nil
}

// text returns a field that is a string, else the empty text.
func (f trustFields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

func (f trustFields) name() (string, *TrustError) {
	for _, field := range []string{"source", "id"} {
		if f.text(field) == "" {
			return "", &TrustError{Field: field, Reason: "missing, wanted a text"}
		}
	}
	return f.text("source") + ":" + f.text("id"), nil
}

// only refuses fields that are not among the names, and texts that are none.
func (f trustFields) only(names ...string) *TrustError {
	all := append([]string{"kind", "source", "id", "at", "recorded", "note"}, names...)
	for name, v := range f {
		switch {
		case name == "ext":
			if len(v) == 0 || v[0] != '{' {
				return &TrustError{Field: name, Reason: "wanted an object"}
			}
		case !slices.Contains(all, name):
			return &TrustError{Field: name, Reason: fmt.Sprintf("not a field of a %s record; put it in ext", f.text("kind"))}
		case len(v) == 0 || v[0] != '"':
			return &TrustError{Field: name, Reason: fmt.Sprintf("%s, wanted a text", quote(string(v)))}
		}
	}
	return nil
}

// date reads a field that is a day or a time; the zero time where it is absent.
func (f trustFields) date(name string) (time.Time, *TrustError) {
	if _, ok := f[name]; !ok {
		return time.Time{}, nil
	}
	s := f.text(name)
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 0 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &TrustError{Field: name, Reason: fmt.Sprintf("%s, wanted a date such as 2024-05-10", quote(s))}
}

func (f trustFields) key() (k Key, err *TrustError) {
	if err = f.only("maker", "party", "algorithm", "public_key", "valid_from", "valid_to"); err != nil {
		return k, err
	}
	if a := f.text("algorithm"); a != "ed25519" && (a != "" || f["algorithm"] != nil) {
		return k, &TrustError{Field: "algorithm", Reason: fmt.Sprintf("%s, wanted ed25519", quote(a))}
	}
	public, derr := base64.StdEncoding.Strict().DecodeString(f.text("public_key"))
	if derr != nil || len(public) != 32 {
		return k, &TrustError{Field: "public_key", Reason: fmt.Sprintf("%s, wanted 32 bytes in base64", quote(f.text("public_key")))}
	}
	k = Key{Source: f.text("source"), ID: f.text("id"), Maker: f.text("maker"), Party: f.text("party"), Public: public}
	for _, name := range []string{"at", "recorded"} {
		if _, err = f.date(name); err != nil {
			return k, err
		}
	}
	if k.ValidFrom, err = f.date("valid_from"); err != nil {
		return k, err
	}
	if k.ValidTo, err = f.date("valid_to"); err != nil {
		return k, err
	}
	if cerr := k.check(); cerr != nil {
		return k, &TrustError{Reason: cerr.Error()}
	}
	return k, nil
}

func (f trustFields) status() (s trustStatus, err *TrustError) {
	if err = f.only("of", "state", "reason"); err != nil {
		return s, err
	}
	if state := f.text("state"); state != "revoked" {
		return s, &TrustError{Field: "state", Reason: fmt.Sprintf("%s, wanted revoked: a key is trusted or it is not", quote(state))}
	}
	if s.of = f.text("of"); !strings.Contains(s.of, ":") {
		return s, &TrustError{Field: "of", Reason: fmt.Sprintf("%s, wanted source:id of a key", quote(s.of))}
	}
	if _, ok := f["at"]; !ok {
		return s, &TrustError{Field: "at", Reason: "missing, wanted the day of the revocation"}
	}
	if _, err = f.date("recorded"); err != nil {
		return s, err
	}
	s.reason = f.text("reason")
	s.at, err = f.date("at")
	return s, err
}
