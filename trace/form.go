package trace

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sublot/sublot/marking"
)

// A form is the way a field is written.
type form struct {
	says  string // to people, in refusals and in docs/records.md
	check func(path string, v jsonValue) *RecordError

	text        func(s string) (reason string) // what is wrong with a text, empty where nothing is
	least, most int64                          // of a whole number

	fields []field // of an object, or of each object of a list
	elem   *form   // of the values of a list
}

// Limits of what a field may hold.
const (
	maxID       = 64                    // characters of an id
	maxName     = 256                   // characters of a short text
	maxText     = 64 << 10              // bytes of a free text
	maxQuantity = 1_000_000_000_000_000 // rounds
	maxExact    = 1<<53 - 1             // the last whole number that every JSON reader keeps
	maxMark     = 4096                  // bytes of a mark
)

var (
	aName     = textForm(fmt.Sprintf("text of at most %d characters", maxName), checkName)
	aText     = textForm("free text, at most 64 KiB", checkText)
	anID      = textForm(fmt.Sprintf("an id of at most %d characters", maxID), checkID)
	aRef      = textForm("SOURCE:ID of a record", checkRef)
	anItem    = itemForm("an identity such as XCW/XCW24C001-012/001/0042", marking.ParseID)
	aSpan     = itemForm("an identity or a span such as XCW/XCW24C001-012/001/0001..0400", marking.ParseSpan)
	aWhen     = textForm("a date such as 2024-05-10 or an RFC 3339 time", checkWhen)
	aCountry  = textForm("two capital letters (ISO 3166)", checkCountry)
	aHazard   = textForm("hazard division and compatibility group such as 1.4S", checkHazard)
	someBytes = textForm(fmt.Sprintf("base64 of 1 to %s bytes", grouped(maxMark)), checkBase64(1, maxMark))
	aKey      = textForm("base64 of the 32 bytes of an Ed25519 public key", checkBase64(32, 32))
	aSHA256   = textForm("SHA-256 in 64 hexadecimal digits", checkSHA256)
	aQuantity = wholeForm("a whole number of rounds from 1 to "+grouped(maxQuantity), 1, maxQuantity)
	aNumber   = wholeForm("a whole number from 0 to "+grouped(maxExact), 0, maxExact)
	aWeight   = form{says: "kilograms, above zero", check: checkWeight}
	anyObject = form{says: "an object", check: func(path string, v jsonValue) *RecordError {
		return wrongType(path, v, '{', "an object")
	}}
)

// fieldFault says what is wrong with a field, in terms of its last name:
// "quantity must be positive".
func fieldFault(path, reason string, found jsonValue, wanted string) *RecordError {
	return &RecordError{Field: path, Reason: lastName(path) + " " + reason, Found: found.show(), Wanted: wanted}
}

// lastName returns the name of a field that stands at path, such as
// lines[0].quantity.
func lastName(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:]
}

// show returns the value as it is shown in a refusal.
func (v jsonValue) show() string {
	if v.kind == '"' {
		return show(v.text)
	}
	const most = 80
	b := v.appendCanonical(nil)
	if len(b) > most {
		return strings.ToValidUTF8(string(b[:most]), "") + "…"
	}
	return string(b)
}

var typeSays = map[byte]string{'{': "an object", '[': "a list", '"': "a text in quotes", '0': "a number", 't': "true", 'f': "false", 'n': "null"}

// wrongType refuses a value of another type than the wanted one.
func wrongType(path string, v jsonValue, kind byte, wanted string) *RecordError {
	if v.kind == kind {
		return nil
	}
	e := fieldFault(path, "is not "+typeSays[kind], v, wanted)
	if v.kind == 'n' {
		e.hint = "leave a field out that has no value"
	}
	return e
}

func textForm(says string, check func(s string) (reason string)) form {
	return form{says: says, text: check, check: func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '"', says); err != nil {
			return err
		}
		reason := check(v.text)
		if reason == "" {
			return nil
		}
		e := fieldFault(path, reason, v, says)
		if v.text == "" {
			e.hint = "leave a field out that has no value"
		}
		return e
	}}
}

// itemForm is an identity or a span; its faults are told in the words of
// package marking.
func itemForm[T any](says string, parse func(string) (T, error)) form {
	return form{says: says, check: func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '"', says); err != nil {
			return err
		}
		_, err := parse(v.text)
		if err == nil {
			return nil
		}
		e := &RecordError{Field: path, Found: v.show(), Wanted: says, Reason: err.Error()}
		if fault, ok := errors.AsType[*marking.IDError](err); ok {
			e.Reason, e.hint = fault.Reason, fault.Hint()
		}
		return e
	}}
}

func checkName(s string) string {
	if s != "" && len(s) <= maxName && plain(' ', s) {
		return ""
	}
	switch n := utf8.RuneCountInString(s); {
	case s == "":
		return "is empty"
	case n > maxName:
		return fmt.Sprintf("is %s characters long", grouped(n))
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds a control character"
	}
	return ""
}

func checkText(s string) string {
	if len(s) > maxText {
		return fmt.Sprintf("is %s bytes long", grouped(len(s)))
	}
	return ""
}

func checkID(s string) string {
	if s != "" && len(s) <= maxID && plainlySeen(s) {
		return ""
	}
	switch n := utf8.RuneCountInString(s); {
	case s == "":
		return "is empty"
	case n > maxID:
		return fmt.Sprintf("is %s characters long", grouped(n))
	}
	return checkSeen(s)
}

