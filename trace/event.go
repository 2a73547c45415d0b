package trace

import (
	"cmp"
	"slices"

	"github.com/sublot/sublot/marking"
)

// An event is something that happened to goods, as the records that count tell
// it. A transfer may be told by several sources.
type event struct {
	rec     *Record   // the telling that rules
	tellers []*Record // all tellings that are seen, the ruling one first
	refs    []Ref     // the names of these
	names   []Ref     // of all tellings, seen or not: deliveries may cite them
	told    *cluster  // of a transfer, all tellings
	place   int       // among the events of the lot
	day     Day
	order   int // place within a day (R3)
	holder  string
	lines   []eventLine

	delivers   *event                 // the transfer that a delivery confirms
	deliveries []*Record              // those of a transfer, of any day
	arrived    bool                   // a delivery of this transfer was carried out
	consents   map[consentUse]*Record // the consent that covers a line, nil for none, worked out once
	touched    []region               // where it moved or may have moved something
}

type eventLine struct {
	Line
	cells  region
	holds  int64 // rounds of the item
	placed bool  // the line gives the whole of its item, so it is known which rounds
	lost   bool  // the item is nowhere in the lot, or in no cell that is followed

	narrowed bool // not all of its cells are followed
}

// beyond returns how many more rounds the line is of than all that its item holds.
func (l *eventLine) beyond() int64 {
	if !l.placed {
		return 0
	}
	return l.Quantity - l.holds
}

// again returns events as before anything happened, in their order.
func again(events []*event) []*event {
	lines := 0
	for _, e := range events {
		lines += len(e.lines)
	}
	copies, all := make([]event, len(events)), make([]eventLine, 0, lines)
	out := make([]*event, len(events))
	for i, e := range events {
		c := &copies[i]
		*c = *e
		all = append(all, e.lines...)
		c.lines = all[len(all)-len(e.lines) : len(all) : len(all)]
		out[i] = c
	}
	for _, c := range out {
		if d := c.delivers; d != nil {
			if i, there := slices.BinarySearchFunc(out, d.place, func(e *event, place int) int { return cmp.Compare(e.place, place) }); there {
				c.delivers = out[i]
			}
		}
	}
	return out
}

func (e *event) transfer() *Transfer {
	t, _ := e.rec.Body.(*Transfer)
	return t
}

// act returns what kind of giving a transfer is; where none is stated it is a sale.
func (t *Transfer) act() string { return cmp.Or(t.Act, "sale") }

// dayOrder is the place of a record among those of its day (R3).
func dayOrder(r *Record) int {
	order := []string{"pack", "transfer", "delivery", "receipt", "return", "found", "count", "move", "issue", "loss", "expend", "destruction"}
	if b, ok := r.Body.(*Stock); ok {
		return slices.Index(order, b.Movement)
	}
	return slices.Index(order, string(r.Kind))
}

// holderIn returns whose goods a stock, loss, destruction or delivery record is about.
func holderIn(r *Record) string {
	switch b := r.Body.(type) {
	case *Stock:
		return b.Holder
	case *Loss:
		return b.Holder
	case *Destruction:
		return b.Holder
	case *Delivery:
		return b.To
	}
	return ""
}

// told is a transfer record before it is known which event it tells of.
type told struct {
	rec     *Record
	seen    bool // known and not voided
	cluster *cluster
}

type cluster struct {
	members []*told
	tellers []*Record // those that are seen, the ruling one first
	place   int       // among those of the lot
}

// joinTellings finds which transfers are one event told by several sources: the
// same from, to and items, at most 90 days apart, the nearest days paired;
// unplaced lines only when their papers agree (R6): placed reports whether all lines
// of a telling give the whole of their items. Tellings that are not seen
// change nothing about the others; they are put with the event that they would
// have told of, since deliveries may cite them.
func joinTellings(all []*told, placed func(*Record) bool) []*cluster {
	for _, t := range all {
		t.cluster = &cluster{members: []*told{t}}
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, compareGoods)
	var out []*cluster
	for len(all) > 0 {
		n := 1
		for n < len(all) && compareGoods(all[0], all[n]) == 0 {
			n++
		}
		g := all[:n]
		all = all[n:]
		joinGroup(g, placed, func(a, b *told) bool { return a.seen && b.seen })
		joinGroup(g, placed, func(a, b *told) bool { return a.seen != b.seen })
		seen := map[*cluster]bool{}
		for _, t := range g {
			if !seen[t.cluster] {
				seen[t.cluster] = true
				out = append(out, t.cluster)
			}
		}
	}
	for _, k := range out {
		k.tellers = ruling(k.members)
	}
	return out
}

