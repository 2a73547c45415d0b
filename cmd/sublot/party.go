package main

import (
	"errors"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/trace"
)

type historyCmd struct {
	At string `placeholder:"DAY" help:"At the end of that day; otherwise all that is on record."`
	langFlag
	reportFlags
	Party string `arg:"" help:"The party's id, such as XB-POL."`
}

func (historyCmd) Help() string {
	return `Tells what the records say of a party, day by day: what came, what left and the
balance, then what others said of it. The figures are sums of records, not a verdict.

Examples:

    sublot history XB-POL
    sublot history XB-POL --at 2024-12-31 --json
    sublot history XB-POL --report pdf --lang fr`
}

func (c *historyCmd) Run(s *session) error {
	if err := c.reportFlags.check(); err != nil {
		return err
	}
	at, err := dayFlag("--at", c.At)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(false)
	if err != nil {
		return err
	}
	defer ledger.Close()
	h, err := trace.HistoryOf(s, ledger, c.Party, at)
	if unknown, ok := errors.AsType[*trace.QueryError](err); ok {
		return s.no(unknown)
	}
	if err != nil {
		return err
	}
	if err := c.reportParty(s, c.Party, func() (*report.Document, error) {
		return report.OfHistory(h, s.today, version(), c.Lang)
	}); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(h)
	}
	return h.WriteText(s.out, c.Lang)
}

type dossierCmd struct {
	At string `placeholder:"DAY" help:"At the end of that day; otherwise all that is on record, judged today."`
	langFlag
	reportFlags
	Party string `arg:"" help:"The party's id, such as XB-POL."`
}

func (dossierCmd) Help() string {
	return `Tells what an assessor needs to know of a party before the next licence: transfers
in and out, retransfers with and without consent, losses, overdue deliveries,
destructions, seizures traced back to it, reports about it, and open licences and
certificates with what is used up of them. It adds up records and judges nobody.

Examples:

    sublot dossier XB-POL
    sublot dossier XB-POL --at 2024-12-31 --lang fr
    sublot dossier XB-POL --report html,pdf --out xb-pol`
}

func (c *dossierCmd) Run(s *session) error {
	if err := c.reportFlags.check(); err != nil {
		return err
	}
	at, err := dayFlag("--at", c.At)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(false)
	if err != nil {
		return err
	}
	defer ledger.Close()
	d, err := trace.DossierOf(s, ledger, c.Party, at, s.today)
	if unknown, ok := errors.AsType[*trace.QueryError](err); ok {
		return s.no(unknown)
	}
	if err != nil {
		return err
	}
	if err := c.reportParty(s, c.Party, func() (*report.Document, error) {
		return report.OfDossier(d, s.today, version(), c.Lang)
	}); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(d)
	}
	return d.WriteText(s.out, c.Lang)
}
