package trace

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A Whereabouts says where each part of an item is on a day. Its parts add up
// to its quantity.
type Whereabouts struct {
	Item     marking.Span `json:"item"`
	At       Day          `json:"at,omitzero"`
	Quantity int64        `json:"quantity"` // rounds
	Parts    []Part       `json:"parts"`
}

// A Part is rounds of an item that are in one place and one state.
type Part struct {
	Party    string `json:"party,omitempty"`
	Site     string `json:"site,omitempty"`
	State    string `json:"state"` // held, in_transit, unconfirmed, lost, destroyed, expended, unaccounted
	Quantity int64  `json:"quantity"`
}

// Where says where each part of an item is at the end of a day; NoDay means
// after all that is on record. Where more was given than there is, the claims
// are shown in time order up to the whole (R7); where no record says which of
// unlike goods a party gave, those that it had first. Its errors are a *[QueryError]
// where the item is not on record, or those of the ledger.
func Where(ctx context.Context, l Ledger, item marking.Span, at Day) (*Whereabouts, error) {
	v := newView(ctx, l, -1, NoDay)
	c, err := courseOf(v, item.First().Lot(), item)
	if err != nil {
		return nil, err
	}
	notThere := func(reason string) error {
		return &QueryError{"item", fmt.Sprintf("%s: %s", item, reason), "sublot trace says what is known of it"}
	}
	if !c.known {
		return nil, notThere("the lot is not on record")
	}
	r, exact, found := c.packing.cellsOf(item)
	if !found {
		return nil, notThere("it is not among the packages that fill the one around it")
	}
	if !exact {
		return nil, notThere("no record names it: it may be part of what was never packed")
	}
	until := at
	if at == NoDay {
		until = lastDay
	}
	ways, _, err := c.ways(item, until, false)
	if err != nil {
		return nil, err
	}
	c = ways[0]
	w := &Whereabouts{Item: item, At: at, Quantity: c.packing.rounds(r)}
	w.Parts = c.parts(r, until)
	return w, nil
}

// parts adds up where the rounds of a region are, each round once.
func (c *custody) parts(r region, on Day) []Part {
	sum := map[Part]int64{}
	left := c.packing.rounds(r)
	taken := map[int]bool{} // cells of which all is placed
	add := func(s *state, rounds int64) {
		if rounds = min(rounds, left); rounds > 0 {
			sum[s.part(on)] += rounds
			left -= rounds
		}
	}
	held := c.holdings(r)
	slices.SortStableFunc(held, func(a, b *account) int { // what is known package by package first, then the earlier claim
		return cmp.Or(cmp.Compare(b2i(a.over), b2i(b.over)), cmp.Compare(b2i(!a.full), b2i(!b.full)), cmp.Compare(a.since(), b.since()))
	})
	placed := map[*account]int64{}
	for _, a := range held { // first what can be nowhere else
		if _, out := inside(a.cells, r); !a.full && !c.crowded(a.pool, true) {
			placed[a] = min(max(a.left()-c.rounds(out), 0), left)
			add(a.state, placed[a])
		}
	}
	for _, a := range held {
		if !a.full {
			add(a.state, c.most([]*account{a}, r)-placed[a])
			continue
		}
		in, _ := inside(a.cells, r)
		for _, i := range in {
			if !taken[i] {
				taken[i] = true
				add(a.state, c.rounds([]int{i}))
			}
		}
	}
	parts := make([]Part, 0, len(sum)+1)
	for p, rounds := range sum {
		p.Quantity = rounds
		parts = append(parts, p)
	}
	if left > 0 {
		parts = append(parts, Part{State: "unaccounted", Quantity: left})
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Quantity, a.Quantity), cmp.Compare(a.Party, b.Party), cmp.Compare(a.Site, b.Site), cmp.Compare(a.State, b.State))
	})
	return parts
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *state) since() Day { return s.arrived() }

// part says in which state rounds are on a day.
func (s *state) part(on Day) Part {
	switch {
	case s.gone != nil && s.gone.Kind == KindDestruction:
		return Part{Party: s.holder, State: "destroyed"}
	case s.gone != nil:
		return Part{Party: s.holder, State: "expended"}
	case s.loss != nil:
		return Part{Party: s.holder, State: "lost"}
	}
	if s.came != nil && !s.came.delivered && s.inStock == nil {
		switch due := s.came.event.transfer().DeliveryDue; {
		case s.came.event.arrived: // the rest of a short delivery
			return Part{Party: s.holder, State: "unconfirmed"}
		case due.IsZero():
		case on > due.Day():
			return Part{Party: s.holder, State: "unconfirmed"}
		default:
			return Part{Party: s.holder, State: "in_transit"}
		}
	}
	return Part{Party: s.holder, Site: s.site, State: "held"}
}
