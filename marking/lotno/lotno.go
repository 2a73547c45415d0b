package lotno

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A State says whether there is a lot at all. The words are those of US Army
// stock records; other countries have the same three.
type State string

// The states of a lot's identity.
const (
	Known   State = "known"   // there is a lot number
	None    State = "none"    // never had one
	Mixed   State = "mixed"   // several lots together, which can be told apart
	Unknown State = "unknown" // had one that can no longer be known
)

// A Reading is one way to understand a lot number.
type Reading struct {
	Grammar string // name of the grammar; "text" where none fits

	// Lot is the lot number in its normal spelling: as printed, but in upper case
	// and with what a grammar says about separators. Empty on heads, which bear none.
	Lot string

	Maker      string // maker's code as printed; empty where the text has none
	NeedsMaker bool   // the text alone does not tell whose lot it is

	Years []int      // years it may have been made in, rising; nil where the text does not say
	Month time.Month // 0 where the text does not say

	Interfix string // of MIL-STD-1168: the series of like lots
	Code     string // lot identifier code in place of the hyphen, such as E or PG
	Sequence string
	Suffix   string // rework, repair or modification
	Theater  string // Y, W or T

	// Parent is the lot that a suffixed one was made from.
	Parent string

	// Powder is the lot of the propellant, which Soviet crates print beside that
	// of the ammunition.
	Powder string
}

// Series returns the key that lots of one interfix series share, or the empty
// text. Lots of one series were made under unchanged conditions.
func (r Reading) Series() string {
	if r.Interfix == "" || r.Maker == "" {
		return ""
	}
	return r.Maker + "/" + r.Interfix
}

// A Result is what [Parse] found.
type Result struct {
	State    State
	Readings []Reading // in the order of the grammars; empty unless the state is known
	Changes  []string  // what was changed to read it, in words: spaces, case, hyphens
	Near     []string  // lots that one look-alike character away would fit a grammar
}

// An Error says why a text is no lot number.
type Error struct {
	Text   string
	Reason string
	Near   []string // what may have been meant
}

func (e *Error) Error() string { return fmt.Sprintf("lotno: %q: %s", short(e.Text), e.Reason) }

// Hint says what may have been meant.
func (e *Error) Hint() string {
	if len(e.Near) == 0 {
		return "compare the text with the box"
	}
	return "it may have been read wrong: compare with " + strings.Join(e.Near, " or ")
}

const maxText = 64 // characters

func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// Parse reads a lot number. Through is the last year that it may have been made
// in, such as the year of a recovery.
//
// An [*Error] means that the text is empty, too long or not of letters, digits
// and separators, or that it fits a grammar but for a value which that grammar
// excludes, such as the month I. Any other text is a lot, read as "text" where
// no grammar fits.
func Parse(text string, through int) (Result, error) {
	s, changes, err := tidy(text)
	if err != nil {
		return Result{}, err
	}
	r := Result{State: state(s), Changes: changes}
	if r.State != Known {
		return r, nil
	}
	var refusal error
	for i := range grammars {
		g := &grammars[i]
		lot, how := s, ""
		m := g.pattern.FindStringSubmatch(lot)
		if m == nil { // once more without what separates, and with no space
			if lot, how = g.joined(s); how != "" {
				m = g.pattern.FindStringSubmatch(lot)
			}
		}
		if m == nil {
			continue
		}
		readings, err := g.read(lot, m, through)
		if err != nil {
			refusal = err
			continue
		}
		if how != "" && len(readings) > 0 {
			r.Changes = append(r.Changes, how)
		}
		r.Readings = append(r.Readings, readings...)
	}
	if len(r.Readings) == 0 {
		if refusal != nil {
			return Result{}, refusal
		}
		r.Readings = []Reading{{Grammar: "text", Lot: s, NeedsMaker: true}}
		r.Near = near(s, through)
	}
	return r, nil
}

// tidy takes off what says nothing: case, spaces at the ends and doubled,
// dashes that are not the hyphen.
func tidy(text string) (s string, changes []string, err error) {
	switch {
	case !utf8.ValidString(text):
		return "", nil, &Error{Text: text, Reason: "not UTF-8"}
	case len(text) > maxText*utf8.UTFMax || utf8.RuneCountInString(text) > maxText:
		return "", nil, &Error{Text: text, Reason: fmt.Sprintf("longer than %d characters", maxText)}
	}
	change := func(t, what string) {
		if t != s {
			changes = append(changes, what)
			s = t
		}
	}
	s = text
	change(strings.Join(strings.Fields(s), " "), "spaces taken off")
	change(strings.NewReplacer("–", "-", "—", "-", "‐", "-", "−", "-").Replace(s), "dashes read as hyphens")
	if s == "" {
		return "", nil, &Error{Text: text, Reason: "empty"}
	}
	head, tail, _ := strings.Cut(s, " ") // the propellant's name is written in small letters
	if t := strings.ToUpper(head); t != head || tail == strings.ToUpper(tail) || !strings.ContainsFunc(tail, isCyrillic) {
		t := strings.ToUpper(s)
		if strings.ContainsFunc(tail, isCyrillic) {
			t = strings.ToUpper(head) + " " + tail
		}
		change(t, "upper case")
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -./_+:()#", r) {
			return "", nil, &Error{Text: text, Reason: fmt.Sprintf("character %q in a lot number", r)}
		}
	}
	return s, changes, nil
}

