package victims

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// A Victim is one person hurt in an incident. Every field but the incident and
// the source has a closed list of values, of which "unknown" is one.
type Victim struct {
	ID         string `json:"id"`       // random, 8 bytes in hexadecimal
	Incident   string `json:"incident"` // the recovery, SOURCE:ID, or another reference to what happened
	Source     string `json:"source"`   // who says so
	Sex        string `json:"sex"`
	Age        string `json:"age"`
	Status     string `json:"status"`
	Outcome    string `json:"outcome"`
	Cause      string `json:"cause"`
	Violence   string `json:"violence"`
	Confidence string `json:"confidence"`
}

// Unknown is the value of a field that is not known.
const Unknown = "unknown"

// values are the lists of the fields, in the order in which tables show them.
var values = map[string][]string{
	"sex":        {"woman", "man", "other", Unknown},
	"age":        {"child", "adult", Unknown}, // under 18, 18 and over
	"status":     {"civilian", "protected", "armed_forces", "participant", Unknown},
	"outcome":    {"killed", "injured", "other", Unknown},
	"cause":      {"small_arms", "heavy_weapons", "planted_explosives", "incendiary", "other", Unknown},
	"violence":   {"crime", "conflict", "domestic", "gender_based", "self_directed", "accident", "other", Unknown},
	"confidence": {"confirmed", "reported", "estimated", Unknown},
}

// Fields are the names of the fields by which a table can count, in the order of
// a record.
var Fields = []string{"incident", "sex", "age", "status", "outcome", "cause", "violence", "confidence"}

// Values returns the values that a field may have, nil where any text will do.
func Values(field string) []string { return values[field] }

// field returns the field of that name for reading and writing.
func (v *Victim) field(name string) *string {
	switch name {
	case "incident":
		return &v.Incident
	case "sex":
		return &v.Sex
	case "age":
		return &v.Age
	case "status":
		return &v.Status
	case "outcome":
		return &v.Outcome
	case "cause":
		return &v.Cause
	case "violence":
		return &v.Violence
	case "confidence":
		return &v.Confidence
	}
	return nil
}

// New returns v with a random id, and "unknown" where a field is empty. It fails
// where a field has another value than its list allows.
func New(v Victim, random io.Reader) (Victim, error) {
	id := make([]byte, 8)
	if _, err := io.ReadFull(random, id); err != nil {
		return v, err
	}
	v.ID = hex.EncodeToString(id)
	for _, name := range Fields {
		if f := v.field(name); *f == "" && name != "incident" {
			*f = Unknown
		}
	}
	return v, v.check()
}

func (v Victim) check() error {
	for _, name := range []string{"incident", "source"} {
		text := v.Source
		if name == "incident" {
			text = v.Incident
		}
		if text == "" || len(text) > 200 || strings.ContainsFunc(text, unicode.IsControl) {
			return &FieldError{name, text, "1 to 200 characters"}
		}
	}
	for _, name := range Fields {
		if list := values[name]; list != nil && !slices.Contains(list, *v.field(name)) {
			return &FieldError{name, *v.field(name), strings.Join(list, ", ")}
		}
	}
	return nil
}

// A FieldError says that a field has a value that it may not have.
type FieldError struct {
	Field, Found, Wanted string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: found %q, wanted %s", e.Field, e.Found, e.Wanted)
}

// Hint says what to do where a fact is not known.
func (e *FieldError) Hint() string {
	return "leave out what is not known: it is kept as unknown, and never inferred"
}
