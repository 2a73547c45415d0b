package trace

import (
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/sublot/sublot/marking"
)

// What becomes of one package depends on the records that bear on it and on few
// others. Of a ledger whose index tells enough of records, only those are read: that
// the others cannot matter is shown by the index, or the whole lot is read.

// A nearby is what is on record of a lot, and which of it a question about one item
// depends on.
type nearby struct {
	v      *view
	ledger outliner
	series []OutlinedSeries
	items  int // of all series

	asked     marking.Span
	given     []*Outlined    // transfers, by the number of their name
	corrected map[int64]bool // a correction names the record, whether it counts or not
	read      map[int64]bool
}

// nearbys are kept for their room.
var nearbys = sync.Pool{New: func() any { return &nearby{corrected: map[int64]bool{}, read: map[int64]bool{}} }}

// roomKept is how many items of a lot may leave their room to the next one.
const roomKept = 4096

// outline returns what the index tells of a lot, nil where the ledger has none. It is to
// be released.
func (v *view) outline(lot marking.ID) (n *nearby, err error) {
	o, ok := v.ledger.(outliner)
	if !ok {
		return nil, nil
	}
	n = nearbys.Get().(*nearby)
	n.v, n.ledger, n.items = v, o, 0
	n.series, err = o.Outline(v.ctx, lot, v.asOf, n.series)
	for _, s := range n.series {
		n.items += len(s.Items)
	}
	return n, err
}

// release gives back what outline gave.
func (n *nearby) release() {
	if n == nil || n.items > roomKept {
		return
	}
	n.v, n.ledger = nil, nil
	n.clear()
	nearbys.Put(n)
}

func (n *nearby) clear() {
	clear(n.given)
	clear(n.corrected)
	clear(n.read)
}

// lay lays out of a lot what a question about an item depends on, so that what is apart is
// told apart from its like. It returns nil where the index does not tell.
func (n *nearby) lay(lot marking.ID, asked, apart marking.Span) (*laid, error) {
	n.clear()
	n.asked = asked
	n.choose()
	unsure := n.chooseOfOneDay()
	n.chooseDeliveries()
	records, err := n.records()
	if err != nil {
		return nil, err
	}
	l, said, seen, err := lotOf(n.v, lot, records)
	if err != nil || !l.known {
		return nil, err
	}
	l.some, l.unsure = true, unsure
	l.cut(said, seen, apart)
	if l.layout.root.rounds == 0 || !l.packed.covers(n.asked) {
		return nil, nil
	}
	if err := l.join(n.v, seen); err != nil {
		return nil, err
	}
	l.tell(seen)
	l.look()
	if !n.passOver(l) {
		return nil, nil
	}
	return l, nil
}

// choose chooses what bears on the item asked about, and what says how the lot was
// packed.
func (n *nearby) choose() {
	for i := range n.series {
		s := &n.series[i]
		lo, hi, some := bearing(n.asked, s.One)
		for k := range s.Items {
			x := &s.Items[k]
			switch x.Kind {
			case KindCorrection:
				n.corrected[x.Voids] = true
				continue
			case KindTransfer:
				*n.transfer(x) = x
			case KindRepack, KindConsent, KindDelivery, KindStock, KindLoss, KindDestruction, KindRecovery, KindSighting:
			default: // a lot, a pack, or what this does not know
				n.read[x.Seq] = true
			}
			if some && x.Lo <= hi && lo <= x.Hi {
				n.read[x.Seq] = true
			}
		}
	}
}

// transfer returns where the transfer that an item is of, or is a delivery of, is kept.
func (n *nearby) transfer(x *Outlined) **Outlined {
	if at := int(x.Transfer); at >= len(n.given) {
		n.given = append(n.given, make([]*Outlined, at+1-len(n.given))...)
	}
	return &n.given[x.Transfer]
}

// bearing returns which numbers the packages of a series have that contain an item or
// lie inside it, if any do.
func bearing(item, one marking.Span) (lo, hi uint64, some bool) {
	first := item.First()
	depth, at := one.First().Depth(), first.Depth()
	if depth == 0 { // the lot
		return 0, 0, true
	}
	if depth > at {
		return 0, math.MaxUint64, item.Holds(one.First())
	}
	holder := item
	if depth < at {
		holder = marking.SpanOf(first.Ancestor(depth))
	}
	if keyOf(holder) != keyOf(one) {
		return 0, 0, false
	}
	if lo, hi = holder.Ordinals(); keyOf(one).width == 0 {
		return 0, 0, holder.First() == one.First()
	}
	return lo, hi, true
}

