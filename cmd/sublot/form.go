package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/sublot/sublot/internal/paper"
	"github.com/sublot/sublot/trace"
)

type formCmd struct {
	Record string `placeholder:"SOURCE:ID" help:"Print a record that is on record, filled in."`
	Rows   int    `default:"8" placeholder:"N" help:"Blank rows of each list."`
	Out    string `placeholder:"FILE" help:"Write the form there. Default: standard output."`
	Kind   string `arg:"" optional:"" help:"What kind of record."`
	langFlag
}

func (formCmd) Help() string {
	var kinds []string
	for _, k := range paper.Kinds {
		kinds = append(kinds, string(k))
	}
	return `Prints the paper form of a kind of record, for offices without power: one HTML file
that every browser prints. Its fields are those that the import reads. Kinds: ` + strings.Join(kinds, ", ") + `.

Examples:

    sublot form recovery --out recovery.html
    sublot form loss --lang fr --out perte.html
    sublot form --record XD-CUST:SZ-1 --out sz-1.html`
}

func (c *formCmd) Run(s *session) error {
	f := paper.Form{Kind: trace.Kind(c.Kind), Rows: c.Rows, Lang: c.Lang}
	switch {
	case c.Record != "" && c.Kind != "":
		return hinted(errors.New("both a kind and a record"), "give one of them")
	case c.Rows < 1 || c.Rows > 100:
		return hinted(fmt.Errorf("--rows %d", c.Rows), "give a number of rows from 1 to 100")
	case c.Record != "":
		ledger, err := s.openLedger(toRead)
		if err != nil {
			return err
		}
		defer ledger.Close()
		e, err := ledger.Get(trace.Ref(c.Record))
		if errors.Is(err, trace.ErrNotFound) {
			return hinted(fmt.Errorf("no record %s", c.Record), "name a record as SOURCE:ID")
		} else if err != nil {
			return err
		}
		f.Record = e.Record
	}
	var b bytes.Buffer
	if err := paper.Write(&b, f); err != nil {
		return hinted(errors.New(strings.TrimPrefix(err.Error(), "paper: ")), "see sublot form --help for the kinds")
	}
	if c.Out != "" {
		return writeNew(c.Out, b.Bytes(), 0o644)
	}
	_, err := s.out.Write(b.Bytes())
	return err
}
