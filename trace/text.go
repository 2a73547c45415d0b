package trace

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/marking"
)

// outcomeSays is what each outcome means in words. R1 and R10 stand in them:
// nobody is accused, and a share is not a probability.
var outcomeSays = map[Outcome]Sentence{
	EndUserIdentified:  say("The records name one lawful end user."),
	EndUserCandidates:  say("The records leave more than one party possible. A share of the lot is not a probability."),
	LastRecordedHolder: say("No lawful end user is named; the records show who held it last."),
	MakerOnly:          say("The maker is on record, this lot is not."),
	TypeOnly:           say("Only a calibre or type is given: that leads to no party."),
	InsufficientMarks:  say("What was read fits several identities equally well, or none."),
	MarksInconsistent:  say("The marks given together disagree."),
	RecordContradicted: say("By the records this should not exist, or should be in its end user's stock. The contradiction is the finding."),
	NoRecord:           say("No record was found. That says nothing about where it came from."),
	NotSearched:        say("The records that could tell were not searched."),
	RecordsDestroyed:   say("The records that could tell were destroyed."),
	Restricted:         say("The records that could tell were refused."),
}

// Says returns what an outcome means.
func (o Outcome) Says() Sentence { return outcomeSays[o] }

// WriteText writes the finding for a person: the answer first, then the reasons,
// each with the records that it rests on. Lang is the ISO 639 code of the
// language, empty for English; one that is not in the catalogue is an error.
func (f *Finding) WriteText(w io.Writer, lang string) error {
	t, err := newTextWriter(w, lang)
	if err != nil {
		return err
	}
	t.line("Asked: %s", f.Query.Says())
	t.raw("")
	t.raw("%s", f.Outcome)
	t.raw("%s", f.Outcome.Says().In(lang))
	if f.EndUser != nil {
		t.item("lawful end user: %s  [%s]", f.EndUser, refList(f.EndUser.Records))
	}
	if f.LastHolder != nil {
		t.item("last recorded holder: %s  [%s]", f.LastHolder.Says(), refList(f.LastHolder.Records))
	}
	if f.Window != nil {
		t.cite(f.Window.Says(), f.Window.Records)
	}
	readAs := f.ReadAs()
	t.section(len(readAs) > 0, "Read as")
	for _, says := range readAs {
		t.item("%s", says)
	}
	t.section(len(f.Marks) > 0, "Marks given together")
	for _, m := range f.Marks {
		t.item("%s", m.full())
	}
	t.section(f.Lot != nil, "Lot")
	if f.Lot != nil {
		t.cite(f.Lot.Says(), f.Lot.Records)
	}
	t.section(f.Mark != nil, "Mark")
	if f.Mark != nil {
		t.item("%s", f.Mark.Says())
		if stands := f.Mark.Stands; !stands.IsZero() {
			t.cite(stands, f.Mark.Records)
		}
	}
	t.section(len(f.Candidates) > 0, "Parties that remain possible")
	for _, c := range f.Candidates {
		t.item("%s: %s  [%s]", c.NamedParty, c.Says(), refList(c.Records))
	}
	t.section(len(f.Excluded) > 0, "Excluded")
	for _, x := range f.Excluded {
		t.item("%s: %s  [%s]", x.Party, x.Says(), refList(x.Records))
	}
	t.section(len(f.Chain) > 0, "Chain of custody")
	for _, l := range f.Chain {
		t.item("%s  %s  [%s]", l.At, l.Says, l.Record)
	}
	t.section(len(f.Flags) > 0, "To be known beside it")
	for _, x := range f.Flags {
		t.cite(say("%s: %s", x.Code, x.Says), x.Records)
	}
	t.section(len(f.Searched.Gaps) > 0, "Not searched")
	for _, g := range f.Searched.Gaps {
		t.cite(g.Says, g.Records)
	}
	t.raw("")
	t.line("%s", f.Searched.Says())
	if !f.Next.IsZero() {
		t.line("Next: %s", f.Next)
	}
	if len(f.Hints) > 0 {
		t.line("On record nearby, a hint and no answer: %s", some(f.Hints, marking.Span.String))
	}
	return t.close()
}

