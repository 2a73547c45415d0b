package trace

import (
	"cmp"
	"slices"

	"github.com/sublot/sublot/marking"
)

// next says whom to ask for what: the step that is most likely to turn what is
// not known into what is.
func (a *answer) next() error {
	f := a.f
	item := f.Item
	if item.IsZero() {
		item = a.asked
	}
	switch f.Outcome {
	case EndUserIdentified:
		f.Next = a.askEndUser(item)
	case RecordContradicted:
		f.Next = say("Ask %s for the papers behind its record of %s: the certificate, the count or the firing report, and who signed it.", a.whoRecorded(), item)
	case EndUserCandidates:
		if a.more {
			f.Next = say("Ask %s which of their rounds of %s they gave, each time that they gave a part: the records leave more ways open than could be followed, so that parties are listed here that may have got none, and with more than they can hold.",
				some(a.undecided(), func(s string) string { return s }), item)
			break
		}
		f.Next = say("Ask %s for the packing list that says which packages of %s went with which transfer; then ask %s for stock and issue records of them.",
			a.course.maker, item, some(f.Candidates, func(c Candidate) string { return c.Party }))
	case LastRecordedHolder:
		f.Next = say("Ask %s for whom %s was held and to whom it was given on: no transfer on record names an end user.", f.LastHolder.orOf(a), item)
	case MakerOnly:
		if a.asked.IsZero() {
			f.Next = say("Look for a lot number of %s on the package, the inner wrapping and the papers.", a.maker)
			break
		}
		f.Next = say("Ask %s, or the authority of its country, for the records of the lot %s; look at the mark again for a misread character.", a.asked.First().Maker(), a.asked.First().Lot())
	case NoRecord, NotSearched, RecordsDestroyed, Restricted:
		f.Next = a.askElsewhere()
	case TypeOnly:
		f.Next = say("Look for a lot number on the package, the inner wrapping and the papers, and photograph the headstamps: a calibre alone leads to no party.")
	case InsufficientMarks:
		f.Next = say("Photograph the mark again with light from the side, and look for a second mark on the inner and outer packages.")
		if len(f.Readings) > 1 {
			f.Next = say("Look again at the characters in which %s differ; a second mark on the inner or outer package would settle it.",
				some(f.Readings, func(r Reading) string { return r.Item.String() }))
		}
	case MarksInconsistent:
		f.Next = say("Record which mark was on which package, inner and outer, and ask the parties that each mark alone leads to whether they repacked it.")
	}
	return a.hints()
}

// orOf returns the holder, or the holders that remain.
func (h *LastHolder) orOf(a *answer) any {
	if h != nil {
		return h.Party
	}
	var names []string
	for _, x := range a.held {
		if !slices.Contains(names, x.holder) {
			names = append(names, x.holder)
		}
	}
	slices.Sort(names)
	return some(names, func(s string) string { return s })
}

// askEndUser asks for what the window between its last own record and the
// recovery leaves open.
func (a *answer) askEndUser(item marking.Span) Sentence {
	eu := a.f.EndUser.Party
	if h := a.f.LastHolder; h != nil && h.Party != eu {
		return say("Ask %s for its stock and issue records of %s, and %s, its last recorded holder, to whom it was given on.", eu, item, h.Party)
	}
	if w := a.f.Window; w != nil && w.From != NoDay {
		return say("Ask %s for its stock, issue and loss records of %s from %s to %s.", eu, item, w.From, w.To)
	}
	return say("Ask %s for its stock, issue and loss records of %s.", eu, item)
}

// whoRecorded names the sources of the records that a recovery contradicts.
func (a *answer) whoRecorded() list {
	var sources []string
	for _, x := range a.held {
		if r := cmp.Or(x.gone, x.inStock); r != nil && !slices.Contains(sources, r.Source) {
			sources = append(sources, r.Source)
		}
	}
	slices.Sort(sources)
	return some(sources, func(s string) string { return s })
}

// askElsewhere says where records may be that this ledger does not have.
func (a *answer) askElsewhere() Sentence {
	if a.asked.IsZero() && a.q.Pointers != nil {
		return a.askRegister()
	}
	maker := a.asked.First().Maker()
	switch {
	case a.laid != nil: // the package is not among those that fill its parent
		return say("Look at the mark again: %s is recorded as packed full with other packages. If it reads so, ask %s whether it printed that mark.", a.asked.First().Parent(), maker)
	case a.f.Outcome == NotSearched:
		return say("Have the records of %s searched: that was not done.", maker)
	case a.f.Outcome == RecordsDestroyed:
		return say("The records of %s are destroyed: ask those who bought of it, and the authorities that licensed its transfers.", maker)
	case a.f.Outcome == Restricted:
		return say("Ask the authority of the country of %s, which refused its records, through official channels.", maker)
	}
	return say("Ask who uses the maker's code %s, which is unique only within a state, and import that maker's records.", maker)
}

// hints lists what stands near an identity that is not on record (R8): the
// neighbouring lots of its maker, or its recorded siblings. A hint is never an
// answer.
func (a *answer) hints() error {
	switch {
	case a.f.Outcome == MakerOnly:
		return a.neighbours()
	case a.f.Outcome == NoRecord && a.laid != nil:
		_, around := a.laid.layout.around(a.asked)
		siblings := around.children
		at, _ := slices.BinarySearchFunc(siblings, a.asked, func(n *node, s marking.Span) int { return n.span().Compare(s) })
		for _, n := range siblings[max(at-hintsEachWay, 0):min(at+hintsEachWay, len(siblings))] {
			a.f.Hints = append(a.f.Hints, n.span())
		}
	}
	return nil
}

const hintsEachWay = 2

// neighbours adds the maker's lots on record that sort next to the one asked about.
func (a *answer) neighbours() error {
	lot := a.asked.First().Lot()
	const look = 4 * hintsEachWay // some may not have been on record on the day of the replay
	var before, after []marking.ID
	for id, err := range a.v.ledger.Lots(a.v.ctx, lot.Maker()) {
		if err != nil {
			return err
		}
		switch order := id.Compare(lot); {
		case order < 0 && len(before) == look:
			before = append(before[1:], id)
		case order < 0:
			before = append(before, id)
		case order > 0:
			after = append(after, id)
		}
		if len(after) == look {
			break
		}
	}
	slices.Reverse(before)
	for _, side := range [][]marking.ID{before, after} {
		n := 0
		for _, id := range side {
			known, err := a.v.lotOnRecord(id)
			if err != nil {
				return err
			}
			if known && n < hintsEachWay {
				a.f.Hints = append(a.f.Hints, marking.SpanOf(id))
				n++
			}
		}
	}
	slices.SortFunc(a.f.Hints, marking.Span.Compare)
	return nil
}

// lotOnRecord reports whether a record that stands speaks of a lot.
func (v *view) lotOnRecord(lot marking.ID) (bool, error) {
	for e, err := range v.ledger.Touching(v.ctx, marking.SpanOf(lot)) {
		if err != nil {
			return false, err
		}
		if k := e.Record.Kind; k != KindLot && k != KindPack && k != KindTransfer || !v.inLog(e) {
			continue
		}
		if ok, err := v.stands(e.Record); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
