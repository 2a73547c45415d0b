package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/sublot/sublot/internal/victims"
)

type victimsCmd struct {
	New   victimsNewCmd   `cmd:"" help:"Make an encrypted file for the victims of incidents."`
	Add   victimsAddCmd   `cmd:"" help:"Add victims of an incident."`
	Table victimsTableCmd `cmd:"" help:"Count victims in a table that can be shared."`
}

// victimsFile is where the victims are and how the file is opened.
type victimsFile struct {
	PassphraseFile string `placeholder:"FILE" help:"Read the passphrase from the first line of a file instead of the terminal."`
	File           string `arg:"" help:"The encrypted file. It is no part of a ledger."`
}

func (f victimsFile) open(s *session) (pass string, all []victims.Victim, err error) {
	if _, err := os.Stat(f.File); err != nil {
		return "", nil, err
	}
	b, err := s.passphrase(f.PassphraseFile, false)
	if err != nil {
		return "", nil, err
	}
	all, err = victims.Read(f.File, string(b))
	if errors.Is(err, victims.ErrPassphrase) {
		err = hinted(fmt.Errorf("%s: wrong passphrase, or the file was altered", f.File), "give the passphrase that the file was made with; nobody can restore it")
	}
	return string(b), all, err
}

type victimsNewCmd struct{ victimsFile }

func (victimsNewCmd) Help() string {
	return `Victims are kept apart from the ledger: in a file of their own, encrypted under a
passphrase of its own, tied to the incident and to nothing else. No trace shows them.

Example:

    sublot victims new victims.age`
}

func (c *victimsNewCmd) Run(s *session) error {
	if _, err := os.Lstat(c.File); err == nil {
		return hinted(fmt.Errorf("%s exists", c.File), "name another file: nothing is overwritten")
	}
	pass, err := s.passphrase(c.PassphraseFile, true)
	if err != nil {
		return err
	}
	if len(pass) == 0 {
		return hinted(errors.New("the passphrase is empty"), "type one: the file holds what must not be read by others")
	}
	if err := victims.Write(c.File, string(pass), nil); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "made %s\n", c.File)
	return nil
}

type victimsAddCmd struct {
	victimsFile
	Incident   string `required:"" placeholder:"SOURCE:ID" help:"The recovery, or another reference to what happened."`
	Source     string `required:"" placeholder:"ID" help:"Party that says so."`
	Sex        string `placeholder:"VALUE" help:"woman, man, other."`
	Age        string `placeholder:"VALUE" help:"child (under 18), adult."`
	Status     string `placeholder:"VALUE" help:"civilian, protected, armed_forces, participant."`
	Outcome    string `placeholder:"VALUE" help:"killed, injured, other."`
	Cause      string `placeholder:"VALUE" help:"small_arms, heavy_weapons, planted_explosives, incendiary, other."`
	Violence   string `placeholder:"VALUE" help:"crime, conflict, domestic, gender_based, self_directed, accident, other."`
	Confidence string `placeholder:"VALUE" help:"confirmed, reported, estimated."`
	Count      int    `default:"1" placeholder:"N" help:"How many of whom all this is true."`
}

func (victimsAddCmd) Help() string {
	return `Adds one victim, or several of whom the same is known. No names are kept; what is
left out is unknown, which is never inferred.

Example:

    sublot victims add victims.age --incident XB-POL:R1 --source XB-POL \
        --sex woman --age adult --status civilian --outcome injured --cause small_arms`
}

func (c *victimsAddCmd) Run(s *session) error {
	if c.Count < 1 || c.Count > 10_000 {
		return hinted(fmt.Errorf("--count %d", c.Count), "give a number from 1 to 10,000")
	}
	pass, all, err := c.open(s)
	if err != nil {
		return err
	}
	for range c.Count {
		v, err := victims.New(victims.Victim{
			Incident: c.Incident, Source: c.Source, Sex: c.Sex, Age: c.Age, Status: c.Status,
			Outcome: c.Outcome, Cause: c.Cause, Violence: c.Violence, Confidence: c.Confidence,
		}, rand.Reader)
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	if err := victims.Write(c.File, pass, all); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s added to %s\n", plural(int64(c.Count), "victim"), c.File)
	return nil
}

type victimsTableCmd struct {
	victimsFile
	By    []string `default:"sex,age" placeholder:"FIELD[,FIELD]" help:"Count by one field or two: incident, sex, age, status, outcome, cause, violence, confidence."`
	Least int      `default:"5" placeholder:"N" help:"Cells under N are hidden, and so many others that none can be recomputed."`
}

func (victimsTableCmd) Help() string {
	return `The only form in which victims are shared. A hidden cell is shown as a dot; from all
that is shown nobody can tell its value to within less than N. Where that cannot be
had, only a rounded total is told. Several tables of the same victims can tell
together what each of them hides: share one.

Examples:

    sublot victims table victims.age
    sublot victims table victims.age --by outcome,cause --least 10 --json`
}

func (c *victimsTableCmd) Run(s *session) error {
	if len(c.By) < 1 || len(c.By) > 2 {
		return hinted(fmt.Errorf("--by %s", strings.Join(c.By, ",")), "count by one field, or by two with a comma")
	}
	_, all, err := c.open(s)
	if err != nil {
		return err
	}
	by := [2]string{c.By[0]}
	copy(by[:], c.By)
	t, err := victims.Count(all, by, c.Least)
	if wrong, ok := errors.AsType[*victims.FieldError](err); ok {
		return hinted(fmt.Errorf("--by: there is no field %q", wrong.Found), "the fields are "+strings.Join(victims.Fields, ", "))
	}
	if err != nil {
		return hinted(err, "the usual limit is 5")
	}
	if s.json {
		return s.writeJSON(t)
	}
	if t.Withheld {
		fmt.Fprintf(s.out, "There are too few to be told apart without giving somebody away: about %d victims in all.\n", t.Totals.All)
		return nil
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := []string{strings.Join(c.By, " / ")}
	for _, name := range t.Columns {
		if name != "" {
			head = append(head, name)
		}
	}
	if t.Totals.Rows != nil || by[1] == "" {
		head = append(head, "in all")
	}
	fmt.Fprintln(w, strings.Join(head, "\t")+"\t")
	for i, name := range t.Rows {
		row := []string{name}
		for _, n := range t.Cells[i] {
			row = append(row, cell(n))
		}
		if t.Totals.Rows != nil {
			row = append(row, strconv.Itoa(t.Totals.Rows[i]))
		}
		fmt.Fprintln(w, strings.Join(row, "\t")+"\t")
	}
	sums := []string{"in all"}
	if by[1] != "" {
		for j := range t.Columns {
			if t.Totals.Columns == nil {
				sums = append(sums, "")
				continue
			}
			sums = append(sums, strconv.Itoa(t.Totals.Columns[j]))
		}
	}
	fmt.Fprintln(w, strings.Join(append(sums, strconv.Itoa(t.Totals.All)), "\t")+"\t")
	return w.Flush()
}

// cell writes a count, or that it is hidden.
func cell(n int) string {
	if n == victims.Hidden {
		return "·"
	}
	return strconv.Itoa(n)
}
