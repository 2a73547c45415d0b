package trace

import (
	"context"
	"fmt"
	"slices"
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
	if err := a.resolve(); err != nil {
		return nil, err
	}
	return a.f, nil
}

// An answer is a finding in the making.
type answer struct {
	q Query
	v *view
	f *Finding

	asked  marking.Span
	maker  string // that a clue names without a lot
	apart  bool   // the marks given are of several packages
	course *course
	region region
	held   []*account // what may lie in the region on the day of recovery
}

// resolve applies the rules, each at its place.
func (a *answer) resolve() error {
	a.ask()
	if done, err := a.read(); done || err != nil { // R8
		return a.close(err)
	}
	if done, err := a.together(); done || err != nil { // R8
		return a.close(err)
	}
	if done, err := a.onRecord(); done || err != nil { // R9
		return a.close(err)
	}
	c := a.course
	if err := c.run(a.q.day()); err != nil { // R2, R3, R5, R6, R7
		return err
	}
	c.expectLosses(a.q.day())
	a.held = c.holdings(a.region)
	for _, rule := range []func() error{
		a.wordsThatDoNotCount, // R0
		a.exclude,             // R3
		a.nameParties,         // R1, R2, R4
		a.lastHolder,          // R2
		a.window,
		a.contradict, // R6
		a.chain,
		a.flag,
		a.confirm, // R12
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return a.close(c.err)
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

// close adds what every finding shows: how much was searched, whom to ask next,
// and the flags of the mark.
func (a *answer) close(err error) error {
	if err != nil {
		return err
	}
	if err := a.flagMark(); err != nil {
		return err
	}
	sortFlags(a.f.Flags)
	sources, err := a.v.ledger.Sources(a.v.ctx, a.q.AsOf, a.q.KnownOn)
	if err != nil {
		return err
	}
	a.f.Searched.Sources = sources
	for _, s := range sources {
		a.f.Searched.Records += s.Records
	}
	if err := a.gaps(); err != nil {
		return err
	}
	slices.SortStableFunc(a.f.Steps, func(x, y Step) int { return ruleOf(x.Rule) - ruleOf(y.Rule) })
	return a.next()
}

func ruleOf(rule string) (n int) {
	fmt.Sscanf(rule, "R%d", &n)
	return n
}

// step notes what a rule did.
func (a *answer) step(rule string, says Sentence, refs ...Ref) {
	a.f.Steps = append(a.f.Steps, Step{rule, says, refs})
}

// onRecord finds out whether the maker, the lot and the package are on record,
// and reads the lot's records (R9).
func (a *answer) onRecord() (done bool, err error) {
	maker := a.asked.First().Maker()
	p, err := a.v.party(maker, a.q.day())
	if err != nil {
		return true, err
	}
	if p == nil {
		return true, a.notSearched(maker)
	}
	lot := a.asked.First().Lot()
	c, err := courseOf(a.v, lot, a.asked)
	if err != nil {
		return true, err
	}
	if !c.known {
		a.f.Outcome = MakerOnly
		a.step("R9", say("%s is on record, the lot %s is not.", maker, lot))
		return true, nil
	}
	a.course = c
	a.lotFacts()
	r, exact, found := c.packing.cellsOf(a.asked)
	if !found {
		a.f.Outcome = NoRecord
		_, around := c.packing.around(a.asked)
		a.step("R9", say("%s is not among the packages that fill %s.", a.asked, around.span))
		return true, nil
	}
	if !exact {
		_, around := c.packing.around(a.asked)
		a.step("R9", say("No record names %s; it is treated as part of what was never packed of %s.", a.asked, around.span))
	}
	a.region = r
	a.f.Item = a.asked
	return false, nil
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
		a.step("R9", say("%s says that the records of %s are %s.", r.Source, party,
			code(r.Body.(*Coverage).State)), r.Ref())
	}
	if len(rs) == 0 {
		a.step("R9", say("No record describes a maker %s.", party))
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
		a.step("R7", say("%s holds %d rounds by the word of %s.", c.lot, facts.Quantity, best.Source), best.Ref())
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
			a.step("R0", says, r.Ref())
		}
	}
	return nil
}

// meets reports whether a record has a line that overlaps what was asked.
func (a *answer) meets(r *Record) bool {
	return slices.ContainsFunc(r.Lines(), func(l Line) bool { return !l.Item.Intersect(a.asked).IsZero() })
}

// exclude lists the transfers that cannot have been the source: dispatched
// after the recovery, or not known on the day (R3).
func (a *answer) exclude() error {
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
		a.step("R3", says, refs...)
		for i := range a.f.Excluded {
			if x := &a.f.Excluded[i]; x.Party == party && x.Reason == reason {
				x.Records = append(x.Records, refs...)
				return
			}
		}
		a.f.Excluded = append(a.f.Excluded, Exclusion{party, reason, refs})
	}
	for _, k := range a.course.clusters {
		if tellers := ruling(k.members); len(tellers) > 0 {
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
