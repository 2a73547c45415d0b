package clue

import (
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
	if r < unicode.MaxASCII {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
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

// near lists the sets of characters that are easily confused.
var near = []string{"0OQD", "1IL7", "2Z", "5S", "6G", "8B", "69", "3З", "4Ч"}

// classes are the characters that are looked up as one: each stands in one
// class. Which pairs of a class are easily confused is said by confusable.
var classes = []string{"0OQD", "1IL7", "2Z", "5S", "69G", "8B", "3З", "4Ч"}

var classOf, nearSets = func() (class map[rune]rune, sets map[rune]uint16) {
	class, sets = map[rune]rune{}, map[rune]uint16{}
	for _, c := range classes {
		for _, r := range c {
			class[r] = rune(c[0])
		}
	}
	for bit, set := range near {
		for _, r := range set {
			sets[r] |= 1 << bit
		}
	}
	return class, sets
}()

var plainClass, plainNear = func() (class [128]rune, sets [128]uint16) {
	for i := range class {
		class[i] = rune(i)
		if c, ok := classOf[rune(i)]; ok {
			class[i], sets[i] = c, nearSets[rune(i)]
		}
	}
	return class, sets
}()

// classed returns the first of the class that a folded character is in.
func classed(r rune) rune {
	if r < 128 {
		return plainClass[r]
	}
	if c, ok := classOf[r]; ok {
		return c
	}
	return r
}

func confusable(x, y rune) bool {
	if x < 128 && y < 128 {
		return plainNear[x]&plainNear[y] != 0
	}
	return nearSets[x]&nearSets[y] != 0
}

// A glyph is one character of a clue and where it stands in the text as typed.
type glyph struct {
	typed rune
	fold  rune // upper case, Latin
	at    int  // 1-based, in characters of the text
}

func (g glyph) isSeparator() bool {
	return !isCharacter(g.fold) && g.fold != oneUnread && g.fold != someUnread
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
