package trace

import (
	"cmp"
	"slices"
)

// give carries out a transfer: the rounds that the giver holds change hands,
// and whose they lawfully are is judged (R2, R5). What it gives without holding
// it is remarked on (R6, R7).
func (c *custody) give(e *event) {
	t := e.transfer()
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost {
			continue
		}
		w := want{event: e, line: l, holder: t.From, gives: true, prefer: inHand,
			become: func(s *state, cells []int) *state { return c.pass(e, i, s, cells) }}
		did := c.apply(w)
		c.lacked(w, did)
		switch {
		case l.placed:
			c.giveAgain(w, did)
		case did.moved < l.Quantity:
			c.giveTooMuch(w, l.Quantity-did.moved, l.cells.all())
		}
	}
}

// inHand is the order in which a holder gives rounds that nothing else tells
// apart: first those that were delivered to it and are neither lost nor gone.
func inHand(s *state) int {
	switch {
	case s.gone != nil:
		return 3
	case s.loss != nil:
		return 2
	case s.came != nil && !s.came.delivered && s.came.event.arrived:
		return 1
	}
	return 0
}

// giveAgain deals with packages that a giver gives and does not hold: given
// before, both accounts stand; never held, nothing moves (R6). Of those of which it
// may have some rounds, it gives too much, as one does who gives more of a package
// than that holds (R7).
func (c *custody) giveAgain(w want, did carried) {
	var again, partly, never []int
	for _, i := range did.missing {
		switch {
		case c.past[i][w.holder] == nil:
			never = append(never, i)
		case slices.Contains(did.partly, i):
			partly = append(partly, i)
		default:
			again = append(again, i)
		}
	}
	if short := c.rounds(partly) - did.loose; short > 0 {
		c.giveTooMuch(w, short, partly)
	}
	for left := again; len(left) > 0; { // each as its giver had it
		old := c.past[left[0]][w.holder]
		var like, others []int
		for _, i := range left {
			if c.past[i][w.holder] == old {
				like = append(like, i)
			} else {
				others = append(others, i)
			}
		}
		c.second(w, c.rounds(like), like, old)
		left = others
	}
	if len(again) > 0 {
		c.remark("DOUBLE_TRANSFER", w.event, again,
			say("%s gave %s, which it held once, more than once.", w.holder, w.line.Item))
	}
	if len(never) > 0 {
		c.neverHeld(w, never)
	}
	if cells := w.line.cells.all(); w.line.beyond() > 0 && len(never) < len(cells) {
		c.remark("SPLIT_NOT_CONSERVED", w.event, cells,
			say("%s gave %d rounds of %s, which holds %d.", w.holder, w.line.Quantity, w.line.Item, w.line.holds))
	}
}

func (c *custody) neverHeld(w want, cells []int) {
	c.remark("INSUFFICIENT_STOCK", w.event, cells,
		say("%s gives rounds of %s that no record ever gave it.", w.holder, w.line.Item))
}

// giveTooMuch deals with rounds that a giver gives beyond those it has left.
func (c *custody) giveTooMuch(w want, short int64, cells []int) {
	for _, i := range cells {
		if old := c.past[i][w.holder]; old != nil {
			c.second(w, short, cells, old)
			c.remark("SPLIT_NOT_CONSERVED", w.event, cells,
				say("%s gave %d rounds more out of %s than it had there.", w.holder, short, w.line.Item))
			return
		}
	}
	c.neverHeld(w, cells)
}

// A verdict is what the rules make of a transfer.
type verdict int

const (
	free      verdict = iota // no clause binds the giver
	within                   // from one unit of a party to another
	fulfilled                // on the way to the end user that was named
	permitted                // by a consent or an exception
	licensed                 // by a licence that names the recipient
	returned                 // back to the lawful end user after it went astray
	barred
)

// pass judges a transfer of rounds and returns the state that follows it.
func (c *custody) pass(e *event, line int, s *state, cells []int) *state {
	t := e.transfer()
	n := &state{holder: t.To, giver: t.From, before: s, came: &arrival{event: e},
		gone: s.gone, missed: cmp.Or(s.loss, s.missed), day: e.day, links: &link{e.rec, s.links}}
	if back := s.takenBack(t); back != nil {
		n.endUser, n.named, n.astray, n.clauses, n.lender = back.endUser, back.named, back.astray, back.clauses, back.lender
		n.again = back
		return n
	}
	from := s // as whose goods they are judged: a borrower gives what is the lender's
	for from.lender != nil {
		from = from.lender
	}
	if s.astray && !from.astray { // lent without authority: so is all that follows
		lent := *from
		lent.astray = true
		from = &lent
	}
	n.endUser, n.named, n.astray = from.endUser, from.named, from.astray
	cited := c.clausesOf(t)
	n.clauses = together(from.clauses, s.clauses, cited)
	v, lifted := c.judge(e, line, from, s.clauses, cells)
	if v == barred {
		n.astray = true
		if act := t.act(); act == "loan" || act == "lease" {
			n.lender = from
		}
		return n
	}
	n.astray = false
	if act := t.act(); act == "loan" || act == "lease" {
		n.lender = from
		return n
	}
	for _, b := range lifted { // they bind whoever they bound, and the recipient in turn
		n.clauses = together(n.clauses, []binding{{b.clause, b.euc, t.To}})
	}
	switch v {
	case returned:
		n.named = false
	case licensed:
		n.endUser = cmp.Or(c.endUserOf(t, e.day), t.To)
		n.named = n.endUser != t.To
	case fulfilled:
		n.named = !c.oneParty(t.To, from.endUser, e.day)
	case permitted:
		n.endUser, n.named = t.To, false
	case within:
		if eu := c.endUserOf(t, e.day); t.act() == "issue" {
			n.endUser, n.named = t.To, false
		} else if eu != "" {
			n.endUser, n.named = eu, eu != t.To
		}
	case free:
		n.endUser = c.endUserOf(t, e.day)
		n.named = n.endUser != "" && n.endUser != t.To
	}
	return n
}

