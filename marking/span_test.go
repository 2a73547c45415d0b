package marking

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSpanRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"XCW/L1..L2":     "lots are not spanned",
		"XCW/L/1..":      "empty component",
		"XCW/L/..2":      "empty component",
		"XCW/L/A..B":     "first name does not end in digits",
		"XCW/L/1..B":     "last name does not end in digits",
		"XCW/L/1..10":    "differ in width",
		"XCW/L/A1..B2":   "differ before the counted digits",
		"XCW/L/2..1":     "backwards",
		"XCW/L/1..1":     "one package",
		"XCW/L/1A..2A":   "does not end in digits",
		"XCW/L/1..2/3":   "not allowed",
		"XCW/L/1...3":    "begins with",
		"XCW/L/1..2..3":  "span inside",
		"XCW/L/1/0..L/3": "not allowed",
		"XCW/L/1000000000000000000..2000000000000000000": "differ before the counted digits",
	} {
		_, err := ParseSpan(text)
		var ie *IDError
		require.ErrorAs(t, err, &ie, text)
		require.Contains(t, err.Error(), reason, text)
		require.NotEmpty(t, ie.Hint())
	}
}

func TestSpanParts(t *testing.T) {
	s := MustParseSpan("XCW/L/A08..A11")
	require.True(t, s.IsRun())
	require.EqualValues(t, 4, s.Count())
	require.Equal(t, "XCW/L/A08", s.First().String())
	require.Equal(t, "XCW/L/A11", s.Last().String())
	parent, prefix, width := s.Series()
	require.Equal(t, "XCW/L A 2", fmt.Sprintf("%v %v %v", parent, prefix, width))
	require.Equal(t, "[XCW/L/A08 XCW/L/A09 XCW/L/A10 XCW/L/A11]", fmt.Sprint(slices.Collect(s.All())))
	require.Equal(t, "XCW/L/A00..A99", s.SpanIn(0, 99).String())
	require.True(t, s.SpanIn(0, 100).IsZero())
	require.True(t, s.SpanIn(2, 1).IsZero())
	require.Equal(t, "XCW/L/A07", s.SpanIn(7, 7).String())
	require.False(t, s.SpanIn(7, 7).IsRun())
	require.True(t, SpanOf(MustParseID("XCW/L1")).SpanIn(1, 2).IsZero(), "lots are not spanned")
	require.True(t, Span{}.SpanIn(0, 1).IsZero())
	var zero Span
	require.Zero(t, zero.Count())
	require.Empty(t, slices.Collect(zero.All()))
	require.Empty(t, zero.String())
	require.False(t, zero.Contains(zero))
	require.True(t, zero.Intersect(s).IsZero())

	// The widest ordinals that are counted, and a name that is wider.
	wide := MustParseSpan("XCW/L/000000000000000000..999999999999999999")
	require.EqualValues(t, 1e18, wide.Count())
	wider := MustParseSpan("XCW/L/99000000000000000000..99000000000000000007")
	require.EqualValues(t, 8, wider.Count())
	require.Equal(t, "XCW/L/99000000000000000007", wider.Last().String())
}

// universe holds names chosen to stand in each other's way.
func universe() (ids []ID) {
	for _, parent := range []string{"X/L", "X/L/01", "X/L/A01"} {
		for _, name := range []string{"0", "1", "2", "9", "10", "00", "01", "02", "03", "A01", "A01-B", "A01-1", "A02", "A02B", "A03", "A010", "A", "A-01", "A01.", "B01", "1-01", "1-02", "01-01",
			"99000000000000000001", "99000000000000000002", "98000000000000000001", "Б01", "Б02"} {
			id, err := ParseID(parent + "/" + name)
			if err != nil {
				continue
			}
			ids = append(ids, id)
			if kid, err := id.Child("7"); err == nil {
				ids = append(ids, kid)
			}
		}
	}
	return append(ids, MustParseID("X/L"), MustParseID("X/L1"), MustParseID("Y/L"))
}