func isCyrillic(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }

// state reads the words that stand in place of a lot number, alone or behind a
// maker's code.
func state(s string) State {
	if i := strings.LastIndexAny(s, "- "); i >= 0 {
		s = s[i+1:]
	}
	switch s {
	case "NONE":
		return None
	case "MIXED":
		return Mixed
	case "UNKNOWN":
		return Unknown
	}
	return Known
}

// joined takes spaces and hyphens out where the grammar has none or the
// standard forbids them, and says so.
func (g *Grammar) joined(s string) (string, string) {
	switch g.Name {
	case "us-1168":
		if t := strings.ReplaceAll(s, " ", ""); t != s {
			return t, "spaces taken out: MIL-STD-1168 has none"
		}
	case "br":
		if t := strings.NewReplacer("-", "", " ", "").Replace(s); t != s {
			return t, "written without a separator"
		}
	}
	return s, ""
}

// read makes the readings of a text that the pattern fits.
func (g *Grammar) read(s string, m []string, through int) ([]Reading, error) {
	part := func(name string) string {
		if i := g.pattern.SubexpIndex(name); i >= 0 {
			return m[i]
		}
		return ""
	}
	r := Reading{
		Grammar: g.Name, Lot: s, Maker: strings.TrimRight(part("maker"), "-"), NeedsMaker: g.NeedsMaker,
		Interfix: part("interfix"), Sequence: part("seq"), Suffix: part("suffix"), Powder: part("powder"),
	}
	if code := part("code"); code != "-" {
		r.Code = code
	}
	if r.Sequence == "" {
		r.Lot = "" // a head: maker and year
	}
	if r.Powder != "" {
		r.Lot = strings.TrimSpace(strings.TrimSuffix(s, r.Powder))
	}
	if yy := part("yy"); yy != "" {
		n, _ := strconv.Atoi(yy)
		for year := g.Since - g.Since%100 + n; year <= through; year += 100 {
			if year >= g.Since {
				r.Years = append(r.Years, year)
			}
		}
		if r.Years == nil {
			return nil, &Error{Text: s, Reason: fmt.Sprintf("year %s is not between %d, when lots came to be written so, and %d", yy, g.Since, through)}
		}
	}
	if letter := part("month"); letter != "" {
		i := strings.Index("ABCDEFGHJKLM", letter)
		if i < 0 {
			at := g.pattern.FindStringSubmatchIndex(s)[2*g.pattern.SubexpIndex("month")]
			e := &Error{Text: s, Reason: fmt.Sprintf("month %s, wanted A to M without I", letter)}
			for _, c := range map[string]string{"I": "JL", "N": "MH", "O": "CD", "Q": "CD"}[letter] {
				e.Near = append(e.Near, s[:at]+string(c)+s[at+1:])
			}
			return nil, e
		}
		r.Month = time.Month(i + 1)
	}
	if mm := part("mm"); mm != "" {
		n, _ := strconv.Atoi(mm)
		if n < 1 || n > 12 {
			return nil, &Error{Text: s, Reason: "month " + mm}
		}
		r.Month = time.Month(n)
	}
	tail := part("tail")
	if tail == "" {
		r.setParent()
		return []Reading{r}, nil
	}
	// The last letter may be a theater, and the rest a suffix of at most two.
	var all []Reading
	if len(tail) <= 2 {
		r.Suffix = tail
		r.setParent()
		all = append(all, r)
	}
	if last := tail[len(tail)-1:]; strings.Contains("YWT", last) {
		r.Suffix, r.Theater = tail[:len(tail)-1], last
		r.setParent()
		all = append(all, r)
	}
	if all == nil {
		return nil, &Error{Text: s, Reason: fmt.Sprintf("%s is neither a suffix of one or two letters nor one and a theater Y, W or T", tail)}
	}
	return all, nil
}

// setParent links a suffixed lot with the one it was made from.
func (r *Reading) setParent() {
	r.Parent = ""
	if r.Suffix != "" {
		r.Parent = strings.TrimSuffix(r.Lot, r.Suffix+r.Theater)
	}
}

// lookalikes are characters that are read for each other on worn marks.
var lookalikes = []string{"0OQD", "1IL7", "2Z", "5S", "6G", "8B3", "UV", "CG"}

// near lists the lots that fit a Brazilian mark or MIL-STD-1168 once one
// character is read as one that looks like it. They are hints, never readings.
func near(s string, through int) (found []string) {
	for i := range len(s) {
		for _, set := range lookalikes {
			if strings.IndexByte(set, s[i]) < 0 {
				continue
			}
			for _, c := range []byte(set) {
				t := s[:i] + string(c) + s[i+1:]
				if c == s[i] || slices.Contains(found, t) {
					continue
				}
				for j := range grammars {
					g := &grammars[j]
					if g.Name != "br" && g.Name != "us-1168" {
						continue
					}
					if m := g.pattern.FindStringSubmatch(t); m != nil {
						if _, err := g.read(t, m, through); err == nil {
							found = append(found, t)
						}
					}
				}
			}
		}
	}
	return found
}