// WriteSteps writes what each rule did, in the order of the rules, and the
// records that justify it. Lang is as for [Finding.WriteText].
func (f *Finding) WriteSteps(w io.Writer, lang string) error {
	t, err := newTextWriter(w, lang)
	if err != nil {
		return err
	}
	for _, s := range f.Steps {
		if len(s.Records) == 0 {
			t.raw("%-4s %s", s.Rule, s.Says.Say(t.in))
			continue
		}
		t.raw("%-4s %s  [%s]", s.Rule, s.Says.Say(t.in), refList(s.Records).Say(t.in))
	}
	return t.close()
}

// Says returns why the party is excluded.
func (x Exclusion) Says() Sentence {
	if x.Reason == "RECORDED_AFTER_KNOWN_ON" {
		return say("its transfer was recorded after the day of the replay")
	}
	return say("its goods were dispatched after the recovery")
}

// Says repeats the question.
func (q Asked) Says() Sentence {
	s := clauses{q.Text}
	if q.Recovered != NoDay {
		s.add(say("recovered %s", q.Recovered))
	}
	if q.Quantity > 0 {
		s.add(say("%d rounds", q.Quantity))
	}
	if q.Condition != "" {
		s.add(code(q.Condition))
	}
	if q.KnownOn != NoDay {
		s.add(say("as known on %s", q.KnownOn))
	}
	if q.AsOf != nil {
		s.add(say("as of the first %d records", *q.AsOf))
	}
	return s.join()
}

// clauses are parts of a sentence, one after the other.
type clauses []any

func (c *clauses) add(s Sentence) { *c = append(*c, s) }

func (c clauses) join() Sentence { return say("%s", list{names: c}) }

// String returns the party with its name and country, as far as they are known.
func (p NamedParty) String() string {
	switch {
	case p.Name == "" && p.Country == "":
		return p.Party
	case p.Name == "":
		return fmt.Sprintf("%s (%s)", p.Party, p.Country)
	}
	return fmt.Sprintf("%s (%s, %s)", p.Party, p.Name, p.Country)
}

// Says returns who held it last, where and since when.
func (h *LastHolder) Says() Sentence {
	s := clauses{h.NamedParty}
	if h.Site != "" {
		s = append(s, h.Site)
	}
	if h.At != NoDay {
		s.add(say("since %s", h.At))
	}
	return s.join()
}

// Says returns between which days the unit left lawful custody.
func (w *Window) Says() Sentence {
	if w.From == NoDay {
		return say("left lawful custody by %s; no record states since when", w.To)
	}
	return say("left lawful custody between %s and %s", w.From, w.To)
}

// ReadAs returns what the text asked about was read as and by which edits, the
// nearest first; nothing, where it was taken as it stands.
func (f *Finding) ReadAs() []Sentence {
	var out []Sentence
	if len(f.Readings) > 1 || len(f.Readings) == 1 && len(f.Readings[0].Edits) > 0 {
		for _, r := range f.Readings {
			out = append(out, say("%s  (%s)", r.Item, r.how()))
		}
	}
	for _, h := range f.Heads {
		out = append(out, headSays(h))
	}
	return out
}

// how returns how the text was read.
func (r Reading) how() Sentence {
	var s clauses
	for _, e := range r.Edits {
		s = append(s, e)
	}
	if len(s) == 0 {
		s.add(say("as it stands"))
	}
	if r.Near > 0 {
		s.add(say("as near as %d other lots", r.Near))
	}
	return s.join()
}

// full returns what is to be said of one of several marks.
func (m MarkGiven) full() Sentence {
	var s clauses
	if m.Position != "" {
		s.add(code(m.Position))
	}
	switch {
	case m.Text != "":
		s = append(s, m.Text)
	case !m.Item.IsZero():
		s = append(s, m.Item)
	}
	switch {
	case m.EndUser != nil:
		return say("%s: %s Alone it leads to %s, %s.", list{names: s}, m.Says, m.Outcome, m.EndUser)
	case m.Outcome != "":
		return say("%s: %s Alone it leads to %s.", list{names: s}, m.Says, m.Outcome)
	}
	return say("%s: %s", list{names: s}, m.Says)
}

// Says returns what the records say of the lot.
func (l *LotFacts) Says() Sentence {
	s := clauses{l.Item}
	if l.Calibre != "" {
		s = append(s, strings.TrimSpace(l.Calibre+" "+l.Type))
	} else if l.Type != "" {
		s = append(s, l.Type)
	}
	if l.Quantity > 0 {
		s.add(say("%d rounds", l.Quantity))
	}
	switch m := l.Made; {
	case m == nil:
	case m.From.IsZero():
		s.add(say("made up to %s", m.To))
	case m.To.IsZero():
		s.add(say("made from %s on", m.From))
	default:
		s.add(say("made %s to %s", m.From, m.To))
	}
	return s.join()
}

