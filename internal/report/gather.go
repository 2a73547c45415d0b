package report

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// An Evidence is a record that a report rests on.
type Evidence struct {
	Entry trace.Entry
	Leaf  string // SHA-256 of a zero byte and the canonical form, in hexadecimal: its leaf in the log
}

// A Head is the signed head of the log that a report was made from.
type Head struct {
	Origin  string
	Size    int64
	Root    string // in base64
	Signers []string
	File    string // the bundle with records and proofs
	SHA256  string // of that file, in hexadecimal
}

// A Case is a finding and all that a report of it shows.
type Case struct {
	Finding  *trace.Finding
	Evidence []Evidence
	Lot      *trace.Piece       // nil where the lot is not on record
	Where    *trace.Whereabouts // of the lot, on the day of the question
	Head     *Head              // nil where no proofs were made
	Today    trace.Day
	Version  string // of the program
}

// Gather collects what a report of a finding shows. Query is the question that it
// answers.
func Gather(ctx context.Context, l trace.Ledger, q trace.Query, f *trace.Finding) (*Case, error) {
	c := &Case{Finding: f, Today: q.Today}
	for _, ref := range cited(f) {
		e, err := l.Get(ref)
		if errors.Is(err, trace.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.Evidence = append(c.Evidence, Evidence{e, Leaf(e.Record)})
	}
	slices.SortFunc(c.Evidence, func(a, b Evidence) int { return int(a.Entry.Seq - b.Entry.Seq) })
	if f.Item.IsZero() {
		return c, nil
	}
	q.Item, q.Beside, q.Pointers = f.Item, nil, nil
	var err error
	if c.Lot, err = trace.Spread(ctx, l, q); err != nil {
		return nil, err
	}
	if q.AsOf < 0 && q.KnownOn == trace.NoDay { // it answers on all that is on record
		c.Where, err = trace.Where(ctx, l, marking.SpanOf(f.Item.First().Lot()), q.Recovered)
	}
	return c, err
}

// Leaf returns the hash of a record as a leaf of the log, in hexadecimal.
func Leaf(r *trace.Record) string {
	h := tlog.RecordHash(r.Canonical)
	return hex.EncodeToString(h[:])
}

// cited lists every record that a finding and its steps name, each once.
func cited(f *trace.Finding) []trace.Ref {
	var refs []trace.Ref
	add := func(rs []trace.Ref) { refs = append(refs, rs...) }
	if f.EndUser != nil {
		add(f.EndUser.Records)
	}
	if f.LastHolder != nil {
		add(f.LastHolder.Records)
	}
	if f.Window != nil {
		add(f.Window.Records)
	}
	if f.Lot != nil {
		add(f.Lot.Records)
	}
	for _, x := range f.Candidates {
		add(x.Records)
	}
	for _, x := range f.Excluded {
		add(x.Records)
	}
	for _, x := range f.Chain {
		add([]trace.Ref{x.Record})
	}
	for _, x := range f.Flags {
		add(x.Records)
	}
	for _, x := range f.Searched.Gaps {
		add(x.Records)
	}
	for _, x := range f.Steps {
		add(x.Records)
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}
