package trace

// chain lists the records that brought what was asked to where it is, the
// earliest first.
func (a *answer) chain() error {
	for _, e := range a.bearing() {
		for _, r := range e.tellers {
			a.f.Chain = append(a.f.Chain, a.link(r))
		}
	}
	return nil
}

func (a *answer) link(r *Record) Link {
	l := Link{Record: r.Ref(), Kind: r.Kind, At: r.At.String()}
	for _, x := range r.Lines() {
		if !x.Item.Intersect(a.asked).IsZero() {
			l.Quantity += x.Quantity
		}
	}
	switch b := r.Body.(type) {
	case *Transfer:
		l.From, l.To = b.From, b.To
	case *Delivery:
		l.To = b.To
	case *Stock:
		l.To, l.Site = b.Holder, b.Site
	case *Loss:
		l.From, l.Site = b.Holder, b.Site
	case *Destruction:
		l.From, l.Site = b.Holder, b.Site
	}
	l.Says = sayRecord(r, l.Quantity)
	return l
}

// sayRecord puts a record that moves goods into words, with the rounds that count.
func sayRecord(r *Record, rounds int64) Sentence {
	switch b := r.Body.(type) {
	case *Transfer:
		if b.EndUser != "" && b.EndUser != b.To {
			return say("%s dispatched %d rounds to %s (%s) for the end user %s.", b.From, rounds, b.To, code(b.act()), b.EndUser)
		}
		return say("%s dispatched %d rounds to %s (%s).", b.From, rounds, b.To, code(b.act()))
	case *Delivery:
		return say("%s confirmed the arrival of %d rounds.", b.To, rounds)
	case *Stock:
		return say("%s recorded %d rounds at %s (%s).", b.Holder, rounds, b.Site, code(b.Movement))
	case *Loss:
		if !b.LastCorrect.IsZero() {
			return say("%s reported %d rounds as lost or stolen; they were last known to be right on %s.", b.Holder, rounds, b.LastCorrect.Day())
		}
		return say("%s reported %d rounds as lost or stolen.", b.Holder, rounds)
	case *Destruction:
		return say("%s recorded the destruction of %d rounds.", b.Holder, rounds)
	}
	return Sentence{}
}
