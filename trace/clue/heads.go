package clue

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking/calibre"
)

// position is a clock position of a headstamp: 12h, 6 o'clock, 3:.
var position = regexp.MustCompile(`(?i)(?:\bat )?\b(?:1[0-2]|0?[1-9]) ?(?:h(?:rs)?|o['’]? ?clock|uhr|heures?|часов|часа|ч)(?:$|[^\pL\pN])|\b(?:1[0-2]|[1-9]):(?:$|[^0-9])|[@(] ?(?:1[0-2]|[1-9]) ?\)|@ ?(?:1[0-2]|[1-9])\b`)

// filler is what people write around what a head says.
var filler = regexp.MustCompile(`(?i)\b(?:head ?stamp(?:ed)?|head|stamped|marked|marks?|reads?|maker|made|year|cal(?:ibre|iber)?\.?|cartridges?|cases?|ammunition|ammo|rounds?|ball|fmj|patronen|munition|año|année|ano)\b:?|(?:патрон(?:ы|ов)?|калибр|год)|["'“”«»;,()]`)

// A headWord is a word of a clue and what it may be.
type headWord struct {
	gs     []glyph
	text   string   // folded
	makers []string // on record
	years  []int
}

// headWords splits a clue into its words without positions and what people
// write around them, and takes the longest words together that name a calibre.
func (r *reader) headWords(gs []glyph) (words []headWord, calibres []string, named string) {
	plain := blanked(blanked(gs, position), filler)
	var all [][]glyph
	for i := 0; i < len(plain); {
		to := i
		for to < len(plain) && plain[to].fold != ' ' && plain[to].fold != '\t' {
			to++
		}
		if to > i {
			all = append(all, plain[i:to])
		}
		i = max(to, i+1)
	}
	calibres, named, all = takeCalibre(all)
	for _, w := range all {
		word := headWord{gs: w, text: component(w)}
		word.makers = r.makersOf(word.text)
		word.years = yearsOf(word.text)
		words = append(words, word)
	}
	return words, calibres, named
}

// mostCalibreWords is how many words the name of a cartridge may have.
const mostCalibreWords = 8

// takeCalibre finds the longest run of words that names a cartridge, and returns
// the other words.
func takeCalibre(words [][]glyph) (ids []string, name string, rest [][]glyph) {
	for n := min(mostCalibreWords, len(words)); n > 0; n-- {
		for from := 0; from+n <= len(words); from++ {
			var parts []string
			for _, w := range words[from : from+n] {
				s, _ := typed(w)
				parts = append(parts, s)
			}
			name := strings.Join(parts, " ")
			if _, err := strconv.Atoi(name); err == nil && len(words) > 1 {
				continue // a year, or a factory
			}
			if ids := calibresOf(name); len(ids) > 0 {
				return ids, name, slices.Concat(words[:from], words[from+n:])
			}
		}
	}
	return nil, "", words
}

// calibresOf lists the ids of the cartridges that a name may mean, in figures or
// in words.
func calibresOf(name string) (out []string) {
	for _, spelling := range append([]string{name}, inFigures(name)...) {
		for _, c := range calibre.Lookup(spelling).Cartridges {
			if !slices.Contains(out, c.ID) {
				out = append(out, c.ID)
			}
		}
	}
	return out
}

// makersOf lists the makers on record that a word is, in whatever state.
func (r *reader) makersOf(word string) (out []string) {
	for _, m := range r.x.makers[withoutState(word)] {
		if m == word || m != withoutState(m) && word == withoutState(m) {
			out = append(out, m)
		}
	}
	return out
}

// yearsOf lists the years that a number on a head may stand for.
func yearsOf(word string) []int {
	year, err := strconv.Atoi(word)
	switch {
	case err != nil:
		return nil
	case len(word) == 4 && year >= 1850 && year < 2100:
		return []int{year}
	case len(word) == 2:
		return []int{1900 + year, 2000 + year}
	}
	return nil
}