// together returns the bindings of several lists, each once.
func together(lists ...[]binding) (all []binding) {
	for _, list := range lists {
		if all == nil {
			all = slices.Clip(list)
			continue
		}
		for _, b := range list {
			if !slices.ContainsFunc(all, b.is) {
				all = append(all, b)
			}
		}
	}
	return all
}

// takenBack returns the state in which goods were given by whoever takes them
// back: a lender, or the party that a return goes to. Nil where none does.
func (s *state) takenBack(t *Transfer) *state {
	for l := s.lender; l != nil; l = l.lender {
		if l.holder == t.To {
			return l
		}
	}
	if t.act() != "return" {
		return nil
	}
	for ; s != nil; s = s.again {
		if s.before != nil && s.giver == t.To {
			return s.before
		}
	}
	return nil
}

// judge says whether a transfer is authorised, under the clauses that bind for
// these goods, and by consents to or exceptions of which of them. It remarks where
// it is not.
func (c *custody) judge(e *event, line int, s *state, clauses []binding, cells []int) (v verdict, lifted []binding) {
	t := e.transfer()
	switch {
	case s.astray:
		if s.endUser != "" && c.oneParty(t.To, s.endUser, e.day) {
			return returned, nil
		}
		for _, b := range clauses {
			if r := c.consents(e, line, s.holder, b); r != nil {
				c.allow(e, cells, say("%s consented to the transfer from %s to %s (%s).", r.Source, t.From, t.To, code(t.act())), b.euc, r.Ref())
				return permitted, []binding{b}
			}
		}
		c.bar(e, s, clauses, cells)
		return barred, nil
	case c.oneParty(s.holder, t.To, e.day):
		return within, nil
	case s.named:
		if c.oneParty(t.To, s.endUser, e.day) || t.EndUser == s.endUser {
			return fulfilled, nil
		}
		c.bar(e, s, nil, cells)
		return barred, nil
	}
	var against []binding
	for _, b := range clauses {
		if b.clause.InForceFrom.Day() > e.day || !c.oneParty(b.party, s.holder, e.day) {
			continue
		}
		if slices.Contains(b.clause.Exceptions, t.To) {
			c.allow(e, cells, say("The clause excepts %s: no consent is needed.", t.To), b.euc)
			v, lifted = permitted, append(lifted, b)
		} else if r := c.consents(e, line, s.holder, b); r != nil {
			c.allow(e, cells, say("%s consented to the transfer from %s to %s (%s).", r.Source, t.From, t.To, code(t.act())), b.euc, r.Ref())
			v, lifted = permitted, append(lifted, b)
		} else {
			against = append(against, b)
		}
	}
	if len(against) == 0 {
		return v, lifted
	}
	if !covers(against, t.act()) && c.licenceNames(t) {
		c.allow(e, cells, say("The clause does not cover the act (%s), and a licence names %s.", code(t.act()), t.To), t.Licence)
		return licensed, lifted
	}
	c.bar(e, s, against, cells)
	return barred, nil
}

// allow notes why a transfer under a clause is authorised.
func (c *custody) allow(e *event, cells []int, says Sentence, papers ...Ref) {
	c.allowed = append(c.allowed, remark{"", e, cells, append(e.refs, papers...), says})
}

// bar remarks on a transfer that is not authorised, by its own act.
func (c *custody) bar(e *event, s *state, against []binding, cells []int) {
	t := e.transfer()
	var papers []Ref
	for _, b := range against {
		papers = append(papers, b.euc)
	}
	if len(against) == 0 || covers(against, t.act()) {
		says := say("%s gave %s to %s (%s), for which no consent is on record; the lawful end user stays %s.",
			t.From, itemsOf(t.Lines), t.To, code(t.act()), s.endUser)
		c.remark("RETRANSFER_WITHOUT_CONSENT", e, cells, says, papers...)
		return
	}
	says := say("%s gave %s to %s (%s), an act that the clause does not cover, and no licence names %s; the lawful end user stays %s.",
		t.From, itemsOf(t.Lines), t.To, code(t.act()), t.To, s.endUser)
	c.remark("NOT_COVERED_BY_CLAUSE", e, cells, says, papers...)
}

