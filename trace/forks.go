package trace

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/sublot/sublot/marking"
)

// Courses are followed until so many records were read and lines carried out, but
// always a few.
const (
	mostWork      = 10000
	fewestCourses = 16
)

// A turn is the way that is taken at a fork.
type turn struct {
	kind  int   // which of the unlike accounts gives first
	keeps int64 // how many it gives fewer than it could, since it has them later
}

// A fork is a line that takes some of unlike goods of a holder.
type fork struct {
	holder string
	cells  region
	kinds  int  // how many unlike ones there are
	whose  bool // it matters to whose goods are, or where they lie, not only to what is recorded of them
}

// A lack is rounds that a holder had not, after so many lines and forks.
type lack struct {
	holder string
	lines  int
	forks  int
	rounds int64
}

// whichFirst puts at the head of a holder's accounts those that give first, and
// says how many rounds they hold back. Where they are unlike, the holder has
// more than it gives and no record says which it gave, either may have been it: a
// fork, of which each way is a course of its own.
func (c *custody) whichFirst(w want, have []*account, need int64) ([]*account, int64) {
	best, same := w.prefer(have[0].state)%4, c.same(w) // whatever the site
	var kinds []*account                               // the first of each kind
	var sum int64
	for _, a := range have {
		if w.prefer(a.state)%4 != best {
			continue
		}
		sum += c.within(a, w.line.cells)
		if !slices.ContainsFunc(kinds, func(b *account) bool { return same(a.state, b.state) }) {
			kinds = append(kinds, a)
		}
	}
	if len(kinds) < 2 || sum <= need {
		return have, 0
	}
	var t turn
	if n := len(c.forks); n < len(c.turns) {
		t = c.turns[n]
	}
	moves := w.gives || w.event.delivers != nil
	whose := slices.ContainsFunc(kinds[1:], func(a *account) bool {
		return !a.owedLike(kinds[0].state) || moves && !slices.Equal(a.cells, kinds[0].cells)
	})
	c.forks = append(c.forks, fork{w.holder, w.line.cells, len(kinds), whose})
	i := slices.Index(have, kinds[min(t.kind, len(kinds)-1)])
	have = slices.Clone(have)
	first := have[i]
	copy(have[1:i+1], have[:i])
	have[0] = first
	var its int64
	for _, a := range have {
		if same(a.state, first.state) {
			its += c.within(a, w.line.cells)
		}
	}
	return have, min(t.keeps, min(its, need)-(need-(sum-its))) // the others can give the rest
}

// courses follows a lot up to the day of the question in every way that the
// records leave open and bear out.
func (a *answer) courses() (err error) {
	if err := a.follow(); err != nil {
		return err
	}
	a.course = a.ways[0]
	for i, c := range a.ways {
		held := c.holdings(a.region)
		c.exclude(a.region, held)
		a.heldBy = append(a.heldBy, held)
		a.held = append(a.held, held...)
		if i > 0 {
			a.course.join(c)
		}
	}
	return nil
}

// follow follows what was asked alone where that is enough, or with the packages that it
// depends on, else the whole lot.
func (a *answer) follow() (err error) {
	if !a.whole && a.laid.mayFollow(a.part, a.q.day()) {
		c, enough, err := a.laid.follow(a.v, a.part, a.q.day())
		if enough || err != nil {
			a.ways, a.region = []*course{c}, theCell
			return err
		}
	}
	if !a.whole && a.laid.allPlaced(a.q.day()) {
		if enough, err := a.followAround(); enough || err != nil {
			return err
		}
	}
	if err := a.layApart(); err != nil {
		return err
	}
	a.ways, a.more, err = a.laid.course(a.v).ways(a.asked, a.q.day(), true)
	return err
}

// layApart lays out the whole lot so that what was asked is told apart from the packages
// like it, unless it is.
func (a *answer) layApart() (err error) {
	if a.cut && !a.laid.some {
		return nil
	}
	if a.laid, err = layOut(a.v, a.laid.lot, a.asked); err == nil {
		a.region, _, _ = a.laid.layout.cellsOf(a.asked)
		a.cut = true
	}
	return err
}

// ways follows a lot up to a day in every way that the records leave open, the
// fewest turns from the usual order first, and says whether there are more than
// are followed: those not followed may leave a party more, or leave some to a
// party that has nothing by any other (see [answer.widened]), unless they differ
// only in what is recorded of goods of one party. Ahead are losses that began by
// then and were found out later.
// Those ways are kept that the records bear out best: where by one a party had
// what it next gives or records and by another it had not, it did not go the
// other way.
func (c *course) ways(asked marking.Span, day Day, ahead bool) (all []*course, more bool, err error) {
	first, near := c, c.near(asked)
	limit := fewestCourses
	queued := map[string]bool{}
	for queue := [][]turn{nil}; len(queue) > 0; queue = queue[1:] {
		if turns := queue[0]; len(turns) > 0 {
			c = first.laid.course(first.v)
			c.turns = turns
		}
		if err := c.run(day); err != nil {
			return nil, false, err
		}
		if ahead {
			c.expectLosses(day)
		}
		if all = append(all, c); len(all) == 1 {
			limit = max(limit, mostWork/(len(c.records)+c.lines+1))
		}
		for next := range c.otherWays(near) {
			if way := fmt.Sprint(next); queued[way] {
				continue
			} else {
				queued[way] = true
			}
			if more = len(queue)+len(all) > limit; more {
				break
			}
			queue = append(queue, next)
		}
	}
	matters := func(f fork) bool { return f.whose && !near.meet(f.cells).empty() }
	more = more && slices.ContainsFunc(all, func(c *course) bool { return slices.ContainsFunc(c.forks, matters) })
	best := all[0]
	for _, c := range all {
		if later(c.lacks, best.lacks) > 0 {
			best = c
		}
	}
	return slices.DeleteFunc(all, func(c *course) bool { return later(c.lacks, best.lacks) < 0 }), more, nil
}

// later compares what somebody lacked by two courses: whether it begins, or goes
// on, later by the first, above 0, or by the second, below.
func later(a, b []lack) int {
	for i := range min(len(a), len(b)) {
		if n := cmp.Compare(a[i].lines, b[i].lines); n != 0 {
			return n
		}
	}
	return cmp.Compare(len(b), len(a))
}

// near returns the cells of which it can matter to an item who has the rounds:
// its own, and those that lines without a word on which rounds they are of join
// to them, one after the other.
func (c *course) near(item marking.Span) region {
	near, _, _ := c.packing.cellsOf(item)
	for grown := true; grown; {
		grown = false
		for _, e := range c.events {
			for _, l := range e.lines {
				if both := near.join(l.cells); !l.placed && !near.meet(l.cells).empty() && both != near {
					near, grown = both, true
				}
			}
		}
	}
	return near
}

// otherWays yields the turns of courses that part from this one at one fork near
// what is asked: those after the last turn laid down, and where somebody came to
// lack rounds, this one with so many kept.
func (c *course) otherWays(near region) iter.Seq[[]turn] {
	return func(yield func([]turn) bool) {
		laid := len(c.turns)
		for i := range c.forks {
			if near.meet(c.forks[i].cells).empty() {
				continue
			}
			upTo := make([]turn, i+1)
			copy(upTo, c.turns)
			for _, l := range c.lacks {
				if l.holder == c.forks[i].holder && l.forks > i && i >= laid-1 && upTo[i].keeps == 0 {
					kept := slices.Clone(upTo)
					kept[i].keeps = l.rounds
					if !yield(kept) {
						return
					}
				}
			}
			for kind := 1; i >= laid && kind < c.forks[i].kinds; kind++ {
				other := slices.Clone(upTo)
				other[i].kind = kind
				if !yield(other) {
					return
				}
			}
		}
	}
}

// join notes of the events of a course what they did in another one too.
func (c *course) join(other *course) {
	same := map[*event]*event{}
	for i, e := range other.events {
		same[e] = c.events[i]
		c.events[i].touched = append(c.events[i].touched, e.touched...)
	}
	c.remarks = joinRemarks(c.remarks, other.remarks, same)
	c.allowed = joinRemarks(c.allowed, other.allowed, same)
}

