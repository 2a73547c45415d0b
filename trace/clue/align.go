package clue

import (
	"fmt"
	"unicode"
)

// What the edits of a clue weigh.
const (
	weighsUnread   = 1
	weighsConfused = 1
	weighsOther    = 2 // another character, one lost or one added
	weighsCutOff   = 2 // an end that is missing
	weighsTurned   = 2 // read upside down
	weighsLongYear = 1
	mostOfOneClue  = 3 // without what unread characters weigh
)

// align finds the edits of least weight that make target of the glyphs.
// Separators weigh nothing on either side.
func align(gs []glyph, target string) (edits []string, distance int) {
	var from []glyph
	for _, g := range gs {
		if !g.isSeparator() {
			from = append(from, g)
		}
	}
	to := letters(target)
	const far = 1 << 20
	cost := make([][]int, len(from)+1)
	for i := range cost {
		cost[i] = make([]int, len(to)+1)
		for j := range cost[i] {
			if i == 0 && j == 0 {
				continue
			}
			best := far
			if i > 0 && j > 0 {
				best = cost[i-1][j-1] + weigh(from[i-1].fold, to[j-1])
			}
			if i > 0 {
				best = min(best, cost[i-1][j]+weighsExtra(from[i-1].fold))
			}
			if j > 0 {
				best = min(best, cost[i][j-1]+weighsLost(from, i))
			}
			cost[i][j] = best
		}
	}
	starred := len(to) // where the characters end that a * stands for
	for i, j := len(from), len(to); i > 0 || j > 0; {
		if i == len(from) || from[i].fold != someUnread && i > 0 && from[i-1].fold == someUnread {
			starred = j
		}
		switch {
		case i > 0 && j > 0 && cost[i][j] == cost[i-1][j-1]+weigh(from[i-1].fold, to[j-1]):
			i, j = i-1, j-1
			switch g := from[i]; {
			case g.fold == someUnread:
				edits = append(edits, fmt.Sprintf("*→%s at %d", string(to[j:starred]), g.at))
			case g.fold != latin(to[j]):
				edits = append(edits, fmt.Sprintf("%c→%c at %d", g.typed, to[j], g.at))
			}
		case i > 0 && cost[i][j] == cost[i-1][j]+weighsExtra(from[i-1].fold):
			i--
			if from[i].fold != someUnread {
				edits = append(edits, fmt.Sprintf("%c left out at %d", from[i].typed, from[i].at))
			}
		default:
			j--
			switch {
			case i == 0:
				edits = append(edits, fmt.Sprintf("%c added at 1", to[j]))
			case from[i-1].fold != someUnread:
				edits = append(edits, fmt.Sprintf("%c added at %d", to[j], from[i-1].at+1))
			}
		}
	}
	for i, j := 0, len(edits)-1; i < j; i, j = i+1, j-1 {
		edits[i], edits[j] = edits[j], edits[i]
	}
	return edits, cost[len(from)][len(to)]
}

// letters returns the letters and digits of a text.
func letters(s string) (out []rune) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

func weigh(typed, to rune) int {
	switch to = latin(to); {
	case typed == to:
		return 0
	case typed == oneUnread:
		return weighsUnread
	case typed == someUnread:
		return weighsUnread
	case confusable(typed, to):
		return weighsConfused
	}
	return weighsOther
}

func weighsExtra(typed rune) int {
	switch typed {
	case someUnread:
		return 0
	case oneUnread:
		return weighsUnread
	}
	return weighsOther
}

// weighsLost is what a character weighs that stands in the lot and not in the
// clue: nothing after a * that already stands for one.
func weighsLost(from []glyph, i int) int {
	if i > 0 && from[i-1].fold == someUnread {
		return 0
	}
	return weighsOther
}
