package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// VerifyConfig says how a ledger is verified. Its zero value checks everything
// but signatures, for which somebody has to say whom to believe.
type VerifyConfig struct {
	// Signature, where it is set, is called for each signed record and says what
	// is wrong with its signature.
	Signature func(*trace.Record) error

	// Progress, where it is set, is called now and then with the records read so
	// far, in the calling goroutine.
	Progress func(records int64)
}

// A VerifyReport says what was verified.
type VerifyReport struct {
	Head    Head
	Signed  int64 // records with a signature
	Entries int64 // entries of indexes, the tiles of the tree among them
}

// A Difference is the first thing that [Ledger.Verify] found to differ.
type Difference struct {
	Where  string // log, tree, signature, HEAD, or the name of an index
	Seq    int64  // the record's place in the log, -1 where it is not one record
	Ref    trace.Ref
	Found  string
	Wanted string
}

func (d *Difference) Error() string {
	s := "storage: " + d.Where
	if d.Seq >= 0 {
		s += fmt.Sprintf(": record %d", d.Seq)
	}
	if d.Ref != "" {
		s += fmt.Sprintf(" (%s)", d.Ref)
	}
	return s + ": found " + d.Found + ", wanted " + d.Wanted
}

// Hint says what to do.
func (d *Difference) Hint() string {
	if d.Where == inSignature {
		return "ask the source for the record as it signed it"
	}
	return "the folder was changed or its disk fails: leave it as it is, and restore the latest backup that verifies into another folder"
}

// Where a difference may be.
const (
	inLog       = "log"
	inTree      = "tree"
	inSignature = "signature"
	inHead      = "HEAD"
)

// indexNames are the indexes by the tag of their keys.
var indexNames = map[byte]string{
	tagName: "names", tagLot: "lots", tagSpan: "items", tagCited: "citations",
	tagAbout: "parties", tagSource: "sources", tagTile: inTree, tagGrown: "grown blocks", tagTotal: "totals",
	tagParty: "named parties", tagSite: "sites", tagContainer: "containers", tagNumber: "numbers of papers",
	tagSeizure: "seizures", tagVoided: "corrections", tagDay: "days", tagSourceSum: "sources",
}

// Verify reads every record again and compares it with its leaf in the tree, the
// tree with the HEAD file, and the indexes with what the records call for, both
// ways: nothing may be missing and nothing too much. The blocks of the database's
// tables are read once more for their checksums. The first thing that
// differs is returned as a [*Difference]; what cannot be read at all is an
// [*Error]. It sees the ledger as it stands when it is called and does not keep
// others from appending.
func (l *Ledger) Verify(ctx context.Context, cfg VerifyConfig) (VerifyReport, error) {
	if err := l.usable(); err != nil {
		return VerifyReport{}, err
	}
	l.mu.Lock()
	snapshot, known := l.db.NewSnapshot(), l.slot
	l.mu.Unlock()
	defer snapshot.Close()
	v := verifier{ctx: ctx, l: l, r: snapshot, cfg: cfg, tiles: map[tileID][]byte{}, cells: map[sourceDay]int64{}, sums: map[string]int64{}}
	err := v.log()
	if err == nil {
		err = v.head(known)
	}
	if err == nil {
		err = v.indexes()
	}
	if err == nil {
		err = l.tableFiles(ctx)
	}
	if d, ok := errors.AsType[*Difference](err); ok {
		return v.report, d
	}
	if err != nil && ctx.Err() == nil {
		err = l.fault(err)
	}
	return v.report, err
}

type verifier struct {
	ctx    context.Context
	l      *Ledger
	r      pebble.Reader
	cfg    VerifyConfig
	report VerifyReport

	tree  frontier
	tiles map[tileID][]byte // the last tile of each level, as the records call for it
	full  int64             // tiles that are full
	cells map[sourceDay]int64
	sums  map[string]int64 // records by source
	x     indexer

	// Of the index of items: the block that was read last, and the totals of its
	// lot, as its entries call for them and, which come later, as they are found.
	block blockWalk

	// For each index the sum of the hashes of its entries, as the records call
	// for them and as they were found. The order of a sum does not matter.
	wanted, found [256]hashSum
}

// hashSum adds up SHA-256 hashes as numbers of 256 bits.
type hashSum [4]uint64

func (s *hashSum) add(key, value []byte) {
	h := sha256.New()
	h.Write(binary.AppendUvarint(nil, uint64(len(key))))
	h.Write(key)
	h.Write(value)
	var b [sha256.Size]byte
	h.Sum(b[:0])
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], binary.LittleEndian.Uint64(b[8*i:]), carry)
	}
}

