package marking

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVectors(t *testing.T) {
	trust := vectorTrust(t)
	accept, reject := readVectors(t, "accept.jsonl"), readVectors(t, "reject.jsonl")
	require.Equal(t, len(accept), len(reject), "as many accepted as refused")
	for _, v := range append(accept, reject...) {
		require.NotEmpty(t, v.Must, v.Name)
		got, detail := refused, ""
		switch {
		case v.Frame != "" || v.Text == "" && v.Path == "" && v.Item == "" && v.Checked == "" && v.Trust == nil:
			frame, err := hex.DecodeString(v.Frame)
			require.NoError(t, err)
			verdict, err := Open(frame, trust)
			if err != nil {
				detail = err.Error()
				break
			}
			got = string(verdict.Signature)
			require.Equal(t, v.Key != "", verdict.Key.Public != nil && got != string(StateInvalid), v.Name)
			if v.Key != "" {
				require.Equal(t, v.Key, verdict.Key.Name(), v.Name)
			}
			if v.Mark != nil {
				w, err := parseWire(frame)
				require.NoError(t, err)
				require.Equal(t, v.Mark, claimOf(w, verdict.Mark), v.Name)
			}
			if v.Text != "" {
				require.Equal(t, v.Text, Text(frame))
				require.Equal(t, v.Path, Path(frame))
				for _, s := range []string{v.Text, v.Path} {
					back, err := ParseText(s)
					require.NoError(t, err)
					require.Equal(t, frame, back)
				}
			}
		case v.Text != "" || v.Path != "":
			if _, err := ParseText(v.Text + v.Path); err == nil {
				got = accepted
			}
		case v.Item != "":
			id, err := ParseID(v.Item)
			if err != nil {
				break
			}
			got = accepted
			require.Equal(t, v.ItemKey, hex.EncodeToString(id.AppendKey(nil)), v.Name)
			require.Equal(t, v.Checked, id.Checked(), v.Name)
		case v.Checked != "":
			if _, err := ParseChecked(v.Checked); err == nil {
				got = accepted
			}
		case v.Trust != nil:
			if _, err := ParseTrust(strings.NewReader(strings.Join(v.Trust, "\n"))); err == nil {
				got = accepted
			}
		}
		require.Equal(t, v.Verdict, got, "%s: %s", v.Name, detail)
	}
}

// Every rule of the page is pinned by a vector, or is named here with the reason why none can.
func TestEveryRuleHasAVector(t *testing.T) {
	page, err := os.ReadFile("../docs/format.md")
	require.NoError(t, err)
	pinned := map[string]bool{
		"F11": true, // follows from the others; FuzzOpen holds it
	}
	for _, file := range []string{"accept.jsonl", "reject.jsonl"} {
		for _, v := range readVectors(t, file) {
			for _, m := range v.Must {
				pinned[m] = true
				require.True(t, strings.Contains(string(page), "**"+m+".**") || strings.Contains(string(page), "**"+m+"**"), "%s: no rule %s", v.Name, m)
			}
		}
	}
	for _, prefix := range []string{"I", "F", "O", "S", "V", "K", "T"} {
		for n := 1; strings.Contains(string(page), fmt.Sprintf("**%s%d", prefix, n)); n++ {
			require.True(t, pinned[fmt.Sprint(prefix, n)], "%s%d has no vector", prefix, n)
		}
	}
}

func TestSizes(t *testing.T) {
	march := MonthOf(2024, time.March)
	for _, c := range []struct {
		item   string
		rounds int64
		most   int
	}{
		{"XCW/XCW24C001-012/001/0042", 1000, 112}, // Data Matrix 40x40
		{"XCW/XCW24C001-012", 0, 84},              // Data Matrix 36x36
		{"PL:21/A12-85", 0, 84},
		{"XCW/24C001/001/42", 0, 84},
	} {
		f, err := Sign(Mark{Item: MustParseID(c.item), Level: Crate, Calibre: "9x19", Made: march, Rounds: c.rounds}, testKey(1))
		require.NoError(t, err)
		require.LessOrEqual(t, len(f), c.most, c.item)
		require.NotEqual(t, byte(0xe8), f[0])
	}
}