func randomSpan(r *rand.Rand, ids []ID) Span {
	for {
		s := SpanOf(ids[r.IntN(len(ids))])
		if r.IntN(3) == 0 {
			return s
		}
		lo, _ := s.Ordinals()
		if run := s.SpanIn(lo, lo+uint64(r.IntN(4))); !run.IsZero() {
			return run
		}
	}
}

// holdsModel says by walking up whether one of the span's packages is id or contains it.
func holdsModel(s Span, id ID) bool {
	for one := range s.All() {
		if one.Contains(id) {
			return true
		}
	}
	return false
}

func checkSpan(t testing.TB, s Span, ids []ID) {
	back, err := ParseSpan(s.String())
	require.NoError(t, err)
	require.Equal(t, s, back, "one spelling")

	// A span is exactly an interval of keys: from the key of its first package
	// to the last key that begins with that of its last.
	from, to := s.First().AppendKey(nil), append(s.Last().AppendKey(nil), 0xff)
	for _, id := range ids {
		k := id.AppendKey(nil)
		in := bytes.Compare(from, k) <= 0 && bytes.Compare(k, to) < 0
		require.Equal(t, s.Holds(id), in, "%v holds %v", s, id)
	}
}

func TestSpanLaws(t *testing.T) {
	ids := universe()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		a, b := randomSpan(r, ids), randomSpan(r, ids)
		checkSpan(t, a, ids)
		both, all := a.Intersect(b), true
		for _, id := range ids {
			require.Equal(t, holdsModel(a, id), a.Holds(id), "%v holds %v", a, id)
			inBoth := a.Holds(id) && b.Holds(id)
			require.Equal(t, inBoth, both.Holds(id), "%v ∩ %v = %v: %v", a, b, both, id)
		}
		for one := range b.All() {
			all = all && holdsModel(a, one)
		}
		require.Equal(t, all, a.Contains(b), "%v contains %v", a, b)
		require.Equal(t, both, b.Intersect(a), "%v ∩ %v", a, b)
		require.Equal(t, a.Compare(b) == 0, a == b, "%v %v", a, b)
		require.Equal(t, a.Compare(b), -b.Compare(a))
		require.EqualValues(t, a.Count(), len(slices.Collect(a.All())))
	}
}

func FuzzParseSpan(f *testing.F) {
	seedIdentities(f, func(s string) { f.Add(s, "XCW/XCW24C001-012/001"); f.Add(s+"01.."+"09", s+"05..07") })
	f.Add("X/L/A01..A20", "X/L/A01-B")
	f.Add("X/L/0001..0400", "X/L/0399..0500")
	ids := universe()
	f.Fuzz(func(t *testing.T, a, b string) {
		s, err := ParseSpan(a)
		if err != nil {
			var ie *IDError
			require.True(t, errors.As(err, &ie))
			return
		}
		require.Equal(t, a, s.String(), "one spelling")
		checkSpan(t, s, append(ids, s.First(), s.Last()))
		require.True(t, s.Contains(s))
		require.Equal(t, s.Count() > 1, s.IsRun())
		require.Equal(t, strings.Contains(a, ".."), s.IsRun())
		if o, err := ParseSpan(b); err == nil {
			both := s.Intersect(o)
			require.Equal(t, both, o.Intersect(s))
			if !both.IsZero() {
				require.True(t, s.Contains(both) && o.Contains(both))
			}
			require.Equal(t, o == both, s.Contains(o))
		}
	})
}

func ExampleParseSpan() {
	s := MustParseSpan("XCW/XCW24C001-012/001/0001..0400")
	fmt.Println(s.Count(), s.Holds(MustParseID("XCW/XCW24C001-012/001/0042/17")))
	fmt.Println(s.Intersect(MustParseSpan("XCW/XCW24C001-012/001/0301..0500")))
	// Output:
	// 400 true
	// XCW/XCW24C001-012/001/0301..0400
}
