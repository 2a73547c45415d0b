package main

import (
	"errors"
	"fmt"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// maxHeadBytes is the largest file that is read as a head or a proof.
const maxHeadBytes = 256 << 10

type proofCmd struct {
	Head   string `placeholder:"FILE" help:"Signed head to prove against; without one, the present head, unsigned."`
	Since  int64  `default:"-1" placeholder:"N" help:"Prove instead that the log grew from its first N records: what a witness asks for."`
	Out    string `placeholder:"FILE" help:"Write to a file instead of standard output."`
	Record string `arg:"" optional:"" name:"source:id" help:"The record to prove."`
}

func (proofCmd) Help() string {
	return `Proves that a record stands in the log under a head (c2sp.org/tlog-proof), or with
--since that the log of a head grew from an earlier one, with nothing changed or taken
away: the request that a witness cosigns on (c2sp.org/tlog-witness). The forms are
described in docs/proofs.md.

Examples:

    sublot proof XA-EXP:T1 --head head.txt
    sublot proof --since 120000 --head head.txt --out request.txt`
}

func (c *proofCmd) Run(s *session) error {
	if (c.Record == "") == (c.Since < 0) {
		return hinted(errors.New("what is to be proved?"), "name one record as SOURCE:ID, or give --since N for the growth of the log")
	}
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	checkpoint, h, err := c.head(s, ledger)
	if err != nil {
		return err
	}
	if c.Since >= 0 {
		proof, err := ledger.ProveGrowth(c.Since, h.Size)
		if err != nil {
			return hinted(err, "--since takes how many records the earlier head had, which is its second line")
		}
		if s.json {
			return s.writeJSON(map[string]any{"old": c.Since, "size": h.Size, "root": rootText(h), "proof": proof})
		}
		return s.writeOut(c.Out, evidence.Growth{Old: c.Since, Proof: proof, Checkpoint: checkpoint}.Text())
	}
	e, err := ledger.Get(trace.Ref(c.Record))
	if errors.Is(err, trace.ErrNotFound) {
		return s.no(hinted(fmt.Errorf("there is no record %s", c.Record), "records are named SOURCE:ID, as trace shows them"))
	}
	if err != nil {
		return err
	}
	if e.Seq >= h.Size {
		return s.no(hinted(fmt.Errorf("record %s came after the head of %s", c.Record, plural(h.Size, "record")), "sign a new head, and have it witnessed"))
	}
	proof, err := ledger.ProveRecord(e.Seq, h.Size)
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"record": string(e.Record.Canonical), "index": e.Seq, "size": h.Size, "root": rootText(h), "proof": proof})
	}
	return s.writeOut(c.Out, evidence.Inclusion{Index: e.Seq, Proof: proof, Checkpoint: checkpoint}.Text())
}

// head returns the head to prove against.
func (c *proofCmd) head(s *session, ledger *storage.Ledger) ([]byte, storage.Head, error) {
	if c.Head == "" {
		h := ledger.Head()
		return fmt.Appendf(nil, "unsigned\n%d\n%s\n", h.Size, rootText(h)), h, nil
	}
	return s.readHead(c.Head, ledger)
}

// readHead reads a head of the ledger from a file.
func (s *session) readHead(name string, ledger *storage.Ledger) ([]byte, storage.Head, error) {
	b, err := readSmall(name, maxHeadBytes)
	if err != nil {
		return nil, storage.Head{}, err
	}
	_, h, err := storage.ReadHead(b)
	if err != nil {
		return nil, h, hinted(fmt.Errorf("%s: %s", name, message(err)), "name a file that sublot head --key wrote")
	}
	if h.Size > ledger.Len() {
		return nil, h, hinted(fmt.Errorf("%s is of %s, the ledger holds %d", name, plural(h.Size, "record"), ledger.Len()),
			"this is the head of another log, or records are gone: run sublot verify --head "+name)
	}
	have, err := ledger.HeadAt(h.Size)
	if err == nil && have != h {
		err = hinted(fmt.Errorf("%s is not a head of this ledger", name), "run sublot verify --head "+name)
	}
	return b, h, err
}
