package trace

import (
	"cmp"
	"slices"
	"sort"

	"github.com/sublot/sublot/marking"
)

// A packing is a lot as an ordered line of cells: the smallest parts that the
// records tell apart. A package, or a span of siblings, is an interval of cells.
type packing struct {
	lot    marking.ID
	root   *node
	series map[seriesKey][]*node // in the order of their ordinals
	single map[marking.ID]*node  // packages without a number
	upTo   []int64               // rounds in the cells before each cell
	part   part                  // a cell of which only a part is looked at
}

// A node is a package, or a run of like packages that no record tells apart.
type node struct {
	of       marking.Span // the package, or some package of its series
	lo, hi   uint64       // its numbers, where it is of a series
	rounds   int64        // in it, 0 where no record says
	each     int64        // rounds in each of its packages, where the word that counts says so
	numbered bool         // it is of a series
	packed   bool         // a lot or pack record names it
	filled   bool         // its children hold all of it
	children []*node
	cells    region // of the whole node; a rest that was never packed is its last cell
}

// span returns the packages that the node is.
func (n *node) span() marking.Span {
	if n.numbered {
		return n.of.SpanIn(n.lo, n.hi)
	}
	return n.of
}

// count returns how many packages the node is.
func (n *node) count() int64 { return int64(n.hi-n.lo) + 1 }

// A region is an interval of cells.
type region struct{ lo, hi int }

func (r region) empty() bool { return r.lo >= r.hi }

func (r region) meet(o region) region { return region{max(r.lo, o.lo), min(r.hi, o.hi)} }

// join returns the interval of both.
func (r region) join(o region) region { return region{min(r.lo, o.lo), max(r.hi, o.hi)} }

type seriesKey struct {
	parent marking.ID
	prefix string
	width  int
}

func keyOf(s marking.Span) seriesKey {
	parent, prefix, width := s.Series()
	return seriesKey{parent, prefix, width}
}

// A roundsSaid is what one record says of the rounds in a package.
type roundsSaid struct {
	span   marking.Span
	rounds int64 // in the whole span, 0 where the record does not say
	each   int64 // in each package of it, 0 where only the whole is known
	ref    Ref
	weight int // whose word is used: the lower, the better
}

// Weights of a word about rounds (R7): the maker's is used, else the largest.
const (
	wordOfMaker = iota
	wordOfPacker
	wordOfOther
	wordOfLine // no record says; a line that gives the whole package does
)

// newPacking lays out a lot from what the records say of its packages, and from
// every item that must be told apart.
func newPacking(lot marking.ID, said []roundsSaid, items []marking.Span) *packing {
	p := &packing{lot: lot, series: map[seriesKey][]*node{}, single: map[marking.ID]*node{}}
	p.root = &node{of: marking.SpanOf(lot)}
	p.single[lot] = p.root
	p.layOut(said, items)
	slices.SortFunc(said, func(a, b roundsSaid) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(b.rounds, a.rounds), cmp.Compare(a.ref, b.ref))
	})
	for i := len(said) - 1; i >= 0; i-- { // the best word is set last
		s := said[i]
		nodes := p.nodesIn(s.span)
		for _, n := range nodes {
			n.packed = n.packed || s.weight < wordOfLine
			switch {
			case s.each > 0:
				n.rounds, n.each = s.each*n.count(), s.each
			case len(nodes) == 1 && n.count() == s.span.Count() && s.rounds > 0:
				n.rounds, n.each = s.rounds, 0
			}
		}
	}
	p.fill(p.root)
	p.number(p.root, 0)
	return p
}

