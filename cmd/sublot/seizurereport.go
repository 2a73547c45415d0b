package main

import (
	"errors"
	"strings"

	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/internal/seizure"
)

type seizureReportCmd struct {
	casesFlag
	reportFlags
	langFlag
}

func (seizureReportCmd) Help() string {
	return `Writes a report of the seizures on record, with plots: what tracing came to, when,
where, what, which lots, the time from dispatch to recovery, and the lots of several
cases. It counts and accuses nobody.

Example:

    sublot seizure report --report html,pdf --from 2025-01-01 --country XD --out 2025-xd`
}

func (c *seizureReportCmd) Run(s *session) error {
	if len(c.Report) == 0 {
		return hinted(errors.New("no form of report asked for"), "give --report html, --report pdf or --report html,pdf")
	}
	cases, err := c.load(s)
	if err != nil {
		return err
	}
	of := &report.Seizures{Subject: c.subject(), Today: s.today, Version: version(), Cases: len(cases)}
	for by, bars := range map[string]*[]plot.Bar{"outcome": &of.Outcomes, "month": &of.Months, "place": &of.Places, "calibre": &of.Types, "lot": &of.Lots} {
		t, err := seizure.CountBy(cases, by)
		if err != nil {
			return err
		}
		of.Items, of.Rounds = t.Total.Items, t.Total.Rounds
		for _, r := range t.Rows {
			if by != "lot" || r.Value != "" {
				*bars = append(*bars, plot.Bar{Label: r.Value, Value: int64(r.Items)})
			}
		}
	}
	times := seizure.Times(cases)
	of.NoTransit = times.Without
	for _, x := range times.Items {
		of.Transit = append(of.Transit, x.Days)
	}
	for _, x := range seizure.Clusters(cases) {
		of.Clusters = append(of.Clusters, report.Cluster{Lot: x.Lot.String(), Cases: x.Cases, Places: x.Places, Rounds: x.Rounds, First: x.First, Last: x.Last})
	}
	for _, x := range cases {
		of.Records = append(of.Records, x.Ref)
	}
	d, err := report.OfSeizures(of, c.Lang)
	if err != nil {
		return err
	}
	return c.write(s, d, "seizures-"+c.subject())
}

// subject names which seizures are looked at.
func (c casesFlag) subject() string {
	var parts []string
	for _, p := range []string{c.Country, c.From, c.To} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if c.From != "" && c.To != "" {
		return strings.TrimSpace(c.Country + " " + c.From + " – " + c.To)
	}
	return strings.Join(parts, " ")
}
