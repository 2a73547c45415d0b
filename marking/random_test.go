package marking

import (
	"math/rand/v2"
	"strings"

	"github.com/sublot/sublot/marking/calibre"
)

// randomComponent draws a component, with a weight on runs of digits and on
// what separates them, which is where orders and spans go wrong.
func randomComponent(r *rand.Rand) string {
	for {
		var b strings.Builder
		letters := []string{"ABXZ", "БЖЯ", "ΑΩ", "国营"}[max(0, r.IntN(12)-8)]
		for range 1 + r.IntN(4) {
			switch r.IntN(4) {
			case 0:
				ls := []rune(letters)
				b.WriteRune(ls[r.IntN(len(ls))])
			case 1:
				b.WriteByte("-._+: ()#"[r.IntN(9)])
			default:
				for range 1 + r.IntN(3) {
					b.WriteByte("0019"[r.IntN(4)])
				}
			}
		}
		if checkComponent(b.String(), 0, b.String()) == nil {
			return b.String()
		}
	}
}

func randomID(r *rand.Rand) ID {
	s := randomComponent(r)
	for range 1 + r.IntN(4) {
		s += "/" + randomComponent(r)
	}
	return MustParseID(s)
}

func randomMark(r *rand.Rand) Mark {
	m := Mark{Item: randomID(r), Level: levels[r.IntN(len(levels))], Made: Month(r.IntN(int(lastMonth) + 1))}
	if r.IntN(2) == 0 {
		m.Rounds = r.Int64N(maxRounds + 1)
	}
	switch r.IntN(4) {
	case 0:
		all := calibre.All()
		m.Calibre = all[r.IntN(len(all))].ID
	case 1:
		m.Calibre = "#2000"
	case 2:
		m.Calibre = "пробный 7"
	}
	if r.IntN(3) == 0 {
		m.Type = "ball"
	}
	if r.IntN(3) == 0 {
		m.NSN = "130501A123456"
	}
	for i := range r.IntN(3) {
		m.National = append(m.National, National{"XB", "unit", string(rune('A' + i))})
	}
	for i := range r.IntN(3) {
		m.Unknown = append(m.Unknown, Field{byte(100 + i), []byte{byte(r.Uint32()), 0}})
	}
	return m
}
