package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// A blockWalk is where the reading of the blocks of items stands. What is said elsewhere
// of the lots and the blocks is read beside them.
type blockWalk struct {
	s                   *indexStretch
	block               []byte // of the last key
	epoch               uint16
	order               int64 // the place of its last entry
	lot                 []byte
	sums                totals // of the lot
	lots, grown, totals *pebble.Iterator
}

// readItems adds up the entries of the blocks of a stretch.
func (s *indexStretch) readItems(ctx context.Context) error {
	w := blockWalk{s: s, sums: totals{}}
	for tag, it := range map[byte]**pebble.Iterator{tagLot: &w.lots, tagGrown: &w.grown, tagTotal: &w.totals} {
		var err error
		if *it, err = s.v.r.NewIter(&pebble.IterOptions{LowerBound: retagged(s.lower, tag), UpperBound: retagged(s.upper, tag)}); err != nil {
			return err
		}
		defer (*it).Close()
		(*it).First()
	}
	for key, err := range s.v.l.keys(ctx, s.v.r, s.lower, s.upper) {
		if err != nil {
			return err
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		if err := w.part(key.Key(), value); err != nil {
			return err
		}
	}
	return w.end()
}

// retagged returns the bound of another index that a bound of that of items stands for.
func retagged(bound []byte, tag byte) []byte {
	bound = bytes.Clone(bound)
	bound[0] += tag - tagSpan
	return bound
}

// part adds up the entries of a part of a block, and checks that the parts of a block
// follow one another.
func (w *blockWalk) part(key, value []byte) error {
	if len(key) < blockSuffix+4 {
		return extra(key, "what is no block")
	}
	_, level, number, epoch := splitBlockKey(key)
	block := wholeBlock(key)
	if bytes.Equal(block, w.block) {
		if epoch != w.epoch+1 {
			return extra(key, "a part that does not follow the one before")
		}
	} else {
		if epoch != 0 {
			return extra(key, "a part without the one before")
		}
		if err := w.endBlock(); err != nil {
			return err
		}
		w.block, w.order = append(w.block[:0], block...), -1
	}
	w.epoch = epoch
	if lot := lotOf(key); !bytes.Equal(lot, w.lot) {
		if err := w.endLot(); err != nil {
			return err
		}
		w.lot = append(w.lot[:0], lot...)
		if err := w.expect(w.lots, append([]byte{tagLot}, lot...), nil, "a lot"); err != nil {
			return err
		}
	}
	first := binary.BigEndian.AppendUint16(bytes.Clone(block), 0)
	return eachEntry(key, value, func(e *entry, written []byte) error {
		if e.order() < w.order {
			return extra(key, "an entry out of order")
		}
		w.order = e.order()
		w.sums.add(w.lot, number, blockAt(level, e.lo), e)
		w.s.found.add(first, written)
		return nil
	})
}

// endBlock compares the last part of a block that has several with what is said of it.
func (w *blockWalk) endBlock() error {
	if w.epoch == 0 {
		return nil
	}
	w.s.entries++
	return w.expect(w.grown, retagged(w.block, tagGrown), binary.AppendUvarint(nil, uint64(w.epoch)), "the last part of a block")
}

// endLot compares the totals of a lot with what its entries add up to.
func (w *blockWalk) endLot() error {
	for _, key := range slices.Sorted(maps.Keys(w.sums)) {
		w.s.entries++
		if err := w.expect(w.totals, []byte(key), w.sums[key].append(nil), "totals"); err != nil {
			return err
		}
	}
	clear(w.sums)
	return nil
}

// end ends the last block and lot, after which nothing is left to be read beside them.
func (w *blockWalk) end() error {
	if err := errors.Join(w.endBlock(), w.endLot()); err != nil {
		return err
	}
	for _, it := range []*pebble.Iterator{w.lots, w.grown, w.totals} {
		if it.Valid() && w.s.beside == nil {
			w.s.beside = extra(it.Key(), "what no block calls for")
		}
		if err := it.Error(); err != nil {
			return err
		}
	}
	return nil
}

// expect compares the next entry of an index that is read beside the blocks with what
// these call for. One difference there makes others.
func (w *blockWalk) expect(it *pebble.Iterator, key, value []byte, what string) error {
	if w.s.beside != nil {
		return nil
	}
	if !it.Valid() || bytes.Compare(it.Key(), key) > 0 {
		w.s.beside = &Difference{Where: indexNames[key[0]], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("%s under key %x", what, key)}
		return it.Error()
	}
	if !bytes.Equal(it.Key(), key) {
		w.s.beside = extra(it.Key(), "what no block calls for")
		return nil
	}
	found, err := it.ValueAndErr()
	if err != nil {
		return err
	}
	if !bytes.Equal(found, value) {
		shown := func(b []byte) string { return cmp.Or(fmt.Sprintf("%x", b), "no value") }
		w.s.beside = &Difference{Where: indexNames[key[0]], Seq: -1, Found: fmt.Sprintf("%s under key %x", shown(found), key), Wanted: shown(value)}
	}
	it.Next()
	return nil
}

// eachEntry calls f for the entries of a part of a block, with the bytes of each.
func eachEntry(key, value []byte, f func(e *entry, written []byte) error) error {
	if len(key) < blockSuffix+4 || len(value) == 0 {
		return extra(key, "an empty block")
	}
	_, level, number, _ := splitBlockKey(key)
	if level < 0 || level > maxLevel {
		return extra(key, "a block of no level")
	}
	var e entry
	for len(value) > 0 {
		var rest []byte
		var err error
		if e, rest, err = readEntry(value, level, number); err != nil {
			return extra(key, "what is no entry")
		}
		if err := f(&e, value[:len(value)-len(rest)]); err != nil {
			return err
		}
		value = rest
	}
	return nil
}
