package trace

import (
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// mostReadings is how many readings of a clue a finding lists.
const mostReadings = 10

// read finds out which identity is asked about (R8).
func (a *answer) read() (done bool, err error) {
	if a.asked = a.q.Item; !a.asked.IsZero() {
		a.f.Query.Item = a.asked
		return false, nil
	}
	if a.q.Pointers != nil {
		return a.readPointer()
	}
	if item, err := identity(a.q.Text); err == nil {
		a.asked, a.f.Query.Item = item, item
		return false, nil
	}
	result, err := a.readClue(a.q.Text)
	if err != nil {
		return true, err
	}
	a.f.Readings = readingsOf(result)
	for _, r := range a.f.Readings {
		a.step("R8", say("%q may be read as %s: %s.", a.q.Text, r.Item, strings.Join(r.Edits, ", ")))
	}
	nearest := nearestOf(a.f.Readings)
	switch {
	case len(nearest) == 1:
		a.asked = nearest[0].Item
		return false, nil
	case len(nearest) > 1:
		a.f.Outcome = InsufficientMarks
	case result.Maker != "":
		a.f.Outcome, a.maker = MakerOnly, result.Maker
		a.step("R8", say("%q names the maker %s and no lot.", a.q.Text, result.Maker))
	case len(result.Calibres) > 0:
		a.f.Outcome = TypeOnly
		a.step("R8", say("%q names a calibre (%s) and no lot.", a.q.Text, strings.Join(result.Calibres, ", ")))
	default:
		a.f.Outcome = InsufficientMarks
		a.step("R8", say("%q is no identity, and is near no lot on record.", a.q.Text))
	}
	return true, nil
}

// identity reads a text that is written as identities are, with or without its
// check character.
func identity(text string) (marking.Span, error) {
	item, err := marking.ParseSpan(text)
	if err == nil {
		return item, nil
	}
	if id, wrong := marking.ParseChecked(text); wrong == nil {
		return marking.SpanOf(id), nil
	}
	return marking.Span{}, err
}

// readClue lists what a clue may stand for, of the lots that are on record for
// this question.
func (a *answer) readClue(text string) (clue.Result, error) {
	index := a.q.Clues
	if index == nil {
		var err error
		if index, err = clue.New(a.v.ledger.Lots(a.v.ctx, "")); err != nil {
			return clue.Result{}, err
		}
	}
	result := index.Read(text, 5*mostReadings) // some may not have been on record on the day of the replay
	var known []clue.Reading
	for _, r := range result.Readings {
		ok, err := a.v.lotOnRecord(r.Item.First().Lot())
		if err != nil {
			return result, err
		}
		if ok && len(known) < mostReadings {
			known = append(known, r)
		}
	}
	result.Readings = known
	return result, nil
}

func readingsOf(result clue.Result) (out []Reading) {
	for _, r := range result.Readings {
		out = append(out, Reading{r.Item, r.Edits, r.Distance})
	}
	return out
}

// nearestOf returns the readings of the least distance.
func nearestOf(readings []Reading) []Reading {
	var out []Reading
	for _, r := range readings {
		if len(out) > 0 && r.Distance < out[0].Distance {
			out = out[:0]
		}
		if len(out) == 0 || r.Distance == out[0].Distance {
			out = append(out, r)
		}
	}
	return out
}
