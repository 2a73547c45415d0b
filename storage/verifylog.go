package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/tlog"
)

// Records are read in stretches, several at once: what a record is, and which entries it
// calls for, does not depend on others. The tree grows in the order of the log.

// stretchRecords is how many records are a stretch of the log; less in tests.
var stretchRecords int64 = 1000

// A logStretch is what the records of a stretch come to.
type logStretch struct {
	v      *verifier
	seq    int64 // of the next record
	end    int64 // the place after the last
	leaves []tlog.Hash
	wanted entrySums
	err    error // after the leaves

	signed, entries int64

	x          indexer
	key, again []byte
}

// stretchesOf returns how many stretches a log of so many records has. The last of them
// goes on to the end.
func stretchesOf(records int64) int {
	return int(max(1, (records+stretchRecords-1)/stretchRecords))
}

func placesOf(i, n int) (from, end int64) {
	from, end = int64(i)*stretchRecords, int64(i+1)*stretchRecords
	if i == n-1 {
		end = math.MaxInt64
	}
	return from, end
}

// log reads all records. How many there should be decides how they are cut.
func (v *verifier) log(records int64) error {
	n := stretchesOf(records)
	read := func(ctx context.Context, i int) *logStretch {
		from, end := placesOf(i, n)
		s := &logStretch{v: v, seq: from, end: end, wanted: newEntrySums(v.wanted.seed)}
		s.err = recovered(func() error { return s.read(ctx) })
		return s
	}
	if err := inOrder(v.ctx, n, read, v.joinLog); err != nil {
		return err
	}
	v.report.Head = v.tree.head()
	for id := range v.tiles { // those that are not full
		if err := v.tile(id); err != nil {
			return err
		}
	}
	return nil
}

// joinLog lets the tree grow by the records of a stretch.
func (v *verifier) joinLog(s *logStretch) error {
	for _, leaf := range s.leaves {
		if err := v.leaf(leaf); err != nil {
			return err
		}
	}
	if s.err != nil {
		return s.err
	}
	v.wanted.join(&s.wanted)
	v.report.Signed += s.signed
	v.report.Entries += s.entries
	if v.cfg.Progress != nil {
		v.cfg.Progress(v.tree.size)
	}
	return nil
}

// read reads the records of a stretch. A key that has no place in the log is found where
// the record before it is read.
func (s *logStretch) read(ctx context.Context) error {
	lower := []byte{tagLog}
	if s.seq > 0 {
		lower = logKey(s.seq)
	}
	for key, err := range s.v.l.keys(ctx, s.v.r, lower, []byte{tagLog + 1}) {
		if err != nil {
			return err
		}
		k := key.Key()
		if s.seq == s.end && bytes.Compare(k, logKey(s.end)) >= 0 {
			return nil
		}
		if len(k) != len(logKey(0)) || seqOf(k) != s.seq {
			return &Difference{Where: inLog, Seq: s.seq, Found: fmt.Sprintf("key %x", k), Wanted: fmt.Sprintf("%x", logKey(s.seq))}
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		if err := s.record(value); err != nil {
			return err
		}
		s.seq++
	}
	return nil
}

// record checks a record by itself and adds up what it calls for.
func (s *logStretch) record(value []byte) error {
	r, err := checkedRecord(value)
	if err != nil {
		return &Difference{Where: inLog, Seq: s.seq, Found: err.Error(), Wanted: "a record"}
	}
	if s.again = encodeRecord(s.again[:0], r); !bytes.Equal(s.again, value) {
		return &Difference{Where: inLog, Seq: s.seq, Ref: r.Ref(), Found: "another form", Wanted: "the canonical form"}
	}
	if r.Signature != nil {
		s.signed++
		if check := s.v.cfg.Signature; check != nil {
			if err := check(r); err != nil {
				return &Difference{Where: inSignature, Seq: s.seq, Ref: r.Ref(), Found: err.Error(), Wanted: "a valid signature"}
			}
		}
	}
	s.leaves = append(s.leaves, tlog.RecordHash(r.Canonical))
	s.wanted.source(r.Source).records++
	s.key = appendSourceKey(s.key[:0], sourceDay{r.Source, r.Known()})
	s.wanted.cell(r.Source, s.key, 1)
	return s.v.eachKey(&s.x, r, s.seq, func(k indexKey) error {
		s.wanted.add(k.key, k.value)
		s.entries++
		return nil
	})
}

// leaf puts a leaf at the end of the tree.
func (v *verifier) leaf(leaf tlog.Hash) (err error) {
	v.tree.add(leaf, func(level int, n int64, h tlog.Hash) {
		id := tileID{level, n >> tileHeight}
		v.tiles[id] = append(v.tiles[id], h[:]...)
		if len(v.tiles[id]) == tlog.HashSize<<tileHeight && err == nil {
			err = v.tile(id)
			v.full++
			delete(v.tiles, id)
		}
	})
	return err
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
		if bytes.Equal(a, b) {
			continue
		}
		d := &Difference{Where: inTree, Seq: -1, Found: hashText(a), Wanted: hashText(b)}
		if id.level == 0 {
			d.Seq = id.n<<tileHeight + int64(i/tlog.HashSize)
		}
		return d
	}
	return nil
}

// hashAt returns the hash of a tile that begins at its i-th byte, nothing where it ends
// before.
func hashAt(tile []byte, i int) []byte {
	return tile[min(i, len(tile)):min(i+tlog.HashSize, len(tile))]
}

func hashText(h []byte) string {
	if len(h) == 0 {
		return "no hash"
	}
	return fmt.Sprintf("hash %x", h)
}
