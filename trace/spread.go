package trace

import (
	"cmp"
	"context"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A Piece is a package of a lot, or a run of like packages, with where it is. It
// is what a drawing of the lot is made from.
type Piece struct {
	Item     marking.Span `json:"item"`
	Rounds   int64        `json:"rounds"`
	Rest     bool         `json:"rest,omitempty"`   // what was never packed of Item
	Within   []Piece      `json:"within,omitempty"` // the packages inside, in order; they and the rest make up the whole
	Parts    []Part       `json:"parts,omitempty"`  // where nothing lies inside: who may hold it, the most rounds each
	Settled  bool         `json:"settled"`          // it is known which of the parties holds which package
	AskedFor bool         `json:"asked,omitempty"`  // it is part of what was asked about
}

// Spread lays out the lot of what a question asks about, as it was on the day of
// the question: each package with who holds it. Nil means that no record speaks of
// the lot. Its errors are those of [Resolve].
func Spread(ctx context.Context, l Ledger, q Query) (*Piece, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	a := &answer{q: q, v: newView(ctx, l, q.AsOf, q.KnownOn), f: &Finding{}}
	if done, err := a.read(); done || err != nil {
		return nil, err
	}
	c, err := courseOf(a.v, a.asked.First().Lot(), a.asked)
	if err != nil || !c.known {
		return nil, err
	}
	ways, _, err := c.ways(a.asked, q.day(), true)
	if err != nil {
		return nil, err
	}
	c = ways[0]
	r, _, _ := c.packing.cellsOf(a.asked)
	piece := c.piece(c.packing.root, r, q.day())
	return &piece, c.err
}

// piece lays out a node and all that lies inside it.
func (c *course) piece(n *node, asked region, day Day) Piece {
	p := Piece{Item: n.span(), Rounds: c.packing.rounds(n.cells)}
	if len(n.children) == 0 {
		c.settleParts(&p, n.cells, asked, day)
		return p
	}
	for _, child := range n.children {
		p.Within = append(p.Within, c.piece(child, asked, day))
	}
	if rest := (region{n.cells.hi - 1, n.cells.hi}); !n.filled && c.packing.rounds(rest) > 0 {
		x := Piece{Item: n.span(), Rounds: c.packing.rounds(rest), Rest: true}
		c.settleParts(&x, rest, asked, day)
		p.Within = append(p.Within, x)
	}
	p.AskedFor = asked.lo <= n.cells.lo && n.cells.hi <= asked.hi && !asked.empty()
	return p
}

// settleParts says who may hold the cells of a piece.
func (c *course) settleParts(p *Piece, r, asked region, day Day) {
	p.AskedFor = asked.lo <= r.lo && r.hi <= asked.hi && !asked.empty()
	p.Settled = !slices.ContainsFunc(c.forks, func(f fork) bool { return !f.cells.meet(r).empty() })
	sum := map[Part]int64{}
	for _, a := range c.holdings(r) {
		p.Settled = p.Settled && a.full
		sum[a.part(day)] += c.within(a, r)
	}
	for part, rounds := range sum {
		part.Quantity = rounds
		p.Parts = append(p.Parts, part)
	}
	p.Settled = p.Settled && len(p.Parts) <= 1
	slices.SortFunc(p.Parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Quantity, a.Quantity), cmp.Compare(a.Party, b.Party), cmp.Compare(a.Site, b.Site), cmp.Compare(a.State, b.State))
	})
}
