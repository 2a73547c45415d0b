package interchange

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// samples are messages as published or made after the standards.
var samples = []struct {
	name, hex, uii string
	problem        string
}{
	{"06, construct 1", "5b293e1e30361d31385330435641353637344133363435381e04", "D0CVA5674A36458", ""},
	{"06, construct 2", "5b293e1e30361d31375639383839371d3150344c303031342d313633421d53534131303139371e04", "D988974L0014-163BSA10197", ""},
	{"06, with a lot", "5b293e1e30361d31375639383839371d315458595a3037443030362d3030341d533030303132331e04", "D98897XYZ07D006-004000123", ""},
	{"05, wrong check digit", "5b293e1e30351d303130303036313431343139393939391d32313141304239433344361e04", "", "check digit 9 of 00061414199999 is wrong, wanted 5"},
	{"12", "5b293e1e31321d4d46522030435641351d534552203637344133363435381e04", "D0CVA5674A36458", ""},
	{"06, letter O in the CAGE", hex.EncodeToString([]byte("[)>\x1e06\x1d18SOCVA5674A36458\x1e\x04")), "DOCVA5674A36458", "letter I or O"},
	{"06, whole UII", hex.EncodeToString([]byte("[)>\x1e06\x1d25SUN123456789ABC1\x1e\x04")), "UN123456789ABC1", ""},
	{"12, part and sequence", hex.EncodeToString([]byte("[)>\x1e12\x1dCAG 0CVA5\x1dPNO 12-3\x1dSEQ 7\x1e\x04")), "D0CVA512-37", ""},
	{"05, asset", hex.EncodeToString([]byte("[)>\x1e05\x1d80049520123ABC\x1e\x04")), "9520123ABC", ""},
}

func TestSamples(t *testing.T) {
	for _, s := range samples {
		b, err := hex.DecodeString(s.hex)
		require.NoError(t, err)
		m, err := Parse(b)
		require.NoError(t, err, s.name)
		uii, err := m.UII()
		require.Equal(t, s.uii, uii, "%s: %v", s.name, err)
		require.Equal(t, s.uii == "", err != nil)
		if s.problem == "" {
			require.Empty(t, m.Problems(), s.name)
		} else {
			require.Contains(t, strings.Join(m.Problems(), "\n"), s.problem, s.name)
		}
		back, err := m.Bytes()
		require.NoError(t, err)
		require.Equal(t, b, back)
	}
}

func TestRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":                                    "header",
		"[)>\x1e06\x1d1TA":                    "trailer",
		"[)>\x1e06\x1e\x04":                   "without elements",
		"[)>\x1e07\x1d1TA\x1e\x04":            "format",
		"[)>\x1e06\x1d\x1e\x04":               "no data identifier",
		"[)>\x1e06\x1d1T\x1e\x04":             "no data identifier",
		"[)>\x1e06\x1dé\x1e\x04":              "byte c3",
		"[)>\x1e12\x1dMFR0CVA5\x1e\x04":       "text element",
		"[)>\x1e12\x1dMFR \x1e\x04":           "text element",
		"[)>\x1e05\x1d0512\x1e\x04":           "application identifier",
		"[)>\x1e06\x1d1TA\x1e05\x1d1\x1e\x04": "more than one",
		strings.Repeat("a", maxMessage+1):     "at most",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, says, "%.30q", text)
	}
	_, err := Message{Format: DI, Elements: []Element{{"1T", "A\x1d1TB"}}}.Bytes()
	require.Error(t, err)
	_, err = Message{Format: DI, Elements: []Element{{"1T", ""}}}.Bytes()
	require.Error(t, err)
	for _, e := range [][]Element{{{"1T", "A"}, {"S", "1"}}, {{"17V", "98897"}, {"S", "1"}}, {{"17V", "98897"}, {"1T", "A B"}, {"S", "1"}}, {{"17V", "98897"}, {"1T", strings.Repeat("A", 50)}, {"S", "1"}}} {
		_, err := Message{Format: DI, Elements: e}.UII()
		require.Error(t, err)
	}
	require.NotEmpty(t, Message{Format: DI, Elements: []Element{{"S", "1"}, {"S", "2"}}}.Problems())
}

func FuzzParse(f *testing.F) {
	n := 0
	for _, s := range samples {
		b, err := hex.DecodeString(s.hex)
		require.NoError(f, err)
		f.Add(b)
		n++
	}
	if n < 9 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		back, err := m.Bytes()
		require.NoError(t, err)
		require.Equal(t, b, back)
		m.Problems()
		if uii, err := m.UII(); err == nil {
			require.LessOrEqual(t, len(uii), maxUII)
		}
	})
}

func ExampleMessage_UII() {
	m, _ := Parse([]byte("[)>\x1e06\x1d17V98897\x1d1TXYZ07D006-004\x1dS000123\x1e\x04"))
	fmt.Println(m.UII())
	// Output: D98897XYZ07D006-004000123 <nil>
}