func TestSignRefuses(t *testing.T) {
	good := Mark{Item: MustParseID("XCW/1"), Level: Box}
	change := func(f func(m *Mark)) Mark {
		m := good
		f(&m)
		return m
	}
	for name, c := range map[string]struct {
		mark Mark
		says string
	}{
		"no item":          {Mark{Level: Box}, "without an item"},
		"no level":         {Mark{Item: good.Item}, "level"},
		"level":            {change(func(m *Mark) { m.Level = "barrel" }), "level"},
		"month":            {change(func(m *Mark) { m.Made = 5000 }), "month"},
		"rounds":           {change(func(m *Mark) { m.Rounds = -1 }), "rounds"},
		"more rounds":      {change(func(m *Mark) { m.Rounds = maxRounds + 1 }), "rounds"},
		"type":             {change(func(m *Mark) { m.Type = strings.Repeat("t", 65) }), "type"},
		"NSN":              {change(func(m *Mark) { m.NSN = "1305-01-123-4567" }), "Stock Number"},
		"calibre":          {change(func(m *Mark) { m.Calibre = strings.Repeat("c", 33) }), "calibre"},
		"calibre number":   {change(func(m *Mark) { m.Calibre = "#2047" }), "calibre"},
		"national":         {change(func(m *Mark) { m.National = []National{{"xb", "a", "b"}} }), "national"},
		"national twice":   {change(func(m *Mark) { m.National = []National{{"XB", "a", "b"}, {"XB", "a", "b"}} }), "twice"},
		"unknown is known": {change(func(m *Mark) { m.Unknown = []Field{{2, []byte{1}}} }), "tag 2"},
		"unknown empty":    {change(func(m *Mark) { m.Unknown = []Field{{200, nil}} }), "tag 200"},
		"too long":         {change(func(m *Mark) { m.Unknown = []Field{{200, make([]byte, 255)}, {201, make([]byte, 255)}} }), "too long for a mark"},
		"path too long": {change(func(m *Mark) {
			m.Item = MustParseID(strings.Repeat(strings.Repeat("Б", 32)+"/", 5) + "1")
		}), "too long for a mark"},
	} {
		for _, write := range []func() ([]byte, error){
			func() ([]byte, error) { return Sign(c.mark, testKey(1)) },
			func() ([]byte, error) { return Unsigned(c.mark) },
		} {
			f, err := write()
			require.Nil(t, f, name)
			require.ErrorContains(t, err, c.says, name)
			var hint interface{ Hint() string }
			require.ErrorAs(t, err, &hint, name)
			require.NotEmpty(t, hint.Hint(), name)
		}
	}
	_, err := Sign(good, nil)
	require.ErrorContains(t, err, "no key")
	_, err = Sign(good, brokenSigner{testKey(1)})
	require.ErrorContains(t, err, "signature of 3 bytes")
	_, err = Sign(good, rsaLike{})
	require.ErrorContains(t, err, "wanted Ed25519")
}

type brokenSigner struct{ crypto.Signer }

func (brokenSigner) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return []byte("abc"), nil
}

type rsaLike struct{ crypto.Signer }

func (rsaLike) Public() crypto.PublicKey { return "rsa" }

func TestOpenNeedsTrust(t *testing.T) {
	f, err := Sign(Mark{Item: MustParseID("XCW/1"), Level: Box}, testKey(1))
	require.NoError(t, err)
	_, err = Open(f, nil)
	require.ErrorContains(t, err, "whom to trust")
	m, hint, err := Read(f)
	require.NoError(t, err)
	require.Equal(t, "XCW/1", m.Item.String())
	require.Equal(t, hintOf(public(1)), hint)
	nobody, err := NewTrust()
	require.NoError(t, err)
	v, err := Open(f, nobody)
	require.NoError(t, err)
	require.Equal(t, StateUnknownKey, v.Signature)
}

func TestRevokedSaysWhen(t *testing.T) {
	f, err := Sign(Mark{Item: MustParseID("XCW/1"), Level: Box}, testKey(2))
	require.NoError(t, err)
	v, err := Open(f, vectorTrust(t))
	require.NoError(t, err)
	require.Equal(t, StateRevokedKey, v.Signature)
	require.Equal(t, "2025-03-01", v.Key.Revoked.Format(time.DateOnly), "the earliest counts")
	require.Equal(t, "stolen", v.Key.Reason)
	require.Contains(t, v.Reason, "2025-03-01")
}

// Two keys with one hint do no harm: each is tried.
func TestHintsAlike(t *testing.T) {
	trust, err := NewTrust(
		Key{Source: "S", ID: "1", Maker: "XAA", Public: public(1)},
		Key{Source: "S", ID: "2", Maker: "XBB", Public: public(2)})
	require.NoError(t, err)
	all := trust.Keys()
	trust.byHint = map[KeyHint][]Key{hintOf(public(1)): all, hintOf(public(2)): all}
	for n, maker := range map[int]string{1: "XAA", 2: "XBB"} {
		f, err := Sign(Mark{Item: MustParseID(maker + "/1"), Level: Box}, testKey(n))
		require.NoError(t, err)
		v, err := Open(f, trust)
		require.NoError(t, err)
		require.Equal(t, StateValid, v.Signature)
		require.Equal(t, maker, v.Key.Maker)
	}
}

