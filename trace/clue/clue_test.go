package clue_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// onRecord are lots of many kinds that clues of all kinds are compared with.
var onRecord = []string{
	"17/86-12", "188/78-4", "60/17-5", "LCY/N16OCA373", "LCY/N16OCA374", "PL:21/24-017", "XBR/UZZ18", "XBR/UZZ19", "XBR/BNT84",
	"XCW/XCW24C001-011", "XCW/XCW24C001-012", "XCW/XCW24C001-012A", "XCW/XCW24C001-013", "XCW/XCW24D006-004", "XCW/XCW98B118-906", "XCW/2019-044",
	"XRU/Б12-85-17", "XRU/Б14-85-60", "XRU/В77-91-03", "XZZ/MIXED8", "XMW/HN619S", "XAR/7-440-02",
}

func index(t testing.TB, lots ...string) *clue.Index {
	t.Helper()
	ids := make([]marking.ID, len(lots))
	for i, l := range lots {
		ids[i] = marking.MustParseID(l)
	}
	slices.SortFunc(ids, marking.ID.Compare)
	x, err := clue.New(sequence(ids))
	require.NoError(t, err)
	return x
}

func read(t testing.TB, x *clue.Index, text string) clue.Result {
	t.Helper()
	r, err := x.Read(text, 10, nil)
	require.NoError(t, err)
	return r
}

// told writes a reading with its edits, as the tables below do.
func told(r clue.Reading) string {
	return fmt.Sprintf("%s %d: %s", r.Item, r.Distance, strings.Join(r.Edits, ", "))
}

