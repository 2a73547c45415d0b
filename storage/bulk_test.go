package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// small makes runs, parts of blocks and parts of batches so short that few records have
// several.
func small(t *testing.T) {
	t.Helper()
	runs, together, parts, voids, records, items := runRecords, maxRuns, epochEntries, voidsAtOnce, partRecords, itemPart
	t.Cleanup(func() {
		runRecords, maxRuns, epochEntries, voidsAtOnce, partRecords, itemPart = runs, together, parts, voids, records, items
	})
	runRecords, maxRuns, epochEntries, voidsAtOnce, partRecords, itemPart = 37, 3, 2, 5, 2, 500
}

// What comes in bulk is as if it had been appended: the same log and the same
// answers, whatever came before, twice, or in conflict.
func TestBulk(t *testing.T) {
	small(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			fs := vfs.NewMem()
			l := mustOpen(t, fs)
			model := trace.NewMemory()
			for range 12 {
				var batch []*trace.Record
				for range rng.IntN(1 + rng.IntN(300)) {
					batch = append(batch, randomRecord(t, rng, 4000))
					if rng.IntN(20) == 0 {
						batch = append(batch, batch[rng.IntN(len(batch))])
					}
				}
				if rng.IntN(3) == 0 {
					want, wantErr := model.Append(t.Context(), batch)
					got, err := l.Append(t.Context(), batch)
					require.Equal(t, wantErr, err)
					require.Equal(t, want, got)
				} else {
					loadBulk(t, rng, l, model, batch)
				}
				if rng.IntN(4) == 0 {
					require.NoError(t, l.Close())
					l = mustOpen(t, fs)
				}
				compare(t, rng, model, l, 20)
				report, err := l.Verify(t.Context(), VerifyConfig{})
				require.NoError(t, err)
				require.Equal(t, l.Head(), report.Head)
			}
			compare(t, rng, model, l, 200)
			require.NotEmpty(t, l.epochs.last, "no block grew")
			require.NoError(t, l.Close())
		})
	}
}

// loadBulk gives a batch in bulk, and the model what should come of it.
func loadBulk(t *testing.T, rng *rand.Rand, l *Ledger, model *trace.Memory, batch []*trace.Record) {
	t.Helper()
	proceed := rng.IntN(2) == 0
	before := l.Head()
	b, err := l.Bulk(t.Context())
	require.NoError(t, err)
	for from := 0; from < len(batch); {
		some := batch[from:min(len(batch), from+1+rng.IntN(60))]
		places := make([]int64, len(some))
		for i := range some {
			places[i] = int64(from + i)
		}
		from += len(some)
		p, err := b.Prepare(some, places)
		require.NoError(t, err)
		require.NoError(t, b.Add(p))
	}
	if rng.IntN(8) == 0 {
		require.NoError(t, b.Close())
		require.Equal(t, before, l.Head())
		return
	}
	got, conflicts, err := b.Commit(proceed)
	require.NoError(t, err)
	require.NoError(t, b.Close())

	var good []*trace.Record
	first := map[trace.Ref]int64{}
	var bad []int64
	for i, r := range batch {
		var old *trace.Record
		place := int64(-1)
		if e, err := model.Get(r.Ref()); err == nil {
			old = e.Record
		} else if at, ok := first[r.Ref()]; ok {
			old, place = batch[at], at
		} else {
			first[r.Ref()] = int64(i)
		}
		if old == nil || string(old.Canonical) == string(r.Canonical) {
			good = append(good, r)
			continue
		}
		bad = append(bad, int64(i))
		k := len(bad) - 1
		if proceed { // else the first that is found is enough
			require.Less(t, k, len(conflicts))
			require.Equal(t, int64(i), conflicts[k].Place)
			require.Equal(t, place, conflicts[k].OldPlace)
			require.Equal(t, string(old.Canonical), string(conflicts[k].Old.Canonical))
		}
	}
	if len(bad) > 0 && !proceed {
		require.NotEmpty(t, conflicts)
		require.Zero(t, got)
		require.Equal(t, before, l.Head())
		return
	}
	require.Len(t, conflicts, len(bad))
	want, err := model.Append(t.Context(), good)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// A load that a crash cut short leaves nothing behind, and one that was done is
// there after any crash.
func TestBulkCrash(t *testing.T) {
	small(t)
	rng := rand.New(rand.NewPCG(1, 9))
	disk := vfs.NewCrashableMem()
	l := mustOpen(t, disk)
	mustAppend(t, l, some(t, rng, 0, 100))
	before := l.Head()
	b, err := l.Bulk(t.Context())
	require.NoError(t, err)
	for from := 100; from < 400; from += 100 {
		records := some(t, rng, from, 100)
		p, err := b.Prepare(records, make([]int64, len(records)))
		require.NoError(t, err)
		require.NoError(t, b.Add(p))
	}
	check := func(fs *vfs.MemFS, want Head) {
		l := mustOpen(t, fs)
		require.Equal(t, want, l.Head())
		report, err := l.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
		require.Equal(t, want, report.Head)
		_, err = fs.Stat("ledger/" + stagingFolder)
		require.True(t, errors.Is(err, os.ErrNotExist))
		require.NoError(t, l.Close())
	}
	for _, percent := range []int{0, 50, 100} {
		check(disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng}), before)
	}
	done, _, err := b.Commit(false)
	require.NoError(t, err)
	require.EqualValues(t, 300, done.Accepted)
	for _, percent := range []int{0, 50, 100} {
		check(disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng}), l.Head())
	}
	require.NoError(t, l.Close())
}

// A sorted run that is not as it was written is refused, and nothing is loaded.
func TestBulkDamagedRun(t *testing.T) {
	small(t)
	for _, change := range []string{"byte", "end", "length"} {
		rng := rand.New(rand.NewPCG(9, 5))
		fs := vfs.NewMem()
		l := mustOpen(t, fs)
		mustAppend(t, l, some(t, rng, 0, 50))
		head := l.Head()
		load, err := l.Bulk(t.Context())
		require.NoError(t, err)
		records := some(t, rng, 50, 30)
		p, err := load.Prepare(records, make([]int64, len(records)))
		require.NoError(t, err)
		require.NoError(t, load.Add(p))
		b := load.(*bulk)
		require.NoError(t, b.run())
		b.running.Wait()
		require.Len(t, b.runs, 1)
		run := b.runs[0]
		size := run.tags[len(run.tags)-1]
		at := rng.Int64N(size)
		if change == "length" {
			at = 0
		}
		content := make([]byte, size)
		_, err = run.f.ReadAt(content, 0)
		require.NoError(t, err)
		content[at] ^= 1 << rng.IntN(8)
		if change == "end" {
			content = content[:at]
		}
		require.NoError(t, run.f.Close())
		run.f, err = fs.Create(run.name, vfs.WriteCategoryUnspecified)
		require.NoError(t, err)
		_, err = run.f.Write(content)
		require.NoError(t, err)
		_, _, err = load.Commit(false)
		require.ErrorContains(t, err, errRun.Error(), change)
		require.Equal(t, head, l.Head())
		_, err = l.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}

// What is added to a load that was closed is refused.
func TestBulkClosed(t *testing.T) {
	l, err := Open("ledger", Config{fs: vfs.NewMem()})
	require.NoError(t, err)
	defer l.Close()
	b, err := l.Bulk(t.Context())
	require.NoError(t, err)
	p, err := b.Prepare(nil, nil)
	require.NoError(t, err)
	require.NoError(t, b.Add(p))
	require.NoError(t, b.Close())
	require.Error(t, b.Add(p))
	require.NoError(t, b.Close())
}