// asWords takes a clue as words of which some name the maker, the calibre or the
// year. Where others are left they may be the lot; where none is left it is a
// head.
func (r *reader) asWords(gs []glyph) {
	words, calibres, named := r.headWords(gs)
	if r.head(words, calibres, named, 0) {
		return
	}
	var makers, rest []headWord
	for _, w := range words {
		if len(w.makers) > 0 && w.years == nil {
			makers = append(makers, w)
		} else {
			rest = append(rest, w)
		}
	}
	if len(makers) > 1 || len(rest) == 0 || len(makers)+len(rest) < 2 && named == "" && len(gs) == len(rest[0].gs) {
		return
	}
	var edits []string
	if len(makers) == 1 && makers[0].gs[0].at > rest[0].gs[0].at {
		edits = append(edits, makers[0].text+" read as the maker")
	}
	if named != "" {
		edits = append(edits, named+" read as a calibre")
	}
	take := func(rest []headWord, edits []string) bool {
		var lot []glyph
		for _, w := range slices.Concat(makers, rest) {
			lot = append(append(lot, glyph{' ', ' ', w.gs[0].at}), w.gs...)
		}
		for errors := range 2 {
			before := len(r.best)
			if r.look(look{gs: lot, edits: edits, errors: errors}); len(r.best) > before {
				return true
			}
		}
		return false
	}
	if take(rest, edits) {
		return
	}
	if len(rest) == 2 { // one word beside the lot that is not understood
		for i, w := range rest {
			if text := r.x.text(w.gs); readable(text, 4) {
				r.look(look{gs: w.gs, weight: weighsOther, edits: append(slices.Clone(edits), rest[1-i].text+" not read")})
			}
		}
	}
	for i, w := range rest { // a year beside the lot
		if w.years != nil && len(rest) > 1 {
			without := slices.Delete(slices.Clone(rest), i, i+1)
			if take(without, append(slices.Clone(edits), w.text+" read as a year")) {
				return
			}
		}
	}
}

// asHead takes a clue as a head of which at most one word is not understood.
func (r *reader) asHead(gs []glyph) {
	words, calibres, named := r.headWords(gs)
	r.head(words, calibres, named, 1)
}

// head adds the ways in which words name a maker, a year and calibres, with so
// many words left at most. It reports whether there is one.
func (r *reader) head(words []headWord, calibres []string, named string, left int) bool {
	var heads []Head
	add := func(h Head, maker, year int) {
		for i, w := range words {
			if i != maker && i != year {
				h.Edits = append(h.Edits, w.text+" not read")
				h.Distance += weighsOther
			}
		}
		if h.Calibres = calibres; len(words) > 0 && named != "" {
			h.Edits = append(h.Edits, named+" read as a calibre")
		}
		heads = append(heads, h)
	}
	if len(words) <= left+2 {
		for m, w := range words {
			for _, maker := range w.makers {
				if len(words)-1 <= left {
					add(Head{Maker: maker}, m, -1)
				}
				for y, x := range words {
					if y == m || x.years == nil || len(words)-2 > left {
						continue
					}
					h := Head{Maker: maker, Years: x.years}
					if y < m && w.years != nil && len(x.makers) > 0 {
						h.Edits = []string{fmt.Sprintf("%s read as the year, %s as the factory", x.text, w.text)}
						h.Distance = weighsConfused
					}
					add(h, m, y)
				}
			}
		}
	}
	if len(heads) == 0 && len(calibres) > 0 && len(words) <= left {
		add(Head{}, -1, -1)
	}
	if len(heads) == 0 && len(calibres) > 0 && len(words) == 1 && words[0].years != nil {
		add(Head{Years: words[0].years}, -1, 0)
	}
	slices.SortStableFunc(heads, func(a, b Head) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Maker, b.Maker))
	})
	r.res.Heads = append(r.res.Heads, heads...)
	return len(heads) > 0
}
