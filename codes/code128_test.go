package codes

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/parse"
)

// code128Read takes bars apart into values and has them parsed.
func code128Read(t *testing.T, s *Symbol) *parse.Message {
	t.Helper()
	value := map[string]byte{}
	for v, widths := range code128Widths {
		value[widths] = byte(v)
	}
	var values []byte
	for x := 0; x < s.Width(); {
		bars := 6
		if x+13 == s.Width() {
			bars = 7 // stop
		}
		var widths strings.Builder
		for range bars {
			from := x
			for x < s.Width() && s.At(x, 0) == s.At(from, 0) {
				x++
			}
			widths.WriteByte(byte('0' + x - from))
		}
		v, ok := value[widths.String()]
		require.True(t, ok, "no character is %s", widths.String())
		values = append(values, v)
	}
	m, err := parse.Code128(values)
	require.NoError(t, err)
	return m
}

func TestCode128ReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	alphabets := []string{"0123456789", "ABC012345678901234567890123456789\x1d", "abcABC\x01\x02 019", ""}
	for n := 1; n < 500; n++ {
		data := make([]byte, 1+r.IntN(40))
		a := alphabets[r.IntN(len(alphabets))]
		for i := range data {
			if data[i] = byte(r.IntN(128)); a != "" {
				data[i] = a[r.IntN(len(a))]
			}
		}
		p := Payload{Data: data, GS1: n%3 == 0}
		if p.check() != nil {
			continue
		}
		s, err := Encode(p, EncodeConfig{Symbology: Code128})
		require.NoError(t, err)
		m := code128Read(t, s)
		require.True(t, p.Equal(Payload{Data: m.Data, GS1: m.GS1}), "want %+v, got %+v", p, m)
	}
}

// TestCode128IsShort compares widths with counts made by hand: 11 modules a
// character, start, check and stop make 35 more.
func TestCode128IsShort(t *testing.T) {
	for text, characters := range map[string]int{
		"A":           1,
		"12":          1,
		"1234567890":  5,
		"A1":          2,
		"AB123456":    2 + 1 + 3, // a change to set C
		"123456AB":    3 + 1 + 2,
		"12345":       2 + 1 + 1,
		"a1b2":        4,
		"abc\x01":     3 + 1 + 1, // a change to set A
		"A\x01B\x02C": 5,
	} {
		s, err := Encode(Payload{Data: []byte(text)}, EncodeConfig{Symbology: Code128})
		require.NoError(t, err)
		require.Equal(t, 11*characters+35, s.Width(), "%q", text)
	}
}

func TestCode128Refuses(t *testing.T) {
	for says, p := range map[string]Payload{
		"codes: byte 1 is 0x80: Code 128 takes ASCII":                                         {Data: []byte("A\x80")},
		"codes: Code 128 has no ECI and no structured append":                                 {Data: []byte("A"), ECI: 3},
		"codes: payload too long for code128 in any size: needs 81 characters, there are 80":  {Data: []byte(strings.Repeat("A", 81))},
		"codes: payload too long for code128 in any size: needs 500 characters, there are 80": {Data: []byte(strings.Repeat("A", 1000))},
	} {
		_, err := Encode(p, EncodeConfig{Symbology: Code128})
		require.EqualError(t, err, says)
	}
	_, err := Encode(Payload{Data: []byte("A")}, EncodeConfig{Symbology: Code128, Rows: 5})
	require.EqualError(t, err, "codes: size 5 rows: a linear symbol is as long as its data")
}
