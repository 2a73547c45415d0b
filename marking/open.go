package marking

import (
	"errors"
	"fmt"
)

// A State says what the signature of a mark is worth to one reader. The names
// are those of a finding.
type State string

// The states of a signature.
const (
	StateValid      State = "valid"       // a trusted key of the mark's maker signed it
	StateInvalid    State = "invalid"     // a trusted key has the hint, but the signature or the maker is wrong
	StateUnsigned   State = "unsigned"    // the frame has no signature
	StateUnknownKey State = "unknown_key" // no trusted key has the hint
	StateRevokedKey State = "revoked_key" // the key signed it and was revoked, at Verdict.Key.Revoked
	StateRegistered State = "registered"  // a register pointer, which carries no signature; never the result of Open
)

// A Verdict is what [Open] found.
type Verdict struct {
	Mark      Mark    // what the mark states
	Signature State   // what its signature is worth
	Hint      KeyHint // of the key the frame names; zero where unsigned
	Key       Key     // the key that signed it; zero unless the state is valid, revoked_key, or invalid for the key's sake
	Reason    string  // why it is not valid, in one sentence; empty where it is
}

// errNoTrust is not exported: nobody should branch on it.
var errNoTrust = errors.New("marking: Open was not told whom to trust: read a trust file with ParseTrust, or take the claims alone with Read")

// Open reads a frame and verifies it against the keys that the reader trusts.
// There is no default for whom to trust: a nil trust is an error.
//
// An error means that the bytes are no frame. A frame always gives a verdict,
// and what the mark states is in it whatever the verdict is; only where the
// state is valid did the maker state it. A signature says who made the mark,
// not that the rounds in the package are those that were packed, nor that this
// is the only copy of the mark.
//
// A revoked key is reported with its date. Whether a mark of it can still be
// believed depends on records logged before that date, which package trace
// decides.
func Open(frame []byte, trust *Trust) (Verdict, error) {
	if trust == nil {
		return Verdict{}, errNoTrust
	}
	w, m, err := parseFrame(frame)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Mark: m, Hint: w.hint}
	if w.unsigned {
		v.Signature, v.Reason = StateUnsigned, "the mark carries no signature"
		return v, nil
	}
	candidates := trust.byHint[w.hint]
	if len(candidates) == 0 {
		v.Signature, v.Reason = StateUnknownKey, fmt.Sprintf("no trusted key has the hint %v", w.hint)
		return v, nil
	}
	claims := len(frame) - signatureLen
	message := make([]byte, 0, len(signContext)+claims)
	message = append(append(message, signContext...), frame[:claims]...)
	v.Signature = StateInvalid
	v.Reason = fmt.Sprintf("the signature is not that of the trusted key with the hint %v: the mark was altered, or made by somebody else", w.hint)
	// Keys with one hint are nearly always one key; where the same public key is
	// listed for several makers, the one that fits best speaks.
	for _, k := range candidates {
		if !trust.seen.verify(k.Public, message, w.sig) {
			continue
		}
		state, reason := k.judge(m)
		if v.Key.Public == nil || better(state, v.Signature) {
			v.Key, v.Signature, v.Reason = k, state, reason
		}
	}
	return v, nil
}

// judge says what a good signature by k makes of m.
func (k Key) judge(m Mark) (State, string) {
	switch {
	case k.Maker != m.Item.Maker():
		return StateInvalid, fmt.Sprintf("the mark names the maker %s, and the key that signed it is %s's", m.Item.Maker(), k.Maker)
	case !k.ValidTo.IsZero() && m.Made != 0 && m.Made.First().After(k.ValidTo):
		return StateInvalid, fmt.Sprintf("the mark states manufacture in %v, after the last day of its key, %s", m.Made, day(k.ValidTo))
	case !k.Revoked.IsZero():
		return StateRevokedKey, fmt.Sprintf("the key that signed it was revoked on %s", day(k.Revoked))
	}
	return StateValid, ""
}

// better reports whether a says more for a mark than b.
func better(a, b State) bool {
	rank := map[State]int{StateInvalid: 0, StateRevokedKey: 1, StateValid: 2}
	return rank[a] > rank[b]
}

// Read returns what a frame claims without verifying anything, and the hint of
// the key that is said to have signed it, zero where none did. Show it as a
// claim, never as a statement.
func Read(frame []byte) (Mark, KeyHint, error) {
	w, m, err := parseFrame(frame)
	return m, w.hint, err
}
