package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// Every entry of an index has to come from a record, and every record has to have
// its entries: the first is read here, the second is told by sums over both.

// indexes reads everything beside the log.
func (v *verifier) indexes() error {
	var lots lotWalk
	tileCount := int64(0)
	v.block = blockWalk{grown: map[string]uint16{}, sums: totals{}}
	totals, err := v.r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagTotal}, UpperBound: []byte{tagTotal + 1}})
	if err != nil {
		return err
	}
	defer totals.Close()
	totals.First()
	for key, err := range v.l.keys(v.ctx, v.r, nil, nil) {
		if err != nil {
			return err
		}
		k := key.Key()
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		switch tag := k[0]; tag {
		case tagLog:
			if !key.SeekGE([]byte{tagLog + 1}) { // read already
				return key.Error()
			}
			key.Prev()
		case tagName, tagCited, tagAbout, tagParty, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagDay:
			v.found[tag].add(k, value)
		case tagSpan:
			if err := v.items(k, value, totals); err != nil {
				return err
			}
			lots.item(k)
		case tagGrown:
			if err := v.grown(k, value); err != nil {
				return err
			}
		case tagTotal: // compared with the blocks of their lot
		case tagLot:
			if len(value) > 0 {
				return extra(k, "a value")
			}
			lots.lot(k)
		case tagSource:
			if err := v.sourceDay(k, value); err != nil {
				return err
			}
		case tagSourceSum:
			if err := v.sourceSum(k, value); err != nil {
				return err
			}
		case tagTile:
			tileCount++
		default:
			return extra(k, "an entry of no index")
		}
	}
	if err := v.totals(totals); err != nil {
		return err
	}
	if totals.Valid() && v.block.diff == nil {
		v.block.diff = extra(totals.Key(), "totals")
	}
	for block := range v.block.grown {
		return &Difference{Where: indexNames[tagGrown], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("the last part of the block under key %x", block)}
	}
	for source, n := range v.sums {
		return &Difference{Where: indexNames[tagSourceSum], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("%d records of %s", n, source)}
	}
	for source, days := range v.cells {
		for day, n := range days {
			return &Difference{Where: indexNames[tagSource], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("%d records of %s known on %s", n, source, day)}
		}
	}
	if want := v.full + int64(len(v.tiles)); tileCount != want {
		return &Difference{Where: inTree, Seq: -1, Found: fmt.Sprintf("%d tiles", tileCount), Wanted: fmt.Sprint(want)}
	}
	if v.wanted != v.found {
		return v.name()
	}
	if v.block.diff != nil {
		return v.block.diff
	}
	return lots.compare()
}

func extra(key []byte, found string) error {
	name := indexNames[key[0]]
	if name == "" {
		name = "database"
	}
	return &Difference{Where: name, Seq: -1, Found: fmt.Sprintf("%s under key %x", found, key), Wanted: "nothing"}
}

// A blockWalk is where the reading of the index of items stands.
type blockWalk struct {
	block []byte // the block of the last key
	epoch uint16
	order int64             // the place of its last entry
	grown map[string]uint16 // the last parts of the blocks that have several
	lot   []byte
	sums  totals
	diff  error // the first in totals; one in the blocks explains more
}

// items adds up the entries of a part of a block, and checks that the parts of
// a block follow one another. Totals stands in the totals of the lots, where
// they are compared lot by lot.
func (v *verifier) items(key, value []byte, totals *pebble.Iterator) error {
	if len(key) < blockSuffix+4 {
		return extra(key, "what is no block")
	}
	w := &v.block
	_, _, number, epoch := splitBlockKey(key)
	block := wholeBlock(key)
	if bytes.Equal(block, w.block) {
		if epoch != w.epoch+1 {
			return extra(key, "a part that does not follow the one before")
		}
		w.grown[string(block)] = epoch
	} else {
		if epoch != 0 {
			return extra(key, "a part without the one before")
		}
		w.block, w.order = append(w.block[:0], block...), -1
	}
	w.epoch = epoch
	if lot := lotOf(key); !bytes.Equal(lot, w.lot) {
		if err := v.totals(totals); err != nil {
			return err
		}
		w.lot = append(w.lot[:0], lot...)
	}
	first := binary.BigEndian.AppendUint16(bytes.Clone(block), 0)
	return eachEntry(key, value, func(e *entry, written []byte) error {
		if e.order() < w.order {
			return extra(key, "an entry out of order")
		}
		w.order = e.order()
		_, level, _, _ := splitBlockKey(key)
		w.sums.add(w.lot, number, blockAt(level, e.lo), e)
		v.found[tagSpan].add(first, written)
		return nil
	})
}

