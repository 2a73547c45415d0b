package trace

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
)

// Resolve answers a question about ammunition from the records of a ledger: who
// its lawful end user is, with the reasons and with what is not known. Errors
// are a *[QueryError] for a question that cannot be asked, or those of the
// ledger; what the records do not tell is never an error, but an outcome.
func Resolve(ctx context.Context, l Ledger, q Query) (*Finding, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	a := &answer{q: q, v: newView(ctx, l, q.AsOf, q.KnownOn), f: &Finding{}}
	defer func() { a.outlined.release() }()
	if err := a.resolve(); err != nil {
		return nil, err
	}
	if a.shelf != nil {
		a.shelf.put(a.shelved, a.changes)
	}
	return a.f, nil
}

// An answer is a finding in the making.
type answer struct {
	q Query
	v *view
	f *Finding

	rule    string // the one that is being applied
	done    bool   // no further rule applies
	asked   marking.Span
	maker   string   // that a clue names without a lot
	apart   bool     // the marks given are of several packages
	shelf   *Shelf   // where the lot is put back, nil: nowhere
	shelved *shelved // as it was before it was cut for what is asked
	changes int64

	outlined *nearby // what the index tells of the lot, nil where it was not asked

	laid   *laid   // the lot of what is asked
	cut    bool    // it is laid out so that what is asked is told apart from its like
	course *course // what became of it
	part   part    // what is asked of it, as far as it is one cell or less
	region region
	ways   []*course    // the courses that the records leave open, this one first
	whole  bool         // for tests: the lot is laid out for what is asked, which is not followed alone
	more   bool         // there are more of them than are followed
	heldBy [][]*account // held, by each of them
	held   []*account   // what may lie in the region on the day of recovery, by any of them
}

// ask repeats the question.
func (a *answer) ask() {
	q := a.q
	asked := &a.f.Query
	*asked = Asked{Text: q.Text, Recovered: q.Recovered, Quantity: q.Quantity, Condition: q.Condition, KnownOn: q.KnownOn}
	if q.AsOf >= 0 {
		asked.AsOf = &q.AsOf
	}
	a.f.Mark = q.Mark
}

// close adds what every finding shows: how much was searched, and whom to ask next.
func (a *answer) close() error {
	sortFlags(a.f.Flags)
	sources, err := a.v.ledger.Sources(a.v.ctx, a.q.AsOf, a.q.KnownOn)
	if err != nil {
		return err
	}
	a.f.Searched.Sources, a.f.Searched.Records = sources, shelfOf(a.v.ledger).recordsOf(sources)
	slices.SortStableFunc(a.f.Steps, func(x, y Step) int { return ruleOf(x.Rule) - ruleOf(y.Rule) })
	return a.next()
}

func ruleOf(rule string) int {
	n, _ := strconv.Atoi(rule[1:])
	return n
}

// step notes what the rule that is being applied did.
func (a *answer) step(says Sentence, refs ...Ref) { a.stepOf(a.rule, says, refs...) }

// stepOf notes what another rule did.
func (a *answer) stepOf(rule string, says Sentence, refs ...Ref) {
	a.f.Steps = append(a.f.Steps, Step{rule, says, slices.Clone(refs)}) // lists of names are shared
}

// onRecord finds out whether the maker, the lot and the package are on record,
// and reads the lot's records (R9).
func (a *answer) onRecord() error {
	if err := a.lay(); err != nil {
		return err
	}
	maker := a.asked.First().Maker()
	p, err := a.v.party(maker, a.q.day())
	if err != nil {
		return err
	}
	if a.done = p == nil; a.done {
		return a.notSearched(maker)
	}
	l := a.shelved.laid
	if a.done = !l.known; a.done {
		a.f.Outcome = MakerOnly
		a.step(say("%s is on record, the lot %s is not.", maker, l.lot))
		return nil
	}
	a.laid = l
	return a.place()
}

// lay lays out the lot of what is asked, or takes it off the shelf.
func (a *answer) lay() error {
	lot := a.asked.First().Lot()
	shelf := shelfOf(a.v.ledger)
	if a.v.asOf >= 0 || a.v.known != NoDay {
		shelf = nil
	}
	if shelf != nil {
		var x *shelved
		if x, a.changes = shelf.take(lot); x != nil {
			x.view.ctx = a.v.ctx
			a.shelf, a.shelved, a.v = shelf, x, x.view
			return nil
		}
		a.v = newView(a.v.ctx, a.v.ledger, -1, NoDay) // what was looked up before may be older
	}
	l, err := a.nearby(shelf)
	if l == nil && err == nil {
		a.shelf = shelf
		l, err = layOut(a.v, lot, marking.Span{})
	}
	a.shelved = &shelved{laid: l, view: a.v}
	return err
}

// nearby lays out of the lot what the question depends on, where that is told without
// reading all of it, and it is not likely to be asked about again. Else it returns nil.
func (a *answer) nearby(shelf *Shelf) (*laid, error) {
	lot := a.asked.First().Lot()
	if a.whole || a.asked.First().Depth() == 0 {
		return nil, nil
	}
	n, err := a.outline()
	if n == nil || err != nil || shelf != nil && shelf.expects(lot, n.items) {
		return nil, err
	}
	return n.lay(lot, a.asked, marking.Span{})
}

// outline returns what the index tells of the lot, nil where the ledger has none.
func (a *answer) outline() (_ *nearby, err error) {
	if a.outlined == nil {
		a.outlined, err = a.v.outline(a.asked.First().Lot())
	}
	return a.outlined, err
}

