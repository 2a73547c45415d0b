package parse_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/parse"
)

// disguise255 hides a Base 256 byte at a place counted from 1.
func disguise255(v byte, place int) byte { return byte((int(v) + (149*place)%255 + 1) % 256) }

// base256 returns the codewords of data behind so many others.
func base256(behind int, data []byte, length ...byte) []byte {
	out := []byte{231}
	for i, b := range append(length, data...) {
		out = append(out, disguise255(b, behind+2+i))
	}
	return out
}

// triple packs three values of C40, Text or X12.
func triple(a, b, c int) []byte {
	v := 1600*a + 40*b + c + 1
	return []byte{byte(v >> 8), byte(v)}
}

func words(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case []byte:
			out = append(out, p...)
		case string: // ASCII encodation
			for _, c := range []byte(p) {
				out = append(out, c+1)
			}
		}
	}
	return out
}

var long = []byte(strings.Repeat("\x00\xff\x1d~", 75)) // 300 bytes

// dataMatrixCases pin what codewords say, by the sections of ISO/IEC 16022.
var dataMatrixCases = []struct {
	name  string
	words []byte
	want  parse.Message
	text  string // "" = as the data
}{
	{name: "ascii", words: words("Hello"), want: parse.Message{Data: []byte("Hello")}},
	{name: "pairs of digits", words: words(142, 164, 186), want: parse.Message{Data: []byte("123456")}},
	{name: "padding", words: words("A", 129, 70, 220, 115), want: parse.Message{Data: []byte("A")}},
	{name: "upper shift", words: words(235, 0xe9-127, "t", 235, 0xe9-127), want: parse.Message{Data: []byte{0xe9, 't', 0xe9}}, text: "été"},
	{name: "C40 of the standard", words: words(230, 91, 11, 91, 11, 91, 11, 254, "x"), want: parse.Message{Data: []byte("AIMAIMAIMx")}},
	{name: "C40 shifts", words: words(230, triple(0, 10, 1), triple(5, 2, 1), triple(14, 1, 30), triple(2, 14, 3)), want: parse.Message{Data: []byte("\n&aA\xee ")}, text: "\n&aAî "},
	{name: "C40 to the end, one codeword left", words: words(230, triple(14, 15, 16), "z"), want: parse.Message{Data: []byte("ABCz")}},
	{name: "C40 and an unlatch at the end", words: words(230, triple(14, 15, 16), 254), want: parse.Message{Data: []byte("ABC")}},
	{name: "FNC1 in C40", words: words(230, triple(14, 1, 27), triple(15, 16, 17), 254), want: parse.Message{Data: []byte("A\x1dBCD")}},
	{name: "text", words: words(239, triple(14, 15, 16), triple(2, 1, 4), 254, "A"), want: parse.Message{Data: []byte("abcA0A")}},
	{name: "X12", words: words(238, triple(0, 1, 2), triple(3, 4, 39), 254), want: parse.Message{Data: []byte("\r*> 0Z")}},
	{name: "EDIFACT", words: words(240, 0b000001_00, 0b0010_0000, 0b11_011111, "a"), want: parse.Message{Data: []byte("ABCa")}},
	{name: "EDIFACT, the last two in ASCII", words: words(240, 0b000001_00, 0b0010_1100, 0b00_111111, "ab"), want: parse.Message{Data: []byte("AB0?ab")}},
	{name: "EDIFACT, unlatch in the first value", words: words(240, 31<<2, "ab"), want: parse.Message{Data: []byte("ab")}},
	{name: "base 256", words: words(base256(0, []byte{0, 255, 232, 129}, 4), "A"), want: parse.Message{Data: []byte{0, 255, 232, 129, 'A'}}, text: "\u0000ÿè\u0081A"},
	{name: "base 256 behind others", words: words("AB", base256(2, []byte("\x1d\x1e"), 2)), want: parse.Message{Data: []byte("AB\x1d\x1e")}},
	{name: "base 256 to the end", words: base256(0, []byte("xyz"), 0), want: parse.Message{Data: []byte("xyz")}},
	{name: "base 256 of 300", words: base256(0, long, 250, 50), want: parse.Message{Data: long}, text: strings.Repeat("\x00ÿ\x1d~", 75)},
	{name: "FNC1 first", words: words(232, 131, "0", 232, "B"), want: parse.Message{Data: []byte("010\x1dB"), GS1: true}},
	{name: "FNC1 second behind a letter", words: words("a", 232, "7"), want: parse.Message{Data: []byte("a7"), AIM: true}},
	{name: "FNC1 second behind two digits", words: words(142, 232, "7"), want: parse.Message{Data: []byte("127"), AIM: true}},
	{name: "FNC1 elsewhere", words: words("ab", 232, "7"), want: parse.Message{Data: []byte("ab\x1d7")}},
	{name: "first byte 0xE8 is no FNC1", words: words(235, 0xe8-127), want: parse.Message{Data: []byte{0xe8}}, text: "è"},
	{name: "ECI of one", words: words(241, 27, "A"), want: parse.Message{Data: []byte("A"), ECI: 26}},
	{name: "ECI of two", words: words(241, 128, 1, "A"), want: parse.Message{Data: []byte("A"), ECI: 127}},
	{name: "ECI of two, the last", words: words(241, 191, 254, "A"), want: parse.Message{Data: []byte("A"), ECI: 16382}},
	{name: "ECI of three", words: words(241, 192, 1, 1, "A"), want: parse.Message{Data: []byte("A"), ECI: 16383}},
	{name: "ECI Cyrillic", words: words(241, 8, 235, 0xb6-127), want: parse.Message{Data: []byte{0xb6}, ECI: 7}, text: "Ж"},
	{name: "structured append", words: words(233, 0x1f, 3, 4, "A"), want: parse.Message{Data: []byte("A"), Index: 1, Total: 2, Group: 3<<8 | 4}},
	{name: "structured append with FNC1", words: words(233, 0x0e, 1, 254, 232, "A"), want: parse.Message{Data: []byte("A"), GS1: true, Total: 3, Group: 1<<8 | 254}},
	{name: "reader programming", words: words(234, "$I"), want: parse.Message{Data: []byte("$I"), Init: true}},
	{name: "macro 05", words: words(236, "A"), want: parse.Message{Data: []byte("[)>\x1e05\x1dA\x1e\x04")}},
	{name: "macro 06", words: words(237, "A", 129), want: parse.Message{Data: []byte("[)>\x1e06\x1dA\x1e\x04")}},
}

