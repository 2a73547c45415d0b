package trace

import (
	"maps"
	"slices"
)

// A state is what the records make of some rounds at a moment: who holds them,
// whose they lawfully are, and how they came there. States are never changed,
// only followed by others.
type state struct {
	holder  string
	endUser string // the lawful end user, empty where none is named
	named   bool   // endUser was named by a transfer to somebody else and has not received them yet
	astray  bool   // after a transfer that was not authorised
	clauses []binding
	lender  *state // where they are on loan or lease: the state of whoever lent them

	giver  string // who gave them to the holder
	before *state // the state in which it gave them
	again  *state // the state that this is once more, after goods came back from a loan or as a return
	came   *arrival

	site    string
	inStock *Record // the stock record that places them there
	loss    *Record
	missed  *Record // a loss that no find had ended when the goods were given on
	gone    *Record // the destruction or expenditure
	day     Day     // of the last record that places them with the holder
	links   *link
}

// A binding is a non-retransfer clause and the party that it binds for these goods.
type binding struct {
	clause *Clause
	euc    Ref
	party  string
}

// is reports whether two bindings are the same; a ledger may read one record twice.
func (b binding) is(o binding) bool { return b.euc == o.euc && b.party == o.party }

// An arrival is the transfer by which goods came to their holder, and whether
// a delivery confirmed it.
type arrival struct {
	event     *event
	delivered bool
}

// A link is one record of a chain of custody, the latest first.
type link struct {
	rec  *Record
	prev *link
}

func (s *state) with(r *Record) *state {
	n := *s
	n.links = &link{r, s.links}
	return &n
}

// An account is rounds that are in one state. Where they are known package by
// package it is full; else it may lie in any of its cells, and so may its kin:
// the other accounts of the same pool.
type account struct {
	*state
	size   int64 // rounds that came into it
	out    int64 // rounds that left it without a word on which
	full   bool  // it is all that its cells hold
	parent *account
	pool   *pool
	over   bool  // it claims what the giver no longer had
	mixed  bool  // it was made of several, so its links are of one of them only
	cells  []int // in order
	mark   int   // the last search that met it
}

type pool struct{ members []*account }

// left returns how many rounds are still in the account.
func (a *account) left() int64 { return max(a.size-a.out, 0) }

// A remark is a flag that the course of events raised, and where.
type remark struct {
	code    string
	event   *event
	cells   []int
	records []Ref
	says    Sentence
}

func (m remark) bearsOn(r region) bool {
	in, _ := inside(m.cells, r)
	return len(in) > 0
}

// A custody is the course of a lot: who held which rounds, day by day.
type custody struct {
	v         *view
	packing   *packing
	at        [][]*account        // by cell
	past      []map[string]*state // by cell: the state in which a party last gave them
	remarks   []remark
	allowed   []remark              // why transfers under a clause were lawful
	spent     map[Ref]map[int]int64 // rounds used up, by consent and line
	events    []*event              // all of them, also those after the day
	givenBack []*event              // those that are returns, nil: not looked for
	to        map[string][]*event   // transfers by who receives, nil: not looked for
	until     Day                   // the day of the question
	search    int
	turns     []turn // what is chosen at each fork, as far as it is laid down
	forks     []fork // those that were met
	lacks     []lack // where somebody had not what a record says of it
	lines     int    // that were carried out
	stale     int64  // rounds of the last of them that were lost or gone by then
	alone     bool   // some cells are followed, and nothing that happened to them depends on others
	others    []Line // that what happened depends on, where that is told: not all of their cells are followed
	err       error  // the first that a look-up gave

	// comesNext reports whether a transfer that fits by the cells that are followed fits by
	// all that it gives, after those of its day that are done: see laid.fitsAlike.
	comesNext func(e *event, done []*event) bool
}

// newCustody is the custody of a region of a lot.
func newCustody(v *view, p *packing, r region, maker string) *custody {
	c := &custody{v: v, packing: p, spent: map[Ref]map[int]int64{}}
	n := p.root.cells.hi
	c.at = make([][]*account, n)
	c.past = make([]map[string]*state, n)
	first := &account{state: &state{holder: maker, day: NoDay}, full: true, cells: r.all(), size: p.rounds(r)}
	c.put(first, first.cells)
	return c
}

// newCustodyOfCell is the custody of one cell of so many rounds, alone: c.alone is taken
// back where that cannot be told without the others.
func newCustodyOfCell(v *view, p *packing, rounds int64, maker string) *custody {
	c := &custody{v: v, packing: p.with(part{theCell, rounds}), spent: map[Ref]map[int]int64{}, alone: true,
		at: make([][]*account, 1), past: make([]map[string]*state, 1)}
	first := &account{state: &state{holder: maker, day: NoDay}, full: true, size: rounds, cells: theCell.all()}
	c.put(first, first.cells)
	return c
}

