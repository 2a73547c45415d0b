package line

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

var (
	sublots = marking.MustParseSpan("XCW/XCW24C001-012/001..012")
	crates  = marking.MustParseSpan("XCW/XCW24C001-012/001/0001..0400")
)

// take asks for numbers until there are n of them or none is left.
func take(t testing.TB, a *Allocator, span marking.Span, n int) (ids []marking.ID) {
	t.Helper()
	for range n {
		id, err := a.Next(span)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	return ids
}

// The same numbers go on after closing; none is left out and none in doubt.
func TestGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "numbers")
	next := uint64(1)
	for shift := range 5 {
		a, err := Open(dir, Config{Block: 7})
		require.NoError(t, err)
		for range 80 {
			id, err := a.Next(crates)
			require.NoError(t, err)
			require.Equal(t, crates.SpanIn(next, next).First(), id)
			next++
		}
		require.Equal(t, sublots.SpanIn(uint64(shift+1), uint64(shift+1)).First(), take(t, a, sublots, 1)[0])
		require.NoError(t, a.Close())
		require.NoError(t, a.Close(), "twice is no error")
		_, err = a.Next(crates)
		require.ErrorContains(t, err, "closed")
		require.Empty(t, a.Doubt())
		require.Zero(t, a.Damaged())
	}
	a, err := Open(dir, Config{})
	require.NoError(t, err)
	defer a.Close()
	_, err = a.Next(crates)
	require.ErrorIs(t, err, ErrUsedUp)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Hint())
}

// A span that begins at random gives each of its numbers once all the same, also
// where the line is opened again in between.
func TestRandomStart(t *testing.T) {
	starts := map[marking.ID]bool{}
	for range 20 {
		dir := t.TempDir()
		seen := map[marking.ID]bool{}
		for len(seen) < 400 {
			a, err := Open(dir, Config{Block: 11, Random: rand.Reader})
			require.NoError(t, err)
			for range 100 {
				id, err := a.Next(crates)
				if errors.Is(err, ErrUsedUp) {
					break
				}
				require.NoError(t, err)
				require.False(t, seen[id], "%v twice", id)
				require.True(t, crates.Holds(id))
				if len(seen) == 0 {
					starts[id] = true
				}
				seen[id] = true
			}
			require.NoError(t, a.Close())
		}
	}
	require.Greater(t, len(starts), 10, "numbers drawn differ")
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	a, err := Open(dir, Config{})
	require.NoError(t, err)
	take(t, a, crates, 1)
	for text, says := range map[string]string{
		"XCW/XCW24C001-012":                "no span of packages",
		"XCW/XCW24C001-012/001/0400..0500": "overlaps",
		"XCW/XCW24C001-012/001/0007":       "overlaps",
		"XCW/XCW24C001-012/001/0001..0399": "overlaps",
	} {
		_, err := a.Next(marking.MustParseSpan(text))
		require.ErrorContains(t, err, says, text)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Hint())
	}
	_, err = a.Next(marking.Span{})
	require.ErrorContains(t, err, "no span")
	take(t, a, marking.MustParseSpan("XCW/XCW24C001-012/001/0401..0500"), 1)
	take(t, a, marking.MustParseSpan("XCW/XCW24C001-012/001/0042/01..20"), 20) // within a crate
	one := marking.MustParseSpan("XCW/XCW24C001-012/PROOF")
	require.Equal(t, one.First(), take(t, a, one, 1)[0])
	_, err = a.Next(one)
	require.ErrorIs(t, err, ErrUsedUp)

	_, err = Open(dir, Config{})
	require.ErrorContains(t, err, "another process has the folder")
	require.NoError(t, a.Close())
	_, err = Open(dir, Config{Block: -1})
	require.ErrorContains(t, err, "blocks of -1")
	_, err = Open(dir, Config{Block: maxBlock + 1})
	require.Error(t, err)
	b, err := Open(dir, Config{Random: bytes.NewReader(nil)})
	require.NoError(t, err)
	defer b.Close()
	_, err = b.Next(marking.MustParseSpan("XCW/XCW24C001-013/001..012"))
	require.ErrorContains(t, err, "random")
	_, err = Open(filepath.Join(dir, logName), Config{})
	require.Error(t, err, "a file is no folder")
}

