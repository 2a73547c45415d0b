package trace_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// proposedWorld is a lot of which a half is sold, under papers for a half.
var proposedWorld = []string{
	`{"kind":"party","source":"XA-EXP","id":"QTZ","name":"Quartz Works","country":"XA","roles":["maker"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"State XA Licensing","country":"XA","roles":["authority"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XC-ARMY","name":"State XC Army","country":"XC","roles":["end_user"]}`,
	`{"kind":"party","source":"XA-EXP","id":"XE-TRADE","name":"Brokers","country":"XE","roles":["broker"]}`,
	`{"kind":"lot","source":"QTZ","id":"A1","item":"QTZ/QTZ24K080","calibre":"9x19","quantity":100,"made":{"from":"2024-02-01","to":"2024-02-03"}}`,
	`{"kind":"pack","source":"QTZ","id":"P1","at":"2024-02-03","item":"QTZ/QTZ24K080","quantity":100,"units":[{"item":"QTZ/QTZ24K080/01..10","level":"crate","each":10}]}`,
	`{"kind":"euc","source":"XB-GOV","id":"E1","number":"E1","issued":"2024-03-01","authority":"XB-GOV","end_user":"XB-POL","goods":[{"calibre":"9x19","quantity":60}],"clause":{"acts":["sale","gift"],"consent_by":"XA-EXP"},"authenticated":{"by":"XB-GOV","at":"2024-03-02"}}`,
	`{"kind":"licence","source":"XA-EXP","id":"L1","number":"L1","authority":"XA-EXP","euc":"XB-GOV:E1","goods":[{"calibre":"9x19","quantity":60}],"valid_from":"2024-03-05","valid_to":"2025-03-05"}`,
	`{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-04-01","from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/01..05","quantity":50}],"licence":"XA-EXP:L1","euc":"XB-GOV:E1"}`,
}

func TestCheckProposed(t *testing.T) {
	for _, c := range []struct {
		name, transfer string
		brings         []string
	}{
		{"one more crate to the same buyer", `"from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}],"licence":"XA-EXP:L1","euc":"XB-GOV:E1"`, nil},
		{"splits the lot", `"from":"QTZ","to":"XC-ARMY","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}],"licence":"XA-EXP:L1"`, []string{"LOT_SPLIT_ACROSS_END_USERS"}},
		{"exceeds the licence and the certificate", `"from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/06..07","quantity":20}],"licence":"XA-EXP:L1","euc":"XB-GOV:E1"`, []string{"EUC_REUSED", "LICENCE_EXCEEDED"}},
		{"cites no licence", `"from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}]`, []string{"LICENCE_MISSING"}},
		{"names no end user", `"from":"QTZ","to":"XE-TRADE","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}],"licence":"XA-EXP:L1"`, []string{"END_USER_NOT_DISCLOSED"}},
		{"breaks the clause", `"from":"XB-POL","to":"XC-ARMY","lines":[{"item":"QTZ/QTZ24K080/01","quantity":10}],"act":"gift"`, []string{"LICENCE_MISSING", "RETRANSFER_WITHOUT_CONSENT"}},
		{"is outside the clause", `"from":"XB-POL","to":"XC-ARMY","lines":[{"item":"QTZ/QTZ24K080/01","quantity":10}],"act":"loan"`, []string{"LICENCE_MISSING", "NOT_COVERED_BY_CLAUSE"}},
		{"gives a crate twice", `"from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/05..06","quantity":20}],"licence":"XA-EXP:L1","euc":"XB-GOV:E1"`, []string{"DOUBLE_TRANSFER", "EUC_REUSED", "LICENCE_EXCEEDED"}},
		{"gives what it never had", `"from":"XC-ARMY","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/01","quantity":10}],"licence":"XA-EXP:L1"`, []string{"INSUFFICIENT_STOCK"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := worldLedger(proposedWorld)
			require.NoError(t, err)
			before := l.Len()
			r, err := trace.ParseRecord([]byte(`{"kind":"transfer","source":"XA-EXP","id":"NEW","at":"2024-06-01",` + c.transfer + `}`))
			require.NoError(t, err)
			if from := r.Body.(*trace.Transfer).From; from != "QTZ" {
				r, err = trace.ParseRecord([]byte(`{"kind":"transfer","source":"` + from + `","id":"NEW","at":"2024-06-01",` + c.transfer + `}`))
				require.NoError(t, err)
			}
			flags, err := trace.CheckProposed(context.Background(), l, r, dayOf("2024-06-01"))
			require.NoError(t, err)
			var codes []string
			for _, f := range flags {
				if f.Code != "ASSERTED_NOT_CONFIRMED" { // nobody can have confirmed what is only proposed
					codes = append(codes, f.Code)
				}
			}
			slices.Sort(codes)
			require.Equal(t, c.brings, slices.Compact(codes), "%v", flags)
			require.Equal(t, before, l.Len(), "nothing is written")
			for e, err := range l.All(context.Background(), 0) {
				require.NoError(t, err)
				require.NotEqual(t, "NEW", e.Record.ID)
			}
		})
	}
}

