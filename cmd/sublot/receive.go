package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/internal/receive"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

type receiveCmd struct {
	Transfer  string        `required:"" placeholder:"SOURCE:ID" help:"The transfer that the goods came by."`
	At        string        `placeholder:"DAY" help:"Day of the receipt. Default: today."`
	Source    string        `placeholder:"PARTY" help:"Who records the delivery. Default: the recipient."`
	ID        string        `name:"id" placeholder:"ID" help:"Id of the delivery record. Default: DVC, the transfer and the day."`
	GrossKg   float64       `placeholder:"KG" help:"Gross weight, as weighed."`
	Out       string        `placeholder:"FILE" help:"Write the draft there, one line that import takes."`
	Trust     string        `placeholder:"FILE" help:"Whom to believe about the marks. Default: the list of sublot trust."`
	TimeLimit time.Duration `default:"5s" placeholder:"TIME" help:"Longest search in one picture."`
	Images    []string      `arg:"" name:"image" help:"Pictures of what arrived; one may show several marks."`
}

func (receiveCmd) Help() string {
	return `Reads the marks of what arrived, holds them against the papers of the transfer and
the packing records, and drafts the delivery record. A package seen twice is named
and counted once; one that the papers do not name is DOCUMENT_MISMATCH; what is
missing is listed; marks whose signature does not hold are not counted. Nothing is
written into the ledger: read the draft, then import it.

Exit 0 when all is as the papers say, 1 when something differs, 2 for bad input.

Examples:

    sublot receive --transfer XA-EXP:T1 --out delivery.jsonl photos/*.jpg
    sublot import delivery.jsonl`
}

func (c *receiveCmd) Run(s *session) error {
	order := receive.Order{Transfer: trace.Ref(c.Transfer), Source: c.Source, ID: c.ID, GrossKg: c.GrossKg}
	day := s.today.String()
	if c.At != "" {
		day = c.At
	}
	var err error
	if order.At, err = trace.ParseWhen(day); err != nil {
		return hinted(fmt.Errorf("--at: %q is not a day", c.At), "write year-month-day, e.g. 2025-02-10")
	}
	if c.GrossKg < 0 {
		return hinted(fmt.Errorf("--gross-kg: %g kilograms", c.GrossKg), "give the weight in kilograms, or leave it out")
	}
	trust, err := s.ledgerTrust()
	if c.Trust != "" {
		trust, err = readTrust(c.Trust)
	}
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	// The papers first: nobody waits for 400 pictures to learn that the transfer is not there.
	if _, err := receive.Draft(s, ledger, order, nil); err != nil {
		return err
	}
	pictures, err := s.scanFiles(c.Images, trust, scanLimits{scan: codes.ScanConfig{MaxTime: c.TimeLimit}})
	if err != nil {
		return err
	}
	var marks []receive.Mark
	var unread []receive.NotCounted
	for _, p := range pictures {
		ours := 0
		for _, m := range p.Marks {
			switch {
			case m.Item != "":
				ours++
				marks = append(marks, receive.Mark{Image: p.Image, Item: m.id, Signature: m.Signature, Reason: m.Reason, Rounds: m.mark.Rounds})
			case m.pointer != nil:
				ours++
				unread = append(unread, receive.NotCounted{Image: p.Image, Says: m.Text + " is the number of an item, which says nothing of the package"})
			}
		}
		switch {
		case p.Error != "":
			unread = append(unread, receive.NotCounted{Image: p.Image, Says: p.Error})
		case ours == 0:
			unread = append(unread, receive.NotCounted{Image: p.Image, Says: "no mark of ammunition could be read in it"})
		}
	}
	r, err := receive.Draft(s, ledger, order, marks)
	if err != nil {
		return err
	}
	r.NotCounted = append(r.NotCounted, unread...)
	if c.Out != "" && r.Record != nil {
		if err := writeNew(c.Out, append(slices.Clone(r.Record.Canonical), '\n'), 0o644); err != nil {
			return err
		}
	}
	if s.json {
		err = s.writeJSON(r)
	} else {
		err = tellReceived(s, r, c.Out)
	}
	if err == nil && r.Differs() {
		err = errNo
	}
	return err
}

// scanFiles reads pictures on all cores, and returns what is in them in their
// order. A picture that cannot be read says so in its place.
func (s *session) scanFiles(names []string, trust *marking.Trust, limits scanLimits) ([]scanned, error) {
	out := make([]scanned, len(names))
	next := make(chan int)
	p := s.progress()
	defer p.done()
	var mu sync.Mutex
	done := 0
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		all.Go(func() {
			for i := range next {
				found, err := s.scanFile(names[i], trust, limits)
				if err != nil {
					found = scanned{Image: names[i], Error: message(err)}
				}
				out[i] = found
				mu.Lock()
				done++
				p.show("read picture %s of %s", grouped(done), grouped(len(names)))
				mu.Unlock()
			}
		})
	}
	for i := range names {
		if s.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
	return out, s.Err()
}

// tellReceived writes the report for a person.
func tellReceived(s *session, r *receive.Report, out string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s to %s: %s counted of %s scanned, %s rounds of %s by the papers\n",
		r.Transfer, r.From, r.To, plural(int64(r.Counted), "package"), plural(int64(r.Scanned), "mark"), grouped(r.Rounds), grouped(r.Expected))
	var states []string
	for _, state := range []marking.State{marking.StateValid, marking.StateUnsigned, marking.StateUnknownKey, marking.StateRevokedKey, marking.StateInvalid} {
		if n := r.Signatures[string(state)]; n > 0 {
			states = append(states, fmt.Sprintf("%s %s", grouped(n), state))
		}
	}
	if len(states) > 0 {
		fmt.Fprintf(&b, "signatures: %s\n", strings.Join(states, ", "))
	}
	for _, f := range r.Flags {
		fmt.Fprintf(&b, "%s: %s%s\n", f.Code, f.Says, inImages(f.Images))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "missing: %s, %s rounds\n", m.Item, grouped(m.Quantity))
	}
	for _, x := range r.Repeats {
		fmt.Fprintf(&b, "repeat: %s, %s%s\n", x.Item, x.Says, inImages(x.Images))
	}
	for _, n := range r.NotCounted {
		name := ""
		if !n.Item.IsZero() {
			name = n.Item.String() + ", "
		}
		fmt.Fprintf(&b, "not counted: %s%s%s\n", name, n.Says, inImages([]string{n.Image}))
	}
	for _, ref := range r.Earlier {
		fmt.Fprintf(&b, "note: %s is a delivery of this transfer that is on record already\n", ref)
	}
	switch {
	case r.Record == nil:
		b.WriteString("no draft: nothing was counted\n")
	case out != "":
		fmt.Fprintf(&b, "draft of %s written to %s: read it, then sublot import %s\n", r.Record.Ref(), out, out)
	default:
		fmt.Fprintf(&b, "draft of %s not written: give --out FILE\n", r.Record.Ref())
	}
	_, err := s.out.Write([]byte(b.String()))
	return err
}

func inImages(images []string) string {
	const most = 4
	if len(images) == 0 {
		return ""
	}
	if n := len(images); n > most {
		return fmt.Sprintf("  [%s and %d more]", strings.Join(images[:most], ", "), n-most)
	}
	return "  [" + strings.Join(images, ", ") + "]"
}
