package storage

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

func problem(t *testing.T, err error) Problem {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	require.True(t, ok, "%T: %v", err, err)
	require.NotEmpty(t, e.Hint())
	return e.Problem
}

// some returns n records of different names.
func some(t *testing.T, rng *rand.Rand, from, n int) []*trace.Record {
	t.Helper()
	out := make([]*trace.Record, n)
	for i := range out {
		r := randomRecord(t, rng, 1)
		head := *r
		head.ID = string(rune('a'+i%26)) + "-" + trace.Day(from+i).String()
		fresh, err := trace.NewRecord(head)
		require.NoError(t, err)
		fresh.KeyHint, fresh.Signature = r.KeyHint, r.Signature
		out[i] = fresh
	}
	return out
}

func mustAppend(t *testing.T, l *Ledger, records []*trace.Record) {
	t.Helper()
	done, err := l.Append(t.Context(), records)
	require.NoError(t, err)
	require.EqualValues(t, len(records), done.Accepted)
}

func TestOpenRefusesForeignFolders(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "letters.txt"), []byte("x"), 0o644))
	_, err := Open(dir, Config{})
	require.Equal(t, NotALedger, problem(t, err))
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 1, "the folder was not left as it was")

	_, err = Open(filepath.Join(dir, "letters.txt"), Config{})
	require.Equal(t, NotALedger, problem(t, err))
	_, err = Open(filepath.Join(dir, "none"), Config{ReadOnly: true})
	require.Equal(t, NotALedger, problem(t, err))
	_, err = os.Stat(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(t.TempDir(), Config{ReadOnly: true})
	require.Equal(t, NotALedger, problem(t, err))
}

func TestOpenTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	l, err := Open(dir, Config{})
	require.NoError(t, err)
	for _, readOnly := range []bool{false, true} {
		_, err = Open(dir, Config{ReadOnly: readOnly})
		require.Equal(t, InUse, problem(t, err))
	}
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	l, err = Open(dir, Config{ReadOnly: true})
	require.NoError(t, err)
	_, err = l.Append(t.Context(), nil)
	require.Equal(t, ReadOnly, problem(t, err))
	require.NoError(t, l.Close())
	_, err = l.Append(t.Context(), nil)
	require.Equal(t, Closed, problem(t, err))
	_, err = l.Get("XA:1")
	require.Equal(t, Closed, problem(t, err))
	for _, err := range l.All(t.Context(), 0) {
		require.Equal(t, Closed, problem(t, err))
	}
}

// An opening that is cut short at its beginning leaves a folder that opens.
func TestOpenAfterAnUnfinishedBeginning(t *testing.T) {
	for _, name := range []string{lockFile, headFileNew} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o644))
		l, err := Open(dir, Config{})
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}

func TestOpenRefusesAShorterLog(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	fs := vfs.NewMem()
	l := mustOpen(t, fs)
	mustAppend(t, l, some(t, rng, 0, 20))
	require.NoError(t, l.Close())
	old := vfs.NewMem()
	_, err := vfs.Clone(fs, old, "ledger", "ledger")
	require.NoError(t, err)

	l = mustOpen(t, fs)
	mustAppend(t, l, some(t, rng, 20, 5))
	require.NoError(t, l.Close())

	// The older database beside the later HEAD file.
	b := readFile(t, fs, "ledger/HEAD")
	writeFile(t, old, "ledger/HEAD", b)
	_, err = Open("ledger", Config{fs: old})
	require.Equal(t, Shortened, problem(t, err))
	require.ErrorContains(t, err, "25 records, the log ends after 20")

	// No database at all.
	require.NoError(t, old.RemoveAll("ledger/db"))
	_, err = Open("ledger", Config{fs: old})
	require.Equal(t, Shortened, problem(t, err))

	// No HEAD file.
	require.NoError(t, fs.Remove("ledger/HEAD"))
	_, err = Open("ledger", Config{fs: fs})
	require.Equal(t, Damaged, problem(t, err))
}

func TestOpenRefusesANewerFormat(t *testing.T) {
	fs := vfs.NewMem()
	require.NoError(t, mustOpen(t, fs).Close())
	b := slot{head: Head{Root: emptyRoot}}.encode()
	b[len(headMagic)+1] = headFormat + 1
	writeFile(t, fs, "ledger/HEAD", resealed(b))
	_, err := Open("ledger", Config{fs: fs})
	require.Equal(t, NewerFormat, problem(t, err))
}

// smallDisk is a disk with little room.
type smallDisk struct {
	vfs.FS
	left uint64
}

func (d smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: d.left, TotalBytes: 1 << 40, UsedBytes: 1<<40 - d.left}, nil
}

func TestAppendRefusesAFullDisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	fs := vfs.NewMem()
	l, err := Open("ledger", Config{fs: smallDisk{fs, 1 << 20}})
	require.NoError(t, err)
	_, err = l.Append(t.Context(), some(t, rng, 0, 1))
	require.Equal(t, DiskFull, problem(t, err))
	require.Zero(t, l.Len())
	require.NoError(t, l.Close())
	l = mustOpen(t, fs)
	require.Zero(t, l.Len())
	mustAppend(t, l, some(t, rng, 0, 1))
	require.NoError(t, l.Close())
}
