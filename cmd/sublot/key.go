package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sublot/sublot/marking"
)

type keyCmd struct {
	New  keyNewCmd  `cmd:"" help:"Make a signing key and print its key record."`
	Show keyShowCmd `cmd:"" help:"Print the key record of a key file."`

	Register keyRegisterCmd `cmd:"" help:"Make the key of a register of item marks."`
}

// keyOwner is whose key it is and how its record is named.
type keyOwner struct {
	Maker  string `xor:"owner" placeholder:"CODE" help:"Maker whose marks the key signs."`
	Party  string `xor:"owner" placeholder:"ID" help:"Party whose records the key signs, instead of a maker."`
	Source string `placeholder:"ID" help:"Party that asserts the record. Default: the owner."`
	ID     string `name:"id" placeholder:"ID" help:"Id of the record. Default: KEY- and the hint."`
	From   string `placeholder:"DATE" help:"First day of use."`
	To     string `placeholder:"DATE" help:"Last day of use: marks of a later month are not believed."`
}

type keyNewCmd struct {
	keyOwner       `embed:""`
	Out            string `required:"" placeholder:"FILE" help:"Where the private key goes, encrypted under the passphrase."`
	PassphraseFile string `placeholder:"FILE" help:"Read the passphrase from the first line of a file instead of the terminal."`
	InClear        bool   `help:"Write the key without a passphrase: whoever reads the file can sign."`
}

func (keyNewCmd) Help() string {
	return `The private key is written as an OpenSSH key file, which ssh-keygen reads too.
The key record on standard output is what readers need: give it to whoever shall
believe the marks (sublot trust add). It is also written beside the key, as
FILE.json, for sublot key show. Keep the passphrase: nobody can restore it.

Examples:

    sublot key new --maker XCW --out line.key > xcw-key.jsonl
    sublot key new --maker XCW --out line.key --passphrase-file secret.txt --to 2026-12-31`
}

func (c *keyNewCmd) Run(s *session) error {
	if c.Maker == "" && c.Party == "" {
		return hinted(errors.New("whose key is it?"), "give --maker CODE for a key that signs marks, or --party ID for one that signs records")
	}
	for _, name := range []string{c.Out, c.Out + ".json"} {
		if _, err := os.Lstat(name); err == nil {
			return hinted(fmt.Errorf("%s exists", name), "a key is never overwritten: name another file with --out")
		}
	}
	key, err := marking.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	record, err := c.record(key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	var pass []byte
	if !c.InClear {
		if pass, err = s.passphrase(c.PassphraseFile, true); err != nil {
			return err
		}
		if len(pass) == 0 {
			return hinted(errors.New("the passphrase is empty"), "type one, or say --in-clear where the file is kept safe in another way")
		}
	}
	file, err := marking.SaveKey(key, record.Name(), pass)
	if err != nil {
		return err
	}
	if err := writeNew(c.Out, file, 0o600); err != nil {
		return err
	}
	if err := writeNew(c.Out+".json", append(record.Record(), '\n'), 0o644); err != nil {
		os.Remove(c.Out)
		return err
	}
	fmt.Fprintf(s.err, "key %s of %s written to %s\n", record.Hint(), c.owner(), c.Out)
	_, err = fmt.Fprintf(s.out, "%s\n", record.Record())
	return err
}

func (c keyOwner) owner() string { return c.Maker + c.Party } // one of the two is empty

// record makes the key record of a public key.
func (c keyOwner) record(public ed25519.PublicKey) (marking.Key, error) {
	k := marking.Key{Source: c.Source, ID: c.ID, Maker: c.Maker, Party: c.Party, Public: public}
	if k.Source == "" {
		k.Source = c.owner()
	}
	if k.ID == "" {
		k.ID = "KEY-" + k.Hint().String()
	}
	var err error
	if k.ValidFrom, err = flagDate("--from", c.From); err != nil {
		return k, err
	}
	if k.ValidTo, err = flagDate("--to", c.To); err != nil {
		return k, err
	}
	// A trust of this one key holds it to the rules for keys.
	if _, err := marking.NewTrust(k); err != nil {
		return k, hinted(err, "a maker's code is as it stands in identities, such as XCW or PL:21; see sublot key new --help")
	}
	return k, nil
}

// flagDate reads the date of an option; none is the zero time.
func flagDate(flag, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return t, hinted(fmt.Errorf("%s %q is not a date", flag, value), "give a date such as 2024-05-10")
	}
	return t, nil
}

