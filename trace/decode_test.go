package trace

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// readsAlike holds that reading a record's canonical form gives the record again,
// and that encoding/json reads the same from it.
func readsAlike(t *testing.T, r *Record) {
	t.Helper()
	var again Record
	form := bytes.Clone(r.Canonical)
	require.NoError(t, again.ReadCanonical(form))
	clear(form) // nothing of it is kept
	again.KeyHint, again.Signature = r.KeyHint, r.Signature
	require.Equal(t, r, &again)

	type header Record
	want := header{Body: tables[r.Kind].body(), Canonical: r.Canonical, KeyHint: r.KeyHint, Signature: r.Signature}
	require.NoError(t, json.Unmarshal(r.Canonical, &want))
	require.NoError(t, json.Unmarshal(r.Canonical, want.Body))
	want.ref = Ref(want.Source + ":" + want.ID)
	require.Equal(t, want, header(again))
}

// Every record that lies in the repository, as a line of some file, reads alike.
func TestReadCanonical(t *testing.T) {
	kinds := map[Kind]int{}
	read := func(line []byte) {
		if r, err := ParseRecord(line); err == nil {
			kinds[r.Kind]++
			readsAlike(t, r)
			readsBothWays(t, string(line))
			readsBothWays(t, string(r.Canonical))
		}
	}
	for _, line := range samples {
		read([]byte(line))
	}
	for _, line := range []string{
		`{"kind":"party","source":"XA","id":"1","name":"n","country":"XA","roles":["maker"],"aliases":[],"ext":{}}`,
		`{"kind":"party","source":"é","id":"\"\\\/","name":"\u00e9\ud83d\ude00","country":"XA","roles":["maker"],"note":"\u0001\b\f\n\r\t","ext":{"kind":{"kind":"lot"},"a":["}]\"",[{}],-1.5e-9,true]}}`,
		`{"kind":"party","source":"XA","id":"1","name":"n","country":"XA","roles":["maker"],"note":"","ext":{"\u20ac":1,"\ufb33":2,"\ud83d\ude00":3,"a":{"b":{}}}}`,
		`{"kind":"recovery","source":"XA","id":"1","agency":"XA","country":"XA","items":[{},{"read":{}},{"read":{"\"é":"clear","a\\":"absent"}}]}`,
		`{"kind":"transfer","source":"XA","id":"1","at":"2024-02-29T23:59:59.5-11:00","from":"XA","to":"XB","lines":[{"item":"XCW/Ä É-1/ 1","quantity":1},{"item":"XCW/(Ж1)/A#01..20","quantity":1e15}],"gross_kg":1e21,"seals":[],"parties":[]}`,
		`{"kind":"pointers","source":"XA","id":"1","at":"1600-02-29","from":0,"to":9007199254740990,"items":"XCW/L1/000000000000000001..9007199254740991"}`,
	} {
		read([]byte(line))
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".jsonl", ".txtar", ".md"}, filepath.Ext(path)) {
			return err
		}
		b, err := os.ReadFile(path)
		for line := range bytes.Lines(b) {
			read(bytes.TrimSpace(line))
		}
		return err
	}))
	t.Log(kinds)
	require.Len(t, kinds, len(schema))
}

// What is not a record's canonical form is refused where it cannot be read.
func TestReadCanonicalRefuses(t *testing.T) {
	const whole = `{"country":"XA","ext":{"a":[1,"\n"]},"id":"1","kind":"party","name":"n","roles":["maker","broker"],"source":"XA","valid_from":"2024-01-01"}`
	require.NoError(t, new(Record).ReadCanonical([]byte(whole)))
	for i := range whole {
		require.Error(t, new(Record).ReadCanonical([]byte(whole[:i])), whole[:i])
	}
	for old, bad := range map[string]string{
		`"kind":"party",`: ``,
		`"party"`:         `"parti"`,
		`"name":`:         `"nama":`,
		`"id":"1",`:       `"id":1,`,
		`"2024-01-01"`:    `"2024-01-32"`,
		`["maker"`:        `["maker",`,
		`"broker"`:        `{}`,
		`"source":"XA"`:   `"source":"\x"`,
		`{"country"`:      `{"zz":1,"country"`,
		`"2024-01-01"}`:   `"2024-01-01"}{`,
		`[1,`:             `[[[[[`,
	} {
		require.Contains(t, whole, old)
		err := new(Record).ReadCanonical([]byte(strings.Replace(whole, old, bad, 1)))
		require.Error(t, err, bad)
		require.Contains(t, err.Error(), "not the canonical form of a record at byte")
	}
}

