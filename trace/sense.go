package trace

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/sublot/sublot/marking"
)

// checkSense checks what the schema cannot say: fields of one record that
// contradict each other.
func (r *Record) checkSense() *RecordError {
	if err := checkLines(r.Lines()); err != nil {
		return err
	}
	switch b := r.Body.(type) {
	case *Party:
		return inOrder("valid_from", b.ValidFrom, "valid_to", b.ValidTo)
	case *Lot:
		if b.Item.Depth() != 0 {
			return &RecordError{Field: "item", Found: b.Item.String(), Wanted: "the identity of a lot, MAKER/LOT", Reason: "item is a package of a lot"}
		}
		return inOrder("made.from", b.Made.From, "made.to", b.Made.To)
	case *Pack:
		return checkPack(b)
	case *Pointers:
		if b.From > b.To {
			return &RecordError{Field: "to", Found: fmt.Sprint(b.To), Wanted: fmt.Sprintf("%d or more", b.From), Reason: "to is below from"}
		}
		if n := b.To - b.From + 1; n != uint64(b.Items.Count()) {
			return &RecordError{Field: "items", Found: b.Items.String(), Wanted: fmt.Sprintf("a span of %s units", grouped(int64(n))),
				Reason: fmt.Sprintf("%s numbers for %s units", grouped(int64(n)), grouped(b.Items.Count()))}
		}
	case *EUC:
		return inOrder("issued", b.Issued, "expires", b.Expires)
	case *Licence:
		return inOrder("valid_from", b.ValidFrom, "valid_to", b.ValidTo)
	case *Loss:
		return inOrder("last_correct", b.LastCorrect, "at", r.At)
	case *Coverage:
		return inOrder("from", b.From, "to", b.To)
	case *Key:
		if (b.Maker == "") == (b.Party == "") {
			return &RecordError{Field: "maker", Found: "maker " + show(b.Maker) + ", party " + show(b.Party), Wanted: "exactly one of maker and party", Reason: "whose key it is must be said once"}
		}
		return inOrder("valid_from", b.ValidFrom, "valid_to", b.ValidTo)
	case *Correction:
		if b.Voids == r.Ref() {
			return &RecordError{Field: "voids", Found: string(b.Voids), Wanted: "another record", Reason: "a correction cannot void itself"}
		}
	}
	return nil
}

// inOrder refuses a second day before the first one.
func inOrder(first string, a When, second string, b When) *RecordError {
	if a.IsZero() || b.IsZero() || a.Day() <= b.Day() {
		return nil
	}
	return &RecordError{Field: second, Found: b.String(), Wanted: a.Day().String() + " or later", Reason: second + " is before " + first}
}

// checkLines refuses lines of which one holds a part of another.
func checkLines(lines []Line) *RecordError {
	if len(lines) < 2 {
		return nil
	}
	at := make([]int, len(lines))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return lines[a].Item.Compare(lines[b].Item) })
	// Spans that do not overlap are intervals in order: each can only meet the one before it.
	for k := 1; k < len(at); k++ {
		a, b := lines[at[k-1]].Item, lines[at[k]].Item
		if common := a.Intersect(b); !common.IsZero() {
			i, j := min(at[k-1], at[k]), max(at[k-1], at[k])
			return overlap("lines", i, j, lines[i].Item, lines[j].Item, common)
		}
	}
	return nil
}

func overlap(list string, i, j int, a, b, common marking.Span) *RecordError {
	return &RecordError{
		Field:  fmt.Sprintf("%s[%d].item", list, j),
		Found:  b.String(),
		Wanted: fmt.Sprintf("nothing of what %s[%d] holds, %s", list, i, a),
		Reason: fmt.Sprintf("%s overlap in %s", list, common),
	}
}

// checkPack adds up the units of a pack at every level of nesting.
func checkPack(p *Pack) *RecordError {
	c := packCheck{units: make([]packUnit, len(p.Units))}
	for i, u := range p.Units {
		if !p.Item.Contains(u.Item.First()) || u.Item.First() == p.Item {
			return &RecordError{Field: fmt.Sprintf("units[%d].item", i), Found: u.Item.String(), Wanted: "a package inside " + p.Item.String(), Reason: "a unit lies outside what is divided"}
		}
		c.units[i] = packUnit{u, i}
	}
	slices.SortStableFunc(c.units, func(a, b packUnit) int { return a.Item.Compare(b.Item) })
	return exceed("units", c.inside(p.Item), p.Quantity, p.Item, c.err)
}

func exceed(path string, parts, whole int64, of marking.ID, err *RecordError) *RecordError {
	if err != nil || parts <= whole {
		return err
	}
	return &RecordError{
		Field:  path,
		Found:  grouped(parts) + " rounds in the parts of " + of.String(),
		Wanted: "at most " + grouped(whole),
		Reason: fmt.Sprintf("parts %s exceed the whole %s", grouped(parts), grouped(whole)),
		hint:   "correct the quantity of the whole, or each of the parts",
	}
}

type packUnit struct {
	Unit
	place int // in the record
}

// packCheck walks units in the order of identities, where what lies inside a
// package follows it.
type packCheck struct {
	units []packUnit // what is left of them
	err   *RecordError
}

// inside takes the units inside the package and returns how many rounds they
// hold at least.
func (c *packCheck) inside(pkg marking.ID) (sum int64) {
	for len(c.units) > 0 && pkg.Contains(c.units[0].Item.First()) && c.err == nil {
		sum = addCapped(sum, c.unit())
	}
	return sum
}

// unit takes the next unit with all that lies inside it, and returns how many
// rounds it holds at least.
func (c *packCheck) unit() (sum int64) {
	u := c.units[0]
	c.units = c.units[1:]
	depth := u.Item.First().Depth()
	for len(c.units) > 0 && u.Item.Holds(c.units[0].Item.First()) && c.err == nil {
		v := c.units[0]
		if v.Item.First().Depth() == depth {
			a, b := u, v
			if a.place > b.place {
				a, b = b, a
			}
			c.err = overlap("units", a.place, b.place, a.Item, b.Item, u.Item.Intersect(v.Item))
			return 0
		}
		pkg := v.Item.First().Ancestor(depth)
		inner := c.inside(pkg)
		if u.Each > 0 {
			c.err = exceed(fmt.Sprintf("units[%d].each", u.place), inner, u.Each, pkg, c.err)
		}
		sum = addCapped(sum, inner)
	}
	if u.Each > 0 {
		return mulCapped(u.Each, u.Item.Count())
	}
	return sum
}

func addCapped(a, b int64) int64 { return a + min(b, math.MaxInt64-a) }

func mulCapped(a, b int64) int64 {
	if hi, lo := bits.Mul64(uint64(a), uint64(b)); hi == 0 && lo <= math.MaxInt64 {
		return int64(lo)
	}
	return math.MaxInt64
}
