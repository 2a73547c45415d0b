package trace

import "github.com/sublot/sublot/marking"

// What becomes of some packages may depend on others: a record is of goods that its
// holder has not as a whole, or a package was given twice on one day. Then all packages
// of that record are followed, and of the lot no more.

// mostAround is how often further packages are taken in before the whole lot is followed.
const mostAround = 8

// followAround follows what was asked, with the packages that it depends on. It reports
// false where these cannot be told from the others, or are all.
func (a *answer) followAround() (enough bool, err error) {
	day := a.q.day()
	for around, n := a.asked, 0; around.First().Depth() > 0 && n < mostAround; n++ {
		l, err := a.layAround(around)
		if l == nil || err != nil || !l.told(day) {
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
		if len(c.others) == 0 {
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
