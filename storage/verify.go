package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"

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
	var err error
	if l.heads != nil {
		err = l.heads.write() // it may be behind
		known = l.heads.onDisk()
	}
	l.mu.Unlock()
	defer snapshot.Close()
	if err != nil {
		return VerifyReport{}, l.fault(err)
	}
	v := verifier{ctx: ctx, l: l, r: snapshot, cfg: cfg, tiles: map[tileID][]byte{}, cells: map[string]map[trace.Day]int64{}, sums: map[string]int64{}}
	err = v.log()
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
	tiles map[tileID][]byte              // the last tile of each level, as the records call for it
	full  int64                          // tiles that are full
	cells map[string]map[trace.Day]int64 // records by source and day, those still to be found in the index
	sums  map[string]int64               // records by source
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
	r, err := checkedRecord(value)
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
	days := v.cells[r.Source]
	if days == nil {
		days = map[trace.Day]int64{}
		v.cells[strings.Clone(r.Source)] = days // without the record that it is a part of
	}
	days[r.Known()]++
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
	r, err := checkedRecord(value)
	if err != nil || r.Ref() != ref {
		return trace.Entry{}, nil
	}
	return trace.Entry{Seq: int64(seq), Record: r}, nil
}

// tile compares a tile with what the records call for.
func (v *verifier) tile(id tileID) error {
	want := v.tiles[id]
	got, err := tiles{r: v.r}.tile(id.level, id.n)
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
	s, format, err := readHead(v.l.fs, v.l.at)
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
