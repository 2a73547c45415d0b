package carrier

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sublot/sublot/marking"
)

// Places on a head, by the clock. There is no upright head: a text begins at 12 for
// whoever writes it, and is read clockwise.
const (
	atMaker   = "12"
	atCalibre = "3"
	atLot     = "6"
	atYear    = "9"
)

// maxHead is the longest text that a place on a head takes: the ring of a 9 mm case
// has some 20 mm round the primer.
const maxHead = 8 // characters

// HeadstampText writes what is to be struck on a case head, with the places by the
// clock: 12:CBC 3:9x19 6:UZZ18 9:18 for the maker CBC and its lot UZZ18 made in
// 2018. A head has room for maker, calibre, a short lot and two digits of the year;
// what stands below the lot has none, and is refused with the alternative.
func HeadstampText(m marking.Mark) (string, error) {
	if m.Item.IsZero() {
		return "", &Error{Reason: "mark without an item", hint: "set Mark.Item"}
	}
	lot, rest := below(m.Item)
	maker := m.Item.Maker()
	switch {
	case rest != "":
		return "", &Error{Reason: fmt.Sprintf("a case head has no room for %q below the lot", rest),
			hint: "strike the lot alone, and mark the box; or put a register pointer on the head"}
	case utf8.RuneCountInString(lot) > maxHead || utf8.RuneCountInString(maker) > maxHead:
		return "", &Error{Reason: fmt.Sprintf("a case head has room for %d characters of maker and of lot, and %v has more", maxHead, m.Item),
			hint: "give the lot a short mark of its own, or put a register pointer on the head"}
	case strings.Contains(lot+maker, " "):
		return "", &Error{Reason: fmt.Sprintf("%v holds a space, which cannot be told on a head", m.Item), hint: "strike a mark without one"}
	}
	s := atMaker + ":" + maker
	if m.Calibre != "" && len(m.Calibre) <= maxHead && !strings.Contains(m.Calibre, " ") {
		s += " " + atCalibre + ":" + m.Calibre
	}
	s += " " + atLot + ":" + lot
	if m.Made != 0 {
		s += " " + atYear + ":" + m.Made.First().Format("06")
	}
	return s, nil
}

var headstamp = regexp.MustCompile(`^(?:1[0-2]|[1-9]):[^ ]+(?: (?:1[0-2]|[1-9]):[^ ]+)*$`)

// isHeadstamp says whether a text has clock positions. What is read off a real head
// with doubts is a clue, which package trace takes.
func isHeadstamp(s string) bool { return headstamp.MatchString(s) }

// parseHeadstamp reads what [HeadstampText] writes, from whatever place it begins.
// The two digits of the year are not taken: they name no century.
func parseHeadstamp(s string) (Content, error) {
	at := map[string]string{}
	for mark := range strings.SplitSeq(s, " ") {
		place, text, _ := strings.Cut(mark, ":")
		if at[place] != "" {
			return Content{}, &Error{Reason: fmt.Sprintf("two texts at %s o'clock", place), hint: "read the head again, clockwise"}
		}
		at[place] = text
	}
	if at[atMaker] == "" || at[atLot] == "" {
		return Content{}, &Error{Reason: "a head without a maker at 12 and a lot at 6 o'clock: it names a kind, not a lot",
			hint: "ask for it as a clue: sublot trace takes what is on a head, whole or in part"}
	}
	id, err := identity(at[atMaker], at[atLot], "")
	return Content{Syntax: Headstamp, Mark: marking.Mark{Item: id, Calibre: at[atCalibre]}}, err
}
