package storage

import (
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// A name is found wherever it is: in the memory of the database, in its tables, on
// the way from one to the other, in what a bulk load brought, and after the ledger was
// opened again.
func TestNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	fs := vfs.NewMem()
	l := mustOpen(t, fs)
	var log []*trace.Record
	again := func(step string) {
		for range 20 {
			from := rng.IntN(len(log))
			batch := log[from:min(len(log), from+1+rng.IntN(100))]
			done, err := l.Append(t.Context(), batch)
			require.NoError(t, err, step)
			require.Equal(t, trace.Appended{Duplicate: int64(len(batch))}, done, step)
		}
	}
	more := func(n int) {
		records := some(t, rng, len(log), n)
		log = append(log, records...)
		mustAppend(t, l, records)
	}
	more(200)
	again("in memory")
	l.names.n = namesInFilter
	more(200)
	written := l.names.written
	require.NotNil(t, written)
	again("on the way into tables")
	<-written
	again("in tables")
	require.Nil(t, l.names.old)
	more(100)
	again("in both")
	b, err := l.Bulk(t.Context())
	require.NoError(t, err)
	records := some(t, rng, len(log), 500)
	p, err := b.Prepare(records, make([]int64, len(records)))
	require.NoError(t, err)
	require.NoError(t, b.Add(p))
	_, _, err = b.Commit(false)
	require.NoError(t, err)
	log = append(log, records...)
	again("after a bulk load")
	more(100)
	require.NoError(t, l.Close())
	l = mustOpen(t, fs)
	again("opened again")
	// A batch of some that are there and some that are not, some of them twice.
	records = some(t, rng, len(log), 150)
	mixed := append(append(append([]*trace.Record{}, records[:70]...), log[100:200]...), records...)
	done, err := l.Append(t.Context(), mixed)
	require.NoError(t, err)
	require.Equal(t, trace.Appended{Accepted: 150, Duplicate: 170}, done)
	_, err = l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
