package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/trace"
)

type importCmd struct {
	Proceed bool     `help:"Take the good rows and list the refused ones, instead of all or nothing."`
	Files   []string `arg:"" name:"file" help:"JSON Lines, one record a line; - reads standard input."`
}

func (importCmd) Help() string {
	return `Takes all rows of all files or, if one is refused, none. The same record again
is counted as a duplicate and changes nothing. What a record may hold is listed in
docs/records.md.

Signed records are checked against the keys that the ledger's owner believes
(sublot trust): one that a believed key did not sign is refused; one of an unknown
key is taken and counted.

Examples:

    sublot import records.jsonl transfers.jsonl
    sublot import --proceed --json month.jsonl > report.json`
}

func (c *importCmd) Run(s *session) error {
	files := make([]trace.ImportFile, len(c.Files))
	total := int64(0) // bytes, 0 where it is not known
	for i, name := range c.Files {
		f := &lateFile{name: name, in: s.in}
		files[i] = trace.ImportFile{Name: name, Reader: f}
		size, err := f.check()
		if err != nil {
			return err
		}
		total += size
	}
	if slices.Contains(c.Files, "-") {
		total = 0
	}
	trust, err := s.ledgerTrust()
	if err != nil {
		return err
	}
	signatures := evidence.NewSignatures(trust)
	ledger, err := s.openLedger(toWrite)
	if err != nil {
		return err
	}
	defer ledger.Close()

	p := s.progress()
	report, err := trace.Import(s, ledger, files, trace.ImportConfig{
		Proceed:   c.Proceed,
		Signature: signatures.Check,
		Progress: func(bytes, records int64) {
			p.show("%s", importing(bytes, total, records, time.Since(p.start)))
		},
	})
	p.done()
	refusal, refused := errors.AsType[*trace.Refusal](err)
	if err != nil && !refused {
		return err
	}
	if s.json {
		if err := s.writeJSON(report); err != nil {
			return err
		}
	} else {
		tellRefused(s, report)
	}
	if refused {
		total := max(int64(len(report.Refused)), report.RefusedTotal)
		return hinted(fmt.Errorf("nothing imported: %s refused", plural(total, "row")), refusal.Hint()+"\nhint: or take the good rows with --proceed")
	}
	tellSignatures(s, signatures.Tally())
	if !s.json {
		fmt.Fprintf(s.out, "%s accepted, %s known already, %s refused\n",
			plural(report.Accepted, "record"), grouped(report.Duplicate), grouped(max(int64(len(report.Refused)), report.RefusedTotal)))
	}
	return nil
}

// tellSignatures says what of the signatures is not known to hold.
func tellSignatures(s *session, t evidence.Tally) {
	if t.Unknown > 0 {
		fmt.Fprintf(s.err, "%s signed with keys that nobody here vouches for: kept as unproven (sublot trust add)\n", plural(t.Unknown, "record"))
	}
	if t.Revoked > 0 {
		fmt.Fprintf(s.err, "%s signed with keys that are revoked: kept as unproven\n", plural(t.Revoked, "record"))
	}
}

// importing says how far an import is, how fast it goes and how long it will
// take. Total is 0 where nobody knows how much there is to read.
func importing(bytes, total, records int64, took time.Duration) string {
	rate := int64(float64(records) / max(took.Seconds(), 1e-3))
	switch {
	case total <= 0:
		return fmt.Sprintf("read %s records, %s MiB, %s records/s", grouped(records), grouped(bytes>>20), grouped(rate))
	case bytes >= total:
		return fmt.Sprintf("read %s records, %s records/s; writing what finds them", grouped(records), grouped(rate))
	}
	left := time.Duration(float64(took) * float64(total-bytes) / float64(max(bytes, 1)))
	return fmt.Sprintf("read %s records, %d %%, %s records/s, %v left", grouped(records), bytes*100/total, grouped(rate), left.Round(time.Second))
}

// tellRefused lists the rows that were refused.
func tellRefused(s *session, report trace.ImportReport) {
	const most = 20
	for i, r := range report.Refused {
		if i == most {
			fmt.Fprintf(s.err, "… and %s more\n", grouped(max(int64(len(report.Refused)), report.RefusedTotal)-most))
			break
		}
		fmt.Fprintln(s.err, message(&r))
	}
}

// plural writes a count with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// A lateFile is opened when it is read first, so that any number of files may be
// named. The name - is standard input.
type lateFile struct {
	name  string
	in    io.Reader // standard input
	file  *os.File
	ended bool
}

// check fails early for what could not be read later.
// It returns the size of the file where it is known.
func (f *lateFile) check() (size int64, err error) {
	if f.name == "-" {
		return 0, nil
	}
	info, err := os.Stat(f.name)
	if err == nil && info.IsDir() {
		return 0, hinted(fmt.Errorf("%s is a folder", f.name), "name the files in it: "+f.name+"/*.jsonl")
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f *lateFile) Read(p []byte) (n int, err error) {
	if f.name == "-" {
		return f.in.Read(p)
	}
	if f.file == nil {
		if f.file, err = os.Open(f.name); err != nil {
			return 0, err
		}
	}
	if f.ended {
		return 0, io.EOF
	}
	n, err = f.file.Read(p)
	if err == io.EOF {
		f.ended = true
		f.file.Close()
	}
	return n, err
}