// covers reports whether one of the clauses covers an act.
func covers(bs []binding, act string) bool {
	switch act {
	case "return":
		act = "gift"
	case "issue":
		act = "other"
	}
	return slices.ContainsFunc(bs, func(b binding) bool { return slices.Contains(b.clause.Acts, act) })
}

// oneParty reports whether two parties are the same, or units of one.
func (c *custody) oneParty(a, b string, on Day) bool {
	if a == b {
		return true
	}
	x, err := c.v.group(a, on)
	c.fail(err)
	y, err := c.v.group(b, on)
	c.fail(err)
	return x == y
}

func (c *custody) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// endUserOf returns the end user that a transfer names.
func (c *custody) endUserOf(t *Transfer, on Day) string {
	if t.EndUser != "" {
		return t.EndUser
	}
	p, err := c.v.party(t.To, on)
	c.fail(err)
	if p.has("end_user") {
		return t.To
	}
	return ""
}

// clausesOf returns the clause of the certificate that a transfer cites, itself
// or through its licence.
func (c *custody) clausesOf(t *Transfer) []binding {
	ref, err := c.v.eucOf(t)
	c.fail(err)
	r, err := c.v.get(ref)
	c.fail(err)
	if r == nil {
		return nil
	}
	if euc, ok := r.Body.(*EUC); ok && euc.Clause != nil {
		return []binding{{euc.Clause, ref, euc.EndUser}}
	}
	return nil
}

// eucOf returns the certificate that a transfer cites, itself or through its licence.
func (v *view) eucOf(t *Transfer) (Ref, error) {
	if t.EUC != "" {
		return t.EUC, nil
	}
	l, err := v.licence(t.Licence)
	if l == nil {
		return "", err
	}
	return l.EUC, nil
}

func (v *view) licence(ref Ref) (*Licence, error) {
	r, err := v.get(ref)
	if r == nil {
		return nil, err
	}
	l, _ := r.Body.(*Licence)
	return l, nil
}

// licenceNames reports whether the licence of a transfer names its recipient.
func (c *custody) licenceNames(t *Transfer) bool {
	l, err := c.v.licence(t.Licence)
	c.fail(err)
	return l != nil && slices.ContainsFunc(l.Parties, func(p PartyRole) bool { return p.Party == t.To })
}

// A consentUse is a line of a transfer that asks for a consent under a certificate.
type consentUse struct {
	line int
	euc  Ref
}

// consents returns the consent of the clause's authority that covers a line of a
// transfer, or nil. What a line uses up of a consent is spent once.
func (c *custody) consents(e *event, line int, giver string, b binding) *Record {
	use := consentUse{line, b.euc}
	if r, known := e.consents[use]; known {
		return r
	}
	if e.consents == nil {
		e.consents = map[consentUse]*Record{}
	}
	rs, err := c.v.citing(b.euc, KindConsent)
	c.fail(err)
	c.alone = c.alone && len(rs) == 0 // other packages may have used them up
	i := slices.IndexFunc(rs, func(r *Record) bool { return c.consentCovers(r, e, line, giver, b) })
	if i < 0 {
		e.consents[use] = nil
	} else {
		e.consents[use] = rs[i]
	}
	return e.consents[use]
}

func (c *custody) consentCovers(r *Record, e *event, line int, giver string, b binding) bool {
	p, t, l := r.Body.(*Consent), e.transfer(), e.lines[line]
	act := t.act()
	if act == "return" {
		act = "gift"
	}
	if p.EUC != b.euc || r.Source != p.By || p.By != b.clause.ConsentBy || p.To != t.To || p.Act != act ||
		e.day < r.At.Day() || !p.ValidTo.IsZero() && e.day > p.ValidTo.Day() || !c.oneParty(p.From, giver, e.day) && !c.oneParty(p.From, t.From, e.day) {
		return false
	}
	for i, allowed := range p.Lines {
		if !allowed.Item.Contains(l.Item) {
			continue
		}
		spent := c.spent[r.Ref()]
		if spent == nil {
			spent = map[int]int64{}
			c.spent[r.Ref()] = spent
		}
		if spent[i]+l.Quantity <= allowed.Quantity {
			spent[i] += l.Quantity
			return true
		}
	}
	return false
}

// all returns the cells of a region.
func (r region) all() []int {
	out := make([]int, 0, max(r.hi-r.lo, 0))
	for i := r.lo; i < r.hi; i++ {
		out = append(out, i)
	}
	return out
}

// itemsOf writes the items of some lines.
func itemsOf(ls []Line) list {
	return list{[]any{ls[0].Item.String()}, len(ls) - 1}
}
