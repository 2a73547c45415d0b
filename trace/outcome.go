package trace

import (
	"cmp"
	"fmt"
	"slices"
)

// holdings returns the accounts with rounds that may lie in a region.
func (c *custody) holdings(r region) []*account {
	held := slices.DeleteFunc(c.accounts(r), func(a *account) bool { return !a.full && a.left() == 0 })
	out := make([]*account, 0, len(held))
	for _, a := range held {
		if a.full || c.most([]*account{a}, r) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// exclude takes out of a region what none of its accounts that are left can be, and
// the events that brought it.
func (c *custody) exclude(r region, held []*account) {
	for _, a := range c.accounts(r) {
		if a.full || a.left() == 0 || slices.Contains(held, a) {
			continue
		}
		in, out := inside(a.cells, r)
		c.drop(a, in)
		a.cells = out
		c.vacate(a, in)
	}
}

// whose returns the party that an account speaks for: its end user, else its holder.
func (s *state) whose() string { return cmp.Or(s.endUser, s.holder) }

// A claimant is a party with the most rounds of a region that it can hold.
type claimant struct {
	party    string
	quantity int64
	accounts []*account
	refs     []Ref // of the transfers to it, where no account need be left of them
}

// claimants returns the parties of some accounts, the largest quantity first (R1).
func (c *custody) claimants(held []*account, r region) []claimant {
	of := map[string]*claimant{}
	var order []string
	for _, a := range held {
		p := a.whose()
		if of[p] == nil {
			of[p] = &claimant{party: p}
			order = append(order, p)
		}
		of[p].accounts = append(of[p].accounts, a)
	}
	var out []claimant
	for _, p := range order {
		of[p].quantity = c.most(of[p].accounts, r)
		out = append(out, *of[p])
	}
	slices.SortFunc(out, func(x, y claimant) int {
		return cmp.Or(cmp.Compare(y.quantity, x.quantity), cmp.Compare(x.party, y.party))
	})
	return out
}

// most returns the most rounds of a region that some accounts can hold among
// all that may lie there: what they have, less what others must have there for
// want of room elsewhere (R4).
func (c *custody) most(mine []*account, r region) (rounds int64) {
	full := map[int]bool{} // two accounts of one package are still one package
	var pools []*pool
	for _, a := range mine {
		if !a.full {
			if !slices.Contains(pools, a.pool) {
				pools = append(pools, a.pool)
			}
			continue
		}
		in, _ := inside(a.cells, r)
		for _, i := range in {
			full[i] = true
		}
	}
	for i := range full {
		rounds += c.rounds([]int{i})
	}
	var claims int64
	loose := map[int]bool{}
	for _, p := range pools {
		rounds, room := c.mostOf(p, mine, r, full)
		claims += rounds
		for _, i := range room {
			loose[i] = true
		}
	}
	var room int64
	for i := range loose {
		room += c.rounds([]int{i})
	}
	return rounds + min(claims, room)
}

// mostOf is [custody.most] of the accounts of one pool, outside the cells that
// are taken, and the cells in which they may lie.
func (c *custody) mostOf(p *pool, mine []*account, r region, taken map[int]bool) (claims int64, room []int) {
	for _, a := range mine {
		if a.pool != p || a.full {
			continue
		}
		claims += c.within(a, r)
		in, _ := inside(a.cells, r)
		for _, i := range in {
			if !taken[i] && !slices.Contains(room, i) {
				room = append(room, i)
			}
		}
	}
	if len(room) == 0 { // all of it is taken
		return 0, nil
	}
	holds := c.rounds(room)
	if claims+p.near(slices.Min(room), slices.Max(room), mine) <= holds {
		return claims, room // there is room for all
	}
	return min(claims, holds-c.forced(p, mine, room)), room
}

// near returns no fewer rounds than what the others than some accounts may have
// between two cells.
func (p *pool) near(first, last int, mine []*account) (rounds int64) {
	for _, a := range p.members {
		if len(a.cells) > 0 && a.cells[0] <= last && first <= a.cells[len(a.cells)-1] && !slices.Contains(mine, a) {
			rounds += a.left()
		}
	}
	return rounds
}

// forced returns how many rounds of some cells others than some accounts of a
// pool must hold, because all that lies elsewhere is too small for what they
// have. What was given beyond what there is has room beside them.
func (c *custody) forced(p *pool, mine []*account, cells []int) int64 {
	if c.crowded(p, false) || slices.ContainsFunc(mine, func(a *account) bool { return a.pool == p && a.over }) {
		return 0
	}
	var others []*account
	var left int64
	for _, a := range p.members {
		if !a.full && !a.over && a.left() > 0 && len(a.cells) > 0 && !slices.Contains(mine, a) {
			others = append(others, a)
			left += a.left()
		}
	}
	elsewhere := c.room(others, cells)
	if elsewhere == left {
		return 0
	}
	return c.room(others, nil) - elsewhere
}

// oneNameNeedsExclusion names the one end user, or all parties that are possible (R1).
func (a *answer) oneNameNeedsExclusion() error {
	f := a.f
	whole := a.course.packing.rounds(a.region)
	all := a.claimants()
	if len(all) == 1 {
		named := !slices.ContainsFunc(a.held, func(x *account) bool { return x.endUser == "" })
		if !named {
			f.Outcome = LastRecordedHolder
			a.step(say("%s is the only party that records place %s with; no transfer names an end user.", all[0].party, a.asked), a.grounds(a.held)...)
			return nil
		}
		f.Outcome = EndUserIdentified
		p, err := a.v.named(all[0].party, a.q.day())
		if err != nil {
			return err
		}
		p.Records = a.grounds(a.held)
		f.EndUser = &p
		a.step(say("Records exclude every party but %s as end user of %s.", p.Party, a.asked), p.Records...)
		return nil
	}
	f.Outcome = EndUserCandidates
	var grounds []Ref
	for _, x := range all {
		p, err := a.v.named(x.party, a.q.day())
		if err != nil {
			return err
		}
		p.Records = oneEach(append(a.grounds(x.accounts), x.refs...))
		grounds = append(grounds, p.Records...)
		f.Candidates = append(f.Candidates, Candidate{NamedParty: p, Quantity: x.quantity, Share: fmt.Sprintf("%d/%d", x.quantity, whole)})
	}
	a.step(say("%d parties remain possible for %s.", len(all), a.asked), oneEach(grounds)...)
	return nil
}

// quantityBinds says what the quantity recovered tells of the parties that
// remain: whoever got fewer is not the only source (R4).
func (a *answer) quantityBinds() error {
	whole := a.course.packing.rounds(a.region)
	if a.q.Quantity > whole && whole > 0 {
		a.addFlag("MARK_DUPLICATED", say("%d rounds were recovered, %s holds %d.", a.q.Quantity, a.asked, whole))
		return nil
	}
	if a.q.Quantity == 0 || slices.ContainsFunc(a.held, func(x *account) bool { return x.over }) {
		return nil
	}
	var sum int64
	for _, c := range a.f.Candidates {
		sum += c.Quantity
	}
	for i := range a.f.Candidates {
		c := &a.f.Candidates[i]
		if least := a.q.Quantity - (sum - c.Quantity); least > 0 {
			c.AtLeast = least
			a.step(say("At least %d of the rounds recovered are of %s: all others together got %d.", least, c.Party, sum-c.Quantity), c.Records...)
		}
	}
	return nil
}

// grounds returns the records by which accounts are their party's: the transfers
// that named it, else what placed the goods with it.
func (a *answer) grounds(accounts []*account) []Ref {
	var refs []Ref
	for _, x := range accounts {
		refs = append(refs, a.groundsOf(x.state)...)
	}
	return oneEach(refs)
}

func (a *answer) groundsOf(s *state) []Ref {
	if s.endUser == "" {
		return a.placedBy(s)
	}
	for s.before != nil && s.before.endUser == s.endUser {
		s = s.before
	}
	if s.came == nil {
		return a.placedBy(s)
	}
	return s.came.event.refs
}

// placedBy returns the last record that places goods with their holder, for what
// the maker still has those of the lot.
func (a *answer) placedBy(s *state) []Ref {
	if s.links == nil {
		return refsOf(a.course.lots)
	}
	for l := s.links; l != nil; l = l.prev {
		if l.rec.At.Day() == s.day {
			return []Ref{l.rec.Ref()} // a later one, such as a loss, does not place them
		}
	}
	return []Ref{s.links.rec.Ref()}
}

// oneEach returns the names in order, each once.
func oneEach(refs []Ref) []Ref {
	slices.Sort(refs)
	return slices.Compact(refs)
}

// lastHolder says who had what was asked last, where it is one party.
func (a *answer) lastHolder() error {
	if len(a.held) == 0 || a.more {
		return nil
	}
	first := a.held[0]
	h := &LastHolder{Site: first.site, At: first.day}
	var refs []Ref
	for _, x := range a.held {
		refs = append(refs, a.placedBy(x.state)...)
	}
	for _, x := range a.held[1:] {
		if x.holder != first.holder {
			return nil
		}
		if x.site != h.Site {
			h.Site = ""
		}
		h.At = max(h.At, x.day)
	}
	p, err := a.v.named(first.holder, a.q.day())
	p.Records = oneEach(refs)
	h.NamedParty = p
	a.f.LastHolder = h
	a.step(say("%s is the last recorded holder of %s.", p.Party, a.asked), p.Records...)
	return err
}

// window says between which days the unit left lawful custody.
func (a *answer) window() error {
	if a.f.EndUser == nil {
		return nil
	}
	w := Window{From: NoDay, To: a.q.Recovered}
	var refs []Ref
	for i, x := range a.held {
		from, by := x.lawfulUntil()
		to := a.q.Recovered
		switch {
		case x.loss != nil:
			by, from, to = x.loss, x.loss.Body.(*Loss).since(x.loss), min(x.loss.At.Day(), a.q.day())
		case a.q.Recovered == NoDay:
			return nil
		}
		if by != nil {
			refs = append(refs, by.Ref())
		}
		if i == 0 {
			w.From, w.To = from, to
			continue
		}
		w.From, w.To = min(w.From, from), max(w.To, to)
	}
	w.Records = oneEach(refs)
	a.f.Window = &w
	return nil
}

// lawfulUntil returns the day of the last lawful custody that its holder
// confirmed and the record of it, NoDay and nil where none did.
func (s *state) lawfulUntil() (Day, *Record) {
	for s != nil && s.astray {
		s = s.before
	}
	for ; s != nil; s = s.before {
		for l := s.links; l != nil; l = l.prev {
			if l.rec.Source == s.holder && l.rec.At.Day() >= s.arrived() {
				return l.rec.At.Day(), l.rec
			}
		}
	}
	return NoDay, nil
}

func (s *state) arrived() Day {
	if s.came == nil {
		return NoDay
	}
	return s.came.event.day
}

// contradict finds that what was recovered should not exist or should be in the
// end user's stock (R6).
func (a *answer) contradict() error {
	if a.f.Outcome != EndUserIdentified {
		return nil
	}
	var refs []Ref
	for _, x := range a.held {
		if r := cmp.Or(x.gone, x.inStock); r != nil {
			refs = append(refs, r.Ref())
		}
		switch {
		case x.loss != nil:
			return nil
		case x.gone != nil:
			if a.q.Condition == "fired" && x.gone.Kind == KindStock {
				return nil
			}
		case x.inStock != nil && a.course.oneParty(x.holder, x.endUser, a.q.day()):
		default:
			return nil
		}
	}
	a.f.Outcome = RecordContradicted
	a.step(say("Every part of %s is on record as destroyed, expended or in stock with its end user on the day of recovery.", a.asked), oneEach(refs)...)
	return nil
}

// unconfirmedWords says of each party named whether records of its own bear that out (R12).
func (a *answer) unconfirmedWords() error {
	for i := range a.f.Candidates {
		cand := &a.f.Candidates[i]
		cand.Confirmed = a.hasOwnRecord(cand.Party)
		if !cand.Confirmed {
			a.unconfirmed(cand.Party)
		}
	}
	if eu := a.f.EndUser; eu != nil && !a.hasOwnRecord(eu.Party) {
		a.unconfirmed(eu.Party)
	}
	if h := a.f.LastHolder; a.f.Outcome == LastRecordedHolder && h != nil && a.held[0].came != nil && !a.hasOwnRecord(h.Party) {
		a.unconfirmed(h.Party)
	}
	return nil
}

func (a *answer) unconfirmed(party string) {
	says := say("%s has no record of its own that bears this out.", party)
	var refs []Ref
	for _, x := range a.held {
		switch {
		case x.whose() != party:
		case x.came != nil:
			refs = append(refs, x.came.event.rec.Ref())
		default:
			refs = append(refs, a.placedBy(x.state)...)
		}
	}
	refs = oneEach(refs)
	a.addFlag("ASSERTED_NOT_CONFIRMED", says, refs...)
}

// hasOwnRecord reports whether a party itself recorded something about what was asked.
func (a *answer) hasOwnRecord(party string) bool {
	for _, e := range a.course.events {
		if e.day > a.q.day() {
			break
		}
		for _, r := range e.tellers {
			if r.Source == party && a.meets(r) {
				return true
			}
		}
	}
	return false
}
