package trace

import (
	"cmp"
	"slices"
)

// addFlag raises a flag by the rule that is being applied. The same word about more records is one flag.
func (a *answer) addFlag(code string, says Sentence, refs ...Ref) {
	for i := range a.f.Flags {
		if x := &a.f.Flags[i]; x.Code == code && x.Says.key == says.key && x.Says.String() == says.String() {
			for _, r := range refs {
				if !slices.Contains(x.Records, r) {
					x.Records = append(x.Records, r)
				}
			}
			return
		}
	}
	a.f.Flags = append(a.f.Flags, Flag{Code: code, Records: slices.Clone(refs), Says: says})
	a.step(says, refs...)
}

func sortFlags(fs []Flag) {
	slices.SortStableFunc(fs, func(x, y Flag) int {
		if order := cmp.Or(cmp.Compare(x.Code, y.Code), slices.Compare(x.Records, y.Records)); order != 0 {
			return order
		}
		return cmp.Compare(x.Says.String(), y.Says.String())
	})
}

// flagLot compares what several sources say of the lot, and looks at what it lacks.
func (a *answer) flagLot() error {
	lots := a.course.lots
	if len(lots) == 0 {
		return nil
	}
	best := a.course.lotRecord()
	b := best.Body.(*Lot)
	for _, r := range lots {
		o := r.Body.(*Lot)
		if r.Source != best.Source && (o.Quantity != b.Quantity || o.Calibre != b.Calibre || o.Made != b.Made) {
			a.addFlag("SOURCES_DISAGREE", say("%s and %s give different facts of the lot; the maker's word is used, else the largest quantity.", best.Source, r.Source), best.Ref(), r.Ref())
		}
		if o.Limit > 0 && o.Quantity > o.Limit {
			a.addFlag("LOT_LIMIT_EXCEEDED", say("The lot has %d rounds, its limit is %d.", o.Quantity, o.Limit), r.Ref())
		}
	}
	if b.Calibre == "" || b.Made.From.IsZero() && b.Made.To.IsZero() {
		a.addFlag("MINIMUM_MARKS_NOT_MET", say("The lot's record lacks the calibre or the date of manufacture."), best.Ref())
	}
	return nil
}

// flagSplit looks for several end users of the maker's transfers.
func (a *answer) flagSplit() error {
	users := map[string]bool{}
	var refs []Ref
	for _, e := range a.bearing() {
		t := e.transfer()
		if t == nil || t.From != a.course.maker {
			continue
		}
		if eu := a.course.endUserOf(t, e.day); eu != "" {
			users[eu] = true
			refs = append(refs, e.refs...)
		}
	}
	if len(users) < 2 {
		return nil
	}
	code := "LOT_SPLIT_ACROSS_END_USERS"
	if a.asked.First().Depth() > 0 {
		code = "SUBLOT_SPLIT"
	}
	a.addFlag(code, say("The maker's transfers of %s name %d end users.", a.asked, len(users)), refs...)
	return nil
}

// bearing returns the events that moved, or may have moved, rounds of what was asked.
func (a *answer) bearing() []*event {
	var out []*event
	for _, e := range a.course.events {
		if e.bearsOn(a.region) {
			out = append(out, e)
		}
	}
	return out
}

// flagStates looks at the states in which records leave what was asked.
func (a *answer) flagStates() error {
	for _, x := range a.held {
		if r := cmp.Or(x.loss, x.missed); r != nil {
			a.addFlag("LOSS_REPORTED", say("%s reported a loss that bears on %s.", r.Source, a.asked), r.Ref())
		}
		if r := x.gone; r != nil && r.Kind == KindDestruction {
			a.addFlag("RECORDED_DESTROYED", say("%s recorded rounds of %s as destroyed on %s.", r.Source, a.asked, r.At.Day()), r.Ref())
		} else if r != nil {
			a.addFlag("RECORDED_EXPENDED", say("%s recorded rounds of %s as expended on %s.", r.Source, a.asked, r.At.Day()), r.Ref())
		}
		if r := x.inStock; r != nil {
			a.addFlag("RECORDED_IN_STOCK", say("%s recorded rounds of %s in stock on %s.", r.Source, a.asked, r.At.Day()), r.Ref())
		}
	}
	return nil
}

