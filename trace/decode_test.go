package trace

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Bodies are read as encoding/json reads them.
func TestReadBody(t *testing.T) {
	for _, line := range []string{
		`{"kind":"party","source":"XA","id":"1","name":"n","country":"XA","roles":["maker","dealer"],"aliases":["a","b"],"valid_from":"2024-01-01"}`,
		`{"kind":"lot","source":"XA","id":"1","item":"XCW/L1","calibre":"9x19","quantity":5,"made":{"from":"2024-02-29","to":"2024-03-01"},"parent":{"item":"XCW/L0","relation":"rework"},"components":[{"part":"powder","lot":"P1"}],"limit":9}`,
		`{"kind":"pack","source":"XA","id":"1","at":"2024-01-01","item":"XCW/L1","quantity":50,"units":[{"item":"XCW/L1/001..003"},{"item":"XCW/L1/001/0001..0004","level":"crate","each":5}]}`,
		`{"kind":"pointers","source":"XA","id":"1","at":"2024-01-01","from":9007199254740990,"to":9007199254740991,"items":"XCW/L1/1..2"}`,
		`{"kind":"euc","source":"XA","id":"1","number":"n","issued":"2024-01-01","authority":"XA","end_user":"XB","goods":[{"calibre":"c"},{"quantity":7}],"clause":{"acts":["sale"],"consent_by":"XA","exceptions":["XC"]},"authenticated":{"by":"XB","at":"2024-01-01T00:00:00Z"}}`,
		`{"kind":"licence","source":"XA","id":"1","number":"n","authority":"XA","parties":[{"party":"XB","role":"broker"}]}`,
		`{"kind":"consent","source":"XA","id":"1","at":"2024-01-01","euc":"XA:2","by":"XA","from":"XB","to":"XC","act":"gift","lines":[{"item":"XCW/L1","quantity":1}]}`,
		`{"kind":"transfer","source":"XA","id":"1","at":"2024-01-01","from":"XA","to":"XB","lines":[{"item":"XCW/L1/001..002","quantity":1},{"item":"XCW/L2","quantity":2}],"vessel":{"imo":"9"},"seals":["s"],"gross_kg":1.25,"route":["XA","XB"],"ext":{"a":[1,{"b":null}]},"note":"é\n"}`,
		`{"kind":"delivery","source":"XA","id":"1","at":"2024-01-01","transfer":"XA:1","to":"XB","lines":[{"item":"XCW/L1","quantity":1}],"discrepancies":[{"type":"short","item":"XCW/L1","quantity":1}]}`,
		`{"kind":"recovery","source":"XA","id":"1","at":"2024-01-01","agency":"XA","country":"XA","items":[{"clue":"c","read":{"lot":"clear","year":"partial"}},{"item":"XCW/L1","position":"item"}]}`,
		`{"kind":"sighting","source":"XA","id":"1","at":"2024-01-01","by":"XA","item":"XCW/L1","mark":"AAEC"}`,
		`{"kind":"loss","source":"XA","id":"1","at":"2024-01-01","holder":"XA","lines":[{"item":"XCW/L1","quantity":1}],"last_correct":"2023-12-31"}`,
		`{"kind":"key","source":"XA","id":"1","maker":"XCW","public_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`,
		`{"kind":"correction","source":"XA","id":"1","at":"2024-01-01","voids":"XA:2","reason":"r"}`,
	} {
		r, err := ParseRecord([]byte(line))
		require.NoError(t, err, line)
		want := tables[r.Kind].body()
		require.NoError(t, json.Unmarshal(r.Canonical, want))
		require.Equal(t, want, r.Body)
	}
}

// The fast path for dates agrees with the calendar.
func TestPlainDay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		at := time.Unix(rng.Int64N(315_569_520_000)-62_167_219_200, 0).UTC() // the years 0 to 9999
		d, err := ParseDay(at.Format(time.DateOnly))
		require.NoError(t, err)
		require.Equal(t, DayOf(at), d, at)
	}
	for _, bad := range []string{"2024-13-01", "2024-00-10", "2024-02-30", "2024-01-00", "2024-1-01", "2024/01/01", "20a4-01-01", "2024-01-01 "} {
		_, err := ParseDay(bad)
		require.Error(t, err, bad)
	}
}

func BenchmarkParseRecord(b *testing.B) {
	line := []byte(`{"act":"issue","at":"2012-05-10","from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-1234","to":"XA-2345"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseRecord(line); err != nil {
			b.Fatal(err)
		}
	}
}
