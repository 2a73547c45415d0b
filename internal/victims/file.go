package victims

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// maxFile is the largest file that is read, decrypted: some 200,000 victims.
const maxFile = 64 << 20

// ErrPassphrase says that a file could not be decrypted with the passphrase given.
var ErrPassphrase = errors.New("victims: wrong passphrase, or the file was altered")

// Read decrypts a file of victims. Its form is JSON Lines inside the file format
// of age (age-encryption.org/v1), so that the age tool reads it too.
func Read(name, passphrase string) ([]Victim, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(bufio.NewReader(f), identity)
	if err != nil {
		if wrong := new(age.NoIdentityMatchError); errors.As(err, &wrong) {
			return nil, ErrPassphrase
		}
		return nil, fmt.Errorf("victims: %s: %w", name, err)
	}
	b, err := io.ReadAll(io.LimitReader(plain, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("victims: %s: %w", name, ErrPassphrase)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("victims: %s holds more than %d bytes", name, maxFile)
	}
	var all []Victim
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	for dec.More() {
		var v Victim
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("victims: %s, record %d: %w", name, len(all)+1, err)
		}
		if err := v.check(); err != nil {
			return nil, fmt.Errorf("victims: %s, record %d: %w", name, len(all)+1, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// Write encrypts victims into a file. The file is replaced as a whole or not at
// all, and never stands on the disk in clear.
func Write(name, passphrase string, all []Victim) (err error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".victims-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w, err := age.Encrypt(f, recipient)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	for _, v := range all {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
