package trace

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/marking"
)

// A shelvedMemory is a ledger in memory that keeps lots laid out.
type shelvedMemory struct {
	*Memory
	shelf *Shelf
}

func (l shelvedMemory) Shelf() *Shelf { return l.shelf }

func (l shelvedMemory) Append(ctx context.Context, rs []*Record) (Appended, error) {
	defer l.shelf.Appended(rs)
	return l.Memory.Append(ctx, rs)
}

// TestShelf asks random worlds while they grow, record by record in any order, and
// asks again: with lots kept from one question to the next the answers are those of a
// ledger that keeps nothing. SUBLOT_WORLDS says how many worlds, of which it asks a quarter.
func TestShelf(t *testing.T) {
	worlds := 40
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_WORLDS")); err == nil {
		worlds = max(n/4, 1)
	}
	kept := 0
	for seed := range uint64(worlds) {
		w := oracle.NewWorld(seed + 1)
		rng := rand.New(rand.NewPCG(seed, 5))
		l := shelvedMemory{NewMemory(), NewShelf(5000)}
		var records []*Record
		for _, line := range w.Records {
			r, err := ParseRecord([]byte(line))
			require.NoError(t, err)
			records = append(records, r)
		}
		rng.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		answer := func(ledger Ledger, q Query) string {
			f, err := Resolve(context.Background(), ledger, q)
			require.NoError(t, err)
			b, err := json.Marshal([]any{f, f.Steps})
			require.NoError(t, err)
			return string(b)
		}
		var questions []Query
		for _, q := range w.Questions {
			day := NoDay
			if q.Recovered != "" {
				var err error
				day, err = ParseDay(q.Recovered)
				require.NoError(t, err)
			}
			questions = append(questions, Query{Text: q.Item, Recovered: day, KnownOn: NoDay, AsOf: -1, Today: 20000})
		}
		for _, r := range records[:min(4, len(records))] {
			for _, item := range r.Items() {
				questions = append(questions, Query{Text: marking.SpanOf(item.Last()).String(), Recovered: NoDay, KnownOn: NoDay, AsOf: -1, Today: 20000})
			}
		}
		for len(records) > 0 {
			n := min(1+rng.IntN(6), len(records))
			_, err := l.Append(context.Background(), records[:n])
			require.NoError(t, err)
			records = records[n:]
			for range 3 {
				q := questions[rng.IntN(len(questions))]
				want := answer(l.Memory, q)
				for range 2 {
					require.Equal(t, want, answer(l, q), "world %d: %s on %s with %d records to come", seed+1, q.Text, q.Recovered, len(records))
				}
				kept += len(l.shelf.lots)
			}
		}
	}
	require.Greater(t, kept, worlds)
}

// TestShelfOfMany has a lot asked about by many at once while others append.
func TestShelfOfMany(t *testing.T) {
	w := oracle.NewWorld(7)
	l := shelvedMemory{NewMemory(), NewShelf(5000)}
	_, err := Import(t.Context(), l, []ImportFile{{Name: "world", Reader: strings.NewReader(strings.Join(w.Records, "\n"))}}, ImportConfig{})
	require.NoError(t, err)
	l.shelf.Appended(nil)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				for _, q := range w.Questions {
					query := Query{Text: q.Item, Recovered: NoDay, KnownOn: NoDay, AsOf: -1, Today: 20000}
					got, err := Resolve(t.Context(), l, query)
					if err != nil {
						t.Error(err)
						return
					}
					want, err := Resolve(t.Context(), l.Memory, query)
					if err != nil {
						t.Error(err)
						return
					}
					a, _ := json.Marshal(got)
					b, _ := json.Marshal(want)
					if string(a) != string(b) {
						t.Errorf("%s: %s\nwanted %s", q.Item, a, b)
					}
				}
				l.shelf.Appended([]*Record{{Kind: KindSighting, Body: &Sighting{Item: marking.SpanOf(marking.MustParseID(w.Questions[0].Item))}}})
			}
		})
	}
	group.Wait()
}
