package trace

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sublot/sublot/marking"
)

// outcomeSays is what each outcome means in words. R1 and R10 stand in them:
// nobody is accused, and a share is not a probability.
var outcomeSays = map[Outcome]string{
	EndUserIdentified:  "The records name one lawful end user.",
	EndUserCandidates:  "The records leave more than one party possible. A share of the lot is not a probability.",
	LastRecordedHolder: "No lawful end user is named; the records show who held it last.",
	MakerOnly:          "The maker is on record, this lot is not.",
	TypeOnly:           "Only a calibre or type is given: that leads to no party.",
	InsufficientMarks:  "What was read fits several identities equally well, or none.",
	MarksInconsistent:  "The marks given together disagree.",
	RecordContradicted: "By the records this should not exist, or should be in its end user's stock. The contradiction is the finding.",
	NoRecord:           "No record was found. That says nothing about where it came from.",
	NotSearched:        "The records that could tell were not searched.",
	RecordsDestroyed:   "The records that could tell were destroyed.",
	Restricted:         "The records that could tell were refused.",
}

// WriteText writes the finding for a person: the answer first, then the reasons,
// each with the records that it rests on.
func (f *Finding) WriteText(w io.Writer) error {
	t := &textWriter{w: bufio.NewWriter(w)}
	t.line("%s", f.question())
	t.line("")
	t.line("%s", f.Outcome)
	t.line("%s", outcomeSays[f.Outcome])
	if f.EndUser != nil {
		t.line("  lawful end user    %s", f.EndUser.inWords())
	}
	if h := f.LastHolder; h != nil {
		s := h.inWords()
		if h.Site != "" {
			s += ", " + h.Site
		}
		if h.At != NoDay {
			s += fmt.Sprintf(", since %s", h.At)
		}
		t.line("  last recorded holder  %s", s)
	}
	if x := f.Window; x != nil {
		from := x.From.String()
		if from == "" {
			from = "a day that no record states"
		}
		t.line("  left lawful custody between %s and %s", from, x.To)
	}
	t.section(len(f.Readings) > 1 || len(f.Readings) == 1 && len(f.Readings[0].Edits) > 0, "Read as")
	for _, r := range f.Readings {
		how := "as it stands"
		if len(r.Edits) > 0 {
			how = strings.Join(r.Edits, ", ")
		}
		t.line("  %s  (%s)", r.Item, how)
	}
	t.section(f.Lot != nil, "Lot")
	if f.Lot != nil {
		t.line("  %s", f.Lot.inWords())
	}
	t.section(f.Mark != nil, "Mark")
	if f.Mark != nil {
		t.line("  %s", f.Mark.inWords())
	}
	t.section(len(f.Candidates) > 0, "Parties that remain possible")
	for _, c := range f.Candidates {
		s := fmt.Sprintf("%d rounds of %s", c.Quantity, c.Share[strings.IndexByte(c.Share, '/')+1:])
		if !c.Confirmed {
			s += ", not confirmed by a record of its own"
		}
		if c.AtLeast > 0 {
			s += fmt.Sprintf(", at least %d of those recovered", c.AtLeast)
		}
		t.line("  %s: %s", c.inWords(), s)
	}
	t.section(len(f.Excluded) > 0, "Excluded")
	for _, x := range f.Excluded {
		t.line("  %s: %s  [%s]", x.Party, reasonSays[x.Reason], refList(x.Records))
	}
	t.section(len(f.Chain) > 0, "Chain of custody")
	for _, l := range f.Chain {
		t.line("  %s  %s  [%s]", l.At, l.Says, l.Record)
	}
	t.section(len(f.Flags) > 0, "To be known beside it")
	for _, x := range f.Flags {
		s := fmt.Sprintf("  %s: %s", x.Code, x.Says)
		if len(x.Records) > 0 {
			s += "  [" + refList(x.Records) + "]"
		}
		t.line("%s", s)
	}
	t.line("")
	t.line("%s", f.Searched.inWords())
	if f.Next != "" {
		t.line("Next: %s", f.Next)
	}
	if len(f.Hints) > 0 {
		t.line("On record nearby, a hint and no answer: %s", some(f.Hints, marking.Span.String))
	}
	return t.close()
}

// WriteSteps writes what each rule did, in the order of the rules, and the
// records that justify it.
func (f *Finding) WriteSteps(w io.Writer) error {
	t := &textWriter{w: bufio.NewWriter(w)}
	for _, s := range f.Steps {
		line := fmt.Sprintf("%-4s %s", s.Rule, s.Says)
		if len(s.Records) > 0 {
			line += "  [" + refList(s.Records) + "]"
		}
		t.line("%s", line)
	}
	return t.close()
}