func TestDataMatrix(t *testing.T) {
	for _, c := range dataMatrixCases {
		m, err := parse.DataMatrix(c.words)
		require.NoError(t, err, c.name)
		sameMessage(t, c.name, c.want, m)
		text := c.text
		if text == "" {
			text = string(c.want.Data)
		}
		require.Equal(t, text, m.Text(), c.name)
	}
}

func sameMessage(t *testing.T, name string, want parse.Message, got *parse.Message) {
	t.Helper()
	require.Equal(t, string(want.Data), string(got.Data), name)
	require.Equal(t, []any{want.GS1, want.AIM, want.ECI, want.Index, want.Total, want.Group, want.Init},
		[]any{got.GS1, got.AIM, got.ECI, got.Index, got.Total, got.Group, got.Init}, name)
}

func TestDataMatrixRefuses(t *testing.T) {
	for name, w := range map[string][]byte{
		"nothing":                      {},
		"padding alone":                {129, 70},
		"zero":                         words("A", 0),
		"no codeword":                  words("A", 242),
		"unlatch with nothing latched": words(254, "A"),
		"upper shift of digits":        words(235, 142),
		"base 256 beyond the end":      base256(0, []byte("abc"), 9),
		"base 256 cut in its length":   {231},
		"C40 above 64000":              words(230, 255, 255),
		"C40 shift 2 of 35":            words(230, triple(1, 35, 3)),
		"ECI cut short":                words("A", 241, 200, 1),
		"ECI of 240":                   words(241, 240, "A"),
		"structured append inside":     words("A", 233, 0x1f, 3, 4),
		"structured append of one":     words(233, 0x00, 3, 4, "A"),
		"structured append 9 of 2":     words(233, 0x8f, 3, 4, "A"),
		"macro inside":                 words("A", 236),
		"reader programming inside":    words("A", 234),
		"pads that are none":           words("A", 129, 1, 2, 3, 4),
	} {
		_, err := parse.DataMatrix(w)
		require.Error(t, err, name)
	}
}

// bitString packs '0' and '1' into bytes; spaces are for the reader.
func bitString(s string) []byte {
	s = strings.ReplaceAll(s, " ", "")
	var out []byte
	for i, c := range s {
		if i%8 == 0 {
			out = append(out, 0)
		}
		out[i/8] |= byte(c-'0') << (7 - i%8)
	}
	return out
}

