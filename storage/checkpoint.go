package storage

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// SignHead writes a head in the form in which it is published: a signed
// checkpoint (c2sp.org/tlog-checkpoint). Origin names the log, such as
// example.org/ledger. Signers come from [note.NewSigner] or [NewSigner].
func SignHead(h Head, origin string, signers ...note.Signer) ([]byte, error) {
	if origin == "" || strings.ContainsFunc(origin, func(r rune) bool { return unicode.IsSpace(r) || r == '+' }) {
		return nil, fmt.Errorf("storage: %q cannot name a log: wanted a name such as example.org/ledger, without spaces and +", origin)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	return note.Sign(&note.Note{Text: text}, signers...)
}

const (
	maxCheckpoint = 64 << 10 // bytes, far above what one needs
	maxSize       = 1 << 48  // records, far above what a log can hold
)

// ReadHead reads what a checkpoint claims: the log that it is of and the log's
// head. It does not look at who signed it; see [OpenHead].
func ReadHead(checkpoint []byte) (origin string, h Head, err error) {
	if len(checkpoint) > maxCheckpoint {
		return "", Head{}, fmt.Errorf("storage: a checkpoint of %d bytes, wanted %d at most", len(checkpoint), maxCheckpoint)
	}
	text, _, _ := bytes.Cut(checkpoint, []byte("\n\n"))
	lines := strings.SplitN(string(text), "\n", 4)
	if len(lines) < 3 || lines[0] == "" {
		return "", Head{}, errors.New("storage: this is no checkpoint: wanted the name of a log, its size and its root, one a line")
	}
	h.Size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || h.Size < 0 || h.Size > maxSize || strconv.FormatInt(h.Size, 10) != lines[1] {
		return "", Head{}, fmt.Errorf("storage: the checkpoint has %.40q, wanted how many records", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(h.Root) {
		return "", Head{}, fmt.Errorf("storage: the checkpoint has %.80q, wanted a root in base64", lines[2])
	}
	copy(h.Root[:], root)
	if h.Size == 0 && h.Root != emptyRoot {
		return "", Head{}, errors.New("storage: the checkpoint has a root for a log without records")
	}
	return lines[0], h, nil
}

// OpenHead reads a signed checkpoint of the log that origin names. At least one
// of the verifiers must have signed it; names lists all of them that did.
func OpenHead(checkpoint []byte, origin string, verifiers ...note.Verifier) (h Head, names []string, err error) {
	of, h, err := ReadHead(checkpoint)
	if err != nil {
		return Head{}, nil, err
	}
	if of != origin {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint is of %.80q, wanted %q", of, origin)
	}
	n, err := note.Open(checkpoint, note.VerifierList(verifiers...))
	if err != nil {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint is not signed by anybody who is trusted: %w", err)
	}
	for _, s := range n.Sigs {
		names = append(names, s.Name)
	}
	return h, names, nil
}

// Signature algorithms of checkpoints.
const (
	algEd25519     = 0x01
	algCosignature = 0x04
)

// NewSigner returns the signer of checkpoints for an Ed25519 key, and the text
// form of its public half that [note.NewVerifier] reads.
func NewSigner(name string, key crypto.Signer) (note.Signer, string, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, "", fmt.Errorf("storage: a checkpoint is signed with Ed25519, not %T", key.Public())
	}
	text, err := note.NewEd25519VerifierKey(name, pub)
	if err != nil {
		return nil, "", fmt.Errorf("storage: signer %q: %w", name, err)
	}
	return signer{name, keyHash(name, algEd25519, pub), func(msg []byte) ([]byte, error) {
		return key.Sign(nil, msg, crypto.Hash(0))
	}}, text, nil
}

type signer struct {
	name string
	hash uint32
	sign func([]byte) ([]byte, error)
}

func (s signer) Name() string                    { return s.name }
func (s signer) KeyHash() uint32                 { return s.hash }
func (s signer) Sign(msg []byte) ([]byte, error) { return s.sign(msg) }

func keyHash(name string, algorithm byte, pub ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append(append([]byte(name+"\n"), algorithm), pub...))
	return binary.BigEndian.Uint32(sum[:])
}

// Cosign adds the signature of a witness to a checkpoint, after checking that
// the log grew from the head that the witness signed before, which is the zero
// Head at first. An operator who signs alone could publish two histories; one
// who is witnessed cannot. Log verifies the operator's signature; at is the
// time that the cosignature states (c2sp.org/tlog-cosignature). It returns the
// checkpoint and the head that the witness must keep for the next time.
func Cosign(checkpoint []byte, origin string, log note.Verifier, kept Head, growth tlog.TreeProof, name string, key crypto.Signer, at time.Time) ([]byte, Head, error) {
	h, _, err := OpenHead(checkpoint, origin, log)
	if err != nil {
		return nil, Head{}, err
	}
	if len(growth) > maxGrowth {
		return nil, Head{}, fmt.Errorf("storage: a proof of growth of %d hashes, wanted %d at most", len(growth), maxGrowth)
	}
	if err := checkGrowth(growth, kept, h); err != nil {
		return nil, Head{}, fmt.Errorf("storage: not cosigned: %s did not grow from %s: %w", h, kept, err)
	}
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, Head{}, fmt.Errorf("storage: a checkpoint is cosigned with Ed25519, not %T", key.Public())
	}
	w := signer{name, keyHash(name, algCosignature, pub), func(msg []byte) ([]byte, error) {
		stamp := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
		sig, err := key.Sign(nil, cosigned(at.Unix(), msg), crypto.Hash(0))
		return append(stamp, sig...), err
	}}
	n, err := note.Open(checkpoint, note.VerifierList(log))
	if err != nil {
		return nil, Head{}, err
	}
	out, err := note.Sign(n, w)
	return out, h, err
}

