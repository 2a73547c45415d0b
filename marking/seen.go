package marking

import (
	"crypto/ed25519"
	"crypto/sha256"
	"sync"
)

// seenMost bounds each of the two generations of a seen: together some 700 kB.
const seenMost = 4096

// A seen remembers the outcome of verifications, since a lot's mark is the same
// on all that it stands on and a scanner reads it again and again. What is
// remembered depends on nothing but the bytes, so it cannot go out of date. A
// nil seen remembers nothing.
type seen struct {
	mu          sync.Mutex
	new, before map[[sha256.Size]byte]bool
}

// verify is ed25519.Verify.
func (s *seen) verify(public ed25519.PublicKey, message, sig []byte) bool {
	if s == nil {
		return ed25519.Verify(public, message, sig)
	}
	h := sha256.New()
	h.Write(public) // 32 bytes, then 64: what is written has one reading
	h.Write(sig)
	h.Write(message)
	var k [sha256.Size]byte
	h.Sum(k[:0])

	s.mu.Lock()
	ok, found := s.new[k]
	if !found {
		ok, found = s.before[k]
	}
	s.mu.Unlock()
	if found {
		return ok
	}
	ok = ed25519.Verify(public, message, sig)

	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.new) >= seenMost || s.new == nil {
		s.before, s.new = s.new, make(map[[sha256.Size]byte]bool)
	}
	s.new[k] = ok
	return ok
}
