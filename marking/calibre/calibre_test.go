package calibre

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func ids(m Match) string {
	var s []string
	for _, c := range m.Cartridges {
		s = append(s, c.ID)
	}
	return strings.Join(s, " ")
}

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		ids  string // all of them, or for a set those that must be among them
	}{
		{"9x19", Exact, "9x19"},
		{"9 x 19", Exact, "9x19"},
		{"9×19", Exact, "9x19"},
		{"9*19", Exact, "9x19"},
		{"9х19 мм", Exact, "9x19"}, // Cyrillic
		{"9Х19ММ", Exact, "9x19"},
		{"9 Χ 19", Exact, "9x19"}, // Greek
		{"9 ∗ 19", Exact, "9x19"},
		{"9⨉19", Exact, "9x19"},
		{"9✖19", Exact, "9x19"},
		{"7·62 x 39", Exact, "7.62x39"},
		{"9 мм Люгер", Exact, "9x19"},
		{"9 мм Макарова", Exact, "9x18-mak"},
		{"9 mm Luger", Exact, "9x19"},
		{"9mm Para", Exact, "9x19"},
		{"9 mm Parabellum", Exact, "9x19"},
		{"9 mm Luger +P", Exact, "9x19+p"},
		{"7,62 x 54 R", Exact, "7.62x54R"},
		{"7.62х54R", Exact, "7.62x54R"},
		{"7,62x39", Exact, "7.62x39"},
		{"57-Н-231", Exact, "7.62x39"},
		{"5,56 x 45 mm", Exact, "5.56x45"},
		{".50 BMG", Exact, "12.7x99"},
		{"50 Browning", Exact, "12.7x99"},
		{"cal .50", Exact, "12.7x99"},
		{".223", Exact, "223rem"},
		{"223 Remington", Exact, "223rem"},
		{"223 Rem.", Exact, "223rem"},
		{".380 Auto", Exact, "9x17"},
		{"12/76", Exact, "12ga"},
		{"12 Gauge 2¾", Exact, "12ga"},
		{"30-06", Exact, "30-06"},
		{"7.92x57", Exact, "7.92x57"},
		{"155 mm howitzer", Exact, "155-how"},
		{"RPG-7", Exact, "rpg7"},
		{"7.62", Set, "7.62x25 7.62x39 7.62x51 7.62x54R"},
		{"кал. 7,62", Set, "7.62x25 7.62x39 7.62x51 7.62x54R"},
		{"7,62 мм", Set, "7.62x25 7.62x39 7.62x51 7.62x54R"},
		{"9 mm", Set, "9x19 9x18-mak 9x17 9x39"},
		{"40 mm", Set, "40x46 40x53 40vog25 40x364R 40x311R"},
		{".30", Set, "30-06 30carb 30-30"},
		{".38", Set, "38spl 38sw 38super"},
		{"105 mm", Set, "105-how 105x617R"},
		{"9x18", Set, "9x18-mak 9x18-ultra"},
		{"8x57", Set, "7.92x57 8x57I"},
		{"", Unknown, ""},
		{"9x99", Unknown, ""},
		{strings.Repeat("9", 10_000), Unknown, ""},
	} {
		m := Lookup(c.name)
		require.Equal(t, c.kind, m.Kind, "%q: %s", c.name, ids(m))
		if c.kind == Set {
			for _, id := range strings.Fields(c.ids) {
				require.Contains(t, strings.Fields(ids(m)), id, c.name)
			}
			require.NotContains(t, strings.Fields(ids(m)), "40sw", c.name)
		} else {
			require.Equal(t, c.ids, ids(m), c.name)
		}
	}
}

func TestDictionary(t *testing.T) {
	all := All()
	require.GreaterOrEqual(t, len(all), 150)
	for i, c := range all {
		require.Equal(t, i+1, c.Number)
		got, ok := ByNumber(c.Number)
		require.True(t, ok)
		require.Same(t, c, got)
		require.Regexp(t, `^[0-9a-zA-Z][0-9a-zA-Z.+-]*$`, c.ID, "ids stand in records and file names")
		require.LessOrEqual(t, len(c.ID), 32)
		for _, name := range c.all() {
			m := Lookup(name)
			require.Contains(t, m.Cartridges, c, "its own name %q", name)
		}
		for _, twin := range c.Twins {
			o, ok := ByID(twin)
			require.True(t, ok, "%s: twin %s", c.ID, twin)
			require.Contains(t, o.Twins, c.ID, "relations go both ways")
			require.NotContains(t, c.Confusables, twin)
		}
		for _, other := range c.Confusables {
			o, ok := ByID(other)
			require.True(t, ok, "%s: confusable %s", c.ID, other)
			require.Contains(t, o.Confusables, c.ID, "relations go both ways")
		}
	}
	_, ok := ByNumber(0)
	require.False(t, ok)
	_, ok = ByNumber(LastNumber)
	require.False(t, ok)
}

// Names that two cartridges share are sets for a reason; a new one would be a
// slip of the normal form.
func TestSharedNames(t *testing.T) {
	var shared []string
	for name, cs := range load().byName {
		if len(cs) > 1 {
			shared = append(shared, name)
		}
	}
	slices.Sort(shared)
	require.Equal(t, []string{"22cb", "8x57", "9x18", "9x23", "b32"}, shared)
}

