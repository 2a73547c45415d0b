package storage

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// A ledger of an older format is brought to the present one, whole, and one that
// was copied, when it is restored.
func TestMigrate(t *testing.T) {
	atOnce := migratedAtOnce
	t.Cleanup(func() { migratedAtOnce = atOnce })
	migratedAtOnce = 7 // so that records name others that were worked out before
	for _, c := range []struct {
		format int
		head   string // as the version that made it said
	}{
		{1, "153 "},
		{2, "300 Nj31nCqy2OFcsh3D1Lwnk9nSzQzTmYP0jsC5B0xIdXI="},
		{3, "600 MFNQqhkoUmIKqJOfG0ri1jFVOCc41nx6B/Nd/k/6zsk="},
	} {
		t.Run(fmt.Sprint(c.format), func(t *testing.T) {
			require.Less(t, c.format, headFormat)
			migrated(t, c.format, c.head)
		})
	}
}

func migrated(t *testing.T, written int, head string) {
	fs := vfs.NewMem()
	unzip(t, fs, fmt.Sprintf("testdata/format%d.zip", written))
	_, err := Open("ledger", Config{fs: fs, ReadOnly: true})
	e, ok := err.(*Error)
	require.True(t, ok, "%v", err)
	require.Equal(t, OlderFormat, e.Problem)
	require.NotEmpty(t, e.Hint())

	s, format, err := readHead(fs, "ledger")
	require.NoError(t, err)
	require.Equal(t, written, format)
	want := s.head
	require.Contains(t, want.String(), head)

	// Cut short at any time before its end, it begins anew.
	for range 2 {
		var told []int64
		l, err := Open("ledger", Config{fs: fs, Migrating: func(done, records int64) {
			require.Equal(t, want.Size, records)
			told = append(told, done)
		}})
		require.NoError(t, err)
		require.Greater(t, len(told), 5)
		require.Equal(t, want.Size, told[len(told)-1])
		require.Equal(t, want, l.Head())
		report, err := l.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
		require.Equal(t, want, report.Head)
		require.NoError(t, l.Close())
		now, format, err := readHead(fs, "ledger")
		require.NoError(t, err)
		require.Equal(t, headFormat, format)
		s.turn = now.turn + 10
		require.NoError(t, createHead(fs, "ledger", s))
	}

	s.kind = kindCopy
	require.NoError(t, createHead(fs, "ledger", s))
	restored, err := restore(t.Context(), fs, "ledger", "restored", VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, want, restored)
}

func unzip(t *testing.T, fs vfs.FS, name string) {
	t.Helper()
	z, err := zip.OpenReader(name)
	require.NoError(t, err)
	defer z.Close()
	for _, f := range z.File {
		require.NoError(t, fs.MkdirAll(path.Dir(f.Name), os.ModePerm))
		in, err := f.Open()
		require.NoError(t, err)
		out, err := fs.Create(f.Name, vfs.WriteCategoryUnspecified)
		require.NoError(t, err)
		_, err = io.Copy(out, in)
		require.NoError(t, err)
		require.NoError(t, out.Sync())
		require.NoError(t, out.Close())
	}
}
