package clue

import (
	"regexp"
	"slices"
)

// lead is a word that people write before a lot number, in several languages.
var lead = regexp.MustCompile(`^(?i)(?:the )?(?:lote|lot|batch|los|part[iy]e|partida|партия|партии|partija|n°|nº|№+)(?: (?:no\.?|number|nr\.?|num|n°|nº|№+|ending|ends with|ending in))*[ .:#]+`)

// ending says that only the end of a lot is given.
var ending = regexp.MustCompile(`(?i)^(?:the )?(?:lot |lot number )?(?:ending(?: in| with)?|ends (?:in|with)|\.\.\.|…+)[ :]*`)

// unread is what people write for characters that could not be read; of three
// dots or an ellipsis nobody knows how many.
var (
	unread     = regexp.MustCompile(`[□■▯▢�¿]`)
	manyUnread = regexp.MustCompile(`(?i)…+|\.\.\.+|[[({](?:illegible|unreadable|illisible|ilegible|неразборчиво)[\])}]`)
)

// withWildcards writes what people write for characters that were not read as
// wildcards, and drops a word that stands before the lot. "Ending in" leaves a *
// for what is missing.
func withWildcards(gs []glyph) []glyph {
	gs = slices.Clone(gs)
	s, offset := typed(gs)
	for i, g := range gs {
		if unread.MatchString(string(g.typed)) {
			gs[i].fold = oneUnread
		}
	}
	if loc := ending.FindStringIndex(s); loc != nil && loc[1] < len(s) {
		rest := gs[firstFrom(offset, loc[1]):]
		return slices.Concat([]glyph{{someUnread, someUnread, gs[0].at}}, rest)
	}
	if loc := lead.FindStringIndex(s); loc != nil && loc[1] < len(s) {
		gs = gs[firstFrom(offset, loc[1]):]
		s, offset = typed(gs)
	}
	for _, f := range slices.Backward(manyUnread.FindAllStringIndex(s, -1)) {
		from, to := firstFrom(offset, f[0]), firstFrom(offset, f[1])
		gs = slices.Concat(gs[:from], []glyph{{gs[from].typed, someUnread, gs[from].at}}, gs[to:])
	}
	return gs
}

// firstFrom returns which character is the first at or after an offset.
func firstFrom(offset []int, at int) int {
	i, _ := slices.BinarySearch(offset, at)
	return i
}