func TestRelate(t *testing.T) {
	require.Equal(t, Same, Relate("9x19", "9x19"))
	require.Equal(t, Twin, Relate("5.56x45", "223rem"))
	require.Equal(t, Twin, Relate("308win", "7.62x51"))
	require.Equal(t, Confusable, Relate("40x46", "40x53"))
	require.Equal(t, Confusable, Relate("12.7x108", "12.7x99"))
	require.Equal(t, Other, Relate("9x19", "155-how"))
	require.Equal(t, Same, Relate("not in it", "not in it"))
	require.Equal(t, Other, Relate("not in it", "9x19"))
}

// The numbers of calibres stand in marks for good. docs/format.md publishes
// them; a line moved or an id changed shows here.
func TestNumbersArePublished(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "format.md"))
	require.NoError(t, err)
	_, list, ok := strings.Cut(string(doc), "<!-- calibres -->\n")
	require.True(t, ok)
	list, _, ok = strings.Cut(list, "<!-- /calibres -->")
	require.True(t, ok)
	require.Equal(t, Published(), list, "append the new lines to docs/format.md; never change an old one")
}

// Published writes the list as docs/format.md has it.
func Published() string {
	var b strings.Builder
	for i, c := range All() {
		if i > 0 && i%10 == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%d `%s` · ", c.Number, c.ID)
	}
	return strings.TrimSuffix(b.String(), " · ") + "\n"
}

// Why names of the public list of C.I.P. and SAAMI are not in the dictionary.
var unmapped = []struct {
	names  *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`Shot|Flobert|C\.F\.|ME Flobert|FALCO`), "a shot, blank or gallery load of the smallest bores"},
	{regexp.MustCompile(`^22 Winchester Magnum Rimfire et`), "two cartridges under one heading"},
	{regexp.MustCompile(`PICRA|FX|Fast Accurate|Penna|Giani|Farè|Fare|D\.B\.G|Palmisano|ATZL|6 x 47 SM|SMc|T\.R\.I|PCC|Wasser|VGW|Armi e Tiro|NOLASCO|Tony|Libra|CSP|Lahoz|BR|Court|Leroy|Rosè|KM|HP|CR$|EH$|Match|Marksmanship|38-45|Elko|WM$|A-TEC|Pegasus|Blacktornado|Roedale|Katzmeier|Van Bruaene`), "a competition or experimental cartridge of one person or firm"},
	{regexp.MustCompile(`Vom Hofe|Messner|Fanzoj|Hölderlin|Verney|Scheiring|Bretschneider|Keller|Stief|Prechtl|Luyven|BB2|^8mm – 348|R 360|^6 x 70 R|^5\.6 x 70 R|^6\.5 x 50 R|Bench Rest Remington`), "a sporting cartridge of one gunmaker"},
	{regexp.MustCompile(`Nitro Express|Flanged|Belted|Morris|Rook|Sporting|380 Long Rifle|Purdey|SCH|Kropatschek|^215$|^11\.5 x 51`), "an obsolete sporting or service cartridge"},
}

// ammoList is a public list of 734 names of C.I.P. and SAAMI, which is not part
// of the project.
const ammoList = "SUBLOT_AMMO_LIST"

func TestPublicList(t *testing.T) {
	path := os.Getenv(ammoList)
	if path == "" {
		path = filepath.Join("..", "..", "..", "shared", "data", "ammo", "cartridges.csv")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no list of names: set %s to a file of name,category,standard", ammoList)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	rows, err := r.ReadAll()
	require.NoError(t, err)
	mapped, because := 0, map[string]int{}
names:
	for _, row := range rows[1:] {
		if Lookup(row[0]).Kind != Unknown {
			mapped++
			continue
		}
		for _, u := range unmapped {
			if u.names.MatchString(row[0]) {
				because[u.reason]++
				continue names
			}
		}
		t.Errorf("%q is neither in the dictionary nor listed with a reason", row[0])
	}
	t.Logf("%d of %d names are in the dictionary; the others: %v", mapped, len(rows)-1, because)
	require.GreaterOrEqual(t, mapped, 616, "of 734 names when the dictionary was made")
}

func FuzzLookup(f *testing.F) {
	seeds := 0
	for _, c := range All() {
		for _, name := range c.all() {
			f.Add(name)
			seeds++
		}
	}
	if seeds < 500 {
		f.Fatalf("%d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, name string) {
		m := Lookup(name)
		require.Equal(t, m.Kind == Unknown, len(m.Cartridges) == 0)
		if m.Kind == Exact {
			require.Len(t, m.Cartridges, 1)
		}
		if len(name) < maxName-2 {
			require.Equal(t, m, Lookup(" "+name+" "), "spaces around a name say nothing")
		}
	})
}

func ExampleLookup() {
	fmt.Println(Lookup("7,62 х 39").Cartridges[0].ID)
	m := Lookup("40 mm")
	fmt.Println(m.Kind, len(m.Cartridges) > 3)
	fmt.Println(Relate("5.56x45", "223rem"))
	// Output:
	// 7.62x39
	// set true
	// twin
}
