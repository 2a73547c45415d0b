package trace

import (
	"github.com/sublot/sublot/marking"
)

// A seeing is a package seen on a day: sighted, or recovered.
type seeing struct {
	rec      *Record
	item     marking.Span
	place    string
	quantity int64 // rounds recovered, 0 where the record does not say
}

// flagDuplicates looks for leaf units that were seen where one package cannot
// have been: in two places on one day, somewhere else after they were
// recovered, or in more rounds than they hold.
func (a *answer) flagDuplicates() error {
	seen, err := a.seeings()
	if err != nil {
		return err
	}
	for i, x := range seen {
		for _, y := range seen[:i] {
			if x.item != y.item || x.rec == y.rec {
				continue
			}
			switch {
			case x.rec.At.Day() == y.rec.At.Day() && x.place != "" && y.place != "" && x.place != y.place:
				a.duplicated(say("%s was seen at %s and at %s on one day.", x.item, y.place, x.place), y.rec, x.rec)
			case y.rec.Kind == KindRecovery && x.rec.At.Day() > y.rec.At.Day() && x.place != y.place:
				a.duplicated(say("%s was recovered on %s and seen elsewhere on %s.", x.item, y.rec.At.Day(), x.rec.At.Day()), y.rec, x.rec)
			}
		}
	}
	return a.recoveredTooMuch(seen)
}

// recoveredTooMuch adds up the rounds that records say were recovered of each unit.
func (a *answer) recoveredTooMuch(seen []seeing) error {
	sum := map[marking.Span]int64{}
	from := map[marking.Span][]*Record{}
	var order []marking.Span
	for _, x := range seen {
		if x.quantity == 0 {
			continue
		}
		if from[x.item] == nil {
			order = append(order, x.item)
		}
		sum[x.item] += x.quantity
		from[x.item] = append(from[x.item], x.rec)
	}
	for _, item := range order {
		n := a.course.packing.node(item.First()) // its own, or the run of like packages that it is in
		if whole := n.rounds / n.count(); whole > 0 && sum[item] > whole {
			a.duplicated(say("%d rounds of %s were recovered, it holds %d.", sum[item], item, whole), from[item]...)
		}
	}
	return nil
}

func (a *answer) duplicated(says Sentence, records ...*Record) {
	a.addFlag("MARK_DUPLICATED", says, refsOf(records)...)
}

// seeings lists the sightings and recoveries of leaf units within what was
// asked, up to the day of the question.
func (a *answer) seeings() ([]seeing, error) {
	var out []seeing
	for _, r := range a.course.sights {
		if r.At.Day() > a.q.asked() {
			continue
		}
		if ok, err := a.v.stands(r); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		add := func(item marking.Span, place string, quantity int64) {
			if !item.IsZero() && !item.IsRun() && a.asked.Contains(item) && a.course.packing.isLeaf(item) {
				out = append(out, seeing{r, item, place, quantity})
			}
		}
		switch b := r.Body.(type) {
		case *Sighting:
			add(b.Item, b.Place, 0)
		case *Recovery:
			for _, it := range b.Items {
				add(it.Item, b.Place, it.Quantity)
			}
		}
	}
	return out, nil
}

// isLeaf reports whether a record names a package below the lot that nothing is
// recorded to lie inside.
func (p *packing) isLeaf(item marking.Span) bool {
	if item.First().Depth() == 0 {
		return false
	}
	n := p.node(item.First())
	return n != nil && len(n.children) == 0
}
