package storage

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

func TestBackupAndRestore(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	l, err := Open(at("ledger"), Config{})
	require.NoError(t, err)
	mustAppend(t, l, some(t, rng, 0, 300))
	head, err := l.Backup(at("copy"))
	require.NoError(t, err)
	require.Equal(t, l.Head(), head)
	_, err = l.Backup(at("copy"))
	require.Error(t, err)
	mustAppend(t, l, some(t, rng, 300, 50)) // the ledger goes on

	// A copy is read by several and written by nobody.
	_, err = Open(at("copy"), Config{})
	require.Equal(t, ReadOnly, problem(t, err))
	a, err := Open(at("copy"), Config{ReadOnly: true})
	require.NoError(t, err)
	b, err := Open(at("copy"), Config{ReadOnly: true})
	require.NoError(t, err)
	for _, c := range []*Ledger{a, b} {
		require.Equal(t, head, c.Head())
		_, err := c.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}

	got, err := Restore(t.Context(), at("copy"), at("restored"), VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, head, got)
	_, err = Restore(t.Context(), at("copy"), at("restored"), VerifyConfig{})
	require.Error(t, err)
	r, err := Open(at("restored"), Config{})
	require.NoError(t, err)
	require.Equal(t, head, r.Head())
	mustAppend(t, r, some(t, rng, 300, 5))
	_, err = r.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.NoError(t, l.Close())
}

// A copy that was changed is not restored.
func TestRestoreRefusesADamagedCopy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	fs := vfs.NewMem()
	l := mustOpen(t, fs)
	mustAppend(t, l, some(t, rng, 0, 300))
	require.NoError(t, l.db.Flush())
	_, err := l.Backup("copy")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	for name, b := range allFiles(t, fs, "copy") {
		if kindOf(name) == "table" {
			b[len(b)/3] ^= 1
			writeFile(t, fs, name, b)
		}
	}
	_, err = restore(t.Context(), fs, "copy", "restored", VerifyConfig{})
	require.Error(t, err)
	_, err = fs.Stat("restored")
	require.Error(t, err)
}

// What is exported and imported again has the same head.
func TestExportKeepsTheHead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	l, m := mustOpen(t, vfs.NewMem()), mustOpen(t, vfs.NewMem())
	mustAppend(t, l, some(t, rng, 0, 200))
	mustAppend(t, l, some(t, rng, 200, 77))
	var out bytes.Buffer
	n, err := trace.Export(context.Background(), &out, l)
	require.NoError(t, err)
	require.EqualValues(t, 277, n)
	_, err = trace.Import(t.Context(), m, []trace.ImportFile{{Name: "export", Reader: &out}}, trace.ImportConfig{})
	require.NoError(t, err)
	require.Equal(t, l.Head(), m.Head())
	require.NoError(t, l.Close())
	require.NoError(t, m.Close())
}