// TestKindsOfClues reads one clue of every kind. The first reading is as wanted,
// and no other is as near, unless the table lists it.
func TestKindsOfClues(t *testing.T) {
	x := index(t, onRecord...)
	for _, c := range []struct {
		kind, text string
		want       []string
	}{
		{"as it stands", "XCW24C001-012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"lower case", "xcw24c001-012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"lost separators", "XCW24C001012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"lost separators with the maker", "xcwxcw24c001012", []string{"XCW/XCW24C001-012 0: "}},
		{"other separators", "XCW 24 C 001.012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"full width", "ＸＣＷ２４Ｃ００１－０１２", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"a word before it", "Lot No. XCW24C001-012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"a word before it", "партия № Б12-85-17", []string{"XRU/Б12-85-17 0: maker XRU added"}},

		{"letter O", "N16OCA373", []string{"LCY/N16OCA373 0: maker LCY added"}},
		{"0 for O", "N160CA373", []string{"LCY/N16OCA373 1: 0→O at 4, maker LCY added"}},
		{"O for 0", "XCW24COO1-012", []string{"XCW/XCW24C001-012 2: O→0 at 7, O→0 at 8, maker XCW added"}},
		{"Q for 0", "XCW24C0Q1-012", []string{"XCW/XCW24C001-012 1: Q→0 at 8, maker XCW added"}},
		{"D for 0", "XCW24CD01-012", []string{"XCW/XCW24C001-012 1: D→0 at 7, maker XCW added"}},
		{"I for 1", "XCW24C00I-012", []string{"XCW/XCW24C001-012 1: I→1 at 9, maker XCW added"}},
		{"L for 1", "XCW24C001-0L2", []string{"XCW/XCW24C001-012 1: L→1 at 12, maker XCW added"}},
		{"7 for 1", "XCW24C007-012", []string{"XCW/XCW24C001-012 1: 7→1 at 9, maker XCW added"}},
		{"2 for Z", "UZ218", []string{"XBR/UZZ18 1: 2→Z at 3, maker XBR added"}},
		{"S for 5", "Б12-8S-17", []string{"XRU/Б12-85-17 1: S→5 at 6, maker XRU added"}},
		{"G for 6", "XCW24D00G-004", []string{"XCW/XCW24D006-004 1: G→6 at 9, maker XCW added"}},
		{"8 for B", "8NT84", []string{"XBR/BNT84 1: 8→B at 1, maker XBR added"}},
		{"9 for 6", "XCW24D009-004", []string{"XCW/XCW24D006-004 1: 9→6 at 9, maker XCW added"}},
		{"3 for a Cyrillic letter", "XCW24C00I-0I2", []string{"XCW/XCW24C001-012 2: I→1 at 9, I→1 at 12, maker XCW added"}},
		{"upside down", "S619NH", []string{"XMW/HN619S 2: read upside down, maker XMW added"}},

		{"Cyrillic for Latin", "ХСW24С001-012", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"Latin for Cyrillic", "B77-91-03", []string{"XRU/В77-91-03 0: maker XRU added"}},
		{"Arabic digits", "XCW٢٤C٠٠١-٠١٢", []string{"XCW/XCW24C001-012 0: maker XCW added"}},
		{"Persian digits", "XCW۲۴C۰۰۱-۰۱۲", []string{"XCW/XCW24C001-012 0: maker XCW added"}},

		{"one unread", "XCW24?001-012", []string{"XCW/XCW24C001-012 1: ?→C at 6, maker XCW added"}},
		{"one unread that was a separator", "XCW24C001?012", []string{"XCW/XCW24C001-012 1: ? left out at 10, maker XCW added"}},
		{"two unread", "XCW??C001-012", []string{"XCW/XCW24C001-012 2: ?→2 at 4, ?→4 at 5, maker XCW added"}},
		{"unread as a box", "XCW24□001-012", []string{"XCW/XCW24C001-012 1: □→C at 6, maker XCW added"}},
		{"several unread", "XCW98*906", []string{"XCW/XCW98B118-906 1: *→B118 at 6, maker XCW added"}},
		{"several unread at the end", "XCW98*", []string{"XCW/XCW98B118-906 1: *→B118906 at 6, maker XCW added"}},
		{"several unread at the beginning", "*118-906", []string{"XCW/XCW98B118-906 1: *→XCWXCW98B at 1"}},
		{"three dots", "XCW98...906", []string{"XCW/XCW98B118-906 1: *→B118 at 6, maker XCW added"}},
		{"illegible", "XCW98 (illegible) 906", []string{"XCW/XCW98B118-906 1: *→B118 at 7, maker XCW added"}},
		{"several that fit", "XCW24C001-01?", []string{
			"XCW/XCW24C001-011 1: ?→1 at 13, maker XCW added", "XCW/XCW24C001-012 1: ?→2 at 13, maker XCW added", "XCW/XCW24C001-013 1: ?→3 at 13, maker XCW added"}},

		{"another character", "XCW24D006-0K4", []string{"XCW/XCW24D006-004 2: K→0 at 12, maker XCW added"}},
		{"a lost character", "XCW24D06-004", []string{"XCW/XCW24D006-004 2: 0 added at 7, maker XCW added"}},
		{"one too many", "XCW24D0066-004", []string{"XCW/XCW24D006-004 2: 6 left out at 9, maker XCW added"}},
		{"a confusion and a lost character", "XCW24D0G-004", []string{"XCW/XCW24D006-004 3: 0 added at 7, G→6 at 8, maker XCW added"}},

		{"cut off at the end", "XCW24D00", []string{"XCW/XCW24D006-004 2: 6004 added at its end, maker XCW added"}},
		{"cut off at the beginning", "D006-004", []string{"XCW/XCW24D006-004 2: XCW24 added at its beginning, maker XCW added"}},
		{"suffix alone", "ending 012A", []string{"XCW/XCW24C001-012A 1: *→XCWXCW24C001 at 1"}},
		{"suffix alone", "…012A", []string{"XCW/XCW24C001-012A 1: *→XCWXCW24C001 at 1"}},
		{"suffix alone", "lot ending in 6-004", []string{"XCW/XCW24D006-004 1: *→XCWXCW24D00 at 1"}},
		{"suffix alone with its crate", "D006-004/001/0042", []string{"XCW/XCW24D006-004/001/0042 2: XCW24 added at its beginning, maker XCW added"}},

		{"a year in four digits", "XCW2024D006-004", []string{"XCW/XCW24D006-004 1: 2024→24 at 4, maker XCW added"}},
		{"a year in two digits", "19-044", []string{"XCW/2019-044 1: 19→2019 at 1, maker XCW added"}},
		{"a year for the factory", "Б12-17-85", []string{"XRU/Б12-85-17 2: 17 and 85 in the other order at 5, maker XRU added"}},

		{"a package", "xcw24c001-012/001/0042", []string{"XCW/XCW24C001-012/001/0042 0: maker XCW added"}},
		{"a package and a confusion", "XCW24COO1-012/001/0042", []string{"XCW/XCW24C001-012/001/0042 2: O→0 at 7, O→0 at 8, maker XCW added"}},
		{"a package without slashes", "XCW24D006-004 001 0042", []string{"XCW/XCW24D006-004/001/0042 1: / added at 14, / added at 18, maker XCW added"}},
		{"a package in words", "XCW24D006-004 sub-lot 001 crate 0042", []string{"XCW/XCW24D006-004/001/0042 1: / added at 22, / added at 32, maker XCW added"}},
		{"a span of packages", "xcw24c001-012/001/0001..0400", []string{"XCW/XCW24C001-012/001/0001..0400 0: maker XCW added"}},

		{"a maker's code without its state", "21 24-017", []string{"PL:21/24-017 0: PL: added"}},
		{"the maker behind the lot", "24D006-004 XCW", []string{"XCW/XCW24D006-004 0: XCW read as the maker, maker XCW added"}},
		{"a lot on a head", "XQQ UZZ18", []string{"XBR/UZZ18 2: XQQ not read, maker XBR added"}},
		{"a lot on a head with clock positions", "12h XBR 4h UZZ18 8h 9MM LUGER", []string{"XBR/UZZ18 0: 9MM LUGER read as a calibre"}},
		{"a lot beside its year and calibre", "XCW24D006-004 9x19 2024", []string{"XCW/XCW24D006-004 0: 9x19 read as a calibre, 2024 read as a year, maker XCW added"}},
	} {
		got := read(t, x, c.text)
		var nearest []string
		for _, r := range got.Readings {
			if r.Distance == got.Readings[0].Distance {
				nearest = append(nearest, told(r))
				require.Equal(t, len(c.want)-1, r.Near, "%s: %s", c.kind, c.text)
			}
		}
		require.Equal(t, c.want, nearest, "%s: %s", c.kind, c.text)
		require.Empty(t, got.Heads, "%s: %s", c.kind, c.text)
	}
}

// TestHeads reads what stands on heads and names no lot.
func TestHeads(t *testing.T) {
	x := index(t, append(slices.Clone(onRecord), "XB:17/A1")...)
	for _, c := range []struct {
		kind, text string
		want       []clue.Head
	}{
		{"maker and year", "XCW 24", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}}}},
		{"year and maker", "24 XCW", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}}}},
		{"clock positions", "12h XCW 6h 24", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}}}},
		{"clock positions", "XCW at 12 o'clock, 24 at 6 o'clock", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}}}},
		{"clock positions", "12: XCW 6: 24", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}}}},
		{"clock positions", "headstamp 12h: XCW, 3h: 9x19, 6h: 2024", []clue.Head{{Maker: "XCW", Years: []int{2024}, Calibres: []string{"9x19"}, Edits: []string{"9x19 read as a calibre"}}}},
		{"a factory of two states", "17 86", []clue.Head{{Maker: "17", Years: []int{1986, 2086}}, {Maker: "XB:17", Years: []int{1986, 2086}}}},
		{"a factory that is no year", "78 188", []clue.Head{{Maker: "188", Years: []int{1978, 2078}}}},
		{"a year that may be the factory", "60 17", []clue.Head{
			{Maker: "60", Years: []int{1917, 2017}},
			{Maker: "17", Years: []int{1960, 2060}, Edits: []string{"60 read as the year, 17 as the factory"}, Distance: 1},
			{Maker: "XB:17", Years: []int{1960, 2060}, Edits: []string{"60 read as the year, 17 as the factory"}, Distance: 1}}},
		{"something else beside it", "XCW 24 LR", []clue.Head{{Maker: "XCW", Years: []int{1924, 2024}, Edits: []string{"LR not read"}, Distance: 2}}},
		{"calibre alone", "9 mm Parabellum", []clue.Head{{Calibres: []string{"9x19"}}}},
		{"calibre and year", "7.62x39 1978", []clue.Head{{Years: []int{1978}, Calibres: []string{"7.62x39"}, Edits: []string{"7.62x39 read as a calibre"}}}},
	} {
		got := read(t, x, c.text)
		require.Empty(t, got.Readings, "%s: %s", c.kind, c.text)
		if d := slices.DeleteFunc(got.Heads, func(h clue.Head) bool {
			return h.Distance > c.want[len(c.want)-1].Distance || len(c.want) == 1 && h.Distance > c.want[0].Distance
		}); true {
			require.Equal(t, c.want, d, "%s: %s", c.kind, c.text)
		}
	}
}

