package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sublot/sublot/trace"
)

type checkCmd struct {
	Ledger checkLedgerCmd `cmd:"" default:"withargs" help:"Audit the ledger, or say what a transfer would do."`
	Mark   checkMarkCmd   `cmd:"" help:"Say what a mark lacks of what a law or a buyer asks."`
}

func (checkCmd) Help() string {
	return `Examples:

    sublot check
    sublot check --proposed transfer.json
    sublot check ledger --json
    sublot check mark --profile 11.b.i label.png`
}

type checkLedgerCmd struct {
	langFlag
	Proposed string `placeholder:"FILE" help:"A transfer record that is not in the ledger: say what it would do, and write nothing."`
}

func (checkLedgerCmd) Help() string {
	return `Lists every flag of every lot of the ledger, or, with --proposed, the flags that a
transfer would raise if it were made. Exit 1 when there are any.

Examples:

    sublot check
    sublot check --json > flags.jsonl
    sublot check --proposed transfer.json`
}

func (c *checkLedgerCmd) Run(s *session) error {
	var proposed *trace.Record
	if c.Proposed != "" {
		var err error
		if proposed, err = readProposed(s.in, c.Proposed); err != nil {
			return err
		}
	}
	ledger, err := s.openLedger(toReadLong)
	if err != nil {
		return err
	}
	defer ledger.Close()
	t := &flagTable{s: s, lang: c.Lang}
	if proposed != nil {
		if e, err := ledger.Get(proposed.Ref()); err == nil {
			return hinted(fmt.Errorf("%s: %s is in the ledger already, as record %d", c.Proposed, proposed.Ref(), e.Seq), "give the proposed transfer an id of its own, or run sublot check")
		} else if !errors.Is(err, trace.ErrNotFound) {
			return err
		}
		flags, err := trace.CheckProposed(s, ledger, proposed, s.today)
		if err != nil {
			return err
		}
		for _, f := range flags {
			if err := t.add(f); err != nil {
				return err
			}
		}
		return t.close("The transfer would raise no flag.")
	}
	p := s.progress()
	for f, err := range trace.Check(s, ledger, s.today) {
		if err != nil {
			p.done()
			return err
		}
		p.show("%s so far, at %s", plural(t.n, "flag"), f.Item)
		if !s.json {
			p.done()
		}
		if err := t.add(f); err != nil {
			return err
		}
	}
	p.done()
	return t.close("No flag.")
}

// readProposed reads the one transfer of a file.
func readProposed(in io.Reader, name string) (*trace.Record, error) {
	const most = 16 << 20
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(bufio.NewReader(io.LimitReader(in, most+1)))
	if err != nil {
		return nil, err
	}
	hint := "the file holds one transfer record, in the form that import reads"
	if b = bytes.TrimSpace(b); len(b) == 0 || len(b) > most {
		return nil, hinted(fmt.Errorf("%s: %d bytes, wanted one transfer record", name, len(b)), hint)
	}
	r, err := trace.ParseRecord(b)
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %s", name, message(err)), hint)
	}
	if _, ok := r.Body.(*trace.Transfer); !ok {
		return nil, hinted(fmt.Errorf("%s: kind is %s, wanted transfer", name, r.Kind), hint)
	}
	return r, nil
}

// A flagTable writes flags as they come: a line each, or JSON Lines.
type flagTable struct {
	s    *session
	lang string
	n    int64
}

func (t *flagTable) add(f trace.Flag) error {
	t.n++
	if t.s.json {
		return t.s.writeJSON(f)
	}
	var refs []string
	for _, r := range f.Records {
		refs = append(refs, string(r))
	}
	records := ""
	if len(refs) > 0 {
		records = "  [" + strings.Join(refs, ", ") + "]"
	}
	_, err := fmt.Fprintf(t.s.out, "%s  %s: %s%s\n", f.Item, f.Code, f.Says.In(t.lang), records)
	return err
}

// close ends the table; flags mean that the answer is no.
func (t *flagTable) close(none string) error {
	switch {
	case t.n > 0 && !t.s.json:
		fmt.Fprintf(t.s.out, "%s.\n", plural(t.n, "flag"))
	case t.n == 0 && !t.s.json:
		fmt.Fprintln(t.s.out, none)
	}
	if t.n > 0 {
		return errNo
	}
	return nil
}
