package clue

import (
	"fmt"
	"slices"
	"unicode"
)

// What the edits of a clue weigh.
const (
	weighsUnread   = 1
	weighsConfused = OneConfusion
	weighsLongYear = 1 // a year in four digits for two, or the other way round
	weighsLostMark = 1 // a slash that is not there
	weighsOther    = 2 // another character, one lost or one added
	weighsCutOff   = 2 // an end that is missing
	weighsTurned   = 2 // read upside down
	weighsSwapped  = 2 // two groups in the wrong order
	mostOfOneClue  = 3 // without what unread characters weigh
)

// An alignment is what makes one text of another with the least weight. Its
// buffers are used again.
type alignment struct {
	from []glyph // without separators
	to   []rune  // letters and digits
	cost []int16 // len(from)+1 rows of len(to)+1
}

func (a *alignment) set(gs []glyph, target string) {
	a.from, a.to = a.from[:0], a.to[:0]
	for _, g := range gs {
		if !g.isSeparator() {
			a.from = append(a.from, g)
		}
	}
	for _, r := range target {
		if isCharacter(r) {
			a.to = append(a.to, r)
		}
	}
	width := len(a.to) + 1
	a.cost = slices.Grow(a.cost[:0], (len(a.from)+1)*width)[:(len(a.from)+1)*width]
	a.cost[0] = 0
	for j := 1; j < width; j++ {
		a.cost[j] = a.cost[j-1] + weighsOther
	}
	for i := 1; i <= len(a.from); i++ {
		typed := a.from[i-1].fold
		above, row := a.cost[(i-1)*width:i*width], a.cost[i*width:(i+1)*width]
		extra, lost := weighsExtra(typed), weighsLost(typed)
		row[0] = above[0] + extra
		for j := 1; j < width; j++ {
			row[j] = min(above[j-1]+weigh(typed, a.to[j-1]), above[j]+extra, row[j-1]+lost)
		}
	}
}

func (a *alignment) at(i, j int) int16 { return a.cost[i*(len(a.to)+1)+j] }

func (a *alignment) distance() int { return int(a.at(len(a.from), len(a.to))) }

// A step takes so many characters of either text.
type step struct{ i, j int } // where it ends

// path returns the ends of the steps of least weight, from the end back to the
// beginning. Separators weigh nothing on either side.
func (a *alignment) path() []step {
	i, j := len(a.from), len(a.to)
	steps := []step{{i, j}}
	for i > 0 || j > 0 {
		switch {
		case i > 0 && j > 0 && a.at(i, j) == a.at(i-1, j-1)+weigh(a.from[i-1].fold, a.to[j-1]):
			i, j = i-1, j-1
		case i > 0 && a.at(i, j) == a.at(i-1, j)+weighsExtra(a.from[i-1].fold):
			i--
		default:
			j--
		}
		steps = append(steps, step{i, j})
	}
	return steps
}

// edits says in words what was changed, in the order of the text.
func (a *alignment) edits() (edits []string) {
	steps := a.path()
	slices.Reverse(steps)
	stars := ""
	for n := 1; n < len(steps); n++ {
		was, is := steps[n-1], steps[n]
		unread := was.i > 0 && a.from[was.i-1].fold == someUnread
		if is.i > was.i {
			g := a.from[was.i]
			switch {
			case g.fold == someUnread:
				stars = ""
				if is.j > was.j {
					stars = string(a.to[was.j])
				}
				edits = append(edits, fmt.Sprintf("*→%s at %d", stars, g.at))
			case is.j == was.j:
				edits = append(edits, fmt.Sprintf("%c left out at %d", g.typed, g.at))
			case g.fold != latin(a.to[was.j]):
				edits = append(edits, fmt.Sprintf("%c→%c at %d", g.typed, a.to[was.j], g.at))
			}
			continue
		}
		switch {
		case unread:
			stars += string(a.to[was.j])
			edits[len(edits)-1] = fmt.Sprintf("*→%s at %d", stars, a.from[was.i-1].at)
		case was.i == 0:
			edits = append(edits, fmt.Sprintf("%c added at 1", a.to[was.j]))
		default:
			edits = append(edits, fmt.Sprintf("%c added at %d", a.to[was.j], a.from[was.i-1].at+1))
		}
	}
	return edits
}

// misplaced counts the separators of the clue that do not stand so in the lot.
func (a *alignment) misplaced(gs []glyph, target string) (n int) {
	var apart []bool // of the lot: a separator before its character
	sep := false
	for _, r := range target {
		if !isCharacter(r) {
			sep = true
			continue
		}
		apart, sep = append(apart, sep), false
	}
	apart = append(apart, true)
	steps := a.path()
	i := 0
	sep = false
	for _, g := range gs {
		if g.isSeparator() {
			sep = true
			continue
		}
		if sep && i > 0 && !slices.ContainsFunc(steps, func(s step) bool { return s.i == i && apart[s.j] }) {
			n++
		}
		sep = false
		i++
	}
	return n
}

func isCharacter(r rune) bool {
	if r <= unicode.MaxASCII {
		return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func weigh(typed, to rune) int16 {
	switch to = latin(to); {
	case typed == to:
		return 0
	case typed == oneUnread, typed == someUnread:
		return weighsUnread
	case confusable(typed, to):
		return weighsConfused
	}
	return weighsOther
}

func weighsExtra(typed rune) int16 {
	if typed == oneUnread || typed == someUnread {
		return weighsUnread
	}
	return weighsOther
}

// weighsLost is what a character weighs that stands in the lot after one of the
// clue, and not in the clue: nothing after a * that already stands for one.
func weighsLost(typed rune) int16 {
	if typed == someUnread {
		return 0
	}
	return weighsOther
}
