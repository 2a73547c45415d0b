package trace_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/trace"
)

// dealerWith returns a dealer that bought twelve rounds of one lot for each of two
// end users, and gave one at a time to many; crate 2 went to the police before.
func dealerWith(gifts int) []string {
	party := func(id, role string) string {
		return fmt.Sprintf(`{"kind":"party","source":"XA-EXP","id":%q,"name":"Party %s","country":"XA","roles":[%q]}`, id, id, role)
	}
	transfer := func(id, from, to, more string, lines string) string {
		return fmt.Sprintf(`{"kind":"transfer","source":%q,"id":%q,"at":"2024-03-%02d","from":%q,"to":%q,%s"lines":[%s]}`, from, from+id, 1+len(id), from, to, more, lines)
	}
	all := []string{party("QTZ", "maker"), party("XA-EXP", "authority"), party("XA-DEAL", "dealer"), party("XA-POL", "end_user"), party("XA-ARMY", "end_user"), party("XA-NAVY", "end_user"),
		`{"kind":"lot","source":"QTZ","id":"L","item":"QTZ/24K1","calibre":"9x19","quantity":48}`,
		`{"kind":"pack","source":"QTZ","id":"P","at":"2024-01-02","item":"QTZ/24K1","quantity":48,"units":[{"item":"QTZ/24K1/01..02","level":"crate","each":24}]}`,
		transfer("a", "QTZ", "XA-POL", "", `{"item":"QTZ/24K1/02","quantity":24}`),
		transfer("b", "QTZ", "XA-DEAL", `"end_user":"XA-ARMY",`, `{"item":"QTZ/24K1/01","quantity":12}`),
		transfer("cc", "QTZ", "XA-DEAL", `"end_user":"XA-NAVY",`, `{"item":"QTZ/24K1/01","quantity":12}`)}
	for i := range gifts {
		id := fmt.Sprintf("XA-U%02d", i)
		all = append(all, party(id, "end_user"), transfer(fmt.Sprintf("%03d", i), "XA-DEAL", id, `"end_user":"XA-ARMY",`, `{"item":"QTZ/24K1/01","quantity":1}`))
	}
	return all
}

// Where there are more courses than are followed, no party is missing and no
// quantity too low, and the finding says so; goods that no such course touches are
// answered as ever.
func TestMoreCoursesThanAreFollowed(t *testing.T) {
	ask := func(gifts int, item string) *trace.Finding {
		l, err := worldLedger(dealerWith(gifts))
		require.NoError(t, err)
		f, err := trace.Resolve(context.Background(), l, queryOf(oracle.Question{Item: item, Recovered: "2024-06-01"}))
		require.NoError(t, err)
		return f
	}
	quantities := func(f *trace.Finding) map[string]int64 {
		of := map[string]int64{}
		for _, c := range f.Candidates {
			of[c.Party] = c.Quantity
			require.NotEmpty(t, c.Records, c.Party)
		}
		return of
	}
	few := ask(3, "QTZ/24K1/01")
	require.Equal(t, map[string]int64{"XA-ARMY": 12, "XA-NAVY": 12}, quantities(few))
	require.NotContains(t, few.Next.String(), "more ways open")

	many := ask(11, "QTZ/24K1/01")
	all := quantities(many)
	require.Len(t, all, 15) // the maker, the dealer, the army, the navy and all who got one
	require.GreaterOrEqual(t, all["XA-ARMY"], int64(12))
	require.GreaterOrEqual(t, all["XA-NAVY"], int64(12))
	require.Nil(t, many.EndUser)
	require.Nil(t, many.LastHolder)
	require.Contains(t, many.Next.String(), "Ask XA-DEAL which of their rounds of QTZ/24K1/01 they gave")

	other := ask(11, "QTZ/24K1/02")
	require.Equal(t, trace.EndUserIdentified, other.Outcome)
	require.Equal(t, "XA-POL", other.EndUser.Party)
}
