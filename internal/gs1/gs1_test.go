package gs1

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// published is a folder with the GS1 syntax dictionary and its vectors, which
// are not part of the project.
const published = "SUBLOT_GS1_DATA"

func open(t testing.TB, name string) *os.File {
	dir := os.Getenv(published)
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data", "gs1")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("no %s: set %s to a folder with the GS1 syntax dictionary and its vectors", name, published)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Names that the dictionary has for our checks.
var dictionaryChecks = map[string]string{
	"csum": "mod10", "gcppos1": "gcp0", "gcppos2": "gcp1", "csumalpha": "pair", "yymmdd": "day", "yymmd0": "day0", "yyyymmdd": "longday", "hhmi": "hhmm",
	"hh": "hour", "mi": "minute", "ss": "minute", "iso3166": "country", "iso3166999": "country999", "iso3166alpha2": "alpha2", "iso4217": "currency",
	"yesno": "bit", "zero": "zero", "nonzero": "nonzero", "nozeroprefix": "nozero", "hyphen": "hyphen", "winding": "winding", "iso5218": "sex", "mediatype": "medium",
	"importeridx": "importer", "packagetype": "package", "hasnondigit": "letter", "latitude": "latitude", "longitude": "longitude", "pieceoftotal": "piece",
	"posinseqslash": "position", "pcenc": "percent", "iban": "iban", "couponcode": "coupon", "couponposoffer": "coupon",
}

// The table says what the published dictionary says, of every identifier.
func TestTableIsThePublishedOne(t *testing.T) {
	lines := bufio.NewScanner(open(t, "gs1-syntax-dictionary.txt"))
	seen := 0
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		from, to, ok := strings.Cut(f[0], "-")
		if !ok {
			to = from
		}
		var format, needs, excludes, key []string
		for _, x := range f[1:] {
			name, value, _ := strings.Cut(x, "=")
			switch name {
			case "req":
				needs = append(needs, value)
			case "ex":
				excludes = append(excludes, value)
			case "dlpkey":
				key = append(key, "key", value)
			default:
				checks := strings.Split(x, ",")
				for i := range checks[1:] {
					checks[i+1] = dictionaryChecks[checks[i+1]]
					require.NotEmpty(t, checks[i+1], x)
				}
				format = append(format, strings.Join(checks, ","))
			}
		}
		for n := atoi(t, from); n <= atoi(t, to); n++ {
			want := &rule{ai: fmt.Sprintf("%0*d", len(from), n)}
			require.NoError(t, want.format(strings.Join(format, " ")))
			for _, group := range needs {
				var alternatives [][]string
				for _, alt := range strings.Split(group, ",") {
					alternatives = append(alternatives, strings.Split(alt, "+"))
				}
				want.needs = append(want.needs, alternatives)
			}
			for _, x := range excludes {
				want.excludes = append(want.excludes, strings.Split(x, ",")...)
			}
			if key != nil {
				want.isKey = true
				for _, alt := range strings.Split(key[1], "|") {
					if alt != "" {
						want.qualifiers = append(want.qualifiers, strings.Split(alt, ","))
					}
				}
			}
			require.Equal(t, want, table()[want.ai], "(%s)", want.ai)
			seen++
		}
	}
	require.Equal(t, len(table()), seen, "no identifier of ours that is not published")
	require.Greater(t, seen, 400)
}

func atoi(t *testing.T, s string) (n int) {
	_, err := fmt.Sscanf(s, "%d", &n)
	require.NoError(t, err)
	return n
}

func vectors(t testing.TB, name string, each func(in, expect string, ok bool)) {
	lines := bufio.NewScanner(open(t, name))
	n := 0
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var v struct {
			In, Expect, Linter string
			OK                 bool
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
		each(v.In, v.Expect, v.OK)
		n++
	}
	require.Greater(t, n, 20)
	t.Logf("%s: %d vectors", name, n)
}

func TestPublishedVectors(t *testing.T) {
	vectors(t, "bracketed_to_unbracketed.jsonl", func(in, expect string, ok bool) {
		m, err := ParseBracketed(in)
		require.Equal(t, ok, err == nil, "%s: %v", in, err)
		if ok {
			require.Equal(t, strings.TrimPrefix(expect, "^"), strings.ReplaceAll(m.Plain(), string(Separator), "^"), in)
			back, err := ParsePlain(m.Plain())
			require.NoError(t, err)
			require.Equal(t, m, back)
			require.Equal(t, in, m.Bracketed())
		}
	})
	vectors(t, "linter_errors.jsonl", func(in, _ string, ok bool) {
		_, err := ParseBracketed(in)
		require.Equal(t, ok, err == nil, "%s: %v", in, err)
	})
}

func TestCheck(t *testing.T) {
	for in, wrong := range map[string]string{
		"(01)09520123456788(10)XYZ07D006-004(21)000123":           "",
		"(01)19520123456785":                                      "",
		"(01)59520123456783":                                      "",
		"(00)095201234567890122":                                  "",
		"(10)XYZ07D006-004":                                       "(10) must stand with one of (01)",
		"(02)09520123456788":                                      "(02) must stand with one of (37)",
		"(37)20":                                                  "(37) must stand with one of (00)",
		"(01)09520123456788(37)20":                                "must not stand with",
		"(01)09520123456788(21)1(235)2":                           "must not stand with",
		"(01)09520123456788(10)A(10)B":                            "twice",
		"(01)09520123456788(7001)1305011234567":                   "",
		"(8030)" + strings.Repeat("a", 86):                        "(8030) must stand with",
		"(01)09520123456788(21)1(8030)" + strings.Repeat("a", 86): "",
		"(01)09520123456788(10)1(8030)" + strings.Repeat("a", 86): "(8030) must stand with one of (00), (01)+(21)",
	} {
		m, err := ParseBracketed(in)
		require.NoError(t, err, in)
		err = m.Check()
		if wrong == "" {
			require.NoError(t, err, in)
			continue
		}
		require.ErrorContains(t, err, wrong, in)
	}
	for _, in := range []string{"(7001)130501C123456", "(8030)" + strings.Repeat("a", 91), "(01)00061414199999", "(01)095201234567881", "(8110)100000", "(11)241301"} {
		_, err := ParseBracketed(in)
		require.Error(t, err, in)
	}
	_, err := ParseBracketed("(01)00061414199999") // from a vendor's manual
	require.ErrorContains(t, err, "wanted 5")
	_, err = ParseBracketed("(8013)1987654Ad4X4bL5ttr2310c2K") // the example of the General Specifications
	require.NoError(t, err)
	require.Error(t, Message{}.Check())
	require.Error(t, Message{{"1A", "x"}}.Check())
}