// TestCalibresInWords reads calibres as people say them.
func TestCalibresInWords(t *testing.T) {
	x := index(t, onRecord...)
	for text, want := range map[string]string{
		"nine millimetre parabellum":           "9x19",
		"seven sixty-two by thirty-nine":       "7.62x39",
		"seven point six two by fifty-one":     "7.62x51",
		"five fifty-six by forty-five":         "5.56x45",
		"twelve point seven by ninety-nine":    "12.7x99",
		"three oh eight winchester":            "308win",
		"forty-five acp":                       "45acp",
		"thirty-eight special":                 "38spl",
		"nine by nineteen":                     "9x19",
		"ammunition, nine by eighteen makarov": "9x18-mak",
		"neuf millimètres parabellum":          "9x19",
		"twelve gauge":                         "12ga",
	} {
		got := read(t, x, text)
		require.Empty(t, got.Readings, text)
		require.NotEmpty(t, got.Heads, text)
		require.Contains(t, got.Heads[0].Calibres, want, text)
	}
}

// TestNothingIsReplacedAcrossTheBoard holds that a real letter O stays one, and
// that both lots are told where both are on record.
func TestNothingIsReplacedAcrossTheBoard(t *testing.T) {
	x := index(t, "LCY/N16OCA373", "LCY/N160CA373", "LCY/N16QCA373")
	for _, name := range []string{"N16OCA373", "N160CA373", "N16QCA373"} {
		got := read(t, x, name)
		require.Len(t, got.Readings, 3)
		require.Equal(t, name, got.Readings[0].Item.First().Name())
		require.Zero(t, got.Readings[0].Distance)
		require.Zero(t, got.Readings[0].Near)
		require.Equal(t, 1, got.Readings[1].Distance)
		require.Equal(t, 1, got.Readings[1].Near, "two are as near as each other")
	}
	got := read(t, x, "N16?CA373")
	require.Equal(t, 2, got.Readings[0].Near)
}

