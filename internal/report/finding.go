package report

import (
	"fmt"
	"strings"

	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// Of makes the document of a case in a language.
func Of(c *Case, lang string) (*Document, error) {
	f := c.Finding
	subject := f.Query.Text
	if !f.Item.IsZero() {
		subject = f.Item.String()
	}
	d, err := newDocument(lang, "", subject)
	if err != nil {
		return nil, err
	}
	d.Title = d.say("Tracing report")
	d.Made = d.say("Made on %s with %s", c.Today, strings.TrimSpace("sublot "+strings.TrimPrefix(c.Version, "sublot ")))
	k := castOf(c)
	for _, part := range []func(*Case, *cast){
		d.question, d.answer, d.custody, d.lot, d.excluded, d.beside, d.searched, d.rules, d.evidence, d.checking, d.limits,
	} {
		part(c, k)
	}
	return d, nil
}

func (d *Document) question(c *Case, _ *cast) {
	f := c.Finding
	d.heading(d.say("The question"))
	rows := [][2]string{{d.say("asked"), d.of(f.Query.Says())}}
	if f.Mark != nil {
		rows = append(rows, [2]string{d.say("mark"), d.of(f.Mark.Says())})
	}
	for _, says := range f.ReadAs() {
		rows = append(rows, [2]string{d.say("read as"), d.of(says)})
	}
	for _, m := range f.Marks {
		rows = append(rows, [2]string{d.say("mark given"), strings.TrimSpace(strings.Join([]string{m.Text, d.of(m.Says)}, "  "))})
	}
	d.facts(rows...)
}

// of says a sentence of a finding in the language of the document.
func (d *Document) of(s trace.Sentence) string { return s.Say(d.in) }

// cite says a sentence with the records that it rests on.
func (d *Document) cite(text string, refs []trace.Ref) string {
	if len(refs) == 0 {
		return text
	}
	return text + "  [" + d.refs(refs) + "]"
}

// refs lists the names of records, the first of them where there are many: all
// stand in the list of the evidence.
func (d *Document) refs(refs []trace.Ref) string {
	const most = 5
	var names []string
	for _, r := range refs[:min(most, len(refs))] {
		names = append(names, string(r))
	}
	s := strings.Join(names, ", ")
	if more := len(refs) - most; more > 0 {
		s = d.say("%s and %d more", s, more)
	}
	return s
}

func (d *Document) answer(c *Case, _ *cast) {
	f := c.Finding
	d.heading(d.say("The answer"))
	d.paragraph(d.inOneSentence(f), answer)
	rows := [][2]string{{d.say("outcome"), string(f.Outcome) + ": " + d.of(f.Outcome.Says())}}
	if f.EndUser != nil {
		rows = append(rows, [2]string{d.say("lawful end user"), d.cite(f.EndUser.String(), f.EndUser.Records)})
	}
	if f.LastHolder != nil {
		rows = append(rows, [2]string{d.say("last recorded holder"), d.cite(d.of(f.LastHolder.Says()), f.LastHolder.Records)})
	}
	if f.Window != nil {
		rows = append(rows, [2]string{d.say("window"), d.cite(d.of(f.Window.Says()), f.Window.Records)})
	}
	if f.Lot != nil {
		rows = append(rows, [2]string{d.say("lot"), d.cite(d.of(f.Lot.Says()), f.Lot.Records)})
	}
	if !f.Next.IsZero() {
		rows = append(rows, [2]string{d.say("next step"), d.of(f.Next)})
	}
	d.facts(rows...)
	if len(f.Candidates) > 0 {
		t := table{caption: d.say("Parties that remain possible"), align: "<>><<", width: []float64{.34, .14, .14, .14, .24},
			head: []string{d.say("party"), d.say("rounds at most"), d.say("of"), d.say("confirmed by itself"), d.say("records")}}
		for _, x := range f.Candidates {
			_, whole, _ := strings.Cut(x.Share, "/")
			name := x.NamedParty.String()
			if x.AtLeast > 0 {
				name += "; " + d.say("at least %d of those recovered", x.AtLeast)
			}
			t.rows = append(t.rows, []string{name, words.Group(x.Quantity), grouped(whole), d.yes(x.Confirmed), d.refs(x.Records)})
		}
		d.table(t)
		d.paragraph(d.say("A share of the lot is not a probability: the records do not say which of these parties the recovered rounds came from."), caveat)
	}
	if len(f.Hints) > 0 {
		var names []string
		for _, h := range f.Hints {
			names = append(names, h.String())
		}
		d.paragraph(d.say("On record nearby, a hint and no answer: %s", strings.Join(names, ", ")), plain)
	}
}

func (d *Document) yes(b bool) string {
	if b {
		return d.say("yes")
	}
	return d.say("no")
}

// grouped writes a number that stands as text with its thousands apart.
func grouped(s string) string {
	var n int64
	if _, err := fmt.Sscan(s, &n); err != nil {
		return s
	}
	return words.Group(n)
}

// inOneSentence is the answer as a court reads it first.
func (d *Document) inOneSentence(f *trace.Finding) string {
	item := f.Query.Text
	if !f.Item.IsZero() {
		item = f.Item.String()
	}
	switch {
	case f.Outcome == trace.RecordContradicted && f.EndUser != nil:
		return d.say("By the records the lawful end user of %s is %s, and the same records say that it was destroyed, used up or in stock on the day of recovery.", item, f.EndUser)
	case f.EndUser != nil:
		return d.say("By the records the lawful end user of %s is %s.", item, f.EndUser)
	case f.Outcome == trace.EndUserCandidates:
		return d.say("By the records %d parties remain possible for %s; none of them is named.", len(f.Candidates), item)
	case f.Outcome == trace.LastRecordedHolder && f.LastHolder != nil:
		return d.say("By the records %s was last held by %s; no lawful end user is named.", item, f.LastHolder.NamedParty)
	}
	return d.of(f.Outcome.Says())
}

func (d *Document) custody(c *Case, k *cast) {
	f := c.Finding
	if len(f.Chain) == 0 {
		return
	}
	d.heading(d.say("Chain of custody"))
	if g := d.timeline(c, k); g != nil {
		d.figure(g, d.say("Each lane is a party; a bar is the time in which records place goods with it, dotted until a record of its own confirms that. Numbers are the records of the table below; where they stand too close they are left to it."))
		if n := len(k.order) - mostLanes; n > 0 {
			d.paragraph(d.say("%d more parties are in the table alone.", n), fine)
		}
	}
	t := table{align: "><<=", width: []float64{.06, .12, .54, .28},
		head: []string{d.say("no."), d.say("day"), d.say("what the record says"), d.say("record")}}
	for i, l := range f.Chain[:min(len(f.Chain), mostRows)] {
		says := d.of(l.Says)
		t.rows = append(t.rows, []string{fmt.Sprint(i + 1), day(l.At), says, string(l.Record)})
	}
	d.table(t)
	d.more(len(f.Chain))
}

// mostRows is how many records a table lists: a lot may have a hundred thousand.
const mostRows = 1000

// more says that a table does not list all.
func (d *Document) more(rows int) {
	if rows > mostRows {
		d.paragraph(d.say("The first %d of %d are listed; all are in the finding as JSON.", mostRows, rows), caveat)
	}
}

// day cuts the hours off a moment.
func day(at string) string {
	if w, err := trace.ParseWhen(at); err == nil {
		return w.Day().String()
	}
	return at
}

func (d *Document) lot(c *Case, k *cast) {
	if c.Lot == nil {
		return
	}
	d.heading(d.say("The lot and who holds its parts"))
	caption := d.say("By all that is on record. Below each package stand those inside it, as wide as they have rounds.")
	if r := c.Finding.Query.Recovered; r != trace.NoDay {
		caption = d.say("At the end of %s. Below each package stand those inside it, as wide as they have rounds.", r)
	}
	d.figure(d.tree(c, k), caption)
	if c.Where != nil {
		d.parts(c.Where)
	}
}

func (d *Document) excluded(c *Case, _ *cast) {
	f := c.Finding
	d.heading(d.say("Excluded, and why"))
	if len(f.Excluded) == 0 {
		d.paragraph(d.say("No transfer was excluded by its date."), plain)
		return
	}
	t := table{align: "<<<", width: []float64{.22, .48, .3}, head: []string{d.say("party"), d.say("reason"), d.say("records")}}
	for _, x := range f.Excluded {
		t.rows = append(t.rows, []string{x.Party, d.of(x.Says()), d.refs(x.Records)})
	}
	d.table(t)
}

func (d *Document) beside(c *Case, _ *cast) {
	f := c.Finding
	if len(f.Flags) == 0 {
		return
	}
	d.heading(d.say("To be known beside it"))
	t := table{align: "<<<", width: []float64{.3, .43, .27}, head: []string{d.say("flag"), d.say("what it means here"), d.say("records")}}
	for _, x := range f.Flags[:min(len(f.Flags), mostRows)] {
		t.rows = append(t.rows, []string{x.Code, d.of(x.Says), d.refs(x.Records)})
	}
	d.table(t)
	d.more(len(f.Flags))
}

func (d *Document) searched(c *Case, _ *cast) {
	f := c.Finding
	d.heading(d.say("What was searched, and what was not"))
	t := table{align: "<><", width: []float64{.4, .2, .4}, sums: true,
		head: []string{d.say("source"), d.say("records"), d.say("known up to")}}
	for _, x := range f.Searched.Sources {
		t.rows = append(t.rows, []string{x.Source, words.Group(x.Records), x.Through.String()})
	}
	t.rows = append(t.rows, []string{d.say("in all"), words.Group(f.Searched.Records), ""})
	d.table(t)
	for _, g := range f.Searched.Gaps {
		d.paragraph(d.cite(d.of(g.Says), g.Records), plain)
	}
	if len(f.Searched.Gaps) == 0 {
		d.paragraph(d.say("No record says that records of a party of this report are incomplete, destroyed or refused."), plain)
	}
	d.paragraph(d.say("Nothing beside these records was searched: what its holders never gave to this ledger cannot be in the answer. That a record is missing says nothing about what happened."), caveat)
}

func (d *Document) rules(c *Case, _ *cast) {
	if len(c.Finding.Steps) == 0 {
		return
	}
	d.heading(d.say("What each rule did"))
	t := table{align: "<<<", width: []float64{.08, .6, .32}, head: []string{d.say("rule"), d.say("what it did"), d.say("records")}}
	for _, s := range c.Finding.Steps {
		t.rows = append(t.rows, []string{s.Rule, d.of(s.Says), d.refs(s.Records)})
	}
	d.table(t)
}

func (d *Document) evidence(c *Case, _ *cast) {
	d.heading(d.say("Evidence"))
	if len(c.Evidence) == 0 {
		d.paragraph(d.say("The answer rests on no record."), plain)
		return
	}
	t := table{align: "=<<>=", width: []float64{.2, .12, .12, .08, .48},
		head: []string{d.say("record"), d.say("kind"), d.say("day"), d.say("place"), d.say("hash of the record (SHA-256 leaf)")}}
	for _, e := range c.Evidence[:min(len(c.Evidence), mostRows)] {
		r := e.Entry.Record
		kind := string(r.Kind)
		if len(r.Signature) > 0 {
			kind += ", " + d.say("signed")
		}
		t.rows = append(t.rows, []string{string(r.Ref()), kind, known(r), fmt.Sprint(e.Entry.Seq), e.Leaf})
	}
	d.table(t)
	d.more(len(c.Evidence))
	d.paragraph(d.say("A record is the word of its source, which stands before the colon of its name. Place is its number in the log, from 0."), fine)
}

// known writes the day from which a record counts.
func known(r *trace.Record) string {
	if !r.At.IsZero() {
		return r.At.Day().String()
	}
	return r.Known().String()
}

func (d *Document) checking(c *Case, _ *cast) {
	d.heading(d.say("How to check this without the ledger"))
	if h := c.Head; h != nil {
		rows := [][2]string{{d.say("log"), h.Origin}, {d.say("records in it"), words.Group(h.Size)}, {d.say("root"), h.Root}}
		if len(h.Signers) > 0 {
			rows = append(rows, [2]string{d.say("signed by"), strings.Join(h.Signers, ", ")})
		}
		rows = append(rows, [2]string{d.say("bundle"), h.File}, [2]string{"SHA-256", h.SHA256})
		d.facts(rows...)
		d.list(
			d.say("Take the bundle %s, and compare its SHA-256 with the one above.", h.File),
			d.say("Check its proofs, on any computer and without a network. SIGNERS is a file with the keys of those whom you believe:"),
		)
		d.paragraph("sublot verify-bundle "+quoted(h.File)+" --signers SIGNERS", code)
	} else {
		d.paragraph(d.say("This report was made without proofs. With --evidence FILE the records come with proofs that they stand in a signed log, which anybody can check without the ledger."), plain)
	}
	d.paragraph(d.say("The hash of a record is SHA-256 over a zero byte and the record in its canonical form (RFC 8785), as RFC 6962 defines a leaf. Who holds a record can compute it and compare it with the list above."), plain)
	d.paragraph(d.say("The same records and question give the same answer, byte for byte. The question of this report was:"), plain)
	d.paragraph(command(c.Finding), code)
}

// command is the question as it is typed.
func command(f *trace.Finding) string {
	q := f.Query
	s := "sublot trace " + quoted(q.Text)
	if q.Recovered != trace.NoDay {
		s += " --recovered " + q.Recovered.String()
	}
	if q.Quantity > 0 {
		s += fmt.Sprintf(" --quantity %d", q.Quantity)
	}
	if q.Condition != "" {
		s += " --condition " + q.Condition
	}
	if q.KnownOn != trace.NoDay {
		s += " --known-on " + q.KnownOn.String()
	}
	if q.AsOf != nil {
		s += fmt.Sprintf(" --as-of %d", *q.AsOf)
	}
	return s + " --explain"
}

// quoted quotes a text for a shell where it needs that.
func quoted(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/.-_:+,", r)
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// limits are the caveats that every report carries (R1, R10).
func (d *Document) limits(*Case, *cast) {
	d.heading(d.say("What this report does not say"))
	d.list(
		d.say("It accuses nobody. That goods were found somewhere does not say who took them there, nor that a party did anything wrong."),
		d.say("Mark, identity and custody are three questions. A valid signature says who made the mark, not that the rounds in the package are those that were packed."),
		d.say("A party is named only where records exclude every other recipient. A share of a lot is never a probability."),
		d.say("The place of recovery is neither the lawful end user nor the last holder."),
		d.say("A record may be wrong. What contradicts it stands beside it, under the name of who said so."),
	)
}
