package lotno

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, s string) Result {
	r, err := Parse(s, 2026)
	require.NoError(t, err, s)
	return r
}

func grammarsOf(r Result) string {
	var s []string
	for _, x := range r.Readings {
		s = append(s, x.Grammar)
	}
	return strings.Join(s, " ")
}

func TestMilStd1168(t *testing.T) {
	r := parse(t, "XYZ07D006-004")
	require.Equal(t, []Reading{{Grammar: "us-1168", Lot: "XYZ07D006-004", Maker: "XYZ", Years: []int{2007}, Month: time.April, Interfix: "006", Sequence: "004"}}, r.Readings)
	require.Empty(t, r.Changes)

	other := parse(t, "XYZ08A006-015").Readings[0]
	require.Equal(t, r.Readings[0].Series(), other.Series(), "one interfix series")
	require.NotEqual(t, r.Readings[0].Series(), parse(t, "XYZ08A007-015").Readings[0].Series())

	suffixed := parse(t, "XYZ07D006-004A").Readings
	require.Len(t, suffixed, 1)
	require.Equal(t, "A", suffixed[0].Suffix)
	require.Equal(t, "XYZ07D006-004", suffixed[0].Parent, "linked, not merged")
	require.Equal(t, "XYZ07D006-004A", suffixed[0].Lot)

	both := parse(t, "XYZ07D006-004ABY").Readings
	require.Len(t, both, 1)
	require.Equal(t, "AB Y XYZ07D006-004", both[0].Suffix+" "+both[0].Theater+" "+both[0].Parent)

	two := parse(t, "XYZ07D006-004Y").Readings
	require.Len(t, two, 2)
	require.Equal(t, "Y", two[0].Suffix)
	require.Equal(t, "XYZ07D006-004", two[0].Parent)
	require.Equal(t, "Y", two[1].Theater)
	require.Empty(t, two[1].Parent+two[1].Suffix)
	require.Len(t, parse(t, "XYZ07D006-004AY").Readings, 2)

	for _, code := range []string{"A", "D", "E", "G", "H", "P", "PG", "R", "S", "SP", "SR", "PILOT"} { // those in use
		require.Equal(t, code, parse(t, "XYZ07D006"+code+"004").Readings[0].Code)
	}

	lc := parse(t, "LC-12F456-003").Readings[0]
	require.Equal(t, "LC", lc.Maker)
	require.Equal(t, []int{2012}, lc.Years)
	require.Equal(t, time.June, lc.Month)

	spaced := parse(t, "XYZ 07D006-004")
	require.Equal(t, "XYZ07D006-004", spaced.Readings[0].Lot)
	require.Contains(t, spaced.Changes, "spaces taken out: MIL-STD-1168 has none")

	for i, letter := range "ABCDEFGHJKLM" {
		require.Equal(t, time.Month(i+1), parse(t, fmt.Sprintf("XYZ07%c006-004", letter)).Readings[0].Month)
	}
	for s, near := range map[string]string{"XYZ07I006-004": "XYZ07J006-004 XYZ07L006-004", "XYZ07N006-004": "XYZ07M006-004 XYZ07H006-004", "XYZ07Z006-004": ""} {
		_, err := Parse(s, 2026)
		var e *Error
		require.ErrorAs(t, err, &e, s)
		require.Equal(t, near, strings.Join(e.Near, " "))
		require.Contains(t, err.Error(), "wanted A to M without I")
		require.NotEmpty(t, e.Hint())
	}
	_, err := Parse("XYZ07D006-004ABC", 2026)
	require.ErrorContains(t, err, "neither a suffix")
}

// Two digits are the set of years they may mean, never a guessed century.
func TestYearsAreSets(t *testing.T) {
	through := func(s string, year int) []int {
		r, err := Parse(s, year)
		require.NoError(t, err)
		return r.Readings[len(r.Readings)-1].Years
	}
	require.Equal(t, []int{2007}, through("XYZ07D006-004", 2026), "1907 is before the standard")
	require.Equal(t, []int{1985}, through("Б12-85-17", 2026))
	require.Equal(t, []int{1985, 2085}, through("Б12-85-17", 2090))
	require.Equal(t, []int{1908, 2008}, through("LC 08", 2026))
	require.Equal(t, []int{1945}, through("LC 45", 2026))
	_, err := Parse("XYZ60D006-004", 2026)
	require.ErrorContains(t, err, "year 60")
}

