package storage

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/sublot/sublot/marking"
)

// The totals of a lot are kept beside its blocks, so that who ever had some of
// it is known without reading what may be hundreds of thousands of entries. They
// add up what was written, by whomever: the rules decide what of it counts.

// A LotParty is what the records of a lot say of one party, added up as it was
// written. Quantities are rounds.
type LotParty struct {
	Party     string
	Records   int64 // lines of transfers, losses, destructions and expenditure that name it
	Received  int64 // by transfers to it
	Given     int64 // by transfers from it
	Gone      int64 // lost, destroyed or expended by it
	Corrected int64 // of Records, how many a correction names, once for each
}

// LotParties returns the parties that gave or received rounds of a lot, in the
// order of their ids, whatever the number of records. Who had received R and
// given G of it is left with R less G, less what is gone, as far as nothing is
// corrected and nobody told of one transfer twice: see package trace for that.
func (l *Ledger) LotParties(ctx context.Context, lot marking.ID) ([]LotParty, error) {
	prefix := totalPrefix(nil, lot)
	var out []LotParty
	for it, err := range l.keys(ctx, l.db, prefix, after(prefix)) {
		if err != nil {
			return nil, err
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, l.fault(err)
		}
		t, err := readTotal(value)
		if err != nil {
			return nil, l.damaged("the totals of %s: %v", lot, err)
		}
		out = append(out, LotParty{string(it.Key()[len(prefix):]), int64(t[0]), int64(t[1]), int64(t[2]), int64(t[3]), int64(t[4])})
	}
	return out, nil
}

func totalPrefix(b []byte, lot marking.ID) []byte { return lot.AppendKey(append(b, tagTotal)) }

// A total is the numbers of a LotParty.
type total [5]uint64

func readTotal(value []byte) (t total, err error) {
	n := numbers{b: value}
	for i := range t {
		t[i] = n.uvarint()
	}
	if n.bad || len(n.b) > 0 {
		return t, errCount
	}
	return t, nil
}

func (t *total) add(change total) {
	for i, n := range change {
		t[i] += n
	}
}

func (t total) append(b []byte) []byte {
	for _, n := range t {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// totals adds up entries by the key of their lot and the party.
type totals map[string]total

// add counts an entry of a block. An entry that stands in two blocks is counted
// in the first. Lot is the key of its lot without a tag.
func (t totals) add(lot []byte, number, first uint64, e *entry) {
	if number != first {
		return
	}
	e.eachTotal(func(party string, change total) error {
		key := make([]byte, 0, 64)
		key = append(append(append(key, tagTotal), lot...), party...)
		sum := t[string(key)]
		sum.add(change)
		t[string(key)] = sum
		return nil
	})
}

// adds returns what an entry adds to the totals of its lot: to those of who gave and of
// who received.
func (e *entry) adds() (from, to total) {
	q := uint64(e.quantity)
	switch e.kind {
	case transferCode:
		from, to = total{1, 0, q}, total{1, q}
	case lossCode, destructionCode, expendCode:
		to = total{1, 0, 0, q}
	case voidCode:
		if e.quantity > 0 {
			from, to = total{4: 1}, total{4: 1}
		}
	}
	return from, to
}

// eachTotal calls f for what an entry adds to the totals of its lot.
func (e *entry) eachTotal(f func(party string, change total) error) error {
	from, to := e.adds()
	if e.from != "" && from != (total{}) {
		if err := f(e.from, from); err != nil {
			return err
		}
	}
	if e.to != "" && to != (total{}) {
		return f(e.to, to)
	}
	return nil
}

// lotOf returns the part of a block's key that is the key of its lot: two
// components, each ended by 00.
func lotOf(key []byte) []byte {
	key = key[1:]
	end := 0
	for range 2 {
		end += componentEnd(key[end:])
	}
	return key[:end]
}

// componentEnd returns the length of the first component of an identity's key
// with the 00 that ends it. A width, which follows a marker, is never 00.
func componentEnd(key []byte) int { return bytes.IndexByte(key, 0) + 1 }