// To find out whether what a transfer gives was one before, so many records of a part of it
// are read, for so many transfers.
const (
	mostDivided  = 64
	mostOfOneDay = 16
)

// chooseOfOneDay chooses, where several transfers of one day bear on the item, what is of
// a part of what these give, up to that day: it may tell which came first. It returns the
// days of which that is too much.
func (n *nearby) chooseOfOneDay() (unsure []Day) {
	days := map[Day]int{}
	var given []marking.Span
	var on []Day
	for i := range n.series {
		s := &n.series[i]
		for k := range s.Items {
			if x := &s.Items[k]; x.Kind == KindTransfer && n.read[x.Seq] {
				days[x.At]++
				given, on = append(given, s.itemOf(x)), append(on, x.At)
			}
		}
	}
	looked := 0
	for g, item := range given {
		if days[on[g]] == 1 || slices.Contains(unsure, on[g]) {
			continue
		}
		if looked++; looked > mostOfOneDay {
			unsure = append(unsure, on[g])
			continue
		}
		divided := 0
		for i := range n.series {
			s := &n.series[i]
			lo, hi, some := bearing(item, s.One)
			for k := range s.Items {
				x := &s.Items[k]
				if !some || x.Hi < lo || hi < x.Lo || x.At > on[g] || n.read[x.Seq] {
					continue
				}
				switch x.Kind {
				case KindTransfer, KindDelivery, KindStock, KindLoss, KindDestruction:
					if divided++; divided <= mostDivided {
						n.read[x.Seq] = true
					}
				}
			}
		}
		if divided > mostDivided {
			unsure = append(unsure, on[g])
		}
	}
	return unsure
}

// chooseDeliveries chooses deliveries that matter wherever their goods are: those of
// transfers that bear on the item, and those whose transfer may not be on record or
// may not count, which is remarked on for every package of the lot.
func (n *nearby) chooseDeliveries() {
	near := maps.Clone(n.read)
	for i := range n.series {
		for k := range n.series[i].Items {
			x := &n.series[i].Items[k]
			if x.Kind != KindDelivery {
				continue
			}
			of := *n.transfer(x)
			switch {
			case of == nil || !n.surely(of):
				n.read[x.Seq] = true
			case near[of.Seq]:
				n.read[x.Seq] = true
				continue
			case !near[x.Seq]:
				continue
			}
			n.readLike(of)
		}
	}
}

// surely reports whether a transfer is seen, stands, and counts by the word of a
// party to it.
func (n *nearby) surely(t *Outlined) bool {
	return t.Own && !n.corrected[t.Seq] && (n.v.known == NoDay || t.Known <= n.v.known)
}

// readLike chooses a transfer, and those that may tell of the same event.
func (n *nearby) readLike(t *Outlined) {
	if t == nil {
		return
	}
	for _, x := range n.given {
		if x != nil && x.Hands == t.Hands {
			n.read[x.Seq] = true
		}
	}
}

// records reads what was chosen, in the order of days and names.
func (n *nearby) records() ([]*Record, error) {
	places := slices.Sorted(maps.Keys(n.read))
	out := make([]*Record, 0, len(places))
	for e, err := range n.ledger.Entries(n.v.ctx, places) {
		if err != nil {
			return nil, err
		}
		out = append(out, e.Record)
	}
	sortRecords(out)
	return out, nil
}

// passOver reports whether nothing that was not read can matter: every line of it is
// of packages that are on record. Where one does not say of which rounds it is, the
// day of that is noted.
func (n *nearby) passOver(l *laid) bool {
	for i := range n.series {
		s := &n.series[i]
		rounds := l.packed.roundsIn(s.One)
		for k := range s.Items {
			x := &s.Items[k]
			if x.Kind == KindCorrection || x.Kind == KindRecovery || x.Kind == KindSighting || n.read[x.Seq] {
				continue
			}
			all, told := rounds(x.Lo, x.Hi)
			if !told {
				return false
			}
			if x.Kind == KindRepack || x.Kind == KindConsent || x.Quantity == all {
				continue
			}
			day := x.At
			if x.Kind == KindLoss { // which may have begun earlier
				day = NoDay
			}
			l.loosen(day)
		}
	}
	return true
}