// A key is followed by another; marks of both verify, and what the old one signs
// with a month after its last day does not.
func TestKeyRotation(t *testing.T) {
	trust, err := NewTrust(
		Key{Source: "XA-EXP", ID: "2024", Maker: "XCW", Public: public(1), ValidFrom: date("2024-01-01"), ValidTo: date("2024-12-31")},
		Key{Source: "XA-EXP", ID: "2025", Maker: "XCW", Public: public(2), ValidFrom: date("2025-01-01")})
	require.NoError(t, err)
	for _, c := range []struct {
		key   int
		made  Month
		state State
		name  string
	}{
		{1, MonthOf(2024, time.December), StateValid, "XA-EXP:2024"},
		{2, MonthOf(2025, time.January), StateValid, "XA-EXP:2025"},
		{2, MonthOf(1962, time.May), StateValid, "XA-EXP:2025"}, // old stock, marked late
		{1, MonthOf(2025, time.January), StateInvalid, "XA-EXP:2024"},
		{1, 0, StateValid, "XA-EXP:2024"},
	} {
		f, err := Sign(Mark{Item: MustParseID("XCW/1"), Level: Box, Made: c.made}, testKey(c.key))
		require.NoError(t, err)
		v, err := Open(f, trust)
		require.NoError(t, err)
		require.Equal(t, c.state, v.Signature, "%v", c)
		require.Equal(t, c.name, v.Key.Name())
		require.Equal(t, c.state == StateValid, v.Reason == "")
	}
}

// What a Trust remembers is bounded, and changes no verdict, by how many
// goroutines it is asked.
func TestTrustRemembers(t *testing.T) {
	trust := vectorTrust(t)
	vectors := append(readVectors(t, "accept.jsonl"), readVectors(t, "reject.jsonl")...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				for _, v := range vectors {
					frame, err := hex.DecodeString(v.Frame)
					if err != nil || len(frame) == 0 {
						continue
					}
					verdict, err := Open(frame, trust)
					if got := string(verdict.Signature); err == nil && got != v.Verdict {
						t.Errorf("%s: %s, wanted %s", v.Name, got, v.Verdict)
					}
				}
			}
		})
	}
	wg.Wait()
	remembered := &seen{}
	message, sig := []byte("m"), bytes.Repeat([]byte{0xff}, signatureLen) // S above the order: refused fast
	for i := range 3 * seenMost {
		message = fmt.Appendf(message[:0], "%d", i)
		require.False(t, remembered.verify(public1, message, sig))
	}
	require.LessOrEqual(t, len(remembered.new), seenMost)
	require.LessOrEqual(t, len(remembered.before), seenMost)
}

func TestMarksComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		m := randomMark(r)
		trust, err := NewTrust(Key{Source: "S", ID: "1", Maker: m.Item.Maker(), Public: public(1)})
		require.NoError(t, err)
		f, err := Sign(m, testKey(1))
		require.NoError(t, err)
		v, err := Open(f, trust)
		require.NoError(t, err)
		require.Equal(t, StateValid, v.Signature)
		require.Equal(t, m, v.Mark)
		again, err := Sign(v.Mark, testKey(1))
		require.NoError(t, err)
		require.Equal(t, f, again, "a frame that verifies re-encodes to itself")

		free, err := Unsigned(m)
		require.NoError(t, err)
		v, err = Open(free, trust)
		require.NoError(t, err)
		require.Equal(t, StateUnsigned, v.Signature)
		require.Equal(t, m, v.Mark)
	}
}

// One bit changed anywhere in a frame never verifies: all bits of 50 frames.
func TestOneBitChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	flipped := 0
	for range 50 {
		m := randomMark(r)
		// Trust in every maker that a changed bit may name, and in a second key.
		keys := []Key{{Source: "S", ID: "0", Maker: m.Item.Maker(), Public: public(1)}, {Source: "S", ID: "1", Maker: m.Item.Maker(), Public: public(2)}}
		trust, err := NewTrust(keys...)
		require.NoError(t, err)
		f, err := Sign(m, testKey(1))
		require.NoError(t, err)
		for bit := range len(f) * 8 {
			bad := bytes.Clone(f)
			bad[bit/8] ^= 1 << (bit % 8)
			v, err := Open(bad, trust)
			if err == nil {
				require.NotEqual(t, StateValid, v.Signature, "bit %d of %x", bit, f)
			}
			flipped++
		}
	}
	t.Logf("%d bits changed", flipped)
}

