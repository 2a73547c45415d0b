package clue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sublot/sublot/marking"
)

// MaxText is the longest clue that is read, in characters.
const MaxText = 200

// A Reading is an identity on record that a clue may stand for.
type Reading struct {
	Item     marking.Span // the lot, or the package or span below it that the clue names
	Edits    []string     // "O→0 at 7": what was changed, counted in characters of the clue
	Distance int          // the sum of their weights, see the package comment
	Near     int          // how many other lots lie at the same distance
}

// A Result is what a clue was read as.
type Result struct {
	Readings []Reading // the nearest first, then in the order of identities

	// Where no lot fits: the maker, the year of manufacture (0: none; two
	// digits stay two digits) and the calibres that the text names.
	Maker    string
	Year     int
	Calibres []string

	// Truncated says that more lots fit than were looked at: a reading that is
	// not listed may be as near as those that are.
	Truncated bool
}

// mostWork bounds the steps of one look through the keys.
const mostWork = 40_000

// Read lists at most most readings of a clue. It never fails: a text that fits
// nothing has no readings.
func (x *Index) Read(text string, most int) Result {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxText || text == "" {
		return Result{}
	}
	r := &reader{x: x, best: map[uint32]Reading{}}
	gs := withoutLead(glyphs(text))
	for _, way := range []func([]glyph){r.asItStands, r.asHeadstamp, r.withOneError, r.withLongYear, r.cutOff, r.turned} {
		if r.settled() {
			break
		}
		way(gs)
	}
	return r.result(most)
}

// A reader collects the readings of one clue.
type reader struct {
	x    *Index
	best map[uint32]Reading // by lot
	res  Result
}

// settled reports whether no further look can give a reading as near as those
// there are: all further looks weigh two or more.
func (r *reader) settled() bool {
	for _, b := range r.best {
		if b.Distance < weighsOther {
			return true
		}
	}
	return r.res.Maker != "" || len(r.res.Calibres) > 0
}

// asItStands compares skeletons as they are.
func (r *reader) asItStands(gs []glyph) { r.look(gs, 0, 0, "") }

// withOneError allows one character to be another, lost or added. A text of few
// characters is near too much to be read so.
func (r *reader) withOneError(gs []glyph) {
	const least = 5
	if len(skeleton(gs)) >= least {
		r.look(gs, 1, 0, "")
	}
}

// withLongYear reads 2024 as 24.
func (r *reader) withLongYear(gs []glyph) {
	for i := 0; i+3 < len(gs); i++ {
		if y := string([]rune{gs[i].fold, gs[i+1].fold}); (y == "20" || y == "19") && isDigit(gs[i+2].fold) && isDigit(gs[i+3].fold) {
			edit := fmt.Sprintf("%s%c%c→%c%c at %d", y, gs[i+2].fold, gs[i+3].fold, gs[i+2].fold, gs[i+3].fold, gs[i].at)
			r.look(slices.Concat(gs[:i], gs[i+2:]), 0, weighsLongYear, edit)
		}
	}
}

// cutOff reads a text as the beginning or the end of a lot.
func (r *reader) cutOff(gs []glyph) {
	const least = 4
	if len(r.best) > 0 || len(skeleton(gs)) < least {
		return
	}
	for _, back := range []bool{true, false} {
		text := skeleton(gs)
		s := r.search(text, back)
		s.prefix = true
		s.walk(0, len(r.x.of), 0, 0, 0)
		r.truncated(s)
		for k := range s.found {
			r.noteCutOff(k, gs, back)
		}
	}
}

// noteCutOff adds the lot of a key whose end, or beginning, a clue is.
func (r *reader) noteCutOff(k uint32, gs []glyph, atEnd bool) {
	which := r.x.of[k]
	lot := r.x.lots[which/2]
	all := letters(r.x.target(which))
	n := 0
	for _, g := range gs {
		if !g.isSeparator() {
			n++
		}
	}
	part, edit := all[:min(n, len(all))], fmt.Sprintf("%s added at its end", string(all[min(n, len(all)):]))
	if atEnd {
		part, edit = all[max(len(all)-n, 0):], fmt.Sprintf("%s added at its beginning", string(all[:max(len(all)-n, 0)]))
	}
	edits, distance := align(gs, string(part))
	r.keep(which, gs, Reading{marking.SpanOf(lot), append(edits, edit), distance + weighsCutOff, 0})
}

