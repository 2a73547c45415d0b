package trace

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/marking"
)

// A History is what the records tell of a party, day by day: what came, what
// left, and the papers that name it. The balance of its last row is all that
// came less all that left.
type History struct {
	Party   NamedParty  `json:"party"`
	At      Day         `json:"at,omitzero"`
	Rows    []PartyRow  `json:"rows"`
	Totals  PartyTotals `json:"totals"`
	Gaps    []Gap       `json:"gaps,omitempty"`
	Notices []Notice    `json:"notices,omitempty"`
}

// A Notice is a record about a party that moves nothing: it is its sources' word.
type Notice struct {
	Record Ref      `json:"record"`
	Says   Sentence `json:"says"`
}

// PartyTotals adds up the rounds of a party. Made, received and found less
// given, lost, destroyed and expended is the balance; what the rules say that it
// holds may differ from it where records contradict each other, by the difference.
type PartyTotals struct {
	Made       int64 `json:"made"`
	Received   int64 `json:"received"`
	Found      int64 `json:"found"`
	Given      int64 `json:"given"`
	Lost       int64 `json:"lost"`
	Destroyed  int64 `json:"destroyed"`
	Expended   int64 `json:"expended"`
	Balance    int64 `json:"balance"`
	Holds      int64 `json:"holds"`
	Difference int64 `json:"difference"`
}

// HistoryOf tells what the records say of a party at the end of a day; NoDay
// means after all that is on record. A party that no record names is a
// *[QueryError].
func HistoryOf(ctx context.Context, l Ledger, party string, at Day) (*History, error) {
	p, err := viewParty(ctx, l, party, at, at)
	if err != nil {
		return nil, err
	}
	h := &History{At: at, Rows: p.rows()}
	if h.Party, err = p.named(); err != nil {
		return nil, err
	}
	var balance int64
	for i := range h.Rows {
		row := &h.Rows[i]
		balance += row.In - row.Out
		row.Balance = balance
	}
	h.Totals = sumLots(p.lots())
	if h.Notices, err = p.notices(); err != nil {
		return nil, err
	}
	h.Gaps, err = p.v.gapsOf(party)
	return h, err
}

// A PartyLot is a party's rounds of one lot.
type PartyLot struct {
	Lot     marking.ID `json:"lot"`
	Calibre string     `json:"calibre,omitempty"`
	PartyTotals
}

// lots adds up the party's rounds of each lot.
func (p *partyView) lots() []PartyLot {
	var out []PartyLot
	for _, c := range p.courses {
		x := PartyLot{Lot: c.lot}
		if r := c.lotRecord(); r != nil {
			x.Calibre = r.Body.(*Lot).Calibre
		}
		t := &x.PartyTotals
		if row, ok := p.made(c); ok {
			t.Made = row.In
		}
		for _, e := range c.events {
			if row, ok := p.row(c, e); ok {
				t.add(row)
			}
		}
		t.close()
		for _, part := range c.parts(c.packing.root.cells, p.until) {
			if part.Party == p.id && (part.State == "held" || part.State == "in_transit" || part.State == "unconfirmed") {
				t.Holds += part.Quantity
			}
		}
		t.Difference = t.Balance - t.Holds
		out = append(out, x)
	}
	return out
}

func (t *PartyTotals) add(row PartyRow) {
	switch row.Kind {
	case KindTransfer:
		t.Received += row.In
		t.Given += row.Out
	case KindLoss:
		t.Lost += row.Out
	case KindDestruction:
		t.Destroyed += row.Out
	case KindStock:
		t.Found += row.In
		t.Expended += row.Out
	}
}

func (t *PartyTotals) close() {
	t.Balance = t.Made + t.Received + t.Found - t.Given - t.Lost - t.Destroyed - t.Expended
}

func sumLots(lots []PartyLot) (sum PartyTotals) {
	for _, x := range lots {
		sum.Made += x.Made
		sum.Received += x.Received
		sum.Found += x.Found
		sum.Given += x.Given
		sum.Lost += x.Lost
		sum.Destroyed += x.Destroyed
		sum.Expended += x.Expended
		sum.Holds += x.Holds
	}
	sum.close()
	sum.Difference = sum.Balance - sum.Holds
	return sum
}

// notices lists what is said of the party beside its goods, the earliest first.
func (p *partyView) notices() ([]Notice, error) {
	var out []Notice
	for _, r := range p.papers {
		if r.Known() > p.until {
			continue
		}
		out = append(out, Notice{r.Ref(), p.sayPaper(r)})
	}
	for _, u := range p.units {
		out = append(out, p.kin(u, say("%s is a unit of %s: its goods are not in these totals.", u, p.id))...)
	}
	for _, u := range p.before {
		out = append(out, p.kin(u, say("%s took over from %s: the goods of %s are not in these totals.", p.id, u, u))...)
	}
	rs, err := p.v.about(p.id, KindParty)
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		b := r.Body.(*Party)
		if b.Parent != "" {
			out = append(out, Notice{r.Ref(), say("%s is a unit of %s.", p.id, b.Parent)})
		}
		if b.Successor != "" {
			out = append(out, Notice{r.Ref(), say("%s took over from %s.", b.Successor, p.id)})
		}
		if len(b.Aliases) > 0 {
			out = append(out, Notice{r.Ref(), say("%s is also known as %s.", p.id, some(b.Aliases, func(s string) string { return s }))})
		}
	}
	return out, nil
}