// checkSeen refuses whatever two people could read as the same id and a machine
// as two.
func checkSeen(s string) string {
	if plainlySeen(s) {
		return ""
	}
	switch {
	case !norm.NFC.IsNormalString(s):
		return "is not in Unicode NFC"
	case s[0] == ' ' || s[len(s)-1] == ' ' || strings.Contains(s, "  "):
		return "has a space at an end or two in a row"
	case strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && (unicode.IsSpace(r) || !unicode.IsGraphic(r)) }):
		return "holds a character that is not seen"
	}
	return ""
}

// plainlySeen is the fast path for what nearly all ids are: ASCII without a space.
func plainlySeen(s string) bool { return plain('!', s) }

// plain reports whether all characters of s are of ASCII, from the given one to the
// last that is seen.
func plain(from byte, s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < from || s[i] > '~' {
			return false
		}
	}
	return true
}

// checkRef does not ask where the source ends, for both parts may hold a colon
// (PL:21): a name is always compared as a whole.
func checkRef(s string) string {
	i := strings.IndexByte(s, ':')
	if i <= 0 || s[len(s)-1] == ':' || len(s) > 2*maxID+1 && utf8.RuneCountInString(s) > 2*maxID+1 {
		return "is not the name of a record"
	}
	return checkSeen(s)
}

func checkWhen(s string) string {
	if _, err := ParseWhen(s); err != nil {
		return "is not a date"
	}
	return ""
}

func checkCountry(s string) string {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return "is not a country"
	}
	return ""
}

// checkHazard knows the divisions and groups of the UN Model Regulations, 2.1.1.4 and 2.1.2.
func checkHazard(s string) string {
	if len(s) != 4 || s[:2] != "1." || s[2] < '1' || s[2] > '6' || strings.IndexByte("ABCDEFGHJKLNS", s[3]) < 0 {
		return "is not a hazard classification"
	}
	return ""
}

func checkBase64(least, most int) func(string) string {
	return func(s string) string {
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		switch {
		case err != nil || strings.ContainsAny(s, "\r\n"):
			return "is not base64"
		case len(b) < least || len(b) > most:
			return fmt.Sprintf("has %s bytes", grouped(len(b)))
		}
		return ""
	}
}

func checkSHA256(s string) string {
	if len(s) != 64 || strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return "is not a SHA-256"
	}
	return ""
}

func wholeForm(says string, least, most int64) form {
	return form{says: says, least: least, most: most, check: func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '0', says); err != nil {
			return err
		}
		n, err := strconv.ParseInt(v.text, 10, 64)
		switch {
		case strings.HasPrefix(v.text, "-") || v.text == "0" && least > 0:
			return fieldFault(path, "must be positive", v, says)
		case err != nil && strings.ContainsRune(v.text, '.'):
			return fieldFault(path, "is not a whole number", v, says)
		case err != nil || n > most:
			return fieldFault(path, "is too large", v, says)
		}
		return nil
	}}
}

func checkWeight(path string, v jsonValue) *RecordError {
	const says = "kilograms, above zero"
	if err := wrongType(path, v, '0', says); err != nil {
		return err
	}
	if v.text == "0" || strings.HasPrefix(v.text, "-") {
		return fieldFault(path, "must be positive", v, says)
	}
	return nil
}

// oneOf is a text out of a closed list.
func oneOf(words ...string) form {
	says := words[0]
	if len(words) > 1 {
		says = "one of " + strings.Join(words, ", ")
	}
	return textForm(says, func(s string) string {
		if slices.Contains(words, s) {
			return ""
		}
		return "is not one of the values allowed"
	})
}

// eachOneOf is an object of any names, each with a text out of a closed list.
func eachOneOf(words ...string) form {
	value := oneOf(words...)
	says := "an object, each value " + value.says
	return form{says: says, check: func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '{', says); err != nil {
			return err
		}
		for _, m := range v.members {
			if reason := checkName(m.name); reason != "" {
				return &RecordError{Field: path, Found: show(m.name), Reason: "a name in " + lastName(path) + " " + reason, Wanted: aName.says}
			}
			if err := value.check(path+"."+m.name, m.value); err != nil {
				return err
			}
		}
		return nil
	}}
}

// objectOf is an object of the fields given and no others.
func objectOf(fields ...field) form {
	f := form{says: "an object", fields: fields}
	f.check = func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '{', f.says); err != nil {
			return err
		}
		owner := ""
		if path != "" {
			path, owner = path+".", lastName(path)
		}
		return checkFields(path, owner, v, fields)
	}
	return f
}

// listOf is a list of values of one form.
func listOf(elem form) form {
	f := form{says: "a list, each " + elem.says, fields: elem.fields, elem: &elem}
	if elem.fields != nil {
		f.says = "a list of objects"
	}
	f.check = func(path string, v jsonValue) *RecordError {
		if err := wrongType(path, v, '[', f.says); err != nil {
			return err
		}
		for i := range v.members {
			item := v.members[i].value
			if elem.check("", item) != nil { // its place is put together only where it is told
				return elem.check(fmt.Sprintf("%s[%d]", path, i), item)
			}
		}
		return nil
	}
	return f
}

// grouped writes a number with commas.
func grouped[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
