package pointer

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func testKey(t testing.TB, issuer string, seed byte) Key {
	k, err := New(issuer, bytes.NewReader(bytes.Repeat([]byte{seed}, secretLen)))
	require.NoError(t, err)
	return k
}

// Every number has one pointer and comes back from it, in both forms.
func TestPermutation(t *testing.T) {
	k := testKey(t, "XCW", 1)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, short := range []bool{true, false} {
		seen := map[uint64]bool{}
		try := func(n uint64) {
			p, err := k.Pointer(n, short)
			require.NoError(t, err)
			back, err := Parse(p.String())
			require.NoError(t, err)
			require.Equal(t, p, back)
			require.Equal(t, []Number{{k.Register(), "XCW", n}}, Resolve(p, []Key{testKey(t, "XCX", 2), k}))
			seen[p.Number] = true
		}
		for n := uint64(1); n <= 1000; n++ {
			try(n)
		}
		require.Len(t, seen, 1000)
		for range 1000 {
			try(1 + rng.Uint64N(Last(short)))
		}
		try(Last(short))
		for _, n := range []uint64{0, Last(short) + 1} {
			_, err := k.Pointer(n, short)
			require.Error(t, err)
		}
	}
}

// docs/format.md gives numbers to compare with: what is printed on items must be
// read for as long as they last.
func TestPublished(t *testing.T) {
	page, err := os.ReadFile("../../docs/format.md")
	require.NoError(t, err)
	k := testKey(t, "XCW", 1)
	for _, n := range []uint64{1, 99_999_999} {
		for _, short := range []bool{true, false} {
			p, err := k.Pointer(n, short)
			require.NoError(t, err)
			require.Contains(t, string(page), "`"+p.String()+"`")
		}
	}
	require.Equal(t, 4, strings.Count(string(page), "`P0929"))
}

// Numbers in order do not stand in order on the items: their differences are
// spread over the whole range.
func TestOrderIsHidden(t *testing.T) {
	k := testKey(t, "XCW", 1)
	var last uint64
	rises, near := 0, 0
	const n = 2000
	for i := uint64(1); i <= n; i++ {
		p, err := k.Pointer(i, false)
		require.NoError(t, err)
		if p.Number > last {
			rises++
		}
		if max(p.Number, last)-min(p.Number, last) < Last(false)/1000 {
			near++
		}
		last = p.Number
	}
	require.InDelta(t, n/2, rises, n/20) // half of them rise
	require.Less(t, near, 20)            // some 4 of 2000 lie as near by chance
}

// Any one digit wrong, and any two neighbours changed, is noticed.
func TestCheck(t *testing.T) {
	k := testKey(t, "XCW", 1)
	for n := uint64(1); n < 50; n++ {
		p, err := k.Pointer(n, n%2 == 0)
		require.NoError(t, err)
		s := p.String()
		for i := 1; i < len(s); i++ {
			for d := byte('0'); d <= '9'; d++ {
				if d == s[i] {
					continue
				}
				_, err := Parse(s[:i] + string(d) + s[i+1:])
				require.Error(t, err, "%s at %d", s, i)
			}
			if i+1 < len(s) && s[i] != s[i+1] {
				_, err := Parse(s[:i] + string(s[i+1]) + string(s[i]) + s[i+2:])
				require.Error(t, err, "%s at %d", s, i)
			}
		}
	}
}

func TestForms(t *testing.T) {
	k := testKey(t, "XCW", 1)
	long, err := k.Pointer(1, false)
	require.NoError(t, err)
	short, err := k.Pointer(1, true)
	require.NoError(t, err)
	require.Len(t, long.String(), 23)
	require.Len(t, short.String(), 15)
	require.NotEqual(t, long.Number, short.Number)
	spaced := long.String()[:1] + " " + long.String()[1:5] + " " + long.String()[5:]
	back, err := Parse(spaced)
	require.NoError(t, err)
	require.Equal(t, long, back)

	var e *Error
	for _, s := range []string{"", "P", "P12", "Q" + long.String()[1:], long.String() + "0", strings.Replace(long.String(), "P", "p", 1), "P١٢٣٤٥٦٧٨٩٠١٢٣٤"} {
		_, err := Parse(s)
		require.ErrorAs(t, err, &e, s)
		require.NotEmpty(t, e.Hint())
	}
}

// A register that no key knows is told apart from one that is known.
func TestUnknownRegister(t *testing.T) {
	p, err := testKey(t, "XCW", 1).Pointer(7, false)
	require.NoError(t, err)
	require.Equal(t, []Number{{Register: p.Register}}, Resolve(p, []Key{testKey(t, "XCX", 2)}))
	require.Equal(t, []Number{{Register: p.Register}}, Resolve(p, nil))
}

func TestKeyFile(t *testing.T) {
	a, b := testKey(t, "XCW", 1), testKey(t, "PL:21", 2)
	keys, err := ParseKeys(strings.NewReader(string(a.Line()) + "\n\n" + string(b.Line()) + "\n"))
	require.NoError(t, err)
	require.Equal(t, []Key{a, b}, keys)
	for _, s := range []string{"x", `{"pointer_issuer":"XCW"}`, `{"pointer_issuer":"XCW","secret":"AA=="}`, `{"kind":"key"}`, string(a.Line()) + "x", strings.Repeat("x", maxLine+1)} {
		_, err := ParseKeys(strings.NewReader(s))
		require.Error(t, err, s)
	}
	_, err = New("", nil)
	require.Error(t, err)
	_, err = New("XCW", strings.NewReader("short"))
	require.Error(t, err)
}

func FuzzParse(f *testing.F) {
	k := testKey(f, "XCW", 1)
	for _, short := range []bool{true, false} {
		p, err := k.Pointer(42, short)
		require.NoError(f, err)
		f.Add(p.String())
	}
	f.Add("P 1234")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := Parse(s); err == nil {
			require.Equal(t, strings.ReplaceAll(s, " ", ""), p.String())
			Resolve(p, []Key{k})
		}
	})
}