var qrCases = []struct {
	name    string
	bits    string
	version int
	want    parse.Message
	text    string
}{
	{"numeric of the standard", "0001 0000001000 0000001100 0101011001 1000011 0000", 1, parse.Message{Data: []byte("01234567")}, ""},
	{"numeric, larger symbol", "0001 000000000001 0111", 10, parse.Message{Data: []byte("7")}, ""},
	{"alphanumeric of the standard", "0010 000000101 00111001110 11100111001 000010 0000", 1, parse.Message{Data: []byte("AC-42")}, ""},
	{"byte", "0100 00000010 11101001 00011101", 1, parse.Message{Data: []byte{0xe9, 0x1d}}, "é\x1d"},
	{"byte, larger symbol", "0100 0000000000000001 01000001", 27, parse.Message{Data: []byte("A")}, ""},
	{"kanji of the standard", "1000 00000010 0110110011111 1101010101010", 1, parse.Message{Data: []byte{0x93, 0x5f, 0xe4, 0xaa}}, "点茗"},
	{"hanzi", "1101 0001 00000001 0000000000000", 1, parse.Message{Data: []byte{0xa1, 0xa1}}, "\u3000"},
	{"ECI 9", "0111 00001001 0100 00000001 11000001", 1, parse.Message{Data: []byte{0xc1}, ECI: 9}, "Α"},
	{"ECI of two bytes", "0111 10000011 10000011 0100 00000001 11111111", 1, parse.Message{Data: []byte{0xff}, ECI: 899}, "ÿ"},
	{"ECI of three bytes", "0111 11001111 01000010 00111111 0100 00000001 01000001", 1, parse.Message{Data: []byte("A"), ECI: 999999}, ""},
	{"FNC1 first, percent", "0101 0010 000000101 00111101000 01000010101 100110 0000", 1, parse.Message{Data: []byte("A\x1dB%"), GS1: true}, ""},
	{"percent without FNC1", "0010 000000010 11011010100", 1, parse.Message{Data: []byte("%%")}, ""},
	{"FNC1 second", "1001 00100101 0001 0000000001 0111", 1, parse.Message{Data: []byte("377"), AIM: true}, ""},
	{"structured append", "0011 0010 0110 10101010 0100 00000001 01000001", 1, parse.Message{Data: []byte("A"), Index: 2, Total: 7, Group: 0xaa}, ""},
	{"segments", "0001 0000000001 0111 0100 00000001 01000001 0010 000000001 001010", 1, parse.Message{Data: []byte("7AA")}, ""},
}

func TestQR(t *testing.T) {
	for _, c := range qrCases {
		m, err := parse.QR(bitString(c.bits), c.version)
		require.NoError(t, err, c.name)
		sameMessage(t, c.name, c.want, m)
		text := c.text
		if text == "" {
			text = string(c.want.Data)
		}
		require.Equal(t, text, m.Text(), c.name)
	}
}

func TestQRRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"nothing":                 "0000 0000",
		"no such mode":            "1111 0000",
		"numbers above 999":       "0001 0000000011 1111111111",
		"cut short":               "0100 00001000 01000001",
		"a count beyond reason":   "0001 1111111111 0000000000",
		"a pair above 44 44":      "0010 000000010 11111111111",
		"a character above 44":    "0010 000000001 111111",
		"structured append 9/2":   "0011 1001 0001 10101010 0100 00000001 01000001",
		"application indicator":   "1001 11111111 0001 0000000001 0111",
		"ECI begins with 111":     "0111 11100000 0100 00000001 01000001",
		"hanzi of another subset": "1101 0010 00000001 0000000000000",
	} {
		_, err := parse.QR(bitString(b), 1)
		require.Error(t, err, name)
	}
	for _, version := range []int{0, 41, -1} {
		_, err := parse.QR(bitString(qrCases[0].bits), version)
		require.Error(t, err)
	}
}

func TestAztec(t *testing.T) {
	for _, c := range []struct {
		name, bits string
		want       parse.Message
	}{
		{"upper, lower, digit", "00010 11100 00010 11110 0011 0011 1110 00011", parse.Message{Data: []byte("Aa11B")}},
		{"punctuation for one", "00000 00010 00010", parse.Message{Data: []byte("\r\nA")}},
		{"mixed and punctuation", "11101 10100 11110 00110 11111 00010", parse.Message{Data: []byte("@!A")}},
		{"binary", "11111 00010 11111111 00000000 00010", parse.Message{Data: []byte("\xff\x00A")}},
		{"upper for one from digit", "11110 0010 1111 00010 0010", parse.Message{Data: []byte("0A0")}},
		{"upper for one, then binary, stays upper", "11110 1111 11111 00001 01000001 00010", parse.Message{Data: []byte("AA")}},
		{"FNC1 first and later", "00000 00000 000 00010 00011 00000 00000 000 00100", parse.Message{Data: []byte("AB\x1dC"), GS1: true}},
		{"FNC1 second", "00010 00000 00000 000 00011", parse.Message{Data: []byte("AB"), AIM: true}},
		{"ECI 26", "00000 00000 010 0100 1000 00010", parse.Message{Data: []byte("A"), ECI: 26}},
		{"structured append", "11101 11101 00011 00100 00010", parse.Message{Data: []byte("A"), Index: 1, Total: 3}},
		{"structured append with a name", "11101 11101 00001 00010 00001 00011 00100 00010", parse.Message{Data: []byte("A"), Index: 1, Total: 3, Group: 'A'}},
	} {
		n := len(strings.ReplaceAll(c.bits, " ", ""))
		m, err := parse.Aztec(bitString(c.bits), n)
		require.NoError(t, err, c.name)
		sameMessage(t, c.name, c.want, m)
	}
	for name, bits := range map[string]string{
		"nothing": "", "FLG(7)": "00000 00000 111 00010", "no digit": "00000 00000 001 1111 00010",
		"no place in the set": "11101 11101 00010", "place 4 of 3": "11101 11101 00101 00100 00010",
	} {
		_, err := parse.Aztec(bitString(bits), len(strings.ReplaceAll(bits, " ", "")))
		require.Error(t, err, name)
	}
	_, err := parse.Aztec([]byte{1}, 9)
	require.Error(t, err)
}

