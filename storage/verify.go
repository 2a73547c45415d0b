package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

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
	tagAbout: "parties", tagSource: "sources", tagTile: inTree,
}

// Verify reads every record again and compares it with its leaf in the tree, the
// tree with the HEAD file, and the indexes with what the records call for, both
// ways: nothing may be missing and nothing too much. The first thing that
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
	v := verifier{ctx: ctx, l: l, r: snapshot, cfg: cfg, tiles: map[tileID][]byte{}, cells: map[sourceDay]int64{}}
	err := v.log()
	if err == nil {
		err = v.head(known)
	}
	if err == nil {
		err = v.indexes()
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
	return eachKey(r, seq, func(k indexKey) error {
		if k.lot.IsZero() { // the lots are those of the items
			v.wanted[k.key[0]].add(k.key, k.value)
			v.report.Entries++
		}
		return nil
	})
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
		case tagName, tagCited, tagAbout:
			v.found[tag].add(k, value)
		case tagSpan:
			if err := v.block(k, value); err != nil {
				return err
			}
			lots.item(k)
		case tagLot:
			if len(value) > 0 {
				return extra(k, "a value")
			}
			lots.lot(k)
		case tagSource:
			if err := v.sourceDay(k, value); err != nil {
				return err
			}
		case tagTile:
			tileCount++
		default:
			return extra(k, "an entry of no index")
		}
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
	return lots.compare()
}

func extra(key []byte, found string) error {
	name := indexNames[key[0]]
	if name == "" {
		name = "database"
	}
	return &Difference{Where: name, Seq: -1, Found: fmt.Sprintf("%s under key %x", found, key), Wanted: "nothing"}
}

// block adds up the entries of a block of the index of items.
func (v *verifier) block(key, value []byte) error {
	return eachEntry(key, value, func(e entry, written []byte) error {
		v.found[tagSpan].add(key, written)
		return nil
	})
}

// eachEntry calls f for the entries of a block, with the bytes of each.
func eachEntry(key, value []byte, f func(e entry, written []byte) error) error {
	if len(key) < blockSuffix+4 || len(value) == 0 {
		return extra(key, "an empty block")
	}
	_, level, number := splitBlockKey(key)
	if level > maxLevel {
		return extra(key, "a block of no level")
	}
	last := int64(-1)
	for len(value) > 0 {
		e, rest, err := readEntry(value, level, number)
		if err != nil {
			return extra(key, "what is no entry")
		}
		if e.seq < last {
			return extra(key, "an entry out of order")
		}
		last = e.seq
		if err := f(e, value[:len(value)-len(rest)]); err != nil {
			return err
		}
		value = rest
	}
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
		err := eachKey(e.Record, e.Seq, func(k indexKey) error {
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
	value, closer, err := v.r.Get(k.key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer closer.Close()
	if !k.merged {
		return bytes.Equal(value, k.value), nil
	}
	found := false
	err = eachEntry(k.key, value, func(_ entry, written []byte) error {
		found = found || bytes.Equal(written, k.value)
		return nil
	})
	return found, err
}

// calledFor checks that a record calls for each entry under a key.
func (v *verifier) calledFor(key, value []byte) error {
	check := func(seq int64, value []byte) error {
		e, err := v.entry(seq)
		if err != nil {
			return extra(key, fmt.Sprintf("record %d, which is not in the log,", seq))
		}
		called := false
		err = eachKey(e.Record, seq, func(k indexKey) error {
			called = called || bytes.Equal(k.key, key) && bytes.Equal(k.value, value)
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
	case tagCited, tagAbout:
		if len(key) < 9 {
			return extra(key, "what is no entry")
		}
		return check(seqOf(key), value)
	case tagSpan:
		seen := map[string]bool{}
		return eachEntry(key, value, func(e entry, written []byte) error {
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