// totals compares the totals of the lot whose blocks were read with what its
// entries add up to.
func (v *verifier) totals(found *pebble.Iterator) error {
	w := &v.block
	for _, key := range slices.Sorted(maps.Keys(w.sums)) {
		if w.diff != nil {
			break
		}
		want := w.sums[key].append(nil)
		if !found.Valid() || string(found.Key()) != key {
			w.diff = &Difference{Where: indexNames[tagTotal], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("totals under key %x", key)}
			break
		}
		value, err := found.ValueAndErr()
		if err != nil {
			return err
		}
		if !bytes.Equal(value, want) {
			w.diff = &Difference{Where: indexNames[tagTotal], Seq: -1, Found: fmt.Sprintf("%x under key %x", value, key), Wanted: fmt.Sprintf("%x", want)}
		}
		v.report.Entries++
		found.Next()
	}
	clear(w.sums)
	return found.Error()
}

// grown checks the key of a block of several parts. These keys come after all
// blocks.
func (v *verifier) grown(key, value []byte) error {
	block := append([]byte{tagSpan}, key[1:]...)
	n, used := binary.Uvarint(value)
	want, ok := v.block.grown[string(block)]
	if !ok || used != len(value) || n != uint64(want) {
		return extra(key, "what is not the last part of a block")
	}
	delete(v.block.grown, string(block))
	v.report.Entries++
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
	for len(value) > 0 {
		e, rest, err := readEntry(value, level, number)
		if err != nil {
			return extra(key, "what is no entry")
		}
		if err := f(&e, value[:len(value)-len(rest)]); err != nil {
			return err
		}
		value = rest
	}
	return nil
}

func (v *verifier) sourceSum(key, value []byte) error {
	length, size := binary.Uvarint(key[1:])
	n, used := binary.Uvarint(value)
	if size <= 0 || uint64(len(key)) != 1+uint64(size)+length || used != len(value) {
		return extra(key, "what is no count")
	}
	source := string(key[1+size:])
	if want := v.sums[source]; int64(n) != want {
		return &Difference{Where: indexNames[tagSourceSum], Seq: -1, Found: fmt.Sprintf("%d records of %s", n, source), Wanted: fmt.Sprint(want)}
	}
	delete(v.sums, source)
	v.report.Entries++
	return nil
}

func (v *verifier) sourceDay(key, value []byte) error {
	source, day, ok := parseSourceKey(key)
	n, used := binary.Uvarint(value)
	if !ok || used != len(value) {
		return extra(key, "what is no count")
	}
	if want := v.cells[source][day]; int64(n) != want {
		return &Difference{Where: indexNames[tagSource], Seq: -1, Found: fmt.Sprintf("%d records of %s known on %s", n, source, day), Wanted: fmt.Sprint(want)}
	}
	delete(v.cells[source], day)
	v.report.Entries++
	return nil
}

// lotWalk compares the index of lots with the lots of the index of items. The
// first comes before the second in the order of keys.
type lotWalk struct {
	lots [][]byte // keys of lots, without their tag
	next int
	diff error
}

func (w *lotWalk) lot(key []byte) { w.lots = append(w.lots, bytes.Clone(key[1:])) }

