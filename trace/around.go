package trace

import "github.com/sublot/sublot/marking"

// What becomes of some packages may depend on others: a record is of goods that its
// holder has not as a whole, or others tell in which order the transfers of a day came.
// Then all packages of that record are followed, and of the lot no more.

// What is followed around a package may be read and followed again for each package that
// is taken in, until it would have been less to follow the whole lot.
const (
	leastAround = 1000 // records that may be looked at however few the lot has
	shareAround = 2    // of what the lot has, one part in so many
)

// followAround follows what was asked, with the packages that it depends on. It reports
// false where these cannot be told from the others, or are all.
func (a *answer) followAround() (enough bool, err error) {
	day := a.q.day()
	looked := 0
	for around := a.asked; around.First().Depth() > 0; {
		l, err := a.layAround(around)
		if l == nil || err != nil || !l.allPlaced(day) {
			return false, err
		}
		mine, exact, found := l.layout.cellsOf(a.asked)
		if !exact || !found {
			return false, nil
		}
		r, exact, found := l.layout.cellsOf(around)
		if !exact || !found || r == l.layout.root.cells {
			return false, nil
		}
		c, err := l.followSome(a.v, r, day)
		if err != nil {
			return false, err
		}
		if c.alone {
			a.laid, a.region, a.ways = l, mine, []*course{c}
			return true, nil
		}
		all := len(l.records)
		if l.some { // each time the index is looked through, too
			all = a.outlined.items
			looked += len(l.records) + all/(8*shareAround)
		}
		looked += len(c.events)
		if len(c.others) == 0 || looked > max(leastAround, all/shareAround) {
			return false, nil
		}
		for _, o := range c.others {
			around = joined(around, o.Item)
		}
	}
	return false, nil
}

// layAround lays out as much of the lot as a question about some packages around what was
// asked depends on, where that is told apart from its like, or the whole lot. It returns nil
// where the first is not told.
func (a *answer) layAround(around marking.Span) (*laid, error) {
	if a.cut && !a.laid.some {
		return a.laid, nil
	}
	n, err := a.outline()
	if n != nil && err == nil {
		return n.lay(a.laid.lot, around, a.asked)
	}
	if err == nil {
		err = a.layApart()
	}
	return a.laid, err
}

// followSome begins a course and carries out the events up to a day for the cells of a
// region. Where it met something that depends on other cells, it is not alone.
func (l *laid) followSome(v *view, r region, day Day) (*course, error) {
	c := &course{laid: l, custody: newCustody(v, l.layout, r, l.maker)}
	c.alone = true
	c.comesNext = func(e *event, done []*event) bool { return l.fitsAlike(c, r, e.lines[0].cells.lo, e, done) }
	return c, c.carryOut(c.gather(r), day)
}

// joined returns what two items are both in: the run from the first package to the last
// where they are like packages of one parent, else the smallest package that holds both.
func joined(a, b marking.Span) marking.Span {
	if keyOf(a) == keyOf(b) && keyOf(a).width > 0 {
		lo, hi := a.Ordinals()
		from, to := b.Ordinals()
		return a.SpanIn(min(lo, from), max(hi, to))
	}
	id := a.First()
	if a.IsRun() {
		id = id.Parent()
	}
	for !marking.SpanOf(id).Contains(b) {
		id = id.Parent()
	}
	return marking.SpanOf(id)
}
