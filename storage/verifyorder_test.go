package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// shortStretches has the log cut into stretches of a few records.
func shortStretches(t *testing.T, records int64) {
	usual := stretchRecords
	stretchRecords = records
	t.Cleanup(func() { stretchRecords = usual })
}

// verifyInPieces verifies what a database holds in the shortest stretches that there are:
// the log by few records, all else by single keys.
func verifyInPieces(t *testing.T, l *Ledger) error {
	t.Helper()
	defer func(usual int64) { stretchRecords = usual }(stretchRecords)
	stretchRecords = 7
	v := l.newVerifier(t.Context(), l.db, VerifyConfig{})
	if err := v.log(l.Len()); err != nil {
		return err
	}
	var at [][]byte
	for key, err := range l.keys(t.Context(), l.db, nil, nil) {
		require.NoError(t, err)
		at = append(at, bytes.Clone(key.Key()))
	}
	return v.indexes(keyStretches(at))
}

func differs(t *testing.T, err error) *Difference {
	t.Helper()
	d, ok := errors.AsType[*Difference](err)
	require.True(t, ok, "%T: %v", err, err)
	return d
}

// A count of records that is not what the log says is named, of several the first.
func TestVerifyNamesCounts(t *testing.T) {
	count := func(n uint64) []byte { return binary.AppendUvarint(nil, n) }
	cell := func(source string, day trace.Day) []byte { return appendSourceKey(nil, sourceDay{source, day}) }
	records := some(t, rand.New(rand.NewPCG(1, 1)), 0, 300)
	source := records[0].Source
	var days []trace.Day // of the source
	counts := map[trace.Day]uint64{}
	for _, r := range records {
		if r.Source == source {
			counts[r.Known()]++
		}
	}
	for day := trace.Day(-100_000); day < 100_000; day++ {
		if counts[day] > 0 {
			days = append(days, day)
		}
	}
	require.Greater(t, len(days), 3)
	first, second, last := days[0], days[1], days[len(days)-1]
	said := func(found, wanted string) string { return "storage: sources: found " + found + ", wanted " + wanted }
	of := func(n uint64, day trace.Day) string {
		return fmt.Sprintf("%d records of %s known on %s", n, source, day)
	}
	n := func(day trace.Day) string { return fmt.Sprint(counts[day]) }

	type change struct{ key, value []byte } // nil: taken away
	for name, c := range map[string]struct {
		changes []change
		says    string
	}{
		"altered":      {[]change{{cell(source, second), count(counts[second] + 1)}}, said(of(counts[second]+1, second), n(second))},
		"very large":   {[]change{{cell(source, second), count(1 << 60)}}, said(of(1<<60, second), n(second))},
		"none":         {[]change{{cell(source, second), count(0)}}, said("nothing", of(counts[second], second))},
		"missing":      {[]change{{cell(source, second), nil}}, said("nothing", of(counts[second], second))},
		"last missing": {[]change{{cell(source, last), nil}}, said("nothing", of(counts[last], last))},
		"extra":        {[]change{{cell(source, last+1), count(3)}}, said(of(3, last+1), "0")},
		"extra first":  {[]change{{cell(source, first-1), count(3)}}, said(of(3, first-1), "0")},
		"moved":        {[]change{{cell(source, first), count(counts[first] + 1)}, {cell(source, last), count(counts[last] - 1)}}, said(of(counts[first]+1, first), n(first))},
		"moved away":   {[]change{{cell(source, second), nil}, {cell(source, last+1), count(counts[second])}}, said("nothing", of(counts[second], second))},
		"of nobody":    {[]change{{cell("XQ", 5), count(1)}}, said("1 records of XQ known on 1970-01-06", "0")},
		"sum altered":  {[]change{{textKey(tagSourceSum, source), count(1 << 60)}}, said(fmt.Sprintf("%d records of %s", 1<<60, source), fmt.Sprint(total64(counts)))},
		"sum missing":  {[]change{{textKey(tagSourceSum, source), nil}}, said("nothing", fmt.Sprintf("%d records of %s", total64(counts), source))},
	} {
		t.Run(name, func(t *testing.T) {
			l := mustOpen(t, vfs.NewMem())
			mustAppend(t, l, records)
			for _, c := range c.changes {
				if c.value == nil {
					require.NoError(t, l.db.Delete(c.key, pebble.Sync))
				} else {
					require.NoError(t, l.db.Set(c.key, c.value, pebble.Sync))
				}
			}
			_, err := l.Verify(t.Context(), VerifyConfig{})
			require.EqualError(t, differs(t, err), c.says)
			require.EqualError(t, verifyInPieces(t, l), c.says)
			require.NoError(t, l.Close())
		})
	}
}

