package storage

import (
	"encoding/binary"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// An indexKey is something that is written to find a record by.
type indexKey struct {
	key, value []byte
	merged     bool       // value is put at the end of what the key has
	lot        marking.ID // where the key is that of a lot, which other records write too
}

// eachKey calls f for all that finds a record by, each once: what is written
// when the record is, and what Verify expects to find.
func eachKey(r *trace.Record, seq int64, f func(indexKey) error) error {
	if err := f(indexKey{key: nameKey(r.Ref()), value: binary.AppendUvarint(nil, uint64(seq))}); err != nil {
		return err
	}
	items := r.Items()
	for i, item := range items {
		if slices.Contains(items[:i], item) {
			continue
		}
		lot := item.First().Lot()
		if !slices.ContainsFunc(items[:i], func(s marking.Span) bool { return s.First().Lot() == lot }) {
			if err := f(indexKey{key: lotKey(lot), lot: lot}); err != nil {
				return err
			}
		}
		ser, lo, hi := seriesOf(item)
		level, first, last := blocksOf(lo, hi)
		for number := first; number <= last; number++ {
			value := entry{lo, hi, seq}.appendTo(nil, level, number)
			if err := f(indexKey{key: ser.block(level, number), value: value, merged: true}); err != nil {
				return err
			}
		}
	}
	cites := r.Cites()
	for i, ref := range cites {
		if slices.Contains(cites[:i], ref) {
			continue
		}
		if err := f(indexKey{key: citedKey(ref, seq)}); err != nil {
			return err
		}
	}
	if party := r.Describes(); party != "" {
		return f(indexKey{key: aboutKey(party, seq)})
	}
	return nil
}
