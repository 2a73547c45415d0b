package trace_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking/pointer"
	"github.com/sublot/sublot/trace"
)

// pointed asks what a register's number leads to.
func pointed(t *testing.T, l trace.Ledger, q trace.Query, numbers ...pointer.Number) *trace.Finding {
	t.Helper()
	q.Text, q.Pointers, q.AsOf = "P471131709945220687", numbers, -1
	q.Mark = &trace.MarkRead{Signature: "registered"}
	q.Recovered, q.KnownOn, q.Today = trace.NoDay, cmpDay(q.KnownOn), day(t, "2025-06-01")
	f, err := trace.Resolve(t.Context(), l, q)
	require.NoError(t, err)
	require.True(t, q.Mark.Stands.IsZero(), "the caller's mark was changed")
	return f
}

// cmpDay takes the zero of the test tables for no day.
func cmpDay(d trace.Day) trace.Day {
	if d == 0 {
		return trace.NoDay
	}
	return d
}

func day(t *testing.T, s string) trace.Day {
	d, err := trace.ParseDay(s)
	require.NoError(t, err)
	return d
}

func ledgerOf(t *testing.T, lines ...string) trace.Ledger {
	t.Helper()
	m := trace.NewMemory()
	_, err := trace.Import(t.Context(), m, []trace.ImportFile{{Name: "test", Reader: strings.NewReader(strings.Join(lines, "\n"))}}, trace.ImportConfig{})
	require.NoError(t, err)
	return m
}

var itemsPacked = []string{
	`{"kind":"party","source":"XA","id":"XCW","name":"Works","country":"XA","roles":["maker"]}`,
	`{"kind":"party","source":"XA","id":"XB-POL","name":"Police","country":"XB","roles":["end_user"]}`,
	`{"kind":"lot","source":"XCW","id":"L","item":"XCW/L1","calibre":"40x46","quantity":2000,"made":{"from":"2024-01-01"}}`,
	`{"kind":"pack","source":"XCW","id":"PK","at":"2024-01-01","item":"XCW/L1","quantity":2000,"units":[{"item":"XCW/L1/001..002","level":"sublot","each":1000},{"item":"XCW/L1/001/0001..1000","level":"item","each":1},{"item":"XCW/L1/002/0001..1000","level":"item","each":1}]}`,
	`{"kind":"transfer","source":"XCW","id":"T","at":"2024-02-01","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/L1/001","quantity":1000}]}`,
	`{"kind":"pointers","source":"XCW","id":"P1","at":"2024-01-02","from":501,"to":1500,"items":"XCW/L1/001/0001..1000"}`,
}

func TestPointer(t *testing.T) {
	l := ledgerOf(t, itemsPacked...)
	for number, item := range map[uint64]string{501: "0001", 1000: "0500", 1500: "1000"} {
		f := pointed(t, l, trace.Query{}, pointer.Number{Register: 4711, Issuer: "XCW", Sequence: number})
		require.Equal(t, "XCW/L1/001/"+item, f.Item.String())
		require.Equal(t, trace.EndUserIdentified, f.Outcome)
		require.Equal(t, "XB-POL", f.EndUser.Party)
		require.Equal(t, "registered", f.Mark.Signature)
		require.Equal(t, []trace.Ref{"XCW:P1"}, f.Mark.Records)
		require.Contains(t, f.Mark.Stands.String(), fmt.Sprintf("the number %d stands for XCW/L1/001/%s: no signature says", number, item))
		require.Empty(t, codesOf(f, "MARK_UNSIGNED", "MINIMUM_MARKS_NOT_MET"))
		for _, lang := range []string{"en", "fr"} {
			var b bytes.Buffer
			require.NoError(t, f.WriteText(&b, lang))
			require.NotContains(t, strings.ToLower(b.String()), "valid")
			require.Contains(t, b.String(), "[XCW:P1]")
		}
		require.Contains(t, textOf(t, f), "registered, which is not authentic")
	}
}

// A pointer that leads to no unit says why, and whom to ask.
func TestPointerWithoutRecord(t *testing.T) {
	l := ledgerOf(t, itemsPacked...)
	for _, number := range []uint64{1, 500, 1501, 1 << 52, 9_999_999_999_999_999} {
		f := pointed(t, l, trace.Query{}, pointer.Number{Register: 4711, Issuer: "XCW", Sequence: number})
		require.Equal(t, trace.NoRecord, f.Outcome)
		require.True(t, f.Item.IsZero())
		require.Nil(t, f.EndUser)
		require.Equal(t, fmt.Sprintf("No pointers record of XCW holds the number %d.", number), f.Mark.Stands.String())
		require.Contains(t, f.Next.String(), fmt.Sprintf("Ask XCW which item has the number %d", number))
	}
	f := pointed(t, l, trace.Query{}, pointer.Number{Register: 42})
	require.Equal(t, trace.NoRecord, f.Outcome)
	require.Contains(t, f.Mark.Stands.String(), "register 0042, and no key of it is here")
	require.Contains(t, f.Next.String(), "keeps the register 0042")
}

