package report

import (
	"fmt"
	"strings"

	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// OfHistory makes the document of a party's history.
func OfHistory(h *trace.History, today trace.Day, version, lang string) (*Document, error) {
	d, err := ofParty(h.Party, h.At, today, version, lang)
	if err != nil {
		return nil, err
	}
	d.Title = d.say("History of a party")
	d.heading(d.say("In all, in rounds"))
	d.totals(h.Totals)
	if len(h.Rows) > 0 {
		d.heading(d.say("What came and what left, in rounds"))
		if g := d.balance(h.Rows); g != nil {
			d.figure(g, d.say("What the party holds by the records, day by day: all that came less all that left."))
		}
		t := table{align: "<>>><", width: []float64{.12, .12, .12, .13, .51},
			head: []string{d.say("day"), d.say("came"), d.say("went"), d.say("balance"), d.say("what the record says")}}
		for _, r := range h.Rows {
			t.rows = append(t.rows, []string{r.At.String(), some(r.In), some(r.Out), words.Group(r.Balance), d.cite(d.of(r.Says), r.Records)})
		}
		d.table(t)
	}
	d.notices(h.Notices, h.Gaps)
	d.ofParties()
	return d, nil
}

func ofParty(p trace.NamedParty, at, today trace.Day, version, lang string) (*Document, error) {
	d, err := newDocument(lang, "", p.String())
	if err != nil {
		return nil, err
	}
	d.Made = d.say("Made on %s with %s", today, strings.TrimSpace("sublot "+strings.TrimPrefix(version, "sublot ")))
	if at == trace.NoDay {
		d.Made += "; " + d.say("by all that is on record")
	} else {
		d.Made += "; " + d.say("at the end of %s", at)
	}
	return d, nil
}

// some writes a number, nothing for zero.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return words.Group(n)
}

func (d *Document) totals(x trace.PartyTotals) {
	t := table{align: "<>", width: []float64{.7, .3}, head: []string{"", d.say("rounds")}}
	for _, r := range x.Rows() {
		t.rows = append(t.rows, []string{d.of(r.Says), words.Group(r.Rounds)})
	}
	d.table(t)
	if x.Difference != 0 {
		d.paragraph(d.say("The difference is what records that contradict each other leave open."), caveat)
	}
}

func (d *Document) notices(ns []trace.Notice, gaps []trace.Gap) {
	if len(ns) > 0 {
		d.heading(d.say("Said of it"))
		t := table{align: "<=", width: []float64{.7, .3}, head: []string{d.say("what the record says"), d.say("record")}}
		for _, n := range ns {
			t.rows = append(t.rows, []string{d.of(n.Says), string(n.Record)})
		}
		d.table(t)
	}
	d.heading(d.say("What was searched, and what was not"))
	for _, g := range gaps {
		d.paragraph(d.cite(d.of(g.Says), g.Records), plain)
	}
	if len(gaps) == 0 {
		d.paragraph(d.say("No record says that records of a party of this report are incomplete, destroyed or refused."), plain)
	}
	d.paragraph(d.say("Nothing beside these records was searched: what its holders never gave to this ledger cannot be in the answer. That a record is missing says nothing about what happened."), caveat)
}

func (d *Document) ofParties() {
	d.heading(d.say("What this report does not say"))
	d.list(
		d.say("The figures are sums of records; a record is the word of its source. Nothing here is a verdict on anybody."),
		d.say("A record may be wrong. What contradicts it stands beside it, under the name of who said so."),
	)
}

// balance draws what a party holds over time as steps.
func (d *Document) balance(rows []trace.PartyRow) *plot.Drawing {
	var steps []plot.Step
	for _, r := range rows {
		if r.At == trace.NoDay || r.In == 0 && r.Out == 0 {
			continue
		}
		if n := len(steps); n > 0 && steps[n-1].Day == int(r.At) {
			steps[n-1].Value = r.Balance
			continue
		}
		steps = append(steps, plot.Step{Day: int(r.At), Value: r.Balance})
	}
	if len(steps) < 2 {
		return nil
	}
	var says []string
	for _, s := range steps {
		says = append(says, fmt.Sprintf("%s: %d", trace.Day(s.Day), s.Value))
	}
	return plot.Steps(pageWidth, d.say("balance"), strings.Join(says, "; "), steps)
}

// OfDossier makes the document of a party's dossier.
func OfDossier(x *trace.Dossier, today trace.Day, version, lang string) (*Document, error) {
	d, err := ofParty(x.Party, x.At, today, version, lang)
	if err != nil {
		return nil, err
	}
	d.Title = d.say("Dossier of a party")
	d.heading(d.say("At a glance"))
	var glance []string
	for _, s := range x.Counts.Says() {
		glance = append(glance, d.of(s))
	}
	d.list(glance...)
	d.heading(d.say("In all, in rounds"))
	d.totals(x.Totals)
	if len(x.Lots) > 0 {
		d.heading(d.say("By lot, in rounds"))
		t := table{align: "<<>>>>>>", width: []float64{.25, .11, .11, .11, .1, .1, .1, .12}, sums: true,
			head: []string{d.say("lot"), d.say("calibre"), d.say("came"), d.say("given"), d.say("lost"), d.say("destroyed"), d.say("expended"), d.say("balance")}}
		line := func(name, calibre string, p trace.PartyTotals) {
			t.rows = append(t.rows, []string{name, calibre, words.Group(p.Made + p.Received + p.Found), some(p.Given), some(p.Lost),
				some(p.Destroyed), some(p.Expended), words.Group(p.Balance)})
		}
		for _, l := range x.Lots {
			line(l.Lot.String(), l.Calibre, l.PartyTotals)
		}
		line(d.say("in all"), "", x.Totals)
		d.table(t)
	}
	for _, s := range x.Sections() {
		if len(s.Rows) == 0 {
			continue
		}
		d.heading(d.of(s.Title))
		t := table{align: "<><<", width: []float64{.12, .13, .2, .55}, sums: true,
			head: []string{d.say("day"), d.say("rounds"), d.say("state"), d.say("what the record says")}}
		var sum int64
		for _, r := range s.Rows {
			sum += r.Quantity
			state := ""
			if r.State != "" {
				state = d.say(word(r.State))
			}
			t.rows = append(t.rows, []string{r.At.String(), some(r.Quantity), state, d.cite(d.of(r.Says), r.Records)})
		}
		t.rows = append(t.rows, []string{d.say("in all"), words.Group(sum), "", ""})
		d.table(t)
	}
	if len(x.Papers) > 0 {
		d.heading(d.say("Licences and certificates, in rounds"))
		t := table{align: "<<<>>><", width: []float64{.26, .12, .12, .12, .12, .12, .14},
			head: []string{d.say("number"), d.say("valid from"), d.say("valid to"), d.say("allowed"), d.say("used"), d.say("left"), d.say("state")}}
		for _, p := range x.Papers {
			t.rows = append(t.rows, []string{d.cite(p.Number, []trace.Ref{p.Record}), p.From.String(), p.To.String(), some(p.Allowed), words.Group(p.Used), some(p.Left), d.say(word(p.State))})
		}
		d.table(t)
	}
	if len(x.Flags) > 0 {
		d.heading(d.say("To be known beside it"))
		t := table{align: "<<<", width: []float64{.3, .43, .27}, head: []string{d.say("flag"), d.say("what it means here"), d.say("records")}}
		for _, f := range x.Flags {
			t.rows = append(t.rows, []string{f.Code, d.of(f.Says), d.refs(f.Records)})
		}
		d.table(t)
	}
	d.notices(x.Notices, x.Gaps)
	d.ofParties()
	return d, nil
}
