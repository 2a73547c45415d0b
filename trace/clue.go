package trace

import "github.com/sublot/sublot/marking"

// read finds out which identity is asked about (R8).
func (a *answer) read() (done bool, err error) {
	if a.asked = a.q.Item; !a.asked.IsZero() {
		a.f.Query.Item = a.asked
		return false, nil
	}
	readings, err := a.readText(a.q.Text)
	if err != nil {
		return true, err
	}
	nearest := nearestOf(readings)
	if len(nearest) != 1 {
		a.f.Readings = readings
		a.f.Outcome = InsufficientMarks
		return true, nil
	}
	a.asked = nearest[0].Item
	a.f.Query.Item = a.asked
	return false, nil
}

// readText lists what a text may stand for: one identity where it is written as
// identities are, with or without its check character, else the readings of a clue.
func (a *answer) readText(text string) ([]Reading, error) {
	if item, err := marking.ParseSpan(text); err == nil {
		return []Reading{{Item: item}}, nil
	}
	if id, err := marking.ParseChecked(text); err == nil {
		return []Reading{{Item: marking.SpanOf(id)}}, nil
	}
	return nil, nil
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
