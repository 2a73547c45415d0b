package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// lotRounds is the rounds in the whole lot, as far as the command was told.
func (j *markJob) lotRounds() int64 {
	if j.LotRounds > 0 {
		return j.LotRounds
	}
	return j.units * j.Rounds
}

// makeRecords writes the records of what is marked: the lot and, where packages
// are, how they divide it.
func (j *markJob) makeRecords(s *session) ([]byte, error) {
	if j.Rounds > math.MaxInt64/max(j.units, 1) {
		return nil, hinted(errors.New("more rounds than can be counted"), "check --rounds")
	}
	if j.LotRounds < 0 || j.LotRounds > 0 && j.LotRounds < j.units*j.Rounds {
		return nil, hinted(fmt.Errorf("the lot is said to hold %s rounds, and %s are marked here", grouped(j.LotRounds), grouped(j.units*j.Rounds)),
			"correct --lot-rounds, or --rounds in each package")
	}
	packed := s.today.String()
	if j.Packed != "" {
		packed = j.Packed
	}
	at, err := trace.ParseWhen(packed)
	if err != nil {
		return nil, hinted(fmt.Errorf("--packed %q is not a date", packed), "give a date such as 2024-05-10")
	}
	day := func(text string) trace.When {
		w, _ := trace.ParseWhen(text) // written by the standard library
		return w
	}
	first := j.mark.Made.First()
	lot := &trace.Lot{
		Item: j.lot, Calibre: j.mark.Calibre, Quantity: j.lotRounds(), Type: j.Type, LotKind: "production", Hazard: j.Hazard, NSN: j.mark.NSN,
		Made: trace.Period{From: day(first.Format("2006-01-02")), To: day(first.AddDate(0, 1, -1).Format("2006-01-02"))},
	}
	out, err := j.appendRecord(nil, "LOT", trace.When{}, lot)
	if err != nil || j.mark.Level == marking.Lot {
		return out, err
	}
	out, err = j.appendRecord(out, "PACK", at, &trace.Pack{Item: j.lot, Quantity: j.lotRounds(), Units: j.packUnits()})
	number := j.FirstNumber
	for _, span := range j.spans {
		if err != nil || j.Register == "" {
			break
		}
		last := number + uint64(span.Count()) - 1
		out, err = j.appendRecord(out, "POINTERS", at, &trace.Pointers{From: number, To: last, Items: span})
		number = last + 1
	}
	return out, err
}

// packUnits lists what is marked and the packages around it.
func (j *markJob) packUnits() []trace.Unit {
	var units []trace.Unit
	seen := map[marking.ID]bool{}
	for _, span := range j.spans {
		for depth := 1; depth < span.First().Depth(); depth++ {
			around := span.First().Ancestor(depth)
			if seen[around] {
				continue
			}
			seen[around] = true
			u := trace.Unit{Item: marking.SpanOf(around)}
			if depth == 1 {
				u.Level = string(marking.Sublot)
			}
			units = append(units, u)
		}
	}
	for _, span := range j.spans {
		units = append(units, trace.Unit{Item: span, Level: string(j.mark.Level), Each: j.Rounds})
	}
	return units
}

// appendRecord appends a record as a line. Its id comes from its content, so
// that the same run twice gives the same record, and another run another one.
func (j *markJob) appendRecord(out []byte, kind string, at trace.When, body trace.Body) ([]byte, error) {
	r := trace.Record{Source: j.Source, At: at, Body: body}
	if _, is := body.(*trace.Pointers); is {
		r.Source = j.drawer.register.Issuer // whose word about the register counts
	}
	if r.Source == "" {
		r.Source = j.lot.Maker()
	}
	name := kind + "-" + j.lot.Name()
	r.ID = name
	draft, err := trace.NewRecord(r)
	if err != nil {
		return nil, recordFault(err)
	}
	sum := sha256.Sum256(draft.Canonical)
	r.ID = name + "-" + hex.EncodeToString(sum[:4])
	record, err := trace.NewRecord(r)
	if err != nil {
		return nil, recordFault(err)
	}
	return append(append(out, record.Canonical...), '\n'), nil
}

// recordFault says which option a record's field came from.
func recordFault(err error) error {
	if wrong, ok := errors.AsType[*trace.RecordError](err); ok && wrong.Field == "source" {
		return hinted(err, "give the party id of the maker with --source")
	}
	return err
}
