package trace

import "slices"

// happen carries out a stock, loss, destruction or delivery record.
func (c *custody) happen(e *event) {
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost {
			continue
		}
		w := want{event: e, line: l, holder: e.holder}
		switch b := e.rec.Body.(type) {
		case *Delivery:
			c.deliver(w)
			continue
		case *Loss:
			w.prefer, w.become = inHand, func(s *state, _ []int) *state {
				n := s.with(e.rec)
				n.loss, n.inStock = e.rec, nil
				return n
			}
		case *Destruction:
			w.prefer, w.become = inHand, func(s *state, _ []int) *state {
				n := s.with(e.rec)
				n.gone, n.inStock = e.rec, nil
				return n
			}
		case *Stock:
			w.prefer, w.become = b.prefer, func(s *state, _ []int) *state { return b.post(s, e) }
		}
		follows := w.become
		w.become = func(s *state, cells []int) *state {
			n := follows(s, cells)
			n.holder = e.holder // who may have taken over
			return n
		}
		did := c.apply(w)
		c.lacked(w, did)
		if l.beyond() > 0 && did.moved > 0 {
			c.remark("INSUFFICIENT_STOCK", e, l.cells.all(),
				say("%s records %d rounds of %s, which holds %d.", e.holder, l.Quantity, l.Item, l.holds))
		}
		switch {
		case l.placed && c.rounds(did.missing) > did.loose:
			c.notHeld(w, did.missing)
		case !l.placed && did.moved < l.Quantity:
			c.notHeld(w, l.cells.all())
		}
	}
}

// deliver confirms the arrival of what came by the transfer of a delivery, with
// the recipient or straight with the end user that the transfer named. Goods
// already given on stay where they are.
func (c *custody) deliver(w want) {
	of := w.event.delivers
	if of == nil {
		c.remark("SOURCES_DISAGREE", w.event, c.packing.root.cells.all(),
			say("%s confirms a delivery of %s, which is voided, not known or from a source whose word does not count.",
				w.holder, w.event.rec.Body.(*Delivery).Transfer))
		return
	}
	to := w.holder
	w.holder = of.transfer().To
	w.prefer = func(s *state) int {
		if s.came == nil || s.came.event != of || s.came.delivered || to != s.holder && !(s.named && to == s.endUser) {
			return -1
		}
		if s.inStock == nil { // what the recipient has in stock arrived
			return 4 + inHand(s)
		}
		return inHand(s)
	}
	w.become = func(s *state, cells []int) *state {
		n := s.with(w.event.rec)
		if to != s.holder {
			n.holder, n.named = to, false
			c.remember(s, cells)
		}
		n.came = &arrival{of, true}
		n.day = w.event.day
		return n
	}
	did := c.apply(w)
	if did.moved > 0 {
		of.arrived = true
	}
}

// prefer is the order in which rounds answer to a posting where it does not say which.
func (b *Stock) prefer(s *state) int {
	if b.Movement == "found" {
		if s.loss != nil {
			return 0
		}
		return 1 + inHand(s)
	}
	rank := 4 // fours, which whichFirst leaves out of account
	if from := b.FromSite; from != "" && s.site == from || b.Movement != "move" && s.site == b.Site {
		rank = 0
	}
	if s.loss != nil || s.gone != nil { // last, wherever it was
		rank += 8
	}
	return rank + inHand(s)
}

// post returns the state after a posting.
func (b *Stock) post(s *state, e *event) *state {
	n := s.with(e.rec)
	n.day = e.day
	switch b.Movement {
	case "expend":
		n.gone, n.inStock = e.rec, nil
	case "issue": // out of the store, but not to another party: that is a transfer
		n.site, n.inStock = "", nil
	case "found":
		n.loss, n.missed = nil, nil
		n.site, n.inStock = b.Site, e.rec
	default:
		n.site, n.inStock = b.Site, e.rec
	}
	return n
}

// notHeld remarks on a record about rounds that its holder does not have (R0).
func (c *custody) notHeld(w want, cells []int) {
	c.dependOn(w.line)
	for _, i := range cells {
		if c.past[i][w.holder] != nil {
			c.remark("SOURCES_DISAGREE", w.event, cells,
				say("%s records rounds of %s that it does not hold by the records of that day; it held them before.", w.holder, w.line.Item))
			return
		}
	}
	if c.gains(w.holder, w.line.cells, w.event.day) {
		c.remark("SOURCES_DISAGREE", w.event, cells,
			say("%s records rounds of %s that it does not hold by the records of that day; it gets them later.", w.holder, w.line.Item))
		return
	}
	c.remark("INSUFFICIENT_STOCK", w.event, cells,
		say("%s records rounds of %s that it does not hold by the records of that day.", w.holder, w.line.Item))
}

// gains reports whether a later transfer gives a party rounds of a region.
func (c *custody) gains(party string, r region, after Day) bool {
	if c.to == nil {
		c.to = map[string][]*event{}
		for _, e := range c.events {
			if t := e.transfer(); t != nil {
				c.to[t.To] = append(c.to[t.To], e)
			}
		}
	}
	return slices.ContainsFunc(c.to[party], func(e *event) bool {
		return e.day > after && slices.ContainsFunc(e.lines, func(l eventLine) bool { return !l.lost && !l.cells.meet(r).empty() })
	})
}

// expectLosses applies losses that were discovered after the day, of goods that
// were last known to be right on or before it.
func (c *custody) expectLosses(day Day) {
	for _, e := range c.events {
		if b, ok := e.rec.Body.(*Loss); ok && e.day > day && b.since(e.rec) <= day {
			c.happen(e)
		}
	}
}

// since returns the first day of a loss.
func (b *Loss) since(r *Record) Day {
	if b.LastCorrect.IsZero() {
		return r.At.Day()
	}
	return b.LastCorrect.Day()
}