// What is said of the last part of a block is compared with its parts.
func TestVerifyNamesLastParts(t *testing.T) {
	defer func(usual int) { epochEntries = usual }(epochEntries)
	epochEntries = 2
	l := mustOpen(t, vfs.NewMem())
	mustAppend(t, l, some(t, rand.New(rand.NewPCG(1, 1)), 0, 600))
	_, err := l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, verifyInPieces(t, l))
	grown := 0
	for key, err := range l.keys(t.Context(), l.db, []byte{tagGrown}, []byte{tagGrown + 1}) {
		require.NoError(t, err)
		value, err := key.ValueAndErr()
		require.NoError(t, err)
		k, n := bytes.Clone(key.Key()), bytes.Clone(value)
		for _, other := range [][]byte{nil, append(n, 0), {n[0] + 1}} {
			if other == nil {
				require.NoError(t, l.db.Delete(k, pebble.Sync))
			} else {
				require.NoError(t, l.db.Set(k, other, pebble.Sync))
			}
			_, err := l.Verify(t.Context(), VerifyConfig{})
			d := differs(t, err)
			require.Equal(t, "grown blocks", d.Where)
			require.Contains(t, err.Error(), fmt.Sprintf("under key %x", k))
			require.Equal(t, err, verifyInPieces(t, l))
		}
		require.NoError(t, l.db.Set(k, n, pebble.Sync))
		if grown++; grown == 5 {
			break
		}
	}
	require.Equal(t, 5, grown)
	require.NoError(t, l.Close())
}

func total64(counts map[trace.Day]uint64) (n uint64) {
	for _, of := range counts {
		n += of
	}
	return n
}

// Of several differences the first in the log is named, however many goroutines look for
// them.
func TestVerifyNamesTheFirst(t *testing.T) {
	shortStretches(t, 7)
	records := some(t, rand.New(rand.NewPCG(1, 1)), 0, 700)
	for where, spoil := range map[string]func(db *pebble.DB, seq int64) error{
		inLog:   func(db *pebble.DB, seq int64) error { return db.Set(logKey(seq), []byte{9}, pebble.Sync) },
		"names": func(db *pebble.DB, seq int64) error { return db.Delete(nameKey(records[seq].Ref()), pebble.Sync) },
		"days": func(db *pebble.DB, seq int64) error {
			return db.Delete(dayKey(nil, records[seq].At.Day(), seq), pebble.Sync)
		},
	} {
		for _, processors := range []int{1, 2, 8} {
			t.Run(fmt.Sprint(where, processors), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
				l := mustOpen(t, vfs.NewMem())
				mustAppend(t, l, records)
				for _, seq := range []int64{699, 691, 300, 55, 41, 28, 27, 1, 0} {
					require.NoError(t, spoil(l.db, seq))
					_, err := l.Verify(t.Context(), VerifyConfig{})
					d := differs(t, err)
					require.Equal(t, where, d.Where)
					require.Equal(t, seq, d.Seq, "%v", err)
				}
				require.NoError(t, l.Close())
			})
		}
	}
}

