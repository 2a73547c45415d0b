package main

import (
	"fmt"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

type whereCmd struct {
	accountFlags
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
	item, err := marking.ParseSpan(c.Item)
	if err != nil {
		return err
	}
	return c.give(s, item.String(), func(l trace.Ledger, at trace.Day) (account, func() (*report.Document, error), error) {
		w, err := trace.Where(s, l, item, at)
		return w, func() (*report.Document, error) {
			lot, err := trace.Spread(s, l, trace.Query{Item: item, Recovered: at, KnownOn: trace.NoDay, AsOf: -1, Today: s.today})
			if err != nil {
				return nil, err
			}
			return report.OfWhere(w, lot, s.today, version(), c.Lang)
		}, err
	})
}

// no tells that the answer is no, and what to do next.
func (s *session) no(err error) error {
	fmt.Fprintln(s.err, "sublot:", message(err))
	fmt.Fprintln(s.err, "hint:", hint(err))
	return errNo
}
