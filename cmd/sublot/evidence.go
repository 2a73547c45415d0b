package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// evidenceFlags make the bundle that a finding is shown with.
type evidenceFlags struct {
	Evidence string `placeholder:"FILE" help:"Write the records the finding rests on, with proofs, for somebody without the ledger."`
	Head     string `placeholder:"FILE" help:"With --evidence: the signed and witnessed head to prove against; without one, the present head is signed."`
	signerFlags

	checkpoint []byte
	signer     note.Signer
}

// prepare reads or signs the head that the evidence stands under, and returns
// how much of the log the finding may rest on.
func (e *evidenceFlags) prepare(s *session, ledger *storage.Ledger, asOf int64) (int64, error) {
	if e.Evidence == "" {
		if e.Head != "" || e.Key != "" {
			return asOf, hinted(errors.New("--head and --key are for evidence"), "give --evidence FILE too")
		}
		return asOf, nil
	}
	var err error
	if e.Head != "" {
		if e.checkpoint, _, err = s.readHead(e.Head, ledger); err != nil {
			return asOf, err
		}
		origin, _, err := storage.ReadHead(e.checkpoint)
		if err != nil {
			return asOf, err
		}
		if e.Origin != "" && e.Origin != origin {
			return asOf, hinted(fmt.Errorf("%s is a head of %s, not of %s", e.Head, origin, e.Origin), "leave --origin out: the head names its log")
		}
		e.Origin = origin
	}
	if e.Key != "" {
		if e.signer, _, err = e.signerFlags.signer(s); err != nil {
			return asOf, err
		}
	}
	switch {
	case e.Head != "" && e.signer == nil:
		fmt.Fprintln(s.err, "note: without --key the finding itself is not signed: its records are proven, its words are not")
	case e.Head == "":
		if e.signer == nil {
			var public string
			if e.signer, public, err = s.ledgerSigner(); err != nil {
				return asOf, err
			}
			e.Origin = e.signer.Name()
			fmt.Fprintf(s.err, "note: signed with the ledger's own key; readers need its public half by another way than the bundle's: %s\n", public)
		}
		if e.checkpoint, err = storage.SignHead(ledger.Head(), e.Origin, e.signer); err != nil {
			return asOf, err
		}
		fmt.Fprintln(s.err, "note: the head is signed by its operator alone: with --head and a head that witnesses cosigned, the evidence is worth more")
	}
	bound, err := evidence.AsOf(ledger, asOf, e.checkpoint)
	if err == nil && bound != asOf {
		fmt.Fprintf(s.err, "note: answered on the first %s of the log, those under the head\n", plural(bound, "record"))
	}
	return bound, err
}

// write writes the bundle of a finding.
func (e *evidenceFlags) write(s *session, ledger *storage.Ledger, f *trace.Finding) error {
	if e.Evidence == "" {
		return nil
	}
	file, err := evidence.Make(ledger, f, e.checkpoint, e.signer)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		return err
	}
	return s.writeOut(e.Evidence, b.Bytes())
}

// head says in a report under which head its records are proven. It is read from
// the bundle that was written; nil means that there is none.
func (e *evidenceFlags) head() (*report.Head, error) {
	if e.Evidence == "" || e.Evidence == "-" {
		return nil, nil
	}
	b, err := os.ReadFile(e.Evidence)
	if err != nil {
		return nil, err
	}
	origin, h, err := storage.ReadHead(e.checkpoint)
	if err != nil {
		return nil, err
	}
	out := &report.Head{Origin: origin, Size: h.Size, Root: base64.StdEncoding.EncodeToString(h.Root[:]),
		File: filepath.Base(e.Evidence), SHA256: sum256(b)}
	for line := range strings.Lines(string(e.checkpoint)) {
		if rest, ok := strings.CutPrefix(line, "— "); ok {
			name, _, _ := strings.Cut(rest, " ")
			out.Signers = append(out.Signers, name)
		}
	}
	return out, nil
}
