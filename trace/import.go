package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// An ImportFile is a file of records: JSON Lines in UTF-8, one record a line.
// Empty lines are passed over.
type ImportFile struct {
	Name string // as it stands in refusals
	io.Reader
}

// ImportConfig says how to import. Its zero value imports all or nothing.
type ImportConfig struct {
	// Proceed takes the good rows and leaves the refused ones out. Without it a
	// refused row keeps everything out.
	Proceed bool

	// MaxLine is the longest line in bytes. Zero means 16 MiB.
	MaxLine int

	// MaxBytes is the most that an import may read without Proceed into a ledger
	// that is no [Bulk] taker, since it is held until its last line is known to
	// be good. Zero means 512 MiB. With Proceed rows are appended a part at a time
	// and there is no limit.
	MaxBytes int64

	// Signature, where it is set, is called for each signed record and says what
	// is wrong with its signature: the row is refused then. It may be called by
	// several goroutines at once.
	Signature func(*Record) error

	// Progress, where it is set, is called now and then with the bytes and
	// records read so far, in the calling goroutine.
	Progress func(bytes, records int64)
}

// An ImportReport says what became of the rows of an import.
type ImportReport struct {
	Appended
	Refused []Refusal `json:"refused"` // the first 1,000 of them
	// RefusedTotal counts all that were refused; absent where Refused has them all.
	RefusedTotal int64 `json:"refused_total,omitempty"`
}

