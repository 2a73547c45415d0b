package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// fiveRecords is a lot with a chain of five records: sold, delivered, received,
// moved, reported stolen.
var fiveRecords = []string{
	`{"kind":"party","source":"XA-EXP","id":"QTZ","name":"Quartz Works","country":"XA","roles":["maker"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"State XA Licences","country":"XA","roles":["authority"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}`,
	`{"kind":"euc","source":"XB-GOV","id":"E1","number":"E1","issued":"2024-03-01","authority":"XB-GOV","end_user":"XB-POL","clause":{"acts":["sale","gift"],"consent_by":"XA-EXP"},"authenticated":{"by":"XB-GOV","at":"2024-03-02"}}`,
	`{"kind":"licence","source":"XA-EXP","id":"L1","number":"L1","authority":"XA-EXP","euc":"XB-GOV:E1","valid_from":"2024-03-05","valid_to":"2025-03-05"}`,
	`{"kind":"lot","source":"QTZ","id":"A1","item":"QTZ/QTZ24K001","calibre":"9x19","quantity":100000,"made":{"from":"2024-02-01","to":"2024-02-03"}}`,
	`{"kind":"pack","source":"QTZ","id":"P1","at":"2024-02-03","item":"QTZ/QTZ24K001","quantity":100000,"units":[{"item":"QTZ/QTZ24K001/001/0001..0050","level":"crate","each":1000},{"item":"QTZ/QTZ24K001/002/0001..0050","level":"crate","each":1000}]}`,
	`{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-04-01","from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K001/001","quantity":50000}],"licence":"XA-EXP:L1","euc":"XB-GOV:E1","delivery_due":"2024-05-01"}`,
	`{"kind":"delivery","source":"XB-POL","id":"D1","at":"2024-04-20","transfer":"XA-EXP:T1","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K001/001","quantity":50000}]}`,
	`{"kind":"stock","source":"XB-POL","id":"S1","at":"2024-04-20","holder":"XB-POL","site":"HQ","movement":"receipt","lines":[{"item":"QTZ/QTZ24K001/001","quantity":50000}]}`,
	`{"kind":"stock","source":"XB-POL","id":"S2","at":"2024-04-25","holder":"XB-POL","site":"D1","from_site":"HQ","movement":"move","lines":[{"item":"QTZ/QTZ24K001/001/0001..0020","quantity":20000}]}`,
	`{"kind":"loss","source":"XB-POL","id":"X1","at":"2024-08-01","holder":"XB-POL","site":"D1","type":"theft","last_correct":"2024-07-01","lines":[{"item":"QTZ/QTZ24K001/001/0011..0012","quantity":2000}]}`,
}

// BenchmarkResolve answers a question about a crate with a chain of five records
// on the ledger in memory, without and with its JSON form.
func BenchmarkResolve(b *testing.B) {
	l, err := worldLedger(fiveRecords)
	require.NoError(b, err)
	q := trace.Query{Text: "QTZ/QTZ24K001/001/0012", Recovered: dayOf("2024-09-01"), KnownOn: trace.NoDay, AsOf: -1, Today: dayOf("2024-10-01")}
	f, err := trace.Resolve(context.Background(), l, q)
	require.NoError(b, err)
	require.Equal(b, trace.EndUserIdentified, f.Outcome)
	require.Len(b, f.Chain, 5)
	for _, written := range []bool{false, true} {
		name := "finding"
		if written {
			name = "written"
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := trace.Resolve(context.Background(), l, q)
				if err != nil {
					b.Fatal(err)
				}
				if written {
					if _, err := json.Marshal(f); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkResolveLargeLot asks for a crate of a lot that two hundred transfers
// divided: each party gives a quarter of what it got to each of four others.
func BenchmarkResolveLargeLot(b *testing.B) {
	lines := []string{
		fiveRecords[0],
		`{"kind":"lot","source":"QTZ","id":"A1","item":"QTZ/QTZ24K009","calibre":"9x19","quantity":65536000}`,
		`{"kind":"pack","source":"QTZ","id":"P1","at":"2024-02-03","item":"QTZ/QTZ24K009","quantity":65536000,"units":[{"item":"QTZ/QTZ24K009/00001..65536","level":"crate","each":1000}]}`,
	}
	type part struct {
		party    string
		from, to int
	}
	parts := []part{{"QTZ", 1, 65536}}
	for n := 0; n < 200; parts = parts[1:] {
		p := parts[0]
		quarter := (p.to - p.from + 1) / 4
		for i := range 4 {
			n++
			to := part{fmt.Sprintf("XB-%04d", n), p.from + i*quarter, p.from + (i+1)*quarter - 1}
			lines = append(lines, fmt.Sprintf(`{"kind":"transfer","source":%q,"id":"T%d","at":"2024-%02d-%02d","from":%q,"to":%q,"end_user":%q,"lines":[{"item":"QTZ/QTZ24K009/%05d..%05d","quantity":%d}]}`,
				p.party, n, 3+n/28, 1+n%28, p.party, to.party, to.party, to.from, to.to, quarter*1000))
			parts = append(parts, to)
		}
	}
	l, err := worldLedger(lines)
	require.NoError(b, err)
	q := trace.Query{Text: "QTZ/QTZ24K009/01234", Recovered: dayOf("2025-09-01"), KnownOn: trace.NoDay, AsOf: -1, Today: dayOf("2025-10-01")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trace.Resolve(context.Background(), l, q); err != nil {
			b.Fatal(err)
		}
	}
}
