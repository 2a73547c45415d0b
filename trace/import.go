package trace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
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

	// MaxBytes is the most that an import may read without Proceed, since it is
	// held until its last line is known to be good. Zero means 512 MiB. With
	// Proceed rows are appended a few thousand at a time and there is no limit.
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
}

// A row is a good record and where it stands.
type row struct {
	record *Record
	file   string
	line   int
}

func (im *importer) run(files []ImportFile) error {
	for _, f := range files {
		if err := im.file(f); err != nil {
			return err
		}
	}
	if err := im.flush(); err != nil {
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

// file reads one file to its end, or to where it proves not to hold records.
func (im *importer) file(f ImportFile) error {
	in := bufio.NewReaderSize(f, 64<<10)
	begin, err := in.Peek(512)
	if err != nil && err != io.EOF && len(begin) == 0 {
		return fmt.Errorf("trace: reading %s: %w", f.Name, err)
	}
	if r := sniff(begin); r != nil {
		r.File = f.Name
		im.refuse(*r)
		return nil
	}
	any := false
	for n := 1; ; n++ {
		line, length, err := readLine(in, im.cfg.MaxLine)
		if err != nil && err != io.EOF {
			return fmt.Errorf("trace: reading %s line %d: %w", f.Name, n, err)
		}
		end := err == io.EOF
		im.bytes += length
		switch blank := length == int64(len(line)) && len(bytes.TrimSpace(line)) == 0; {
		case blank:
		case line == nil:
			any = true
			im.refuse(Refusal{File: f.Name, Line: n, Found: fmt.Sprintf("a line of %s bytes", grouped(length)),
				Wanted: fmt.Sprintf("at most %s bytes", grouped(im.cfg.MaxLine)), Reason: "the line is too long", hint: oneALine})
		default:
			any = true
			im.row(f.Name, n, bytes.TrimRight(line, "\r\n"))
		}
		if !im.cfg.Proceed && im.bytes > im.cfg.MaxBytes {
			im.refuse(Refusal{File: f.Name, Line: n, Found: grouped(im.bytes) + " bytes and more", Wanted: "at most " + grouped(im.cfg.MaxBytes),
				Reason: "too much for an import that is all or nothing", hint: "split the files, or import the good rows as they come with --proceed"})
			im.rows = nil
			return &im.report.Refused[len(im.report.Refused)-1]
		}
		if len(im.rows) >= chunk && im.cfg.Proceed {
			if err := im.flush(); err != nil {
				return err
			}
		}
		if n%1000 == 0 || end {
			if err := im.ctx.Err(); err != nil {
				return err
			}
			if im.cfg.Progress != nil {
				im.cfg.Progress(im.bytes, im.records)
			}
		}
		if end {
			break
		}
	}
	if !any {
		im.refuse(Refusal{File: f.Name, Found: "nothing", Wanted: "records, one a line", Reason: "the file is empty", hint: "check that the file was written to its end"})
	}
	return nil
}

// row checks one line that is not empty.
func (im *importer) row(file string, n int, line []byte) {
	record, err := parseLine(line)
	if err != nil {
		if err.Reason == notComplete {
			err.Reason = fmt.Sprintf("line %d is not complete JSON", n)
			err.hint = oneALine
		}
		im.refuse(Refusal{file, n, err.Field, err.Found, err.Wanted, err.Reason, err.Hint()})
		return
	}
	if record.Signature != nil && im.cfg.Signature != nil {
		if err := im.cfg.Signature(record); err != nil {
			im.refuse(badSignature(file, n, err))
			return
		}
	}
	im.records++
	if im.refused > 0 && !im.cfg.Proceed {
		im.rows = nil // nothing will be appended: only what is wrong is still of interest
		return
	}
	im.rows = append(im.rows, row{record, file, n})
}

// badSignature refuses a row that is not what its signer signed.
func badSignature(file string, n int, err error) Refusal {
	return Refusal{File: file, Line: n, Field: "signature", Found: err.Error(), Wanted: "the signature of the record's source",
		Reason: "the signature does not hold", hint: "ask the source for the record as it signed it; nothing else makes it whole again"}
}

// readLine reads a line without its end. A line longer than limit is passed
// over and returned as nil with its length. The error is io.EOF at the end.
func readLine(in *bufio.Reader, limit int) (line []byte, length int64, err error) {
	line = []byte{}
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		if line != nil && len(line)+len(part) <= limit+1 {
			line = append(line, part...)
		} else {
			line = nil
		}
		if err != bufio.ErrBufferFull {
			return line, length, err
		}
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
	type place struct {
		record *Record
		where  string
	}
	taken := map[Ref]place{}
	good := im.rows[:0]
	for _, r := range im.rows {
		ref := r.record.Ref()
		old, ok := taken[ref]
		if !ok {
			e, err := im.ledger.Get(ref)
			switch {
			case err == nil:
				old = place{e.Record, "in the ledger"}
			case errors.Is(err, ErrNotFound):
				old = place{r.record, fmt.Sprintf("in %s line %d", r.file, r.line)}
			default:
				return err
			}
			taken[ref] = old
		}
		if bytes.Equal(old.record.Canonical, r.record.Canonical) {
			good = append(good, r)
			continue
		}
		conflict := &ConflictError{ref}
		field, found, had := difference(r.record, old.record)
		im.refuse(Refusal{
			File: r.file, Line: r.line, Field: field, Found: found, Wanted: had + " as " + old.where,
			Reason: strings.TrimPrefix(conflict.Error(), "trace: "), hint: conflict.Hint(),
		})
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
		if m, ok := v.member(name); ok {
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