// closed adds the check character and the stop.
func closed(v ...byte) []byte {
	sum := int(v[0])
	for i, c := range v[1:] {
		sum += (i + 1) * int(c)
	}
	return append(v, byte(sum%103), 106)
}

func TestCode128(t *testing.T) {
	const a, b, c = 103, 104, 105
	for _, tc := range []struct {
		name   string
		values []byte
		want   parse.Message
	}{
		{"B", closed(b, 33, 65, 16), parse.Message{Data: []byte("Aa0")}},
		{"A with controls", closed(a, 33, 64, 93), parse.Message{Data: []byte("A\x00\x1d")}},
		{"C", closed(c, 12, 34, 100, 33), parse.Message{Data: []byte("1234A")}},
		{"shift", closed(b, 65, 98, 64, 65), parse.Message{Data: []byte("a\x00a")}},
		{"GS1", closed(c, 102, 1, 102, 21), parse.Message{Data: []byte("01\x1d21"), GS1: true}},
		{"FNC1 second", closed(b, 33, 102, 34), parse.Message{Data: []byte("AB"), AIM: true}},
		{"FNC4 once", closed(b, 100, 33, 33), parse.Message{Data: []byte{0xc1, 'A'}}},
		{"FNC4 latched", closed(b, 100, 100, 33, 100, 33, 33, 100, 100, 33), parse.Message{Data: []byte{0xc1, 'A', 0xc1, 'A'}}},
		{"FNC3", closed(b, 96, 33), parse.Message{Data: []byte("A"), Init: true}},
	} {
		m, err := parse.Code128(tc.values)
		require.NoError(t, err, tc.name)
		sameMessage(t, tc.name, tc.want, m)
	}
	for name, v := range map[string][]byte{
		"empty": {}, "no data": closed(b), "no start": {33, 33, 33, 106}, "no stop": {104, 33, 34, 35},
		"wrong check": {104, 33, 35, 106}, "a start inside": closed(b, 33, 104, 33),
	} {
		_, err := parse.Code128(v)
		require.Error(t, err, name)
	}
}

// A text of any symbol is valid UTF-8, its data not longer than its modes allow.
func sane(t *testing.T, m *parse.Message, err error, most int) {
	if err != nil {
		require.Nil(t, m)
		return
	}
	require.LessOrEqual(t, len(m.Data), most)
	require.True(t, utf8.ValidString(m.Text()))
	require.True(t, m.Total == 0 && m.Index == 0 || m.Index < m.Total)
	require.True(t, m.ECI >= 0 && m.ECI <= 999999)
}

func FuzzDataMatrix(f *testing.F) {
	for _, c := range dataMatrixCases {
		f.Add(c.words)
	}
	if len(dataMatrixCases) < 20 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, words []byte) {
		m, err := parse.DataMatrix(words)
		sane(t, m, err, 2*len(words)+9)
	})
}

func FuzzQR(f *testing.F) {
	for _, c := range qrCases {
		f.Add(bitString(c.bits), c.version)
	}
	if len(qrCases) < 10 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, words []byte, version int) {
		m, err := parse.QR(words, version)
		sane(t, m, err, 3*len(words))
	})
}

func FuzzAztec(f *testing.F) {
	f.Add(bitString("00010 11100 00010 11110 0011 0011 1110 00011"), 38)
	f.Add(bitString("11101 11101 00001 00010 00001 00011 00100 00010"), 40)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		m, err := parse.Aztec(data, max(n, 0))
		sane(t, m, err, 3*len(data))
	})
}

func FuzzCode128(f *testing.F) {
	f.Add(closed(105, 12, 34, 100, 33))
	f.Add(closed(104, 100, 100, 33, 100, 33))
	f.Fuzz(func(t *testing.T, values []byte) {
		m, err := parse.Code128(values)
		sane(t, m, err, 2*len(values))
	})
}
