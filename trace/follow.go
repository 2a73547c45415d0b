package trace

import "slices"

// What becomes of one cell does not depend on what becomes of the others, where
// every line of the lot says which packages it is about, and is of no more than they
// hold. A question about one package of such a lot is answered without carrying out
// all that happened to the others, and in the same words.

// mayFollow reports whether the events up to a day can be carried out for a region alone.
func (c *course) mayFollow(r region, day Day) bool {
	if r.hi-r.lo != 1 || c.packing.rounds(r) <= 0 {
		return false
	}
	for _, e := range c.events {
		if e.day > day && e.rec.Kind != KindLoss { // which may have begun by then
			continue
		}
		if slices.ContainsFunc(e.lines, func(l eventLine) bool { return !l.lost && (!l.placed || l.beyond() > 0) }) {
			return false
		}
	}
	return true
}

// follow carries out the events up to a day for one cell alone. It reports false
// where it met something that depends on other cells: the course is of no further
// use then.
func (c *course) follow(r region, day Day) (bool, error) {
	c.alone = true
	clear(c.at)
	c.put(&account{state: &state{holder: c.maker, day: NoDay}, full: true, size: c.packing.rounds(r), cells: r.all()}, r.all())
	var bear []*event
	last := NoDay // of a transfer
	for _, e := range c.events {
		switch _, delivery := e.rec.Body.(*Delivery); {
		case e.narrow(r):
			if e.transfer() == nil {
				break
			}
			if e.day == last && e.day <= day {
				return false, nil // which of them comes first, other cells may tell
			}
			last = e.day
		case delivery && e.delivers == nil: // is remarked on for the whole lot
		default:
			continue
		}
		bear = append(bear, e)
	}
	all := c.events
	c.events = bear
	err := c.run(day)
	c.expectLosses(day)
	c.events = all
	return c.alone && len(c.at[r.lo]) == 1, err
}

// narrow leaves of the lines of an event what lies in a region, where any does.
func (e *event) narrow(r region) bool {
	if !slices.ContainsFunc(e.lines, func(l eventLine) bool { return !l.lost && !l.cells.meet(r).empty() }) {
		return false
	}
	for i := range e.lines {
		l := &e.lines[i]
		l.cells = l.cells.meet(r)
		l.lost = l.lost || l.cells.empty()
	}
	return true
}
