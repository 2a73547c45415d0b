package clue

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Wildcards of a clue.
const (
	oneUnread  = '?' // one character, or none
	someUnread = '*' // any number of characters
)

// lookalikes are letters of other scripts that are drawn as a Latin letter.
var lookalikes = map[rune]rune{
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'У': 'Y', 'Х': 'X', 'І': 'I', 'Ј': 'J', 'Ѕ': 'S',
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
}

// latin returns a character in upper case, with the digits and look-alikes of
// other scripts as Latin ones.
func latin(r rune) rune {
	r = unicode.ToUpper(r)
	if l, ok := lookalikes[r]; ok {
		return l
	}
	if r > unicode.MaxASCII && unicode.Is(unicode.Nd, r) {
		return '0' + (r-digitZero(r))%10
	}
	return r
}

// digitZero returns the zero of the run of ten digits that r is in: Unicode
// keeps the decimal digits of a script together.
func digitZero(r rune) rune {
	for _, rg := range unicode.Nd.R16 {
		if rune(rg.Lo) <= r && r <= rune(rg.Hi) {
			return rune(rg.Lo)
		}
	}
	for _, rg := range unicode.Nd.R32 {
		if rune(rg.Lo) <= r && r <= rune(rg.Hi) {
			return rune(rg.Lo)
		}
	}
	return r
}

// classes are the characters that are taken for each other in worn or turned
// marks. Each character stands in one class for looking up; which pairs are
// easily confused is said by confusable.
var classes = []string{"0OQD", "1IL7", "2Z", "5S", "69G", "8B"}

// near lists the pairs that are easily confused.
var near = []string{"0OQD", "1IL7", "2Z", "5S", "6G", "8B", "69"}

var classOf = func() (c [128]byte) {
	for i := range c {
		c[i] = byte(i)
	}
	for _, class := range classes {
		for i := range class {
			c[class[i]] = class[0]
		}
	}
	return c
}()

func confusable(x, y rune) bool {
	for _, set := range near {
		if strings.ContainsRune(set, x) && strings.ContainsRune(set, y) {
			return true
		}
	}
	return false
}

// A glyph is one character of a clue and where it stands in the text as typed.
type glyph struct {
	typed rune
	fold  rune // upper case, Latin
	at    int  // 1-based, in characters of the text
}

func (g glyph) isSeparator() bool {
	return !unicode.IsLetter(g.fold) && !unicode.IsDigit(g.fold) && g.fold != oneUnread && g.fold != someUnread
}

// glyphs splits a text into its characters.
func glyphs(text string) []glyph {
	var out []glyph
	at := 0
	for _, r := range text {
		at++
		for _, c := range norm.NFKC.String(string(r)) { // full width to plain
			if unicode.Is(unicode.Mn, c) || unicode.Is(unicode.Cf, c) {
				continue
			}
			out = append(out, glyph{r, latin(c), at})
		}
	}
	return out
}

// skeleton is a text as it is looked up: without separators, each character as
// the first of its class. Wildcards stay.
func skeleton(gs []glyph) []byte {
	var b []byte
	for _, g := range gs {
		if g.isSeparator() {
			continue
		}
		b = appendClass(b, g.fold)
	}
	return b
}

func appendClass(b []byte, r rune) []byte {
	if r < 128 {
		return append(b, classOf[r])
	}
	return append(b, string(r)...)
}
