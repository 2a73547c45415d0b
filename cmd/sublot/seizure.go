package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/internal/seizure"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

type seizureCmd struct {
	New      seizureNewCmd      `cmd:"" help:"Draft the record of a seizure, a surrender or a find."`
	Lint     seizureLintCmd     `cmd:"" help:"Look at records before they are sent."`
	Clusters seizureClustersCmd `cmd:"" help:"List the lots that were recovered in several cases or places."`
	Links    seizureLinksCmd    `cmd:"" help:"Say what two seizures have in common."`
	Count    seizureCountCmd    `cmd:"" help:"Count what was recovered by place, time, type, lot and more."`
	Times    seizureTimesCmd    `cmd:"" help:"Tell the time from dispatch to recovery."`
	Queue    seizureQueueCmd    `cmd:"" help:"Order seizures by a priority that says why."`
	Report   seizureReportCmd   `cmd:"" help:"Write a report of seizures with plots, as HTML or PDF."`
}

type seizureNewCmd struct {
	Template      bool          `help:"Print a form to be filled in, and do nothing else."`
	Form          string        `placeholder:"FILE" help:"The form, filled in as far as is known; - reads standard input."`
	Source        string        `placeholder:"PARTY" help:"Who asserts it. Default: the agency."`
	ID            string        `name:"id" placeholder:"ID" help:"Id of the record."`
	At            string        `placeholder:"DAY" help:"Day of the recovery."`
	Agency        string        `placeholder:"PARTY" help:"Who recovered it."`
	Country       string        `placeholder:"XX" help:"Where: ISO 3166 alpha-2."`
	Place         string        `placeholder:"TEXT" help:"Where exactly."`
	Circumstances string        `placeholder:"KIND" help:"crime_scene, search, border, cache, battlefield, surrender or found."`
	Methods       string        `placeholder:"TEXT" help:"How it was diverted."`
	Concealment   string        `placeholder:"TEXT" help:"How it was hidden."`
	Route         string        `placeholder:"TEXT" help:"The way it came."`
	Transport     string        `placeholder:"TEXT" help:"What carried it."`
	Note          string        `placeholder:"TEXT" help:"Free text; no persons."`
	Item          []string      `sep:"none" placeholder:"MARK[,FIELD=VALUE]…" help:"A group of things: the mark as read, then quantity, calibre, position, condition, item, read.FIELD. May be repeated."`
	Image         []string      `sep:"none" placeholder:"FILE" help:"A picture of what was recovered; each mark in it is an item. May be repeated."`
	Trust         string        `placeholder:"FILE" help:"Whom to believe about scanned marks. Default: the list of sublot trust."`
	TimeLimit     time.Duration `default:"5s" placeholder:"TIME" help:"Longest search in one picture."`
	Out           string        `placeholder:"FILE" help:"Write the draft there. Default: standard output."`
}

func (seizureNewCmd) Help() string {
	return `Drafts a recovery record from a form, from flags, from pictures, or from all of
them: what flags say goes before what the form says. The draft is one JSON line; it
may lack things, which are told as by seizure lint, and nothing is discarded. Exit 1
when something keeps it out of a ledger.

Examples:

    sublot seizure new --template > form.json
    sublot seizure new --form form.json --out sz-1.jsonl
    sublot seizure new --agency XD-CUST --country XD --id SZ-1 --at 2025-02-10 \
        --place 'border post 4' --circumstances border --image crate.jpg \
        --item 'XCW24C?01-012, quantity=500, position=item, read.lot=partial'`
}

func (c *seizureNewCmd) Run(s *session) error {
	if c.Template {
		_, err := io.WriteString(s.out, seizure.Template)
		return err
	}
	var form []byte
	if c.Form != "" {
		in, err := s.openInput(c.Form)
		if err != nil {
			return err
		}
		defer in.Close()
		if form, err = io.ReadAll(io.LimitReader(in, 16<<20)); err != nil {
			return err
		}
	}
	var items []trace.RecoveredItem
	for _, text := range c.Item {
		it, err := seizure.ParseItem(text)
		if err != nil {
			return hinted(fmt.Errorf("--item: %s", message(err)), "write --item 'XCW24C?01-012, quantity=500, position=item, read.lot=partial'")
		}
		items = append(items, it)
	}
	marks, err := c.scan(s)
	if err != nil {
		return err
	}
	draft, err := seizure.Draft(form, map[string]string{"source": c.Source, "id": c.ID, "at": c.At, "agency": c.Agency, "country": c.Country, "place": c.Place,
		"circumstances": c.Circumstances, "methods": c.Methods, "concealment": c.Concealment, "route": c.Route, "transport": c.Transport, "note": c.Note}, items, marks)
	if err != nil {
		return hinted(errors.New(message(err)), "the form is one JSON object, as sublot seizure new --template prints it")
	}
	draft = append(draft, '\n')
	if c.Out != "" {
		err = writeNew(c.Out, draft, 0o644)
	} else {
		_, err = s.out.Write(draft)
	}
	if err != nil {
		return err
	}
	report, err := seizure.Lint(s, draft, nil, s.today)
	if err != nil {
		return err
	}
	tellRemarks(s.err, report)
	if c.Out != "" {
		fmt.Fprintf(s.err, "draft written to %s: sublot seizure lint %s asks the ledger about it\n", c.Out, c.Out)
	}
	if report.Errors() > 0 {
		return errNo
	}
	return nil
}

