package trace

import (
	"slices"
	"strings"
)

// flagLicence looks at the licence of a transfer.
func (a *answer) flagLicence(e *event) error {
	t := e.transfer()
	if t.Licence == "" {
		from, err := a.v.country(t.From, e.day)
		if err != nil {
			return err
		}
		to, err := a.v.country(t.To, e.day)
		if err != nil {
			return err
		}
		if from != "" && to != "" && from != to {
			a.addFlag("LICENCE_MISSING", say("The transfer from %s (%s) to %s (%s) cites no licence.", t.From, from, t.To, to), e.refs...)
		}
		return nil
	}
	l, err := a.v.licence(t.Licence)
	if err != nil || l == nil {
		return err
	}
	refs := append(e.refs, t.Licence)
	if !l.ValidFrom.IsZero() && e.day < l.ValidFrom.Day() || !l.ValidTo.IsZero() && e.day > l.ValidTo.Day() {
		a.addFlag("LICENCE_EXPIRED", say("The transfer of %s is outside the validity of licence %s.", e.day, l.Number), refs...)
	}
	revoked, err := a.v.status(t.Licence, "revoked", e.day, l.Authority)
	if err != nil {
		return err
	}
	if revoked != nil {
		a.addFlag("LICENCE_REVOKED", say("Licence %s was revoked on %s, the transfer is of %s.", l.Number, revoked.At.Day(), e.day), append(refs, revoked.Ref())...)
	}
	allowed := roundsOf(l.Goods)
	if allowed == 0 { // it states no quantity
		return nil
	}
	used, err := a.v.usedUp([]Ref{t.Licence}, nil, a.q.day())
	if err != nil {
		return err
	}
	if used > allowed {
		a.addFlag("LICENCE_EXCEEDED", say("Transfers under licence %s add up to %d rounds, it allows %d.", l.Number, used, allowed), refs...)
	}
	return nil
}

// flagEUC looks at the certificate of a transfer.
func (a *answer) flagEUC(e *event) error {
	t := e.transfer()
	ref, err := a.v.eucOf(t)
	if err != nil {
		return err
	}
	r, err := a.v.get(ref)
	if err != nil || r == nil {
		return err
	}
	euc, ok := r.Body.(*EUC)
	if !ok {
		return nil
	}
	refs := append(e.refs, ref)
	authentic := euc.Authenticated != nil
	if !authentic {
		s, err := a.v.status(ref, "authenticated", lastDay, euc.Authority)
		if err != nil {
			return err
		}
		authentic = s != nil
	}
	if !authentic {
		a.addFlag("EUC_UNAUTHENTICATED", say("Nobody confirmed certificate %s with its authority.", euc.Number), refs...)
	}
	if l, err := a.v.licence(t.Licence); err != nil {
		return err
	} else if l != nil && l.EUC == ref && !euc.Expires.IsZero() && l.ValidFrom.Day() > euc.Expires.Day() {
		a.addFlag("EUC_EXPIRED", say("Licence %s is valid from %s; certificate %s could be cited until %s.", l.Number, l.ValidFrom.Day(), euc.Number, euc.Expires.Day()), append(refs, t.Licence)...)
	}
	licences, err := a.v.citing(ref, KindLicence)
	if err != nil {
		return err
	}
	if len(licences) > 1 {
		a.addFlag("EUC_REUSED", say("%d licences cite certificate %s.", len(licences), euc.Number), append(refs, refsOf(licences)...)...)
	}
	allowed := roundsOf(euc.Goods)
	if allowed == 0 {
		return nil
	}
	used, err := a.v.usedUp(refsOf(licences), []Ref{ref}, a.q.day())
	if err != nil {
		return err
	}
	if used > allowed {
		a.addFlag("EUC_REUSED", say("Transfers under certificate %s add up to %d rounds, it was given for %d.", euc.Number, used, allowed), refs...)
	}
	return nil
}

// flagVessel looks at the number of the ship, which stays hers under every name.
func (a *answer) flagVessel(e *event) error {
	if v := e.transfer().Vessel; v != nil && !isIMO(v.IMO) {
		a.addFlag("DOCUMENT_MISMATCH", say("The papers give the IMO number %s, which is not one of a ship: its digits do not check.", v.IMO), e.refs...)
	}
	return nil
}

// isIMO reports whether a text is the IMO number of a ship: seven digits, of
// which the last is that of the sum of the others times 7 to 2.
func isIMO(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "IMO"), " ")
	if len(s) != 7 {
		return false
	}
	sum := 0
	for i := range 7 {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i == 6 {
			return sum%10 == d
		}
		sum += d * (7 - i)
	}
	return false
}

func roundsOf(gs []Goods) (sum int64) {
	for _, g := range gs {
		sum += g.Quantity
	}
	return sum
}

// status returns the first record that set a paper to a state by a day, said by
// the paper's source, its authority, or an authority of their country.
func (v *view) status(of Ref, state string, by Day, authority string) (*Record, error) {
	rs, err := v.citing(of, KindStatus)
	if err != nil {
		return nil, err
	}
	paper, err := v.get(of)
	if err != nil || paper == nil {
		return nil, err
	}
	for _, r := range rs {
		if s := r.Body.(*Status); s.Of != of || s.State != state || r.At.Day() > by {
			continue
		}
		if ok, err := v.speaksFor(r.Source, r.At.Day(), paper.Source, authority); err != nil || ok {
			return r, err
		}
	}
	return nil, nil
}

// usedUp returns the rounds of all transfers up to a day that cite one of the
// papers, each event counted once however many tell of it.
func (v *view) usedUp(licences, eucs []Ref, by Day) (int64, error) {
	seen := map[Ref]bool{}
	var all []*told
	for _, ref := range append(slices.Clone(licences), eucs...) {
		rs, err := v.citing(ref, KindTransfer)
		if err != nil {
			return 0, err
		}
		for _, r := range rs {
			t := r.Body.(*Transfer)
			ok, err := v.speaksFor(r.Source, r.At.Day(), t.From, t.To)
			if err != nil {
				return 0, err
			}
			if ok && !seen[r.Ref()] && r.At.Day() <= by {
				seen[r.Ref()] = true
				all = append(all, &told{rec: r, seen: true})
			}
		}
	}
	slices.SortFunc(all, func(x, y *told) int {
		return compareRecords(x.rec, y.rec)
	})
	var sum int64
	for _, k := range joinTellings(all, func(*Record) bool { return true }) {
		for _, l := range k.tellers[0].Lines() {
			sum += l.Quantity
		}
	}
	return sum, v.ctx.Err()
}
