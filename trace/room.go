package trace

import (
	"cmp"
	"container/heap"
	"slices"
)

// Rounds of which it is known only that they lie somewhere among some cells leave
// each other no room: two rounds of one crate and two of it or the next fill both.
// How many find room together is a greatest flow from accounts to cells.

// A lodging is cells in which the same accounts may lie.
type lodging struct {
	free   int64 // rounds
	guests []guest
	from   guest // who asked for it in the search that goes on
	asked  int   // the last search in which somebody did
}

// A guest is an account that may lie in a lodging: its number, and that of the
// lodging among its own.
type guest struct{ account, its int }

// A lodger is an account that looks for room.
type lodger struct {
	left     int64      // rounds that have none
	may      []*lodging // where they may lie
	has      []int64    // rounds, in each of them
	from     *lodging   // whence it was asked to move in the search that goes on
	its      int        // which of its own that is
	searched int        // the last search in which it was asked
}

// room returns the most rounds of some accounts that find room together in the
// cells in which each may lie, without some cells.
func (c *custody) room(as []*account, without []int) (rounds int64) {
	if !slices.ContainsFunc(as, func(a *account) bool { return a.cells[len(a.cells)-1]-a.cells[0] >= len(a.cells) }) {
		return c.roomInRuns(as, without)
	}
	// As below, and whoever then has no room looks for some that others can leave.
	as = slices.Clone(as)
	slices.SortStableFunc(as, func(a, b *account) int {
		return cmp.Compare(a.cells[len(a.cells)-1], b.cells[len(b.cells)-1])
	})
	lodgings, lodgers := c.lodgings(as, without)
	for _, l := range lodgings {
		for _, g := range l.guests {
			a := &lodgers[g.account]
			n := min(l.free, a.left)
			l.free -= n
			a.left -= n
			a.has[g.its] += n
			rounds += n
		}
	}
	search := 0
	for k := range lodgers {
		for lodgers[k].left > 0 {
			search++
			n := makeRoom(lodgers, k, search)
			if n == 0 {
				break
			}
			rounds += n
		}
	}
	return rounds
}

// roomInRuns is room where the cells of each account follow one another: they are
// given out from the first on, always to whose last cell comes first, and nobody
// need be moved on later (F. Glover, "Maximum matching in a convex bipartite graph",
// 1967).
func (c *custody) roomInRuns(as []*account, without []int) (rounds int64) {
	taken := make([]bool, len(c.at))
	for _, i := range without {
		taken[i] = true
	}
	as = slices.Clone(as)
	slices.SortStableFunc(as, func(a, b *account) int { return cmp.Compare(a.cells[0], b.cells[0]) })
	var open runs
	for i := range c.at {
		for ; len(as) > 0 && as[0].cells[0] == i; as = as[1:] {
			heap.Push(&open, run{as[0].cells[len(as[0].cells)-1], as[0].left()})
		}
		free := int64(0)
		if !taken[i] {
			free = c.packing.rounds(region{i, i + 1})
		}
		for len(open) > 0 && (free > 0 || open[0].last <= i) {
			n := min(free, open[0].left)
			free -= n
			rounds += n
			if open[0].left -= n; open[0].left == 0 || open[0].last <= i {
				heap.Pop(&open)
			}
		}
	}
	return rounds
}

// A run is rounds without room, and the last cell that they may lie in.
type run struct {
	last int
	left int64
}

// runs implements [heap.Interface]: whose last cell comes first is first.
type runs []run

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return r[i].last < r[j].last }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(x any)        { *r = append(*r, x.(run)) }
func (r *runs) Pop() any {
	x := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return x
}

// lodgings tells apart the cells in which different accounts may lie, in the order
// of their first cells.
func (c *custody) lodgings(as []*account, without []int) ([]*lodging, []lodger) {
	const nowhere = -1
	at := make([]int, len(c.at)) // by cell: the set of accounts so far that may lie there
	for _, i := range without {
		at[i] = nowhere
	}
	type parting struct{ account, with int } // the account that split a set last, from 1, and the set with it
	split := []parting{{}}                   // by set
	for k, a := range as {
		for _, i := range a.cells {
			set := at[i]
			if set == nowhere {
				continue
			}
			if split[set].account != k+1 {
				split[set] = parting{k + 1, len(split)}
				split = append(split, parting{})
			}
			at[i] = split[set].with
		}
	}
	of := make([]lodging, len(split))
	var lodgings []*lodging
	for i, set := range at {
		if set <= 0 {
			continue
		}
		l := &of[set]
		if l.free == 0 {
			lodgings = append(lodgings, l)
		}
		l.free += c.packing.rounds(region{i, i + 1})
	}
	lodgers := make([]lodger, len(as))
	var may []*lodging // of all accounts
	for k, a := range as {
		first := len(may)
		for _, i := range a.cells {
			if at[i] == nowhere || of[at[i]].asked == k+1 {
				continue
			}
			l := &of[at[i]]
			l.asked = k + 1
			l.guests = append(l.guests, guest{k, len(may) - first})
			may = append(may, l)
		}
		lodgers[k].left, lodgers[k].its = a.left(), len(may)-first
	}
	has := make([]int64, len(may))
	for k := range lodgers {
		x := &lodgers[k]
		x.may, x.has = may[:x.its], has[:x.its]
		may, has = may[x.its:], has[x.its:]
	}
	for _, l := range lodgings {
		l.asked = 0
	}
	return lodgings, lodgers
}

// makeRoom lodges some rounds of an account, where need be by having others move
// on, as few as can be, and returns how many.
func makeRoom(lodgers []lodger, first, search int) int64 {
	lodgers[first].searched = search
	for queue := []int{first}; len(queue) > 0; queue = queue[1:] {
		k := queue[0]
		for its, l := range lodgers[k].may {
			if l.asked == search {
				continue
			}
			l.asked, l.from = search, guest{k, its}
			if l.free > 0 {
				return moveIn(lodgers, first, l)
			}
			for _, g := range l.guests {
				if x := &lodgers[g.account]; x.has[g.its] > 0 && x.searched != search {
					x.searched, x.from, x.its = search, l, g.its
					queue = append(queue, g.account)
				}
			}
		}
	}
	return 0
}

// moveIn has the accounts that a search found move on, the last of them to a
// lodging that is free.
func moveIn(lodgers []lodger, first int, free *lodging) int64 {
	n := min(free.free, lodgers[first].left)
	for l := free; l.from.account != first; l = lodgers[l.from.account].from {
		x := &lodgers[l.from.account]
		n = min(n, x.has[x.its])
	}
	free.free -= n
	lodgers[first].left -= n
	for l := free; ; {
		x := &lodgers[l.from.account]
		x.has[l.from.its] += n
		if l.from.account == first {
			return n
		}
		x.has[x.its] -= n
		l = x.from
	}
}
