package storage

import (
	"bytes"
	"crypto/sha256"
	"io"
	"sort"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

func readFile(t *testing.T, fs vfs.FS, name string) []byte {
	t.Helper()
	f, err := fs.Open(name)
	require.NoError(t, err)
	defer f.Close()
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	return b
}

func writeFile(t *testing.T, fs vfs.FS, name string, b []byte) {
	t.Helper()
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	require.NoError(t, err)
	_, err = f.Write(bytes.Clone(b))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}

// resealed gives a slot the checksum of what it says.
func resealed(b []byte) []byte {
	sum := sha256.Sum256(b[:slotChecked])
	return append(bytes.Clone(b[:slotChecked]), sum[:]...)
}

// allFiles returns the content of all files below a folder.
func allFiles(t *testing.T, fs vfs.FS, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	names, err := fs.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		path := fs.PathJoin(dir, name)
		info, err := fs.Stat(path)
		require.NoError(t, err)
		if info.IsDir() {
			for k, v := range allFiles(t, fs, path) {
				out[k] = v
			}
			continue
		}
		out[path] = readFile(t, fs, path)
	}
	return out
}

func fileNames(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// withFiles returns a file system that holds the files.
func withFiles(t *testing.T, files map[string][]byte) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	require.NoError(t, fs.MkdirAll("ledger/db", 0o755))
	for name, b := range files {
		writeFile(t, fs, name, b)
	}
	return fs
}
