package storage

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// SignHead writes a head in the form in which it is published: a signed
// checkpoint (c2sp.org/tlog-checkpoint). Origin names the log, such as
// example.org/ledger. Signers come from [note.NewSigner] or [NewSigner].
func SignHead(h Head, origin string, signers ...note.Signer) ([]byte, error) {
	if origin == "" || strings.ContainsAny(origin, "\n") {
		return nil, fmt.Errorf("storage: %q cannot name a log: wanted one line", origin)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	return note.Sign(&note.Note{Text: text}, signers...)
}

// OpenHead reads a signed checkpoint of the log that origin names. At least one
// of the verifiers must have signed it; names lists all of them that did.
func OpenHead(checkpoint []byte, origin string, verifiers ...note.Verifier) (h Head, names []string, err error) {
	n, err := note.Open(checkpoint, note.VerifierList(verifiers...))
	if err != nil {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint is not signed by anybody who is trusted: %w", err)
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != origin {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint is of %q, wanted %q", lines[0], origin)
	}
	h.Size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || h.Size < 0 || strconv.FormatInt(h.Size, 10) != lines[1] {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint has %q, wanted how many records", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(h.Root) {
		return Head{}, nil, fmt.Errorf("storage: the checkpoint has %q, wanted a root in base64", lines[2])
	}
	copy(h.Root[:], root)
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

// NewWitness returns the verifier of the cosignatures of a witness.
func NewWitness(name string, pub ed25519.PublicKey) note.Verifier {
	return witness{name, bytes.Clone(pub)}
}

type witness struct {
	name string
	pub  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return keyHash(w.name, algCosignature, w.pub) }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := int64(binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.pub, cosigned(at, msg), sig[8:])
}