func (w *lotWalk) item(key []byte) {
	key = key[1:]
	if w.next > 0 && bytes.HasPrefix(key, w.lots[w.next-1]) || w.diff != nil {
		return
	}
	if w.next == len(w.lots) || !bytes.HasPrefix(key, w.lots[w.next]) {
		w.diff = &Difference{Where: indexNames[tagLot], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("the lot of the block under key %x", key)}
		return
	}
	w.next++
}

func (w *lotWalk) compare() error {
	if w.diff == nil && w.next < len(w.lots) {
		return extra(append([]byte{tagLot}, w.lots[w.next]...), "a lot without items")
	}
	return w.diff
}

// name finds the first record that an index misses, else the first entry that no
// record calls for.
func (v *verifier) name() error {
	for e, err := range v.l.walk(v.ctx, v.r, 0) {
		if err != nil {
			return err
		}
		err := v.eachKey(e.Record, e.Seq, func(k indexKey) error {
			if found, err := v.has(k); err != nil || found {
				return err
			}
			return &Difference{Where: indexNames[k.key[0]], Seq: e.Seq, Ref: e.Record.Ref(), Found: "nothing", Wanted: fmt.Sprintf("an entry under key %x", k.key)}
		})
		if err != nil {
			return err
		}
	}
	for key, err := range v.l.keys(v.ctx, v.r, []byte{tagLog + 1}, nil) {
		if err != nil {
			return err
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		if err := v.calledFor(key.Key(), value); err != nil {
			return err
		}
	}
	return &Difference{Where: "database", Seq: -1, Found: "an index that differs", Wanted: "what the records call for"}
}

// has reports whether an entry that a record calls for is there.
func (v *verifier) has(k indexKey) (bool, error) {
	if k.merged {
		return v.hasEntry(k)
	}
	value, closer, err := v.r.Get(k.key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer closer.Close()
	return bytes.Equal(value, k.value), nil
}

// hasEntry looks for an entry in all parts of its block.
func (v *verifier) hasEntry(k indexKey) (found bool, err error) {
	block := wholeBlock(k.key)
	for key, err := range v.l.keys(v.ctx, v.r, block, after(block)) {
		if err != nil {
			return false, err
		}
		if len(key.Key()) != len(k.key) {
			continue
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return false, err
		}
		err = eachEntry(key.Key(), value, func(_ *entry, written []byte) error {
			found = found || bytes.Equal(written, k.value)
			return nil
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// calledFor checks that a record calls for each entry under a key.
func (v *verifier) calledFor(key, value []byte) error {
	first := key
	if key[0] == tagSpan && len(key) > epochSuffix {
		first = binary.BigEndian.AppendUint16(bytes.Clone(wholeBlock(key)), 0)
	}
	check := func(seq int64, value []byte) error {
		e, err := v.entry(seq)
		if err != nil {
			return extra(key, fmt.Sprintf("record %d, which is not in the log,", seq))
		}
		called := false
		err = v.eachKey(e.Record, seq, func(k indexKey) error {
			called = called || bytes.Equal(k.key, first) && bytes.Equal(k.value, value)
			return nil
		})
		if err == nil && !called {
			err = extra(key, fmt.Sprintf("record %d (%s)", seq, e.Record.Ref()))
		}
		return err
	}
	switch key[0] {
	case tagName:
		seq, _ := binary.Uvarint(value)
		return check(int64(seq), value)
	case tagCited, tagAbout, tagParty, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagDay:
		if len(key) < 9 {
			return extra(key, "what is no entry")
		}
		return check(seqOf(key), value)
	case tagSpan:
		seen := map[string]bool{}
		return eachEntry(key, value, func(e *entry, written []byte) error {
			if seen[string(written)] {
				return extra(key, fmt.Sprintf("record %d twice", e.seq))
			}
			seen[string(written)] = true
			return check(e.seq, written)
		})
	}
	return nil
}

func (v *verifier) entry(seq int64) (trace.Entry, error) {
	if seq < 0 || seq >= v.tree.size {
		return trace.Entry{}, errRecord
	}
	return v.l.entry(seq)
}
