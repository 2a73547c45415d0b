package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A story is what the demo is about: a lot that is packed, sold, partly stolen,
// and found. Its states are XA to XD, which ISO 3166 leaves to its users; all in
// it is invented.
type story struct {
	lot     marking.ID
	sold    marking.Span // crates of sub-lot 001, which get labels
	stolen  marking.Span // some of them
	found   marking.ID   // one of those, photographed
	crates  [3]int       // in each sub-lot
	calibre string
	made    trace.Period
}

const crateRounds = 1000

// newStory makes the story of a seed. The same seed makes the same story.
func newStory(seed uint64) story {
	rng := rand.New(rand.NewPCG(seed, 0))
	st := story{
		lot:     marking.MustParseID(fmt.Sprintf("XCW/XCW24C%03d-%03d", 1+rng.IntN(999), 1+rng.IntN(999))),
		calibre: []string{"9x19", "5.56x45", "7.62x51"}[rng.IntN(3)],
		crates:  [3]int{8 + rng.IntN(5), 4 + rng.IntN(5), 3 + rng.IntN(4)},
		made:    trace.Period{From: day("2024-03-04"), To: day("2024-03-08")},
	}
	st.sold = marking.MustParseSpan(fmt.Sprintf("%s/001/0001..%04d", st.lot, st.crates[0]))
	first := 1 + rng.Uint64N(st.half())
	st.stolen = st.sold.SpanIn(first, min(first+1+rng.Uint64N(3), st.half()))
	stolen := first + rng.Uint64N(uint64(st.stolen.Count()))
	st.found = st.sold.SpanIn(stolen, stolen).First()
	return st
}

// half is the last of the crates sold that went to the first of two depots.
func (st story) half() uint64 { return uint64(st.crates[0]+1) / 2 }

// packed returns the crates of a sub-lot, counted from 0.
func (st story) packed(i int) marking.Span {
	return marking.MustParseSpan(fmt.Sprintf("%s/%03d/0001..%04d", st.lot, i+1, st.crates[i]))
}

// rounds is how many the lot holds.
func (st story) rounds() int64 { return int64(st.crates[0]+st.crates[1]+st.crates[2]) * crateRounds }

// today is the day on which the story is told.
func (st story) today() trace.Day { return day("2025-02-10").Day() }

// day reads a day of the story.
func day(s string) trace.When {
	w, err := trace.ParseWhen(s)
	if err != nil {
		panic(err) // a constant of the program
	}
	return w
}

