package marking

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseTrust(t *testing.T) {
	trust, err := ParseTrust(strings.NewReader("\ufeff" + testTrust() + "\n" + testTrust()))
	require.NoError(t, err, "the same lines again")
	keys := trust.Keys()
	require.Len(t, keys, 7)
	require.Equal(t, "XA-EXP:K1", keys[0].Name())
	require.Equal(t, "2025-03-01", day(keys[1].Revoked))
	require.Equal(t, "XB-POL", keys[5].Party)
	for _, k := range keys {
		again, err := ParseTrust(strings.NewReader(string(k.Record())))
		require.NoError(t, err)
		k.Revoked, k.Reason = date("0001-01-01"), ""
		require.Equal(t, k, again.Keys()[0])
	}
	keys[0].Maker = "CHANGED"
	require.Equal(t, "XCW", trust.Keys()[0].Maker, "the caller's copy")
}

func TestParseTrustRefuses(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(testTrust()), "\n")
	k, r := lines[0], lines[7]
	edit := func(s, from, to string) string {
		require.Contains(t, s, from)
		return strings.Replace(s, from, to, 1)
	}
	for _, c := range []struct{ line, field, says string }{
		{"trust me", "", "not a JSON object"},
		{"[]", "", "not a JSON object"},
		{"{", "", "does not end"},
		{k + k, "", "more than one"},
		{edit(k, `"id"`, `"kind":"key","id"`), "", "stands twice"},
		{edit(k, `"XCW"`, `"X`+"\xff"+`"`), "", "not UTF-8"},
		{strings.Repeat("a", maxTrustLine+1), "", "longer than"},
		{edit(k, `"kind":"key"`, `"kind":"lot"`), "kind", "wanted key or status"},
		{edit(k, `"source":"XA-EXP",`, ``), "source", "missing"},
		{edit(k, `"id":"K1"`, `"id":7`), "id", "missing"},
		{edit(k, `"maker"`, `"makers"`), "makers", "not a field"},
		{edit(k, `"maker":"XCW"`, `"maker":["XCW"]`), "maker", "wanted a text"},
		{edit(k, `"maker":"XCW"`, `"maker":"xcw"`), "", "maker"},
		{edit(k, `"maker":"XCW"`, `"maker":"XCW","party":"XCW"`), "", "one of the two"},
		{edit(k, `"ed25519"`, `"p256"`), "algorithm", "wanted ed25519"},
		{edit(k, `"public_key":"`, `"public_key":"A`), "public_key", "32 bytes"},
		{edit(k, `2024-01-01`, `2024-13-01`), "valid_from", "wanted a date"},
		{edit(k, `"valid_from":"2024-01-01"`, `"valid_from":"2024-01-01","valid_to":"2023-01-01"`), "", "before valid from"},
		{edit(k, `"valid_from"`, `"ext":[],"valid_from"`), "ext", "wanted an object"},
		{k + "\n" + edit(k, `2024`, `2023`), "id", "other content"},
		{r, "of", "not a key of this file"},
		{edit(r, `"at":"2025-06-01",`, ``), "at", "missing"},
		{edit(r, `"revoked"`, `"accepted"`), "state", "wanted revoked"},
		{edit(r, `XA-EXP:K2`, `K2`), "of", "source:id"},
	} {
		_, err := ParseTrust(strings.NewReader("\n" + c.line + "\n"))
		var te *TrustError
		require.ErrorAs(t, err, &te, "%.80s", c.line)
		require.Equal(t, c.field, te.Field, "%v", err)
		require.ErrorContains(t, err, c.says)
		require.GreaterOrEqual(t, te.Line, 2)
		require.Less(t, len(err.Error()), 300)
		require.NotEmpty(t, te.Hint())
	}
	_, err := ParseTrust(strings.NewReader(strings.Repeat("\n", maxTrustLines+1)))
	require.ErrorContains(t, err, "more than 100000 lines")
	_, err = ParseTrust(failingReader{})
	require.ErrorContains(t, err, "disk on fire")
	_, err = NewTrust(Key{Source: "S", ID: "1", Maker: "A", Public: public(1)}, Key{Source: "S", ID: "1", Maker: "B", Public: public(2)})
	require.ErrorContains(t, err, "twice")
	for _, small := range smallOrder {
		for _, sign := range []byte{0, 0x80} {
			p, err := hex.DecodeString(small)
			require.NoError(t, err)
			p[31] |= sign
			_, err = NewTrust(Key{Source: "S", ID: "1", Maker: "A", Public: p})
			require.ErrorContains(t, err, "small order")
		}
	}
	_, err = NewTrust(Key{})
	require.Error(t, err)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func FuzzParseTrust(f *testing.F) {
	n := 0
	for _, file := range []string{"accept.jsonl", "reject.jsonl"} {
		for _, v := range readVectors(f, file) {
			if v.Trust != nil {
				f.Add(strings.Join(v.Trust, "\n"))
				n++
			}
		}
	}
	f.Add(testTrust())
	if n < 8 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, file string) {
		trust, err := ParseTrust(strings.NewReader(file))
		if err != nil {
			return
		}
		for _, k := range trust.Keys() {
			require.NoError(t, k.check())
			_, err := ParseTrust(strings.NewReader(string(k.Record())))
			require.NoError(t, err)
		}
	})
}

func ExampleParseTrust() {
	_, err := ParseTrust(strings.NewReader(`{"kind":"key","source":"XA-EXP","id":"K1","maker":"XCW","algorithm":"rsa"}`))
	fmt.Println(err)
	// Output: marking: trust file, line 1, algorithm: "rsa", wanted ed25519
}
