package marking

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sublot/sublot/marking/calibre"
)

// A Mark is what a mark on a package states. All of it is a claim of whoever
// made the mark, until [Open] has found a trusted key that signed it.
type Mark struct {
	// Item is the package that the mark stands on. Required.
	Item ID

	// Level is the kind of package. Required.
	Level Level

	// Calibre is an id of the dictionary in package calibre, such as 9x19; or a
	// free text of 1 to 32 bytes for what the dictionary lacks; or empty for not
	// stated. Other names of what is in the dictionary are free text here: find
	// the id with calibre.Lookup first. In a mark read, #700 stands for a number
	// that this build's dictionary does not know.
	Calibre string

	// Made is the month of manufacture; zero for not stated.
	Made Month

	// Rounds is the number of rounds in the package, 1 to 999,999,999,999; zero
	// for not stated.
	Rounds int64

	// Type is the type of item, such as ball or tracer, in 1 to 64 bytes; empty
	// for not stated.
	Type string

	// NSN is the NATO Stock Number without hyphens: thirteen characters, of which
	// the seventh may be a letter. Empty for not stated.
	NSN string

	// National holds what a state asks for beyond this (draft measure 11.b.iv),
	// in the order of its text.
	National []National

	// Unknown holds the fields that this build has no name for, in the order of
	// the frame. They are covered by the signature and written again unchanged.
	Unknown []Field
}

// A National element is one that a state adds to its marks. Its text form is
// STATE:NAME=VALUE, such as XB:unit=POL-3.
type National struct {
	State string // ISO 3166-1 alpha-2
	Name  string // 1 to 16 lower-case letters, digits, - and _
	Value string // 1 to 200 bytes of text
}

// ParseNational reads the text form of a national element.
func ParseNational(s string) (National, error) {
	state, rest, _ := strings.Cut(s, ":")
	name, value, _ := strings.Cut(rest, "=")
	n := National{state, name, value}
	if err := n.check(); err != nil || n.String() != s {
		return National{}, fmt.Errorf("marking: national element %s, wanted STATE:NAME=VALUE such as XB:unit=POL-3", quote(s))
	}
	return n, nil
}

// String writes the text form.
func (n National) String() string { return n.State + ":" + n.Name + "=" + n.Value }

func (n National) check() error {
	switch {
	case len(n.State) != 2 || strings.Trim(n.State, upper) != "":
		return fmt.Errorf("state %s is not two capital letters", quote(n.State))
	case len(n.Name) < 1 || len(n.Name) > 16 || strings.Trim(n.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
		return fmt.Errorf("name %s is not 1 to 16 lower-case letters, digits, - and _", quote(n.Name))
	}
	return checkText(n.Value, 200)
}

// A Field is an optional field of a frame in its binary form: a tag and 1 to
// 255 bytes.
type Field struct {
	Tag   byte
	Value []byte
}

const (
	upper      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits     = "0123456789"
	maxRounds  = 999_999_999_999
	maxTypeLen = 64
	maxCalibre = 32
)

// checkText reports why s is not a text of a mark: UTF-8 of 1 to most bytes
// without control characters.
func checkText(s string, most int) error {
	switch {
	case s == "":
		return fmt.Errorf("empty text")
	case len(s) > most:
		return fmt.Errorf("text %s is longer than %d bytes", quote(s), most)
	case !utf8.ValidString(s):
		return fmt.Errorf("text %s is not UTF-8", quote(s))
	}
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return fmt.Errorf("control character %q in a text", r)
		}
	}
	return nil
}

func checkNSN(s string) error {
	if len(s) != 13 || strings.Trim(s[:6]+s[7:], digits) != "" || strings.Trim(s[6:7], digits+upper) != "" {
		return fmt.Errorf("NATO Stock Number %s is not 13 characters, digits but for the seventh", quote(s))
	}
	return nil
}

// Numbers of the calibre in a frame that are not in the dictionary.
const (
	calibreNotStated = 0
	calibreText      = calibre.LastNumber + 1 // the name follows as a field
)

// calibreNumber returns the number that c is written as, and the text where it
// needs one.
func calibreNumber(c string) (number int, text string, err error) {
	if c == "" {
		return calibreNotStated, "", nil
	}
	if d, ok := calibre.ByID(c); ok {
		return d.Number, "", nil
	}
	if n, ok := unknownCalibre(c); ok {
		return n, "", nil
	}
	return calibreText, c, checkCalibreText(c)
}

// checkCalibreText keeps texts apart from the form #700 of a number.
func checkCalibreText(c string) error {
	if strings.HasPrefix(c, "#") {
		return fmt.Errorf("text %s begins with #, which is kept for numbers", quote(c))
	}
	return checkText(c, maxCalibre)
}

// calibreName is the inverse of calibreNumber for what is not a text.
func calibreName(number int) string {
	if number == calibreNotStated {
		return ""
	}
	if d, ok := calibre.ByNumber(number); ok {
		return d.ID
	}
	return fmt.Sprintf("#%d", number)
}

// unknownCalibre reads the form #700.
func unknownCalibre(c string) (int, bool) {
	var n int
	if _, err := fmt.Sscanf(c, "#%d", &n); err != nil || fmt.Sprintf("#%d", n) != c {
		return 0, false
	}
	return n, n > calibreNotStated && n < calibreText
}

// compareFields orders fields as a frame does.
func compareFields(a, b Field) int {
	if c := cmp.Compare(a.Tag, b.Tag); c != 0 {
		return c
	}
	return strings.Compare(string(a.Value), string(b.Value))
}
