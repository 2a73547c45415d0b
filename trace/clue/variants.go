package clue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// otherYears takes 2024 as 24, and a group of two digits as a year of four.
func otherYears(gs []glyph) (out []look) {
	for i := 0; i < len(gs); {
		n := digitsAt(gs, i)
		century := n >= 4 && (foldsTo(gs[i:i+2], "19") || foldsTo(gs[i:i+2], "20"))
		if century {
			year := fmt.Sprintf("%c%c", gs[i+2].fold, gs[i+3].fold)
			edit := fmt.Sprintf("%c%c%s→%s at %d", gs[i].fold, gs[i+1].fold, year, year, gs[i].at)
			out = append(out, look{gs: slices.Concat(gs[:i], gs[i+2:]), weight: weighsLongYear, edits: []string{edit}})
		}
		if n == 2 {
			for _, c := range []string{"19", "20"} {
				year := fmt.Sprintf("%c%c", gs[i].fold, gs[i+1].fold)
				digits := []glyph{{rune(c[0]), rune(c[0]), gs[i].at}, {rune(c[1]), rune(c[1]), gs[i].at}}
				edit := fmt.Sprintf("%s→%s%s at %d", year, c, year, gs[i].at)
				out = append(out, look{gs: slices.Concat(gs[:i], digits, gs[i:]), weight: weighsLongYear, edits: []string{edit}})
			}
		}
		i += max(n, 1)
	}
	return out
}

func digitsAt(gs []glyph, i int) (n int) {
	for i+n < len(gs) && isDigit(gs[i+n].fold) {
		n++
	}
	return n
}

func foldsTo(gs []glyph, s string) bool {
	for i, r := range []rune(s) {
		if gs[i].fold != r {
			return false
		}
	}
	return true
}

// turns are the characters that are others, or themselves, upside down.
var turns = map[rune]rune{
	'0': '0', 'O': 'O', '1': '1', 'I': 'I', '8': '8', 'H': 'H', 'N': 'N', 'S': 'S', 'X': 'X', 'Z': 'Z', '5': '5', '2': '2', '-': '-', '.': '.', '/': '/', ' ': ' ',
	'6': '9', '9': '6', 'M': 'W', 'W': 'M', '7': 'L', 'L': '7', '3': 'E', 'E': '3', '?': '?', '*': '*',
}

// turned reads a round head that was held upside down.
func turned(gs []glyph) []look {
	out := make([]glyph, len(gs))
	for i, g := range gs {
		t, ok := turns[g.fold]
		if !ok {
			return nil
		}
		g.fold = t
		out[len(gs)-1-i] = g
	}
	return []look{{gs: out, weight: weighsTurned, edits: []string{"read upside down"}}}
}

// swapped takes two neighbouring groups of digits in the other order: a year for
// a factory.
func swapped(gs []glyph) (out []look) {
	type group struct{ from, to int }
	var groups []group
	for i := 0; i < len(gs); {
		to := i
		for to < len(gs) && !gs[to].isSeparator() {
			to++
		}
		if to > i {
			groups = append(groups, group{i, to})
		}
		i = max(to, i+1)
	}
	for i := 1; i < len(groups); i++ {
		a, b := groups[i-1], groups[i]
		digits := func(g group) bool { return g.to-g.from <= 4 && digitsAt(gs, g.from) == g.to-g.from }
		if !digits(a) || !digits(b) {
			continue
		}
		edit := fmt.Sprintf("%s and %s in the other order at %d", component(gs[a.from:a.to]), component(gs[b.from:b.to]), gs[a.from].at)
		out = append(out, look{weight: weighsSwapped, edits: []string{edit},
			gs: slices.Concat(gs[:a.from], gs[b.from:b.to], gs[a.to:b.from], gs[a.from:a.to], gs[b.to:])})
	}
	return out
}

// levels are words for packages, as they stand before their numbers.
var levels = regexp.MustCompile(`(?i)\b(?:sub-?lot|pallet|case|crate|tin|box|carton|caisse|bo[iî]te|caixa|caja|ящик|коробка)(?: (?:no\.?|number|nr\.?))?[ .:#]*`)

// lostSlashes takes the groups of digits at the end of a clue as packages of the
// lot before them: a space, a hyphen or a word stands where a slash should.
func lostSlashes(gs []glyph) (out []look) {
	named := blanked(gs, levels)
	cut := len(named)
	var edits []string
	for range 3 {
		i := cut
		for i > 0 && isDigit(named[i-1].fold) {
			i--
		}
		if i == cut || i == 0 || !named[i-1].isSeparator() {
			break
		}
		end := i
		for end > 0 && named[end-1].isSeparator() {
			end--
		}
		if end == 0 {
			break
		}
		slash := glyph{'/', '/', named[i-1].at}
		named = slices.Concat(named[:end], []glyph{slash}, named[i:])
		cut = end
		edits = append([]string{fmt.Sprintf("/ added at %d", slash.at)}, edits...)
		out = append(out, look{gs: slices.Clone(named), weight: weighsLostMark, edits: edits})
	}
	return out
}

// blanked returns the characters with a space for each of those that a pattern
// covers. It is matched with the text as typed, its digits folded.
func blanked(gs []glyph, pattern *regexp.Regexp) []glyph {
	s, offset := typed(gs)
	found := pattern.FindAllStringIndex(s, -1)
	if found == nil {
		return gs
	}
	out := slices.Clone(gs)
	for _, f := range found {
		for i := range out {
			if f[0] <= offset[i] && offset[i] < f[1] {
				out[i].typed, out[i].fold = ' ', ' '
			}
		}
	}
	return out
}

// typed returns the text of some characters, and where each begins in it.
func typed(gs []glyph) (s string, offset []int) {
	var b strings.Builder
	offset = make([]int, len(gs))
	for i, g := range gs {
		offset[i] = b.Len()
		if isDigit(g.fold) {
			b.WriteRune(g.fold)
		} else {
			b.WriteRune(g.typed)
		}
	}
	return b.String(), offset
}
