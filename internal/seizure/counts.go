package seizure

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sublot/sublot/trace"
)

// A Table counts items and rounds by one trait. Every item stands in one row, so
// the rows add up to the total; a case with several items may be in several.
type Table struct {
	By    string  `json:"by"`
	Rows  []Count `json:"rows"`
	Total Count   `json:"total"`
}

// A Count is a row of a table.
type Count struct {
	Value  string `json:"value"` // empty: not stated, or not read
	Cases  int    `json:"cases"` // with an item in the row
	Items  int    `json:"items"`
	Rounds int64  `json:"rounds"`
	NoQty  int    `json:"without_quantity"` // items of which nobody stated the rounds
}

// Traits lists what cases can be counted by.
var Traits = []string{"place", "country", "month", "year", "calibre", "type", "maker", "lot", "circumstances", "concealment", "route", "transport", "methods", "agency", "condition", "outcome", "end_user"}

// CountBy counts the items of cases by a trait, which is one of [Traits].
func CountBy(cases []Case, by string) (Table, error) {
	if !slices.Contains(Traits, by) {
		return Table{}, fmt.Errorf("seizure: nothing is counted by %q", by)
	}
	t := Table{By: by, Rows: []Count{}}
	rows := map[string]*Count{}
	for _, c := range cases {
		var seen []string
		for _, it := range c.Items {
			v := valueOf(c, it, by)
			if rows[v] == nil {
				rows[v] = &Count{Value: v}
			}
			r := rows[v]
			if !slices.Contains(seen, v) {
				seen = append(seen, v)
				r.Cases++
			}
			for _, x := range []*Count{r, &t.Total} {
				x.Items++
				x.Rounds += it.Says.Quantity
				if it.Says.Quantity == 0 {
					x.NoQty++
				}
			}
		}
	}
	t.Total.Cases = len(cases)
	for _, r := range rows {
		t.Rows = append(t.Rows, *r)
	}
	inTime := by == "month" || by == "year"
	slices.SortFunc(t.Rows, func(a, b Count) int {
		if inTime {
			return cmp.Compare(a.Value, b.Value)
		}
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(b.Rounds, a.Rounds), cmp.Compare(a.Value, b.Value))
	})
	return t, nil
}

// valueOf returns the value of a trait of an item.
func valueOf(c Case, it Item, by string) string {
	switch by {
	case "place":
		return c.where()
	case "country":
		return c.Says.Country
	case "month":
		return c.At.String()[:len("2024-05")]
	case "year":
		return c.At.String()[:len("2024")]
	case "calibre":
		return it.Calibre
	case "type":
		return it.Type
	case "circumstances":
		return c.Says.Circumstances
	case "concealment":
		return fold(c.Says.Concealment)
	case "route":
		return fold(c.Says.Route)
	case "transport":
		return fold(c.Says.Transport)
	case "methods":
		return fold(c.Says.Methods)
	case "agency":
		return c.Says.Agency
	case "condition":
		return it.Says.Condition
	}
	if by == "maker" || by == "lot" {
		if it.Lot.IsZero() {
			return ""
		}
		if by == "maker" {
			return it.Lot.Maker()
		}
		return it.Lot.String()
	}
	switch f := it.Finding; {
	case f == nil:
	case by == "outcome":
		return string(f.Outcome)
	case by == "end_user" && f.EndUser != nil:
		return f.EndUser.Party
	}
	return ""
}

// Durations is the time from dispatch to recovery, in days.
type Durations struct {
	Items    []Duration `json:"items"`   // the shortest first
	Without  int        `json:"without"` // items whose records name no end user, or no dispatch to it
	Shortest int        `json:"shortest"`
	Quarter  int        `json:"quarter"` // a quarter of the items took no longer
	Median   int        `json:"median"`
	Three    int        `json:"three_quarters"`
	Longest  int        `json:"longest"`
}

// A Duration is the time from the dispatch of an item to its recovery.
type Duration struct {
	Case     trace.Ref `json:"case"`
	Item     int       `json:"item"`
	Transfer trace.Ref `json:"transfer"` // the last one to the end user
	EndUser  string    `json:"end_user"`
	From     trace.Day `json:"from"`
	To       trace.Day `json:"to"`
	Days     int       `json:"days"`
}

// Times returns how long the items took from their dispatch to the lawful end
// user to where they were recovered.
func Times(cases []Case) Durations {
	out := Durations{Items: []Duration{}}
	for _, c := range cases {
		for _, it := range c.Items {
			ref, at := dispatched(it.Finding)
			if ref == "" {
				out.Without++
				continue
			}
			out.Items = append(out.Items, Duration{c.Ref, it.N, ref, it.Finding.EndUser.Party, at, c.At, int(c.At - at)})
		}
	}
	slices.SortStableFunc(out.Items, func(a, b Duration) int { return cmp.Compare(a.Days, b.Days) })
	if n := len(out.Items); n > 0 {
		at := func(q float64) int { return out.Items[int(q*float64(n-1)+.5)].Days }
		out.Shortest, out.Quarter, out.Median, out.Three, out.Longest = at(0), at(.25), at(.5), at(.75), at(1)
	}
	return out
}
