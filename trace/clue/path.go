package clue

import (
	"strings"

	"github.com/sublot/sublot/marking"
)

// A split is a clue taken as a lot and the path of a package below it.
type split struct {
	lot   []glyph
	below []string
}

// paths lists the ways to take a clue apart at its slashes: what stands before
// the path may be a lot, or a maker and a lot, or hold a slash of its own.
func paths(gs []glyph) []split {
	const most = 3 // parts before the path
	var parts [][]glyph
	from := 0
	for i := 0; i <= len(gs); i++ {
		if i == len(gs) || gs[i].fold == '/' {
			parts = append(parts, gs[from:i])
			from = i + 1
		}
	}
	var out []split
	for n := min(most, len(parts)); n > 0; n-- {
		var s split
		for _, p := range parts[:n] {
			s.lot = append(s.lot, p...)
		}
		for _, p := range parts[n:] {
			s.below = append(s.below, component(p))
		}
		out = append(out, s)
	}
	return out
}

func component(gs []glyph) string {
	var b strings.Builder
	for _, g := range gs {
		b.WriteRune(g.fold)
	}
	return strings.TrimSpace(b.String())
}

// descend follows a path below a lot as far as it is an identity, and returns
// what is left of it.
func descend(lot marking.ID, below []string) (item marking.Span, left string) {
	item = marking.SpanOf(lot)
	for i, c := range below {
		if c == "" {
			continue
		}
		next, err := marking.ParseSpan(item.String() + "/" + c)
		if err != nil || item.IsRun() {
			return item, strings.Join(below[i:], "/")
		}
		item = next
	}
	return item, ""
}