// compareGoods compares transfers by giver, recipient and items, whatever their
// order.
func compareGoods(a, b *told) int {
	x, y := a.rec.Body.(*Transfer), b.rec.Body.(*Transfer)
	if c := cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To)); c != 0 {
		return c
	}
	return slices.Compare(itemTexts(x), itemTexts(y))
}

func itemTexts(t *Transfer) []string {
	items := make([]string, len(t.Lines))
	for i, l := range t.Lines {
		items[i] = l.Item.String()
	}
	slices.Sort(items)
	return items
}

// joinGroup joins those tellings of a group that may be of one event.
func joinGroup(g []*told, placed func(*Record) bool, may func(a, b *told) bool) {
	const most = 90 // days between two tellings of one event
	type pair struct {
		a, b *told
		days Day
	}
	var pairs []pair
	for i, a := range g {
		for _, b := range g[i+1:] {
			days := a.rec.At.Day() - b.rec.At.Day()
			if days = max(days, -days); days <= most && a.rec.Source != b.rec.Source && may(a, b) &&
				(samePapers(a.rec, b.rec) || placed(a.rec) && placed(b.rec)) {
				pairs = append(pairs, pair{a, b, days})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y pair) int { // g is in the order of days and names
		return cmp.Compare(x.days, y.days)
	})
	for _, p := range pairs {
		a, b := p.a.cluster, p.b.cluster
		if a == b || shareSource(a, b) || a.seen() && b.seen() && !(p.a.seen && p.b.seen) {
			continue
		}
		a.members = append(a.members, b.members...)
		for _, t := range b.members {
			t.cluster = a
		}
	}
}

func (k *cluster) seen() bool {
	return slices.ContainsFunc(k.members, func(t *told) bool { return t.seen })
}

// samePapers reports whether two tellings cite the same licence and certificate.
func samePapers(a, b *Record) bool {
	x, y := a.Body.(*Transfer), b.Body.(*Transfer)
	return x.Licence == y.Licence && x.EUC == y.EUC
}

func shareSource(x, y *cluster) bool {
	for _, a := range x.members {
		for _, b := range y.members {
			if a.rec.Source == b.rec.Source {
				return true
			}
		}
	}
	return false
}

// ruling puts first the telling that rules: the giver's own, else the earlier.
func ruling(members []*told) []*Record {
	var out []*Record
	for _, t := range members {
		if t.seen {
			out = append(out, t.rec)
		}
	}
	if len(out) < 2 {
		return out
	}
	slices.SortFunc(out, func(a, b *Record) int {
		own := func(r *Record) int {
			if r.Source == r.Body.(*Transfer).From {
				return 0
			}
			return 1
		}
		if c := cmp.Compare(own(a), own(b)); c != 0 {
			return c
		}
		return compareRecords(a, b)
	})
	return out
}

// differ reports whether two tellings of one event differ in what they say.
func differ(a, b *Record) bool {
	x, y := a.Body.(*Transfer), b.Body.(*Transfer)
	quantities := func(t *Transfer) map[marking.Span]int64 {
		m := map[marking.Span]int64{}
		for _, l := range t.Lines {
			m[l.Item] = l.Quantity
		}
		return m
	}
	qx, qy := quantities(x), quantities(y)
	for item, q := range qx {
		if qy[item] != q {
			return true
		}
	}
	return a.At.Day() != b.At.Day() || x.act() != y.act() || x.EndUser != y.EndUser ||
		x.Licence != y.Licence || x.EUC != y.EUC || x.DeliveryDue.Day() != y.DeliveryDue.Day()
}