// A record that is missing and a key that is no place in the log are found wherever the
// log is cut.
func TestVerifyNamesGaps(t *testing.T) {
	shortStretches(t, 7)
	l := mustOpen(t, vfs.NewMem())
	mustAppend(t, l, some(t, rand.New(rand.NewPCG(1, 1)), 0, 30))
	for seq := range int64(30) {
		value, closer, err := l.db.Get(logKey(seq))
		require.NoError(t, err)
		value = bytes.Clone(value)
		require.NoError(t, closer.Close())
		odd := append(logKey(seq), 0)
		require.NoError(t, l.db.Set(odd, value, pebble.Sync))
		_, err = l.Verify(t.Context(), VerifyConfig{})
		d := differs(t, err)
		require.Equal(t, inLog, d.Where)
		require.Equal(t, seq+1, d.Seq)
		require.Equal(t, fmt.Sprintf("key %x", odd), d.Found)
		require.NoError(t, l.db.Delete(odd, pebble.Sync))

		require.NoError(t, l.db.Delete(logKey(seq), pebble.Sync))
		_, err = l.Verify(t.Context(), VerifyConfig{})
		if d = differs(t, err); seq == 29 {
			require.Equal(t, inTree, d.Where) // nothing comes after it
		} else {
			require.Equal(t, inLog, d.Where)
			require.Equal(t, seq, d.Seq)
			require.Equal(t, fmt.Sprintf("key %x", logKey(seq+1)), d.Found)
		}
		require.NoError(t, l.db.Set(logKey(seq), value, pebble.Sync))
	}
	_, err := l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

// Who ends the context ends the verification at any time, and nothing goes on reading.
func TestVerifyCancelled(t *testing.T) {
	shortStretches(t, 7)
	l := mustOpen(t, vfs.NewMem())
	mustAppend(t, l, some(t, rand.New(rand.NewPCG(1, 1)), 0, 700))
	var told []int64
	_, err := l.Verify(t.Context(), VerifyConfig{Progress: func(records int64) { told = append(told, records) }})
	require.NoError(t, err)
	require.Len(t, told, 100)
	require.IsIncreasing(t, told)
	require.EqualValues(t, 700, told[99])
	for _, at := range []int64{7, 350, 700} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := l.Verify(ctx, VerifyConfig{Progress: func(records int64) {
			if records == at {
				cancel()
			}
		}})
		require.ErrorIs(t, err, context.Canceled, "at %d", at)
		cancel()
	}
	require.NoError(t, l.Close()) // which fails where something is still read
}

func TestInOrder(t *testing.T) {
	const n = 500
	stop := errors.New("enough")
	for _, end := range []int{0, 1, 100, n} {
		var running atomic.Int64
		var joined []int
		ctx, cancel := context.WithCancel(t.Context())
		err := inOrder(ctx, n, func(ctx context.Context, i int) int {
			running.Add(1)
			defer running.Add(-1)
			time.Sleep(time.Duration(i%3) * time.Millisecond / 10)
			return i
		}, func(i int) error {
			joined = append(joined, i)
			switch {
			case i != end:
				return nil
			case i%2 == 0:
				return stop
			}
			cancel()
			return ctx.Err()
		})
		require.Zero(t, running.Load())
		require.Len(t, joined, min(end+1, n))
		require.True(t, slices.IsSorted(joined))
		switch {
		case end == n:
			require.NoError(t, err)
		case end%2 == 0:
			require.ErrorIs(t, err, stop)
		default:
			require.ErrorIs(t, err, context.Canceled)
		}
		cancel()
	}
}

func TestHashSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	of := func(s hashSum) *big.Int {
		n := new(big.Int)
		for i := range s {
			n.Add(n, new(big.Int).Lsh(new(big.Int).SetUint64(s[i]), uint(64*i)))
		}
		return n
	}
	var sum, joined hashSum
	want, whole := new(big.Int), new(big.Int).Lsh(big.NewInt(1), 256)
	for range 1000 {
		var h [32]byte
		for i := range h {
			h[i] = byte(rng.Uint32())
			if rng.IntN(4) == 0 {
				h[i] = 0xff
			}
		}
		n := []uint64{0, 1, 2, rng.Uint64(), 1<<64 - 1}[rng.IntN(5)]
		sum.add(h, n)
		var one hashSum
		one.add(h, 1)
		var many hashSum
		many.add(h, n)
		joined.join(&many)
		want.Add(want, new(big.Int).Mul(of(one), new(big.Int).SetUint64(n))).Mod(want, whole)
		require.Equal(t, want, of(sum))
		require.Equal(t, sum, joined)
	}
}