func joinRemarks(all, others []remark, same map[*event]*event) []remark {
	for _, m := range others {
		m.event = same[m.event]
		i := slices.IndexFunc(all, func(x remark) bool {
			return x.code == m.code && x.event == m.event && slices.Equal(x.records, m.records)
		})
		if i < 0 {
			all = append(all, m)
			continue
		}
		all[i].cells = append(slices.Clone(all[i].cells), m.cells...)
		slices.Sort(all[i].cells)
		all[i].cells = slices.Compact(all[i].cells)
	}
	return all
}

// claimants returns the parties that may have what was asked, with the most of it
// that any course leaves them.
func (a *answer) claimants() []claimant {
	all := a.widened()
	for n, c := range a.ways {
		for _, x := range c.claimants(a.heldBy[n], a.region) {
			i := slices.IndexFunc(all, func(y claimant) bool { return x.party == y.party })
			if i < 0 {
				all = append(all, x)
				continue
			}
			all[i].quantity = max(all[i].quantity, x.quantity)
			all[i].accounts = append(all[i].accounts, x.accounts...)
		}
	}
	slices.SortFunc(all, func(x, y claimant) int {
		return cmp.Or(cmp.Compare(y.quantity, x.quantity), cmp.Compare(x.party, y.party))
	})
	return all
}

// widened returns, where there are more courses than were followed, the parties
// that any can leave something to: the maker for what it had not dispatched package
// by package, and whoever a transfer of what was asked was made to or for, each with
// all that it can have got. No party is missing then and no quantity too low; there
// may be too many, and too much.
func (a *answer) widened() []claimant {
	if !a.more {
		return nil
	}
	c := a.course
	whole := c.packing.rounds(a.region)
	var all []claimant
	if kept := whole - c.rounds(c.dispatched(a.region, a.q.day())); kept > 0 {
		all = append(all, claimant{party: c.maker, quantity: kept, refs: refsOf(c.lots)})
	}
	add := func(party string, rounds int64, refs []Ref) {
		i := slices.IndexFunc(all, func(x claimant) bool { return x.party == party })
		if i < 0 {
			i, all = len(all), append(all, claimant{party: party})
		}
		all[i].quantity = min(all[i].quantity+rounds, whole)
		all[i].refs = append(all[i].refs, refs...)
	}
	for _, e := range c.events {
		for _, l := range e.lines {
			in := c.packing.rounds(l.cells.meet(a.region))
			if l.lost || in == 0 || e.day > a.q.day() {
				continue
			}
			t := e.transfer()
			if t == nil {
				if slices.ContainsFunc(all, func(x claimant) bool { return c.tookOver(e.holder, x.party, e.day) }) {
					add(e.holder, whole, e.refs)
				}
				continue
			}
			add(t.To, min(l.Quantity, in), e.refs)
			if eu := c.endUserOf(t, e.day); eu != "" && eu != t.To {
				add(eu, min(l.Quantity, in), e.refs)
			}
		}
	}
	return all
}

// dispatched returns the cells of a region of which the maker gave all.
func (c *course) dispatched(r region, day Day) (cells []int) {
	for _, e := range c.events {
		if t := e.transfer(); t == nil || t.From != c.maker || e.day > day {
			continue
		}
		for _, l := range e.lines {
			if l.placed {
				cells = append(cells, l.cells.meet(r).all()...)
			}
		}
	}
	slices.Sort(cells)
	return slices.Compact(cells)
}

// lacked notes what somebody had not of a line.
func (c *custody) lacked(w want, did carried) {
	short := w.line.Quantity - did.moved
	if w.line.placed {
		short = c.rounds(did.missing) - did.loose
	}
	if short = max(short, 0) + c.stale; short > 0 {
		c.lacks = append(c.lacks, lack{w.holder, c.lines, len(c.forks), short})
	}
}

// undecided returns the parties of which no record says which of their rounds
// they gave.
func (a *answer) undecided() (parties []string) {
	for _, f := range a.course.forks {
		parties = append(parties, f.holder)
	}
	slices.Sort(parties)
	return slices.Compact(parties)
}