// log reads all records.
func (v *verifier) log() error {
	for key, err := range v.l.keys(v.ctx, v.r, []byte{tagLog}, []byte{tagLog + 1}) {
		if err != nil {
			return err
		}
		seq := v.tree.size
		if k := key.Key(); len(k) != len(logKey(0)) || seqOf(k) != seq {
			return &Difference{Where: inLog, Seq: seq, Found: fmt.Sprintf("key %x", k), Wanted: fmt.Sprintf("%x", logKey(seq))}
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		if err := v.record(seq, value); err != nil {
			return err
		}
		if v.cfg.Progress != nil && seq%10_000 == 0 {
			v.cfg.Progress(seq)
		}
	}
	v.report.Head = Head{Size: v.tree.size, Root: v.tree.root()}
	for id := range v.tiles { // those that are not full
		if err := v.tile(id); err != nil {
			return err
		}
	}
	return nil
}

// record checks a record by itself and adds up what it calls for.
func (v *verifier) record(seq int64, value []byte) error {
	r, err := decodeRecord(value)
	if err != nil {
		return &Difference{Where: inLog, Seq: seq, Found: err.Error(), Wanted: "a record"}
	}
	if again := encodeRecord(nil, r); !bytes.Equal(again, value) {
		return &Difference{Where: inLog, Seq: seq, Ref: r.Ref(), Found: "another form", Wanted: "the canonical form"}
	}
	if r.Signature != nil {
		v.report.Signed++
		if v.cfg.Signature != nil {
			if err := v.cfg.Signature(r); err != nil {
				return &Difference{Where: inSignature, Seq: seq, Ref: r.Ref(), Found: err.Error(), Wanted: "a valid signature"}
			}
		}
	}
	var tileErr error
	v.tree.add(tlog.RecordHash(r.Canonical), func(level int, n int64, h tlog.Hash) {
		id := tileID{level, n >> tileHeight}
		v.tiles[id] = append(v.tiles[id], h[:]...)
		if len(v.tiles[id]) == tlog.HashSize<<tileHeight && tileErr == nil {
			tileErr = v.tile(id)
			v.full++
			delete(v.tiles, id)
		}
	})
	if tileErr != nil {
		return tileErr
	}
	v.cells[sourceDay{r.Source, r.Known()}]++
	v.sums[r.Source]++
	return v.eachKey(r, seq, func(k indexKey) error {
		if !k.lot { // the lots are those of the items
			v.wanted[k.key[0]].add(k.key, k.value)
			v.report.Entries++
		}
		return nil
	})
}

// eachKey calls f for all that a record calls for, each once; of a correction
// also what it calls for in the blocks of the record that it voids.
func (v *verifier) eachKey(r *trace.Record, seq int64, f func(indexKey) error) error {
	if err := v.x.each(r, seq, f); err != nil {
		return err
	}
	c, ok := r.Body.(*trace.Correction)
	if !ok {
		return nil
	}
	target, err := v.named(c.Voids)
	if err != nil || target.Record == nil {
		return err
	}
	return v.x.eachVoid(target.Record, target.Seq, r, seq, f)
}

// named returns the record of a name, and an empty entry where there is none or
// the index of names is wrong about it, which is found out elsewhere.
func (v *verifier) named(ref trace.Ref) (trace.Entry, error) {
	value, closer, err := v.r.Get(nameKey(ref))
	if errors.Is(err, pebble.ErrNotFound) {
		return trace.Entry{}, nil
	}
	if err != nil {
		return trace.Entry{}, err
	}
	seq, used := binary.Uvarint(value)
	ok := used == len(value)
	closer.Close()
	if !ok {
		return trace.Entry{}, nil
	}
	if value, closer, err = v.r.Get(logKey(int64(seq))); err != nil {
		if errors.Is(err, pebble.ErrNotFound) {
			err = nil
		}
		return trace.Entry{}, err
	}
	defer closer.Close()
	r, err := decodeRecord(value)
	if err != nil || r.Ref() != ref {
		return trace.Entry{}, nil
	}
	return trace.Entry{Seq: int64(seq), Record: r}, nil
}

// tile compares a tile with what the records call for.
func (v *verifier) tile(id tileID) error {
	want := v.tiles[id]
	got, err := tiles{v.r}.tile(id.level, id.n)
	if err != nil && !errors.Is(err, errTile) {
		return err
	}
	v.report.Entries++
	for i := 0; i < max(len(got), len(want)); i += tlog.HashSize {
		a, b := hashAt(got, i), hashAt(want, i)
		if a == b {
			continue
		}
		d := &Difference{Where: inTree, Seq: -1, Found: a, Wanted: b}
		if id.level == 0 {
			d.Seq = id.n<<tileHeight + int64(i/tlog.HashSize)
		}
		return d
	}
	return nil
}

func hashAt(tile []byte, i int) string {
	if i >= len(tile) {
		return "no hash"
	}
	return fmt.Sprintf("hash %x", tile[i:min(i+tlog.HashSize, len(tile))])
}

// head compares the log with the HEAD file.
func (v *verifier) head(known slot) error {
	s, format, err := readHead(v.l.fs, v.l.dir)
	if err != nil {
		return err
	}
	if format == 0 || s.turn < known.turn {
		return &Difference{Where: inHead, Seq: -1, Found: "a head that is not the latest", Wanted: known.head.String()}
	}
	if have := v.report.Head; known.head != have {
		return &Difference{Where: inHead, Seq: -1, Found: have.String() + " in the log", Wanted: known.head.String()}
	}
	return nil
}

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
	for cell, n := range v.cells {
		return &Difference{Where: indexNames[tagSource], Seq: -1, Found: "nothing", Wanted: fmt.Sprintf("%d records of %s known on %s", n, cell.source, cell.day)}
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
	cell := sourceDay{source, day}
	if want := v.cells[cell]; int64(n) != want {
		return &Difference{Where: indexNames[tagSource], Seq: -1, Found: fmt.Sprintf("%d records of %s known on %s", n, source, day), Wanted: fmt.Sprint(want)}
	}
	delete(v.cells, cell)
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
