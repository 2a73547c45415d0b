package main

import (
	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/trace"
)

type historyCmd struct {
	accountFlags
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
	return c.give(s, c.Party, func(l trace.Ledger, at trace.Day) (account, func() (*report.Document, error), error) {
		h, err := trace.HistoryOf(s, l, c.Party, at)
		return h, func() (*report.Document, error) { return report.OfHistory(h, s.today, version(), c.Lang) }, err
	})
}

type dossierCmd struct {
	accountFlags
	Party string `arg:"" help:"The party's id, such as XB-POL."`
}

func (dossierCmd) Help() string {
	return `Tells what an assessor needs to know of a party before the next licence: transfers
in and out, retransfers with and without consent, losses, overdue deliveries,
destructions, seizures traced back to it, reports about it, and open licences and
certificates with what is used up of them, as of today or of the day of --at. It adds
up records and judges nobody.

Examples:

    sublot dossier XB-POL
    sublot dossier XB-POL --at 2024-12-31 --lang fr
    sublot dossier XB-POL --report html,pdf --out xb-pol`
}

func (c *dossierCmd) Run(s *session) error {
	return c.give(s, c.Party, func(l trace.Ledger, at trace.Day) (account, func() (*report.Document, error), error) {
		d, err := trace.DossierOf(s, l, c.Party, at, s.today)
		return d, func() (*report.Document, error) { return report.OfDossier(d, s.today, version(), c.Lang) }, err
	})
}
