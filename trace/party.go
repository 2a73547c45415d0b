package trace

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A PartyRow is one event of a party's history, or one line of its dossier.
// Quantities are rounds.
type PartyRow struct {
	Records  []Ref          `json:"records"`
	Kind     Kind           `json:"kind"`
	At       Day            `json:"at,omitzero"`
	With     string         `json:"with,omitempty"` // the other party
	Items    []marking.Span `json:"items,omitempty"`
	Quantity int64          `json:"quantity,omitempty"`
	In       int64          `json:"in,omitempty"`      // rounds that came to the party
	Out      int64          `json:"out,omitempty"`     // rounds that left it
	Balance  int64          `json:"balance,omitempty"` // in a history: all that came less all that left, up to here
	State    string         `json:"state,omitempty"`
	Due      Day            `json:"due,omitzero"`
	Says     Sentence       `json:"says"`

	rec *Record // the telling that rules
}

// partyView is what the records tell of a party up to a day.
type partyView struct {
	v       *view
	id      string
	until   Day // lastDay: all
	today   Day
	courses []*course // of the lots that it made, gave, got or held, each run to the day
	papers  []*Record // certificates, licences, consents and reports that name it
	seized  []*Record // all recoveries
	units   []string  // parties that name it as the one they are a unit of
	before  []string  // parties that name it as their successor
}

// concerning returns the records that name a party and all recoveries, in log
// order: from the indexes of a ledger that has them, else among all records.
func concerning(ctx context.Context, l Ledger, party string) iter.Seq2[Entry, error] {
	if c, ok := l.(interface {
		Concerning(context.Context, string) iter.Seq2[Entry, error]
	}); ok {
		return c.Concerning(ctx, party)
	}
	return l.All(ctx, 0)
}

// viewParty reads what concerns a party.
func viewParty(ctx context.Context, l Ledger, id string, at, today Day) (*partyView, error) {
	p := &partyView{v: newView(ctx, l, -1, NoDay), id: id, until: at, today: today}
	if at == NoDay {
		p.until = lastDay
	}
	lots := map[marking.ID]bool{}
	known := false
	for e, err := range concerning(ctx, l, id) {
		if err != nil {
			return nil, err
		}
		r := e.Record
		if !r.names(id) && r.Kind != KindRecovery {
			continue
		}
		if ok, err := p.v.stands(r); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		known = known || r.Kind != KindRecovery
		switch b := r.Body.(type) {
		case *Party:
			if b.Parent == id {
				p.units = append(p.units, r.Describes())
			}
			if b.Successor == id {
				p.before = append(p.before, r.Describes())
			}
		case *EUC, *Licence, *Consent, *Report:
			p.papers = append(p.papers, r)
		case *Recovery:
			if r.At.Day() <= p.until {
				p.seized = append(p.seized, r)
			}
		default:
			for _, lot := range lotsOf(r) {
				lots[lot] = true
			}
		}
	}
	if !known {
		return nil, &QueryError{"party", fmt.Sprintf("%s is not on record", id), "give the party's id as records write it, such as XB-POL"}
	}
	for _, list := range []*[]string{&p.units, &p.before} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	sortRecords(p.papers)
	sortRecords(p.seized)
	for _, lot := range sortedIDs(lots) {
		c, err := courseOf(p.v, lot, marking.SpanOf(lot))
		if err != nil {
			return nil, err
		}
		ways, _, err := c.ways(marking.SpanOf(lot), p.until, false)
		if err != nil {
			return nil, err
		}
		c = ways[0]
		p.courses = append(p.courses, c)
	}
	return p, nil
}

func sortedIDs(of map[marking.ID]bool) []marking.ID {
	var out []marking.ID
	for id := range of {
		out = append(out, id)
	}
	slices.SortFunc(out, marking.ID.Compare)
	return out
}

