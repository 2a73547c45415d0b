package main

import (
	"fmt"
	"strings"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/marking"
)

type verifyBundleCmd struct {
	Signers   string `placeholder:"FILE" help:"Verifier keys of the operator of the log and of the witnesses whom you believe, one a line."`
	Witnesses int    `default:"0" placeholder:"N" help:"How many witnesses must have cosigned the head."`
	Trust     string `placeholder:"FILE" help:"Whose signatures under records are believed: key records, one a line."`
	langFlag
	File string `arg:"" help:"The bundle that trace --evidence wrote."`
}

func (verifyBundleCmd) Help() string {
	return `Checks a bundle of evidence with nothing but the file and the keys of those whom you
believe; no ledger, no network. It checks who signed the head of the log, that every
record stands in the log under that head, that the finding is the operator's word and
rests on those records, and with --trust the records' own signatures. Exit 0 when all
of it holds. docs/proofs.md says how to check it with a program of your own.

An operator who signs alone could have written another history before: ask for
witnesses. That records are missing from the ledger, no proof can tell.

Examples:

    sublot verify-bundle finding.json --signers signers.txt
    sublot verify-bundle finding.json --signers signers.txt --witnesses 2 --trust keys.jsonl`
}

func (c *verifyBundleCmd) Run(s *session) error {
	b, err := readSmall(c.File, evidence.MaxFile)
	if err != nil {
		return err
	}
	file, err := evidence.Read(b)
	if err != nil {
		return hinted(fmt.Errorf("%s: %w", c.File, err), "name a file that sublot trace --evidence wrote")
	}
	var signers evidence.Signers
	if c.Signers != "" {
		if signers, err = readSigners(c.Signers); err != nil {
			return err
		}
	}
	trust, err := marking.NewTrust()
	if c.Trust != "" {
		trust, err = readTrust(c.Trust)
	}
	if err != nil {
		return err
	}
	r := file.Check(s, signers, evidence.NewSignatures(trust))
	if err := s.Err(); err != nil {
		return err
	}
	if n := len(r.Signed.Witnesses); n < c.Witnesses {
		r.Wrong = append(r.Wrong, fmt.Sprintf("%d of the witnesses who are believed cosigned the head, wanted %d", n, c.Witnesses))
	}
	if s.json {
		if err := s.writeJSON(struct {
			Verified bool `json:"verified"`
			evidence.Report
		}{len(r.Wrong) == 0, r}); err != nil {
			return err
		}
	} else if err := c.tell(s, r); err != nil {
		return err
	}
	if len(r.Wrong) > 0 {
		return errNo
	}
	return nil
}

func (c *verifyBundleCmd) tell(s *session, r evidence.Report) error {
	if r.Origin != "" {
		fmt.Fprintf(s.out, "Log: %s, %s, root %s\n", r.Origin, plural(r.Size, "record"), r.Root)
		fmt.Fprintf(s.out, "Head: %s.\n", whoSigned(r.Origin, r.Signed))
		if len(r.Signed.Others) > 0 {
			fmt.Fprintf(s.out, "Also under it, and not believed here: %s.\n", strings.Join(r.Signed.Others, ", "))
		}
		fmt.Fprintf(s.out, "Records: %s under that head", grouped(r.Proven))
		if t := r.Own; t.Valid+t.Unknown+t.Revoked > 0 {
			fmt.Fprintf(s.out, "; signatures of their own: %d valid, %d by unknown keys, %d by revoked keys", t.Valid, t.Unknown, t.Revoked)
		}
		fmt.Fprintln(s.out, ".")
	}
	if r.Finding != nil {
		fmt.Fprintf(s.out, "Finding (%s):\n\n", r.Statement)
		if err := r.Finding.WriteText(s.out, c.Lang); err != nil {
			return err
		}
		fmt.Fprintln(s.out)
	}
	for _, w := range r.Wrong {
		fmt.Fprintln(s.out, "NOT PROVEN:", w)
	}
	if len(r.Wrong) == 0 {
		fmt.Fprintln(s.out, "Proven: the log held these records under the head, and nothing of them was changed since. Whether they are true, and complete, no proof can tell.")
	}
	return nil
}
