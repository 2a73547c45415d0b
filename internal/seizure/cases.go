package seizure

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/calibre"
	"github.com/sublot/sublot/trace"
)

// A Case is a recovery on record and what its items lead to.
type Case struct {
	Ref   trace.Ref       `json:"record"`
	At    trace.Day       `json:"at"`
	Says  *trace.Recovery `json:"recovery"`
	Items []Item          `json:"items"`
}

// An Item is one group of things recovered together, and what its mark leads to.
type Item struct {
	N       int                 `json:"n"` // its place in the record, from 1
	Says    trace.RecoveredItem `json:"-"`
	Lot     marking.ID          `json:"lot,omitzero"`
	Item    marking.Span        `json:"item,omitzero"`
	Calibre string              `json:"calibre,omitempty"` // an id of the dictionary where it is there, else as told
	Type    string              `json:"type,omitempty"`
	Finding *trace.Finding      `json:"finding,omitempty"` // nil where nothing is to be asked

	containers []string // of the transfers of its chain
}

// A Filter says which recoveries are looked at. The zero Filter takes all.
type Filter struct {
	From, To trace.Day // the zero Day is 1970-01-01: use [All] for no limits
	Country  string
	Refs     []trace.Ref // these alone
}

// All takes every recovery.
var All = Filter{From: trace.NoDay, To: 1<<31 - 1}

func (f Filter) takes(r *trace.Record) bool {
	day := r.At.Day()
	return day >= f.From && day <= f.To && (f.Country == "" || r.Body.(*trace.Recovery).Country == f.Country) &&
		(f.Refs == nil || slices.Contains(f.Refs, r.Ref()))
}

// Load reads the recoveries of a ledger that stand and traces their items. Read
// is called now and then with how many records were read.
func Load(ctx context.Context, l trace.Ledger, filter Filter, today trace.Day, read func(records int64)) ([]Case, error) {
	var cases []Case
	var rows []row
	for e, err := range l.All(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if read != nil && e.Seq%10_000 == 0 {
			read(e.Seq)
		}
		if e.Record.Kind != trace.KindRecovery || !filter.takes(e.Record) {
			continue
		}
		if void, err := trace.VoidedBy(ctx, l, e.Record); err != nil {
			return nil, err
		} else if void != nil {
			continue
		}
		c := Case{Ref: e.Record.Ref(), At: e.Record.At.Day(), Says: e.Record.Body.(*trace.Recovery)}
		for i, q := range QuestionsOf(e.Record) {
			c.Items = append(c.Items, Item{N: i + 1, Says: c.Says.Items[i]})
			rows = append(rows, row{Question: q})
		}
		cases = append(cases, c)
	}
	a := &answers{ctx: ctx, ledger: l, today: today}
	out, err := a.all(rows)
	if err != nil {
		return nil, err
	}
	n := 0
	for i := range cases {
		for j := range cases[i].Items {
			it := &cases[i].Items[j]
			it.take(out[n].Finding)
			if it.containers, err = containers(l, it.Finding); err != nil {
				return nil, err
			}
			n++
		}
	}
	slices.SortFunc(cases, func(a, b Case) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Ref, b.Ref))
	})
	return cases, nil
}

// take notes what the finding says of an item.
func (it *Item) take(f *trace.Finding) {
	it.Finding, it.Item, it.Calibre = f, it.Says.Item, it.Says.Calibre
	if f != nil {
		if it.Lot = lotOf(f); !f.Item.IsZero() {
			it.Item = f.Item
		}
		if f.Lot != nil {
			it.Calibre, it.Type = cmp.Or(it.Calibre, f.Lot.Calibre), f.Lot.Type
		}
	}
	if it.Lot.IsZero() && !it.Item.IsZero() {
		it.Lot = it.Item.First().Lot()
	}
	if m := calibre.Lookup(it.Calibre); m.Kind == calibre.Exact {
		it.Calibre = m.Cartridges[0].ID
	}
}

// containers lists the containers of the transfers of a chain.
func containers(l trace.Ledger, f *trace.Finding) (out []string, err error) {
	if f == nil {
		return nil, nil
	}
	for _, link := range f.Chain {
		if link.Kind != trace.KindTransfer {
			continue
		}
		e, err := l.Get(link.Record)
		if err != nil {
			return nil, err
		}
		if t, ok := e.Record.Body.(*trace.Transfer); ok && t.Container != "" {
			out = with(out, t.Container)
		}
	}
	return out, nil
}

// where is the country and the place of a recovery.
func (c Case) where() string {
	return strings.TrimSuffix(c.Says.Country+", "+c.Says.Place, ", ")
}