type keyShowCmd struct {
	keyOwner       `embed:""`
	File           string `arg:"" name:"file" help:"A private key file, or a file of key records."`
	PassphraseFile string `placeholder:"FILE" help:"Read the passphrase from the first line of a file instead of the terminal."`
}

func (keyShowCmd) Help() string {
	return `Of a private key it prints the key record: the one that was written beside it, or
one made anew where --maker or --party says whose key it is, which takes the
passphrase. Of a file of key records, such as a trust file, it lists the keys.

Examples:

    sublot key show line.key
    sublot key show id_ed25519 --maker XCW
    sublot key show xcw-key.jsonl`
}

func (c *keyShowCmd) Run(s *session) error {
	b, err := readSmall(c.File, maxKeyBytes)
	if err != nil {
		return err
	}
	if isRecords(b) {
		trust, err := parseTrust(c.File, b)
		if err != nil {
			return err
		}
		return s.listKeys(trust)
	}
	if !bytes.Contains(b, []byte("-----BEGIN ")) {
		return hinted(fmt.Errorf("%s holds neither a private key nor key records", c.File), "name the file that sublot key new or ssh-keygen -t ed25519 wrote")
	}
	if c.Maker == "" && c.Party == "" {
		beside, err := readSmall(c.File+".json", maxKeyBytes)
		if errors.Is(err, fs.ErrNotExist) {
			return hinted(fmt.Errorf("%s is a private key, which does not say whose it is", c.File), "give --maker CODE or --party ID")
		} else if err != nil {
			return err
		}
		if _, err := parseTrust(c.File+".json", beside); err != nil {
			return err
		}
		_, err = s.out.Write(beside)
		return err
	}
	key, err := s.loadKey(c.File, c.PassphraseFile)
	if err != nil {
		return err
	}
	record, err := c.record(key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\n", record.Record())
	return err
}

// maxKeyBytes is the largest file that is read as keys or as whom to trust.
const maxKeyBytes = 16 << 20

// isRecords reports whether a file of keys holds JSON.
func isRecords(b []byte) bool {
	for _, c := range b {
		if c > ' ' && c != 0xef && c != 0xbb && c != 0xbf { // a byte order mark is passed over
			return c == '{'
		}
	}
	return false
}

// loadKey reads a private key. The passphrase is asked for only where the file
// needs one.
func (s *session) loadKey(file, passphraseFile string) (ed25519.PrivateKey, error) {
	b, err := readSmall(file, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	key, err := marking.LoadKey(b, nil)
	if errors.Is(err, marking.ErrNoPassphrase) {
		var pass []byte
		if pass, err = s.passphrase(passphraseFile, false); err != nil {
			return nil, err
		}
		key, err = marking.LoadKey(b, pass)
	}
	switch {
	case errors.Is(err, marking.ErrNoPassphrase): // an empty one was given
		return nil, hinted(fmt.Errorf("%s: the passphrase is empty", file), "give the passphrase that the key was made with")
	case errors.Is(err, marking.ErrWrongPassphrase):
		return nil, hinted(fmt.Errorf("%s: wrong passphrase", file), "give the passphrase that the key was made with; where it is lost, make a new key and revoke this one")
	case err != nil:
		return nil, hinted(fmt.Errorf("%s: %s", file, message(err)), "name the file that sublot key new or ssh-keygen -t ed25519 wrote")
	}
	return key, nil
}

// readSmall reads a whole file that must not be large.
func readSmall(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, hinted(fmt.Errorf("%s is a folder", name), "name a file")
	case info.Size() > most:
		return nil, hinted(fmt.Errorf("%s has %s bytes, wanted %s at most", name, grouped(info.Size()), grouped(most)), "check that this is the file you mean")
	}
	return os.ReadFile(name)
}

// writeNew writes a file that must not exist yet, synced, and makes its folder.
func writeNew(name string, b []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}