// The law of FuzzReadCanonical: what ParseRecord accepts reads alike, and
// anything else ends without harm.
func FuzzReadCanonical(f *testing.F) {
	for _, line := range samples {
		r, err := ParseRecord([]byte(line))
		require.NoError(f, err)
		f.Add(r.Canonical)
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Record
		if err := r.ReadCanonical(b); err == nil {
			require.Equal(t, b, r.Canonical)
			_ = r.Ref()
			_ = r.Known()
			_ = r.Items()
		}
		if r, err := ParseRecord(b); err == nil {
			readsAlike(t, r)
		}
	})
}

// The fast path for dates agrees with the calendar.
func TestPlainDay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		at := time.Unix(rng.Int64N(315_569_520_000)-62_167_219_200, 0).UTC() // the years 0 to 9999
		d, err := ParseDay(at.Format(time.DateOnly))
		require.NoError(t, err)
		require.Equal(t, DayOf(at), d, at)
		for _, text := range []string{at.Format(time.DateOnly), at.Format(time.RFC3339), at.Format(time.RFC3339Nano)} {
			w, err := ParseWhen(text)
			require.NoError(t, err)
			require.Equal(t, When{text, d}, w)
		}
	}
	for _, bad := range []string{"2024-13-01", "2024-00-10", "2024-02-30", "2024-01-00", "2024-1-01", "2024/01/01", "20a4-01-01", "2024-01-01 "} {
		_, err := ParseDay(bad)
		require.Error(t, err, bad)
		_, err = ParseWhen(bad)
		require.Error(t, err, bad)
	}
}

// benchLines are records as most of an import are, and some that are written otherwise.
var benchLines = []struct{ name, line string }{
	{"transfer", `{"act":"issue","at":"2012-05-10","from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-1234","to":"XA-2345"}`},
	{"delivery", `{"at":"2012-05-15","id":"D345","kind":"delivery","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-2345","to":"XA-2345","transfer":"XA-1234:T56789"}`},
	{"stock", `{"at":"2012-05-15","holder":"XA-2345","id":"S346","kind":"stock","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"movement":"receipt","site":"Depot 7","source":"XA-2345"}`},
	{"ext", `{"act":"issue","at":"2012-05-10","ext":{"xa:desk":"7","xa:form":["12","B"]},"from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-1234","to":"XA-2345"}`},
	{"ten", `{"act":"issue","at":"2012-05-10","from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0000000","quantity":1000},{"item":"XM00/10C000000/0000001","quantity":1000},{"item":"XM00/10C000000/0000002","quantity":1000},{"item":"XM00/10C000000/0000003","quantity":1000},{"item":"XM00/10C000000/0000004","quantity":1000},{"item":"XM00/10C000000/0000005","quantity":1000},{"item":"XM00/10C000000/0000006","quantity":1000},{"item":"XM00/10C000000/0000007","quantity":1000},{"item":"XM00/10C000000/0000008","quantity":1000},{"item":"XM00/10C000000/0000009","quantity":1000}],"source":"XA-1234","to":"XA-2345"}`},
	{"signed", `{"record":{"act":"issue","at":"2012-05-10","from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-1234","to":"XA-2345"},"key":"0a1b2c3d","signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}`},
	{"spaced", `{"kind": "transfer", "source": "XA-1234", "id": "T56789", "at": "2012-05-10", "from": "XA-1234", "to": "XA-2345", "act": "issue", "lines": [{"item": "XM00/10C000000/0001234..0001299", "quantity": 66000}]}`},
	{"unordered", `{"kind":"transfer","source":"XA-1234","id":"T56789","at":"2012-05-10","from":"XA-1234","to":"XA-2345","act":"issue","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}]}`},
}

func BenchmarkParseRecord(b *testing.B) {
	for _, c := range benchLines {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			line := []byte(c.line)
			for b.Loop() {
				if _, err := ParseRecord(line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadCanonical(b *testing.B) {
	for _, c := range benchLines[:5] {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			line := []byte(c.line)
			for b.Loop() {
				if err := new(Record).ReadCanonical(line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
