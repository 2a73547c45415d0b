package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// trustName is the file in the ledger's folder that says whom its owner believes.
const trustName = "trust.jsonl"

type trustCmd struct {
	Add    trustAddCmd    `cmd:"" help:"Believe the keys of a file."`
	Revoke trustRevokeCmd `cmd:"" help:"Believe a key no longer."`
	List   trustListCmd   `cmd:"" help:"List the keys that are believed."`

	Register trustRegisterCmd `cmd:"" help:"Take the key of a register, which tells what the numbers on item marks mean."`
}

type trustAddCmd struct {
	File string `arg:"" name:"file" help:"Key records, and status records that revoke some; - reads standard input."`
}

func (trustAddCmd) Help() string {
	return `The ledger's owner says here whose keys are believed: a key record that was merely
imported gives nobody authority. Make sure by another way than the one it came by
that the key is the maker's: compare its hint on the telephone.

The list is the file trust.jsonl in the ledger's folder; sublot scan --trust takes
it as it is.

Examples:

    sublot trust add xcw-key.jsonl
    sublot key show line.key | sublot trust add -`
}

func (c *trustAddCmd) Run(s *session) error {
	var b []byte
	var err error
	if c.File == "-" {
		b, err = io.ReadAll(io.LimitReader(s.in, maxKeyBytes))
	} else {
		b, err = readSmall(c.File, maxKeyBytes)
	}
	if err != nil {
		return err
	}
	added, trust, err := s.addTrust(c.File, b)
	if err != nil {
		return err
	}
	return s.tellTrust(added, trust)
}

type trustRevokeCmd struct {
	Key    string `arg:"" name:"key" help:"SOURCE:ID of the key, as trust list shows it."`
	From   string `placeholder:"DATE" help:"From which day on the key is not believed. Default: today."`
	Reason string `required:"" help:"Why, in a few words."`
	By     string `placeholder:"ID" help:"Party that says so. Default: the source of the key."`
}

func (trustRevokeCmd) Help() string {
	return `Marks of a revoked key are believed only for packages in a pack record that was on
record before that day, since a thief of the key can write any date.

Example:

    sublot trust revoke XCW:KEY-0a1b2c3d --from 2024-05-10 --reason "key file stolen"`
}

func (c *trustRevokeCmd) Run(s *session) error {
	day := s.today.String()
	if c.From != "" {
		t, err := flagDate("--from", c.From)
		if err != nil {
			return err
		}
		day = t.Format(time.DateOnly)
	}
	trust, err := s.ledgerTrust()
	if err != nil {
		return err
	}
	for _, k := range trust.Keys() {
		if k.Name() != c.Key {
			continue
		}
		by := c.By
		if by == "" {
			by = k.Source
		}
		at, err := trace.ParseWhen(day)
		if err != nil {
			return err
		}
		r, err := trace.NewRecord(trace.Record{Source: by, ID: "REVOKE-" + k.ID + "-" + day, At: at,
			Body: &trace.Status{Of: trace.Ref(c.Key), State: "revoked", Reason: c.Reason}})
		if err != nil {
			return err
		}
		added, trust, err := s.addTrust("the revocation", r.Canonical)
		if err != nil {
			return err
		}
		return s.tellTrust(added, trust)
	}
	return hinted(fmt.Errorf("no key %s is believed here", c.Key), "sublot trust list shows the keys that are")
}

// tellTrust says what a change of the list did.
func (s *session) tellTrust(added int, trust *marking.Trust) error {
	if s.json {
		return s.writeJSON(map[string]any{"added": added, "keys": len(trust.Keys()), "file": s.trustFile()})
	}
	fmt.Fprintf(s.out, "%s added to %s\n", plural(int64(added), "line"), s.trustFile())
	return s.listKeys(trust)
}

type trustListCmd struct{}

func (trustListCmd) Help() string {
	return `With --json it prints the key records, one a line.

Example:

    sublot trust list`
}

func (trustListCmd) Run(s *session) error {
	trust, err := s.ledgerTrust()
	if err != nil {
		return err
	}
	return s.listKeys(trust)
}

