package bench

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// A world is what it says it is: its records are accepted, its transfers as many
// as were asked for, and its questions have answers.
func TestWorld(t *testing.T) {
	for levels := 1; levels <= 3; levels++ {
		w := NewWorld(3000, levels, 1)
		var b, again bytes.Buffer
		_, err := w.WriteTo(&b)
		require.NoError(t, err)
		_, err = NewWorld(3000, levels, 1).WriteTo(&again)
		require.NoError(t, err)
		require.Equal(t, b.String(), again.String())
		m := trace.NewMemory()
		_, err = trace.Import(t.Context(), m, []trace.ImportFile{{Name: "world", Reader: &b}}, trace.ImportConfig{})
		require.NoError(t, err)
		kinds := map[trace.Kind]int64{}
		depths := map[int]int{}
		for e, err := range m.All(t.Context(), 0) {
			require.NoError(t, err)
			kinds[e.Record.Kind]++
			if e.Record.Kind == trace.KindTransfer {
				depths[e.Record.Lines()[0].Item.First().Depth()]++
			}
		}
		require.EqualValues(t, 3000, kinds[trace.KindTransfer], "%v", kinds)
		require.Len(t, depths, levels)
		rng := rand.New(rand.NewPCG(1, 1))
		outcomes := map[trace.Outcome]int{}
		for range 40 {
			q := w.Ask(rng)
			f, err := trace.Resolve(t.Context(), m, trace.Query{Text: q.Item.String(), Recovered: q.Day, AsOf: -1, KnownOn: trace.NoDay})
			require.NoError(t, err)
			outcomes[f.Outcome]++
		}
		t.Log(levels, kinds, depths, outcomes)
		require.NotZero(t, outcomes[trace.EndUserIdentified])
	}
}
