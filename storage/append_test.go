package storage

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// Several ledgers of one process share the room that appends work in. Where a batch has
// records that the log holds already, those that are left are written as they are.
func TestAppendBesideOthers(t *testing.T) {
	var all sync.WaitGroup
	for k := range 4 {
		rng := rand.New(rand.NewPCG(uint64(k), 8))
		l := mustOpen(t, vfs.NewMem())
		log := some(t, rng, 0, 100)
		mustAppend(t, l, log)
		all.Go(func() {
			for i := range 60 {
				batch := append(some(t, rng, len(log), 99), log[i])
				done, err := l.Append(t.Context(), batch)
				if err != nil || done != (trace.Appended{Accepted: 99, Duplicate: 1}) {
					t.Errorf("batch %d: %+v %v", i, done, err)
					return
				}
				log = append(log, batch[:99]...)
			}
			for i, want := range log {
				e, err := l.Get(want.Ref())
				if err != nil || string(e.Record.Canonical) != string(want.Canonical) {
					t.Errorf("record %d is another: %v", i, err)
					return
				}
			}
			if _, err := l.Verify(t.Context(), VerifyConfig{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.False(t, t.Failed())
}

// What the database is known to take holds for what is counted alone: after a batch that
// is larger, it is asked again, and not at once.
func TestMemoryRoom(t *testing.T) {
	l := mustOpen(t, vfs.NewMem())
	m := memoryRoom{table: 16 << 20}
	require.True(t, m.takes(l.db, 1000))
	require.EqualValues(t, 1<<20-1000, m.left)
	require.False(t, m.takes(l.db, 2<<20))
	require.False(t, m.takes(l.db, 1000))
	m.asked = m.asked.Add(-roomAskedEvery)
	require.True(t, m.takes(l.db, 1000))
	m.table = 16 // less than the database's memory has room for
	m.left, m.asked = 0, m.asked.Add(-roomAskedEvery)
	require.False(t, m.takes(l.db, 1))
}
