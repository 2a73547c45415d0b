package marking

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestParseIDRefuses(t *testing.T) {
	for _, c := range []struct {
		text   string
		at     int
		reason string
	}{
		{"", 0, "empty component"},
		{"XCW", 3, "no lot"},
		{"XCW/", 4, "empty component"},
		{"/A", 0, "empty component"},
		{"XCW/a1", 4, "not upper case"},
		{"XCW/1-", 5, "ends with"},
		{"XCW/-1", 4, "begins with"},
		{"XCW/A  B", 6, "two spaces"},
		{"XCW/A1..A3", 7, "span"},
		{"XCW/AБ", 5, "two scripts"},
		{"XCW/Aª", 5, "not upper case"},
		{"XCW/ℂ", 4, "symbol"},
		{"XCW/\u212b", 4, "NFC"},
		{"XCW/\xff", 4, "UTF-8"},
		{"XCW/A\x00", 5, "not allowed"},
		{"XCW/" + strings.Repeat("1", 33), 36, "longer than 32"},
		{"XCW/" + strings.Repeat("1/", 9) + "1", 22, "more than 8 levels"},
		{strings.Repeat("A", 1<<20), 32, "longer than 32"},
	} {
		_, err := ParseID(c.text)
		var ie *IDError
		require.ErrorAs(t, err, &ie, "%.40q", c.text)
		require.Equal(t, c.at, ie.At, "%.40q: %v", c.text, err)
		require.Contains(t, ie.Reason, c.reason, "%.40q", c.text)
		require.Less(t, len(err.Error()), 300)
		require.NotEmpty(t, ie.Hint())
	}
}

func TestIDParts(t *testing.T) {
	id := MustParseID("XCW/XCW24C001-012/001/0042")
	require.Equal(t, "XCW", id.Maker())
	require.Equal(t, "XCW/XCW24C001-012", id.Lot().String())
	require.Equal(t, id.Lot(), id.Lot().Lot())
	require.Equal(t, "0042", id.Name())
	require.Equal(t, 2, id.Depth())
	require.Equal(t, "XCW/XCW24C001-012/001", id.Parent().String())
	require.True(t, id.Lot().Parent().IsZero())
	require.Equal(t, id.Lot(), id.Ancestor(0))
	require.Equal(t, id.Parent(), id.Ancestor(1))
	require.Equal(t, id, id.Ancestor(2))
	require.True(t, id.Ancestor(3).IsZero())
	require.True(t, id.Ancestor(-1).IsZero())
	kid, err := id.Child("17")
	require.NoError(t, err)
	require.Equal(t, id, kid.Parent())
	for _, name := range []string{"", "a", "1/2"} {
		_, err = id.Child(name)
		require.Error(t, err)
	}
	var zero ID
	require.True(t, zero.IsZero())
	require.False(t, zero.Contains(zero))
	require.False(t, zero.Contains(id))
	require.False(t, id.Contains(zero))
	require.True(t, zero.Lot().IsZero())
	require.True(t, zero.Parent().IsZero())
	require.True(t, zero.Ancestor(0).IsZero())
	require.Empty(t, zero.Maker()+zero.Name()+zero.Checked())
	require.Panics(t, func() { MustParseID("xcw/1") })
	require.Panics(t, func() { MustParseSpan("xcw/1") })
}

// A suffixed lot is another lot, never inside or equal to the one without.
func TestSuffixedLotIsAnother(t *testing.T) {
	a, b := MustParseID("XCW/XCW24C001-012"), MustParseID("XCW/XCW24C001-012A")
	require.NotEqual(t, a, b)
	require.False(t, a.Contains(b))
	require.False(t, b.Contains(a))
}

