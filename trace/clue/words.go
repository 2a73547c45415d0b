package clue

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking/calibre"
)

// lead is a word that people write before a lot number, in several languages.
var lead = regexp.MustCompile(`^(?i)(?:the )?(?:lote|lot|batch|los|part[iy]e|partida|партия|partija|n°|nº|№)(?: (?:no|number|nr|num|n°|nº|№|ending|ends with|ending in))*[ .:#]+`)

// ending says that only the end of a lot is given.
var ending = regexp.MustCompile(`(?i)^(?:the )?(?:lot |lot number )?(?:ending(?: in| with)?|ends (?:in|with)|\.\.\.|…)[ :]*`)

// withoutLead drops a word that stands before the lot. "Ending in" and an
// ellipsis leave a * for what is missing.
func withoutLead(gs []glyph) []glyph {
	var text strings.Builder
	for _, g := range gs {
		text.WriteRune(g.typed)
	}
	drop := func(n int) []glyph { return gs[len([]rune(text.String()[:n])):] }
	if loc := ending.FindStringIndex(text.String()); loc != nil && loc[1] < text.Len() {
		rest := drop(loc[1])
		return slices.Concat([]glyph{{someUnread, someUnread, rest[0].at}}, rest)
	}
	if loc := lead.FindStringIndex(text.String()); loc != nil && loc[1] < text.Len() {
		return drop(loc[1])
	}
	return gs
}

// position is a clock position of a headstamp, such as 12h or 6 o'clock.
var position = regexp.MustCompile(`(?i)\b(?:1[0-2]|[1-9]) ?(?:h|o'?clock)\b:?`)

// filler is what people write around a calibre.
var filler = regexp.MustCompile(`(?i)\b(?:headstamp|cal(?:ibre|iber)?\.?|cartridges?|ammunition|ammo|rounds?|ball|fmj|patronen|патрон(?:ы|ов)?|калибр)\b|["']`)

// asHeadstamp reads a text that is nothing but a maker, a year and a calibre.
func (r *reader) asHeadstamp(gs []glyph) {
	var b strings.Builder
	for _, g := range gs {
		b.WriteRune(g.fold)
	}
	plain := position.ReplaceAllString(b.String(), " ")
	plain = strings.Join(strings.Fields(filler.ReplaceAllString(plain, " ")), " ")
	if plain == "" {
		return
	}
	if found := calibres(plain); len(found) > 0 {
		r.res.Calibres = found
		return
	}
	var res Result
	var rest []string
	for _, word := range strings.Fields(plain) {
		year, err := strconv.Atoi(word)
		switch _, known := slices.BinarySearch(r.x.makers, word); {
		case known && res.Maker == "":
			res.Maker = word
		case err == nil && res.Year == 0 && (len(word) == 2 || len(word) == 4 && year >= 1850 && year < 2100):
			res.Year = year
		default:
			rest = append(rest, word)
		}
	}
	if len(rest) > 0 {
		if res.Calibres = calibres(strings.Join(rest, " ")); len(res.Calibres) == 0 {
			return
		}
	}
	if res.Maker != "" || len(res.Calibres) > 0 {
		r.res.Maker, r.res.Year, r.res.Calibres = res.Maker, res.Year, res.Calibres
	}
}

// calibres lists the ids of the cartridges that a name may mean.
func calibres(name string) []string {
	var out []string
	for _, c := range calibre.Lookup(name).Cartridges {
		out = append(out, c.ID)
	}
	return out
}
