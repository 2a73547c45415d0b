package trace

import (
	"cmp"
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
	came   *arrival

	site    string
	inStock *Record // the stock record that places them there
	loss    *Record
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
	v       *view
	packing *packing
	at      [][]*account        // by cell
	past    []map[string]*state // by cell: the state in which a party last gave them
	remarks []remark
	allowed []remark              // why transfers under a clause were lawful
	spent   map[Ref]map[int]int64 // rounds used up, by consent and line
	events  []*event              // all of them, also those after the day
	search  int
	turns   []turn // what is chosen at each fork, as far as it is laid down
	forks   []fork // those that were met
	lacks   []lack // where somebody had not what a record says of it
	lines   int    // that were carried out
	stale   int64  // rounds of the last of them that were lost or gone by then
	alone   bool   // one cell is followed, and nothing that happened to it depends on others
	err     error  // the first that a look-up gave
}

func newCustody(v *view, p *packing, maker string) *custody {
	c := &custody{v: v, packing: p, spent: map[Ref]map[int]int64{}}
	n := p.root.cells.hi
	c.at = make([][]*account, n)
	c.past = make([]map[string]*state, n)
	first := &account{state: &state{holder: maker, day: NoDay}, full: true}
	for i := range n {
		first.cells = append(first.cells, i)
		c.at[i] = []*account{first}
	}
	first.size = c.rounds(first.cells)
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
	for _, kin := range a.pool.members {
		mine, rest := inside(kin.cells, r)
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
// turns out, were in an account that they never touched.
func (c *custody) acquit(a *account, cells []int) {
	there := region{cells[0], cells[len(cells)-1] + 1}
	acquitted := map[*event]bool{}
	for _, e := range c.events {
		if !a.cameBy(e.rec) && e.bearsOn(there) {
			e.leave(cells)
			acquitted[e] = true
		}
	}
	c.forget(func(m *remark) bool { return acquitted[m.event] }, cells)
}

// A want is what an event asks of the rounds of a holder.
type want struct {
	event  *event
	line   *eventLine
	holder string
	prefer func(*state) int                   // lower first, negative never
	become func(s *state, cells []int) *state // the state that follows
	gives  bool                               // the rounds leave the holder
}

// A carried is what came of a line of an event.
type carried struct {
	moved   int64 // rounds
	missing []int // where the line is of all of its item: the cells of which the holder did not have all rounds
	loose   int64 // how many of those it had
	partly  []int // the cells in which these may lie
}

// apply carries out one line of an event.
func (c *custody) apply(w want) carried {
	c.lines++
	c.stale = 0
	var have []*account
	for _, a := range c.accounts(w.line.cells) {
		if c.isHolder(w.holder, a.state, w.event.day) && (a.full || a.left() > 0) && w.prefer(a.state) >= 0 {
			have = append(have, a)
		}
	}
	slices.SortStableFunc(have, func(a, b *account) int { return cmp.Compare(w.prefer(a.state), w.prefer(b.state)) })
	if w.line.placed {
		return c.applyPlaced(w, have)
	}
	return carried{moved: c.applyUnplaced(w, have)}
}

// isHolder reports whether a party holds goods: what a party had is with whoever
// took over from it.
func (c *custody) isHolder(party string, s *state, on Day) bool {
	return s.holder == party || c.tookOver(party, s.holder, on)
}

func (c *custody) tookOver(party, from string, on Day) bool {
	ok, err := c.v.tookOver(party, from, on)
	c.fail(err)
	return ok
}

func (c *custody) applyPlaced(w want, have []*account) (did carried) {
	r := w.line.cells
	covered := map[int]bool{}
	slices.SortStableFunc(have, func(a, b *account) int { return b2i(b.full) - b2i(a.full) })
	for len(have) > 0 {
		a := have[0]
		var got []*account
		switch in, _ := inside(a.cells, r); {
		case len(in) == 0: // it turned out that none of it lies here
			have = have[1:]
		case a.full:
			have = have[1:]
			got = []*account{c.carve(a, r)}
		case c.wholePool(a, r, w):
			for _, kin := range a.pool.members {
				if c.isHolder(w.holder, kin.state, w.event.day) {
					got = append(got, kin)
				}
			}
			have = slices.DeleteFunc(have, func(b *account) bool { return b.pool == a.pool })
		case c.crowded(a.pool, true) || !slices.ContainsFunc(in, func(i int) bool { return !covered[i] }): // every claim stands by itself
			have = have[1:]
			did.moved, did.loose = did.moved+c.within(a, r), did.loose+c.within(a, r)
			did.partly = append(did.partly, in...)
			c.stand(w, a, r)
		default:
			like := func(same func(a, b *state) bool) []*account {
				return slices.DeleteFunc(slices.Clone(alike(have, same)), func(b *account) bool { return b.pool != a.pool })
			}
			batch := like(w.sameGoods)
			if left := leftIn(batch); !w.gives || left > c.most(batch, a.pool.members, r) || !c.fillsAll(batch, r, left) {
				batch = like(func(a, b *state) bool { return w.sameGoods(a, b) && w.prefer(a) == w.prefer(b) })
			}
			have = slices.DeleteFunc(have, func(b *account) bool { return slices.Contains(batch, b) })
			limit := c.most(batch, a.pool.members, r)
			if c.fillsAll(batch, r, limit) {
				got = []*account{c.settle(c.merge(batch), r)}
				break
			}
			for _, b := range batch { // it had fewer than these: which, nobody can say
				part := min(c.within(b, r), limit)
				limit -= part
				did.moved, did.loose = did.moved+part, did.loose+part
				in, _ := inside(b.cells, r)
				did.partly = append(did.partly, in...)
				c.part(w, b, part, r)
				c.leave(b, r)
			}
		}
		for _, b := range got {
			did.moved += b.left()
			for _, i := range b.cells {
				covered[i] = true
			}
			c.turn(w, b)
		}
	}
	for i := r.lo; i < r.hi; i++ {
		if !covered[i] {
			did.missing = append(did.missing, i)
		}
	}
	return did
}

// fillsAll reports whether so many rounds are all of the cells of a region that
// some accounts may lie in.
func (c *custody) fillsAll(as []*account, r region, rounds int64) bool {
	var cells []int
	for _, a := range as {
		in, _ := inside(a.cells, r)
		cells = append(cells, in...)
	}
	slices.Sort(cells)
	return c.rounds(slices.Compact(cells)) <= rounds
}

// part moves some rounds of an account, somewhere in a region: all of it, or a claim.
func (c *custody) part(w want, a *account, rounds int64, r region) {
	if rounds == 0 {
		return
	}
	if _, out := inside(a.cells, r); len(out) == 0 && rounds == a.left() {
		c.turn(w, a)
		return
	}
	c.claim(w, a, rounds, r)
}

// leave takes an account out of a region of which all was said to go elsewhere:
// what is left of it lies in its other cells.
func (c *custody) leave(a *account, r region) {
	if in, out := inside(a.cells, r); len(out) > 0 {
		c.drop(a, in)
		a.cells = out
	}
}

// stand carries out a line of all of a region for an account that claims rounds
// beyond what there is: all of it may lie there, or what there is room for elsewhere.
func (c *custody) stand(w want, a *account, r region) {
	_, out := inside(a.cells, r)
	if len(out) == 0 {
		c.turn(w, a)
		return
	}
	left := min(a.left(), c.rounds(out))
	c.claim(w, a, c.within(a, r), r)
	c.leave(a, r)
	a.size, a.out = left, 0
}

// crowded reports whether the accounts of a pool claim more than its cells hold,
// with or without those of what a giver no longer had.
func (c *custody) crowded(p *pool, over bool) bool {
	cells := map[int]bool{}
	var claimed, room int64
	for _, a := range p.members {
		if a.over && !over {
			continue
		}
		claimed += a.left()
		for _, i := range a.cells {
			if !cells[i] {
				cells[i] = true
				room += c.packing.rounds(region{i, i + 1})
			}
		}
	}
	return claimed > room
}

// roundsIn returns the rounds of the cells of an account that lie in a region.
func (c *custody) roundsIn(a *account, r region) int64 {
	in, _ := inside(a.cells, r)
	return c.rounds(in)
}

// wholePool reports whether a line is of all accounts of the pool: its holder has
// them, and they lie in the region.
func (c *custody) wholePool(a *account, r region, w want) bool {
	for _, kin := range a.pool.members {
		if kin.left() > 0 && (!c.isHolder(w.holder, kin.state, w.event.day) || w.prefer(kin.state) < 0) {
			return false
		}
		if in, out := inside(kin.cells, r); len(in) == 0 || len(out) > 0 {
			return false
		}
	}
	return true
}

// turn gives a whole account the state that follows.
func (c *custody) turn(w want, a *account) {
	old := a.state
	if w.gives {
		c.remember(old, a.cells)
	}
	c.use(w, old, a.left())
	a.state = w.become(old, a.cells)
	w.event.touch(a.cells)
}

// use counts rounds of a line that should not have been there any more.
func (c *custody) use(w want, s *state, rounds int64) {
	if inHand(s) >= 2 && w.prefer(s) > 0 { // found is what was lost
		c.stale += rounds
	}
}

// remember notes that a party gave rounds that lay in some cells.
func (c *custody) remember(old *state, cells []int) {
	for _, i := range cells {
		if c.past[i] == nil {
			c.past[i] = map[string]*state{}
		}
		c.past[i][old.holder] = old
	}
}

func (c *custody) applyUnplaced(w want, have []*account) (moved int64) {
	need := w.line.Quantity
	for len(have) > 0 && need > 0 {
		first, keeps := c.whichFirst(w, have, need)
		batch := alike(first, w.same)
		have = first[len(batch):]
		var sum int64
		for i, a := range batch {
			if a.full {
				a = c.carve(a, w.line.cells)
				batch[i] = a
			}
			sum += c.within(a, w.line.cells)
		}
		if batch[0].pool != nil {
			sum = min(sum, c.most(batch, c.accounts(w.line.cells), w.line.cells))
		}
		if sum <= need && keeps == 0 && c.allIn(batch, w.line.cells) && sum == leftIn(batch) {
			for _, a := range batch {
				c.turn(w, a)
			}
			need, moved = need-sum, moved+sum
			continue
		}
		part := max(min(need, sum)-keeps, 0)
		if part == 0 {
			continue
		}
		c.claim(w, c.merge(batch), part, w.line.cells)
		need, moved = need-part, moved+part
	}
	return moved
}

// within returns the most of an account that can lie in a region.
func (c *custody) within(a *account, r region) int64 {
	return min(a.left(), c.roundsIn(a, r))
}

func leftIn(as []*account) (sum int64) {
	for _, a := range as {
		sum += a.left()
	}
	return sum
}

func (c *custody) allIn(as []*account, r region) bool {
	for _, a := range as {
		if _, out := inside(a.cells, r); len(out) > 0 {
			return false
		}
	}
	return true
}

// alike returns the accounts at the head of the list that are the same, so that
// rounds may come from any of them.
func alike(have []*account, same func(a, b *state) bool) []*account {
	first := have[0]
	slices.SortStableFunc(have, func(a, b *account) int {
		switch x, y := same(a.state, first.state), same(b.state, first.state); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	n := 1
	for n < len(have) && same(have[n].state, first.state) {
		n++
	}
	return have[:n]
}

// sameGoods reports whether two states of a holder's goods differ only in where
// they lie and how they came.
func (w want) sameGoods(a, b *state) bool {
	return a.endUser == b.endUser && a.named == b.named && a.astray == b.astray && a.lender == b.lender &&
		a.gone == b.gone && a.loss == b.loss && slices.EqualFunc(a.clauses, b.clauses, binding.is)
}

// same is sameGoods of goods of which some may stay: those in stock and others,
// and those that wait for different deliveries, are not the same then.
func (w want) same(a, b *state) bool {
	return w.sameGoods(a, b) && w.prefer(a) == w.prefer(b) && (a.inStock == nil) == (b.inStock == nil) && a.waitsFor(w.event.day) == b.waitsFor(w.event.day)
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

// merge makes one account of several, all of the same holder, and puts it into a pool.
func (c *custody) merge(as []*account) *account {
	first := as[0]
	if first.pool == nil {
		first.pool = &pool{[]*account{first}}
	}
	first.full = false
	for _, a := range as[1:] {
		c.drop(a, a.cells)
		first.mixed = true
		first.size += a.size
		first.out += a.out
		first.state = either(first.state, a.state)
		var fresh []int
		for _, i := range a.cells {
			if !slices.Contains(c.at[i], first) {
				fresh = append(fresh, i)
			}
		}
		c.put(first, fresh)
		first.cells = append(first.cells, fresh...)
		if a.pool != nil {
			first.adopt(a)
		}
	}
	slices.Sort(first.cells)
	return first
}

// either returns the state of rounds that are in one of two like states: the
// later one, in stock only where both are.
func either(a, b *state) *state {
	if b.day > a.day {
		a, b = b, a
	}
	if (a.inStock == nil) == (b.inStock == nil) && a.site == b.site {
		return a
	}
	n := *a
	if b.inStock == nil {
		n.inStock = nil
	}
	if a.site != b.site {
		n.site = ""
	}
	return &n
}

// adopt takes the place of an account that is merged into this one.
func (first *account) adopt(a *account) {
	if first.parent == a {
		first.parent = a.parent
	}
	members := slices.DeleteFunc(a.pool.members, func(kin *account) bool { return kin == a })
	for _, kin := range members {
		if kin.parent == a {
			kin.parent = first
		}
	}
	if a.pool == first.pool {
		first.pool.members = members
		return
	}
	for _, kin := range members {
		kin.pool = first.pool
	}
	first.pool.members = append(first.pool.members, members...)
}

// claim takes rounds out of an account, which lie somewhere among its cells in a
// region, as an account of their own.
func (c *custody) claim(w want, from *account, rounds int64, r region) {
	in, out := inside(from.cells, r)
	if w.gives {
		c.remember(from.state, in)
	}
	c.use(w, from.state, rounds)
	b := &account{state: w.become(from.state, in), size: rounds, parent: from, pool: from.pool, over: from.over, mixed: from.mixed, cells: in}
	from.pool.members = append(from.pool.members, b)
	c.put(b, in)
	w.event.touch(in)
	from.out += rounds
	if from.left() == 0 { // all of it lies in the region
		c.vacate(b, out)
	}
}

// second makes an account of what a party gives that it gave before: both
// accounts stand (R6, R7).
func (c *custody) second(w want, size int64, cells []int, old *state) {
	full := size == c.rounds(cells)
	b := &account{state: w.become(old, cells), size: size, full: full, over: !full, cells: cells}
	if !b.full {
		b.pool = c.poolOf(cells)
		b.pool.members = append(b.pool.members, b)
	}
	c.put(b, cells)
	w.event.touch(cells)
}

// poolOf makes one pool of all accounts that may lie in some cells, besides those
// that are known package by package.
func (c *custody) poolOf(cells []int) *pool {
	all := &pool{}
	for _, i := range cells {
		for _, a := range c.at[i] {
			if a.full || a.pool == all {
				continue
			}
			for _, kin := range a.pool.members {
				kin.pool = all
				all.members = append(all.members, kin)
			}
		}
	}
	return all
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
	c.remarks = append(c.remarks, remark{code, e, cells, append(e.refs(), more...), says})
}

// run carries out the events up to a day, in their order.
func (c *custody) run(until Day) error {
	events := c.events
	for len(events) > 0 && events[0].day <= until && c.err == nil {
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
	for len(ts) > 0 {
		next := max(slices.IndexFunc(ts, c.fits), 0)
		c.give(ts[next])
		ts = slices.Delete(ts, next, next+1)
	}
}

// fits reports whether the giver holds all that a transfer gives.
func (c *custody) fits(e *event) bool {
	for i := range e.lines {
		l := &e.lines[i]
		if l.lost {
			continue
		}
		var held int64
		for _, a := range c.accounts(l.cells) {
			if c.isHolder(e.transfer().From, a.state, e.day) {
				held += c.within(a, l.cells)
			}
		}
		if held < l.Quantity {
			return false
		}
	}
	return true
}
