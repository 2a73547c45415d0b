package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/pointer"
	"github.com/sublot/sublot/trace"
)

// langFlag is the language of what a command writes for people.
type langFlag struct {
	Lang string `env:"SUBLOT_LANG" default:"en" enum:"en,fr" placeholder:"en|fr" help:"Language of the text: en or fr."`
}

type traceCmd struct {
	Recovered string   `placeholder:"DAY" help:"Day of the recovery: later transfers do not count."`
	Quantity  int64    `placeholder:"N" help:"Rounds recovered."`
	Condition string   `placeholder:"live|fired|reloaded" help:"What the rounds are."`
	KnownOn   string   `placeholder:"DAY" help:"Answer as known on that day."`
	AsOf      int64    `default:"-1" placeholder:"N" help:"Answer on the first N records of the log."`
	Beside    []string `sep:"none" placeholder:"[POSITION=]TEXT" help:"One more mark of the same seizure; may be repeated. The position is item, inner, outer or paper."`
	langFlag
	evidenceFlags
	reportFlags
	Explain   bool          `help:"Print what every rule did and the records that justify it."`
	Image     string        `placeholder:"FILE" help:"Scan a picture for the mark instead of typing it."`
	Trust     string        `placeholder:"FILE" help:"Whom to believe about scanned marks. Default: the list of sublot trust."`
	TimeLimit time.Duration `default:"5s" placeholder:"TIME" help:"Longest search in the picture."`
	Registers string        `placeholder:"FILE" help:"Keys of registers, which item marks point to. Default: the list of sublot trust register."`
	Batch     string        `placeholder:"FILE" help:"Answer every row of a file, and report what they came to."`
	Item      string        `arg:"" optional:"" name:"item-or-clue" help:"An identity, or what is left of the mark."`
}

func (traceCmd) Help() string {
	return `Names the lawful end user where the records exclude everybody else, and else says
who remains possible, or why nothing can be said. Exit 0 when an end user is named,
1 when none is.

A clue may be typed as it was read: ? stands for a character that could not be read,
* for several; each reading that was tried is listed with the edit that made it.

All marks of a picture are compared: they have to agree.

A batch holds a question a row: a recovery record, a JSON object with text and, as
far as is known, case, recovered, quantity, condition, known_on, or a mark alone. Its
report by outcome adds up to the rows. Exit 2 when a row was no question; the others
are answered all the same.

A report holds the question, the answer, the chain of custody and the lot as
drawings, the evidence with the hash of each record, what was excluded and why, and
what was not searched. It needs nothing beside it.

Examples:

    sublot trace XCW/XCW24C001-012/001/0042 --recovered 2025-02-10
    sublot trace --image crate.jpg --recovered 2025-02-10
    sublot trace 'xcw24cO01-?12' --quantity 5000 --explain
    sublot trace XCW/XCW24C001-012 --known-on 2024-12-31 --json
    sublot trace XCW/XCW24C001-012/001/0042 --evidence finding.json --head head.txt --key operator.key
    sublot trace XCW/XCW24C001-012/001/0042 --recovered 2025-02-10 --report html,pdf --lang fr
    sublot trace XCW/XCW24C001-012/001/0042 --beside item=XCW/XCW24C001-013
    sublot trace --batch seizures.jsonl --json > answers.jsonl`
}

func (c *traceCmd) Run(s *session) error {
	if c.Batch != "" {
		return c.runBatch(s)
	}
	if err := c.reportFlags.check(); err != nil {
		return err
	}
	q, err := c.query(s)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	if q.AsOf, err = c.evidenceFlags.prepare(s, ledger, q.AsOf); err != nil {
		return err
	}
	f, err := trace.Resolve(s, ledger, q)
	if err != nil {
		return err
	}
	if err := c.evidenceFlags.write(s, ledger, f); err != nil {
		return err
	}
	head, err := c.evidenceFlags.head()
	if err != nil {
		return err
	}
	if err := c.reportCase(s, ledger, q, f, c.Lang, head); err != nil {
		return err
	}
	if err := s.tellFinding(f, c.Lang, c.Explain); err != nil {
		return err
	}
	if f.EndUser == nil {
		return errNo
	}
	return nil
}

