package storage

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A disk that is really full, not one that says so: appends are refused before it
// is, and where something else takes the room that was left, the process says so
// and ends; all that was acknowledged is there, and more once there is room.
// It needs the right to mount.
func TestRealDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("no right to mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	ledger := filepath.Join(dir, "ledger")

	// The usual reserve is more than the disk has.
	l, err := Open(ledger, Config{})
	require.NoError(t, err)
	_, err = l.Append(t.Context(), batchOf(t, 0, 3))
	require.Equal(t, DiskFull, problem(t, err))
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(ledger))

	// Without reserve, and somebody else's file in the way.
	t.Setenv(childSpare, "1")
	t.Setenv(childCount, "10000") // more than there is room for
	for _, left := range []int64{24 << 10, 60 << 10, 100 << 10, 200 << 10, 400 << 10, 1 << 20} {
		ballast := filepath.Join(dir, "ballast")
		l, err := Open(ledger, Config{spare: 1})
		require.NoError(t, err)
		have := l.Len()
		require.NoError(t, l.Close())
		fillDisk(t, ballast, left)
		child := runChild(t, ledger, "", -1, 1000+int(left), 0)
		t.Logf("%d KiB left: %d acknowledged, %s %s", left>>10, child.acked-have, child.last, firstLine(child.output))
		require.NotEqual(t, "done", child.last)
		require.NotContains(t, child.output, "goroutine ")
		require.NotContains(t, child.last, "not an Error")
		require.NoError(t, os.Remove(ballast))
		whole(t, ledger, max(have, child.acked))
	}
}

// fillDisk writes a file that leaves so many bytes of a disk.
func fillDisk(t *testing.T, name string, left int64) {
	t.Helper()
	var s syscall.Statfs_t
	require.NoError(t, syscall.Statfs(filepath.Dir(name), &s))
	f, err := os.Create(name)
	require.NoError(t, err)
	block := make([]byte, 4096)
	for n := int64(s.Bavail)*s.Bsize - left; n > 0; n -= int64(len(block)) {
		_, err := f.Write(block)
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
}