// scan reads the marks of the pictures.
func (c *seizureNewCmd) scan(s *session) ([]seizure.Scanned, error) {
	if len(c.Image) == 0 {
		return nil, nil
	}
	trust, err := s.ledgerTrust()
	if c.Trust != "" {
		trust, err = readTrust(c.Trust)
	}
	if err != nil {
		return nil, err
	}
	pictures, err := s.scanFiles(c.Image, trust, scanLimits{scan: codes.ScanConfig{MaxTime: c.TimeLimit}})
	if err != nil {
		return nil, err
	}
	var marks []seizure.Scanned
	for _, p := range pictures {
		if p.Error != "" {
			return nil, hinted(errors.New(p.Error), "leave the picture out, or take it again")
		}
		n := len(marks)
		for _, m := range p.Marks {
			if m.Item == "" {
				continue
			}
			marks = append(marks, seizure.Scanned{Item: m.id, Calibre: m.mark.Calibre, Rounds: m.mark.Rounds, Level: string(m.mark.Level), Signature: m.Signature})
			if m.Signature != string(marking.StateValid) {
				fmt.Fprintf(s.err, "note: %s in %s: signature %s\n", m.Item, p.Image, m.Signature)
			}
		}
		if len(marks) == n {
			fmt.Fprintf(s.err, "note: no mark of ammunition could be read in %s\n", p.Image)
		}
	}
	return marks, nil
}

type seizureLintCmd struct {
	NoLedger bool     `help:"Do not ask the ledger what the marks lead to."`
	Files    []string `arg:"" name:"file" help:"Recovery records, one JSON object a line, in whatever state; - reads standard input."`
}

func (seizureLintCmd) Help() string {
	return `Says what keeps a record out of a ledger, all of it at once, and what would make its
trace weaker: a mark that fits several lots, a calibre that is not the lot's, a
quantity that was never made, a field that is neither stated nor said to be
illegible, free text that seems to name a person. Nothing is changed.

Exit 1 when a record has an error; warnings alone are exit 0.

Example:

    sublot seizure lint sz-1.jsonl`
}

func (c *seizureLintCmd) Run(s *session) error {
	var ledger trace.Ledger
	if !c.NoLedger {
		l, err := s.openLedger(toRead)
		if err != nil {
			return hinted(errors.New(message(err)), "import records first, or lint without them: --no-ledger")
		}
		defer l.Close()
		ledger = l
	}
	bad := false
	for _, name := range c.Files {
		b, err := s.readInput(name, 64<<20)
		if err != nil {
			return err
		}
		rows := bytes.Split(b, []byte("\n"))
		if json.Valid(b) { // one object over several lines
			rows = [][]byte{b}
		}
		any := false
		for i, row := range rows {
			if len(bytes.TrimSpace(row)) == 0 {
				continue
			}
			any = true
			report, err := seizure.Lint(s, row, ledger, s.today)
			if wrong, ok := errors.AsType[*seizure.RowError](err); ok {
				return hinted(fmt.Errorf("%s line %d: %s", name, i+1, wrong.Reason), wrong.Hint())
			} else if err != nil {
				return err
			}
			bad = bad || report.Errors() > 0
			if s.json {
				if err := s.writeJSON(report); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(s.out, "%s line %d%s: %s, %s, %s fine\n", name, i+1, named(report.Record), plural(int64(report.Errors()), "error"),
				plural(int64(len(report.Remarks)-report.Errors()), "warning"), plural(int64(report.Fine), "field"))
			tellRemarks(s.out, report)
		}
		if !any {
			return hinted(fmt.Errorf("%s is empty", name), "it should hold recovery records, one a line")
		}
	}
	if bad {
		return errNo
	}
	return nil
}

func named(record string) string {
	if record == "" {
		return ""
	}
	return " (" + record + ")"
}

func tellRemarks(w io.Writer, r seizure.LintReport) {
	for _, m := range r.Remarks {
		says := m.Says
		if m.Field != "" && !strings.Contains(says, m.Field) {
			says = m.Field + ": " + says
		}
		fmt.Fprintf(w, "  %s: %s\n", m.Level, says)
		if m.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", m.Hint)
		}
	}
}