// place finds what was asked in its lot.
func (a *answer) place() (err error) {
	some, ok := part{}, false // of a cell
	if !a.whole {
		some, ok = a.laid.partOf(a.asked)
	}
	if !ok {
		if a.laid, err = layOut(a.v, a.laid.lot, a.asked); err != nil {
			return err
		}
	}
	if a.cut = some.cells.empty(); !a.cut {
		a.region, a.part, a.f.Item = some.cells, some, a.asked
		return nil
	}
	p := a.laid.layout
	r, exact, found := p.cellsOf(a.asked)
	if a.done = !found; a.done {
		a.f.Outcome = NoRecord
		_, around := p.around(a.asked)
		a.step(say("%s is not among the packages that fill %s.", a.asked, around.span()))
		return nil
	}
	if !exact {
		_, around := p.around(a.asked)
		a.step(say("No record names %s; it is treated as part of what was never packed of %s.", a.asked, around.span()))
	}
	a.region, a.part = r, part{r, p.rounds(r)}
	a.f.Item = a.asked
	return nil
}

// notSearched says what coverage records say of a party of which nothing is on record.
func (a *answer) notSearched(party string) error {
	a.f.Outcome = NoRecord
	rs, err := a.v.about(party, KindCoverage)
	if err != nil {
		return err
	}
	for _, r := range rs { // the latest whose day is not after the question's rules
		if r.At.Day() > a.q.day() {
			continue
		}
		switch r.Body.(*Coverage).State {
		case "destroyed":
			a.f.Outcome = RecordsDestroyed
		case "refused":
			a.f.Outcome = Restricted
		case "not_searched":
			a.f.Outcome = NotSearched
		default:
			a.f.Outcome = NoRecord
		}
		a.step(say("%s says that the records of %s are %s.", r.Source, party,
			code(r.Body.(*Coverage).State)), r.Ref())
	}
	if len(rs) == 0 {
		a.step(say("No record describes a maker %s.", party))
	}
	return nil
}

// lotFacts states what the lot records say, the maker's word first (R7).
func (a *answer) lotFacts() {
	c := a.course
	facts := &LotFacts{Item: c.lot, Quantity: c.packing.root.rounds}
	a.f.Lot = facts
	if best := c.lotRecord(); best != nil {
		b := best.Body.(*Lot)
		facts.Calibre, facts.Type = b.Calibre, b.Type
		facts.Records = []Ref{best.Ref()}
		if !b.Made.From.IsZero() || !b.Made.To.IsZero() {
			facts.Made = &b.Made
		}
		a.step(say("%s holds %d rounds by the word of %s.", c.lot, facts.Quantity, best.Source), best.Ref())
	}
}

// lotRecord returns the lot record that rules: the maker's, else that of the
// largest quantity, else nil.
func (c *course) lotRecord() *Record {
	var best *Record
	for _, r := range c.lots {
		if best == nil || c.weigh(r) < c.weigh(best) ||
			c.weigh(r) == c.weigh(best) && r.Body.(*Lot).Quantity > best.Body.(*Lot).Quantity {
			best = r
		}
	}
	return best
}

// wordsThatDoNotCount lists records that move nothing because of who says it (R0).
func (a *answer) wordsThatDoNotCount() error {
	for _, r := range a.course.unheard {
		if a.meets(r) && r.At.Day() <= a.q.day() {
			says := say("%s says this of others, who have not confirmed it: it moves nothing.", r.Source)
			a.addFlag("ASSERTED_NOT_CONFIRMED", says, r.Ref())
		}
	}
	return nil
}

// meets reports whether a record has a line that overlaps what was asked.
func (a *answer) meets(r *Record) bool {
	return slices.ContainsFunc(r.Lines(), func(l Line) bool { return !l.Item.Intersect(a.asked).IsZero() })
}

// timeExcludes lists the transfers that cannot have been the source: dispatched
// after the recovery, or not known on the day (R3).
func (a *answer) timeExcludes() error {
	const late, unknown = "DISPATCHED_AFTER_RECOVERY", "RECORDED_AFTER_KNOWN_ON"
	add := func(r *Record, reason string, refs []Ref) {
		t := r.Body.(*Transfer)
		party := t.EndUser
		if party == "" {
			party = t.To
		}
		says := say("%s is excluded: the transfer was dispatched on %s, after the recovery.", party, r.At.Day())
		if reason == unknown {
			says = say("%s is excluded: the transfer was recorded on %s, after the day of the replay.", party, r.Known())
		}
		a.step(says, refs...)
		for i := range a.f.Excluded {
			if x := &a.f.Excluded[i]; x.Party == party && x.Reason == reason {
				x.Records = append(x.Records, refs...)
				return
			}
		}
		a.f.Excluded = append(a.f.Excluded, Exclusion{party, reason, refs})
	}
	for _, k := range a.course.clusters {
		if tellers := k.tellers; len(tellers) > 0 {
			if r := tellers[0]; r.At.Day() > a.q.day() && a.meets(r) {
				add(r, late, refsOf(tellers))
			}
			continue
		}
		for _, m := range k.members {
			void, err := a.v.voided(m.rec)
			switch {
			case err != nil:
				return err
			case void != nil || a.v.isKnown(m.rec) || !a.meets(m.rec):
			case m.rec.At.Day() > a.q.day():
				add(m.rec, late, []Ref{m.rec.Ref()})
			default:
				add(m.rec, unknown, []Ref{m.rec.Ref()})
			}
		}
	}
	slices.SortFunc(a.f.Excluded, func(x, y Exclusion) int {
		return strings.Compare(x.Party+"\x00"+x.Reason, y.Party+"\x00"+y.Reason)
	})
	return nil
}

func refsOf(rs []*Record) []Ref {
	out := make([]Ref, len(rs))
	for i, r := range rs {
		out[i] = r.Ref()
	}
	return out
}
