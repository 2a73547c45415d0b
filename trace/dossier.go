package trace

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// A Dossier is what an assessor needs to know of a party before the next
// licence. It counts and adds up; it judges nobody.
type Dossier struct {
	Party     NamedParty   `json:"party"`
	At        Day          `json:"at,omitzero"`
	Counts    PartyCounts  `json:"counts"`
	Totals    PartyTotals  `json:"totals"`
	Lots      []PartyLot   `json:"lots,omitempty"`
	Received  []PartyRow   `json:"received,omitempty"` // state: delivered, in_transit, overdue, no_delivery_due
	Given     []PartyRow   `json:"given,omitempty"`    // state: first_transfer, with_consent, without_consent, not_covered, not_bound
	Losses    []PartyRow   `json:"losses,omitempty"`
	Destroyed []PartyRow   `json:"destroyed,omitempty"`
	Expended  []PartyRow   `json:"expended,omitempty"`
	Seizures  []PartyRow   `json:"seizures,omitempty"` // state: end_user, candidate, last_holder
	Papers    []PartyPaper `json:"papers,omitempty"`
	Notices   []Notice     `json:"notices,omitempty"`
	Flags     []Flag       `json:"flags,omitempty"`
	Gaps      []Gap        `json:"gaps,omitempty"`
}

// PartyCounts counts the rows of a dossier.
type PartyCounts struct {
	Received                  int `json:"received"`
	Overdue                   int `json:"overdue"`
	Given                     int `json:"given"`
	RetransfersWithConsent    int `json:"retransfers_with_consent"`
	RetransfersWithoutConsent int `json:"retransfers_without_consent"`
	RetransfersNotCovered     int `json:"retransfers_not_covered"`
	Losses                    int `json:"losses"`
	Destructions              int `json:"destructions"`
	Seizures                  int `json:"seizures"` // items of seizures traced back to it
	Reports                   int `json:"reports"`
	OpenPapers                int `json:"open_papers"`
}

// A PartyPaper is a licence or an end-user certificate that names a party, with
// how much of it is used up. Quantities are rounds.
type PartyPaper struct {
	Record  Ref    `json:"record"`
	Kind    Kind   `json:"kind"`
	Number  string `json:"number"`
	From    Day    `json:"from,omitzero"`
	To      Day    `json:"to,omitzero"`
	State   string `json:"state"` // open, not_yet_valid, expired, revoked, used_up
	Allowed int64  `json:"allowed,omitempty"`
	Used    int64  `json:"used"`
	Left    int64  `json:"left,omitempty"`
	Over    int64  `json:"over,omitempty"` // used beyond what is allowed
}

// DossierOf tells what an assessor needs to know of a party, at the end of a day;
// NoDay means after all that is on record, judged on today. A party that no
// record names is a *[QueryError].
func DossierOf(ctx context.Context, l Ledger, party string, at, today Day) (*Dossier, error) {
	if at != NoDay {
		today = at
	}
	p, err := viewParty(ctx, l, party, at, today)
	if err != nil {
		return nil, err
	}
	d := &Dossier{At: at, Lots: p.lots()}
	if d.Party, err = p.named(); err != nil {
		return nil, err
	}
	d.Totals = sumLots(d.Lots)
	for _, row := range p.rows() {
		row.Balance = 0
		d.file(p, row)
	}
	for _, step := range []func(*Dossier) error{p.findSeizures, p.findPapers, p.findFlags} {
		if err := step(d); err != nil {
			return nil, err
		}
	}
	if d.Notices, err = p.notices(); err != nil {
		return nil, err
	}
	if d.Gaps, err = p.v.gapsOf(party); err != nil {
		return nil, err
	}
	d.count(p)
	return d, nil
}

// file puts a row where an assessor looks for it.
func (d *Dossier) file(p *partyView, row PartyRow) {
	switch row.Kind {
	case KindTransfer:
		if row.In > 0 {
			in := row
			in.Out, in.State = 0, p.arrivalOf(row)
			d.Received = append(d.Received, in)
		}
		if row.Out > 0 {
			row.In, row.State = 0, p.givingOf(row)
			d.Given = append(d.Given, row)
		}
	case KindLoss:
		d.Losses = append(d.Losses, row)
	case KindDestruction:
		d.Destroyed = append(d.Destroyed, row)
	case KindStock:
		if row.State == "expend" {
			d.Expended = append(d.Expended, row)
		}
	}
}

