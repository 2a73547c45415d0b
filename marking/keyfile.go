package marking

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/ssh"
)

const (
	maxKeyFile = 64 << 10 // bytes

	// maxKDFRounds bounds the time a key file can cost: ssh-keygen writes 16 to 100
	// rounds of bcrypt, about 10 ms each.
	maxKDFRounds = 512
)

// Errors of [LoadKey] on which a program asks for a passphrase, or asks again.
var (
	ErrNoPassphrase    = errors.New("marking: the key file is encrypted: a passphrase is needed")
	ErrWrongPassphrase = errors.New("marking: wrong passphrase for the key file")
)

// NewKey makes a signing key from 32 bytes of random, which is crypto/rand.Reader
// outside tests.
func NewKey(random io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("marking: making a key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// SaveKey writes a key as an OpenSSH private key file, encrypted under the
// passphrase (bcrypt and AES-256), or in clear where it is empty. The comment
// stands in the encrypted part; ssh-keygen shows it. Write the file with mode
// 0600.
func SaveKey(key ed25519.PrivateKey, comment string, passphrase []byte) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("marking: a key of %d bytes, wanted %d", len(key), ed25519.PrivateKeySize)
	}
	var block *pem.Block
	var err error
	if len(passphrase) > 0 {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, comment, passphrase)
	} else {
		block, err = ssh.MarshalPrivateKey(key, comment)
	}
	if err != nil {
		return nil, fmt.Errorf("marking: writing a key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

// LoadKey reads an Ed25519 private key from a file in OpenSSH form, of ours or of
// ssh-keygen -t ed25519, or in PKCS #8 form without a passphrase. The passphrase
// is not looked at where the file is in clear. It fails with [ErrNoPassphrase]
// or [ErrWrongPassphrase] where the passphrase is missing or wrong.
func LoadKey(file, passphrase []byte) (ed25519.PrivateKey, error) {
	if len(file) > maxKeyFile {
		return nil, fmt.Errorf("marking: key file of %d bytes, wanted %d at most", len(file), maxKeyFile)
	}
	block, _ := pem.Decode(file)
	if block == nil {
		return nil, errors.New("marking: not a key file: no PEM block in it")
	}
	switch block.Type {
	case "OPENSSH PRIVATE KEY":
		if n, ok := kdfRounds(block.Bytes); ok && n > maxKDFRounds {
			return nil, fmt.Errorf("marking: key file asks for %d rounds of bcrypt, wanted %d at most", n, maxKDFRounds)
		}
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("marking: reading a key: %w", err)
		}
		return asEd25519(key)
	default:
		return nil, fmt.Errorf("marking: key file holds %s, wanted OPENSSH PRIVATE KEY", quote(block.Type))
	}
	key, err := ssh.ParseRawPrivateKey(file)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if len(passphrase) == 0 {
			return nil, ErrNoPassphrase
		}
		key, err = ssh.ParseRawPrivateKeyWithPassphrase(file, passphrase)
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrWrongPassphrase
		}
	}
	if err != nil {
		return nil, fmt.Errorf("marking: reading a key: %w", err)
	}
	return asEd25519(key)
}

func asEd25519(key any) (ed25519.PrivateKey, error) {
	switch k := key.(type) {
	case *ed25519.PrivateKey:
		return *k, nil
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, fmt.Errorf("marking: key file holds a key of type %T, wanted Ed25519: ssh-keygen -t ed25519 makes one", key)
}

// kdfRounds reads how many rounds an OpenSSH key file asks for. The layout is
// that of PROTOCOL.key: a magic, then strings: cipher, kdf, kdf options; the
// options are a string of salt and the rounds.
func kdfRounds(b []byte) (uint32, bool) {
	b, ok := bytes.CutPrefix(b, []byte("openssh-key-v1\x00"))
	if !ok {
		return 0, false
	}
	var field []byte
	for range 3 {
		if field, b, ok = cutString(b); !ok {
			return 0, false
		}
	}
	if _, field, ok = cutString(field); !ok || len(field) < 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(field), true
}

// cutString cuts a string with a length of four bytes.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if n > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}
