package storage

import (
	"encoding/binary"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// An indexKey is something that is written to find a record by.
type indexKey struct {
	key, value []byte // not to be kept
	merged     bool   // value is put at the end of what the key has; of a block, key is that of its first part
	entry      *entry // what value says of a block
	first      bool   // the block is the first that the entry stands in
}

// An indexer works out what finds a record. It is used again for the next one.
type indexer struct {
	key, value, series, name []byte
	items                    []marking.Span
	cites                    []trace.Ref
	parties                  []string
	entry                    entry
}

// each calls f for all that finds a record by itself, each once: what is written
// when the record is, and what Verify expects to find. The lots are those of the blocks.
func (x *indexer) each(r *trace.Record, seq int64, f func(indexKey) error) error {
	if err := x.eachOwn(r, seq, f); err != nil {
		return err
	}
	x.parties = r.AppendParties(x.parties[:0])
	for _, party := range x.parties {
		x.key = appendListed(x.key[:0], tagParty, party, seq)
		if err := f(indexKey{key: x.key}); err != nil {
			return err
		}
	}
	x.key = dayKey(x.key[:0], r.At.Day(), seq)
	return f(indexKey{key: x.key})
}

// eachOwn is each without what very many records have in common: parties, and the day
// on which it happened.
func (x *indexer) eachOwn(r *trace.Record, seq int64, f func(indexKey) error) error {
	x.key = appendNameKey(x.key[:0], r)
	x.value = binary.AppendUvarint(x.value[:0], uint64(seq))
	if err := f(indexKey{key: x.key, value: x.value}); err != nil {
		return err
	}
	if err := x.eachItem(r, seq, f); err != nil {
		return err
	}
	listed := func(tag byte, text string) error {
		x.key = appendListed(x.key[:0], tag, text, seq)
		return f(indexKey{key: x.key})
	}
	x.cites = r.AppendCites(x.cites[:0])
	for i, ref := range x.cites {
		if !slices.Contains(x.cites[:i], ref) {
			x.key = appendCited(x.key[:0], ref, codeOf(r), seq)
			if err := f(indexKey{key: x.key}); err != nil {
				return err
			}
		}
	}
	if party := r.Describes(); party != "" {
		if err := listed(tagAbout, party); err != nil {
			return err
		}
	}
	return eachText(r, listed)
}

// eachText calls f for the texts of a record that it is found by beside its
// parties and its papers, each once.
func eachText(r *trace.Record, f func(tag byte, text string) error) error {
	switch b := r.Body.(type) {
	case *trace.Licence:
		return f(tagNumber, b.Number)
	case *trace.EUC:
		return f(tagNumber, b.Number)
	case *trace.Transfer:
		if b.Container != "" {
			return f(tagContainer, b.Container)
		}
	case *trace.Repack:
		return f(tagContainer, b.Unit)
	case *trace.Stock:
		if b.FromSite != "" && b.FromSite != b.Site {
			if err := f(tagSite, b.FromSite); err != nil {
				return err
			}
		}
		return f(tagSite, b.Site)
	case *trace.Loss:
		if b.Site != "" {
			return f(tagSite, b.Site)
		}
	case *trace.Destruction:
		if b.Site != "" {
			return f(tagSite, b.Site)
		}
	case *trace.Recovery:
		return f(tagSeizure, b.Country)
	case *trace.Correction:
		return f(tagVoided, string(b.Voids))
	}
	return nil
}

// eachItem calls f for the blocks of a record's items.
func (x *indexer) eachItem(r *trace.Record, seq int64, f func(indexKey) error) error {
	e := &x.entry
	*e = entry{seq: seq, kind: codeOf(r), at: r.At.Day(), known: r.Known(), name: x.nameIn(r)}
	e.from, e.to = hands(r)
	x.items = r.AppendItems(x.items[:0])
	for i, item := range x.items {
		if slices.Contains(x.items[:i], item) {
			continue
		}
		e.quantity = quantityOf(r, i)
		if err := x.place(item, e, f); err != nil {
			return err
		}
	}
	return nil
}

// nameIn returns which transfer a record is, or is a delivery of, as entries have it:
// whose word it is and its name, without the source where that is a party to it.
func (x *indexer) nameIn(r *trace.Record) []byte {
	x.name = x.name[:0]
	switch b := r.Body.(type) {
	case *trace.Transfer:
		switch r.Source {
		case b.From:
			x.name = append(append(x.name, wordOfFrom), r.ID...)
		case b.To:
			x.name = append(append(x.name, wordOfTo), r.ID...)
		default:
			x.name = append(append(append(append(x.name, wordOfOther), r.Source...), ':'), r.ID...)
		}
	case *trace.Delivery:
		x.name = append(append(x.name, wordOfOther), b.Transfer...)
	}
	return x.name
}

// place calls f for the blocks that an entry about an item stands in.
func (x *indexer) place(item marking.Span, e *entry, f func(indexKey) error) error {
	x.series, e.lo, e.hi = appendSeriesOf(x.series[:0], item)
	level, first, last := blocksOf(e.lo, e.hi)
	for number := first; number <= last; number++ {
		x.key = series(x.series).appendPart(x.key[:0], level, number, 0)
		x.value = e.appendTo(x.value[:0], level, number)
		if err := f(indexKey{key: x.key, value: x.value, merged: true, entry: e, first: number == first}); err != nil {
			return err
		}
	}
	return nil
}

// A correction is what entries say of one.
type correction struct {
	seq       int64
	at, known trace.Day
}

func correctionOf(r *trace.Record, seq int64) correction {
	return correction{seq, r.At.Day(), r.Known()}
}

// eachVoid calls f for the entries that say that a correction names a record:
// one in each block that has the record.
func (x *indexer) eachVoid(target *trace.Record, targetSeq int64, c correction, f func(indexKey) error) error {
	e := entry{seq: c.seq, kind: voidCode, at: c.at, known: c.known, voids: targetSeq}
	e.from, e.to = hands(target)
	x.items = target.AppendItems(x.items[:0])
	for i, item := range x.items {
		if slices.Contains(x.items[:i], item) {
			continue
		}
		if e.quantity = 0; codeOf(target).counted() { // in totals
			e.quantity = quantityOf(target, i)
		}
		if err := x.place(item, &e, f); err != nil {
			return err
		}
	}
	return nil
}

// hands returns who gave and who received goods; where they stay in one hand,
// whose.
func hands(r *trace.Record) (from, to string) {
	switch b := r.Body.(type) {
	case *trace.Transfer:
		return b.From, b.To
	case *trace.Consent:
		return b.From, b.To
	case *trace.Delivery:
		return "", b.To
	case *trace.Stock:
		return "", b.Holder
	case *trace.Loss:
		return "", b.Holder
	case *trace.Destruction:
		return "", b.Holder
	case *trace.Repack:
		return "", b.Holder
	case *trace.Recovery:
		return "", b.Agency
	case *trace.Sighting:
		return "", b.By
	}
	return "", ""
}

// quantityOf returns the rounds of the i-th item of a record.
func quantityOf(r *trace.Record, i int) int64 {
	switch b := r.Body.(type) {
	case *trace.Lot:
		return b.Quantity
	case *trace.Pack:
		if i == 0 {
			return b.Quantity
		}
		u := b.Units[i-1]
		return u.Each * u.Item.Count() // each record is checked not to exceed the whole
	}
	if lines := r.Lines(); i < len(lines) {
		return lines[i].Quantity
	}
	return 0
}