// turned reads a round head that was held upside down.
func (r *reader) turned(gs []glyph) {
	turn := map[rune]rune{'0': '0', 'O': 'O', '1': '1', 'I': 'I', '8': '8', 'H': 'H', 'N': 'N', 'S': 'S', 'X': 'X', 'Z': 'Z', '6': '9', '9': '6', 'M': 'W', 'W': 'M', '5': '5', '2': '2'}
	out := make([]glyph, len(gs))
	for i, g := range gs {
		t, ok := turn[g.fold]
		if !ok && !g.isSeparator() {
			return
		}
		if ok {
			g.fold = t
		}
		out[len(gs)-1-i] = g
	}
	r.look(out, 0, weighsTurned, "read upside down")
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// look finds the lots that a text is near, as a lot alone and as a lot with the
// path of a package behind it.
func (r *reader) look(gs []glyph, errors, weight int, edit string) {
	for _, split := range paths(gs) {
		text := skeleton(split.lot)
		if len(text) == 0 || len(strings.Trim(string(text), "?*")) < 2 {
			continue
		}
		half := len(text) / 2
		for _, back := range []bool{false, true} {
			if errors == 0 && back != (text[0] == someUnread) {
				continue // one order is enough; from the side that is read
			}
			s := r.search(text, back)
			if s.strict = half; back {
				s.strict = len(text) - half
			}
			s.walk(0, len(r.x.of), 0, 0, errors)
			r.truncated(s)
			for k := range s.found {
				r.note(k, split.lot, split.below, weight, edit)
			}
		}
	}
}

func (r *reader) search(text []byte, back bool) *search {
	if back {
		text = slices.Clone(text)
		slices.Reverse(text)
	}
	return &search{x: r.x, back: back, text: text, found: map[uint32]bool{}, work: mostWork}
}

func (r *reader) truncated(s *search) { r.res.Truncated = r.res.Truncated || s.work <= 0 }

// note adds the lot of a key, and the package below it that the clue names.
func (r *reader) note(k uint32, gs []glyph, below []string, weight int, edit string) {
	which := r.x.of[k]
	edits, distance := align(gs, r.x.target(which))
	if edit != "" {
		edits = append([]string{edit}, edits...)
	}
	item, left := descend(r.x.lots[which/2], below)
	if left != "" {
		edits = append(edits, left+" not read")
		distance += weighsUnread
	}
	r.keep(which, gs, Reading{item, edits, distance + weight, 0})
}

// keep adds a reading, unless it is too far or a nearer one of its lot is there.
func (r *reader) keep(which uint32, gs []glyph, n Reading) {
	if which%2 == 0 {
		n.Edits = append(n.Edits, "maker "+n.Item.First().Maker()+" added")
	}
	most := mostOfOneClue
	for _, g := range gs {
		if g.fold == oneUnread || g.fold == someUnread {
			most += weighsUnread
		}
	}
	if n.Distance > most {
		return
	}
	if old, ok := r.best[which/2]; !ok || n.Distance < old.Distance || n.Distance == old.Distance && len(n.Edits) < len(old.Edits) {
		r.best[which/2] = n
	}
}

// result ranks the readings.
func (r *reader) result(most int) Result {
	count := map[int]int{}
	for _, b := range r.best {
		count[b.Distance]++
		r.res.Readings = append(r.res.Readings, b)
	}
	slices.SortFunc(r.res.Readings, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), a.Item.Compare(b.Item))
	})
	rs := r.res.Readings
	if len(rs) > 0 && rs[0].Distance == 0 { // as it stands it is a lot
		rs = rs[:count[0]]
	}
	for i := range rs {
		rs[i].Near = count[rs[i].Distance] - 1
	}
	if len(rs) > most {
		rs, r.res.Truncated = rs[:most], true
	}
	r.res.Readings = rs
	return r.res
}