var signatureSays = map[string]Sentence{
	"valid":       say("The signature is valid: it says who made the mark, not that the rounds in the package are those that were packed."),
	"invalid":     say("The signature does not hold."),
	"unsigned":    say("The mark is not signed."),
	"unknown_key": say("The mark is signed with a key that nobody here vouches for: its claims are unproven."),
	"revoked_key": say("The mark is signed with a key that was revoked."),
	"registered":  say("The mark is a number that a register resolves: registered, which is not authentic."),
}

// Says returns what the signature of the mark is worth.
func (m *MarkRead) Says() Sentence {
	s, ok := signatureSays[m.Signature]
	switch {
	case !ok:
		s = code(m.Signature)
	case m.Key != "":
		return say("%s Key %s.", s, m.Key)
	}
	return s
}

// Says returns what is known of a candidate. A share is never a probability.
func (c Candidate) Says() Sentence {
	_, whole, _ := strings.Cut(c.Share, "/")
	s := clauses{say("%d rounds of %s", c.Quantity, whole)}
	if !c.Confirmed {
		s.add(say("not confirmed by a record of its own"))
	}
	if c.AtLeast > 0 {
		s.add(say("at least %d of those recovered", c.AtLeast))
	}
	return s.join()
}

// Says returns how much was searched.
func (s Searched) Says() Sentence {
	if s.Records == 0 {
		return say("Searched: the ledger holds no record that counts for this question.")
	}
	const most = 20 // of very many sources; JSON has them all
	var sources []any
	for _, x := range s.Sources[:min(most, len(s.Sources))] {
		if x.Through == NoDay {
			sources = append(sources, say("%s %d", x.Source, x.Records))
		} else {
			sources = append(sources, say("%s %d to %s", x.Source, x.Records, x.Through))
		}
	}
	return say("Searched: %d records (%s).", s.Records, list{names: sources, more: max(len(s.Sources)-most, 0)})
}

// refList lists the names of records, the first few where there are many.
func refList(refs []Ref) list {
	const most = 6
	l := list{more: max(len(refs)-most, 0)}
	for _, r := range refs[:min(most, len(refs))] {
		l.names = append(l.names, string(r))
	}
	return l
}

// WriteText writes where an item is as a table. Lang is as for [Finding.WriteText].
func (w *Whereabouts) WriteText(out io.Writer, lang string) error {
	t, err := newTextWriter(out, lang)
	if err != nil {
		return err
	}
	if w.At == NoDay {
		t.line("%s, %d rounds", w.Item, w.Quantity)
	} else {
		t.line("%s, %d rounds, at the end of %s", w.Item, w.Quantity, w.At)
	}
	var sum int64
	for _, p := range w.Parts {
		t.raw("  %12d  %-12s  %s", p.Quantity, code(p.State).In(lang), strings.TrimSpace(p.Party+"  "+p.Site))
		sum += p.Quantity
	}
	t.raw("  %12d  %s", sum, say("in all").In(lang))
	return t.close()
}

// textWriter writes lines in a language and keeps the first error.
type textWriter struct {
	w   *bufio.Writer
	in  words.Speaker
	err error
}

func newTextWriter(w io.Writer, lang string) (*textWriter, error) {
	in, err := words.In(lang)
	return &textWriter{w: bufio.NewWriter(w), in: in}, err
}

// raw writes a line that is the same in every language.
func (t *textWriter) raw(format string, args ...any) {
	if t.err == nil {
		_, t.err = t.w.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
}

// line writes a sentence of the catalogue.
func (t *textWriter) line(key string, args ...any) { t.raw("%s", t.in.Say(key, args...)) }

// item writes a sentence of the catalogue below a title.
func (t *textWriter) item(key string, args ...any) { t.raw("  %s", t.in.Say(key, args...)) }

// cite writes a sentence below a title, with the records that it rests on.
func (t *textWriter) cite(s Sentence, refs []Ref) {
	if len(refs) == 0 {
		t.item("%s", s)
	} else {
		t.item("%s  [%s]", s, refList(refs))
	}
}

func (t *textWriter) section(there bool, title string) {
	if there {
		t.raw("")
		t.line(title)
	}
}

func (t *textWriter) close() error {
	if t.err != nil {
		return t.err
	}
	return t.w.Flush()
}
