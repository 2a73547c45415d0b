package oracle

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const cast = `{"kind":"party","source":"XA-EXP","id":"QTZ","name":"Quartz","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"Licences","country":"XA","roles":["authority"]}
{"kind":"party","source":"XA-EXP","id":"XB-E1","name":"Police","country":"XB","roles":["end_user"]}
{"kind":"party","source":"XA-EXP","id":"XC-E2","name":"Army","country":"XC","roles":["end_user"]}
{"kind":"lot","source":"QTZ","id":"L1","item":"QTZ/24K1","calibre":"9x19","quantity":6}
{"kind":"pack","source":"QTZ","id":"P1","at":"2024-01-02","item":"QTZ/24K1","quantity":6,"units":[{"item":"QTZ/24K1/01..03","level":"crate","each":2}]}
`

// What follows from a few records without doubt, worked out by hand.
func TestAskByHand(t *testing.T) {
	sell := `{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-03-01","from":"QTZ","to":"XB-E1","lines":[{"item":"QTZ/24K1/01","quantity":2}]}
`
	some := `{"kind":"transfer","source":"XA-EXP","id":"T2","at":"2024-03-02","from":"QTZ","to":"XC-E2","lines":[{"item":"QTZ/24K1","quantity":3}]}
`
	a := Read(split(cast+sell)).Ask(Question{Item: "QTZ/24K1/01", Recovered: "2024-03-01"}, Today)
	require.Equal(t, "END_USER_IDENTIFIED", a.Outcome)
	require.Equal(t, "XB-E1", a.EndUser)
	require.Contains(t, a.Flags, "LICENCE_MISSING")

	a = Read(split(cast+sell)).Ask(Question{Item: "QTZ/24K1/01", Recovered: "2024-02-29"}, Today)
	require.Equal(t, "LAST_RECORDED_HOLDER", a.Outcome)
	require.Equal(t, "QTZ", a.LastHolder)
	require.Equal(t, []string{"XB-E1"}, a.Excluded)

	// Three of the four rounds of crates 02 and 03 are with XC-E2: at most two of
	// either crate, and the maker has at most one.
	a = Read(split(cast+sell+some)).Ask(Question{Item: "QTZ/24K1/02", Recovered: "2024-04-01", Quantity: 2}, Today)
	require.Equal(t, []Candidate{{Party: "XC-E2", Quantity: 2, AtLeast: 1, Confirmed: "no"}, {Party: "QTZ", Quantity: 1}}, a.Candidates)

	a = Read(split(cast+sell)).Ask(Question{Item: "QTZ/24K1/04"}, Today)
	require.Equal(t, "NO_RECORD", a.Outcome)
}

func split(s string) (out []string) {
	for len(s) > 0 {
		i := 0
		for s[i] != '\n' {
			i++
		}
		out, s = append(out, s[:i]), s[i+1:]
	}
	return out
}

func TestNames(t *testing.T) {
	require.Equal(t, []string{"M/L/A08", "M/L/A09", "M/L/A10"}, names("M/L/A08..A10"))
	require.True(t, overlap("M/L/01..03", "M/L/02/17"))
	require.False(t, overlap("M/L/01", "M/L/010"))
}

func TestWorldsAreTheSameForOneSeed(t *testing.T) {
	require.Equal(t, NewWorld(7), NewWorld(7))
}
