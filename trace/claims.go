package trace

import (
	"slices"
)

// Accounts that no record tells apart become one. Where records give more than there
// is, or the same rounds twice, each claim stands beside the others: nobody is left
// out in silence.

// merge makes one account of several, all of the same holder, and puts it into a pool.
func (c *custody) merge(as []*account) *account {
	first := as[0]
	if first.pool == nil {
		first.pool = &pool{[]*account{first}}
	}
	first.full = false
	for _, a := range as[1:] {
		c.drop(a, a.cells)
		first.mixed = first.mixed || a.mixed || a.links != first.links
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
	for p := first.parent; p != nil; p = p.parent {
		if p == a { // rounds that came back to where they were taken from
			first.parent = a.parent
			break
		}
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
