package trace

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/pointer"
)

// pointersIn names the smallest aligned block of 2^n numbers that holds from and
// to. Ranges that are apart share a block only where one of them lies across its
// middle, so that a number is found by asking for each of the blocks around it.
// The name begins as no party's id does.
func pointersIn(issuer string, from, to uint64) string {
	return pointerBlock(issuer, bits.Len64(from^to), from)
}

func pointerBlock(issuer string, level int, number uint64) string {
	return fmt.Sprintf("\x00pointers\x00%s\x00%d\x00%d", issuer, level, number>>level)
}

// readPointer finds the unit that the number on an item mark stands for, by the
// word of the register's issuer alone.
func (a *answer) readPointer() (done bool, err error) {
	var mark MarkRead // the caller's is not changed
	if a.f.Mark != nil {
		mark = *a.f.Mark
	}
	a.f.Mark = &mark
	var found []marking.Span
	tell := func(rule string, says Sentence, refs ...Ref) {
		a.stepOf(rule, says, refs...)
		if mark.Stands.IsZero() || len(found) > 0 && len(mark.Records) == 0 { // a unit says more than none
			mark.Stands, mark.Records = says, refs
		}
	}
	for _, n := range a.q.Pointers {
		if n.Issuer == "" {
			tell("R9", say("The mark points to the register %s, and no key of it is here: its numbers cannot be told.", registerOf(n)))
			continue
		}
		units, refs, err := a.pointed(n)
		if err != nil {
			return true, err
		}
		if len(units) == 0 {
			tell("R9", say("No pointers record of %s holds the number %d.", n.Issuer, n.Sequence))
		}
		for i, unit := range units {
			if !slices.Contains(found, unit) {
				found = append(found, unit)
			}
			tell("R10", say("By the register of %s the number %d stands for %s: no signature says that this is the item that was marked.", n.Issuer, n.Sequence, unit), refs[i])
		}
	}
	switch len(found) {
	case 0:
		a.f.Outcome = NoRecord
		return true, nil
	case 1:
		a.asked, a.f.Query.Item = found[0], found[0]
		return false, nil
	}
	mark.Stands, mark.Records = Sentence{}, nil // the readings say it
	slices.SortFunc(found, marking.Span.Compare)
	for _, unit := range found {
		a.f.Readings = append(a.f.Readings, Reading{Item: unit, Edits: []string{}})
	}
	a.f.Outcome = InsufficientMarks
	return true, nil
}

// pointed returns the units that an issuer's records give for a number, with the
// record of each.
func (a *answer) pointed(n pointer.Number) (units []marking.Span, refs []Ref, err error) {
	var records []*Record
	for level := 0; level <= bits.Len64(maxExact); level++ {
		rs, err := a.v.about(pointerBlock(n.Issuer, level, n.Sequence), KindPointers)
		if err != nil {
			return nil, nil, err
		}
		records = append(records, rs...)
	}
	sortRecords(records)
	for _, r := range records {
		b := r.Body.(*Pointers)
		if n.Sequence < b.From || n.Sequence > b.To {
			continue
		}
		unit := b.Items
		if unit.IsRun() {
			first, _ := unit.Ordinals()
			at := first + (n.Sequence - b.From)
			unit = unit.SpanIn(at, at)
		}
		units, refs = append(units, unit), append(refs, r.Ref())
	}
	return units, refs, nil
}

// registerOf is a register as marks name it.
func registerOf(n pointer.Number) string { return fmt.Sprintf("%04d", n.Register) }

// askRegister says whom to ask about a pointer that led to no unit.
func (a *answer) askRegister() Sentence {
	for _, n := range a.q.Pointers {
		if n.Issuer != "" {
			return say("Ask %s which item has the number %d in its register, and import its pointers records.", n.Issuer, n.Sequence)
		}
	}
	return say("Ask the makers of such ammunition which of them keeps the register %s: its key turns the mark into a number, and its pointers records say for which item that stands.", registerOf(a.q.Pointers[0]))
}
