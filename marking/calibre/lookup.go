package calibre

import (
	"regexp"
	"slices"
	"strings"
)

// A Kind says how much a name settles.
type Kind string

// The kinds of a [Match].
const (
	Exact   Kind = "exact"   // one cartridge
	Set     Kind = "set"     // several: the name alone does not tell which
	Unknown Kind = "unknown" // none
)

// A Match is what a name may mean.
type Match struct {
	Kind       Kind
	Cartridges []*Cartridge // in the order of the dictionary; empty where unknown
}

// maxName bounds what is looked at.
const maxName = 200 // bytes

// Lookup finds what a name may mean: an id of the dictionary, or a name as it
// stands on boxes and papers. A bare number gives a [Set], though it hold one
// cartridge alone: 7.62 names a bore, not a cartridge.
func Lookup(name string) Match {
	if len(name) > maxName {
		return Match{Kind: Unknown}
	}
	name = strings.TrimSpace(name)
	d := load()
	if c, ok := d.byID[name]; ok {
		return Match{Exact, []*Cartridge{c}}
	}
	if keys := bareKeys(name); keys != nil {
		var found []*Cartridge
		for _, k := range keys {
			for _, c := range d.byNumber[k] {
				if !slices.Contains(found, c) {
					found = append(found, c)
				}
			}
		}
		// Some numbers are the whole name of a cartridge: .223, .308.
		if named := d.byName[normal(name)]; len(named) == 1 && !isMetric(name) {
			return Match{Exact, slices.Clone(named)}
		}
		if len(found) == 0 {
			return Match{Kind: Unknown}
		}
		slices.SortFunc(found, func(a, b *Cartridge) int { return a.Number - b.Number })
		return Match{Set, found}
	}
	found := d.byName[normal(name)]
	switch len(found) {
	case 0:
		return Match{Kind: Unknown}
	case 1:
		return Match{Exact, slices.Clone(found)}
	}
	return Match{Set, slices.Clone(found)}
}

// A Relation says how two cartridges stand to each other.
type Relation string

// The relations of [Relate].
const (
	Same       Relation = "same"       // one and the same
	Twin       Relation = "twin"       // mixed in records: widen a search and say so; not safe to exchange
	Confusable Relation = "confusable" // similar name, another thing: never widen
	Other      Relation = "other"
)

// Relate says how the cartridges of two ids stand to each other. Ids that are
// not in the dictionary are the same only where they are equal.
func Relate(a, b string) Relation {
	if a == b {
		return Same
	}
	c, ok := ByID(a)
	switch {
	case ok && slices.Contains(c.Twins, b):
		return Twin
	case ok && slices.Contains(c.Confusables, b):
		return Confusable
	}
	return Other
}

// words that stand for others, longest first where one holds another. They are
// replaced in lower case, before spaces go.
var words = strings.NewReplacer(
	"short action ultra magnum", "saum",
	"smith & wesson", "s&w", "smith and wesson", "s&w",
	"holland & holland", "h&h", "holland and holland", "h&h",
	"winchester", "win", "remington", "rem", "magnum", "mag", "weatherby", "wby",
	"springfield", "spring", "automatic", "auto", "special", "spl",
	"nitro express", "ne", "mannlicher–schönauer", "ms", "mannlicher-schönauer", "ms",
	"gauge", "ga", "calibre", "cal", "caliber", "cal", "kaliber", "cal",
	"smooth bore", "", "rifled", "", "parabellum", "para", "browning court", "browning short",
)

// signs that are written in many ways.
var signs = strings.NewReplacer(
	"×", "x", "х", "x", "*", "x", "✕", "x", "⨯", "x", // the second is Cyrillic
	"∗", "x", "⨉", "x", "✖", "x", "╳", "x", "χ", "x", // the last is Greek
	"·", ".", "⋅", ".",
	"люгер", "luger", "парабеллум", "parabellum", "макарова", "makarov", "макаров", "makarov", "токарева", "tokarev", "токарев", "tokarev",
	"маузер", "mauser", "браунинг", "browning", "магнум", "magnum",
	"мм", "mm", "калибр", "cal", "кал", "cal", "’", "'", "″", "", "”", "", "“", "", "\"", "",
	"½", "1/2", "¼", "1/4", "¾", "3/4", "\u00a0", " ", "–", "-",
	"а", "a", "в", "b", "е", "e", "к", "k", "м", "m", "н", "n", "о", "o", "р", "r", "с", "s", "т", "t",
)

var (
	decimalComma = regexp.MustCompile(`(\d),(\d)`)
	millimetres  = regexp.MustCompile(`(\d)\s*mm\b`)
	fillers      = strings.NewReplacer(" ", "", "-", "", "\t", "", "'", "")
	looseDots    = regexp.MustCompile(`(^|\D)\.|\.(\D|$)`)
)

// normal writes a name in the one form that names are compared by. It never
// makes two different designations of the dictionary equal, which a test holds.
func normal(name string) string {
	s := signs.Replace(strings.ToLower(strings.TrimSpace(name)))
	s = decimalComma.ReplaceAllString(s, "$1.$2")
	s = millimetres.ReplaceAllString(s, "$1")
	s = words.Replace(s)
	s = fillers.Replace(s)
	for { // twice where loose dots overlap
		t := looseDots.ReplaceAllString(s, "$1$2")
		if t == s {
			return s
		}
		s = t
	}
}

var bare = regexp.MustCompile(`^(\.?)(\d+(?:\.\d+)?)\s*(mm|in|inch|cal)?\.?$`)

// bareKeys returns the keys under which the cartridges of a bare number stand,
// or nil for a name that is more than a number.
func bareKeys(name string) []string {
	s := signs.Replace(strings.ToLower(strings.TrimSpace(name)))
	s = decimalComma.ReplaceAllString(s, "$1.$2")
	s = strings.TrimPrefix(words.Replace(s), "cal")
	s = strings.TrimSpace(strings.TrimPrefix(s, ". ")) // "cal. 7.62", but "cal .50"
	m := bare.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	switch {
	case m[3] == "mm" || strings.Contains(m[2], "."):
		return []string{"mm " + m[2]}
	case m[1] == ".":
		return []string{"in " + m[2]}
	}
	return []string{"mm " + m[2], "in " + m[2]}
}

func isMetric(name string) bool {
	keys := bareKeys(name)
	return len(keys) == 1 && strings.HasPrefix(keys[0], "mm ")
}

var (
	metricStart = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*(?:mm\b|x)|^(\d+\.\d+)`)
	inchStart   = regexp.MustCompile(`^\.?(\d+)\b`)
)

// leading returns the key of the number that a name begins with, empty where it
// begins with none: "mm 7.62", "in 38".
func leading(name string) string {
	s := signs.Replace(strings.ToLower(strings.TrimSpace(name)))
	s = decimalComma.ReplaceAllString(s, "$1.$2")
	if m := metricStart.FindStringSubmatch(s); m != nil {
		return "mm " + m[1] + m[2]
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "cal "), "cal.")
	if m := inchStart.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return "in " + m[1]
	}
	return ""
}