// records returns the papers and the inventory of the story; the lot and its
// packing come from the line that made it.
func (st story) records() ([]*trace.Record, error) {
	sub := func(i int) marking.Span { return marking.MustParseSpan(fmt.Sprintf("%s/%03d", st.lot, i+1)) }
	line := func(item marking.Span, crates int64) []trace.Line {
		return []trace.Line{{Item: item, Quantity: crates * crateRounds}}
	}
	whole := func(i int) []trace.Line { return line(sub(i), int64(st.crates[i])) }
	front, back := st.sold.SpanIn(1, st.half()), st.sold.SpanIn(st.half()+1, uint64(st.crates[0]))
	goods := func(i int) []trace.Goods {
		return []trace.Goods{{Calibre: st.calibre, Quantity: int64(st.crates[i]) * crateRounds}}
	}
	party := func(id, name, country string, role string) trace.Record {
		return trace.Record{Source: "XA-EXP", ID: id, Body: &trace.Party{Name: name, Country: country, Roles: []string{role}}}
	}
	all := []trace.Record{
		party("XCW", "Example Cartridge Works", "XA", "maker"),
		party("XA-EXP", "State XA Export Licensing Authority", "XA", "authority"),
		party("XA-POL", "State XA Police", "XA", "end_user"),
		party("XB-MFA", "State XB Ministry of Foreign Affairs", "XB", "authority"),
		party("XB-POL", "State XB National Police", "XB", "end_user"),
		party("XC-MOD", "State XC Ministry of Defence", "XC", "authority"),
		party("XC-ARMY", "State XC Army", "XC", "end_user"),
		party("XD-CUST", "State XD Customs", "XD", "authority"),

		{Source: "XB-MFA", ID: "EUC-24-77", Body: &trace.EUC{
			Number: "EUC-24-77", Issued: day("2024-04-02"), Expires: day("2025-04-02"), Authority: "XB-MFA", EndUser: "XB-POL", Exporter: "XCW",
			Goods: goods(0), EndUse: "law enforcement",
			Clause:        &trace.Clause{Acts: []string{"sale", "gift", "loan"}, ConsentBy: "XA-EXP", InForceFrom: day("2024-04-02")},
			Authenticated: &trace.Authenticated{By: "XB-MFA", At: day("2024-04-05")},
		}},
		{Source: "XC-MOD", ID: "EUC-24-09", Body: &trace.EUC{
			Number: "EUC-24-09", Issued: day("2024-04-10"), Expires: day("2025-04-10"), Authority: "XC-MOD", EndUser: "XC-ARMY", Exporter: "XCW",
			Goods: goods(1), EndUse: "national defence",
			Clause:        &trace.Clause{Acts: []string{"sale"}, ConsentBy: "XA-EXP", InForceFrom: day("2024-04-10")},
			Authenticated: &trace.Authenticated{By: "XC-MOD", At: day("2024-04-12")},
		}},
		{Source: "XA-EXP", ID: "L-24-0101", Body: &trace.Licence{
			Number: "L-24-0101", Authority: "XA-EXP", Type: "export", EUC: "XB-MFA:EUC-24-77", Goods: goods(0),
			Parties:   []trace.PartyRole{{Party: "XCW", Role: "exporter"}, {Party: "XB-POL", Role: "end_user"}},
			ValidFrom: day("2024-04-20"), ValidTo: day("2025-04-20"),
		}},
		{Source: "XA-EXP", ID: "L-24-0102", Body: &trace.Licence{
			Number: "L-24-0102", Authority: "XA-EXP", Type: "export", EUC: "XC-MOD:EUC-24-09", Goods: goods(1),
			Parties:   []trace.PartyRole{{Party: "XCW", Role: "exporter"}, {Party: "XC-ARMY", Role: "end_user"}},
			ValidFrom: day("2024-05-02"), ValidTo: day("2025-05-02"),
		}},

		{Source: "XA-EXP", ID: "T3", At: day("2024-03-25"), Body: &trace.Transfer{From: "XCW", To: "XA-POL", Lines: whole(2)}},
		{Source: "XA-EXP", ID: "T1", At: day("2024-05-10"), Body: &trace.Transfer{
			From: "XCW", To: "XB-POL", Lines: whole(0), Licence: "XA-EXP:L-24-0101", EUC: "XB-MFA:EUC-24-77",
			Container: "XXXU1234567", DeliveryDue: day("2024-08-10"),
		}},
		{Source: "XB-POL", ID: "DVC-24-31", At: day("2024-06-02"), Body: &trace.Delivery{Transfer: "XA-EXP:T1", To: "XB-POL", Lines: whole(0)}},
		{Source: "XA-EXP", ID: "T2", At: day("2024-07-15"), Body: &trace.Transfer{
			From: "XCW", To: "XC-ARMY", Lines: whole(1), Licence: "XA-EXP:L-24-0102", EUC: "XC-MOD:EUC-24-09",
			DeliveryDue: day("2024-10-15"),
		}},

		{Source: "XB-POL", ID: "ST-1", At: day("2024-06-02"), Body: &trace.Stock{Holder: "XB-POL", Site: "HQ", Movement: "receipt", Lines: whole(0), Document: "DVC-24-31"}},
		{Source: "XB-POL", ID: "ST-2", At: day("2024-06-10"), Body: &trace.Stock{Holder: "XB-POL", Site: "depot D1", FromSite: "HQ", Movement: "move", Lines: line(front, front.Count())}},
		{Source: "XB-POL", ID: "ST-3", At: day("2024-06-10"), Body: &trace.Stock{Holder: "XB-POL", Site: "depot D2", FromSite: "HQ", Movement: "move", Lines: line(back, back.Count())}},
		{Source: "XB-POL", ID: "LR-9", At: day("2025-01-20"), Body: &trace.Loss{
			Holder: "XB-POL", Lines: line(st.stolen, st.stolen.Count()), Site: "depot D1", Type: "theft", LastCorrect: day("2024-12-18"),
		}},
		{Source: "XD-CUST", ID: "SZ-1", At: day("2025-02-10"), Body: &trace.Recovery{
			Agency: "XD-CUST", Country: "XD", Place: "border post 4", Circumstances: "border",
			Items: []trace.RecoveredItem{{Item: marking.SpanOf(st.found), Quantity: crateRounds, Calibre: st.calibre, Position: "outer", Condition: "live"}},
		}},
	}
	out := make([]*trace.Record, len(all))
	for i, r := range all {
		var err error
		if out[i], err = trace.NewRecord(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}