// A dry run says what would come, while a line runs, and leaves nothing behind.
func TestDryRun(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	a, err := Open(none, Config{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, "XCW/XCW24C001-012/001/0001", take(t, a, crates, 1)[0].String())
	require.NoError(t, a.Close())
	require.NoDirExists(t, none)

	dir := t.TempDir()
	real, err := Open(dir, Config{Block: 10})
	require.NoError(t, err)
	defer real.Close()
	take(t, real, crates, 10)
	before, err := os.ReadFile(filepath.Join(dir, logName))
	require.NoError(t, err)
	for range 2 {
		dry, err := Open(dir, Config{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, "XCW/XCW24C001-012/001/0011", take(t, dry, crates, 30)[0].String())
		require.Zero(t, dry.Damaged())
		require.NoError(t, dry.Close())
		_, err = dry.Next(crates)
		require.Error(t, err)
	}
	after, err := os.ReadFile(filepath.Join(dir, logName))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.Equal(t, "XCW/XCW24C001-012/001/0011", take(t, real, crates, 1)[0].String())
}

// Stations that ask at once never get one number, nor leave one out.
func TestStationsAtOnce(t *testing.T) {
	a, err := Open(t.TempDir(), Config{Block: 16, Random: rand.Reader})
	require.NoError(t, err)
	defer a.Close()
	var stations sync.WaitGroup
	got := make([][]marking.ID, 8)
	for i := range got {
		stations.Go(func() {
			for {
				id, err := a.Next(crates)
				if err != nil {
					if !errors.Is(err, ErrUsedUp) {
						t.Error(err)
					}
					return
				}
				got[i] = append(got[i], id)
			}
		})
	}
	stations.Wait()
	seen := map[marking.ID]bool{}
	for _, ids := range got {
		for _, id := range ids {
			require.False(t, seen[id], "%v twice", id)
			seen[id] = true
		}
	}
	require.Len(t, seen, 400)
}

// Any byte of the log changed, and any end cut off that was acknowledged, is
// found or takes nothing with it: no number comes twice.
func TestDamagedLog(t *testing.T) {
	dir := t.TempDir()
	given := map[marking.ID]bool{}
	for range 3 {
		a, err := Open(dir, Config{Block: 4})
		require.NoError(t, err)
		for _, id := range take(t, a, crates, 9) {
			given[id] = true
		}
		require.NoError(t, a.Close())
	}
	good, err := os.ReadFile(filepath.Join(dir, logName))
	require.NoError(t, err)
	try := func(b []byte) error {
		a, err := open(&ram{log: true, data: b}, Config{DryRun: true})
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Hint())
			return err
		}
		for _, id := range take(t, a, crates, 20) {
			require.False(t, given[id], "%v twice", id)
		}
		return nil
	}
	require.NoError(t, try(good))
	for i := range good {
		for _, c := range []byte{good[i] ^ 1, good[i] ^ 0x80, 0, '\n', '\t', '0'} {
			b := bytes.Clone(good)
			b[i] = c
			require.NoError(t, try(b), "byte %d: each line stands twice", i)
		}
	}
	lines := strings.SplitAfter(string(good), "\n")
	for i := range lines { // two lines gone: only at the end does it not show, as after a write that was cut off
		b := strings.Join(lines[:i], "") + strings.Join(lines[min(i+2, len(lines)):], "")
		if err := try([]byte(b)); err != nil {
			require.ErrorContains(t, err, "damaged")
		}
	}
	require.ErrorContains(t, try([]byte(strings.Join(lines[4:], ""))), "behind line 0")
	require.ErrorContains(t, try(bytes.Repeat([]byte{0}, 1<<20)), "damaged")
	for _, tail := range []string{"\x00\x00\x00", "9\treserve", strings.Repeat("x", 3000) + "\n", "\n\n"} {
		require.NoError(t, try(append(bytes.Clone(good), tail...)), "%.20q", tail)
	}
}

func FuzzLog(f *testing.F) {
	dir := f.TempDir()
	seeds := 0
	for i := range 4 {
		a, err := Open(dir, Config{Block: 1 + i})
		require.NoError(f, err)
		take(f, a, crates, 5)
		take(f, a, sublots, 1)
		if i != 2 {
			require.NoError(f, a.Close())
		} else {
			require.NoError(f, a.log.close()) // as if killed
		}
		b, err := os.ReadFile(filepath.Join(dir, logName))
		require.NoError(f, err)
		f.Add(b)
		seeds++
	}
	if seeds < 4 {
		f.Fatalf("%d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := &log{}
		all, err := l.load(bytes.NewReader(b))
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		a := &Allocator{all: all, cfg: Config{Block: 1}}
		a.Doubt()
		for span, s := range all {
			require.LessOrEqual(t, s.used, s.upto)
			require.LessOrEqual(t, s.upto, s.count)
			id, err := a.Next(span)
			require.Equal(t, s.upto == s.count && s.used == s.count && err != nil, err != nil)
			if err == nil {
				require.True(t, span.Holds(id))
			}
		}
	})
}

func BenchmarkNext(b *testing.B) {
	a, err := Open(b.TempDir(), Config{})
	require.NoError(b, err)
	defer a.Close()
	span := marking.MustParseSpan("XCW/XCW24C001-012/001/000000001..999999999")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Next(span); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	crates := marking.MustParseSpan("XCW/XCW24C001-012/001/0001..0400")
	for range 2 { // the line stops and is opened again
		numbers, err := Open(dir, Config{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(numbers.Next(crates))
		fmt.Println(numbers.Close())
	}
	// Output:
	// XCW/XCW24C001-012/001/0001 <nil>
	// <nil>
	// XCW/XCW24C001-012/001/0002 <nil>
	// <nil>
}