func (c *custody) rounds(cells []int) (sum int64) {
	for _, i := range cells {
		sum += c.packing.rounds(region{i, i + 1})
	}
	return sum
}

// accounts returns the accounts that may lie in a region, in the order of their
// first cell there.
func (c *custody) accounts(r region) []*account {
	c.search++
	var out []*account
	for i := r.lo; i < r.hi; i++ {
		for _, a := range c.at[i] {
			if a.mark != c.search {
				a.mark = c.search
				out = append(out, a)
			}
		}
	}
	return out
}

// inside splits the cells of an account into those in a region and the others.
func inside(cells []int, r region) (in, out []int) {
	lo, _ := slices.BinarySearch(cells, r.lo)
	hi, _ := slices.BinarySearch(cells, r.hi)
	in = slices.Clone(cells[lo:hi])
	return in, append(slices.Clone(cells[:lo]), cells[hi:]...)
}

func (c *custody) drop(a *account, cells []int) {
	for _, i := range cells {
		c.at[i] = slices.DeleteFunc(c.at[i], func(b *account) bool { return a == b })
	}
}

func (c *custody) put(a *account, cells []int) {
	for _, i := range cells {
		c.at[i] = append(c.at[i], a)
	}
}

// carve makes the part of a full account that lies in a region an account of its own.
func (c *custody) carve(a *account, r region) *account {
	in, out := inside(a.cells, r)
	if len(out) == 0 {
		return a
	}
	b := &account{state: a.state, size: c.rounds(in), full: true, over: a.over, mixed: a.mixed, cells: in}
	a.cells, a.size = out, a.size-b.size
	c.drop(a, in)
	c.put(b, in)
	return b
}

// settle takes packages out of a pool, once it is known that one account of it
// held them: none of its kin can lie there any more.
func (c *custody) settle(a *account, r region) *account {
	in, _ := inside(a.cells, r)
	b := &account{state: a.state, size: c.rounds(in), full: true, mixed: a.mixed, cells: in}
	for p, first := a, true; p != nil; p, first = p.parent, false {
		p.size -= b.size
		if !first {
			p.out -= b.size
		}
	}
	for _, kin := range a.pool.members { // what lies beside it in the region stays there
		var mine, rest []int
		for _, i := range kin.cells {
			if _, ok := slices.BinarySearch(in, i); ok {
				mine = append(mine, i)
			} else {
				rest = append(rest, i)
			}
		}
		kin.cells = rest
		c.drop(kin, mine)
	}
	c.put(b, in)
	c.acquit(b, in)
	c.vacate(b, a.cells)
	return b
}

// vacate takes back that the events that brought an account, now known to lie
// elsewhere, may have moved rounds of some cells, where nothing else that they
// brought can lie there.
func (c *custody) vacate(a *account, cells []int) {
	for _, e := range c.events {
		if !a.cameBy(e.rec) {
			continue
		}
		var left []int
		for _, i := range cells {
			if e.bearsOn(region{i, i + 1}) && !slices.ContainsFunc(c.at[i], func(b *account) bool {
				return (b.full || b.left() > 0) && (b.mixed || b.cameBy(e.rec))
			}) {
				left = append(left, i)
			}
		}
		e.leave(left)
		c.forget(func(m *remark) bool { return m.event == e }, left)
	}
}

// cameBy reports whether a record is among those that brought an account.
func (a *account) cameBy(r *Record) bool {
	for l := a.links; l != nil; l = l.prev {
		if l.rec == r {
			return true
		}
	}
	return false
}

// forget takes cells out of some remarks.
func (c *custody) forget(which func(*remark) bool, cells []int) {
	for i := range c.remarks {
		if m := &c.remarks[i]; which(m) {
			m.cells = slices.DeleteFunc(slices.Clone(m.cells), func(cell int) bool { return slices.Contains(cells, cell) })
		}
	}
}

// acquit takes back that events may have moved rounds of some cells which, as it
// turns out, were in an account that they never touched, and that parties may have
// given them: where no other account is there that came so.
func (c *custody) acquit(a *account, cells []int) {
	there := region{cells[0], cells[len(cells)-1] + 1}
	left := map[*event][]int{}
	for _, e := range c.events {
		if a.cameBy(e.rec) || !e.bearsOn(there) {
			continue
		}
		for _, i := range cells {
			if !slices.ContainsFunc(c.at[i], func(b *account) bool { return b != a && (b.mixed || b.cameBy(e.rec)) }) {
				left[e] = append(left[e], i)
			}
		}
		e.leave(left[e])
		c.forget(func(m *remark) bool { return m.event == e }, left[e])
	}
	for _, i := range cells {
		maps.DeleteFunc(c.past[i], func(_ string, old *state) bool {
			return !slices.ContainsFunc(c.at[i], func(b *account) bool { return b.mixed || b.cameThrough(old) })
		})
	}
}