// readInput reads a file whole; - is standard input.
func (s *session) readInput(name string, most int64) ([]byte, error) {
	in, err := s.openInput(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(b)) > most {
		err = hinted(fmt.Errorf("%s is longer than %s bytes", name, grouped(most)), "split the file")
	}
	return b, err
}

// casesFlag says which recoveries on record are looked at.
type casesFlag struct {
	From    string `placeholder:"DAY" help:"Recoveries from that day on."`
	To      string `placeholder:"DAY" help:"Recoveries up to that day."`
	Country string `placeholder:"XX" help:"Recoveries in that country."`
}

func (c casesFlag) load(s *session, refs ...trace.Ref) ([]seizure.Case, error) {
	filter := seizure.All
	filter.Country, filter.Refs = c.Country, refs
	if d, err := dayFlag("--from", c.From); err != nil {
		return nil, err
	} else if c.From != "" {
		filter.From = d
	}
	if d, err := dayFlag("--to", c.To); err != nil {
		return nil, err
	} else if c.To != "" {
		filter.To = d
	}
	ledger, err := s.openLedger(toReadLong)
	if err != nil {
		return nil, err
	}
	defer ledger.Close()
	p := s.progress()
	defer p.done()
	return seizure.Load(s, ledger, filter, s.today, func(n int64) { p.show("read %s", plural(n, "record")) })
}

type seizureClustersCmd struct{ casesFlag }

func (seizureClustersCmd) Help() string {
	return `Traces every item of every recovery on record and lists the lots that turned up in
more than one case, or in more than one place. Exit 1 when there is none.

Example:

    sublot seizure clusters --from 2025-01-01`
}

func (c *seizureClustersCmd) Run(s *session) error {
	cases, err := c.load(s)
	if err != nil {
		return err
	}
	found := seizure.Clusters(cases)
	if s.json {
		err = s.writeJSON(found)
	} else {
		for _, x := range found {
			fmt.Fprintf(s.out, "%s: %s, %s in %s, %s to %s, %s rounds\n", x.Lot, plural(int64(len(x.Cases)), "case"), plural(int64(len(x.Places)), "place"),
				strings.Join(x.Countries, ", "), x.First, x.Last, grouped(x.Rounds))
			for _, ref := range x.Cases {
				fmt.Fprintf(s.out, "  %s\n", ref)
			}
			if len(x.EndUsers) > 0 {
				fmt.Fprintf(s.out, "  lawful end user by the records: %s\n", strings.Join(x.EndUsers, ", "))
			}
		}
		fmt.Fprintf(s.out, "%s of %s\n", plural(int64(len(found)), "cluster"), plural(int64(len(cases)), "case"))
	}
	if err == nil && len(found) == 0 {
		err = errNo
	}
	return err
}

type seizureLinksCmd struct {
	A string `arg:"" help:"A recovery record, SOURCE:ID."`
	B string `arg:"" help:"Another."`
}

func (seizureLinksCmd) Help() string {
	return `Lists what two seizures have in common: package, lot, the transfers and losses of
their chains, end user, container, place, route, concealment. A link is a lead; it
proves nothing. Exit 1 when there is none.

Example:

    sublot seizure links XD-CUST:SZ-1 XE-POL:77`
}

func (c *seizureLinksCmd) Run(s *session) error {
	cases, err := casesFlag{}.load(s, trace.Ref(c.A), trace.Ref(c.B))
	if err != nil {
		return err
	}
	var pair [2]seizure.Case
	for i, ref := range []string{c.A, c.B} {
		at := slices.IndexFunc(cases, func(x seizure.Case) bool { return string(x.Ref) == ref })
		if at < 0 {
			return hinted(fmt.Errorf("no recovery record %s that stands", ref), "name two recovery records as SOURCE:ID")
		}
		pair[i] = cases[at]
	}
	links := seizure.Links(pair[0], pair[1])
	if s.json {
		err = s.writeJSON(links)
	} else {
		for _, l := range links {
			fmt.Fprintf(s.out, "%-12s %s%s\n", l.Kind, l.Says, between(l))
		}
		fmt.Fprintf(s.out, "%s between %s and %s; a link is a lead and proves nothing\n", plural(int64(len(links)), "link"), c.A, c.B)
	}
	if err == nil && len(links) == 0 {
		err = errNo
	}
	return err
}

