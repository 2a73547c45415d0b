package trace

import (
	"cmp"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A laid is a lot laid out: all that the records of a log tell of it, before any of
// it is carried out. It is not changed any more, so that many courses begin from one.
type laid struct {
	lot     marking.ID
	maker   string
	records []*Record // about the lot, seen or not, in the order of days and names, as all lists of records are
	some    bool      // of them only those are here that one item depends on
	unsure  []Day     // of which not enough is here to tell which of several transfers came first
	lots    []*Record // lot records that are seen
	unheard []*Record // seen, but from a source whose word does not count (R0)
	sights  []*Record // sightings and recoveries, seen or not
	joined  []*cluster
	unseen  []*cluster // those of them of which no telling is seen
	known   bool       // a record that is seen speaks of the lot

	packed    *packing // as packed
	layout    *packing // and cut where a line, or what was asked, begins or ends
	story     []*event // in their order, as nothing has happened yet
	glance    []glance // of each event
	looseFrom Day      // the first day of a line that does not say of which rounds it is
	loose     bool     // there is such a line
}

// A course is one way in which all that is told of a lot may have come to pass.
type course struct {
	*laid
	*custody
	clusters []*cluster // what it is about may be told by them
}

// courseOf reads the records of a lot and lays it out so that asked can be told
// apart. Nothing has happened yet: see [custody.run].
func courseOf(v *view, lot marking.ID, asked marking.Span) (*course, error) {
	l, err := layOut(v, lot, asked)
	if err != nil {
		return nil, err
	}
	return l.course(v), nil
}

// course begins a course of the whole lot.
func (l *laid) course(v *view) *course {
	c := &course{laid: l, custody: newCustody(v, l.layout, l.layout.root.cells, l.maker), clusters: l.joined}
	c.events = again(l.story)
	return c
}

// layOut reads the records of a lot and lays it out, for a question about one item
// of it, or where asked is the lot or zero, for none.
func layOut(v *view, lot marking.ID, asked marking.Span) (*laid, error) {
	l, said, seen, err := readLot(v, lot)
	if err != nil {
		return nil, err
	}
	l.cut(said, seen, asked)
	if err := l.join(v, seen); err != nil {
		return nil, err
	}
	if l.layout.root.rounds == 0 { // no record says how many: as many as its maker gave
		said = append(said, roundsSaid{span: marking.SpanOf(lot), rounds: l.givenByMaker(), weight: wordOfLine})
		l.cut(said, seen, asked)
	}
	l.tell(seen)
	l.look()
	return l, nil
}

// readLot reads the records of a lot, which of them are seen, and what these say of
// its packages.
func readLot(v *view, lot marking.ID) (l *laid, said []roundsSaid, seen []*Record, err error) {
	records, err := v.touching(marking.SpanOf(lot))
	if err != nil {
		return nil, nil, nil, err
	}
	return lotOf(v, lot, records)
}

// lotOf is [readLot] of records that were read.
func lotOf(v *view, lot marking.ID, records []*Record) (l *laid, said []roundsSaid, seen []*Record, err error) {
	l = &laid{lot: lot, maker: lot.Maker(), records: records}
	for _, r := range records {
		if r.Kind == KindSighting || r.Kind == KindRecovery {
			l.sights = append(l.sights, r)
		}
		ok, err := v.stands(r)
		if err != nil {
			return nil, nil, nil, err
		}
		if !ok {
			continue
		}
		seen = append(seen, r)
		switch b := r.Body.(type) {
		case *Lot:
			l.lots, l.known = append(l.lots, r), true
			said = append(said, roundsSaid{span: marking.SpanOf(b.Item), rounds: b.Quantity, ref: r.Ref(), weight: l.weigh(r)})
		case *Pack:
			l.known = true
			said = append(said, roundsSaid{span: marking.SpanOf(b.Item), rounds: b.Quantity, ref: r.Ref(), weight: l.weigh(r)})
			for _, u := range b.Units {
				said = append(said, roundsSaid{span: u.Item, each: u.Each, ref: r.Ref(), weight: l.weigh(r)})
			}
		case *Transfer:
			l.known = true
		}
	}
	return l, said, seen, nil
}

// join finds which transfers are one event told by several sources. Whether they are
// is the same for each lot that they are about.
func (l *laid) join(v *view, seen []*Record) error {
	all, err := l.heard(v, seen)
	if err != nil {
		return err
	}
	others := map[marking.ID]*packing{}
	l.joined = joinTellings(all, func(r *Record) bool {
		for _, x := range r.Lines() {
			lot := x.Item.First().Lot()
			p := others[lot]
			switch {
			case lot == l.lot:
				p = l.layout
			case p == nil:
				other, said, seen, e := readLot(v, lot)
				if e != nil {
					err = e
					return false
				}
				other.cut(said, seen, marking.Span{})
				p = other.layout
				others[lot], v.elsewhere = p, true
			}
			if !p.gives(x) {
				return false
			}
		}
		return true
	})
	for i, k := range l.joined {
		k.place = i
		if len(k.tellers) == 0 {
			l.unseen = append(l.unseen, k)
		}
	}
	return err
}

// gives reports whether a line gives the whole of its item.
func (p *packing) gives(x Line) bool {
	r, exact, found := p.cellsOf(x.Item)
	return found && exact && x.Quantity >= p.rounds(r)
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
func (l *laid) weigh(r *Record) int {
	if r.Source == l.maker {
		return wordOfMaker
	}
	return wordOfOther
}

// cut makes the layout: as packed, and cut where a line or the question begins or
// ends. Packages that no pack names are taken from the lines, as long as the package
// around them is not filled by others.
func (l *laid) cut(said []roundsSaid, seen []*Record, asked marking.Span) {
	packed := newPacking(l.lot, slices.Clone(said), nil)
	var items []marking.Span
	named := map[marking.Span]int64{}
	var order []marking.Span
	for _, r := range l.records {
		stands := len(seen) > 0 && seen[0] == r
		if stands {
			seen = seen[1:]
		}
		for _, x := range r.Lines() {
			if x.Item.First().Lot() != l.lot || x.Item.First().Depth() == 0 {
				continue
			}
			if packed.covers(x.Item) {
				items = append(items, x.Item)
				continue
			}
			if _, n := packed.around(x.Item); stands && !n.filled {
				if _, ok := named[x.Item]; !ok {
					order = append(order, x.Item)
				}
				named[x.Item] = max(named[x.Item], x.Quantity)
			}
		}
	}
	for _, item := range order {
		said = append(said, roundsSaid{span: item, rounds: named[item], weight: wordOfLine})
	}
	if item := packed.cutFor(asked); !item.IsZero() {
		items = append(items, item)
	}
	l.packed, l.layout = packed, newPacking(l.lot, slices.Clone(said), items)
}

// cutFor returns what a lot, as packed, has to be cut at for a question about an item:
// the item, or the smallest package around it that records name. Zero means nothing.
func (p *packing) cutFor(asked marking.Span) marking.Span {
	if asked.IsZero() || asked.First().Depth() == 0 {
		return marking.Span{}
	}
	if p.covers(asked) {
		return asked
	}
	if id, _ := p.around(asked); id.Depth() > 0 {
		return marking.SpanOf(id)
	}
	return marking.Span{}
}

// heard returns the transfers whose word counts, seen or not, and notes the
// records of every kind whose word does not (R0).
func (l *laid) heard(v *view, seen []*Record) ([]*told, error) {
	var out []*told
	for _, r := range l.records {
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
			l.unheard = append(l.unheard, r)
		}
	}
	return out, nil
}

// givenByMaker returns the rounds that the maker's transfers need: the largest
// line, or all lines together.
func (l *laid) givenByMaker() (rounds int64) {
	var sum int64
	for _, k := range l.joined {
		if len(k.tellers) == 0 {
			continue
		}
		t := k.tellers[0].Body.(*Transfer)
		for _, x := range t.Lines {
			if x.Item.First().Lot() == l.lot {
				rounds = max(rounds, x.Quantity)
				if t.From == l.maker {
					sum += x.Quantity
				}
			}
		}
	}
	return max(rounds, sum)
}

// tell makes the events of the lot, in their order.
func (l *laid) tell(seen []*Record) {
	of := map[Ref]*event{}
	for _, k := range l.joined {
		if len(k.tellers) == 0 {
			continue
		}
		e := l.newEvent(k.tellers[0], k.tellers)
		e.told = k
		for _, m := range k.members {
			of[m.rec.Ref()] = e
			e.names = append(e.names, m.rec.Ref())
		}
		l.story = append(l.story, e)
	}
	unheard := l.unheard // in the order of seen
	for _, r := range seen {
		if len(unheard) > 0 && unheard[0] == r {
			unheard = unheard[1:]
			continue
		}
		if holderIn(r) == "" {
			continue
		}
		e := l.newEvent(r, []*Record{r})
		if d, ok := r.Body.(*Delivery); ok {
			e.delivers = of[d.Transfer]
			if e.delivers != nil {
				e.delivers.deliveries = append(e.delivers.deliveries, r)
			}
		}
		l.story = append(l.story, e)
	}
	slices.SortFunc(l.story, func(a, b *event) int {
		if c := cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order)); c != 0 {
			return c
		}
		return cmp.Compare(a.rec.Ref(), b.rec.Ref())
	})
	for i, e := range l.story {
		e.place = i
	}
}

func (l *laid) newEvent(r *Record, tellers []*Record) *event {
	e := &event{rec: r, tellers: tellers, refs: refsOf(tellers), day: r.At.Day(), order: dayOrder(r), holder: holderIn(r)}
	for _, x := range r.Lines() {
		if x.Item.First().Lot() != l.lot {
			continue
		}
		cells, exact, found := l.layout.cellsOf(x.Item)
		holds := l.layout.rounds(cells)
		e.lines = append(e.lines, eventLine{Line: x, cells: cells, holds: holds, lost: !found,
			placed: found && exact && x.Quantity >= holds})
	}
	return e
}
