package storage

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Lots that are kept are told of what is appended, and take no more room than
// they may.
func TestLotBlocks(t *testing.T) {
	l := mustOpen(t, vfs.NewMem())
	n := 0
	give := func(item string) {
		n++
		r, err := trace.ParseRecord(fmt.Appendf(nil, `{"kind":"transfer","source":"QTZ","id":"T%d","at":"2024-05-10","from":"QTZ","to":"XB-POL","lines":[{"item":"%s","quantity":10}]}`, n, item))
		require.NoError(t, err)
		_, err = l.Append(t.Context(), []*trace.Record{r})
		require.NoError(t, err)
	}
	held := func(item string) int {
		found, err := l.Custody(t.Context(), marking.MustParseID(item), -1, nil)
		require.NoError(t, err)
		return len(found)
	}
	give("QTZ/A/0001..0100")
	give("QTZ/B/0001..0100")
	for range 3 {
		require.Equal(t, 1, held("QTZ/A/0007"))
		require.Equal(t, 1, held("QTZ/B/0007"))
	}
	require.Len(t, l.blocks.lots, 2)
	give("QTZ/A/0007")
	require.Len(t, l.blocks.lots, 1, "what the append touched is dropped")
	require.Equal(t, 2, held("QTZ/A/0007"))
	require.Equal(t, 1, held("QTZ/A/0008"))
	require.Equal(t, 0, held("QTZ/C/0008"), "a lot without records is kept, too")
	give("QTZ/C/0008")
	require.Equal(t, 1, held("QTZ/C/0008"))

	k, err := l.iterators.take(l.db)
	require.NoError(t, err)
	old, err := readLot(k.it, marking.MustParseID("QTZ/A"))
	require.NoError(t, err)
	give("QTZ/A/0009") // while the lot was being read
	l.iterators.ifNew(k, func() { l.blocks.put(marking.MustParseID("QTZ/A"), old) })
	require.NoError(t, l.iterators.put(k))
	require.Equal(t, 2, held("QTZ/A/0009"))

	for i := range 2000 { // one lot larger than what is kept
		give(fmt.Sprintf("QTZ/D/%04d..%04d", i+1, i+3000))
	}
	require.Equal(t, 2000, held("QTZ/D/2500"))
	for range 5 {
		require.Equal(t, 2000, held("QTZ/D/2500"))
	}
	require.Nil(t, l.blocks.get(marking.MustParseID("QTZ/D")).at)

	l.blocks.room = 10 * lotOverhead
	for i := range 100 {
		require.Equal(t, 0, held(fmt.Sprintf("QTZ/E%d/0001", i)))
		require.LessOrEqual(t, l.blocks.size, l.blocks.room)
	}
	var sum int64
	for _, im := range l.blocks.lots {
		sum += im.bytes()
	}
	require.Equal(t, sum, l.blocks.size)
	require.NoError(t, l.Close())
}

// Whoever asks after an append has returned sees it, whatever others ask meanwhile.
func TestLotBlocksWhileAppending(t *testing.T) {
	l := mustOpen(t, vfs.NewMem())
	item := marking.MustParseID("QTZ/A/0007")
	var appended atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for appended.Load() < 300 {
				least := appended.Load()
				found, err := l.Custody(context.Background(), item, -1, nil)
				if err != nil || int64(len(found)) < least {
					t.Errorf("%d records after %d were appended: %v", len(found), least, err)
					return
				}
			}
		})
	}
	for i := range 300 {
		r, err := trace.ParseRecord(fmt.Appendf(nil, `{"kind":"sighting","source":"XA-POL","id":"S%d","at":"2024-05-10","by":"XA-POL","item":"QTZ/A/0007"}`, i))
		require.NoError(t, err)
		_, err = l.Append(t.Context(), []*trace.Record{r})
		require.NoError(t, err)
		appended.Add(1)
	}
	group.Wait()
	require.NoError(t, l.Close())
}
