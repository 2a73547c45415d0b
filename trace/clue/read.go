package clue

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sublot/sublot/marking"
)

// MaxText is the longest clue that is read, in characters.
const MaxText = 200

// OneConfusion is the distance of one character that is easily taken for another.
const OneConfusion = 1

// A Reading is an identity on record that a clue may stand for.
type Reading struct {
	Item     marking.Span // the lot, or the package or span below it that the clue names
	Edits    []string     // "O→0 at 7": what was changed, counted in characters of the clue
	Distance int          // the sum of their weights, see the package comment
	Near     int          // how many other lots lie at the same distance: at least so many, where it is not the nearest
}

// A Head is what a clue says that names no lot: what stands on a case head.
type Head struct {
	Maker    string   `json:"maker,omitempty"`    // empty: the text names none that is on record
	Years    []int    `json:"years,omitempty"`    // of manufacture, rising; two digits are a year of several centuries; nil: none read
	Calibres []string `json:"calibres,omitempty"` // ids of package calibre that the text may mean
	Edits    []string `json:"edits,omitempty"`
	Distance int      `json:"distance"`
}

// A Result is what a clue was read as.
type Result struct {
	Readings []Reading // the nearest first
	Heads    []Head    // where the text is better read as a head than as a lot, the nearest first

	// Truncated says that not all lots at the least distance are listed, or were
	// looked at.
	Truncated bool
}

// Read lists at most most readings of a clue, of the lots of which onRecord
// reports true; nil means all lots. A text that fits nothing has no readings.
// The error is that of onRecord.
func (x *Index) Read(text string, most int, onRecord func(lot marking.ID) (bool, error)) (Result, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxText || text == "" {
		return Result{}, nil
	}
	r := &reader{x: x, onRecord: onRecord, best: map[uint32]candidate{}, known: map[uint32]bool{}, cut: far}
	r.read(withWildcards(glyphs(text)))
	return r.result(most)
}

// Maker returns the maker that a clue names before a slash, and empty text
// where it does not begin so. Where lots of that maker lie within [OneConfusion]
// no others are looked at, so that who has the lots of many makers need not read
// them all.
func Maker(text string) string {
	gs := glyphs(strings.TrimSpace(text))
	i := slices.IndexFunc(gs, func(g glyph) bool { return g.fold == '/' })
	if i <= 0 {
		return ""
	}
	return component(gs[:i])
}

// A reader collects the readings of one clue.
type reader struct {
	x        *Index
	onRecord func(marking.ID) (bool, error)
	maker    string // only its lots count; empty: all

	best  map[uint32]candidate // by lot
	known map[uint32]bool      // what onRecord said of lots
	align alignment
	cut   int // the least distance of what a look may have passed over
	res   Result
	err   error
}

const far = 1 << 20 // a distance that nothing is at

// A candidate is a reading whose edits are not written out yet.
type candidate struct {
	which    uint32 // as in Index.ofForward
	gs       []glyph
	item     marking.Span
	before   []string // edits beside those of the characters
	after    []string
	part     string // what of the lot the clue stands for; empty: all of it
	distance int
	weight   int // of the edits beside those of the characters

	misplaced int // separators that do not stand so in the lot
}

// A look is one way to take a clue: its characters, changed as the edits say.
type look struct {
	gs     []glyph
	weight int
	edits  []string
	errors int // characters that may be others, lost or added
}

// read takes the clue in one way after the other, as long as a further one may
// give a reading as near as those there are.
func (r *reader) read(gs []glyph) {
	if r.maker = r.makerBefore(gs); r.maker != "" {
		r.look(look{gs: gs})
		if r.nearest() <= weighsConfused {
			r.look(look{gs: gs, errors: 1})
			return
		}
		r.maker = ""
	}
	r.look(look{gs: gs})
	if r.nearest() == 0 {
		return
	}
	for _, l := range slices.Concat(otherYears(gs), lostSlashes(gs)) {
		r.look(l)
	}
	r.asWords(gs)
	if len(r.res.Heads) > 0 || r.nearest() == 0 {
		return
	}
	r.look(look{gs: gs, errors: 1})
	for _, l := range slices.Concat(turned(gs), swapped(gs)) {
		r.look(l)
	}
	if r.nearest() > weighsOther {
		r.cutOff(gs)
	}
	if r.nearest() > mostOfOneClue {
		r.asHead(gs)
	}
}