// Only the issuer's own word counts, as far as it was known, and until it is voided.
func TestWhosePointers(t *testing.T) {
	n := pointer.Number{Register: 4711, Issuer: "XCW", Sequence: 501}
	other := `{"kind":"pointers","source":"XB-POL","id":"P1","at":"2024-01-02","from":501,"to":501,"items":"XCW/L1/002/0007"}`
	f := pointed(t, ledgerOf(t, append(itemsPacked, other)...), trace.Query{}, n)
	require.Equal(t, "XCW/L1/001/0001", f.Item.String())

	f = pointed(t, ledgerOf(t, itemsPacked...), trace.Query{KnownOn: day(t, "2024-01-01")}, n)
	require.Equal(t, trace.NoRecord, f.Outcome)

	void := `{"kind":"correction","source":"XCW","id":"C","at":"2024-03-01","voids":"XCW:P1","reason":"wrong box"}`
	right := `{"kind":"pointers","source":"XCW","id":"P2","at":"2024-03-01","from":501,"to":1500,"items":"XCW/L1/002/0001..1000"}`
	f = pointed(t, ledgerOf(t, append(itemsPacked, void, right)...), trace.Query{}, n)
	require.Equal(t, "XCW/L1/002/0001", f.Item.String())

	// Two records that give one number to two items are both shown.
	f = pointed(t, ledgerOf(t, append(itemsPacked, right)...), trace.Query{}, n)
	require.Equal(t, trace.InsufficientMarks, f.Outcome)
	require.Len(t, f.Readings, 2)
	require.Nil(t, f.EndUser)

	// Two registers with the same digits: the one whose records hold the number counts.
	f = pointed(t, ledgerOf(t, itemsPacked...), trace.Query{}, pointer.Number{Register: 4711, Issuer: "XCX", Sequence: 9}, n)
	require.Equal(t, "XCW/L1/001/0001", f.Item.String())
	require.Equal(t, []trace.Ref{"XCW:P1"}, f.Mark.Records)
}

// Every number of many ranges of all sizes is found, and none beside them.
func TestPointerBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	lines := itemsPacked[:2]
	type span struct{ from, to uint64 }
	var spans []span
	at := uint64(0)
	for i := range 200 {
		at += 1 + rng.Uint64N(1<<rng.IntN(30))
		n := 1 + rng.Uint64N(1000)
		spans = append(spans, span{at, at + n - 1})
		lines = append(lines, fmt.Sprintf(`{"kind":"pointers","source":"XCW","id":"P%d","at":"2024-01-02","from":%d,"to":%d,"items":"XCW/L1/%03d/0001..%04d"}`, i, at, at+n-1, i, n))
		if n == 1 {
			lines[len(lines)-1] = strings.Replace(lines[len(lines)-1], "0001..0001", "0001", 1)
		}
		at += n
	}
	l := ledgerOf(t, lines...)
	for i, s := range spans {
		for _, n := range []uint64{s.from, s.to, (s.from + s.to) / 2} {
			f := pointed(t, l, trace.Query{}, pointer.Number{Issuer: "XCW", Sequence: n})
			require.Equal(t, fmt.Sprintf("XCW/L1/%03d/%04d", i, n-s.from+1), f.Query.Item.String())
		}
		if s.to+1 < at && (i+1 == len(spans) || spans[i+1].from > s.to+1) {
			f := pointed(t, l, trace.Query{}, pointer.Number{Issuer: "XCW", Sequence: s.to + 1})
			require.True(t, f.Query.Item.IsZero())
		}
	}
}

func textOf(t *testing.T, f *trace.Finding) string {
	var b bytes.Buffer
	require.NoError(t, f.WriteText(&b, "en"))
	return b.String()
}

// codesOf lists which of the codes given a finding has.
func codesOf(f *trace.Finding, codes ...string) (out []string) {
	for _, flag := range f.Flags {
		for _, c := range codes {
			if flag.Code == c {
				out = append(out, c)
			}
		}
	}
	return out
}
