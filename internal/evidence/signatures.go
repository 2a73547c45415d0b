package evidence

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Signatures judges the signatures of records by the keys that somebody trusts,
// and counts what it found. A key stands for the records of the party, or of the
// maker, that it was trusted for. It may be used by several goroutines.
type Signatures struct {
	byHint map[string][]marking.Key

	valid, unknown, revoked atomic.Int64
}

// A Tally counts signed records.
type Tally struct {
	Valid   int64 `json:"valid"`
	Unknown int64 `json:"unknown_key"` // signed with a key that nobody vouches for
	Revoked int64 `json:"revoked_key"` // valid, but of a key that is revoked
}

// NewSignatures judges by the keys of trust.
func NewSignatures(trust *marking.Trust) *Signatures {
	s := &Signatures{byHint: map[string][]marking.Key{}}
	for _, k := range trust.Keys() {
		hint := k.Hint().String()
		s.byHint[hint] = append(s.byHint[hint], k)
	}
	return s
}

// Tally returns the counts so far.
func (s *Signatures) Tally() Tally {
	return Tally{s.valid.Load(), s.unknown.Load(), s.revoked.Load()}
}

// Check judges a signed record. An error says that a trusted key did not sign it
// as it stands. A key that nobody trusts is no error: nothing is known then.
func (s *Signatures) Check(r *trace.Record) error {
	state, err := s.State(r)
	switch state {
	case "valid":
		s.valid.Add(1)
	case "revoked_key":
		s.revoked.Add(1)
	case "unknown_key":
		s.unknown.Add(1)
	}
	return err
}

// State returns valid, invalid, revoked_key or unknown_key, as of a mark, and
// unsigned; for invalid the error says why.
func (s *Signatures) State(r *trace.Record) (string, error) {
	if r.Signature == nil {
		return "unsigned", nil
	}
	keys := s.byHint[r.KeyHint]
	if len(keys) == 0 {
		return "unknown_key", nil
	}
	owner := ""
	for _, k := range keys {
		if !ed25519.Verify(k.Public, r.Canonical, r.Signature) {
			continue
		}
		switch owner = k.Party + k.Maker; { // one of the two is empty
		case owner != r.Source:
		case !k.Revoked.IsZero():
			return "revoked_key", nil
		default:
			return "valid", nil
		}
	}
	if owner != "" {
		return "invalid", fmt.Errorf("a signature of %s under a record of %s", owner, r.Source)
	}
	return "invalid", errors.New("a signature that key " + keys[0].Name() + " did not make over this record")
}
