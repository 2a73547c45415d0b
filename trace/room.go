package trace

// Rounds of which it is known only that they lie somewhere among some cells leave
// each other no room: two rounds of one crate and two of it or the next fill both.

// A lodging is cells in which the same accounts may lie.
type lodging struct {
	free int64   // rounds
	has  []int64 // rounds, by account
}

// room returns the most rounds of some accounts that find room together in the
// cells in which each may lie, without some cells.
func (c *custody) room(as []*account, without []int) (rounds int64) {
	of := c.lodgings(as, without)
	for k, a := range as {
		for left := a.left(); left > 0; {
			n := makeRoom(of, k, left, make([]bool, len(as)))
			if n == 0 {
				break
			}
			left -= n
			rounds += n
		}
	}
	return rounds
}

// lodgings returns for each of some accounts where it may lie.
func (c *custody) lodgings(as []*account, without []int) (of [][]*lodging) {
	at := make([]int, len(c.at)) // by cell: the set of accounts so far that may lie there
	for _, i := range without {
		at[i] = -1
	}
	sets := 0
	for _, a := range as {
		with := map[int]int{} // that set, and this account
		for _, i := range a.cells {
			if at[i] < 0 {
				continue
			}
			if with[at[i]] == 0 {
				sets++
				with[at[i]] = sets
			}
			at[i] = with[at[i]]
		}
	}
	lodgings := make([]*lodging, sets+1)
	of = make([][]*lodging, len(as))
	for k, a := range as {
		mine := map[int]bool{}
		for _, i := range a.cells {
			if n := at[i]; n > 0 && !mine[n] {
				mine[n] = true
				if lodgings[n] == nil {
					lodgings[n] = &lodging{has: make([]int64, len(as))}
				}
				of[k] = append(of[k], lodgings[n])
			}
		}
	}
	for i, n := range at {
		if n > 0 {
			lodgings[n].free += c.rounds([]int{i})
		}
	}
	return of
}

// makeRoom lodges some rounds of an account, where need be by moving others on, and
// returns how many. Seen are accounts that were asked to move.
func makeRoom(of [][]*lodging, k int, rounds int64, seen []bool) int64 {
	seen[k] = true
	for _, l := range of[k] {
		if n := min(l.free, rounds); n > 0 {
			l.free -= n
			l.has[k] += n
			return n
		}
	}
	for _, l := range of[k] {
		for other := range l.has {
			if seen[other] || l.has[other] == 0 {
				continue
			}
			if n := makeRoom(of, other, min(rounds, l.has[other]), seen); n > 0 {
				l.has[other] -= n
				l.has[k] += n
				return n
			}
		}
	}
	return 0
}
