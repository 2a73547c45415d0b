package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/storage"
)

// signerFlags name the key that signs for a log.
type signerFlags struct {
	Key            string `placeholder:"FILE" help:"Private key that signs for the log."`
	PassphraseFile string `placeholder:"FILE" help:"Read its passphrase from the first line of a file instead of the terminal."`
	Origin         string `placeholder:"NAME" help:"Name of the log, such as ledger.example/xa: for good, and no other log's."`
}

// signer loads the key, and returns the text form of its public half.
func (c signerFlags) signer(s *session) (note.Signer, string, error) {
	if c.Key == "" || c.Origin == "" {
		return nil, "", hinted(errors.New("a head is signed with a key and for a named log"), "give --key FILE and --origin NAME")
	}
	key, err := s.loadKey(c.Key, c.PassphraseFile)
	if err != nil {
		return nil, "", err
	}
	return storage.NewSigner(c.Origin, key)
}

type headCmd struct {
	signerFlags
	Size   int64  `default:"-1" placeholder:"N" help:"The head after the first N records, instead of all."`
	Out    string `placeholder:"FILE" help:"Write the signed head to a file instead of standard output."`
	Public bool   `help:"Print the public half of the key instead, as those who check signatures need it."`
}

func (headCmd) Help() string {
	return `The head is how many records the log holds and the root of the tree over them:
whoever keeps it can tell later whether the ledger still holds what it held. Send it
to somebody else, often: a whole older copy put in the ledger's place is found only
with a head that was kept elsewhere.

With --key the head is signed and written in the form that witnesses and bundles of
evidence take (c2sp.org/tlog-checkpoint). Any Ed25519 key file will do, of sublot key
new or ssh-keygen; keep it apart from those that sign marks. Without --key, --public
prints the ledger's own key, with which evidence is signed where no other is named.

Examples:

    sublot head
    sublot head --key operator.key --origin ledger.example/xa --out head.txt
    sublot head --key operator.key --origin ledger.example/xa --public >> signers.txt`
}

func (c *headCmd) Run(s *session) error {
	if c.Public {
		_, public, err := c.signer(s)
		if c.Key == "" && c.Origin == "" {
			_, public, err = s.ledgerSigner()
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, public)
		return nil
	}
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	h := ledger.Head()
	if c.Size >= 0 {
		if h, err = ledger.HeadAt(c.Size); err != nil {
			return hinted(err, "sublot head shows how many records there are")
		}
	}
	if c.Key == "" {
		if c.Out != "" || c.Origin != "" {
			return hinted(errors.New("only a signed head is written for others"), "give --key FILE and --origin NAME")
		}
		if s.json {
			return s.writeJSON(map[string]any{"size": h.Size, "root": rootText(h)})
		}
		fmt.Fprintf(s.out, "%s, root %s\n", plural(h.Size, "record"), rootText(h))
		return nil
	}
	signer, _, err := c.signer(s)
	if err != nil {
		return err
	}
	checkpoint, err := storage.SignHead(h, c.Origin, signer)
	if err != nil {
		return err
	}
	return s.writeOut(c.Out, checkpoint)
}

func rootText(h storage.Head) string { return base64.StdEncoding.EncodeToString(h.Root[:]) }

// writeOut writes to a file that must not exist yet, or to standard output.
func (s *session) writeOut(name string, b []byte) error {
	if name == "" {
		_, err := s.out.Write(b)
		return err
	}
	if _, err := os.Lstat(name); err == nil {
		return hinted(fmt.Errorf("%s exists", name), "name another file with --out")
	}
	return writeNew(name, b, 0o644)
}