// mutations is the number of changed payloads that TestMutatedPayloads tries.
const mutations = "SUBLOT_MUTATIONS"

// Payloads that keep a trusted hint and the one spelling, changed at random,
// never verify; nor do random bytes.
func TestMutatedPayloads(t *testing.T) {
	n := 20_000
	if s := os.Getenv(mutations); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	} else if testing.Short() {
		n = 2000
	}
	trust := vectorTrust(t)
	r := rand.New(rand.NewPCG(9, 9))
	canonical := 0
	for i := range n {
		m := randomMark(r)
		m.Item = MustParseID("XCW" + strings.TrimPrefix(m.Item.String(), m.Item.Maker()))
		f, err := Unsigned(m)
		require.NoError(t, err)
		switch i % 10 {
		case 0: // random bytes behind a good start
			f = append(f[:1+r.IntN(len(f))], randomBytes(r, r.IntN(200))...)
		case 1:
			f = randomBytes(r, r.IntN(300))
		default: // one spelling, trusted hint, random signature
			h := hintOf(public(1))
			f = append(append([]byte{f[0] &^ unsignedFlag}, h[:]...), f[1:]...)
			f = append(f, randomBytes(r, signatureLen)...)
		}
		v, err := Open(f, trust)
		if err == nil {
			require.Contains(t, []State{StateInvalid, StateUnsigned, StateUnknownKey}, v.Signature, "%x", f)
			if v.Signature == StateInvalid {
				canonical++
			}
		}
	}
	t.Logf("%d payloads, %d with a trusted hint in the one spelling: none verified", n, canonical)
	require.Greater(t, canonical, n*7/10)
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func FuzzOpen(f *testing.F) {
	seeds := 0
	for _, file := range []string{"accept.jsonl", "reject.jsonl"} {
		for _, v := range readVectors(f, file) {
			if frame, err := hex.DecodeString(v.Frame); err == nil && len(frame) > 0 {
				f.Add(frame)
				seeds++
			}
		}
	}
	if seeds < 100 {
		f.Fatalf("%d seeds", seeds)
	}
	trust := vectorTrust(f)
	f.Fuzz(func(t *testing.T, frame []byte) {
		v, err := Open(frame, trust)
		m, hint, rerr := Read(frame)
		require.Equal(t, err == nil, rerr == nil)
		if err != nil {
			var hint interface{ Hint() string }
			require.ErrorAs(t, err, &hint)
			return
		}
		require.Equal(t, m, v.Mark)
		require.Equal(t, hint, v.Hint)
		w, err := parseWire(frame)
		require.NoError(t, err)
		require.Equal(t, frame, append(w.appendClaims(nil), w.sig...))
		// Written anew it is the same, but for a calibre whose text has a number by now.
		free, err := Unsigned(m)
		require.NoError(t, err)
		again, err := parseWire(free)
		require.NoError(t, err)
		if w.calibre == again.calibre {
			require.Equal(t, w.path, again.path)
			require.Equal(t, len(w.fields), len(again.fields))
			require.True(t, bytes.Equal(w.fields, again.fields))
		}
	})
}

func FuzzDense(f *testing.F) {
	f.Add([]byte("XCW/XCW24C001-012"))
	f.Add([]byte{1, 0, 0, 0, 0})
	f.Add([]byte{46})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(bytes.Repeat([]byte{0xff}, 255))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, ok := dense(b); ok {
			back, ok := appendDense(nil, s)
			require.True(t, ok)
			require.Equal(t, b, back, "each number has one text")
		}
		if p, ok := appendDense(nil, string(b)); ok && len(b) > 0 {
			s, ok := dense(p)
			require.True(t, ok)
			require.Equal(t, string(b), s, "each text has one number")
		}
	})
}

func ExampleSign() {
	key := testKey(1) // in earnest: NewKey(rand.Reader), or LoadKey
	frame, err := Sign(Mark{
		Item:    MustParseID("XCW/XCW24C001-012/001/0042"),
		Level:   Crate,
		Calibre: "9x19",
		Made:    MonthOf(2024, time.March),
		Rounds:  1000,
	}, key)
	if err != nil {
		panic(err)
	}
	trust, err := ParseTrust(strings.NewReader(
		string(Key{Source: "XA-EXP", ID: "K1", Maker: "XCW", Public: public(1)}.Record())))
	if err != nil {
		panic(err)
	}
	v, err := Open(frame, trust)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(frame), v.Signature, v.Key.Name(), v.Mark.Item, v.Mark.Calibre, v.Mark.Made)
	// Output: 95 valid XA-EXP:K1 XCW/XCW24C001-012/001/0042 9x19 2024-03
}
