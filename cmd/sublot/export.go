package main

import (
	"fmt"
	"os"

	"github.com/sublot/sublot/trace"
)

type exportCmd struct {
	Out string `placeholder:"FILE" help:"Write to a file instead of standard output."`
}

func (exportCmd) Help() string {
	return `Writes JSON Lines that import reads again: signed records with their signature,
notes and national fields unchanged.

Examples:

    sublot export > all.jsonl
    sublot export --store /srv/ledger --out all.jsonl`
}

func (c *exportCmd) Run(s *session) error {
	ledger, err := s.openLedger(toReadLong)
	if err != nil {
		return err
	}
	defer ledger.Close()
	if c.Out == "" {
		_, err := trace.Export(s, s.out, ledger)
		return err
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	n, err := trace.Export(s, f, ledger)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(c.Out) // half an export is worse than none
		return fmt.Errorf("writing %s: %w", c.Out, err)
	}
	if s.json {
		return s.writeJSON(map[string]any{"records": n, "file": c.Out})
	}
	fmt.Fprintf(s.out, "%s written to %s\n", plural(n, "record"), c.Out)
	return nil
}