// eventsOf returns the event of a row in each lot that it is about.
func (p *partyView) eventsOf(row PartyRow) []*event {
	var out []*event
	for _, c := range p.courses {
		for _, e := range c.events {
			if e.rec.Ref() == row.Records[0] {
				out = append(out, e)
			}
		}
	}
	return out
}

// arrivalOf says whether a transfer has arrived by the day of the question.
func (p *partyView) arrivalOf(row PartyRow) string {
	for _, e := range p.eventsOf(row) {
		for _, r := range e.deliveries {
			if r.At.Day() <= p.until {
				return "delivered"
			}
		}
	}
	switch {
	case row.Due == NoDay:
		return "no_delivery_due"
	case p.today > row.Due:
		return "overdue"
	}
	return "in_transit"
}

// givingOf says what the rules make of a transfer by the party (R5).
func (p *partyView) givingOf(row PartyRow) string {
	state := "first_transfer"
	for _, c := range p.courses {
		for _, e := range c.events {
			if e.rec.Ref() != row.Records[0] {
				continue
			}
			if state == "first_transfer" && c.maker != p.id {
				state = "not_bound"
			}
			for _, ok := range e.consents {
				if ok != nil && state != "without_consent" && state != "not_covered" {
					state = "with_consent"
				}
			}
			for _, m := range c.remarks {
				switch {
				case m.event != e:
				case m.code == "RETRANSFER_WITHOUT_CONSENT":
					state = "without_consent"
				case m.code == "NOT_COVERED_BY_CLAUSE" && state != "without_consent":
					state = "not_covered"
				}
			}
		}
	}
	return state
}

// findSeizures traces what was recovered of the party's lots, each item by the
// rules, and keeps what leads to the party.
func (p *partyView) findSeizures(d *Dossier) error {
	lots := map[marking.ID]bool{}
	for _, c := range p.courses {
		lots[c.lot] = true
	}
	var clues *clue.Index
	for _, r := range p.seized {
		b := r.Body.(*Recovery)
		for _, it := range b.Items {
			q := Query{Text: it.Clue, Item: it.Item, Recovered: r.At.Day(), Quantity: it.Quantity, Condition: it.Condition,
				KnownOn: NoDay, AsOf: -1, Today: p.today}
			switch {
			case !it.Item.IsZero() && !lots[it.Item.First().Lot()], it.Item.IsZero() && it.Clue == "":
				continue
			case it.Item.IsZero() && clues == nil:
				var err error
				if clues, err = clue.New(p.v.ledger.Lots(p.v.ctx, "")); err != nil {
					return err
				}
			}
			q.Clues = clues
			if !it.Item.IsZero() {
				q.Text = it.Item.String()
			}
			f, err := Resolve(p.v.ctx, p.v.ledger, q)
			if err != nil {
				return err
			}
			if row, ok := p.seizure(r, it, f); ok {
				d.Seizures = append(d.Seizures, row)
			}
		}
	}
	return nil
}

// seizure is the row of a recovered item that leads to the party.
func (p *partyView) seizure(r *Record, it RecoveredItem, f *Finding) (PartyRow, bool) {
	row := PartyRow{Records: []Ref{r.Ref()}, Kind: KindRecovery, At: r.At.Day(), With: r.Source, Quantity: it.Quantity, Due: NoDay}
	if !f.Item.IsZero() {
		row.Items = []marking.Span{f.Item}
	}
	what := list{names: []any{f.Query.Text}}
	candidate := slices.ContainsFunc(f.Candidates, func(c Candidate) bool { return c.Party == p.id })
	switch {
	case f.EndUser != nil && f.EndUser.Party == p.id:
		row.State = "end_user"
		row.Says = say("%s recovered %s; %s is its lawful end user by the records.", r.Source, what, p.id)
	case candidate:
		row.State = "candidate"
		row.Says = say("%s recovered %s; %s is one of %d parties that remain possible.", r.Source, what, p.id, len(f.Candidates))
	case f.LastHolder != nil && f.LastHolder.Party == p.id:
		row.State = "last_holder"
		row.Says = say("%s recovered %s; %s is its last recorded holder.", r.Source, what, p.id)
	}
	return row, row.State != ""
}