// query reads the question from the command line.
func (c *traceCmd) query(s *session) (trace.Query, error) {
	q := trace.Query{Text: c.Item, Quantity: c.Quantity, Condition: c.Condition, AsOf: c.AsOf, Today: s.today}
	var err error
	if q.Recovered, err = dayFlag("--recovered", c.Recovered); err != nil {
		return q, err
	}
	if q.KnownOn, err = dayFlag("--known-on", c.KnownOn); err != nil {
		return q, err
	}
	if c.AsOf < -1 {
		return q, hinted(fmt.Errorf("--as-of: %d records, wanted 0 or more", c.AsOf), "leave --as-of out to use all records")
	}
	switch {
	case c.Image != "" && c.Item != "":
		return q, hinted(errors.New("both a picture and a text"), "ask about one of them, and give the other mark with --beside")
	case c.Image != "":
		if err := c.fromImage(s, &q); err != nil {
			return q, err
		}
	default:
		if p, err := pointer.Parse(c.Item); err == nil {
			if err := c.point(s, &q, p); err != nil {
				return q, err
			}
		}
	}
	for _, text := range c.Beside {
		q.Beside = append(q.Beside, besideFlag(text))
	}
	return q, nil
}

// point takes a register pointer into the question.
func (c *traceCmd) point(s *session, q *trace.Query, p pointer.Pointer) error {
	keys, err := s.registers(c.Registers)
	if err != nil {
		return err
	}
	q.Pointers = pointer.Resolve(p, keys)
	if q.Mark == nil {
		q.Mark = &trace.MarkRead{Signature: string(marking.StateRegistered)}
	}
	return nil
}

// fromImage takes the marks of a picture into the question. It fails with errNo
// where the picture has none that can be read.
func (c *traceCmd) fromImage(s *session, q *trace.Query) error {
	trust, err := s.ledgerTrust()
	if c.Trust != "" {
		trust, err = readTrust(c.Trust)
	}
	if err != nil {
		return err
	}
	found, err := s.scanFile(c.Image, trust, scanLimits{scan: codes.ScanConfig{MaxTime: c.TimeLimit}})
	if err != nil {
		return err
	}
	return c.fromMarks(s, q, found)
}

// fromMarks takes what was found in a picture into the question.
func (c *traceCmd) fromMarks(s *session, q *trace.Query, found scanned) error {
	for _, m := range found.Marks {
		if m.pointer != nil && q.Text == "" {
			q.Text, q.Mark = m.Text, m.read()
			if err := c.point(s, q, *m.pointer); err != nil {
				return err
			}
			continue
		}
		if m.Item == "" {
			if m.pointer != nil {
				fmt.Fprintf(s.err, "note: %s stands beside the mark that is asked about: ask about it by itself\n", m.Text)
			}
			continue // not a mark of ours
		}
		if q.Text == "" {
			q.Text, q.Item, q.Mark = m.Item, marking.SpanOf(m.id), m.read()
			continue
		}
		q.Beside = append(q.Beside, trace.Seen{Text: m.Item, Item: marking.SpanOf(m.id), Mark: m.read()})
	}
	if q.Text != "" {
		return nil
	}
	fmt.Fprintf(s.err, "sublot: no mark of ammunition could be read in %s\n", found.Image)
	for _, seen := range found.Seen {
		fmt.Fprintf(s.err, "seen: %s\n", seen.Says)
	}
	for _, m := range found.Marks {
		fmt.Fprintf(s.err, "seen: a %s that is no mark of ours: %s\n", m.Symbology, shortly(m.Text))
	}
	fmt.Fprintln(s.err, "hint: come closer, with even light and the mark sharp and whole; or type what can be read: sublot trace 'CLUE'")
	return errNo
}

// besideFlag reads one more mark: a text, after its position where that is known.
func besideFlag(text string) trace.Seen {
	if position, rest, ok := strings.Cut(text, "="); ok {
		switch position {
		case "item", "inner", "outer", "paper":
			return trace.Seen{Text: rest, Position: position}
		}
	}
	return trace.Seen{Text: text}
}

// dayFlag reads a day given on the command line; empty text is no day.
func dayFlag(flag, text string) (trace.Day, error) {
	if text == "" {
		return trace.NoDay, nil
	}
	d, err := trace.ParseDay(text)
	if err != nil {
		return d, hinted(fmt.Errorf("%s: %q is not a day", flag, text), "write year-month-day, e.g. 2025-02-10")
	}
	return d, nil
}

// tellFinding writes a finding for a person or a machine.
func (s *session) tellFinding(f *trace.Finding, lang string, explain bool) error {
	if s.json {
		if err := s.writeJSON(f); err != nil || !explain {
			return err
		}
		return f.WriteSteps(s.err, lang) // standard output is the finding alone
	}
	if err := f.WriteText(s.out, lang); err != nil || !explain {
		return err
	}
	in, err := words.In(lang)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s\n", in.Say("What each rule did"))
	return f.WriteSteps(s.out, lang)
}
