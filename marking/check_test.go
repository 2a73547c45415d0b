package marking

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The Global Release Identifier publishes A1-2425G-ABC1234002-M as an example of MOD 37,36.
func TestCheckCharacter(t *testing.T) {
	require.Equal(t, "M", string(checkCharacter("A12425GABC1234002")))
}

// Any letter or digit replaced by another is found, nearly all neighbours
// swapped, and nearly all that replaces a separator or is replaced by one.
func TestCheckFindsErrors(t *testing.T) {
	good := MustParseID("XCW/XCW24C001-012/001/0042").Checked()
	text, check, _ := strings.Cut(good, "=")
	missed, tried := 0, 0
	for i := range text {
		for _, c := range denseAlphabet {
			bad := text[:i] + string(c) + text[i+1:]
			if bad == text {
				continue
			}
			found := string(checkCharacter(bad)) != check
			if strings.ContainsRune(checkAlphabet, c) && strings.IndexByte(checkAlphabet, text[i]) >= 0 {
				require.True(t, found, bad)
				continue
			}
			if tried++; !found {
				missed++
			}
		}
		if i > 0 && text[i] != text[i-1] {
			bad := text[:i-1] + text[i:i+1] + text[i-1:i] + text[i+1:]
			if tried++; string(checkCharacter(bad)) == check {
				missed++
			}
		}
	}
	require.LessOrEqual(t, missed*20, tried, "%d of %d", missed, tried)
	for _, c := range checkAlphabet {
		_, err := ParseChecked(text + "=" + string(c))
		require.Equal(t, string(c) != check, err != nil)
	}
	for _, s := range []string{"", "=", "=F", text, text + "=", text + "=FF", text + "=F=F", strings.ToLower(good), " " + good} {
		_, err := ParseChecked(s)
		require.Error(t, err, s)
	}
}

func TestTextForms(t *testing.T) {
	// Examples of RFC 9285.
	for plain, text := range map[string]string{"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0"} {
		require.Equal(t, "SL1:"+text, Text([]byte(plain)))
		back, err := ParseText("SL1:" + text)
		require.NoError(t, err)
		require.Equal(t, plain, string(back))
	}
	for _, s := range []string{"", "SL1:", "SL1:GGW", "SL1:A", "sl1:BB8", "ME======", "M", "MF", strings.Repeat("A", 1<<20)} {
		_, err := ParseText(s)
		require.Error(t, err, "%.20q", s)
	}
}

func FuzzParseText(f *testing.F) {
	n := 0
	for _, file := range []string{"accept.jsonl", "reject.jsonl"} {
		for _, v := range readVectors(f, file) {
			if v.Text+v.Path != "" {
				f.Add(v.Text)
				f.Add(v.Path)
				n++
			}
		}
	}
	if n < 10 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, s string) {
		frame, err := ParseText(s)
		if err != nil {
			return
		}
		if strings.HasPrefix(s, textPrefix) {
			require.Equal(t, s, Text(frame))
		} else {
			require.Equal(t, s, Path(frame))
		}
	})
}

// The small parsers, together: what they accept is what they write.
func FuzzSmallParsers(f *testing.F) {
	for _, s := range []string{"XCW/XCW24C001-012/001/0042=F", "2024-03", "1850-01", "crate", "XB:unit=POL-3", "XB:k=a=b", "BR:buyer=Ação"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseChecked(s); err == nil {
			require.Equal(t, s, id.Checked())
		}
		if m, err := ParseMonth(s); err == nil {
			require.Equal(t, s, m.String())
		}
		if l, err := ParseLevel(s); err == nil {
			require.Equal(t, s, string(l))
		}
		if n, err := ParseNational(s); err == nil {
			require.Equal(t, s, n.String())
			frame, err := Unsigned(Mark{Item: MustParseID("XCW/1"), Level: Box, National: []National{n}})
			require.NoError(t, err)
			m, _, err := Read(frame)
			require.NoError(t, err)
			require.Equal(t, []National{n}, m.National)
		}
	})
}
