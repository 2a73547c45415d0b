package seizure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Link is something that two cases have in common.
type Link struct {
	Kind string `json:"kind"`
	What string `json:"what"`
	A    []int  `json:"a,omitempty"` // items of the first case, by their place; none where it is of the whole case
	B    []int  `json:"b,omitempty"`
	Says string `json:"says"`
}

// linkKinds are the kinds of links, those that say most first.
var linkKinds = []string{"package", "sublot", "transfer", "loss", "lot", "end_user", "last_holder", "container", "maker", "calibre",
	"place", "route", "transport", "concealment", "methods"}

// Links lists what two cases have in common, what says most first. A link is a
// lead for an investigator and proves nothing.
func Links(a, b Case) []Link {
	out := []Link{}
	for _, kind := range linkKinds {
		found := map[string]*Link{}
		var order []string
		for _, x := range traits(a, kind) {
			for _, y := range traits(b, kind) {
				what, says := x.meets(y, kind)
				if what == "" {
					continue
				}
				if found[what] == nil {
					found[what] = &Link{Kind: kind, What: what, Says: says}
					order = append(order, what)
				}
				l := found[what]
				if x.item > 0 {
					l.A, l.B = with(l.A, x.item), with(l.B, y.item)
				}
			}
		}
		slices.Sort(order)
		for _, what := range order {
			out = append(out, *found[what])
		}
	}
	return out
}

// A trait is something of a case, or of one of its items, that may be in another too.
type trait struct {
	item int // 0: of the whole case
	text string
	span marking.Span
}

// meets returns what two traits have in common, in a word and in a sentence.
func (x trait) meets(y trait, kind string) (what, says string) {
	switch kind {
	case "package":
		common := x.span.Intersect(y.span)
		if common.IsZero() || common.First().Depth() == 0 {
			return "", ""
		}
		return common.String(), fmt.Sprintf("Both name the package %s: it was in two places, or one of the marks was copied or misread.", common)
	case "sublot":
		if !x.span.Intersect(y.span).IsZero() || x.span.First().Depth() == 0 || y.span.First().Depth() == 0 {
			return "", ""
		}
		for p := x.span.First().Parent(); p.Depth() > 0; p = p.Parent() {
			if p.Contains(y.span.First()) {
				return p.String(), fmt.Sprintf("Both are of the package %s.", p)
			}
		}
		return "", ""
	}
	if fold(x.text) != fold(y.text) {
		return "", ""
	}
	return x.text, fmt.Sprintf(linkSays[kind], x.text)
}

var linkSays = map[string]string{
	"transfer":    "The chains of both hold the transfer %s.",
	"loss":        "The chains of both hold the loss report %s.",
	"lot":         "Both are of the lot %s.",
	"end_user":    "The records name %s as lawful end user of both. That says nothing of who diverted them.",
	"last_holder": "The records show %s as last holder of both. That says nothing of who diverted them.",
	"container":   "Both came in the container %s.",
	"maker":       "Both are by the maker %s.",
	"calibre":     "Both are of the calibre %s.",
	"place":       "Both were recovered at %s.",
	"route":       "Both came by the route %s.",
	"transport":   "Both were carried by %s.",
	"concealment": "Both were hidden the same way: %s.",
	"methods":     "Both were diverted the same way, by what the agencies say: %s.",
}

// fold makes texts comparable that differ in case or spaces alone.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// traits lists the traits of a case of one kind.
func traits(c Case, kind string) (out []trait) {
	whole := map[string]string{"place": c.Says.Place, "route": c.Says.Route, "transport": c.Says.Transport, "concealment": c.Says.Concealment, "methods": c.Says.Methods}
	if text, ok := whole[kind]; ok {
		if text != "" {
			out = append(out, trait{text: text})
		}
		return out
	}
	for _, it := range c.Items {
		add := func(text string) {
			if text != "" {
				out = append(out, trait{item: it.N, text: text})
			}
		}
		f := it.Finding
		switch kind {
		case "package", "sublot":
			if !it.Item.IsZero() {
				out = append(out, trait{item: it.N, span: it.Item})
			}
		case "lot":
			if !it.Lot.IsZero() {
				add(it.Lot.String())
			}
		case "maker":
			if !it.Lot.IsZero() {
				add(it.Lot.Maker())
			}
		case "calibre":
			add(it.Calibre)
		case "end_user":
			if f != nil && f.EndUser != nil {
				add(f.EndUser.Party)
			}
		case "last_holder":
			if f != nil && f.LastHolder != nil {
				add(f.LastHolder.Party)
			}
		case "transfer", "loss":
			if f != nil {
				for _, l := range f.Chain {
					if string(l.Kind) == kind {
						add(string(l.Record))
					}
				}
			}
		case "container":
			for _, container := range it.containers {
				add(container)
			}
		}
	}
	return out
}

// dispatched returns the last transfer of a chain to the end user that a finding
// names, up to the recovery: the day of its dispatch.
func dispatched(f *trace.Finding) (ref trace.Ref, at trace.Day) {
	at = trace.NoDay
	if f == nil || f.EndUser == nil {
		return "", at
	}
	for _, l := range f.Chain {
		if l.Kind != trace.KindTransfer || l.To != f.EndUser.Party {
			continue
		}
		if day, err := trace.ParseWhen(l.At); err == nil && day.Day() >= at {
			ref, at = l.Record, day.Day()
		}
	}
	return ref, at
}