func TestOtherGrammars(t *testing.T) {
	for _, c := range []struct{ text, grammars, lot, maker string }{
		{"LW-06-01A", "us-old", "LW-06-01A", "LW"},
		{"LC-12345", "us-ww2", "LC-12345", "LC"},
		{"UZZ18", "br", "UZZ18", ""},
		{"UZZ-18", "br", "UZZ18", ""},
		{"uzz18", "br", "UZZ18", ""},
		{"SC03LD44", "winchester", "SC03LD44", ""},
		{"SC13LD1", "winchester", "SC13LD1", ""},
		{"NB51", "suffix", "NB51", ""},
		{"N16OCA373", "remington", "N16OCA373", ""}, // the letter O stays
		{"3141635", "seven-digits", "3141635", ""},
		{"01234567", "indumil", "01234567", ""},
		{"Б12-85-17", "su", "Б12-85-17", "17"},
		{"б12-85-17", "su", "Б12-85-17", "17"},
		{"501/77", "head", "", "501"},
		{"311/86", "head", "", "311"},
		{"MEN-12-L-034", "de", "MEN-12-L-034", "MEN"},
		{"3-LM-85", "fr", "3-LM-85", "LM"},
		{"012-PS-83.02", "poongsan", "012-PS-83.02", "PS"},
		{"LC 23", "suffix us-head", "LC 23", ""}, // a day code, or a head
		{"DAY 7 SHIFT 2", "text", "DAY 7 SHIFT 2", ""},
		{"国营12", "text", "国营12", ""},
	} {
		r := parse(t, c.text)
		require.Equal(t, c.grammars, grammarsOf(r), c.text)
		require.Equal(t, c.lot, r.Readings[0].Lot, c.text)
		require.Equal(t, c.maker, r.Readings[0].Maker, c.text)
	}
	// A mark with a space may be a Brazilian lot, or a US head with a year.
	require.Equal(t, "br us-head", grammarsOf(parse(t, "UZZ 18")))
	require.True(t, parse(t, "3141635").Readings[0].NeedsMaker)
	require.Equal(t, "A", parse(t, "LW-06-01A").Readings[0].Suffix)
	require.Equal(t, "LW-06-01", parse(t, "LW-06-01A").Readings[0].Parent)
	require.Nil(t, parse(t, "UZZ18").Readings[0].Years, "18 is no year")
	require.Equal(t, time.February, parse(t, "012-PS-83.02").Readings[0].Month)
	require.Equal(t, []int{2001}, parse(t, "01234567").Readings[0].Years)
}

// On a Soviet crate two groups stand side by side; the second is the powder's.
func TestPowderLot(t *testing.T) {
	r := parse(t, "Б12-85-17 ВУфл 3/84К").Readings[0]
	require.Equal(t, "Б12-85-17", r.Lot)
	require.Equal(t, "ВУфл 3/84К", r.Powder)
	require.Equal(t, []int{1985}, r.Years)
}

func TestStates(t *testing.T) {
	for s, want := range map[string]State{"NONE": None, "mixed": Mixed, "UNKNOWN": Unknown, "RAD-MIXED": Mixed, "XYZ UNKNOWN": Unknown, "MIXEDUP": Known} {
		r := parse(t, s)
		require.Equal(t, want, r.State, s)
		require.Equal(t, want != Known, len(r.Readings) == 0, "a state is no lot")
	}
}

func TestNear(t *testing.T) {
	for _, s := range []string{"UZZI8", "U2Z18", "UZZ1B"} {
		r := parse(t, s)
		require.Equal(t, "text", grammarsOf(r), "never corrected in silence")
		require.Contains(t, r.Near, "UZZ18")
	}
}

func TestRefused(t *testing.T) {
	for _, s := range []string{"", "  ", "A\x00", "A*B", "\xff", strings.Repeat("A", 65), strings.Repeat("Я", 1<<20)} {
		_, err := Parse(s, 2026)
		var e *Error
		require.ErrorAs(t, err, &e, "%.20q", s)
		require.Less(t, len(err.Error()), 400)
	}
}

func TestGrammarsReadTheirExamples(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range Grammars() {
		require.False(t, seen[g.Name])
		seen[g.Name] = true
		require.Contains(t, strings.Fields(grammarsOf(parse(t, g.Example))), g.Name)
		require.NotEmpty(t, g.About)
		require.NotEmpty(t, g.Source)
	}
}

func FuzzParse(f *testing.F) {
	n := 0
	for _, g := range Grammars() {
		f.Add(g.Example, 2026)
		n++
	}
	for _, s := range []string{"XYZ07D006-004ABY", "UZZ-18", "RAD-MIXED", "Б12-85-17 ВУфл 3/84К", "XYZ07I006-004"} {
		f.Add(s, 1999)
		n++
	}
	if n < 15 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, s string, through int) {
		r, err := Parse(s, through%10_000)
		if err != nil {
			require.Empty(t, r)
			return
		}
		require.Equal(t, r.State == Known, len(r.Readings) > 0)
		for _, x := range r.Readings {
			for _, y := range x.Years {
				require.LessOrEqual(t, y, through%10_000)
			}
			require.True(t, utf8.ValidString(x.Lot))
			if x.Parent != "" {
				require.NotEqual(t, x.Parent, x.Lot)
				require.True(t, strings.HasPrefix(x.Lot, x.Parent))
			}
			if x.Lot != "" && x.Powder == "" {
				again, err := Parse(x.Lot, through%10_000)
				require.NoError(t, err)
				require.Contains(t, again.Readings, x, "the normal spelling reads as the same")
			}
		}
	})
}

func ExampleParse() {
	r, _ := Parse("XYZ07D006-004Y", 2026)
	for _, x := range r.Readings {
		fmt.Printf("maker %s, made %v %v, suffix %q, theater %q\n", x.Maker, x.Month, x.Years, x.Suffix, x.Theater)
	}
	_, err := Parse("XYZ07I006-004", 2026)
	fmt.Println(err)
	// Output:
	// maker XYZ, made April [2007], suffix "Y", theater ""
	// maker XYZ, made April [2007], suffix "", theater "Y"
	// lotno: "XYZ07I006-004": month I, wanted A to M without I
}
