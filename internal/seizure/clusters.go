package seizure

import (
	"cmp"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Cluster is a lot that was recovered in several cases or places.
type Cluster struct {
	Lot       marking.ID      `json:"lot"`
	Cases     []trace.Ref     `json:"cases"`
	Places    []string        `json:"places"`
	Countries []string        `json:"countries"`
	First     trace.Day       `json:"first"`
	Last      trace.Day       `json:"last"`
	Rounds    int64           `json:"rounds"`
	EndUsers  []string        `json:"end_users,omitempty"` // named by the findings, each once
	Outcomes  []trace.Outcome `json:"outcomes"`            // of the items, each once
}

// Clusters lists the lots of several cases, or of several places of one, those
// of most cases first.
func Clusters(cases []Case) []Cluster {
	of := map[marking.ID]*Cluster{}
	for _, c := range cases {
		for _, it := range c.Items {
			if it.Lot.IsZero() {
				continue
			}
			x := of[it.Lot]
			if x == nil {
				x = &Cluster{Lot: it.Lot, First: c.At, Last: c.At}
				of[it.Lot] = x
			}
			x.Cases, x.Countries = with(x.Cases, c.Ref), with(x.Countries, c.Says.Country)
			x.Places = with(x.Places, c.where())
			x.First, x.Last = min(x.First, c.At), max(x.Last, c.At)
			x.Rounds += it.Says.Quantity
			if it.Finding != nil {
				x.Outcomes = with(x.Outcomes, it.Finding.Outcome)
				if eu := it.Finding.EndUser; eu != nil {
					x.EndUsers = with(x.EndUsers, eu.Party)
				}
			}
		}
	}
	out := []Cluster{}
	for _, x := range of {
		if len(x.Cases) > 1 || len(x.Places) > 1 {
			out = append(out, *x)
		}
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(len(b.Cases), len(a.Cases)), cmp.Compare(len(b.Places), len(a.Places)), a.Lot.Compare(b.Lot))
	})
	return out
}

// with returns a list with x in it once.
func with[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}