// A Refusal is a row that was not imported.
type Refusal struct {
	File   string `json:"file"`
	Line   int    `json:"line"`            // 1 for the first; 0 where it is the whole file
	Field  string `json:"field,omitempty"` // e.g. lines[0].quantity
	Found  string `json:"found,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	Reason string `json:"reason"`
	hint   string
}

func (r *Refusal) Error() string {
	place := r.File
	if r.Line > 0 {
		place += fmt.Sprintf(" line %d", r.Line)
	}
	e := RecordError{Field: r.Field, Found: r.Found, Wanted: r.Wanted, Reason: r.Reason}
	return "trace: " + place + ": " + strings.TrimPrefix(e.Error(), "trace: ")
}

// Hint says what to do.
func (r *Refusal) Hint() string { return r.hint }

const (
	maxRefused  = 1000      // refusals that a report holds
	chunk       = 5000      // rows appended at once where good rows are taken
	bulkFrom    = 32 << 20  // bytes from which on a ledger is given its rows in bulk
	bulkRows    = 1 << 20   // rows that are committed at once where good rows are taken in bulk
	defaultLine = 16 << 20  // bytes
	defaultAll  = 512 << 20 // bytes
)

// Import reads records from files in their order and appends them to the
// ledger: all of them or, if one row is refused, none. Its report lists the rows
// that were refused and why; without cfg.Proceed the error then is the first of
// them, a [*Refusal]. Any other error comes from the ledger, from reading a file
// or from ctx; what the report counts as accepted is in the ledger all the same.
func Import(ctx context.Context, ledger Ledger, files []ImportFile, cfg ImportConfig) (ImportReport, error) {
	if cfg.MaxLine == 0 {
		cfg.MaxLine = defaultLine
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = defaultAll
	}
	im := importer{ctx: ctx, ledger: ledger, cfg: cfg, report: ImportReport{Refused: []Refusal{}}}
	err := im.run(files)
	if im.refused > int64(len(im.report.Refused)) {
		im.report.RefusedTotal = im.refused
	}
	return im.report, err
}

type importer struct {
	ctx    context.Context
	ledger Ledger
	cfg    ImportConfig

	rows    []row // read and not appended yet
	bytes   int64
	records int64
	refused int64
	report  ImportReport

	load  atomic.Pointer[load] // nil where rows are appended
	files []string
}

// A load is a bulk load of a ledger.
type load struct {
	bulk Bulk
	rows int // that it has
}

// A row is a good record and where it stands.
type row struct {
	record *Record
	place  place
}

// A place is a line of a file.
type place struct {
	file int // among those of the import
	line int
}

const lineBits = 40

func (p place) number() int64 { return int64(p.file)<<lineBits | int64(p.line) }

func placeOf(n int64) place { return place{int(n >> lineBits), int(n & (1<<lineBits - 1))} }

func (im *importer) run(files []ImportFile) error {
	for _, f := range files {
		im.files = append(im.files, f.Name)
	}
	err := im.read(files)
	if err == nil {
		err = im.flush()
	}
	if l := im.load.Load(); l != nil {
		if closeErr := l.bulk.Close(); err == nil {
			err = closeErr
		}
	}
	if err != nil {
		return err
	}
	if im.refused > 0 && !im.cfg.Proceed {
		return &im.report.Refused[0]
	}
	return nil
}

func (im *importer) refuse(r Refusal) {
	im.refused++
	if len(im.report.Refused) < maxRefused {
		im.report.Refused = append(im.report.Refused, r)
	}
}

// take takes a piece of a file in its turn.
func (im *importer) take(p *piece) error {
	for _, r := range p.refused {
		im.refuse(r)
	}
	im.bytes = p.bytes
	im.records += int64(len(p.rows))
	if im.cfg.Progress != nil {
		im.cfg.Progress(im.bytes, im.records)
	}
	if p.err != nil {
		return p.err
	}
	if im.refused > 0 && !im.cfg.Proceed {
		im.rows = nil // nothing will be appended: only what is wrong is still of interest
		return nil
	}
	l := im.load.Load()
	if l == nil {
		return im.gather(p)
	}
	prepared := p.prepared
	if p.load != l { // the load began since
		var err error
		if prepared, err = prepare(l.bulk, p.rows); err != nil {
			return err
		}
	}
	if err := l.bulk.Add(prepared); err != nil {
		return err
	}
	if l.rows += len(p.rows); im.cfg.Proceed && l.rows >= bulkRows {
		return im.commitBulk()
	}
	return nil
}

// gather keeps the rows of a piece until there are enough to be appended, or so
// many that they are given in bulk.
func (im *importer) gather(p *piece) error {
	im.rows = append(im.rows, p.rows...)
	if im.bytes > bulkFrom {
		if done, err := im.startBulk(); done || err != nil {
			return err
		}
	}
	if !im.cfg.Proceed && im.bytes > im.cfg.MaxBytes {
		im.refuse(Refusal{File: im.files[p.file], Line: p.line, Found: grouped(im.bytes) + " bytes and more", Wanted: "at most " + grouped(im.cfg.MaxBytes),
			Reason: "too much for an import that is all or nothing", hint: "split the files, or import the good rows as they come with --proceed"})
		im.rows = nil
		return &im.report.Refused[len(im.report.Refused)-1]
	}
	for im.cfg.Proceed && len(im.rows) >= chunk {
		later := im.rows[chunk:]
		im.rows = im.rows[:chunk:chunk]
		if err := im.flush(); err != nil {
			return err
		}
		im.rows = later
	}
	return nil
}

// badSignature refuses a row that is not what its signer signed.
func badSignature(file string, n int, err error) Refusal {
	return Refusal{File: file, Line: n, Field: "signature", Found: err.Error(), Wanted: "the signature of the record's source",
		Reason: "the signature does not hold", hint: "ask the source for the record as it signed it; nothing else makes it whole again"}
}

// startBulk gives the ledger the rest of the import in bulk, if it takes that.
func (im *importer) startBulk() (done bool, err error) {
	ledger, ok := im.ledger.(interface {
		Bulk(context.Context) (Bulk, error)
	})
	if !ok {
		return false, nil
	}
	bulk, err := ledger.Bulk(im.ctx)
	if err != nil {
		return false, err
	}
	im.load.Store(&load{bulk, len(im.rows)})
	for rows := im.rows; len(rows) > 0 && err == nil; {
		some := rows[:min(chunk, len(rows))]
		rows = rows[len(some):]
		var prepared any
		if prepared, err = prepare(bulk, some); err == nil {
			err = bulk.Add(prepared)
		}
	}
	im.rows = nil
	return true, err
}

func prepare(bulk Bulk, rows []row) (any, error) {
	records, places := make([]*Record, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		records[i], places[i] = r.record, r.place.number()
	}
	return bulk.Prepare(records, places)
}

// commitBulk makes what the load has part of the ledger. What follows is for
// another.
func (im *importer) commitBulk() error {
	done, conflicts, err := im.load.Swap(nil).bulk.Commit(im.cfg.Proceed)
	im.report.Accepted += done.Accepted
	im.report.Duplicate += done.Duplicate
	for _, c := range conflicts {
		where := "in the ledger"
		if c.OldPlace >= 0 {
			at := placeOf(c.OldPlace)
			where = fmt.Sprintf("in %s line %d", im.files[at.file], at.line)
		}
		im.refuse(im.conflict(c.Record, placeOf(c.Place), c.Old, where))
	}
	return err
}

func (im *importer) conflict(r *Record, at place, old *Record, where string) Refusal {
	conflict := &ConflictError{r.Ref()}
	field, found, had := difference(r, old)
	return Refusal{
		File: im.files[at.file], Line: at.line, Field: field, Found: found, Wanted: had + " as " + where,
		Reason: strings.TrimPrefix(conflict.Error(), "trace: "), hint: conflict.Hint(),
	}
}

const oneALine = "write one record a line, with no line break inside it"

// sniff looks at the beginning of a file and refuses what is known not to be
// JSON Lines.
func sniff(begin []byte) *Refusal {
	for _, f := range []struct{ magic, found, hint string }{
		{"\xef\xbb\xbf", "a byte order mark", "save the file as UTF-8 without a byte order mark"},
		{"\xff\xfe", "UTF-16", "save the file as UTF-8"},
		{"\xfe\xff", "UTF-16", "save the file as UTF-8"},
		{"PK\x03\x04", "a ZIP or XLSX file", "unpack it, and write its rows as JSON Lines (docs/records.md)"},
		{"\x1f\x8b", "a gzip file", "unpack it first: gzip -d"},
		{"\x28\xb5\x2f\xfd", "a Zstandard file", "unpack it first: zstd -d"},
		{"%PDF", "a PDF file", "write what it says as JSON Lines (docs/records.md)"},
		{"\xd0\xcf\x11\xe0", "an old Office file", "write its rows as JSON Lines (docs/records.md)"},
		{"\x89PNG", "a PNG picture", "pictures are read with scan, or with trace --image"},
		{"\xff\xd8\xff", "a JPEG picture", "pictures are read with scan, or with trace --image"},
		{"<", "XML or HTML", "write its content as JSON Lines (docs/records.md)"},
		{"[", "a JSON array", "write one record a line instead of a list: jq -c '.[]'"},
	} {
		if bytes.HasPrefix(begin, []byte(f.magic)) {
			return &Refusal{Line: 1, Found: f.found, Wanted: "JSON Lines in UTF-8", Reason: "the file is not JSON Lines", hint: f.hint}
		}
	}
	first := bytes.TrimLeft(begin, " \t\r\n")
	if len(first) == 0 || first[0] == '{' {
		return nil
	}
	if bytes.IndexByte(first, 0) >= 0 {
		return &Refusal{Line: 1, Found: "binary data", Wanted: "JSON Lines in UTF-8", Reason: "the file is not JSON Lines", hint: "write its content as JSON Lines (docs/records.md)"}
	}
	line, _, _ := bytes.Cut(first, []byte("\n"))
	r := &Refusal{Line: 1 + bytes.Count(begin[:len(begin)-len(first)], []byte("\n")), Wanted: "a record, beginning with {", Reason: "the file is not JSON Lines"}
	for len(line) > 0 && !utf8.Valid(line) { // cut inside a character
		line = line[:len(line)-1]
	}
	r.Found = show(strings.TrimSpace(string(line)))
	r.hint = "records are JSON Lines: one JSON object a line (docs/records.md)"
	if bytes.ContainsAny(line, ",;\t") {
		r.Found = "what looks like CSV: " + r.Found
		r.hint = "CSV is not read: write each row as a JSON object on a line (docs/records.md)"
	}
	return r
}

// flush appends the rows read so far. A conflict is refused row by row.
func (im *importer) flush() error {
	if im.refused > 0 && !im.cfg.Proceed {
		return nil
	}
	if im.load.Load() != nil {
		return im.commitBulk()
	}
	for len(im.rows) > 0 {
		records := make([]*Record, len(im.rows))
		for i, r := range im.rows {
			records[i] = r.record
		}
		done, err := im.ledger.Append(im.ctx, records)
		if _, conflict := errors.AsType[*ConflictError](err); !conflict {
			im.report.Accepted += done.Accepted
			im.report.Duplicate += done.Duplicate
			im.rows = im.rows[:0]
			return err
		}
		before := im.refused
		if lookup := im.dropConflicts(); lookup != nil {
			return lookup
		}
		if im.refused == before {
			return err // a conflict that cannot be found cannot be left out
		}
		if !im.cfg.Proceed {
			return nil
		}
	}
	return nil
}

// dropConflicts refuses the rows whose name is taken by other content, in the
// ledger or in an earlier row.
func (im *importer) dropConflicts() error {
	type told struct {
		record *Record
		where  string
	}
	taken := map[Ref]told{}
	good := im.rows[:0]
	for _, r := range im.rows {
		ref := r.record.Ref()
		old, ok := taken[ref]
		if !ok {
			e, err := im.ledger.Get(ref)
			switch {
			case err == nil:
				old = told{e.Record, "in the ledger"}
			case errors.Is(err, ErrNotFound):
				old = told{r.record, fmt.Sprintf("in %s line %d", im.files[r.place.file], r.place.line)}
			default:
				return err
			}
			taken[ref] = old
		}
		if bytes.Equal(old.record.Canonical, r.record.Canonical) {
			good = append(good, r)
			continue
		}
		im.refuse(im.conflict(r.record, r.place, old.record, old.where))
	}
	im.rows = good
	return nil
}

// difference returns the first field in which two records differ, and what
// stands there in each.
func difference(a, b *Record) (field, inA, inB string) {
	x, _ := parseJSON(a.Canonical)
	y, _ := parseJSON(b.Canonical)
	other := func(v jsonValue, name string) string {
		if m := v.member(name); m != nil {
			return m.show()
		}
		return "nothing"
	}
	for _, m := range append(x.members, y.members...) {
		inA, inB = other(x, m.name), other(y, m.name)
		if inA != inB {
			return m.name, inA, inB
		}
	}
	return "id", show(a.ID), "other content" // the difference is too far inside to be shown
}