// cameThrough reports whether a state was once this one's.
func (s *state) cameThrough(old *state) bool {
	l := s.links
	for l != nil && l != old.links {
		l = l.prev
	}
	return l == old.links
}

// waitsFor returns the transfer by which rounds came, where a delivery of it is
// still to confirm some.
func (s *state) waitsFor(on Day) *event {
	if s.came == nil || s.came.delivered {
		return nil
	}
	if e := s.came.event; slices.ContainsFunc(e.deliveries, func(r *Record) bool { return r.At.Day() >= on }) {
		return e
	}
	return nil
}

// touch notes that the event bears on some cells.
func (e *event) touch(cells []int) {
	for _, i := range cells {
		if n := len(e.touched); n > 0 && e.touched[n-1].hi == i {
			e.touched[n-1].hi++
		} else {
			e.touched = append(e.touched, region{i, i + 1})
		}
	}
}

// leave notes that the event does not bear on some cells, in order.
func (e *event) leave(cells []int) {
	var kept []region
	for _, t := range e.touched {
		for _, i := range cells {
			if i < t.lo || i >= t.hi {
				continue
			}
			if t.lo < i {
				kept = append(kept, region{t.lo, i})
			}
			t.lo = i + 1
		}
		if !t.empty() {
			kept = append(kept, t)
		}
	}
	e.touched = kept
}

func (e *event) bearsOn(r region) bool {
	for _, t := range e.touched {
		if !t.meet(r).empty() {
			return true
		}
	}
	return false
}

func (c *custody) remark(code string, e *event, cells []int, says Sentence, more ...Ref) {
	c.remarks = append(c.remarks, remark{code, e, cells, append(e.refs, more...), says})
}

// run carries out the events up to a day, in their order, or up to where some cells
// turn out to depend on others.
func (c *custody) run(until Day) error {
	c.until = until
	events, some := c.events, c.alone
	for len(events) > 0 && events[0].day <= until && c.err == nil && c.alone == some {
		n := 1
		for n < len(events) && events[n].day == events[0].day {
			n++
		}
		day := slices.Clone(events[:n])
		events = events[n:]
		var transfers []*event
		for len(day) > 0 && day[0].transfer() != nil {
			transfers, day = append(transfers, day[0]), day[1:]
		}
		c.transfersOfDay(transfers)
		for _, e := range day {
			c.happen(e)
		}
	}
	return c.err
}

// transfersOfDay carries out the transfers of one day by the chain that fits:
// first those whose giver holds the goods, then the others (R3).
func (c *custody) transfersOfDay(ts []*event) {
	var done []*event
	for several := len(ts) > 1; len(ts) > 0; {
		next := slices.IndexFunc(ts, c.fits)
		if several && c.alone {
			c.isNext(ts, next, done)
		}
		next = max(next, 0)
		c.give(ts[next])
		done = append(done, ts[next])
		ts = slices.Delete(ts, next, next+1)
	}
}

// isNext makes sure, where only some cells are followed, that the transfer that seems to
// fit comes next. One that does not fit by these does not fit; where none fits, the first
// is next; so the first is, too, where it alone may fit.
func (c *custody) isNext(ts []*event, next int, done []*event) {
	switch {
	case next < 0, next == 0 && !slices.ContainsFunc(ts[1:], c.fits), !ts[next].narrowed(), c.comesNext(ts[next], done):
	default:
		for i := range ts[next].lines {
			c.dependOn(&ts[next].lines[i])
		}
	}
}

// narrowed reports whether not all cells of an event are followed.
func (e *event) narrowed() bool {
	return slices.ContainsFunc(e.lines, func(l eventLine) bool { return l.narrowed })
}

// dependOn notes that what is done depends on all cells of a line.
func (c *custody) dependOn(l *eventLine) {
	if l.narrowed {
		c.alone, c.others = false, append(c.others, l.Line)
	}
}

// fits reports whether the giver holds all that a transfer gives.
func (c *custody) fits(e *event) bool {
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost {
			continue
		}
		need := l.Quantity
		if c.alone { // of a line that is of all of its item
			need = c.packing.rounds(l.cells)
		}
		if c.holds(e.transfer().From, l.cells, e.day) < need {
			return false
		}
	}
	return true
}

// holds returns how many rounds of a region a party holds at most. What it was given
// twice it has once.
func (c *custody) holds(party string, r region, on Day) (rounds int64) {
	c.search++
	var loose, room int64
	for i := r.lo; i < r.hi; i++ {
		all := false
		for _, a := range c.at[i] {
			if a.mark != c.search && a.mark != -c.search {
				a.mark = -c.search
				if c.isHolder(party, a.state, on) {
					a.mark = c.search
					if !a.full {
						loose += c.within(a, r)
					}
				}
			}
			all = all || a.full && a.mark == c.search
		}
		if n := c.packing.rounds(region{i, i + 1}); all {
			rounds += n
		} else {
			room += n
		}
	}
	return rounds + min(loose, room)
}