// TestSeparatorsRank puts the lot first whose separators stand as in the clue.
func TestSeparatorsRank(t *testing.T) {
	x := index(t, "XCW/A1-234", "XCW/A12-34", "XCW/A123-4")
	for _, name := range []string{"A1-234", "A12-34", "A123-4"} {
		got := read(t, x, name)
		require.Equal(t, name, got.Readings[0].Item.First().Name())
		require.Equal(t, 2, got.Readings[0].Near, "they are as near all the same")
	}
}

// TestUnfitClues holds that what fits nothing has no readings, and that what
// fits too much is cut and says so.
func TestUnfitClues(t *testing.T) {
	x := index(t, onRecord...)
	for _, text := range []string{"", "  ", "?", "*", "**??", "-", "/", "//", "..", "X", "?A?", strings.Repeat("X", clue.MaxText+1), "nothing of the kind", "\xff\xfe", "\x00"} {
		got := read(t, x, text)
		require.Empty(t, got.Readings, "%q", text)
	}
	many := make([]string, 0, 5000)
	for i := range 5000 {
		many = append(many, fmt.Sprintf("XCW/XCW24C%03d-%03d", i/100, i%100))
	}
	got := read(t, index(t, many...), "XCW24*")
	require.Len(t, got.Readings, 10)
	require.True(t, got.Truncated)
	require.Greater(t, got.Readings[0].Near, 1000)
}

// TestOnRecord leaves lots out that were not on record, as if they were not there.
func TestOnRecord(t *testing.T) {
	x := index(t, onRecord...)
	without := index(t, slices.DeleteFunc(slices.Clone(onRecord), func(l string) bool { return l == "XCW/XCW24C001-012" })...)
	for _, text := range []string{"XCW24C001-012", "XCW24C001-0I2", "XCW24C001-01?", "xcw/xcw24c001-012"} {
		got, err := x.Read(text, 10, func(lot marking.ID) (bool, error) { return lot.String() != "XCW/XCW24C001-012", nil })
		require.NoError(t, err)
		require.Equal(t, read(t, without, text), got, text)
	}
	broken := errors.New("broken")
	_, err := x.Read("XCW24C001-012", 10, func(marking.ID) (bool, error) { return false, broken })
	require.ErrorIs(t, err, broken)
}

// TestOneMakerSuffices holds that the lots of the maker named before a slash give
// what all lots give, where one of them is near.
func TestOneMakerSuffices(t *testing.T) {
	all := append(slices.Clone(onRecord), "XCX/XCW24C001-012", "XCX/XCW24C001-0I2", "XBR/XCW24C001-014")
	x := index(t, all...)
	for _, text := range []string{"xcw/xcw24c001-012", "XCW/XCW24C0O1-012/001", "XCW/XCW24C001-0?2", "XCW/XCW24C001O12"} {
		require.Equal(t, "XCW", clue.Maker(text))
		mine := index(t, slices.DeleteFunc(slices.Clone(all), func(l string) bool { return !strings.HasPrefix(l, "XCW/") })...)
		require.Equal(t, read(t, x, text), read(t, mine, text), text)
	}
	require.Empty(t, clue.Maker("XCW24C001-012"))
	require.Empty(t, clue.Maker("/XCW"))
}

// TestIndexOfNothing reads clues without a lot.
func TestIndexOfNothing(t *testing.T) {
	x := index(t)
	require.Empty(t, read(t, x, "XCW24C001-012").Readings)
	require.Equal(t, []string{"9x19"}, read(t, x, "9x19").Heads[0].Calibres)
	broken := errors.New("broken")
	_, err := clue.New(func(yield func(marking.ID, error) bool) { yield(marking.ID{}, broken) })
	require.ErrorIs(t, err, broken)
}