func between(l seizure.Link) string {
	if len(l.A) == 0 {
		return ""
	}
	return fmt.Sprintf("  (items %s and %s)", numbers(l.A), numbers(l.B))
}

func numbers(ns []int) string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}

type seizureCountCmd struct {
	By []string `default:"country" placeholder:"TRAIT" help:"What to count by; may be repeated."`
	casesFlag
}

func (seizureCountCmd) Help() string {
	return `Counts cases, items and rounds. Items and rounds add up to the total; a case with
several items may stand in several rows. Traits: ` + strings.Join(seizure.Traits, ", ") + `.

Example:

    sublot seizure count --by place --by concealment --from 2025-01-01`
}

func (c *seizureCountCmd) Run(s *session) error {
	for _, by := range c.By {
		if !slices.Contains(seizure.Traits, by) {
			return hinted(fmt.Errorf("--by %s: nothing is counted by that", by), "the traits are "+strings.Join(seizure.Traits, ", "))
		}
	}
	cases, err := c.load(s)
	if err != nil {
		return err
	}
	for _, by := range c.By {
		t, err := seizure.CountBy(cases, by)
		if err != nil {
			return err
		}
		if s.json {
			if err := s.writeJSON(t); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(s.out, "%-40s %7s %7s %14s\n", t.By, "cases", "items", "rounds")
		total := t.Total
		total.Value = "all"
		for _, r := range append(t.Rows, total) {
			fmt.Fprintf(s.out, "%-40s %7s %7s %14s\n", orElse(r.Value, "(not stated)"), grouped(r.Cases), grouped(r.Items), grouped(r.Rounds))
		}
		if n := t.Total.NoQty; n > 0 {
			fmt.Fprintf(s.out, "the rounds of %s were not stated\n", plural(int64(n), "item"))
		}
		fmt.Fprintln(s.out)
	}
	return nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

type seizureTimesCmd struct{ casesFlag }

func (seizureTimesCmd) Help() string {
	return `Tells for each recovered item how many days lie between its last dispatch to the
lawful end user and its recovery, the shortest first, with the quartiles. Items whose
records name no end user are counted apart.

Example:

    sublot seizure times --country XD`
}

func (c *seizureTimesCmd) Run(s *session) error {
	cases, err := c.load(s)
	if err != nil {
		return err
	}
	d := seizure.Times(cases)
	if s.json {
		return s.writeJSON(d)
	}
	for _, x := range d.Items {
		fmt.Fprintf(s.out, "%7s days  %s item %d: dispatched to %s on %s by %s, recovered on %s\n", grouped(x.Days), x.Case, x.Item, x.EndUser, x.From, x.Transfer, x.To)
	}
	if len(d.Items) > 0 {
		fmt.Fprintf(s.out, "%s: shortest %d days, a quarter within %d, half within %d, three quarters within %d, longest %d\n",
			plural(int64(len(d.Items)), "item"), d.Shortest, d.Quarter, d.Median, d.Three, d.Longest)
	}
	_, err = fmt.Fprintf(s.out, "%s without a dispatch to a named end user\n", plural(int64(d.Without), "item"))
	return err
}

type seizureQueueCmd struct{ casesFlag }

func (seizureQueueCmd) Help() string {
	var b strings.Builder
	b.WriteString("Orders seizures by the gravest thing in each, which a word of its type, calibre or mark\ntells; within a rule those with items still unanswered come first, then the larger\nquantity, then the older case. Each entry says which rule put it there and why.\n\n")
	for _, r := range seizure.Rules {
		fmt.Fprintf(&b, "    %s  %s\n", r.Name, r.What)
	}
	b.WriteString("\nExample:\n\n    sublot seizure queue --from 2025-01-01")
	return b.String()
}

func (c *seizureQueueCmd) Run(s *session) error {
	cases, err := c.load(s)
	if err != nil {
		return err
	}
	q := seizure.Queue(cases)
	if s.json {
		return s.writeJSON(q)
	}
	for _, e := range q {
		why := ""
		if e.Why != "" {
			why = fmt.Sprintf(" (item %d: %s)", e.Item, e.Why)
		}
		fmt.Fprintf(s.out, "%s  %s  %s  %s%s, %s rounds, %s without a named end user\n", e.Rule, e.Case, e.At, e.What, why, grouped(e.Rounds), plural(int64(e.Open), "item"))
	}
	return nil
}
