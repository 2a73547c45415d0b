package trace

import (
	"cmp"
	"slices"
)

// How a record takes rounds from a holder: from which of the accounts that he has in
// the packages it names, or anywhere in a lot, and what stays with him.

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
	return c.standsFor(party, s.holder, on)
}

// standsFor reports whether a party is another, or took over from it.
func (c *custody) standsFor(party, other string, on Day) bool {
	return party == other || c.tookOver(party, other, on)
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
			if c.most([]*account{a}, r) == 0 { // others fill it
				c.leave(a, r)
				break
			}
			did.moved, did.loose = did.moved+c.within(a, r), did.loose+c.within(a, r)
			did.partly = append(did.partly, in...)
			c.stand(w, a, r)
		default:
			like := func(same func(a, b *state) bool) []*account {
				return slices.DeleteFunc(slices.Clone(alike(have, same)), func(b *account) bool { return b.pool != a.pool })
			}
			sameGoods := c.sameGoods(w)
			batch := like(sameGoods)
			if left := leftIn(batch); !w.gives || left > c.most(batch, r) || !c.fillsAll(batch, r, left) {
				batch = like(func(a, b *state) bool { return sameGoods(a, b) && w.prefer(a) == w.prefer(b) })
			}
			have = slices.DeleteFunc(have, func(b *account) bool { return slices.Contains(batch, b) })
			if w.event.delivers != nil && c.givenOn(w.event.delivers, r) { // what is left of it may lie elsewhere
				for _, b := range batch {
					if b.left() <= w.line.Quantity-did.moved {
						did.moved, did.loose = did.moved+b.left(), did.loose+b.left()
						c.turn(w, b)
					}
				}
				break
			}
			limit := c.most(batch, r)
			if c.fillsAll(batch, r, limit) {
				got = []*account{c.settle(c.merge(batch), r)}
				break
			}
			for i, part := range c.shares(batch, r, limit) { // it had fewer than these: which, nobody can say
				b := batch[i]
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

// givenOn reports whether rounds of a region that came by a transfer may have been
// given on since: a delivery of them says no more than that they arrived.
func (c *custody) givenOn(of *event, r region) bool {
	return slices.ContainsFunc(c.accounts(r), func(a *account) bool {
		return !a.full && a.left() > 0 && (a.came == nil || a.came.event != of) && a.cameBy(of.rec)
	})
}

// shares splits rounds of a region among the accounts that they are of: first those
// for which there is no room elsewhere.
func (c *custody) shares(as []*account, r region, rounds int64) []int64 {
	parts := make([]int64, len(as))
	for i, a := range as {
		_, out := inside(a.cells, r)
		parts[i] = min(max(a.left()-c.rounds(out), 0), rounds)
		rounds -= parts[i]
	}
	for i, a := range as {
		more := min(c.within(a, r)-parts[i], rounds)
		parts[i] += more
		rounds -= more
	}
	return parts
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
		batch := alike(first, c.same(w))
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
			sum = min(sum, c.most(batch, w.line.cells))
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

// sameGoods returns a function that reports whether two states of a holder's goods
// differ only in where they lie and how they came.
func (c *custody) sameGoods(w want) func(a, b *state) bool {
	return func(a, b *state) bool {
		return a.gone == b.gone && a.loss == b.loss && a.missed == b.missed && a.lender == b.lender && a.owedLike(b) && c.returnedLike(w, a, b)
	}
}

// returnedLike reports whether the returns from an event on, of what is where a line of
// it is, would make the same of two states: what came back by one is as it was before.
func (c *custody) returnedLike(w want, a, b *state) bool {
	if a.giver == b.giver && a.before == b.before && a.again == b.again {
		return true
	}
	return !slices.ContainsFunc(c.returns(), func(e *event) bool {
		if e.day < w.event.day || !slices.ContainsFunc(e.lines, func(l eventLine) bool { return !l.lost && !l.cells.meet(w.line.cells).empty() }) {
			return false
		}
		x, y := a.takenBack(e.transfer()), b.takenBack(e.transfer())
		return (x == nil) != (y == nil) || !x.owedLike(y)
	})
}

// returns returns the transfers that are returns.
func (c *custody) returns() []*event {
	if c.givenBack == nil {
		c.givenBack = []*event{}
		for _, e := range c.events {
			if t := e.transfer(); t != nil && t.act() == "return" {
				c.givenBack = append(c.givenBack, e)
			}
		}
	}
	return c.givenBack
}

// owedLike reports whether goods of one holder are lawfully the same party's, lent by
// the same, and bound alike.
func (s *state) owedLike(o *state) bool {
	if s == nil || o == nil || s == o {
		return s == o
	}
	return s.endUser == o.endUser && s.named == o.named && s.astray == o.astray && s.lender.owedLike(o.lender) &&
		(s.lender == nil || s.lender.holder == o.lender.holder) && slices.EqualFunc(s.clauses, o.clauses, binding.is)
}

// same returns sameGoods of goods of which some may stay: those in stock and others,
// those that wait for different deliveries, and those of which it is to be said that
// they arrived and others, are not the same then.
func (c *custody) same(w want) func(a, b *state) bool {
	sameGoods := c.sameGoods(w)
	return func(a, b *state) bool {
		return sameGoods(a, b) && w.prefer(a) == w.prefer(b) && (a.inStock == nil) == (b.inStock == nil) &&
			a.waitsFor(w.event.day) == b.waitsFor(w.event.day) && a.part(c.until).State == b.part(c.until).State
	}
}