// listKeys lists keys for a person, or their records for machines.
func (s *session) listKeys(trust *marking.Trust) error {
	if len(trust.Keys()) == 0 && !s.json {
		fmt.Fprintln(s.out, "no keys are believed")
	}
	for _, k := range trust.Keys() {
		if s.json {
			fmt.Fprintf(s.out, "%s\n", k.Record())
			continue
		}
		owner := "maker " + k.Maker
		if k.Maker == "" {
			owner = "party " + k.Party
		}
		fmt.Fprintf(s.out, "%s  %s  %s%s%s", k.Hint(), k.Name(), owner, dated("from", k.ValidFrom), dated("to", k.ValidTo))
		if !k.Revoked.IsZero() {
			fmt.Fprintf(s.out, "  REVOKED%s", dated("from", k.Revoked))
			if k.Reason != "" {
				fmt.Fprintf(s.out, ": %s", k.Reason)
			}
		}
		fmt.Fprintln(s.out)
	}
	return nil
}

func dated(word string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " " + word + " " + t.Format(time.DateOnly)
}

func (s *session) trustFile() string { return filepath.Join(s.store, trustName) }

// ledgerTrust is whom the ledger's owner believes: nobody, where nobody was named.
func (s *session) ledgerTrust() (*marking.Trust, error) {
	b, err := readSmall(s.trustFile(), maxKeyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return marking.NewTrust()
	} else if err != nil {
		return nil, err
	}
	return parseTrust(s.trustFile(), b)
}

// readTrust reads a trust file that a reader named.
func readTrust(name string) (*marking.Trust, error) {
	b, err := readSmall(name, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	trust, err := parseTrust(name, b)
	if err == nil && len(trust.Keys()) == 0 {
		err = hinted(fmt.Errorf("%s names no key", name), "a trust file holds key records, one a line: sublot key show prints one")
	}
	return trust, err
}

func parseTrust(name string, b []byte) (*marking.Trust, error) {
	trust, err := marking.ParseTrust(bytes.NewReader(b))
	if err != nil {
		return nil, namedTrust(name, 0, err)
	}
	return trust, nil
}

// namedTrust says in which file a line is wrong, that many lines further up.
func namedTrust(name string, before int, err error) error {
	wrong, ok := errors.AsType[*marking.TrustError](err)
	if !ok {
		return fmt.Errorf("%s: %s", name, message(err))
	}
	w := *wrong
	w.Line -= before
	return hinted(fmt.Errorf("%s: %s", name, strings.TrimPrefix(w.Error(), "marking: trust file, ")), w.Hint())
}

// addTrust adds lines to the list of the ledger. It holds the ledger open
// meanwhile, so that two do not write the list at once.
func (s *session) addTrust(name string, b []byte) (added int, trust *marking.Trust, err error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return 0, nil, hinted(fmt.Errorf("%s is empty", name), "it should hold key records, one a line: sublot key show prints one")
	}
	ledger, err := s.openLedger(toWrite)
	if err != nil {
		return 0, nil, err
	}
	defer ledger.Close()
	old, err := os.ReadFile(s.trustFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, nil, err
	}
	if _, err := marking.ParseTrust(bytes.NewReader(old)); err != nil {
		return 0, nil, namedTrust(s.trustFile(), 0, err)
	}
	if n := len(old); n > 0 && old[n-1] != '\n' {
		old = append(old, '\n')
	}
	before := bytes.Count(old, []byte("\n"))
	// Read together, since a revocation needs its key.
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if trust, err = marking.ParseTrust(bytes.NewReader(append(bytes.Clone(old), b...))); err != nil {
		return 0, nil, namedTrust(name, before, err)
	}
	known := map[string]bool{}
	for line := range bytes.Lines(old) {
		known[string(bytes.TrimSpace(line))] = true
	}
	list := bytes.Clone(old)
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || known[string(line)] {
			continue
		}
		known[string(line)] = true
		list = append(append(list, line...), '\n')
		added++
	}
	if added == 0 {
		return 0, trust, nil
	}
	next := s.trustFile() + ".new"
	os.Remove(next) // left by one that was interrupted
	if err := writeNew(next, list, 0o644); err != nil {
		return 0, nil, err
	}
	return added, trust, os.Rename(next, s.trustFile())
}

// copyTrust copies the list of whom to believe, and the keys of registers and of the log, from one
// folder to another, where there are any.
func copyTrust(from, to string) error {
	for _, file := range []struct {
		name string
		mode os.FileMode
	}{{trustName, 0o644}, {registersName, 0o600}, {logKeyName, 0o600}} {
		b, err := readSmall(filepath.Join(from, file.name), maxKeyBytes)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(to, file.name), b, file.mode); err != nil {
			return err
		}
	}
	return nil
}
