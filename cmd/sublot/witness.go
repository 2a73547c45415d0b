package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/storage"
)

type witnessCmd struct {
	Key            string `required:"" placeholder:"FILE" help:"Private key of the witness, for nothing else."`
	PassphraseFile string `placeholder:"FILE" help:"Read its passphrase from the first line of a file instead of the terminal."`
	Name           string `required:"" placeholder:"NAME" help:"Name of the witness, such as witness.example/xb."`
	Signers        string `placeholder:"FILE" help:"The verifier key of the log."`
	State          string `placeholder:"FILE" help:"Where the witness keeps the head that it cosigned last."`
	First          bool   `help:"Begin with this log: the witness has cosigned no head of it yet."`
	Line           bool   `help:"Print the cosignature alone, instead of the cosigned head."`
	Out            string `placeholder:"FILE" help:"Write to a file instead of standard output."`
	Public         bool   `help:"Print the public half of the key instead, as those who check signatures need it."`
	Request        string `arg:"" optional:"" name:"request" help:"What sublot proof --since wrote; - reads standard input."`
}

func (witnessCmd) Help() string {
	return `A witness belongs to somebody else than the ledger: another state, a court, a maker.
It signs a head only after a proof that the log grew from the head that it signed
before (c2sp.org/tlog-cosignature). An operator who signs alone could show two
histories; one who is witnessed cannot.

The witness keeps the head it signed last in the file of --state. Without that file it
would believe any history: it refuses, unless --first says that this is the first head.

Examples:

    sublot witness --key w.key --name witness.example/xb --public >> signers.txt
    sublot witness --key w.key --name witness.example/xb --signers log.txt --state xa.state --first request.txt
    sublot witness --key w.key --name witness.example/xb --signers log.txt --state xa.state request.txt --out head-cosigned.txt`
}

func (c *witnessCmd) Run(s *session) error {
	if c.Public {
		key, err := s.loadKey(c.Key, c.PassphraseFile)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, storage.NewWitness(c.Name, key.Public().(ed25519.PublicKey)))
		return nil
	}
	if c.Signers == "" || c.State == "" || c.Request == "" {
		return hinted(errors.New("a witness needs a request, the key of the log, and the head it cosigned last"), "give --signers FILE, --state FILE and the file that sublot proof --since wrote")
	}
	request, err := s.readRequest(c.Request)
	if err != nil {
		return err
	}
	origin, head, err := storage.ReadHead(request.Checkpoint)
	if err != nil {
		return err
	}
	signers, err := readSigners(c.Signers)
	if err != nil {
		return err
	}
	operator := signers.Operator(origin)
	if len(operator) == 0 {
		return hinted(fmt.Errorf("%s has no key of the log %s", c.Signers, origin), "make sure by another way than this one whose key it is, then add what sublot head --public prints")
	}

	// From here to the end no other may cosign by the same state.
	lock := flock.New(c.State + ".lock")
	if ok, err := lock.TryLock(); err != nil {
		return err
	} else if !ok {
		return hinted(fmt.Errorf("another witness is at work with %s", c.State), "wait until it is done")
	}
	defer lock.Unlock()
	kept, last, err := c.kept(origin)
	if err != nil {
		return err
	}
	if request.Old != kept.Size {
		return hinted(fmt.Errorf("the request proves growth from %s, the witness cosigned %d last", plural(request.Old, "record"), kept.Size),
			fmt.Sprintf("ask the operator for sublot proof --since %d", kept.Size))
	}
	now := time.Now()
	if now.Before(last) {
		return hinted(fmt.Errorf("the clock says %s, which is before the last cosignature, %s", now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339)), "set the clock right: a cosignature states when it was made")
	}
	key, err := s.loadKey(c.Key, c.PassphraseFile)
	if err != nil {
		return err
	}
	cosigned, _, err := storage.Cosign(request.Checkpoint, origin, operator[0], kept, request.Proof, c.Name, key, now)
	for _, other := range operator[1:] {
		if err == nil {
			break
		}
		cosigned, _, err = storage.Cosign(request.Checkpoint, origin, other, kept, request.Proof, c.Name, key, now)
	}
	if err != nil {
		return s.no(hinted(err, "do not cosign: keep the request, which may prove that the operator changed the log, and tell those who rely on it"))
	}
	if err := replaceFile(c.State, cosigned); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "cosigned %s of %s, which grew from %s\n", plural(head.Size, "record"), origin, plural(kept.Size, "record"))
	if c.Line {
		return s.writeOut(c.Out, cosigned[bytes.LastIndexByte(bytes.TrimSuffix(cosigned, []byte("\n")), '\n')+1:])
	}
	return s.writeOut(c.Out, cosigned)
}

// readRequest reads what a witness is asked.
func (s *session) readRequest(name string) (g evidence.Growth, err error) {
	var b []byte
	if name == "-" {
		b, err = io.ReadAll(io.LimitReader(s.in, maxHeadBytes))
	} else {
		b, err = readSmall(name, maxHeadBytes)
	}
	if err != nil {
		return g, err
	}
	if g, err = evidence.ParseGrowth(b); err != nil {
		return g, hinted(fmt.Errorf("%s: %s", name, message(err)), "the operator makes a request with sublot proof --since N --head FILE")
	}
	return g, nil
}

// kept returns the head that the witness cosigned last, and when.
func (c *witnessCmd) kept(origin string) (h storage.Head, at time.Time, err error) {
	b, err := readSmall(c.State, maxHeadBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.First:
		return h, at, nil
	case errors.Is(err, fs.ErrNotExist):
		return h, at, hinted(fmt.Errorf("%s is not there: which head was cosigned last is not known", c.State), "name the file of --state, or say --first where no head of this log was ever cosigned")
	case err != nil:
		return h, at, err
	case c.First:
		return h, at, hinted(fmt.Errorf("%s is there: a head was cosigned before", c.State), "leave --first out")
	}
	of, h, err := storage.ReadHead(b)
	if err != nil {
		return h, at, fmt.Errorf("%s: %w", c.State, err)
	}
	if of != origin {
		return h, at, hinted(fmt.Errorf("%s keeps a head of %s, the request is of %s", c.State, of, origin), "keep one state for each log")
	}
	if at, err = storage.CosignedAt(b, c.Name); err != nil {
		return h, at, fmt.Errorf("%s: %w", c.State, err)
	}
	return h, at, nil
}

// replaceFile writes a file anew: afterwards the old or the new content is there,
// whatever happens, and on return the new one.
func replaceFile(name string, b []byte) error {
	next := name + ".new"
	os.Remove(next) // left by one that was interrupted
	if err := writeNew(next, b, 0o644); err != nil {
		return err
	}
	if err := os.Rename(next, name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	dir.Sync() // not every system can; the rename itself is whole anyway
	return nil
}
