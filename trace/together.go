package trace

import (
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/calibre"
)

// A Seen is one more mark of the same seizure: on the inner package, on the
// paper, on a headstamp.
type Seen struct {
	Text     string       // as it was read; empty where only Calibre or Year is known
	Item     marking.Span // the identity that a scanned mark gives; zero: Text is read
	Mark     *MarkRead    // nil: not scanned
	Position string       // item, inner, outer, paper; empty: not known
	Calibre  string       // as marked; empty: not read
	Year     int          // of manufacture as marked, four digits; 0: not read
}

// A MarkGiven is one of several marks of a seizure, and where they disagree what
// it alone would lead to.
type MarkGiven struct {
	Text     string       `json:"text,omitempty"`
	Item     marking.Span `json:"item,omitzero"`
	Position string       `json:"position,omitempty"`
	Says     Sentence     `json:"says"`
	Outcome  Outcome      `json:"outcome,omitempty"`  // of this mark alone
	EndUser  *NamedParty  `json:"end_user,omitempty"` // of this mark alone
}

// together compares the marks of one seizure. Where they agree the smallest
// package that any of them names is asked about; where they do not, that is
// the finding.
func (a *answer) together() (done bool, err error) {
	if len(a.q.Beside) == 0 {
		return false, nil
	}
	a.f.Marks = []MarkGiven{{Text: a.q.Text, Item: a.asked}}
	agree := true
	for _, s := range a.q.Beside {
		given, ok, err := a.compare(s)
		if err != nil {
			return true, err
		}
		agree = agree && ok
		a.f.Marks = append(a.f.Marks, given)
		a.step(given.Says)
	}
	a.f.Marks[0].Says = say("This mark was given first.")
	if !agree {
		a.f.Outcome = MarksInconsistent
		a.f.Marks[0].Says = say("Another mark disagrees with this one.")
	}
	for i := range a.f.Marks {
		if agree && !a.apart {
			break // one answer for all of them
		}
		if err := a.alone(&a.f.Marks[i]); err != nil {
			return true, err
		}
	}
	return !agree, nil
}

// around returns the smallest package that holds both of two packages of a lot.
func around(x, y marking.ID) marking.ID {
	for !x.Contains(y) {
		x = x.Parent()
	}
	return x
}

// alone finds what one of several marks would lead to by itself.
func (a *answer) alone(m *MarkGiven) error {
	if m.Item.IsZero() {
		return nil
	}
	q := a.q
	q.Text, q.Item, q.Mark, q.Beside = m.Text, m.Item, nil, nil
	f, err := Resolve(a.v.ctx, a.v.ledger, q)
	if err != nil {
		return err
	}
	m.Outcome, m.EndUser = f.Outcome, f.EndUser
	return nil
}

// compare holds one more mark against what is asked so far, which it narrows
// down where it names a smaller package.
func (a *answer) compare(s Seen) (given MarkGiven, agrees bool, err error) {
	given = MarkGiven{Text: s.Text, Item: s.Item, Position: s.Position}
	if given.Item.IsZero() && s.Text != "" {
		if given.Item, err = a.readOne(s.Text); err != nil {
			return given, false, err
		}
		if given.Item.IsZero() && s.Calibre == "" && s.Year == 0 {
			given.Says = say("%q was not read as one identity: it decides nothing.", s.Text)
			return given, true, nil
		}
	}
	for _, hold := range []func(Seen, *MarkGiven) (bool, error){a.compareItem, a.compareYear, a.compareCalibre} {
		if ok, err := hold(s, &given); !ok || err != nil {
			return given, false, err
		}
	}
	return given, true, nil
}

// readOne returns the one identity that a text stands for, zero where it is
// none or several.
func (a *answer) readOne(text string) (marking.Span, error) {
	if item, err := identity(text); err == nil {
		return item, nil
	}
	result, err := a.readClue(text)
	if nearest := nearestOf(readingsOf(result)); len(nearest) == 1 {
		return nearest[0].Item, err
	}
	return marking.Span{}, err
}