// kin makes a notice of each party record that relates another party to this one.
func (p *partyView) kin(other string, says Sentence) []Notice {
	rs, _ := p.v.about(other, KindParty) // read before without error, for voided
	for _, r := range rs {
		if b := r.Body.(*Party); b.Parent == p.id || b.Successor == p.id {
			return []Notice{{r.Ref(), says}}
		}
	}
	return nil
}

// sayPaper puts a certificate, licence, consent or report into words.
func (p *partyView) sayPaper(r *Record) Sentence {
	switch b := r.Body.(type) {
	case *EUC:
		return say("%s issued certificate %s on %s for the end user %s.", b.Authority, b.Number, b.Issued.Day(), b.EndUser)
	case *Licence:
		return say("%s gave licence %s, which names %s.", b.Authority, b.Number, p.id)
	case *Consent:
		return say("On %s %s consented that %s gives %d rounds to %s (%s).", r.At.Day(), b.By, b.From, roundsIn(b.Lines), b.To, code(b.Act))
	case *Report:
		return say("%s reported on %s about %s, case %s: a report, not a verdict.", r.Source, r.At.Day(), b.About, b.Case)
	}
	return Sentence{}
}

func roundsIn(ls []Line) (sum int64) {
	for _, l := range ls {
		sum += l.Quantity
	}
	return sum
}

// WriteText writes the history as a table. Lang is as for [Finding.WriteText].
func (h *History) WriteText(w io.Writer, lang string) error {
	t, err := newTextWriter(w, lang)
	if err != nil {
		return err
	}
	t.head(h.Party, h.At)
	t.section(len(h.Rows) > 0, "What came and what left, in rounds")
	rows := [][]string{{t.in.Say("day"), t.in.Say("came"), t.in.Say("went"), t.in.Say("balance"), t.in.Say("what the record says")}}
	for _, r := range h.Rows {
		rows = append(rows, []string{r.At.String(), count(r.In), count(r.Out), fmt.Sprint(r.Balance), r.full(t.in)})
	}
	t.table("<>>><", rows)
	t.totals(h.Totals)
	t.notices(h.Notices)
	t.gaps(h.Gaps)
	t.raw("")
	t.line("The figures are sums of records; a record is the word of its source. Nothing here is a verdict on anybody.")
	return t.close()
}

// full says a row with its records.
func (r PartyRow) full(in words.Speaker) string {
	return r.Says.Say(in) + "  [" + refList(r.Records).Say(in) + "]"
}

// count writes a number, nothing for zero.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (t *textWriter) head(p NamedParty, at Day) {
	if at == NoDay {
		t.line("%s, by all that is on record", p)
	} else {
		t.line("%s, at the end of %s", p, at)
	}
}

func (t *textWriter) totals(x PartyTotals) {
	t.section(true, "In all, in rounds")
	rows := [][]string{}
	for _, r := range x.Rows() {
		rows = append(rows, []string{fmt.Sprint(r.Rounds), r.Says.Say(t.in)})
	}
	t.table("><", rows)
	if x.Difference != 0 {
		t.item("The difference is what records that contradict each other leave open.")
	}
}

// A Total is one line of the totals.
type Total struct {
	Rounds int64
	Says   Sentence
}

// Rows lists what is not zero of the totals, what left as a negative number, then the
// balance and where it differs what the rules say.
func (x PartyTotals) Rows() []Total {
	out := []Total{
		{x.Made, say("made")}, {x.Received, say("received")}, {x.Found, say("found again")},
		{-x.Given, say("given")}, {-x.Lost, say("lost")}, {-x.Destroyed, say("destroyed")}, {-x.Expended, say("expended")},
	}
	out = slices.DeleteFunc(out, func(t Total) bool { return t.Rounds == 0 })
	out = append(out, Total{x.Balance, say("balance")})
	if x.Difference != 0 {
		out = append(out, Total{x.Holds, say("held by the rules")}, Total{x.Difference, say("difference")})
	}
	return out
}

func (t *textWriter) notices(ns []Notice) {
	t.section(len(ns) > 0, "Said of it")
	for _, n := range ns {
		t.cite(n.Says, []Ref{n.Record})
	}
}

func (t *textWriter) gaps(gs []Gap) {
	t.section(len(gs) > 0, "Not searched")
	for _, g := range gs {
		t.cite(g.Says, g.Records)
	}
}

// table writes rows in columns, each to the left (<) or the right (>).
func (t *textWriter) table(align string, rows [][]string) {
	width := make([]int, len(align))
	for _, r := range rows {
		for i, cell := range r {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			b.WriteString("  ")
			if align[i] == '>' {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		t.raw("%s", b.String())
	}
}