// names reports whether a record says something of a party. A maker is named by
// its lots.
func (r *Record) names(party string) bool {
	has := func(ps []PartyRole) bool {
		return slices.ContainsFunc(ps, func(p PartyRole) bool { return p.Party == party })
	}
	switch b := r.Body.(type) {
	case *Party:
		return r.Describes() == party || b.Parent == party || b.Successor == party
	case *Lot:
		return b.Item.Maker() == party
	case *Transfer:
		return b.From == party || b.To == party || b.EndUser == party || has(b.Parties)
	case *Consent:
		return b.From == party || b.To == party
	case *EUC:
		return b.EndUser == party || b.Consignee == party
	case *Licence:
		return has(b.Parties)
	case *Report:
		return b.About == party
	}
	return holderIn(r) == party
}

// known returns what the party is called on the day.
func (p *partyView) named() (NamedParty, error) {
	n, err := p.v.named(p.id, p.until)
	if err != nil {
		return n, err
	}
	rs, err := p.v.about(p.id, KindParty)
	n.Records = refsOf(rs)
	return n, err
}

// rows lists the events of the party, the earliest first: each once, with the
// rounds of all its lots.
func (p *partyView) rows() []PartyRow {
	at := map[Ref]int{}
	var out []PartyRow
	order := map[Ref]int{}
	for _, c := range p.courses {
		if row, ok := p.made(c); ok {
			out = append(out, row)
		}
		for _, e := range c.events {
			row, ok := p.row(c, e)
			if !ok {
				continue
			}
			ref := e.rec.Ref()
			i, seen := at[ref]
			if !seen {
				at[ref], order[ref] = len(out), e.order
				out = append(out, row)
				continue
			}
			x := &out[i]
			x.Items = append(x.Items, row.Items...)
			x.Quantity, x.In, x.Out = x.Quantity+row.Quantity, x.In+row.In, x.Out+row.Out
		}
	}
	for i := range out {
		if row := &out[i]; row.rec != nil {
			row.Says = sayRecord(row.rec, row.Quantity)
		}
	}
	slices.SortStableFunc(out, func(a, b PartyRow) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(order[a.Records[0]], order[b.Records[0]]), cmp.Compare(a.Records[0], b.Records[0]))
	})
	return out
}

// made is the row of a lot of the party's own making.
func (p *partyView) made(c *course) (PartyRow, bool) {
	r := c.lotRecord()
	if c.maker != p.id || c.packing.root.rounds == 0 {
		return PartyRow{}, false
	}
	row := PartyRow{Kind: KindLot, At: NoDay, Due: NoDay, Items: []marking.Span{marking.SpanOf(c.lot)}, Quantity: c.packing.root.rounds, In: c.packing.root.rounds}
	row.Says = say("Made %d rounds of %s.", row.Quantity, c.lot)
	row.Records = refsOf(c.lots)
	if r != nil {
		row.Records = []Ref{r.Ref()}
		row.At = r.Body.(*Lot).Made.To.Day()
	}
	if len(row.Records) == 0 { // as much as it gave
		for _, e := range c.events {
			if t := e.transfer(); t != nil && t.From == p.id {
				row.Records = append(row.Records, e.refs...)
			}
		}
	}
	return row, len(row.Records) > 0
}

// row makes the row of an event on a lot, where the party has a part in it.
func (p *partyView) row(c *course, e *event) (PartyRow, bool) {
	if e.day > p.until {
		return PartyRow{}, false
	}
	row := PartyRow{Records: e.refs, Kind: e.rec.Kind, At: e.day, Due: NoDay, rec: e.rec}
	for _, l := range e.lines {
		row.Items = append(row.Items, l.Item)
		row.Quantity += l.Quantity
	}
	if len(row.Items) == 0 {
		return row, false
	}
	if t := e.transfer(); t != nil {
		if t.From != p.id && t.To != p.id && t.EndUser != p.id {
			return row, false
		}
		row.With, row.Due = t.From, t.DeliveryDue.Day()
		if t.From == p.id {
			row.With, row.Out = t.To, row.Quantity
		}
		if t.To == p.id {
			row.In = row.Quantity
		}
		return row, true
	}
	if e.holder != p.id {
		return row, false
	}
	switch b := e.rec.Body.(type) {
	case *Loss, *Destruction:
		row.Out = row.Quantity
	case *Stock:
		row.State = b.Movement
		switch b.Movement {
		case "expend":
			row.Out = row.Quantity
		case "found":
			row.In = row.Quantity
		}
	}
	return row, true
}