// TestCheckAddsUp holds that a check of the whole ledger finds the flags that
// questions about its lots do.
func TestCheckAddsUp(t *testing.T) {
	l, err := worldLedger(append(slices.Clone(proposedWorld),
		`{"kind":"transfer","source":"XA-EXP","id":"T2","at":"2024-06-01","from":"QTZ","to":"XC-ARMY","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}]}`,
		`{"kind":"lot","source":"QTZ","id":"A2","item":"QTZ/QTZ24K081","calibre":"9x19","quantity":100,"limit":50,"made":{"from":"2024-02-01"}}`))
	require.NoError(t, err)
	got := map[string]string{}
	for f, err := range trace.Check(context.Background(), l, dayOf("2024-07-01")) {
		require.NoError(t, err)
		got[f.Code] += " " + f.Item.String()
	}
	require.Equal(t, " QTZ/QTZ24K080", got["LOT_SPLIT_ACROSS_END_USERS"])
	require.Equal(t, " QTZ/QTZ24K080/06", got["LICENCE_MISSING"])
	require.Equal(t, " QTZ/QTZ24K081", got["LOT_LIMIT_EXCEEDED"])
}

// TestBadFiles refuses every kind of bad file whole, with the file, the line and
// the field, and writes nothing.
func TestBadFiles(t *testing.T) {
	const good = `{"kind":"transfer","source":"XA-EXP","id":"G1","at":"2024-06-01","from":"QTZ","to":"XC-ARMY","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}]}` + "\n"
	transfer := func(rest string) string {
		return `{"kind":"transfer","source":"XA-EXP","id":"B1","from":"QTZ","to":"XB-POL",` + rest + `}`
	}
	for _, c := range []struct{ name, line, field, reason string }{
		{"a field that is none", transfer(`"at":"2024-06-01","rounds":5,"lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}]`), "rounds", "field rounds is not a field of transfer"},
		{"a field that is missing", transfer(`"at":"2024-06-01"`), "lines", "lines"},
		{"no day of the calendar", transfer(`"at":"2024-02-30","lines":[{"item":"QTZ/QTZ24K080/06","quantity":10}]`), "at", "at is not a date"},
		{"no identity", transfer(`"at":"2024-06-01","lines":[{"item":"QTZ//06","quantity":10}]`), "lines[0].item", "empty component"},
		{"a span that runs backwards", transfer(`"at":"2024-06-01","lines":[{"item":"QTZ/QTZ24K080/09..06","quantity":10}]`), "lines[0].item", "span runs backwards"},
		{"no rounds", transfer(`"at":"2024-06-01","lines":[{"item":"QTZ/QTZ24K080/06","quantity":0}]`), "lines[0].quantity", "quantity must be positive"},
		{"less than no rounds", transfer(`"at":"2024-06-01","lines":[{"item":"QTZ/QTZ24K080/06","quantity":-3}]`), "lines[0].quantity", "quantity must be positive"},
		{"lines that overlap", transfer(`"at":"2024-06-01","lines":[{"item":"QTZ/QTZ24K080/06","quantity":1},{"item":"QTZ/QTZ24K080/05..07","quantity":3}]`), "lines[1].item", "overlap"},
		{"parts that exceed the whole", `{"kind":"pack","source":"QTZ","id":"B2","at":"2024-02-03","item":"QTZ/QTZ24K082","quantity":100,"units":[{"item":"QTZ/QTZ24K082/1","each":60},{"item":"QTZ/QTZ24K082/2","each":41}]}`, "units", "parts 101 exceed the whole 100"},
		{"a name that is taken", `{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-04-02","from":"QTZ","to":"XB-POL","lines":[{"item":"QTZ/QTZ24K080/01..05","quantity":50}]}`, "at", "XA-EXP:T1 exists with other content"},
		{"a line cut off", `{"kind":"transfer","source":"XA-EXP","id":"B1","at":"2024`, "", "is not complete JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := worldLedger(proposedWorld)
			require.NoError(t, err)
			before := l.Len()
			report, err := trace.Import(context.Background(), l, []trace.ImportFile{{Name: "bad.jsonl", Reader: strings.NewReader(good + c.line + "\n")}}, trace.ImportConfig{})
			require.Error(t, err)
			require.Len(t, report.Refused, 1)
			r := report.Refused[0]
			require.Equal(t, "bad.jsonl", r.File)
			require.Equal(t, 2, int(r.Line))
			require.Equal(t, c.field, r.Field)
			require.Contains(t, r.Reason, c.reason)
			require.Equal(t, before, l.Len(), "nothing is written, the good line neither")
		})
	}
}
