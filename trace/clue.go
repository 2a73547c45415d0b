package trace

import "github.com/sublot/sublot/marking"

// read finds out which identity is asked about (R8).
func (a *answer) read() (done bool, err error) {
	if item := a.q.Item; !item.IsZero() {
		a.asked = item
	} else if item, err := marking.ParseSpan(a.q.Text); err == nil {
		a.asked = item
	} else {
		a.f.Outcome = InsufficientMarks
		return true, nil
	}
	a.f.Query.Item = a.asked
	return false, nil
}