// layOut makes the nodes: each series of siblings is cut where an item begins
// or ends, and every package that something lies inside stands alone.
func (p *packing) layOut(said []roundsSaid, items []marking.Span) {
	type cutting struct {
		at     []uint64 // ordinals at which a new node begins
		ranges [][2]uint64
		one    marking.Span // some package of the series, to count from
	}
	cuts := map[seriesKey]*cutting{}
	seen := map[marking.Span]bool{}
	var add func(s marking.Span)
	add = func(s marking.Span) {
		if s.First().Depth() == 0 || s.First().Lot() != p.lot || seen[s] {
			return
		}
		seen[s] = true
		key := keyOf(s)
		if key.width == 0 {
			p.single[s.First()] = &node{of: s}
			add(marking.SpanOf(key.parent))
			return
		}
		c := cuts[key]
		if c == nil {
			c = &cutting{one: s, at: make([]uint64, 0, 16), ranges: make([][2]uint64, 0, 8)}
			cuts[key] = c
			add(marking.SpanOf(key.parent))
		}
		lo, hi := s.Ordinals()
		c.at = append(c.at, lo, hi+1)
		c.ranges = append(c.ranges, [2]uint64{lo, hi})
	}
	for _, s := range said {
		add(s.span)
	}
	for _, s := range items {
		add(s)
	}
	for key, c := range cuts {
		slices.Sort(c.at)
		at, rs := slices.Compact(c.at), c.ranges
		slices.SortFunc(rs, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
		nodes, all := make([]node, 0, len(at)-1), make([]*node, 0, len(at)-1)
		next, reach := 0, uint64(0)
		for i := 0; i+1 < len(at); i++ {
			for next < len(rs) && rs[next][0] <= at[i] {
				reach = max(reach, rs[next][1]+1)
				next++
			}
			if at[i] < reach {
				nodes = append(nodes, node{of: c.one, lo: at[i], hi: at[i+1] - 1, numbered: true})
				all = append(all, &nodes[len(nodes)-1])
			}
		}
		p.series[key] = all
	}
	for key, nodes := range p.series {
		parent := p.node(key.parent)
		parent.children = append(parent.children, nodes...)
	}
	for id, n := range p.single {
		if n != p.root {
			parent := p.node(id.Parent())
			parent.children = append(parent.children, n)
		}
	}
	for _, nodes := range p.series {
		for _, n := range nodes {
			sortNodes(n.children)
		}
	}
	for _, n := range p.single {
		sortNodes(n.children)
	}
}

// sortNodes sorts nodes by their packages.
func sortNodes(ns []*node) {
	slices.SortFunc(ns, func(a, b *node) int {
		if a.numbered && b.numbered && a.of == b.of { // of one series
			return cmp.Compare(a.lo, b.lo)
		}
		return a.span().Compare(b.span())
	})
}

// node returns the node that holds a package: its own, or the run it is in. Nil
// means that no record names the package.
func (p *packing) node(id marking.ID) *node {
	if n := p.single[id]; n != nil {
		return n
	}
	if ns, _, _ := p.meeting(marking.SpanOf(id)); len(ns) > 0 {
		return ns[0]
	}
	return nil
}

// meeting returns the nodes of the series of an item that overlap it, in order,
// and the item's numbers.
func (p *packing) meeting(s marking.Span) (ns []*node, lo, hi uint64) {
	ns = p.series[keyOf(s)]
	if len(ns) == 0 {
		return nil, 0, 0
	}
	lo, hi = s.Ordinals()
	from := sort.Search(len(ns), func(i int) bool { return ns[i].hi >= lo })
	to := from + sort.Search(len(ns)-from, func(i int) bool { return ns[from+i].lo > hi })
	return ns[from:to], lo, hi
}

// nodesIn returns the nodes that make up an item, in order.
func (p *packing) nodesIn(s marking.Span) []*node {
	if s.IsZero() {
		return nil
	}
	if n := p.single[s.First()]; n != nil {
		return []*node{n}
	}
	ns, lo, hi := p.meeting(s)
	return insideOf(ns, lo, hi)
}

// insideOf returns those of some nodes that overlap an interval which lie in it.
func insideOf(ns []*node, lo, hi uint64) []*node {
	if len(ns) > 0 && ns[0].lo < lo {
		ns = ns[1:]
	}
	if len(ns) > 0 && ns[len(ns)-1].hi > hi {
		ns = ns[:len(ns)-1]
	}
	return ns
}

// fill works out the rounds that only the parts tell, and whether the parts
// fill the whole.
func (p *packing) fill(n *node) {
	var sum int64
	packed := len(n.children) > 0
	for _, c := range n.children {
		p.fill(c)
		sum += c.rounds
		packed = packed && c.packed
	}
	if n.rounds == 0 {
		n.rounds = sum
		n.filled = packed && sum > 0
		return
	}
	n.filled = len(n.children) > 0 && sum >= n.rounds
}

// number gives each node its cells: those of its children in order, then one
// for what was never packed, or one for the whole where nothing lies inside.
func (p *packing) number(n *node, rounds int64) int64 {
	n.cells.lo = len(p.upTo)
	left := n.rounds
	for _, c := range n.children {
		rounds = p.number(c, rounds)
		left -= c.rounds
	}
	if !n.filled {
		p.upTo = append(p.upTo, rounds)
		rounds += max(left, 0)
	}
	n.cells.hi = len(p.upTo)
	if n == p.root {
		p.upTo = append(p.upTo, rounds)
	}
	return rounds
}

// rounds returns how many rounds a region holds.
func (p *packing) rounds(r region) int64 {
	if r.empty() {
		return 0
	}
	if r == p.part.cells {
		return p.part.rounds
	}
	return p.upTo[r.hi] - p.upTo[r.lo]
}

// with returns the packing as it is where of one cell only a part is looked at.
func (p *packing) with(x part) *packing {
	q := *p
	q.part = x
	return &q
}

// covers reports whether records name every package of an item.
func (p *packing) covers(s marking.Span) bool {
	if !s.IsRun() {
		return p.node(s.First()) != nil
	}
	ns, lo, hi := p.meeting(s)
	return coverAll(ns, lo, hi)
}

// coverAll reports whether nodes that overlap an interval leave none of it out.
func coverAll(ns []*node, lo, hi uint64) bool {
	var filled uint64
	for _, n := range ns {
		filled += min(n.hi, hi) - max(n.lo, lo) + 1
	}
	return filled == hi-lo+1
}

// roundsIn returns a function that tells how many rounds there are in the packages
// numbered lo to hi of a series. It reports false where records do not name them all, or
// where what they hold could be told only if the lot was cut there.
func (p *packing) roundsIn(one marking.Span) func(lo, hi uint64) (rounds int64, told bool) {
	if n := p.single[one.First()]; n != nil {
		return func(uint64, uint64) (int64, bool) { return p.rounds(n.cells), true }
	}
	ns := p.series[keyOf(one)]
	return func(lo, hi uint64) (rounds int64, told bool) {
		from := sort.Search(len(ns), func(i int) bool { return ns[i].hi >= lo })
		next := lo
		for _, n := range ns[from:] {
			switch {
			case n.lo > next || next > hi:
				return rounds, next > hi
			case lo <= n.lo && n.hi <= hi:
				rounds += p.rounds(n.cells)
			case len(n.children) > 0 || n.each == 0:
				return 0, false
			default:
				rounds += n.each * int64(min(n.hi, hi)-max(n.lo, lo)+1)
			}
			next = n.hi + 1
		}
		return rounds, next > hi
	}
}

// around returns the smallest package around an item that records name, and the
// node it is in.
func (p *packing) around(s marking.Span) (marking.ID, *node) {
	for id := s.First().Parent(); !id.IsZero(); id = id.Parent() {
		if n := p.node(id); n != nil {
			return id, n
		}
	}
	return p.lot, p.root
}

// cellsOf returns where an item lies that the packing was laid out for: exact is
// false where it is only a part of those cells, found is false where the
// package around it is filled by others.
func (p *packing) cellsOf(s marking.Span) (r region, exact, found bool) {
	if n := p.single[s.First()]; n != nil {
		return n.cells, true, true
	}
	met, lo, hi := p.meeting(s)
	if ns := insideOf(met, lo, hi); len(ns) > 0 && coverAll(met, lo, hi) {
		return region{ns[0].cells.lo, ns[len(ns)-1].cells.hi}, true, true
	}
	_, n := p.around(s)
	if n.filled {
		return region{}, false, false
	}
	return region{n.cells.hi - 1, n.cells.hi}, false, true
}
