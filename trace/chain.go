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
		l.Says = say("%s dispatched %d rounds to %s (%s).", b.From, l.Quantity, b.To, code(b.act()))
		if b.EndUser != "" && b.EndUser != b.To {
			l.Says = say("%s dispatched %d rounds to %s (%s) for the end user %s.", b.From, l.Quantity, b.To, code(b.act()), b.EndUser)
		}
	case *Delivery:
		l.To = b.To
		l.Says = say("%s confirmed the arrival of %d rounds.", b.To, l.Quantity)
	case *Stock:
		l.To, l.Site = b.Holder, b.Site
		l.Says = say("%s recorded %d rounds at %s (%s).", b.Holder, l.Quantity, b.Site, code(b.Movement))
	case *Loss:
		l.From, l.Site = b.Holder, b.Site
		l.Says = say("%s reported %d rounds as lost or stolen.", b.Holder, l.Quantity)
		if !b.LastCorrect.IsZero() {
			l.Says = say("%s reported %d rounds as lost or stolen; they were last known to be right on %s.", b.Holder, l.Quantity, b.LastCorrect.Day())
		}
	case *Destruction:
		l.From, l.Site = b.Holder, b.Site
		l.Says = say("%s recorded the destruction of %d rounds.", b.Holder, l.Quantity)
	}
	return l
}