func TestIDJSON(t *testing.T) {
	var v struct{ Item ID }
	require.NoError(t, json.Unmarshal([]byte(`{"Item":"XCW/1"}`), &v))
	b, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"Item":"XCW/1"}`, string(b))
	require.Error(t, json.Unmarshal([]byte(`{"Item":"xcw/1"}`), &v))
}

// compareModel is the order as the contract words it, written without keys:
// component by component; a run of digits by width, then value; a run that ends
// its component before one that goes on.
func compareModel(a, b ID) int {
	as, bs := strings.Split(a.String(), "/"), strings.Split(b.String(), "/")
	for i := range min(len(as), len(bs)) {
		if c := compareComponentModel(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

func compareComponentModel(a, b string) int {
	for a != "" && b != "" {
		x, y := digitsAt(a, 0), digitsAt(b, 0)
		switch {
		case x > 0 && y > 0:
			if c := cmp.Or(-boolCompare(x == len(a), y == len(b)), cmp.Compare(x, y), cmp.Compare(a[:x], b[:y])); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
		default:
			r, n := utf8.DecodeRuneInString(a)
			s, m := utf8.DecodeRuneInString(b)
			if r != s {
				return cmp.Compare(r, s)
			}
			a, b = a[n:], b[m:]
		}
	}
	return cmp.Compare(len(a), len(b))
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// checkPair holds the laws of two identities.
func checkPair(t testing.TB, x, y ID) {
	kx, ky := x.AppendKey(nil), y.AppendKey(nil)
	require.Equal(t, compareModel(x, y), x.Compare(y), "%v ? %v", x, y)
	require.Equal(t, bytes.Compare(kx, ky), x.Compare(y), "key order is identity order: %v, %v", x, y)
	require.Equal(t, x.Contains(y), bytes.HasPrefix(ky, kx), "a prefix is containment: %v, %v", x, y)
	inside := y == x
	for p := y; !p.IsZero(); p = p.Parent() {
		inside = inside || p == x
	}
	require.Equal(t, inside, x.Contains(y), "%v in %v", y, x)
	require.Equal(t, x == y, x.Compare(y) == 0)
}

func checkOne(t testing.TB, x ID) {
	again, err := ParseID(x.String())
	require.NoError(t, err)
	require.Equal(t, x, again)
	back, err := ParseKey(x.AppendKey(nil))
	require.NoError(t, err)
	require.Equal(t, x, back, "ParseKey is the inverse of AppendKey")
	checked, err := ParseChecked(x.Checked())
	require.NoError(t, err)
	require.Equal(t, x, checked)
}

func TestIDLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	ids := []ID{MustParseID("A/A01"), MustParseID("A/A01-B"), MustParseID("A/A02"), MustParseID("A/9"), MustParseID("A/10"), MustParseID("A/0042")}
	for range 300 {
		ids = append(ids, randomID(r))
	}
	for _, x := range ids {
		checkOne(t, x)
		for _, y := range ids {
			checkPair(t, x, y)
		}
	}
	require.Negative(t, MustParseID("A/9").Compare(MustParseID("A/10")))
	require.Negative(t, MustParseID("A/10").Compare(MustParseID("A/0042")))
}

func TestParseKeyRefuses(t *testing.T) {
	good := MustParseID("XCW/L1-2/7").AppendKey(nil)
	for i := range good {
		_, err := ParseKey(good[:i])
		if i > 0 && good[i-1] == 0 && bytes.Count(good[:i], []byte{0}) >= 2 {
			require.NoError(t, err, "the key of what contains it")
			continue
		}
		require.Error(t, err, "%x", good[:i])
	}
	for _, s := range []string{"00", "41004200", "410042002f", "4100422f0000", "41002f013100ff", "41002f023100", "4100313200", "410030013100", "41002f0131412f013100"} {
		k, err := hex.DecodeString(s)
		require.NoError(t, err)
		id, err := ParseKey(k)
		if err == nil {
			require.Equal(t, k, id.AppendKey(nil), s)
		}
	}
}

func seedIdentities(f *testing.F, add func(s string)) {
	n := 0
	for _, file := range []string{"accept.jsonl", "reject.jsonl"} {
		for _, v := range readVectors(f, file) {
			if v.Item != "" {
				add(v.Item)
				n++
			}
			if v.Mark != nil {
				add(v.Mark.Item)
				n++
			}
		}
	}
	if n < 30 {
		f.Fatalf("%d seeds", n)
	}
}

func FuzzParseID(f *testing.F) {
	last := "XCW/XCW24C001-012/001"
	seedIdentities(f, func(s string) { f.Add(s, last); f.Add(s, s+"/1"); last = s })
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err := ParseID(a)
		if err != nil {
			var ie *IDError
			require.True(t, errors.As(err, &ie))
			require.LessOrEqual(t, ie.At, len(a))
			return
		}
		require.Equal(t, a, x.String(), "one spelling")
		checkOne(t, x)
		if y, err := ParseID(b); err == nil {
			checkPair(t, x, y)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	seedIdentities(f, func(s string) {
		if id, err := ParseID(s); err == nil {
			f.Add(id.AppendKey(nil))
		}
	})
	f.Fuzz(func(t *testing.T, key []byte) {
		if id, err := ParseKey(key); err == nil {
			require.Equal(t, key, id.AppendKey(nil))
		}
	})
}

func ExampleParseID() {
	id, err := ParseID("XCW/XCW24C001-012/001/0042")
	if err != nil {
		panic(err)
	}
	fmt.Println(id.Maker(), id.Lot(), id.Depth())
	_, err = ParseID("xcw/24c001")
	fmt.Println(err)
	// Output:
	// XCW XCW/XCW24C001-012 2
	// marking: a letter that is not upper case in "xcw/24c001" at character 1
}

func ExampleID_Checked() {
	fmt.Println(MustParseID("XCW/XCW24C001-012/001/0042").Checked())
	// Output: XCW/XCW24C001-012/001/0042=F
}
