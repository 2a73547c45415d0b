package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// VerifyConfig says how a ledger is verified. Its zero value checks everything
// but signatures, for which somebody has to say whom to believe.
type VerifyConfig struct {
	// Signature, where it is set, is called for each signed record and says what
	// is wrong with its signature. Several goroutines call it at once.
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
// others from appending. It uses all processors, and memory that does not depend on how
// many records there are.
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
	v := l.newVerifier(ctx, snapshot, cfg)
	err = v.log(known.head.Size)
	if err == nil {
		err = v.head(known)
	}
	var at [][]byte
	if err == nil {
		at, err = l.tableKeys()
	}
	if err == nil {
		err = v.indexes(keyStretches(at))
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

	wanted, found entrySums
	tilesFound    int64
	beside        error // the first difference in what is read beside the blocks of items
}

func (l *Ledger) newVerifier(ctx context.Context, r pebble.Reader, cfg VerifyConfig) *verifier {
	seed := make([]byte, 16)
	rand.Read(seed)
	return &verifier{ctx: ctx, l: l, r: r, cfg: cfg, tiles: map[tileID][]byte{}, wanted: newEntrySums(seed), found: newEntrySums(seed)}
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
