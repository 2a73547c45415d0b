package trace

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/sublot/sublot/marking"
)

// What becomes of one cell does not depend on what becomes of the others, where
// every line of the lot says which packages it is about, and is of no more than they
// hold. A question about one package of such a lot is answered without carrying out
// all that happened to the others, and in the same words.

// A glance is what there is to know of an event before it is looked at.
type glance struct {
	lo, hi int32 // the cells between which its lines lie
	always bool  // it may matter to a cell that it does not name
}

// look makes the glances, and finds the first line that does not say which packages it is about.
func (l *laid) look() {
	l.glance = make([]glance, len(l.story))
	for i, e := range l.story {
		g := glance{lo: math.MaxInt32, always: e.remarkedEverywhere()}
		for j := range e.lines {
			x := &e.lines[j]
			if x.lost {
				g.always = true
				continue
			}
			g.lo, g.hi = min(g.lo, int32(x.cells.lo)), max(g.hi, int32(x.cells.hi))
			if x.placed && x.beyond() == 0 {
				continue
			}
			day := e.day
			if e.rec.Kind == KindLoss { // which may have begun earlier
				day = NoDay
			}
			l.loosen(day)
		}
		l.glance[i] = g
	}
}

// loosen notes that a line of a day does not say of which rounds it is.
func (l *laid) loosen(day Day) {
	if !l.loose || day < l.looseFrom {
		l.loose, l.looseFrom = true, day
	}
}

// remarkedEverywhere reports whether an event is a delivery of what is not on record,
// which is remarked on for the whole lot.
func (e *event) remarkedEverywhere() bool { return e.rec.Kind == KindDelivery && e.delivers == nil }

// A part is so many rounds of one cell, or the whole of a region.
type part struct {
	cells  region
	rounds int64
}

// partOf finds an item in a lot that was laid out for none. It reports false where the
// layout for a question about the item would be another one, but for an item out of a
// run of like packages that stand in one cell, of which it returns the part.
func (l *laid) partOf(asked marking.Span) (part, bool) {
	cut := l.packed.cutFor(asked)
	if cut.IsZero() || l.layout.single[cut.First()] != nil {
		return part{}, true
	}
	ns, lo, hi := l.layout.meeting(cut)
	switch {
	case len(ns) == 0:
		return part{}, false
	case ns[0].lo == lo && ns[len(ns)-1].hi == hi:
		return part{}, true
	case len(ns) == 1 && cut == asked && len(ns[0].children) == 0 && ns[0].each > 0:
		return part{ns[0].cells, ns[0].each * asked.Count()}, true
	}
	return part{}, false
}

// allPlaced reports whether every line up to a day says of which rounds it is.
func (l *laid) allPlaced(day Day) bool { return !l.loose || day < l.looseFrom }

// mayFollow reports whether the events up to a day can be carried out for one cell alone.
func (l *laid) mayFollow(p part, day Day) bool {
	return p.cells.hi-p.cells.lo == 1 && p.rounds > 0 && l.allPlaced(day)
}

// theCell is the one cell of a course that was followed alone.
var theCell = region{0, 1}

// follow begins a course and carries out the events up to a day, for one cell alone,
// which is [theCell] of the course. It reports false where it met something that depends
// on other cells: the course is of no use then.
func (l *laid) follow(v *view, p part, day Day) (*course, bool, error) {
	c := &course{laid: l, custody: newCustodyOfCell(v, l.layout, p.rounds, l.maker)}
	near := c.gather(p.cells)
	for _, e := range c.events {
		for i := range e.lines {
			x := &e.lines[i]
			x.cells = theCell
			x.narrowed = x.narrowed || l.some // what is not here may tell its packages apart
		}
	}
	c.comesNext = func(e *event, done []*event) bool { return l.fitsAlike(c, p.cells, theCell.lo, e, done) }
	err := c.carryOut(near, day)
	return c, c.alone && len(c.at[theCell.lo]) == 1, err
}

