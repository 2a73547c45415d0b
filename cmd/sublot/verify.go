package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
)

type verifyCmd struct {
	Head    []string `placeholder:"FILE" help:"A head that was kept elsewhere: proves that the log grew from it. May be repeated."`
	Signers string   `placeholder:"FILE" help:"Verifier keys of those whose signatures under the heads are believed."`
	Trust   string   `placeholder:"FILE" help:"Whose signatures under records are believed; default: the ledger's own list."`
}

func (verifyCmd) Help() string {
	return `Reads every record again and compares it with the tree of the log, with its issuer's
signature, and with every index, both ways: nothing may be missing and nothing too
much. The first thing that differs is named, and the exit code is 1.

A whole older copy put in the ledger's place is whole in itself: it is found only with
--head and a head that somebody kept elsewhere.

Examples:

    sublot verify
    sublot verify --head head-2025-03.txt --head head-2025-06.txt --signers signers.txt
    sublot verify --store /mnt/backup/2025-06`
}

func (c *verifyCmd) Run(s *session) error {
	heads, err := c.heads()
	if err != nil {
		return err
	}
	trust, err := c.trust(s)
	if err != nil {
		return err
	}
	start := time.Now()
	ledger, err := s.openLedger(toReadLong)
	if err != nil {
		if damage, ok := errors.AsType[*storage.Error](err); ok && (damage.Problem == storage.Damaged || damage.Problem == storage.Shortened) {
			return c.differs(s, damage)
		}
		return err
	}
	defer ledger.Close()
	signatures := evidence.NewSignatures(trust)
	p := s.progress()
	total := ledger.Len()
	report, err := ledger.Verify(s, storage.VerifyConfig{
		Signature: signatures.Check,
		Progress:  func(records int64) { p.show("%s", share(records, total, time.Since(start))) },
	})
	p.done()
	if d, ok := errors.AsType[*storage.Difference](err); ok {
		return c.differs(s, d)
	}
	if damage, ok := errors.AsType[*storage.Error](err); ok && damage.Problem == storage.Damaged {
		return c.differs(s, damage)
	}
	if err != nil {
		return err
	}
	for _, kept := range heads {
		if err := kept.check(ledger, report.Head); err != nil {
			return c.differs(s, err)
		}
	}
	return c.tell(s, report, signatures.Tally(), heads)
}

// share says how far long work is.
func share(done, total int64, spent time.Duration) string {
	if done == 0 || spent <= 0 {
		return fmt.Sprintf("%s of %s records", grouped(done), grouped(total))
	}
	rate := float64(done) / spent.Seconds()
	left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s of %s records, %s a second, %s left", grouped(done), grouped(total), grouped(int64(rate)), left)
}

// trust is whose signatures under records are believed.
func (c *verifyCmd) trust(s *session) (*marking.Trust, error) {
	if c.Trust != "" {
		return readTrust(c.Trust)
	}
	return s.ledgerTrust()
}

// A keptHead is a head that somebody kept.
type keptHead struct {
	File   string          `json:"file"`
	Log    string          `json:"log"`
	Size   int64           `json:"size"`
	Root   string          `json:"root"`
	Signed evidence.Signed `json:"signed"`
	head   storage.Head
}

// heads reads the heads that were kept. With signers named, each must be signed.
func (c *verifyCmd) heads() ([]keptHead, error) {
	var signers evidence.Signers
	var err error
	if c.Signers != "" {
		if signers, err = readSigners(c.Signers); err != nil {
			return nil, err
		}
	}
	var out []keptHead
	for _, name := range c.Head {
		b, err := readSmall(name, maxHeadBytes)
		if err != nil {
			return nil, err
		}
		origin, h, who, err := signers.Judge(b)
		if err != nil {
			return nil, hinted(fmt.Errorf("%s: %s", name, message(err)), "name a file that sublot head --key or a witness wrote")
		}
		if signers != nil && !who.Operator && len(who.Witnesses) == 0 {
			return nil, hinted(fmt.Errorf("%s is signed by nobody who is named in %s", name, c.Signers), "a head that nobody vouches for proves nothing: name its signers, or leave --signers out where you kept the file yourself")
		}
		out = append(out, keptHead{name, origin, h.Size, rootText(h), who, h})
	}
	return out, nil
}

// check compares a head that was kept with the ledger.
func (k keptHead) check(ledger *storage.Ledger, now storage.Head) error {
	const hint = "this is another ledger, an older copy of it, or a history that was rewritten: leave the folder as it is and ask who could change it"
	if k.head.Size > now.Size {
		return hinted(fmt.Errorf("records are gone: %s was of %s, the log ends after %d", k.File, plural(k.Size, "record"), now.Size), hint)
	}
	have, err := ledger.HeadAt(k.head.Size)
	if err == nil && have != k.head {
		err = hinted(fmt.Errorf("the log did not grow from %s: the first %s have root %s, wanted %s", k.File, plural(k.Size, "record"), rootText(have), k.Root), hint)
	}
	return err
}

// differs tells what was found. The answer is no.
func (c *verifyCmd) differs(s *session, err error) error {
	if s.json {
		if err := s.writeJSON(map[string]any{"verified": false, "differs": message(err), "hint": hint(err)}); err != nil {
			return err
		}
		return errNo
	}
	return s.no(err)
}

func (c *verifyCmd) tell(s *session, r storage.VerifyReport, t evidence.Tally, heads []keptHead) error {
	if s.json {
		if heads == nil {
			heads = []keptHead{}
		}
		return s.writeJSON(map[string]any{"verified": true, "size": r.Head.Size, "root": rootText(r.Head),
			"entries": r.Entries, "signed": r.Signed, "signatures": t, "heads": heads})
	}
	fmt.Fprintf(s.out, "%s, root %s\n", plural(r.Head.Size, "record"), rootText(r.Head))
	fmt.Fprintf(s.out, "every record stands in the tree; the %s entries of the indexes agree with them, both ways\n", grouped(r.Entries))
	if r.Signed > 0 {
		fmt.Fprintf(s.out, "%s signed: %s valid, %s by unknown keys, %s by revoked keys\n", plural(r.Signed, "record"), grouped(t.Valid), grouped(t.Unknown), grouped(t.Revoked))
	}
	for _, k := range heads {
		fmt.Fprintf(s.out, "grew from %s (%s of %s): %s\n", k.File, plural(k.Size, "record"), k.Log, whoSigned(k.Log, k.Signed))
	}
	if len(heads) == 0 {
		fmt.Fprintln(s.out, "not compared with any head kept elsewhere: an older copy as a whole would look the same (--head)")
	}
	return nil
}