// findPapers lists the certificates and licences that name the party, with what
// is used up of them by the day.
func (p *partyView) findPapers(d *Dossier) error {
	seen := map[Ref]bool{}
	var add func(r *Record) error
	add = func(r *Record) error {
		if seen[r.Ref()] || r.Known() > p.until {
			return nil
		}
		seen[r.Ref()] = true
		x := PartyPaper{Record: r.Ref(), Kind: r.Kind}
		var licences []*Record
		var authority string
		switch b := r.Body.(type) {
		case *EUC:
			var err error
			if licences, err = p.v.citing(r.Ref(), KindLicence); err != nil {
				return err
			}
			x.Number, x.From, x.To, x.Allowed, authority = b.Number, b.Issued.Day(), b.Expires.Day(), roundsOf(b.Goods), b.Authority
			if x.Used, err = p.v.usedUp(refsOf(licences), []Ref{r.Ref()}, p.until); err != nil {
				return err
			}
		case *Licence:
			var err error
			x.Number, x.From, x.To, x.Allowed, authority = b.Number, b.ValidFrom.Day(), b.ValidTo.Day(), roundsOf(b.Goods), b.Authority
			if x.Used, err = p.v.usedUp([]Ref{r.Ref()}, nil, p.until); err != nil {
				return err
			}
		default:
			return nil
		}
		if x.Allowed > 0 {
			x.Left, x.Over = max(x.Allowed-x.Used, 0), max(x.Used-x.Allowed, 0)
		}
		revoked, err := p.v.status(r.Ref(), "revoked", min(p.today, p.until), authority)
		if err != nil {
			return err
		}
		switch {
		case revoked != nil:
			x.State = "revoked"
		case x.To != NoDay && p.today > x.To:
			x.State = "expired"
		case x.From != NoDay && p.today < x.From:
			x.State = "not_yet_valid"
		case x.Allowed > 0 && x.Left == 0:
			x.State = "used_up"
		default:
			x.State = "open"
		}
		d.Papers = append(d.Papers, x)
		for _, l := range licences {
			if err := add(l); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range p.papers {
		if err := add(r); err != nil {
			return err
		}
	}
	return nil
}

// findFlags keeps the flags of the party's lots that rest on a record of its rows.
func (p *partyView) findFlags(d *Dossier) error {
	own := map[Ref]bool{}
	for _, rows := range [][]PartyRow{d.Received, d.Given, d.Losses, d.Destroyed, d.Expended} {
		for _, row := range rows {
			for _, ref := range row.Records {
				own[ref] = true
			}
		}
	}
	for _, c := range p.courses {
		flags, err := checkLot(p.v.ctx, p.v.ledger, c.lot, p.today)
		if err != nil {
			return err
		}
		for _, f := range flags {
			if slices.ContainsFunc(f.Records, func(r Ref) bool { return own[r] }) {
				d.Flags = append(d.Flags, f)
			}
		}
	}
	return nil
}

func (d *Dossier) count(p *partyView) {
	n := &d.Counts
	n.Received, n.Given, n.Losses, n.Destructions, n.Seizures = len(d.Received), len(d.Given), len(d.Losses), len(d.Destroyed), len(d.Seizures)
	for _, row := range d.Received {
		if row.State == "overdue" {
			n.Overdue++
		}
	}
	for _, row := range d.Given {
		switch row.State {
		case "with_consent":
			n.RetransfersWithConsent++
		case "without_consent":
			n.RetransfersWithoutConsent++
		case "not_covered":
			n.RetransfersNotCovered++
		}
	}
	for _, r := range p.papers {
		if r.Kind == KindReport && r.Known() <= p.until {
			n.Reports++
		}
	}
	for _, x := range d.Papers {
		if x.State == "open" {
			n.OpenPapers++
		}
	}
}

// Says sums the dossier up in a sentence each.
func (n PartyCounts) Says() []Sentence {
	return []Sentence{
		say("transfers received: %d, of which overdue: %d", n.Received, n.Overdue),
		say("transfers given: %d", n.Given),
		say("retransfers with consent: %d, without: %d, not covered by the clause: %d", n.RetransfersWithConsent, n.RetransfersWithoutConsent, n.RetransfersNotCovered),
		say("losses: %d, destructions: %d", n.Losses, n.Destructions),
		say("items of seizures traced back to it: %d", n.Seizures),
		say("reports about it: %d, which are reports and not verdicts", n.Reports),
		say("open licences and certificates: %d", n.OpenPapers),
	}
}

// WriteText writes the dossier as tables. Lang is as for [Finding.WriteText].
func (d *Dossier) WriteText(w io.Writer, lang string) error {
	t, err := newTextWriter(w, lang)
	if err != nil {
		return err
	}
	t.head(d.Party, d.At)
	for _, s := range d.Counts.Says() {
		t.item("%s", s)
	}
	t.totals(d.Totals)
	t.section(len(d.Lots) > 0, "By lot, in rounds")
	if len(d.Lots) > 0 {
		t.table("<<>>>>>>>", d.lotTable(t.in.Say))
	}
	for _, x := range d.Sections() {
		if len(x.Rows) > 0 {
			t.raw("")
			t.raw("%s", x.Title.In(lang))
		}
		var rows [][]string
		var sum int64
		for _, r := range x.Rows {
			sum += r.Quantity
			rows = append(rows, []string{r.At.String(), count(r.Quantity), code(r.State).In(lang), r.full(t.in)})
		}
		if len(rows) > 0 {
			rows = append(rows, []string{"", fmt.Sprint(sum), "", t.in.Say("in all")})
			t.table("<><<", rows)
		}
	}
	t.section(len(d.Papers) > 0, "Licences and certificates, in rounds")
	if len(d.Papers) > 0 {
		rows := [][]string{{t.in.Say("number"), t.in.Say("valid from"), t.in.Say("valid to"), t.in.Say("allowed"), t.in.Say("used"), t.in.Say("left"), t.in.Say("state"), ""}}
		for _, x := range d.Papers {
			rows = append(rows, []string{x.Number, x.From.String(), x.To.String(), count(x.Allowed), fmt.Sprint(x.Used), count(x.Left), code(x.State).In(lang), "[" + string(x.Record) + "]"})
		}
		t.table("<<<>>><<", rows)
	}
	t.notices(d.Notices)
	t.section(len(d.Flags) > 0, "To be known beside it")
	for _, f := range d.Flags {
		t.cite(say("%s: %s", f.Code, f.Says), f.Records)
	}
	t.gaps(d.Gaps)
	t.raw("")
	t.line("The figures are sums of records; a record is the word of its source. Nothing here is a verdict on anybody.")
	return t.close()
}

// A Section is a titled list of rows of a dossier.
type Section struct {
	Title Sentence
	Rows  []PartyRow
}

// Sections returns the lists of a dossier that have rows of one form, in the
// order in which they are read.
func (d *Dossier) Sections() []Section {
	return []Section{
		{say("Transfers received"), d.Received}, {say("Transfers given"), d.Given}, {say("Losses"), d.Losses},
		{say("Destructions"), d.Destroyed}, {say("Expenditure"), d.Expended}, {say("Seizures traced back to it"), d.Seizures},
	}
}

// lotTable writes the rounds by lot, and their sums.
func (d *Dossier) lotTable(say func(string, ...any) string) [][]string {
	rows := [][]string{{say("lot"), say("calibre"), say("came"), say("given"), say("lost"), say("destroyed"), say("expended"), say("balance"), say("held by the rules")}}
	line := func(name, calibre string, x PartyTotals) {
		rows = append(rows, []string{name, calibre, fmt.Sprint(x.Made + x.Received + x.Found), fmt.Sprint(x.Given), fmt.Sprint(x.Lost),
			fmt.Sprint(x.Destroyed), fmt.Sprint(x.Expended), fmt.Sprint(x.Balance), fmt.Sprint(x.Holds)})
	}
	for _, x := range d.Lots {
		line(x.Lot.String(), x.Calibre, x.PartyTotals)
	}
	line(say("in all"), "", d.Totals)
	return rows
}
