package profile

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

func full() marking.Mark {
	return marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012/001/0042"), Level: marking.Crate, Calibre: "9x19", Type: "ball",
		Made: marking.MonthOf(2024, time.March), Rounds: 1000, NSN: "1305011234567",
		National: []marking.National{{State: "BR", Name: "buyer", Value: "XB-POL"}, {State: "XB", Name: "unit", Value: "POL-3"}}}
}

func TestBuiltIn(t *testing.T) {
	for _, p := range All() {
		require.NoError(t, p.check())
		require.NotEmpty(t, p.Source)
		require.Empty(t, p.Missing(full()), p.Name)
		got, err := ByName(p.Name)
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	lot := marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012"), Level: marking.Lot}
	for name, missing := range map[string]string{
		"minimum": "year calibre", "11.a.i": "year", "11.a.ii": "calibre-or-type", "11.b.i": "year sublot", "11.b.iv": "year sublot national",
		"eu-package": "calibre type", "br-box": "national:BR:buyer calibre-or-type",
	} {
		p, err := ByName(name)
		require.NoError(t, err)
		require.Equal(t, missing, strings.Join(p.Missing(lot), " "), name)
	}
	_, err := ByName("none")
	require.ErrorContains(t, err, "11.a.ii")
}

// National elements travel in the frame, through a build that does not know them.
func TestNationalElementsTravel(t *testing.T) {
	p, err := Parse(strings.NewReader(`{"name":"xb-2024","title":"State XB","elements":["maker","calibre","national:XB:unit"]}`))
	require.NoError(t, err)
	frame, err := marking.Sign(full(), ed25519.NewKeyFromSeed(make([]byte, 32)))
	require.NoError(t, err)
	m, _, err := marking.Read(frame)
	require.NoError(t, err)
	require.Empty(t, p.Missing(m))
	m.National = m.National[:1]
	require.Equal(t, []string{"national:XB:unit"}, p.Missing(m))
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "{}", "[]", `{"name":"a","title":"b","elements":["colour"]}`, `{"name":"a","title":"b","elements":["maker"],"x":1}`,
		`{"name":"a","title":"b","elements":["maker"]} {}`, `{"name":"a","title":"b","elements":["national:xb:unit"]}`, strings.Repeat(" ", maxFile+1)} {
		_, err := Parse(strings.NewReader(s))
		require.Error(t, err, "%.40q", s)
		require.Less(t, len(err.Error()), 300)
	}
}

func FuzzParse(f *testing.F) {
	n := 0
	for _, p := range All() {
		b, err := json.Marshal(p)
		require.NoError(f, err)
		f.Add(b)
		n++
	}
	if n < 7 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Parse(bytes.NewReader(b)); err == nil {
			p.Missing(full())
			p.Missing(marking.Mark{})
		}
	})
}

func ExampleProfile_Missing() {
	p, _ := ByName("11.a.ii")
	fmt.Println(p.Missing(marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012"), Level: marking.Lot}))
	// Output: [calibre-or-type]
}