// gather gives a course the events that name cells of a region, narrowed to it, and
// returns them with those that may matter to every cell.
func (c *course) gather(r region) (near []*event) {
	for i, g := range c.glance {
		if g.always || int(g.lo) < r.hi && r.lo < int(g.hi) {
			near = append(near, c.story[i])
		}
	}
	near = again(near)
	for _, e := range near {
		if e.told != nil {
			c.clusters = append(c.clusters, e.told)
		}
		if e.narrow(r) || e.remarkedEverywhere() {
			c.events = append(c.events, e)
		}
	}
	return near
}

// carryOut carries out up to a day what was gathered.
func (c *course) carryOut(near []*event, day Day) error {
	err := c.run(day)
	c.expectLosses(day)
	c.events = near
	c.clusters = append(c.clusters, c.unseen...)
	slices.SortFunc(c.clusters, func(x, y *cluster) int { return cmp.Compare(x.place, y.place) })
	return err
}

// fitsAlike reports whether a transfer that fits by one of the cells that are followed fits
// by all that it gives, since what was done with any of that up to now was done with all,
// and since nobody who had it could give some of it to others meanwhile. Which of several
// transfers of a day comes next is then told by the cell.
func (l *laid) fitsAlike(c *course, followed region, cell int, e *event, done []*event) bool {
	if len(l.story[e.place].lines) != 1 || len(c.at[cell]) != 1 || slices.Contains(l.unsure, e.day) {
		return false
	}
	e = l.story[e.place] // with all that it gives
	gives := e.lines[0].cells
	today := sort.Search(len(l.story), func(i int) bool { return l.story[i].day >= e.day })
	if !c.undivided(l.story[:today], gives) {
		return false
	}
	had := []string{c.at[cell][0].holder} // all who may have had it on this day
	for _, d := range done {
		had = append(had, d.transfer().From, d.transfer().To)
	}
	for _, x := range l.story[today:] {
		if x.day > e.day {
			break
		}
		some, all := x.within(gives)
		if x == e || !some || all {
			continue
		}
		if slices.ContainsFunc(done, func(d *event) bool { return d.place == x.place }) {
			return false
		}
		if x.transfer() == nil { // after the transfers of its day
			continue
		}
		if near, _ := x.within(followed); !near && c.mayBeOf(x, had) {
			return false
		}
	}
	return true
}

// mayBeOf reports whether the goods that an event is of may be those of one of some parties.
func (c *custody) mayBeOf(e *event, parties []string) bool {
	return slices.ContainsFunc(parties, func(party string) bool { return c.standsFor(e.by(), party, e.day) })
}

// undivided reports whether some events, in their order, did with all of a region what
// they did with any of it: those of a part of it are by parties that cannot have had any
// of the region by then.
func (c *course) undivided(events []*event, r region) bool {
	had := []string{c.maker}
	for len(events) > 0 {
		day := events[0].day
		n := sort.Search(len(events), func(i int) bool { return events[i].day > day })
		for again := true; again; { // what comes first on a day is not known
			again = false
			for _, e := range events[:n] {
				some, all := e.within(r)
				if !some || !c.mayBeOf(e, had) {
					continue
				}
				if !all {
					return false
				}
				if to := e.to(); !slices.Contains(had, to) {
					had, again = append(had, to), true
				}
			}
		}
		events = events[n:]
	}
	return true
}

// by returns who has the goods that an event is of, before it.
func (e *event) by() string {
	switch t := e.transfer(); {
	case t != nil:
		return t.From
	case e.delivers != nil:
		return e.delivers.transfer().To
	}
	return e.holder
}

// to returns who has them after it.
func (e *event) to() string {
	if t := e.transfer(); t != nil {
		return t.To
	}
	return e.holder
}

// within reports whether an event is of some of the cells of a region, and of all by
// each line that is of some.
func (e *event) within(r region) (some, all bool) {
	all = true
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost || l.cells.meet(r).empty() {
			continue
		}
		some, all = true, all && l.cells.meet(r) == r
	}
	return some, all
}

// narrow leaves of the lines of an event what lies in a region, where any does.
func (e *event) narrow(r region) bool {
	if !slices.ContainsFunc(e.lines, func(l eventLine) bool { return !l.lost && !l.cells.meet(r).empty() }) {
		return false
	}
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost {
			continue
		}
		in := l.cells.meet(r)
		l.narrowed, l.lost, l.cells = in != l.cells, in.empty(), in
	}
	return true
}
