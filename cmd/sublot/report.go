package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/trace"
)

// reportFlags are the documents that a command writes beside its answer.
type reportFlags struct {
	Report []string `enum:"html,pdf,txt" placeholder:"html,pdf,txt" help:"Write a report to attach to a case, in one or several forms."`
	Out    string   `placeholder:"PATH" help:"With --report: the file without its ending. Default: report-NAME."`
}

// check refuses an --out that nothing is written to.
func (r *reportFlags) check() error {
	if r.Out != "" && len(r.Report) == 0 {
		return hinted(fmt.Errorf("--out %s without a report", r.Out), "give --report html, pdf, txt or several of them too")
	}
	return nil
}

// write writes a document in the forms asked for, none over a file that is there.
func (r *reportFlags) write(s *session, d *report.Document, name string) error {
	base := r.Out
	if base == "" {
		base = "report-" + reportName(name)
	}
	forms := slices.Compact(slices.Sorted(slices.Values(r.Report)))
	var written []string
	for _, form := range forms {
		path := strings.TrimSuffix(base, "."+form) + "." + form
		var b bytes.Buffer
		var err error
		switch form {
		case "html":
			err = d.HTML(&b)
		case "txt":
			err = d.Text(&b)
		default:
			err = d.PDF(&b, time.Unix(int64(s.today)*24*60*60, 0).UTC())
		}
		if err == nil {
			err = writeNew(path, b.Bytes(), 0o644)
		}
		if err != nil {
			for _, w := range written {
				os.Remove(w) // half a report is worse than none
			}
			return fmt.Errorf("writing the report: %w", err)
		}
		written = append(written, path)
	}
	for _, path := range written {
		fmt.Fprintf(s.err, "report: %s\n", path)
	}
	return nil
}

// reportName makes a name of a file out of an identity, which any system takes.
func reportName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z':
			return r
		case r > 0x7f:
			return r
		}
		return '_'
	}, s)
	s = strings.Trim(s, "._")
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[:80])
	}
	return filepath.Clean(s)
}

// reportCase writes the report of a finding.
func (r *reportFlags) reportCase(s *session, l trace.Ledger, q trace.Query, f *trace.Finding, lang string, head *report.Head) error {
	if len(r.Report) == 0 {
		return nil
	}
	c, err := report.Gather(s, l, q, f)
	if err != nil {
		return err
	}
	c.Version, c.Head = version(), head
	d, err := report.Of(c, lang)
	if err != nil {
		return err
	}
	name := f.Query.Text
	if !f.Item.IsZero() {
		name = f.Item.String()
	}
	return r.write(s, d, name)
}

// sum256 returns the SHA-256 of some bytes in hexadecimal.
func sum256(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