var reasonSays = map[string]string{
	"DISPATCHED_AFTER_RECOVERY": "its goods were dispatched after the recovery",
	"RECORDED_AFTER_KNOWN_ON":   "its transfer was recorded after the day of the replay",
}

func (f *Finding) question() string {
	q := f.Query
	s := "Asked: " + q.Text
	if q.Recovered != NoDay {
		s += fmt.Sprintf(", recovered %s", q.Recovered)
	}
	if q.Quantity > 0 {
		s += fmt.Sprintf(", %d rounds", q.Quantity)
	}
	if q.Condition != "" {
		s += ", " + q.Condition
	}
	if q.KnownOn != NoDay {
		s += fmt.Sprintf(", as known on %s", q.KnownOn)
	}
	if q.AsOf != nil {
		s += fmt.Sprintf(", as of the first %d records", *q.AsOf)
	}
	return s
}

func (p NamedParty) inWords() string {
	switch {
	case p.Name == "" && p.Country == "":
		return p.Party
	case p.Name == "":
		return fmt.Sprintf("%s (%s)", p.Party, p.Country)
	}
	return fmt.Sprintf("%s (%s, %s)", p.Party, p.Name, p.Country)
}

func (l *LotFacts) inWords() string {
	s := l.Item.String()
	if l.Calibre != "" {
		s += ", " + l.Calibre
	}
	if l.Type != "" {
		s += " " + l.Type
	}
	if l.Quantity > 0 {
		s += fmt.Sprintf(", %d rounds", l.Quantity)
	}
	if l.Made != nil {
		s += fmt.Sprintf(", made %s to %s", l.Made.From, l.Made.To)
	}
	return s
}

var signatureSays = map[string]string{
	"valid":       "The signature is valid: it says who made the mark, not that the rounds in the package are those that were packed.",
	"invalid":     "The signature does not hold.",
	"unsigned":    "The mark is not signed.",
	"unknown_key": "The mark is signed with a key that nobody here vouches for: its claims are unproven.",
	"revoked_key": "The mark is signed with a key that was revoked.",
	"registered":  "The mark is a number that a register resolves: registered, which is not authentic.",
}

func (m *MarkRead) inWords() string {
	s := signatureSays[m.Signature]
	if m.Key != "" {
		s += " Key " + m.Key + "."
	}
	return s
}

func (s Searched) inWords() string {
	if s.Records == 0 {
		return "Searched: the ledger holds no record that counts for this question."
	}
	sources := make([]string, len(s.Sources))
	for i, x := range s.Sources {
		sources[i] = fmt.Sprintf("%s %d", x.Source, x.Records)
		if x.Through != NoDay {
			sources[i] += fmt.Sprintf(" to %s", x.Through)
		}
	}
	return fmt.Sprintf("Searched: %d records (%s).", s.Records, strings.Join(sources, ", "))
}

// refList writes the names of records, the first few where there are many.
func refList(refs []Ref) string {
	const most = 6
	var s []string
	for i, r := range refs {
		if i == most {
			s = append(s, fmt.Sprintf("and %d more", len(refs)-most))
			break
		}
		s = append(s, string(r))
	}
	return strings.Join(s, ", ")
}

// WriteText writes where an item is as a table.
func (w *Whereabouts) WriteText(out io.Writer) error {
	t := &textWriter{w: bufio.NewWriter(out)}
	s := fmt.Sprintf("%s, %d rounds", w.Item, w.Quantity)
	if w.At != NoDay {
		s += fmt.Sprintf(", at the end of %s", w.At)
	}
	t.line("%s", s)
	var sum int64
	for _, p := range w.Parts {
		t.line("  %12d  %-12s  %s", p.Quantity, p.State, strings.TrimSpace(p.Party+"  "+p.Site))
		sum += p.Quantity
	}
	t.line("  %12d  in all", sum)
	return t.close()
}

// textWriter writes lines and keeps the first error.
type textWriter struct {
	w   *bufio.Writer
	err error
}

func (t *textWriter) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = t.w.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
}

func (t *textWriter) section(there bool, title string) {
	if there {
		t.line("")
		t.line("%s", title)
	}
}

func (t *textWriter) close() error {
	if t.err != nil {
		return t.err
	}
	return t.w.Flush()
}