func TestPlain(t *testing.T) {
	gs := string(Separator)
	for in, want := range map[string]string{
		"010952012345678810ABC" + gs + "21X": "(01)09520123456788(10)ABC(21)X",
		gs + "010952012345678810ABC":         "(01)09520123456788(10)ABC",
		"0109520123456788" + gs + "10ABC":    "(01)09520123456788(10)ABC", // a separator that need not be
		"11240300" + "10A(B":                 `(11)240300(10)A\(B`,
	} {
		m, err := ParsePlain(in)
		require.NoError(t, err, in)
		require.Equal(t, want, m.Bracketed())
		back, err := ParseBracketed(want)
		require.NoError(t, err)
		require.Equal(t, m, back)
	}
	for _, in := range []string{"", gs, "0", "05123", "10", "10A" + gs, "01095201234567", "10A B", "10ñ", strings.Repeat("1", 9000)} {
		_, err := ParsePlain(in)
		require.Error(t, err, "%.20q", in)
	}
}

func TestLink(t *testing.T) {
	m, err := ParseBracketed("(01)09520123456788(10)A/B(11)240300(21)1%2")
	require.NoError(t, err)
	link, err := m.Link("https://id.example.org/")
	require.NoError(t, err)
	require.Equal(t, "https://id.example.org/01/09520123456788/10/A%2FB/21/1%252?11=240300", link)
	back, err := ParseLink(link)
	require.NoError(t, err)
	slices.SortFunc(back, func(a, b Element) int { return strings.Compare(a.AI, b.AI) })
	require.Equal(t, m, back)

	back, err = ParseLink("https://example.org/some/path/01/9520123456788/10/AB?linkType=x&17=271200")
	require.NoError(t, err)
	require.Equal(t, "(01)09520123456788(10)AB(17)271200", back.Bracketed())

	for _, bad := range []string{
		"", "urn:x", "https:///01/09520123456788", "https://e.org/10/AB", "https://e.org/01/09520123456789", "https://e.org/01/09520123456788/21/1/10/A",
		"https://e.org/01/09520123456788?01=1", "https://e.org/01/09520123456788?21=1", "https://e.org/01/%zz", "https://e.org/01/09520123456788?05=1", "https://e.org/01/09520123456788/21/1/235/2",
	} {
		_, err := ParseLink(bad)
		require.Error(t, err, bad)
	}
	m, err = ParseBracketed("(01)09520123456788(21)1")
	require.NoError(t, err)
	_, err = m.Link("https://e.org")
	require.NoError(t, err)
	m, err = ParseBracketed("(01)09520123456788(8200)x")
	require.NoError(t, err)
	_, err = m.Link("https://e.org")
	require.ErrorContains(t, err, "cannot stand in a Digital Link")
}

func FuzzParse(f *testing.F) {
	n := 0
	for _, s := range []string{"(01)09520123456788(10)XYZ07D006-004(21)000123", "010952012345678810ABC\x1d21X", "(8013)1987654Ad4X4bL5ttr2310c2K", "(7258)1/2", "(8007)DE89370400440532013000",
		"https://id.example.org/01/09520123456788/10/A%2FB/21/1?11=240300", "(8030)ab==", "(4300)a%20b", "(253)9520123456788X", "(423)276276", "(7007)240101240102"} {
		f.Add(s)
		n++
	}
	for ai, r := range table() {
		value := ""
		for _, p := range r.parts {
			value += strings.Repeat("1", p.max)
		}
		f.Add("(" + ai + ")" + value)
		n++
	}
	if n < 400 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if m, err := ParseBracketed(s); err == nil {
			back, err := ParseBracketed(m.Bracketed())
			require.NoError(t, err)
			require.Equal(t, m, back)
			back, err = ParsePlain(m.Plain())
			require.NoError(t, err)
			require.Equal(t, m, back)
			if link, err := m.Link("https://e.org"); err == nil {
				back, err := ParseLink(link)
				require.NoError(t, err, link)
				require.ElementsMatch(t, unique(m), back, link)
			}
		}
		if m, err := ParsePlain(s); err == nil {
			back, err := ParsePlain(m.Plain())
			require.NoError(t, err)
			require.Equal(t, m, back)
		}
		if m, err := ParseLink(s); err == nil {
			require.NoError(t, m.Check())
		}
	})
}

func unique(m Message) Message {
	var u Message
	for _, e := range m {
		if !slices.Contains(u, e) {
			u = append(u, e)
		}
	}
	return u
}

func ExampleMessage_Check() {
	m, _ := ParseBracketed("(10)XYZ07D006-004")
	fmt.Println(m.Check())
	// Output: gs1: (10) must stand with one of (01), (02), (03), (8006), (8026)
}
