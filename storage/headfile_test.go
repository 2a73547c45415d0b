package storage

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"
)

// The HEAD file comes after the records, soon, and where the ledger was closed it
// is there. A file that is behind is caught up with when the ledger is opened.
func TestHeadFileFollows(t *testing.T) {
	fs := vfs.NewMem()
	l := mustOpen(t, fs)
	mustAppend(t, l, batchOf(t, 1, 3))
	behind := readFile(t, fs, "ledger/HEAD")
	mustAppend(t, l, batchOf(t, 2, 4))
	inFile := func() Head {
		s, _, err := readHead(fs, "ledger")
		require.NoError(t, err)
		return s.head
	}
	require.Eventually(t, func() bool { return inFile() == l.Head() }, 10*time.Second, headEvery)
	mustAppend(t, l, batchOf(t, 3, 5))
	want := l.Head()
	require.NoError(t, l.Close())
	require.Equal(t, want, inFile())

	writeFile(t, fs, "ledger/HEAD", behind)
	require.Less(t, inFile().Size, want.Size)
	l = mustOpen(t, fs)
	require.Equal(t, want, l.Head())
	require.NoError(t, l.Close())
	require.Equal(t, want, inFile())
}

// Once the HEAD file cannot be written, appends are refused: what finds a journal
// that lost its end is not there for them. Closing says so, too.
func TestHeadFileFails(t *testing.T) {
	var failing atomic.Bool
	broken := errors.New("the disk is gone")
	mem := vfs.NewMem()
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if failing.Load() && op.Kind == errorfs.OpFileWriteAt && strings.HasSuffix(op.Path, headFile) {
			return broken
		}
		return nil
	}))
	l := mustOpen(t, fs)
	mustAppend(t, l, batchOf(t, 1, 3))
	failing.Store(true)
	mustAppend(t, l, batchOf(t, 2, 3)) // its records are safe
	require.Eventually(t, func() bool { return l.heads.err() != nil }, 10*time.Second, time.Millisecond)
	_, err := l.Append(t.Context(), batchOf(t, 3, 3))
	require.ErrorIs(t, err, broken)
	require.Equal(t, Failed, problem(t, err))
	_, err = l.Verify(t.Context(), VerifyConfig{})
	require.ErrorIs(t, err, broken)
	require.Error(t, l.Close())

	l = mustOpen(t, mem)
	require.EqualValues(t, 6, l.Len())
	_, err = l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