// makerBefore returns the maker before the first slash where it is on record.
func (r *reader) makerBefore(gs []glyph) string {
	i := slices.IndexFunc(gs, func(g glyph) bool { return g.fold == '/' })
	if i <= 0 {
		return ""
	}
	maker := component(gs[:i])
	if !slices.Contains(r.x.makers[withoutState(maker)], maker) {
		return ""
	}
	return maker
}

// nearest returns the least distance so far.
func (r *reader) nearest() int {
	least := far
	for _, c := range r.best {
		least = min(least, c.distance)
	}
	return least
}

// look finds the lots that a text is near, as a lot alone and as a lot with the
// path of a package behind it.
func (r *reader) look(l look) {
	for _, split := range paths(l.gs) {
		text := r.x.text(split.lot)
		if !readable(text, 2) || l.errors > 0 && !readable(text, 4) {
			continue
		}
		floor := l.weight + unreadIn(split.lot)*weighsUnread + l.errors*weighsOther
		for _, which := range r.find(text, l.errors, floor) {
			r.note(which, split, l)
		}
	}
}

// readable reports whether so many symbols of a text were read.
func readable(text []byte, least int) bool {
	n := 0
	for _, s := range text {
		if s != symbolOne && s != symbolSome {
			n++
		}
	}
	return n >= least
}

// find looks a text up from the side that was read.
func (r *reader) find(text []byte, errors, floor int) []uint32 {
	g, of := r.x.forward, r.x.ofForward
	if text[0] == symbolSome {
		text = slices.Clone(text)
		slices.Reverse(text)
		g, of = r.x.backward, r.x.ofBackward
	}
	open := false // a * at the end: words go on
	for len(text) > 0 && text[len(text)-1] == symbolSome {
		text, open = text[:len(text)-1], true
	}
	return r.words(g.run(text, errors, open), of, floor)
}

// words returns what the words found stand for, each at the distance of floor at
// least.
func (r *reader) words(s *search, of []uint32, floor int) []uint32 {
	if s.over {
		r.cut = min(r.cut, floor)
	}
	slices.Sort(s.found)
	found := slices.Compact(s.found)
	for i, at := range found {
		found[i] = of[at]
	}
	return found
}

// note adds the lot that a word stands for, and the package below it that the
// clue names.
func (r *reader) note(which uint32, split split, l look) {
	r.align.set(split.lot, r.x.target(which))
	c := candidate{which: which, gs: split.lot, before: l.edits, weight: l.weight}
	if c.distance = r.align.distance() + c.weight; c.distance > most(split.lot) {
		return
	}
	var left string
	if c.item, left = descend(r.x.lot(which), split.below); left != "" {
		c.after = []string{left + " not read"}
		c.weight += weighsUnread
		c.distance += weighsUnread
	}
	r.keep(c)
}

// most is the distance at which a lot is no reading of a clue any more.
func most(gs []glyph) int {
	return mostOfOneClue + weighsUnread*unreadIn(gs)
}

func unreadIn(gs []glyph) (n int) {
	for _, g := range gs {
		if g.fold == oneUnread || g.fold == someUnread {
			n++
		}
	}
	return n
}

// keep adds a candidate, unless it is too far or a nearer one of its lot is there.
func (r *reader) keep(c candidate) {
	lot := c.which / ways
	if r.err != nil || c.distance > most(c.gs) || r.maker != "" && r.x.lots[lot].Maker() != r.maker {
		return
	}
	if old, ok := r.best[lot]; ok && (old.distance < c.distance || old.distance == c.distance && old.which >= c.which) {
		return
	}
	if r.onRecord != nil {
		known, asked := r.known[lot]
		if !asked {
			if known, r.err = r.onRecord(r.x.lots[lot]); r.err != nil {
				return
			}
			r.known[lot] = known
		}
		if !known {
			return
		}
	}
	r.best[lot] = c
}

