package storage

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// While one process writes others read a copy that it publishes, which stays
// whole whatever the writer does.
func TestReadersBesideAWriter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	w, err := Open(dir, Config{})
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 0, 200))
	first := w.Head()
	_, err = Open(dir, Config{Wait: 50 * time.Millisecond})
	require.Equal(t, InUse, problem(t, err), "a second writer")

	r, err := Open(dir, Config{ReadOnly: true, Wait: time.Minute})
	require.NoError(t, err)
	require.True(t, r.Shared())
	require.Equal(t, first, r.Head())
	mustAppend(t, w, some(t, rng, 200, 100))
	require.NoError(t, w.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false)) // the tables that the reader shares are gone here
	require.NoError(t, w.publishCopy(1000))
	second, err := Open(dir, Config{ReadOnly: true, Wait: time.Minute})
	require.NoError(t, err)
	require.Equal(t, w.Head(), second.Head())
	require.NoError(t, second.Close())

	// A backup is made of what a reader sees, and of what the writer holds.
	head, err := r.Backup(filepath.Join(filepath.Dir(dir), "copy"))
	require.NoError(t, err)
	require.Equal(t, first, head)
	got, err := Restore(t.Context(), filepath.Join(filepath.Dir(dir), "copy"), filepath.Join(filepath.Dir(dir), "restored"), VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, first, got)

	require.NoError(t, w.Close())
	report, err := r.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, first, report.Head)
	require.NoError(t, r.Close())
	w, err = Open(dir, Config{})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = os.Stat(filepath.Join(dir, readersFolder))
	require.ErrorIs(t, err, os.ErrNotExist, "copies were left")
}

// Nobody writes while others read, and they read what is there.
func TestReadersKeepAWriterOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	w, err := Open(dir, Config{})
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 0, 50))
	require.NoError(t, w.Close())
	a, err := Open(dir, Config{ReadOnly: true})
	require.NoError(t, err)
	b, err := Open(dir, Config{ReadOnly: true})
	require.NoError(t, err)
	_, err = Open(dir, Config{Wait: 50 * time.Millisecond})
	require.Equal(t, InUse, problem(t, err))
	for _, r := range []*Ledger{a, b} {
		require.False(t, r.Shared())
		_, err := r.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
	}
	require.NoError(t, a.Close())
	go func() {
		time.Sleep(100 * time.Millisecond)
		b.Close()
	}()
	w, err = Open(dir, Config{Wait: time.Minute}) // waits until the last reader is gone
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 50, 1))
	require.NoError(t, w.Close())
}

// Who reads aside keeps no writer out, sees the ledger as it was, and leaves nothing.
func TestReaderAside(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	w, err := Open(dir, Config{})
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 0, 150))
	require.NoError(t, w.db.Flush())
	mustAppend(t, w, some(t, rng, 150, 50)) // these are in the journal alone
	first := w.Head()
	require.NoError(t, w.Close())

	r, err := Open(dir, Config{ReadOnly: true, Aside: true})
	require.NoError(t, err)
	require.False(t, r.Shared())
	require.Equal(t, first, r.Head())
	w, err = Open(dir, Config{})
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 200, 100))
	require.NoError(t, w.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false))
	report, err := r.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, first, report.Head)
	// Another reader, meanwhile, is given what the writer publishes.
	other, err := Open(dir, Config{ReadOnly: true, Aside: true, Wait: time.Minute})
	require.NoError(t, err)
	require.True(t, other.Shared())
	require.Equal(t, w.Head(), other.Head())
	require.NoError(t, other.Close())
	require.NoError(t, w.Close())
	require.NoError(t, r.Close())
	_, err = os.Stat(filepath.Join(dir, readersFolder))
	require.ErrorIs(t, err, os.ErrNotExist, "copies were left")

	// Of a reader that was killed nothing stays once somebody writes.
	left := filepath.Join(dir, readersFolder, asidePrefix+"1-1")
	require.NoError(t, os.MkdirAll(left, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(left, "HEAD"), nil, 0o644))
	w, err = Open(dir, Config{})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = os.Stat(filepath.Join(dir, readersFolder))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Where no copy can be made the ledger itself is read.
func TestReaderCannotStepAside(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	w, err := Open(dir, Config{})
	require.NoError(t, err)
	mustAppend(t, w, some(t, rng, 0, 20))
	want := w.Head()
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, readersFolder), []byte("in the way"), 0o644))
	r, err := Open(dir, Config{ReadOnly: true, Aside: true})
	require.NoError(t, err)
	require.Equal(t, want, r.Head())
	_, err = Open(dir, Config{Wait: 50 * time.Millisecond})
	require.Equal(t, InUse, problem(t, err))
	require.NoError(t, r.Close())
}
