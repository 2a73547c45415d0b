package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/sublot/sublot/trace"
)

// find asks sublot the question of a case.
func find(c kase) (*trace.Finding, error) {
	ctx := context.Background()
	ledger := trace.NewMemory()
	file := trace.ImportFile{Name: c.ID, Reader: bytes.NewReader(c.Records)}
	if _, err := trace.Import(ctx, ledger, []trace.ImportFile{file}, trace.ImportConfig{}); err != nil {
		return nil, err
	}
	q := trace.Query{
		Text: c.Question.Item, Recovered: c.Question.Recovered, Quantity: c.Question.Quantity,
		KnownOn: c.Question.KnownOn, AsOf: -1, Today: c.Question.Recovered,
	}
	for _, b := range c.Question.Beside {
		position, text, _ := strings.Cut(b, "=")
		q.Beside = append(q.Beside, trace.Seen{Position: position, Text: text})
	}
	return trace.Resolve(ctx, ledger, q)
}

// solve shows what sublot finds, and every step that led there.
func solve(out io.Writer, c kase) error {
	f, err := find(c)
	if err != nil {
		return err
	}
	if err := f.WriteText(out, "en"); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWhat each rule did\n")
	if err := f.WriteSteps(out, "en"); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWhy\n  %s\n", c.Answer.Why)
	return nil
}

// answerOf is a finding in the form of an answer.
func answerOf(c kase, f *trace.Finding) answer {
	a := answer{Case: c.ID, Outcome: f.Outcome}
	if f.EndUser != nil {
		a.EndUser = f.EndUser.Party
	}
	if f.LastHolder != nil {
		a.LastHolder = f.LastHolder.Party
	}
	for _, x := range f.Candidates {
		a.Candidates = append(a.Candidates, x.Party)
		if x.AtLeast > 0 {
			if a.AtLeast == nil {
				a.AtLeast = map[string]int64{}
			}
			a.AtLeast[x.Party] = x.AtLeast
		}
	}
	for _, r := range f.Readings {
		a.Readings = append(a.Readings, r.Item.String())
	}
	if f.Window != nil {
		a.Window = []string{f.Window.From.String(), f.Window.To.String()}
	}
	for _, x := range f.Flags {
		a.Flags = append(a.Flags, x.Code)
	}
	for _, x := range f.Excluded {
		a.Excluded = append(a.Excluded, x.Party)
	}
	return a
}
