package oracle

import (
	"fmt"
	"math/rand/v2"
)

// NewBusyWorld makes the world of a seed in which one lot is given on within a few days:
// by chains of transfers, by several at once, and by some who have nothing of it.
func NewBusyWorld(seed uint64) World {
	const boxes = 64
	rng := rand.New(rand.NewPCG(seed, 13))
	var w World
	record := func(format string, args ...any) { w.Records = append(w.Records, fmt.Sprintf(format, args...)) }
	party := func() string { return fmt.Sprintf("XA-%d", 1+rng.IntN(5)) }
	item := func(lo, hi int) string {
		if lo == hi {
			return fmt.Sprintf("XM01/L1/%02d", lo)
		}
		return fmt.Sprintf("XM01/L1/%02d..%02d", lo, hi)
	}
	record(`{"kind":"party","source":"XM","id":"XM01","name":"Works","country":"XM","roles":["maker"]}`)
	for i := range 5 {
		successor := ""
		if rng.IntN(12) == 0 {
			successor = fmt.Sprintf(`,"successor":"%s"`, party())
		}
		record(`{"kind":"party","source":"XA","id":"XA-%d","name":"Unit","country":"XA","roles":["end_user"]%s}`, i+1, successor)
	}
	record(`{"kind":"lot","source":"XM01","id":"L","item":"XM01/L1","calibre":"9x19","quantity":640,"made":{"from":"2024-01-01","to":"2024-01-02"}}`)
	record(`{"kind":"pack","source":"XM01","id":"K","at":"2024-01-03","item":"XM01/L1","quantity":640,"units":[{"item":"%s","each":10}]}`, item(1, boxes))
	type holding struct {
		party  string
		lo, hi int
	}
	held := []holding{{"XM01", 1, boxes}}
	names, day := rng.Perm(100), 1
	for i := range 3 + rng.IntN(8) {
		at := max(len(held)-1-rng.IntN(4), 0)
		h := held[at]
		lo, hi := h.lo, h.hi
		switch n := hi - lo + 1; rng.IntN(8) {
		case 0: // any of it
			lo += rng.IntN(n)
			hi = lo + rng.IntN(hi-lo+1)
		case 1, 2: // all of it
		default: // a quarter
			part := rng.IntN(4)
			lo, hi = h.lo+n*part/4, max(h.lo+n*(part+1)/4-1, h.lo+n*part/4)
		}
		from, to := h.party, party()
		switch rng.IntN(10) {
		case 0: // who may have nothing
			from = party()
		case 1, 2: // more than it has
			lo, hi = max(1, lo-rng.IntN(9)), min(boxes, hi+rng.IntN(9))
		}
		if from == to {
			continue
		}
		day += rng.IntN(3) / 2
		record(`{"kind":"transfer","source":"%s","id":"T%02d","at":"2024-02-%02d","act":"issue","from":"%s","to":"%s","lines":[{"item":"%s","quantity":%d}]}`,
			from, names[i], day, from, to, item(lo, hi), (hi-lo+1)*10)
		held = append(held[:at], held[at+1:]...)
		for _, rest := range []holding{{h.party, h.lo, lo - 1}, {h.party, hi + 1, h.hi}, {to, lo, hi}} {
			if rest.lo <= rest.hi {
				held = append(held, rest)
			}
		}
		if rng.IntN(20) == 0 {
			record(`{"kind":"stock","source":"%s","id":"S%d","at":"2024-02-%02d","holder":"%s","movement":"receipt","site":"A","lines":[{"item":"%s","quantity":%d}]}`,
				to, i, day+rng.IntN(3), to, item(lo, hi), (hi-lo+1)*10)
		}
		box := lo + rng.IntN(hi-lo+1)
		w.Questions = append(w.Questions, Question{Item: item(box, box), Recovered: "2024-03-01"})
	}
	return w
}