// cutOff reads a text as the beginning or the end of a lot.
func (r *reader) cutOff(gs []glyph) {
	for _, split := range paths(gs) {
		text := r.x.text(split.lot)
		if !readable(text, 4) || text[0] == symbolSome || text[len(text)-1] == symbolSome {
			continue
		}
		for _, which := range r.words(r.x.forward.run(text, 0, true), r.x.ofForward, weighsCutOff) {
			r.noteCutOff(which, split, false)
		}
		slices.Reverse(text)
		for _, which := range r.words(r.x.backward.run(text, 0, true), r.x.ofBackward, weighsCutOff) {
			r.noteCutOff(which, split, true)
		}
	}
}

// noteCutOff adds the lot of a word whose beginning, or end, a clue is.
func (r *reader) noteCutOff(which uint32, split split, atEnd bool) {
	n := 0
	for _, g := range split.lot {
		if !g.isSeparator() {
			n++
		}
	}
	if alone := which - which%ways + nameAlone; atEnd && len(letters(r.x.target(alone))) >= n {
		which = alone // the maker is not needed
	}
	all := letters(r.x.target(which))
	n = min(n, len(all))
	c := candidate{which: which, gs: split.lot, weight: weighsCutOff}
	if c.part = string(all[:n]); atEnd {
		c.part = string(all[len(all)-n:])
	}
	switch {
	case n == len(all):
		return // nothing is missing
	case atEnd:
		c.after = []string{string(all[:len(all)-n]) + " added at its beginning"}
	default:
		c.after = []string{string(all[n:]) + " added at its end"}
	}
	var left string
	if c.item, left = descend(r.x.lot(which), split.below); left != "" {
		c.after = append(c.after, left+" not read")
		c.weight += weighsUnread
	}
	r.align.set(c.gs, c.part)
	c.distance = r.align.distance() + c.weight
	r.keep(c)
}

// letters returns the letters and digits of a text.
func letters(s string) (out []rune) {
	for _, r := range s {
		if isCharacter(r) {
			out = append(out, r)
		}
	}
	return out
}

// result ranks the readings: by distance, then by how many separators stand as
// in the lot, then in the order of identities.
func (r *reader) result(most int) (Result, error) {
	if r.err != nil {
		return Result{}, r.err
	}
	all := make([]candidate, 0, len(r.best))
	near := map[int]int{}
	for _, c := range r.best {
		all = append(all, c)
		near[c.distance]++
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), a.item.Compare(b.item))
	})
	if len(all) > most { // those as far as the last one listed are ranked too
		last := all[most-1].distance
		all = slices.DeleteFunc(all, func(c candidate) bool { return c.distance > last })
	}
	for i := range all {
		c := &all[i]
		r.align.set(c.gs, cmp.Or(c.part, r.x.target(c.which)))
		c.misplaced = r.align.misplaced(c.gs, cmp.Or(c.part, r.x.target(c.which)))
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.misplaced, b.misplaced))
	})
	for _, c := range all[:min(most, len(all))] {
		r.res.Readings = append(r.res.Readings, Reading{c.item, r.edits(c), c.distance, near[c.distance] - 1})
	}
	r.res.Truncated = r.cut <= r.nearest() && r.cut < far || len(all) > 0 && near[all[0].distance] > most
	return r.res, nil
}

// edits says in words what makes the lot of the clue.
func (r *reader) edits(c candidate) []string {
	r.align.set(c.gs, cmp.Or(c.part, r.x.target(c.which)))
	out := slices.Concat(c.before, r.align.edits(), c.after)
	maker := r.x.lot(c.which).Maker()
	switch state, _, _ := strings.Cut(maker, ":"); c.which % ways {
	case nameAlone:
		out = append(out, "maker "+maker+" added")
	case withCode:
		out = append(out, state+": added")
	}
	return out
}
