package storage

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// typicalRecords are records as a national ledger has them, in canonical form.
var typicalRecords = []struct{ name, line string }{
	{"transfer", `{"act":"issue","at":"2012-05-10","from":"XA-1234","id":"T56789","kind":"transfer","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-1234","to":"XA-2345"}`},
	{"sale", `{"act":"sale","at":"2012-05-30","from":"XM07","id":"T512","kind":"transfer","licence":"XM-AUTH:X70","lines":[{"item":"XM07/17C000707/0001234..0001299","quantity":66000},{"item":"XM07/17C000708/001","quantity":120000}],"source":"XM07","to":"XA-2345"}`},
	{"delivery", `{"at":"2012-05-16","id":"D4711","kind":"delivery","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"source":"XA-2345","to":"XA-2345","transfer":"XA-1234:T56789"}`},
	{"stock", `{"at":"2012-05-17","holder":"XA-2345","id":"S812","kind":"stock","lines":[{"item":"XM00/10C000000/0001234..0001299","quantity":66000}],"movement":"receipt","site":"Depot 12","source":"XA-2345"}`},
	{"party", `{"country":"XA","id":"P234","kind":"party","name":"Unit 234","party":"XA-1234","roles":["end_user"],"source":"XA-AUTH"}`},
	{"lot", `{"calibre":"7.62x39","id":"L17","item":"XM00/10C000000","kind":"lot","made":{"from":"2011-02-01","to":"2011-03-03"},"quantity":4000000,"source":"XM00"}`},
	{"pack", `{"at":"2011-03-03","id":"K17","item":"XM00/10C000000","kind":"pack","quantity":4000000,"source":"XM00","units":[{"each":1000,"item":"XM00/10C000000/0000001..0004000"}]}`},
	{"packOf100", `{"at":"2011-03-03","id":"K18","item":"XM00/10C000001","kind":"pack","quantity":4000000,"source":"XM00","units":[` + manyUnits(100) + `]}`},
	{"euc", `{"authenticated":{"at":"2011-03-04","by":"XM-AUTH"},"authority":"XA-AUTH","clause":{"acts":["sale","gift","loan","lease"],"consent_by":"XM-AUTH"},"end_user":"XA-AUTH","id":"E1","issued":"2011-03-03","kind":"euc","number":"EUC/1","source":"XA-AUTH"}`},
	{"licence", `{"authority":"XM-AUTH","euc":"XA-AUTH:E1","id":"X1","kind":"licence","number":"EXP/1","source":"XM-AUTH","type":"export","valid_from":"2011-03-05"}`},
	{"correction", `{"at":"2012-06-09","id":"C3","kind":"correction","reason":"wrong packages","source":"XA-1234","voids":"XA-1234:T56789"}`},
	{"recovery", `{"agency":"XD-CUST","at":"2025-02-10","circumstances":"border","country":"XD","id":"SZ-1","items":[{"calibre":"9x19","clue":"XCW 9x19","condition":"live","item":"XCW/XCW24C001-012/001/0042","position":"outer","quantity":1000,"read":{"lot":"clear","sub_lot":"partial"}}],"kind":"recovery","place":"post 4","source":"XD-CUST"}`},
	{"escaped", `{"act":"sale","at":"2024-05-10T09:00:00+02:00","ext":{"kind":{"a":["\"}",null]}},"from":"XCW","id":"T1","kind":"transfer","lines":[{"item":"XCW/XCW24C001-012/001","quantity":400000}],"note":"two\nlines \"é\"","source":"XA-EXP","to":"XB-LOG"}`},
}

func manyUnits(n int) string {
	units := make([]string, n)
	for i := range units {
		units[i] = fmt.Sprintf(`{"each":1000,"item":"XM00/10C000001/%03d/0000001..0000040"}`, i+1)
	}
	return strings.Join(units, ",")
}

// A record of the log is read back as it was appended, signed or not, packed or
// as ledgers of the first format have it.
func TestDecodeRecord(t *testing.T) {
	for _, c := range typicalRecords {
		r, err := trace.ParseRecord([]byte(c.line))
		require.NoError(t, err, c.name)
		require.Equal(t, c.line, string(r.Canonical))
		for _, signature := range [][]byte{nil, bytes.Repeat([]byte{7}, 64)} {
			first := append([]byte{firstPlain}, r.Canonical...)
			if r.Signature = signature; signature != nil {
				r.KeyHint = "0a1b2c3d"
				first = append([]byte{firstSigned, 8}, r.KeyHint...)
				first = append(append(append(first, 64), signature...), r.Canonical...)
			}
			for _, b := range [][]byte{encodeRecord(nil, r), first} {
				for _, decode := range []func([]byte) (*trace.Record, error){decodeRecord, checkedRecord} {
					again, err := decode(b)
					require.NoError(t, err)
					kept := bytes.Clone(b)
					clear(b) // nothing of it is kept
					require.Equal(t, r, again)
					copy(b, kept)
				}
			}
		}
	}
}

// FuzzDecodeRecord: no bytes of the log do harm, and a record that is all right
// reads the same whether it is trusted or checked.
func FuzzDecodeRecord(f *testing.F) {
	for _, c := range typicalRecords {
		f.Add(encode(nil, "", nil, []byte(c.line)))
		f.Add(encode(nil, "0a1b2c3d", make([]byte, 64), []byte(c.line)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		trusted, err := decodeRecord(b)
		if checked, fault := checkedRecord(b); fault == nil && bytes.Equal(encodeRecord(nil, checked), b) {
			require.NoError(t, err)
			require.Equal(t, checked, trusted)
		}
	})
}

func BenchmarkDecodeRecord(b *testing.B) {
	for _, c := range typicalRecords {
		r, err := trace.ParseRecord([]byte(c.line))
		require.NoError(b, err, c.name)
		for _, signature := range [][]byte{nil, make([]byte, 64)} {
			name := c.name
			if r.Signature = signature; signature != nil {
				if c.name != "transfer" {
					continue
				}
				r.KeyHint, name = "0a1b2c3d", "signed"
			}
			value := encodeRecord(nil, r)
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := decodeRecord(value); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
