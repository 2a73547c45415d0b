package storage

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
)

// FuzzCheckpoint: what is signed is read back as it was signed, and nothing that
// nobody signed is.
func FuzzCheckpoint(f *testing.F) {
	const origin = "ledger.example/xa"
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	signer, public, err := NewSigner(origin, key)
	require.NoError(f, err)
	verifier, err := ParseVerifier(public)
	require.NoError(f, err)
	head := Head{Size: 7, Root: [32]byte{1, 2, 3}}
	checkpoint, err := SignHead(head, origin, signer)
	require.NoError(f, err)
	cosigned, _, err := Cosign(checkpoint, origin, verifier, Head{}, nil, "w.example", key, time.Unix(1, 0))
	require.NoError(f, err)
	f.Add(checkpoint)
	f.Add(cosigned)
	w := NewWitness("w.example", key.Public().(ed25519.PublicKey))
	f.Fuzz(func(t *testing.T, b []byte) {
		of, h, err := ReadHead(b)
		if err == nil && h.Size > 0 {
			again, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%s\n", of, bytes.ReplaceAll([]byte(h.String()), []byte(" "), []byte("\n")))}, signer)
			if err == nil {
				from, same, err := ReadHead(again)
				require.NoError(t, err)
				require.Equal(t, of, from)
				require.Equal(t, h, same)
			}
		}
		opened, names, err := OpenHead(b, origin, verifier, w)
		if err == nil {
			require.Equal(t, head, opened, "a head that nobody signed")
			require.NotEmpty(t, names)
		}
		_, _ = CosignedAt(b, "w.example")
	})
}

// FuzzVerifier: a verifier key has one spelling.
func FuzzVerifier(f *testing.F) {
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	_, public, err := NewSigner("ledger.example/xa", key)
	require.NoError(f, err)
	f.Add(public)
	f.Add(fmt.Sprint(NewWitness("w.example", key.Public().(ed25519.PublicKey))))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVerifier(text)
		if err != nil {
			return
		}
		if w, ok := v.(fmt.Stringer); ok {
			require.Equal(t, text, w.String())
		}
		require.False(t, v.Verify([]byte("x"), make([]byte, 72)))
	})
}

// FuzzHeadFile: whatever the HEAD file holds, opening ends with an error or with
// the ledger that is there.
func FuzzHeadFile(f *testing.F) {
	fs := vfs.NewMem()
	l, err := Open("ledger", Config{fs: fs, CachedRecords: 1})
	require.NoError(f, err)
	head := l.Head()
	require.NoError(f, l.Close())
	read := func(fs vfs.FS) []byte {
		file, err := fs.Open("ledger/" + headFile)
		require.NoError(f, err)
		defer file.Close()
		b := make([]byte, slotDistance+slotSize)
		n, _ := file.ReadAt(b, 0)
		return b[:n]
	}
	good := read(fs)
	f.Add(good[:slotSize])
	f.Add(good)
	later := slot{format: headFormat, turn: 9, head: Head{Size: 1, Root: [32]byte{1}}}
	f.Add(later.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		mem := vfs.NewMem()
		_, err := vfs.Clone(fs, mem, "ledger", "ledger")
		require.NoError(t, err)
		writeFile(t, mem, "ledger/"+headFile, b)
		l, err := Open("ledger", Config{fs: mem, CachedRecords: 1})
		if err != nil {
			require.NotEmpty(t, problem(t, err))
			return
		}
		require.Equal(t, head, l.Head())
		require.NoError(t, l.Close())
	})
}
