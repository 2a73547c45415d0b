package storage

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Unpacking gives the very bytes back, whatever they are.
func TestPack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		r := randomRecord(t, rng, 400)
		packed := pack(nil, r.Canonical)
		require.Less(t, len(packed), len(r.Canonical))
		back, err := unpack(nil, packed)
		require.NoError(t, err)
		require.Equal(t, string(r.Canonical), string(back))
	}
	for range 20_000 { // no records at all, made of what means something
		var text []byte
		for range rng.IntN(12) {
			text = append(text, []string{`"`, `:"`, `["XA-1"`, `"XA-1":"XA-1:T5"`, `:"2024-02-29"`, `:"2023-02-29"`, `:"1969-12-31"`, "é", "\x00", "\x7f", "0007", "120", "99999999999999999999", "000", "7",
				`","kind":"`, `{"act":"sale","at":"`, `\"`, "]", fmt.Sprint(rng.Uint64())}[rng.IntN(20)]...)
		}
		back, err := unpack(nil, pack(nil, text))
		require.NoError(t, err)
		require.Equal(t, string(text), string(back))
	}
}

// The longest fragment is found that a text begins with, whatever follows it.
func TestFragmentAt(t *testing.T) {
	texts := []string{"", "a", "\x00", "é", `"`, `{"at":`}
	for _, f := range fragments {
		texts = append(texts, f, f[:len(f)-1], f+"x", f+"\x7f", f+"é", f+f)
	}
	for _, text := range texts {
		wantN, wantSize := 0, 0
		for i, f := range fragments {
			if strings.HasPrefix(text, f) && len(f) > wantSize {
				wantN, wantSize = i, len(f)
			}
		}
		n, size := fragmentAt([]byte(text))
		require.Equal(t, wantSize, size, "%q", text)
		require.Equal(t, wantN, n, "%q", text)
	}
}

// The list of fragments is on disk: what it says may not change.
func TestFragmentsStay(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fragments {
		require.False(t, seen[f], f)
		seen[f] = true
		require.Equal(t, -1, slices.IndexFunc([]byte(f), func(c byte) bool { return c < 0x20 || c >= 0x7f }), f)
	}
	const published = 118 // more come after these
	h := fnv.New64a()
	for _, f := range fragments[:published] {
		fmt.Fprintln(h, f)
	}
	require.Equal(t, uint64(0x5fa7dfd87bc55fc), h.Sum64())
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{packDate, 1, 2, packText, 0, packZeros, 255, 1})
	f.Add(pack(nil, []byte(`{"act":"sale","at":"2024-01-01","from":"XA-1","id":"T0001","source":"XA-1"}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := unpack(nil, b)
		if err != nil {
			return
		}
		back, err := unpack(nil, pack(nil, text))
		if err != nil || !bytes.Equal(text, back) {
			t.Fatalf("%q comes back as %q: %v", text, back, err)
		}
	})
}
