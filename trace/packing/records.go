package packing

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Records returns what the tally holds: a pack record, of the given day, for the
// lot and each package that others were packed into, then what happened to them
// since, in its order. It fails where a package and what is in it do not add up:
// a case closed with a box too few. The same tally gives the same records.
func (t *Tally) Records(at trace.When) ([]*trace.Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []trace.Record
	var packs func(id marking.ID) error
	packs = func(id marking.ID) error {
		u := t.units[id]
		if len(u.inOrder) == 0 {
			return nil
		}
		if u.packed && id != t.lot && u.inside != u.rounds {
			return refuse(id, "tell of the packages that are missing, or count again", "%d rounds, and the packages in it hold %d", u.rounds, u.inside)
		}
		p := &trace.Pack{Item: id, Quantity: t.rounds(id)}
		children := slices.SortedFunc(slices.Values(u.inOrder), marking.ID.Compare)
		for _, c := range children {
			p.Units = append(p.Units, trace.Unit{Item: marking.SpanOf(c), Level: string(t.level(c)), Each: t.rounds(c)})
		}
		p.Units = mergedUnits(p.Units)
		all = append(all, trace.Record{At: at, Body: p, Ext: t.spoiltIn(id)})
		for _, c := range children {
			if err := packs(c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := packs(t.lot); err != nil {
		return nil, err
	}
	out := make([]*trace.Record, 0, len(all)+len(t.moves))
	for _, r := range slices.Concat(all, t.moves) {
		r.Source, r.ID = t.cfg.Source, fmt.Sprintf("%s-%d", t.cfg.Prefix, len(out)+1)
		checked, err := trace.NewRecord(r)
		if err != nil {
			return nil, err
		}
		out = append(out, checked)
	}
	return out, nil
}

// rounds is what a package holds: as stated, else what is in it.
func (t *Tally) rounds(id marking.ID) int64 {
	if u := t.units[id]; u.rounds > 0 {
		return u.rounds
	}
	return t.units[id].inside
}

func (t *Tally) level(id marking.ID) marking.Level {
	if u := t.units[id]; u.packed {
		return u.level
	}
	if id.Depth() == 1 {
		return marking.Sublot // a part of the lot that has a number of its own
	}
	return "" // a package that only its parts tell of
}

// spoiltIn lists the labels of packages born in id that were spoilt or printed
// again, for the ext field of its pack record.
func (t *Tally) spoiltIn(id marking.ID) json.RawMessage {
	type label struct {
		Item marking.ID `json:"item"`
		Why  string     `json:"why,omitempty"`
	}
	var ext struct {
		Void      []label `json:"void_labels,omitempty"`
		Reprinted []label `json:"reprinted_labels,omitempty"`
	}
	for _, s := range t.spoil {
		switch {
		case s.item.Parent() != id:
		case s.reprint:
			ext.Reprinted = append(ext.Reprinted, label{s.item, s.why})
		default:
			ext.Void = append(ext.Void, label{s.item, s.why})
		}
	}
	if ext.Void == nil && ext.Reprinted == nil {
		return nil
	}
	b, _ := json.Marshal(ext) // texts alone: cannot fail
	return b
}

// mergedUnits puts packages in a row that are alike into spans. They come in order.
func mergedUnits(units []trace.Unit) (out []trace.Unit) {
	for _, u := range units {
		if n := len(out) - 1; n >= 0 && out[n].Level == u.Level && out[n].Each == u.Each {
			if s, ok := joined(out[n].Item, u.Item); ok {
				out[n].Item = s
				continue
			}
		}
		out = append(out, u)
	}
	return out
}

// merged puts lines in a row whose packages hold alike into lines of spans.
func merged(lines []trace.Line) (out []trace.Line) {
	slices.SortFunc(lines, func(a, b trace.Line) int { return a.Item.Compare(b.Item) })
	for _, l := range lines {
		if n := len(out) - 1; n >= 0 && out[n].Quantity == l.Quantity*out[n].Item.Count() {
			if s, ok := joined(out[n].Item, l.Item); ok {
				out[n].Item = s
				out[n].Quantity += l.Quantity
				continue
			}
		}
		out = append(out, l)
	}
	return out
}

// joined returns the span of a and the one package behind it.
func joined(a, next marking.Span) (marking.Span, bool) {
	ap, aprefix, awidth := a.Series()
	np, nprefix, nwidth := next.Series()
	first, last := a.Ordinals()
	n, _ := next.Ordinals()
	if ap != np || aprefix != nprefix || awidth != nwidth || awidth == 0 || n != last+1 {
		return marking.Span{}, false
	}
	s := a.SpanIn(first, n)
	return s, !s.IsZero()
}
