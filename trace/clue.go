package trace

import (
	"slices"
	"strconv"
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
		return false, a.lotForMaker()
	}
	result, err := a.readClue(a.q.Text)
	if err != nil {
		return true, err
	}
	a.f.Readings = readingsOf(result)
	for _, r := range a.f.Readings {
		a.step(say("%q may be read as %s: %s.", a.q.Text, r.Item, strings.Join(r.Edits, ", ")))
	}
	a.f.Heads = headsOf(result, a.q.asked())
	for _, h := range a.f.Heads {
		a.step(say("%q may be read as a head: %s.", a.q.Text, headSays(h)))
	}
	nearest := nearestOf(a.f.Readings)
	if heads := nearestHeads(a.f.Heads); len(heads) > 0 && (len(nearest) == 0 || heads[0].Distance < nearest[0].Distance) {
		if a.f.Outcome = outcomeOfHeads(heads); a.f.Outcome == MakerOnly {
			a.maker = heads[0].Maker
		}
		return true, nil
	}
	switch {
	case len(nearest) == 1 && !result.Truncated:
		a.asked = nearest[0].Item
		return false, nil
	case len(nearest) == 0 && result.Truncated:
		a.step(say("%q fits more lots than are looked at: more of the mark is needed.", a.q.Text))
	case len(nearest) == 0:
		a.step(say("%q is no identity, and is near no lot on record.", a.q.Text))
	default:
		a.step(say("%q is as near to %d other lots as to the first.", a.q.Text, nearest[0].Near))
	}
	a.f.Outcome = InsufficientMarks
	return true, nil
}

// lotForMaker reads an identity whose maker is not on record as a lot without
// its maker and packages of it, where just that is a lot on record as it stands.
func (a *answer) lotForMaker() error {
	maker := a.asked.First().Maker()
	if p, err := a.v.party(maker, NoDay); p != nil || err != nil {
		return err
	}
	if coverage, err := a.v.about(maker, KindCoverage); len(coverage) > 0 || err != nil {
		return err
	}
	if known, err := a.v.lotOnRecord(a.asked.First().Lot()); known || err != nil {
		return err
	}
	result, err := a.readClue(a.q.Text)
	if err != nil || len(result.Readings) == 0 {
		return err
	}
	r := result.Readings[0]
	if r.Distance == 0 && r.Near == 0 {
		a.asked, a.f.Query.Item, a.f.Readings = r.Item, marking.Span{}, readingsOf(result)[:1]
		a.step(say("%q may be read as %s: %s.", a.q.Text, r.Item, strings.Join(r.Edits, ", ")))
		return nil
	}
	for _, r := range result.Readings {
		a.f.Hints = append(a.f.Hints, r.Item)
	}
	return nil
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
	if a.q.Clues != nil {
		return a.q.Clues.Read(text, mostReadings, a.v.lotOnRecord)
	}
	if maker := clue.Maker(text); maker != "" { // all lots are many
		index, err := clue.New(a.v.ledger.Lots(a.v.ctx, maker))
		if err != nil {
			return clue.Result{}, err
		}
		result, err := index.Read(text, mostReadings, a.v.lotOnRecord)
		if len(result.Readings) > 0 && result.Readings[0].Distance <= clue.OneConfusion || err != nil {
			return result, err
		}
	}
	index, err := clue.New(a.v.ledger.Lots(a.v.ctx, ""))
	if err != nil {
		return clue.Result{}, err
	}
	return index.Read(text, mostReadings, a.v.lotOnRecord)
}

func readingsOf(result clue.Result) (out []Reading) {
	for _, r := range result.Readings {
		out = append(out, Reading{r.Item, r.Edits, r.Distance, r.Near})
	}
	return out
}

// headsOf lists what a clue says as a head. A year after the question is none.
func headsOf(result clue.Result, asked Day) (out []clue.Head) {
	for _, h := range result.Heads {
		h.Years = slices.DeleteFunc(slices.Clone(h.Years), func(y int) bool { return y > asked.year() })
		out = append(out, h)
	}
	return out
}

// nearestHeads returns those of the least distance; the first is of it.
func nearestHeads(heads []clue.Head) []clue.Head {
	n := 0
	for n < len(heads) && heads[n].Distance == heads[0].Distance {
		n++
	}
	return heads[:n]
}

// outcomeOfHeads is what a text leads to that names no lot: to a maker where all
// readings as near name the same one.
func outcomeOfHeads(heads []clue.Head) Outcome {
	for _, h := range heads[1:] {
		if h.Maker != heads[0].Maker {
			return InsufficientMarks
		}
	}
	if heads[0].Maker == "" {
		return TypeOnly
	}
	return MakerOnly
}

// headSays returns what a head says.
func headSays(h clue.Head) Sentence {
	var s clauses
	if h.Maker != "" {
		s.add(say("maker %s", h.Maker))
	}
	if len(h.Years) > 0 {
		s.add(say("year %s", some(h.Years, strconv.Itoa)))
	}
	if len(h.Calibres) > 0 {
		s.add(say("calibre %s", some(h.Calibres, func(id string) string { return id })))
	}
	for _, e := range h.Edits {
		s = append(s, e)
	}
	return s.join()
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
