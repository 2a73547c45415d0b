package storage

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/stretchr/testify/require"
)

// A filter may hold any key that was added, tells of nearly all keys that are looked up and
// were not, and says nothing of those of lists.
func TestKeyFilter(t *testing.T) {
	key := func(tag byte, i int) []byte { return fmt.Appendf([]byte{tag}, "XA-1:T%d", i) }
	for _, n := range []int{0, 1, 1000} {
		w := keysFilter.NewWriter(sstable.TableFilter)
		for _, tag := range []byte{tagName, tagSpan, tagParty} {
			for i := range n {
				w.AddKey(key(tag, i))
			}
		}
		filter := w.Finish(nil)
		require.LessOrEqual(t, len(filter), 2*n*10/8+200, "keys of lists take room")
		others := 0
		for i := range 2000 {
			for _, tag := range []byte{tagName, tagSpan} {
				there := keysFilter.MayContain(sstable.TableFilter, filter, key(tag, i))
				require.True(t, there || i >= n)
				if there && i >= n {
					others++
				}
			}
			require.True(t, keysFilter.MayContain(sstable.TableFilter, filter, key(tagParty, i)))
		}
		require.Less(t, others, 4000/20)
	}
}
