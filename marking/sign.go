package marking

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A KeyHint is what a frame says of the key that signed it: the first four
// bytes of SHA-256 over the algorithm and the public key. It finds keys; it
// proves nothing, and two keys may share one.
type KeyHint [hintLen]byte

// hintOf returns the hint of an Ed25519 public key.
func hintOf(public ed25519.PublicKey) (h KeyHint) {
	sum := sha256.Sum256(append([]byte("ed25519\x00"), public...))
	copy(h[:], sum[:])
	return h
}

// String writes the hint as 8 hexadecimal digits.
func (h KeyHint) String() string { return hex.EncodeToString(h[:]) }

// Sign returns the frame of m signed by key: the bytes that a symbol carries,
// 74 to 512 of them. The key may lie in a file (see [LoadKey]), or behind
// PKCS #11 or a cloud service; it must be an Ed25519 key that signs messages,
// not digests. The same mark and key give the same frame. A mark that does not
// fit gives a [*FrameError].
//
// The maker that the mark names must be the one that readers trust the key for;
// Sign cannot know that.
func Sign(m Mark, key crypto.Signer) ([]byte, error) {
	if key == nil {
		return nil, fmt.Errorf("marking: no key to sign with: make one with NewKey, or write an unsigned frame with Unsigned")
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("marking: a signing key of type %T, wanted Ed25519", key.Public())
	}
	w, err := wireOf(m, false)
	if err != nil {
		return nil, err
	}
	w.hint = hintOf(public)
	message := make([]byte, 0, len(signContext)+w.len())
	message = w.appendClaims(append(message, signContext...))
	sig, err := key.Sign(nil, message, crypto.Hash(0)) // Ed25519 needs no randomness
	if err != nil {
		return nil, fmt.Errorf("marking: signing the mark of %v: %w", m.Item, err)
	}
	if len(sig) != signatureLen {
		return nil, fmt.Errorf("marking: the key gave a signature of %d bytes, wanted %d", len(sig), signatureLen)
	}
	return append(message, sig...)[len(signContext):], nil
}

// Unsigned returns the frame of m without a signature. Anybody can make one:
// readers see the state [StateUnsigned].
func Unsigned(m Mark) ([]byte, error) {
	w, err := wireOf(m, true)
	if err != nil {
		return nil, err
	}
	return w.appendClaims(make([]byte, 0, w.len())), nil
}