// cosigned is what a witness signs.
func cosigned(at int64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// maxGrowth is the longest that a proof of growth can be.
const maxGrowth = 63

// NewWitness returns the verifier of the cosignatures of a witness. Its text
// form, which fmt prints, is what [ParseVerifier] reads.
func NewWitness(name string, pub ed25519.PublicKey) note.Verifier {
	return witness{name, bytes.Clone(pub)}
}

type witness struct {
	name string
	pub  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return keyHash(w.name, algCosignature, w.pub) }

func (w witness) String() string {
	return fmt.Sprintf("%s+%08x+%s", w.name, w.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, w.pub...)))
}

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at <= math.MaxInt64 && ed25519.Verify(w.pub, cosigned(int64(at), msg), sig[8:])
}

// ParseVerifier reads the text form of the public half of a key that signs
// checkpoints, name+hash+key (c2sp.org/signed-note): of an operator, whose key
// begins with the byte 1, or of a witness, whose key begins with the byte 4.
func ParseVerifier(text string) (note.Verifier, error) {
	fail := func(why string) (note.Verifier, error) {
		return nil, fmt.Errorf("storage: %.120q is no verifier key: %s", text, why)
	}
	name, rest, _ := strings.Cut(text, "+")
	hash, encoded, ok := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case !ok || name == "" || strings.ContainsFunc(name, unicode.IsSpace):
		return fail("wanted name+hash+key")
	case err != nil || len(key) != 1+ed25519.PublicKeySize:
		return fail("wanted a key of 33 bytes in base64")
	case key[0] != algEd25519 && key[0] != algCosignature:
		return fail(fmt.Sprintf("algorithm %d, wanted 1 (Ed25519) or 4 (Ed25519 cosignature)", key[0]))
	case hash != fmt.Sprintf("%08x", keyHash(name, key[0], key[1:])):
		return fail("its hash is not that of the name and key: a character was changed")
	}
	if key[0] == algCosignature {
		return witness{name, key[1:]}, nil
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return fail(err.Error())
	}
	return v, nil
}

// CosignedAt returns when the witness of that name says it cosigned a
// checkpoint, the latest of its cosignatures; the zero time where it did not.
// Nothing is verified: it is for a witness that reads what it wrote itself.
func CosignedAt(checkpoint []byte, name string) (time.Time, error) {
	_, err := note.Open(checkpoint, note.VerifierList())
	unverified, ok := errors.AsType[*note.UnverifiedNoteError](err)
	if !ok {
		return time.Time{}, fmt.Errorf("storage: the checkpoint cannot be read: %w", err)
	}
	n := unverified.Note
	var last time.Time
	for _, sig := range n.UnverifiedSigs {
		b, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil || sig.Name != name || len(b) != 4+8+ed25519.SignatureSize {
			continue
		}
		if at := time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0); at.After(last) {
			last = at
		}
	}
	return last, nil
}
