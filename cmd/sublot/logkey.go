package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
)

// logKeyName is the file in the ledger's folder with the key that signs its heads
// where the operator names no other.
const logKeyName = "log.key"

// ledgerSigner returns the ledger's own key, made when it is needed first. It is
// kept in clear: it says that two bundles come from one ledger, and no more than
// that until its public half was handed over by another way. An operator whose
// word counts signs with a key that is kept elsewhere (--key, --origin).
func (s *session) ledgerSigner() (note.Signer, string, error) {
	if _, err := os.Stat(filepath.Join(s.store, "HEAD")); errors.Is(err, fs.ErrNotExist) {
		return nil, "", s.noLedger()
	}
	name := filepath.Join(s.store, logKeyName)
	b, err := readSmall(name, maxKeyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		b, err = newLogKey(name)
	}
	if err != nil {
		return nil, "", err
	}
	key, err := marking.LoadKey(b, nil)
	if err != nil {
		return nil, "", hinted(fmt.Errorf("%s: %s", name, message(err)), "restore it from a backup, or sign with --key FILE and --origin NAME")
	}
	return storage.NewSigner(logOrigin(key), key)
}

func newLogKey(name string) ([]byte, error) {
	key, err := marking.NewKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	b, err := marking.SaveKey(key, logOrigin(key), nil)
	if err != nil {
		return nil, err
	}
	return b, writeNew(name, b, 0o600)
}

// logOrigin is the name of a log that was given none: one that no other log has.
func logOrigin(key ed25519.PrivateKey) string {
	sum := sha256.Sum256(key.Public().(ed25519.PublicKey))
	return "sublot-ledger-" + hex.EncodeToString(sum[:8])
}
