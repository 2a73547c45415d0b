package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

type signCmd struct {
	Key            string `required:"" placeholder:"FILE" help:"Private key of the source of the records."`
	PassphraseFile string `placeholder:"FILE" help:"Read its passphrase from the first line of a file instead of the terminal."`
	Out            string `placeholder:"FILE" help:"Write to a file instead of standard output."`
	File           string `arg:"" name:"file" help:"JSON Lines, one record a line; - reads standard input."`
}

func (signCmd) Help() string {
	return `Signs records before they are handed to others, so that whoever holds them later can
show whose word they are. A ledger whose owner believes the key (sublot trust add) checks
the signature on import and on verify. Records that are signed already are left as
they are.

Example:

    sublot sign --key xb-pol.key records.jsonl > signed.jsonl`
}

func (c *signCmd) Run(s *session) error {
	in := &lateFile{name: c.File, in: s.in}
	if _, err := in.check(); err != nil {
		return err
	}
	key, err := s.loadKey(c.Key, c.PassphraseFile)
	if err != nil {
		return err
	}
	keyHint := marking.Key{Public: key.Public().(ed25519.PublicKey)}.Hint().String()
	var out bytes.Buffer
	lines := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		end := err != nil
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r, err := trace.ParseRecord(line)
			if err != nil {
				return hinted(fmt.Errorf("%s line %d: %s", c.File, n, message(err)), hint(err))
			}
			if r.Signature == nil {
				r.KeyHint = keyHint
				if r.Signature, err = key.Sign(nil, r.Canonical, crypto.Hash(0)); err != nil {
					return err
				}
			}
			signed, err := r.MarshalJSON()
			if err != nil {
				return err
			}
			out.Write(append(signed, '\n'))
		}
		if end {
			break
		}
	}
	return s.writeOut(c.Out, out.Bytes())
}
