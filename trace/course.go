package trace

import (
	"cmp"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A course is all that the records of a log tell of one lot.
type course struct {
	*custody
	lot      marking.ID
	maker    string
	records  []*Record // about the lot, seen or not, in the order of days and names, as all lists of records are
	lots     []*Record // lot records that are seen
	unheard  []*Record // seen, but from a source whose word does not count (R0)
	clusters []*cluster
	known    bool // a record that is seen speaks of the lot
}

// courseOf reads the records of a lot and lays it out so that asked can be told
// apart. Nothing has happened yet: see [custody.run].
func courseOf(v *view, lot marking.ID, asked marking.Span) (*course, error) {
	records, err := v.touching(marking.SpanOf(lot))
	if err != nil {
		return nil, err
	}
	c := &course{lot: lot, maker: lot.Maker(), records: records}
	var seen []*Record
	var said []roundsSaid
	for _, r := range records {
		ok, err := v.stands(r)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		seen = append(seen, r)
		switch b := r.Body.(type) {
		case *Lot:
			c.lots, c.known = append(c.lots, r), true
			said = append(said, roundsSaid{span: marking.SpanOf(b.Item), rounds: b.Quantity, ref: r.Ref(), weight: c.weigh(r)})
		case *Pack:
			c.known = true
			said = append(said, roundsSaid{span: marking.SpanOf(b.Item), rounds: b.Quantity, ref: r.Ref(), weight: c.weigh(r)})
			for _, u := range b.Units {
				said = append(said, roundsSaid{span: u.Item, each: u.Each, ref: r.Ref(), weight: c.weigh(r)})
			}
		case *Transfer:
			c.known = true
		}
	}
	p := c.layOut(said, seen, asked)
	told, err := c.heard(v, seen)
	if err != nil {
		return nil, err
	}
	c.clusters = joinTellings(told, func(r *Record) bool { return placedIn(p, r.Body.(*Transfer).Lines) })
	if p.root.rounds == 0 { // no record says how many: as many as its maker gave
		said = append(said, roundsSaid{span: marking.SpanOf(lot), rounds: c.givenByMaker(), weight: wordOfLine})
		p = c.layOut(said, seen, asked)
	}
	c.custody = newCustody(v, p, c.maker)
	c.tell(seen)
	return c, nil
}

// stands reports whether a record is known and not voided.
func (v *view) stands(r *Record) (bool, error) {
	if !v.isKnown(r) {
		return false, nil
	}
	void, err := v.voided(r)
	return void == nil, err
}

// weigh says whose word a lot or pack record is (R7).
func (c *course) weigh(r *Record) int {
	if r.Source == c.maker {
		return wordOfMaker
	}
	return wordOfOther
}

// layOut lays out the lot: as packed, and cut where a line or the question
// begins or ends. Packages that no pack names are taken from the lines, as long
// as the package around them is not filled by others.
func (c *course) layOut(said []roundsSaid, seen []*Record, asked marking.Span) *packing {
	base := newPacking(c.lot, slices.Clone(said), nil)
	var items []marking.Span
	named := map[marking.Span]int64{}
	var order []marking.Span
	for _, r := range c.records {
		stands := len(seen) > 0 && seen[0] == r
		if stands {
			seen = seen[1:]
		}
		for _, l := range r.Lines() {
			if l.Item.First().Lot() != c.lot || l.Item.First().Depth() == 0 {
				continue
			}
			if base.covers(l.Item) {
				items = append(items, l.Item)
				continue
			}
			if _, n := base.around(l.Item); stands && !n.filled {
				if _, ok := named[l.Item]; !ok {
					order = append(order, l.Item)
				}
				named[l.Item] = max(named[l.Item], l.Quantity)
			}
		}
	}
	for _, item := range order {
		said = append(said, roundsSaid{span: item, rounds: named[item], weight: wordOfLine})
	}
	switch {
	case asked.IsZero() || asked.First().Depth() == 0:
	case base.covers(asked):
		items = append(items, asked)
	default:
		if id, _ := base.around(asked); id.Depth() > 0 {
			items = append(items, marking.SpanOf(id))
		}
	}
	return newPacking(c.lot, slices.Clone(said), items)
}

// placedIn reports whether all lines about the lot of a packing give the whole of their items.
func placedIn(p *packing, ls []Line) bool {
	for _, l := range ls {
		if l.Item.First().Lot() != p.lot {
			continue
		}
		r, exact, found := p.cellsOf(l.Item)
		if !found || !exact || l.Quantity < p.rounds(r) {
			return false
		}
	}
	return true
}

// heard returns the transfers whose word counts, seen or not, and notes the
// records of every kind whose word does not (R0).
func (c *course) heard(v *view, seen []*Record) ([]*told, error) {
	var out []*told
	for _, r := range c.records {
		stands := len(seen) > 0 && seen[0] == r
		if stands {
			seen = seen[1:]
		}
		var counts bool
		var err error
		if t, ok := r.Body.(*Transfer); ok {
			if counts, err = v.speaksFor(r.Source, r.At.Day(), t.From, t.To); counts {
				out = append(out, &told{rec: r, seen: stands})
			}
		} else if holder := holderIn(r); holder != "" {
			counts, err = v.speaksFor(r.Source, r.At.Day(), holder)
		} else {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !counts && stands {
			c.unheard = append(c.unheard, r)
		}
	}
	return out, nil
}

// givenByMaker returns the rounds that the maker's transfers need: the largest
// line, or all lines together.
func (c *course) givenByMaker() (rounds int64) {
	var sum int64
	for _, k := range c.clusters {
		if len(k.tellers) == 0 {
			continue
		}
		t := k.tellers[0].Body.(*Transfer)
		for _, l := range t.Lines {
			if l.Item.First().Lot() == c.lot {
				rounds = max(rounds, l.Quantity)
				if t.From == c.maker {
					sum += l.Quantity
				}
			}
		}
	}
	return max(rounds, sum)
}

// tell makes the events of the lot, in their order.
func (c *course) tell(seen []*Record) {
	of := map[Ref]*event{}
	for _, k := range c.clusters {
		if len(k.tellers) == 0 {
			continue
		}
		e := c.newEvent(k.tellers[0], k.tellers)
		for _, m := range k.members {
			of[m.rec.Ref()] = e
			e.names = append(e.names, m.rec.Ref())
		}
		c.events = append(c.events, e)
	}
	unheard := c.unheard // in the order of seen
	for _, r := range seen {
		if len(unheard) > 0 && unheard[0] == r {
			unheard = unheard[1:]
			continue
		}
		if holderIn(r) == "" {
			continue
		}
		e := c.newEvent(r, []*Record{r})
		if d, ok := r.Body.(*Delivery); ok {
			e.delivers = of[d.Transfer]
			if e.delivers != nil {
				e.delivers.deliveries = append(e.delivers.deliveries, r)
			}
		}
		c.events = append(c.events, e)
	}
	slices.SortFunc(c.events, func(a, b *event) int {
		if c := cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order)); c != 0 {
			return c
		}
		return cmp.Compare(a.rec.Ref(), b.rec.Ref())
	})
}

func (c *course) newEvent(r *Record, tellers []*Record) *event {
	e := &event{rec: r, tellers: tellers, day: r.At.Day(), order: dayOrder(r), holder: holderIn(r)}
	for _, l := range r.Lines() {
		if l.Item.First().Lot() != c.lot {
			continue
		}
		cells, exact, found := c.packing.cellsOf(l.Item)
		holds := c.packing.rounds(cells)
		e.lines = append(e.lines, eventLine{Line: l, cells: cells, holds: holds, lost: !found,
			placed: found && exact && l.Quantity >= holds})
	}
	return e
}
