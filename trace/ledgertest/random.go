package ledgertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomRecord returns a record line that meets others: few makers, lots,
// packages and parties, spans of all sizes.
func randomRecord(rng *rand.Rand, n int64) string {
	head := fmt.Sprintf(`"source":%q,"id":"%d"`, pick(rng, "XA", "XB", "XCW", "XC:1", "é"), n)
	if rng.IntN(4) > 0 {
		head += fmt.Sprintf(`,"at":%q`, randomDay(rng))
	}
	dated := head
	if !strings.Contains(head, `"at"`) {
		dated += fmt.Sprintf(`,"at":%q`, randomDay(rng))
	}
	if rng.IntN(3) == 0 {
		dated += fmt.Sprintf(`,"recorded":%q`, randomDay(rng))
	}
	ref := func() string { return fmt.Sprintf("%s:%d", pick(rng, "XA", "XB"), rng.IntN(20)) }
	party := func() string { return pick(rng, "XA", "XB", "XCW", "XC:1") }
	switch rng.IntN(14) {
	case 0:
		return fmt.Sprintf(`{"kind":"party",%s,"party":%q,"name":"n","country":"XA","roles":["maker"]}`, head, party())
	case 1:
		return fmt.Sprintf(`{"kind":"lot",%s,"item":%q,"calibre":"9x19","quantity":1,"made":{"to":%q}}`, head, randomLot(rng), randomDay(rng))
	case 2:
		lot := randomLot(rng)
		return fmt.Sprintf(`{"kind":"pack",%s,"item":%q,"quantity":5000,"units":[{"item":"%s/001..003"},{"item":"%s/001/0001..0%d","level":"crate","each":5}]}`, dated, lot, lot, lot, 100+rng.IntN(300))
	case 3:
		return fmt.Sprintf(`{"kind":"pointers",%s,"from":1,"to":9,"items":"%s/%d..%d"}`, dated, randomLot(rng), 1, 9)
	case 4:
		return fmt.Sprintf(`{"kind":"licence",%s,"number":"n","authority":"XA","euc":%q}`, head, ref())
	case 5:
		return fmt.Sprintf(`{"kind":"delivery",%s,"transfer":%q,"to":"XB","lines":[%s]}`, dated, ref(), randomLines(rng))
	case 6:
		return fmt.Sprintf(`{"kind":"status",%s,"of":%q,"state":"revoked"}`, dated, ref())
	case 7:
		return fmt.Sprintf(`{"kind":"coverage",%s,"party":%q,"state":"complete"}`, dated, party())
	case 8:
		return fmt.Sprintf(`{"kind":"correction",%s,"voids":%q,"reason":"r","replaced_by":%q}`, dated, "XQ:1", ref())
	case 9:
		return fmt.Sprintf(`{"kind":"sighting",%s,"by":"XA","item":%q}`, dated, randomSpan(rng))
	case 10:
		return fmt.Sprintf(`{"kind":"recovery",%s,"agency":"XA","country":"XA","items":[{"clue":"c"},{"item":%q},{"item":%q}]}`, dated, randomSpan(rng), randomSpan(rng))
	case 11:
		r := ref()
		return fmt.Sprintf(`{"kind":"transfer",%s,"from":"XA","to":"XB","licence":%q,"euc":%q,"lines":[%s]}`, dated, r, pick(rng, r, ref()), randomLines(rng))
	}
	return fmt.Sprintf(`{"kind":"stock",%s,"holder":"XB","site":"D1","movement":"count","lines":[%s]}`, dated, randomLines(rng))
}

// randomLines returns lines of different lots, so that they cannot overlap.
func randomLines(rng *rand.Rand) string {
	var lines []string
	for _, lot := range rng.Perm(4)[:1+rng.IntN(2)] {
		lines = append(lines, fmt.Sprintf(`{"item":"XCW/L%d%s","quantity":5}`, lot, randomPart(rng)))
	}
	return strings.Join(lines, ",")
}

func randomLot(rng *rand.Rand) string {
	return fmt.Sprintf("%s/L%d", pick(rng, "XCW", "XCW", "XCX", "XC", "PL:21"), rng.IntN(4))
}

func randomSpan(rng *rand.Rand) string { return randomLot(rng) + randomPart(rng) }

// randomPart returns what may stand after a lot: nothing, packages at several
// levels, short and long runs, names of other widths and prefixes.
func randomPart(rng *rand.Rand) string {
	run := func(parent, prefix string, width, limit int) string {
		a, b := rng.IntN(limit), rng.IntN(limit)
		if rng.IntN(2) == 0 {
			b = a + rng.IntN(5)
		}
		if a > b {
			a, b = b, a
		}
		first := fmt.Sprintf("%s/%s%0*d", parent, prefix, width, a)
		if a == b || rng.IntN(3) == 0 {
			return first
		}
		return fmt.Sprintf("%s..%s%0*d", first, prefix, width, b)
	}
	switch rng.IntN(8) {
	case 0:
		return ""
	case 1:
		return "/00" + fmt.Sprint(1+rng.IntN(3))
	case 2:
		return run("", "", 3, 900)
	case 3:
		return run("/001", "A", 4, 9000)
	case 4:
		return run("/001/0042", "", 2, 90)
	case 5:
		return "/B"
	}
	return run("/001", "", 4, 9000)
}

func randomDay(rng *rand.Rand) string {
	return fmt.Sprintf("202%d-0%d-1%d", rng.IntN(6), 1+rng.IntN(9), rng.IntN(10))
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }
