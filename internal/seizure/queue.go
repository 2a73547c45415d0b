package seizure

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/sublot/sublot/trace"
)

// A Rule of the queue says what comes first, by words in the type, the calibre
// or the mark of an item. The first rule that fits counts.
type Rule struct {
	Name  string `json:"name"` // P1, P2, …
	What  string `json:"what"`
	words *regexp.Regexp
}

// Rules are in the order of the risk that draft measure 12.a.iv asks to weigh:
// what reaches farthest and is hardest to replace first. A reader may disagree:
// that is why each entry says which rule put it where.
var Rules = []Rule{
	{"P1", "guided missiles", regexp.MustCompile(`(?i)\b(?:manpads?|atgw|atgm|sam|guided|missiles?|launch(?:er)? tubes?|igla|strela|stinger|mistral|kornet|konkurs|fagot|metis|milan|javelin|tow)\b|ракет[аы]|ПЗРК|ПТУР|missile[s]? guidé`)},
	{"P2", "explosive munitions", regexp.MustCompile(`(?i)\b(?:mortar|rocket|grenades?|shells?|howitzer|projectile|mines?|bombs?|fuzes?|fuses?|detonators?|explosives?|rpg|pg-?\d|og-?\d|heat|he|heat-?t|hesh|ied|recoilless|roquette|obus|grenade|mine|granada|cohete|мин[аы]|гранат[аы]|снаряд)\b|(?:^|[^\pL\d.,])(?:2[03-9]|[3-9]\d|1\d\d|2[0-4]\d)(?:[.,]\d)? ?(?:mm\b|[x×]\d{2,})`)},
	{"P3", "heavy machine-gun and armour-piercing ammunition", regexp.MustCompile(`(?i)(?:^|[^\pL\d.,])(?:12[.,]7 ?[x×] ?\d|14[.,]5 ?[x×] ?\d|\.?50 ?bmg|12[.,]7 ?mm|14[.,]5 ?mm)|\b(?:ap|api|apit?|armou?r[- ]piercing|incendiary|b-?32|bs-?4\d)\b`)},
	{"P4", "small-calibre ammunition", regexp.MustCompile(`.`)},
	{"P5", "nothing stated", regexp.MustCompile(``)},
}

// An Entry is a case in the queue.
type Entry struct {
	Case   trace.Ref `json:"case"`
	At     trace.Day `json:"at"`
	Rule   string    `json:"rule"`
	What   string    `json:"what"`
	Why    string    `json:"why"`  // the text that the rule fits
	Item   int       `json:"item"` // the item that puts the case where it is
	Rounds int64     `json:"rounds"`
	Open   int       `json:"open"` // items without a named end user
}

// Queue orders cases: by the rule of their gravest item, then those with
// unanswered items, then the larger quantity, then the older case.
func Queue(cases []Case) []Entry {
	out := []Entry{}
	rank := map[trace.Ref]int{}
	for _, c := range cases {
		e := Entry{Case: c.Ref, At: c.At}
		best := len(Rules)
		for _, it := range c.Items {
			e.Rounds += it.Says.Quantity
			if it.Finding == nil || it.Finding.EndUser == nil {
				e.Open++
			}
			if i, why := it.rule(); i < best {
				best, e.Item, e.Why = i, it.N, why
			}
		}
		if best == len(Rules) {
			best--
		}
		e.Rule, e.What = Rules[best].Name, Rules[best].What
		rank[c.Ref] = best
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(rank[a.Case], rank[b.Case]), cmp.Compare(min(b.Open, 1), min(a.Open, 1)),
			cmp.Compare(b.Rounds, a.Rounds), cmp.Compare(a.At, b.At), cmp.Compare(a.Case, b.Case))
	})
	return out
}

// rule returns the first rule that fits an item, and the text that it fits.
func (it Item) rule() (int, string) {
	for i, r := range Rules[:len(Rules)-1] {
		for _, text := range []string{it.Type, it.Says.Calibre, it.Calibre, it.Says.Clue} {
			if text != "" && r.words.MatchString(text) {
				return i, text
			}
		}
	}
	return len(Rules) - 1, ""
}
