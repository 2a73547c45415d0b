package evidence

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/storage"
)

// Signers are those whose signatures under the head of a log somebody believes:
// the operator of the log, whose name is the log's, and witnesses.
type Signers []note.Verifier

// ParseSigners reads verifier keys, one a line, as c2sp.org/signed-note writes
// them: name+hash+key. Empty lines and those that begin with # are passed over.
func ParseSigners(text string) (Signers, error) {
	var out Signers
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := storage.ParseVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s", n+1, strings.TrimPrefix(err.Error(), "storage: "))
		}
		for _, other := range out {
			if other.Name() == v.Name() && other.KeyHash() == v.KeyHash() {
				return nil, fmt.Errorf("line %d: %s stands on an earlier line too", n+1, v.Name())
			}
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, errors.New("no verifier key in it: wanted name+hash+key, one a line")
	}
	return out, nil
}

// Operator returns the keys that sign for a log: those of its own name.
func (s Signers) Operator(origin string) Signers { return s.where(origin, true) }

// Witnesses returns the keys that do not.
func (s Signers) Witnesses(origin string) Signers { return s.where(origin, false) }

func (s Signers) where(origin string, same bool) Signers {
	var out Signers
	for _, v := range s {
		if (v.Name() == origin) == same {
			out = append(out, v)
		}
	}
	return out
}

// Signed says who signed a head.
type Signed struct {
	Operator  bool     `json:"operator"`
	Witnesses []string `json:"witnesses"` // that are believed and signed
	Others    []string `json:"others"`    // names that stand under it and prove nothing
}

// Judge reads a checkpoint and says who of the signers signed it.
func (s Signers) Judge(checkpoint []byte) (origin string, h storage.Head, who Signed, err error) {
	who = Signed{Witnesses: []string{}, Others: []string{}}
	if origin, h, err = storage.ReadHead(checkpoint); err != nil {
		return "", h, who, err
	}
	n, err := note.Open(checkpoint, note.VerifierList(s...))
	if unverified, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		n, err = unverified.Note, nil
	}
	if invalid, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return origin, h, who, fmt.Errorf("the signature of %s under the head of the log does not hold", invalid.Name)
	}
	if err != nil {
		return origin, h, who, fmt.Errorf("the head of the log cannot be read: %w", err)
	}
	for _, sig := range n.Sigs {
		if sig.Name == origin {
			who.Operator = true
		} else {
			who.Witnesses = append(who.Witnesses, sig.Name)
		}
	}
	for _, sig := range n.UnverifiedSigs {
		who.Others = append(who.Others, sig.Name)
	}
	return origin, h, who, nil
}
