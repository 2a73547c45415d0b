package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sublot/sublot/marking/pointer"
)

// registersName is the file in the ledger's folder with the keys of registers. It
// is as secret as they are.
const registersName = "registers.jsonl"

func (s *session) registersFile() string { return filepath.Join(s.store, registersName) }

type keyRegisterCmd struct {
	Issuer string `required:"" placeholder:"ID" help:"Party that keeps the register and writes its pointers records, mostly the maker."`
	Out    string `required:"" placeholder:"FILE" help:"Where the key goes."`
}

func (keyRegisterCmd) Help() string {
	return `Item marks have no room for a signature: they carry a number of a register, in an
order that only this key knows, so that nobody can guess a number that is in use.
sublot mark --register draws them. Whoever shall resolve them needs the key and the
pointers records (sublot trust register). Whoever has it can tell which numbers are in
use: keep it as safe as a signing key.

Example:

    sublot key register --issuer XCW --out xcw-register.json`
}

func (c *keyRegisterCmd) Run(s *session) error {
	key, err := pointer.New(c.Issuer, rand.Reader)
	if err != nil {
		return err
	}
	if err := writeNew(c.Out, append(key.Line(), '\n'), 0o600); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"issuer": key.Issuer, "register": fmt.Sprintf("%04d", key.Register()), "file": c.Out})
	}
	fmt.Fprintf(s.out, "register %04d of %s, key written to %s\n", key.Register(), key.Issuer, c.Out)
	return nil
}

// readRegisters reads a file of keys of registers.
func readRegisters(name string) ([]pointer.Key, error) {
	b, err := readSmall(name, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	keys, err := pointer.ParseKeys(bytes.NewReader(b))
	if err == nil && len(keys) == 0 {
		err = errors.New("no key in it")
	}
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %s", name, message(err)), "name a file that sublot key register wrote")
	}
	return keys, nil
}

// registers reads the keys of the registers that the ledger's owner has, or of the
// file that is named instead.
func (s *session) registers(file string) ([]pointer.Key, error) {
	if file != "" {
		return readRegisters(file)
	}
	keys, err := readRegisters(s.registersFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return keys, err
}

type trustRegisterCmd struct {
	File string `arg:"" name:"file" help:"Keys of registers, as sublot key register writes them."`
}

func (trustRegisterCmd) Help() string {
	return `Example:

    sublot trust register xcw-register.json`
}

func (c *trustRegisterCmd) Run(s *session) error {
	keys, err := readRegisters(c.File)
	if err != nil {
		return err
	}
	ledger, err := s.openLedger(toWrite) // two do not write the list at once
	if err != nil {
		return err
	}
	defer ledger.Close()
	known, err := readRegisters(s.registersFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	added := 0
	list := []byte{}
	seen := map[pointer.Key]bool{}
	for i, k := range append(known, keys...) {
		if seen[k] {
			continue
		}
		seen[k] = true
		if i >= len(known) {
			added++
		}
		list = append(append(list, k.Line()...), '\n')
	}
	next := s.registersFile() + ".new"
	os.Remove(next) // left by one that was interrupted
	if err := writeNew(next, list, 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, s.registersFile()); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]any{"added": added, "registers": len(seen), "file": s.registersFile()})
	}
	fmt.Fprintf(s.out, "%s added to %s\n", plural(int64(added), "register"), s.registersFile())
	return nil
}
