package main

import (
	"errors"
	"fmt"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

type whereCmd struct {
	At string `placeholder:"DAY" help:"At the end of that day; otherwise after all that is on record."`
	langFlag
	reportFlags
	Item string `arg:"" help:"A lot, a package or a span of packages."`
}

func (whereCmd) Help() string {
	return `Says where each part of a lot or package is; the parts add up to the whole. Rounds
that no record places are shown as unaccounted.

Examples:

    sublot where XCW/XCW24C001-012
    sublot where XCW/XCW24C001-012/001/0001..0100 --at 2024-12-31 --json`
}

func (c *whereCmd) Run(s *session) error {
	if err := c.reportFlags.check(); err != nil {
		return err
	}
	at, err := dayFlag("--at", c.At)
	if err != nil {
		return err
	}
	item, err := marking.ParseSpan(c.Item)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(false)
	if err != nil {
		return err
	}
	defer ledger.Close()
	w, err := trace.Where(s, ledger, item, at)
	if unknown, ok := errors.AsType[*trace.QueryError](err); ok {
		return s.no(unknown)
	}
	if err != nil {
		return err
	}
	if err := c.reportParty(s, item.String(), func() (*report.Document, error) {
		lot, err := trace.Spread(s, ledger, trace.Query{Item: item, Recovered: at, KnownOn: trace.NoDay, AsOf: -1, Today: s.today})
		if err != nil {
			return nil, err
		}
		return report.OfWhere(w, lot, s.today, version(), c.Lang)
	}); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(w)
	}
	return w.WriteText(s.out, c.Lang)
}

// no tells that the answer is no, and what to do next.
func (s *session) no(err error) error {
	fmt.Fprintln(s.err, "sublot:", message(err))
	fmt.Fprintln(s.err, "hint:", hint(err))
	return errNo
}