func (a *answer) compareItem(s Seen, given *MarkGiven) (bool, error) {
	item := given.Item
	switch {
	case item.IsZero():
		return true, nil
	case a.asked.Contains(item):
		given.Says = say("%s lies within %s: the smaller package is asked about.", item, a.asked)
		a.asked = item
		return true, nil
	case item.Contains(a.asked):
		given.Says = say("%s holds %s: they agree.", item, a.asked)
		return true, nil
	case item.First().Lot() == a.asked.First().Lot() && item.First().Depth() == a.asked.First().Depth() && s.Position == "":
		around := around(item.First(), a.asked.First())
		given.Says = say("%s and %s are two packages of %s: the package around both is asked about.", item, a.asked, around)
		a.asked, a.apart = marking.SpanOf(around), true
		return true, nil
	case item.First().Lot() == a.asked.First().Lot():
		given.Says = say("%s is not within %s: one of them was repacked, or they are of two packages.", item, a.asked)
		return false, nil
	}
	for _, pair := range [][2]marking.Span{{a.asked, item}, {item, a.asked}} {
		whole, part := pair[0], pair[1]
		r, err := a.componentOf(whole, part)
		if err != nil {
			return false, err
		}
		if r != nil {
			given.Says = say("%s is on record as the lot of a component of %s, not of the ammunition: the ammunition is asked about.", part, whole.First().Lot())
			a.step(given.Says, r.Ref())
			a.asked = whole
			return true, nil
		}
	}
	given.Says = say("%s is another lot than %s.", item.First().Lot(), a.asked.First().Lot())
	return false, nil
}

// componentOf returns the lot record that names part as the lot of a component
// of whole, such as its powder.
func (a *answer) componentOf(whole, part marking.Span) (*Record, error) {
	lots, err := a.lotRecords(whole.First().Lot())
	if err != nil {
		return nil, err
	}
	lot := part.First().Lot()
	for _, r := range lots {
		for _, c := range r.Body.(*Lot).Components {
			if lot.String() == c.Maker+"/"+c.Lot || c.Maker == "" && lot.Name() == c.Lot {
				return r, nil
			}
		}
	}
	return nil, nil
}

// lotRecords returns the lot records of a lot that stand.
func (a *answer) lotRecords(lot marking.ID) ([]*Record, error) {
	all, err := a.v.touching(marking.SpanOf(lot))
	if err != nil {
		return nil, err
	}
	var out []*Record
	for _, r := range all {
		if r.Kind != KindLot {
			continue
		}
		if ok, err := a.v.stands(r); err != nil {
			return nil, err
		} else if ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// compareYear holds a marked year against the dates of manufacture on record.
func (a *answer) compareYear(s Seen, given *MarkGiven) (bool, error) {
	if s.Year == 0 {
		return true, nil
	}
	lots, err := a.lotRecords(a.asked.First().Lot())
	if err != nil {
		return false, err
	}
	for _, r := range lots {
		made := r.Body.(*Lot).Made
		if !made.From.IsZero() && s.Year < made.From.Day().year() || !made.To.IsZero() && s.Year > made.To.Day().year() {
			given.Says = say("The year %d is marked; %s says that the lot was made %s to %s.", s.Year, r.Source, made.From, made.To)
			a.step(given.Says, r.Ref())
			return false, nil
		}
	}
	return true, nil
}

// compareCalibre holds a marked calibre against that of the lot. Names of one
// cartridge and of its twins agree; a set of cartridges agrees with each of them.
func (a *answer) compareCalibre(s Seen, given *MarkGiven) (bool, error) {
	if s.Calibre == "" {
		return true, nil
	}
	lots, err := a.lotRecords(a.asked.First().Lot())
	if err != nil {
		return false, err
	}
	for _, r := range lots {
		if on := r.Body.(*Lot).Calibre; on != "" && !sameCalibre(on, s.Calibre) {
			given.Says = say("The calibre %s is marked; %s says that the lot is %s.", s.Calibre, r.Source, on)
			a.step(given.Says, r.Ref())
			return false, nil
		}
	}
	return true, nil
}

// sameCalibre reports whether two names may stand for one cartridge or for twins.
// Names that the dictionary does not know are compared as they are written.
func sameCalibre(x, y string) bool {
	xs, ys := calibre.Lookup(x).Cartridges, calibre.Lookup(y).Cartridges
	if len(xs) == 0 || len(ys) == 0 {
		return x == y
	}
	return slices.ContainsFunc(xs, func(c *calibre.Cartridge) bool {
		return slices.ContainsFunc(ys, func(d *calibre.Cartridge) bool {
			r := calibre.Relate(c.ID, d.ID)
			return r == calibre.Same || r == calibre.Twin
		})
	})
}
