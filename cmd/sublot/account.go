package main

import (
	"errors"
	"io"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/trace"
)

// An account is what the records say of a party or a lot up to a day.
type account interface {
	WriteText(w io.Writer, lang string) error
}

// accountFlags are those of every command that gives an account.
type accountFlags struct {
	At string `placeholder:"DAY" help:"At the end of that day; otherwise all that is on record."`
	langFlag
	reportFlags
}

// give asks the ledger for the account of what name names, and tells it: as the
// report that is asked for, and as text or JSON.
func (a *accountFlags) give(s *session, name string,
	ask func(l trace.Ledger, at trace.Day) (answer account, draw func() (*report.Document, error), err error)) error {
	if err := a.reportFlags.check(); err != nil {
		return err
	}
	at, err := dayFlag("--at", a.At)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	answer, draw, err := ask(ledger, at)
	if unknown, ok := errors.AsType[*trace.QueryError](err); ok {
		return s.no(unknown)
	}
	if err != nil {
		return err
	}
	if len(a.Report) > 0 {
		d, err := draw()
		if err != nil {
			return err
		}
		if err := a.write(s, d, name); err != nil {
			return err
		}
	}
	if s.json {
		return s.writeJSON(answer)
	}
	return answer.WriteText(s.out, a.Lang)
}