// flagTransfers looks at the papers and the arrival of each transfer.
func (a *answer) flagTransfers() error {
	for _, e := range a.bearing() {
		if e.transfer() == nil {
			continue
		}
		for _, rule := range []func(*answer, *event) error{(*answer).flagLicence, (*answer).flagEUC, (*answer).flagParties, (*answer).flagVessel, (*answer).flagDelivery} {
			if err := rule(a, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// flagTellings compares the tellings of each event (R6).
func (a *answer) flagTellings() error {
	for _, e := range a.bearing() {
		for _, r := range e.tellers[1:] {
			if !differ(e.rec, r) {
				continue
			}
			a.addFlag("SOURCES_DISAGREE", say("%s and %s tell of one transfer in different words; the word of %s is used.", e.rec.Source, r.Source, e.rec.Source), e.rec.Ref(), r.Ref())
		}
	}
	return nil
}

func (a *answer) flagParties(e *event) error {
	t := e.transfer()
	to, err := a.v.party(t.To, e.day)
	if err != nil {
		return err
	}
	if t.EndUser == "" && !to.has("end_user") && (to.has("consignee") || to.has("broker") || to.has("dealer")) {
		a.addFlag("END_USER_NOT_DISCLOSED", say("A transfer to %s names no end user.", t.To), e.refs...)
	}
	parties := []string{t.From, t.To, t.EndUser}
	for _, p := range t.Parties {
		parties = append(parties, p.Party)
	}
	for _, p := range parties {
		if p == "" {
			continue
		}
		rs, err := a.v.about(p, KindReport)
		if err != nil {
			return err
		}
		for _, r := range rs {
			if r.At.Day() < e.day {
				a.addFlag("PARTY_REPORTED", say("%s reported on %s about %s, before the transfer of %s: a report, not a verdict.", r.Source, r.At.Day(), p, e.day), append([]Ref{r.Ref()}, e.refs...)...)
			}
		}
	}
	return nil
}

// flagDelivery looks at whether and how a transfer arrived, by deliveries up to
// the day of the question.
func (a *answer) flagDelivery(e *event) error {
	t := e.transfer()
	arrived, err := a.arrivals(e)
	if err != nil {
		return err
	}
	if len(arrived) == 0 {
		switch due := t.DeliveryDue; {
		case due.IsZero():
		case a.q.asked() > due.Day():
			a.addFlag("DELIVERY_OVERDUE", say("No delivery to %s is on record; it was due on %s.", t.To, due.Day()), e.refs...)
		default:
			a.addFlag("DELIVERY_UNCONFIRMED", say("No delivery to %s is on record yet; it is due on %s.", t.To, due.Day()), e.refs...)
		}
		return nil
	}
	refs := append(e.refs, refsOf(arrived)...)
	var sent, got int64
	for _, l := range e.rec.Lines() {
		sent += l.Quantity
		if l.Item.Intersect(a.asked).IsZero() {
			continue
		}
		var in int64
		for _, r := range arrived {
			for _, d := range r.Lines() {
				if l.Item.Contains(d.Item) {
					in += d.Quantity
				} else if d.Item.Contains(l.Item) {
					in += min(d.Quantity, l.Quantity)
				}
			}
		}
		if in < l.Quantity {
			a.addFlag("SHORT_DELIVERY", say("%d of the %d rounds of %s dispatched were delivered.", in, l.Quantity, l.Item), refs...)
		}
		if in != l.Quantity {
			a.addFlag("SOURCES_DISAGREE", say("The transfer says %d rounds of %s, the delivery %d.", l.Quantity, l.Item, in), refs...)
		}
	}
	for _, r := range arrived {
		d := r.Body.(*Delivery)
		for _, l := range d.Lines {
			got += l.Quantity
			if !slices.ContainsFunc(e.rec.Lines(), func(s Line) bool { return s.Item.Contains(l.Item) || l.Item.Contains(s.Item) }) {
				a.addFlag("DOCUMENT_MISMATCH", say("The delivery has %s, which the papers of the transfer do not name.", l.Item), refs...)
			}
		}
		for _, x := range d.Discrepancies {
			switch {
			case !x.Item.IsZero() && x.Item.Intersect(a.asked).IsZero():
			case x.Type == "short":
				a.addFlag("SHORT_DELIVERY", say("%s says that %d rounds were missing.", r.Source, x.Quantity), refs...)
			case x.Type == "wrong_lot" || x.Type == "over":
				a.addFlag("DOCUMENT_MISMATCH", say("%s says that the delivery differs from the papers (%s).", r.Source, code(x.Type)), refs...)
			}
		}
		if d.GrossKg > 0 && t.GrossKg > 0 && d.GrossKg != t.GrossKg {
			a.addFlag("DOCUMENT_MISMATCH", say("The papers say %g kg, the delivery %g kg.", t.GrossKg, d.GrossKg), refs...)
		}
	}
	if got > sent {
		a.addFlag("DOCUMENT_MISMATCH", say("%d rounds were delivered of %d dispatched.", got, sent), refs...)
	}
	return nil
}

// arrivals returns the deliveries of a transfer up to the day of the question, also
// those that are only of its goods of other lots.
func (a *answer) arrivals(e *event) ([]*Record, error) {
	all := slices.Clone(e.deliveries)
	if slices.ContainsFunc(e.rec.Lines(), func(l Line) bool { return l.Item.First().Lot() != a.course.lot }) {
		for _, name := range e.names {
			citing, err := a.v.citing(name, KindDelivery)
			if err != nil {
				return nil, err
			}
			for _, r := range citing {
				counts, err := a.v.speaksFor(r.Source, r.At.Day(), r.Body.(*Delivery).To)
				if err != nil {
					return nil, err
				}
				if counts && !slices.ContainsFunc(all, func(o *Record) bool { return o.Ref() == r.Ref() }) {
					all = append(all, r)
				}
			}
		}
		slices.SortFunc(all, compareRecords)
	}
	return slices.DeleteFunc(all, func(r *Record) bool { return r.At.Day() > a.q.day() }), nil
}

// flagLater looks for what holders recorded after the recovery.
func (a *answer) flagLater() error {
	for _, e := range a.course.events {
		if e.day <= a.q.day() || a.q.Recovered == NoDay {
			continue
		}
		stock, _ := e.rec.Body.(*Stock)
		if e.rec.Kind != KindDestruction && (stock == nil || stock.Movement != "expend" && stock.Movement != "count") {
			continue
		}
		holds := slices.ContainsFunc(a.held, func(x *account) bool { return x.holder == e.holder })
		if holds && a.meets(e.rec) {
			a.addFlag("RECORDED_AFTER_RECOVERY", say("On %s, after the recovery, %s still recorded rounds of %s.", e.day, e.holder, a.asked), e.refs...)
		}
	}
	return nil
}

// flagLate looks for records of the chain that were written down late.
func (a *answer) flagLate() error {
	const most = 90 // days
	for _, e := range a.bearing() {
		for _, r := range e.tellers {
			if !r.Recorded.IsZero() && r.Recorded.Day()-r.At.Day() > most {
				a.addFlag("RECORDED_LATE", say("%s wrote this down on %s, %d days after it happened.", r.Source, r.Recorded.Day(), r.Recorded.Day()-r.At.Day()), r.Ref())
			}
		}
	}
	return nil
}
