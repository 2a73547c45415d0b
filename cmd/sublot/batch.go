package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sublot/sublot/internal/seizure"
	"github.com/sublot/sublot/trace"
)

// runBatch answers the questions of a file and reports what they came to. Rows
// that are no question are told in their place; the others are answered all the
// same.
func (c *traceCmd) runBatch(s *session) error {
	if c.Item != "" || c.Image != "" || len(c.Beside) > 0 || c.Recovered != "" || c.Quantity != 0 || c.Condition != "" || c.KnownOn != "" || c.AsOf >= 0 {
		return hinted(errors.New("--batch goes with no question beside it"), `each row of the file has its own day and quantity: {"text":"XCW24C001-012","recovered":"2025-02-10","quantity":500}`)
	}
	in, err := s.openInput(c.Batch)
	if err != nil {
		return err
	}
	defer in.Close()
	ledger, err := s.openLedger(toReadLong)
	if err != nil {
		return err
	}
	defer ledger.Close()
	registers, err := s.registers(c.Registers)
	if err != nil {
		return err
	}
	p := s.progress()
	n := 0
	tally, err := seizure.Trace(s, ledger, in, s.today, func(a seizure.Answer) error {
		n++
		p.show("%s answered", plural(int64(n), "question"))
		if s.json {
			return s.writeJSON(a)
		}
		p.done()
		return tellAnswer(s.out, a)
	}, registers...)
	p.done()
	if err != nil {
		return err
	}
	if s.json {
		err = s.writeJSON(map[string]any{"tally": tally})
	} else {
		err = tellTally(s.out, tally)
	}
	if err == nil && tally.Refused > 0 {
		err = hinted(fmt.Errorf("%s of %s in %s: no question", plural(int64(tally.Refused), "row"), grouped(tally.Questions), c.Batch), (&seizure.RowError{}).Hint())
	}
	return err
}

// openInput opens a file that the user named; - is standard input.
func (s *session) openInput(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(s.in), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, hinted(fmt.Errorf("%s is a folder", name), "name a file in it")
	}
	return f, nil
}

// tellAnswer writes an answer on one line.
func tellAnswer(w io.Writer, a seizure.Answer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%5d  ", a.Line)
	if a.Case != "" {
		fmt.Fprintf(&b, "%s  ", a.Case)
	}
	if a.Refused != nil {
		fmt.Fprintf(&b, "refused: %s\n", a.Refused.Reason)
		_, err := w.Write(b.Bytes())
		return err
	}
	f := a.Finding
	fmt.Fprintf(&b, "%s  %s", f.Query.Text, f.Outcome)
	switch {
	case f.EndUser != nil:
		fmt.Fprintf(&b, "  %s", f.EndUser)
	case len(f.Candidates) > 0:
		fmt.Fprintf(&b, "  %s parties remain possible", grouped(len(f.Candidates)))
	case f.Outcome == trace.LastRecordedHolder && f.LastHolder != nil:
		fmt.Fprintf(&b, "  %s", f.LastHolder.NamedParty)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// tellTally writes what a batch came to; its rows add up to the questions.
func tellTally(w io.Writer, t *seizure.Tally) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n%-22s %9s %14s\n", "outcome", "questions", "rounds")
	sum := 0
	for _, o := range t.Outcomes {
		fmt.Fprintf(&b, "%-22s %9s %14s\n", o.Outcome, grouped(o.Questions), grouped(o.Rounds))
		sum += o.Questions
	}
	if t.Refused > 0 {
		fmt.Fprintf(&b, "%-22s %9s\n", "refused", grouped(t.Refused))
	}
	fmt.Fprintf(&b, "%-22s %9s %14s\n", "all", grouped(t.Questions), grouped(t.Rounds))
	fmt.Fprintf(&b, "%s of %s name one lawful end user\n", grouped(t.Named), grouped(t.Questions))
	for i, r := range t.Repeated {
		if i == 20 {
			fmt.Fprintf(&b, "… and %s more lots of several questions\n", grouped(len(t.Repeated)-i))
			break
		}
		fmt.Fprintf(&b, "repeated: %s in %s", r.Lot, plural(int64(r.Questions), "question"))
		if len(r.Cases) > 1 {
			fmt.Fprintf(&b, " of %s", plural(int64(len(r.Cases)), "case"))
		}
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}
