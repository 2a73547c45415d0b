package trace

import (
	"context"
	"iter"

	"github.com/sublot/sublot/marking"
)

// An outliner is a [Ledger] that tells what is on record of a lot without reading the
// records.
type outliner interface {
	// Outline returns what the index says of every item of a lot in the first asOf
	// records of the log, negative: in all. It may use the room of what it is given.
	Outline(ctx context.Context, lot marking.ID, asOf int64, room []OutlinedSeries) ([]OutlinedSeries, error)

	// Entries returns the records at places in the log, which are in order.
	Entries(ctx context.Context, places []int64) iter.Seq2[Entry, error]
}

// An OutlinedSeries is packages of one parent whose names agree but for their number,
// or one package without a number, and what is on record of them.
type OutlinedSeries struct {
	One   marking.Span // a package of the series
	Items []Outlined
}

// itemOf returns the item that is outlined.
func (s *OutlinedSeries) itemOf(x *Outlined) marking.Span {
	if item := s.One.SpanIn(x.Lo, x.Hi); !item.IsZero() {
		return item
	}
	return s.One
}

// An Outlined is what the index of a ledger says of an item of a record. Names are told
// as numbers, the same for the same in all that is outlined of a lot, since what matters
// is only which of them are alike.
type Outlined struct {
	Lo, Hi    uint64 // the numbers of the item's packages, 0 where they have none
	Seq       int64  // the place of the record in the log
	Kind      Kind   // of the record
	At, Known Day
	Quantity  int64 // rounds of the item, 0 where the record does not say
	Transfer  int32 // stands for the name of the transfer that the record is, or is a delivery of, from 1 on; 0: neither
	Hands     int32 // of a transfer, stands for who gave and who received, from 1 on
	Own       bool  // the record is a transfer by the word of a party to it
	Voids     int64 // of a correction, the place of the record that it names, which has the item
}
