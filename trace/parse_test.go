package trace

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

// samples holds one full record of each kind.
var samples = map[Kind]string{
	KindParty:       `{"kind":"party","source":"XA-EXP","id":"P1","at":"2024-01-02","party":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user","consignee"],"aliases":["XB Police Force"],"parent":"XB-MOI","successor":"XB-NEW","valid_from":"2020-01-01","valid_to":"2030-01-01"}`,
	KindLot:         `{"kind":"lot","source":"XCW","id":"ADC-1","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":1000000,"type":"ball","made":{"from":"2024-03-04","to":"2024-03-08"},"lot_kind":"production","as_printed":"XCW24C001-012","parent":{"item":"XCW/XCW24C001-011","relation":"rework"},"components":[{"part":"primer","maker":"XPP","lot":"P-7"}],"limit":2000000,"hazard":"1.4S","nsn":"1305-99-000-0000"}`,
	KindPack:        `{"kind":"pack","source":"XCW","id":"PK-1","at":"2024-03-08","item":"XCW/XCW24C001-012","quantity":1000000,"units":[{"item":"XCW/XCW24C001-012/001..003","level":"sublot"},{"item":"XCW/XCW24C001-012/001/0001..0400","level":"crate","each":1000}]}`,
	KindPointers:    `{"kind":"pointers","source":"XCW","id":"PT-1","at":"2024-03-08","from":1001,"to":1400,"items":"XCW/XCW24C001-012/001/0001..0400"}`,
	KindRepack:      `{"kind":"repack","source":"XB-POL","id":"RP-1","at":"2024-06-08","holder":"XB-POL","unit":"00340123450000000017","action":"into","lines":[{"item":"XCW/XCW24C001-012/001/0001..0004","quantity":4000}]}`,
	KindEUC:         `{"kind":"euc","source":"XB-MFA","id":"E1","number":"E1","issued":"2024-04-02","authority":"XB-MFA","end_user":"XB-POL","expires":"2025-04-02","consignee":"XB-LOG","exporter":"XCW","goods":[{"calibre":"9x19","type":"ball","quantity":1000000}],"end_use":"law enforcement","clause":{"acts":["sale","gift"],"consent_by":"XA-EXP","in_force_from":"2024-04-02","exceptions":["XB-ARMY"]},"authenticated":{"by":"XB-MFA","at":"2024-04-05"}}`,
	KindLicence:     `{"kind":"licence","source":"XA-EXP","id":"L1","number":"L1","authority":"XA-EXP","type":"export","euc":"XB-MFA:E1","parties":[{"party":"XCW","role":"exporter"}],"goods":[{"calibre":"9x19","quantity":5}],"valid_from":"2024-04-20","valid_to":"2025-04-20"}`,
	KindConsent:     `{"kind":"consent","source":"XA-EXP","id":"C1","at":"2025-04-01","euc":"XB-MFA:E1","by":"XA-EXP","from":"XB-POL","to":"XD-GND","act":"gift","lines":[{"item":"XCW/XCW24C001-012/001","quantity":500}],"valid_to":"2025-05-01"}`,
	KindTransfer:    `{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-05-10T09:00:00+02:00","recorded":"2024-05-11","from":"XCW","to":"XB-LOG","lines":[{"item":"XCW/XCW24C001-012/001","quantity":400000}],"end_user":"XB-POL","act":"sale","licence":"XA-EXP:L1","euc":"XB-MFA:E1","parties":[{"party":"XC-SHIP","role":"carrier"}],"container":"XXXU1234567","vessel":{"imo":"9074729","name":"Example"},"seals":["S1","S2"],"gross_kg":5230.5,"route":["XA","XC","XB"],"delivery_due":"2024-08-10","note":"two\nlines","ext":{"xa:desk":[4,null]}}`,
	KindDelivery:    `{"kind":"delivery","source":"XB-POL","id":"D1","at":"2024-06-02","transfer":"XA-EXP:T1","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001","quantity":399000}],"gross_kg":5230,"discrepancies":[{"type":"short","item":"XCW/XCW24C001-012/001/0400","quantity":1000}]}`,
	KindStock:       `{"kind":"stock","source":"XB-POL","id":"S1","at":"2024-06-10","holder":"XB-POL","site":"D1","movement":"move","lines":[{"item":"XCW/XCW24C001-012/001/0001..0100","quantity":100000}],"from_site":"HQ","condition":"A","document":"V-17"}`,
	KindLoss:        `{"kind":"loss","source":"XB-POL","id":"LR-9","at":"2025-01-20","holder":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001/0031..0050","quantity":20000}],"site":"D1","type":"theft","last_correct":"2024-12-18"}`,
	KindDestruction: `{"kind":"destruction","source":"XB-POL","id":"DC-4","at":"2025-03-01","holder":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001/0101..0150","quantity":50000}],"site":"D2","certificate":"DC-4","method":"open burning"}`,
	KindRecovery:    `{"kind":"recovery","source":"XD-CUST","id":"SZ-1","at":"2025-02-10","agency":"XD-CUST","country":"XD","items":[{"clue":"XCW 9x19","item":"XCW/XCW24C001-012/001/0042","quantity":1000,"calibre":"9x19","read":{"lot":"clear","sub_lot":"partial"},"position":"outer","condition":"live"}],"place":"post 4","circumstances":"border","methods":"m","concealment":"c","route":"r","transport":"lorry"}`,
	KindSighting:    `{"kind":"sighting","source":"XD-CUST","id":"SI-1","at":"2025-02-10","by":"XD-CUST","item":"XCW/XCW24C001-012/001/0042","place":"post 4","mark":"U0wBAA==","picture":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`,
	KindStatus:      `{"kind":"status","source":"XA-EXP","id":"ST-1","at":"2024-08-10","of":"XA-EXP:L1","state":"revoked","reason":"r"}`,
	KindReport:      `{"kind":"report","source":"XD-CUST","id":"R-1","at":"2023-09-01","about":"XC-SHIP","case":"C-11","review":"2026-09-01","says":"named in a case"}`,
	KindCoverage:    `{"kind":"coverage","source":"XA-EXP","id":"CV-1","at":"2024-01-01","party":"XCW","from":"1990-01-01","to":"1999-12-31","state":"destroyed","authority":"XA-EXP","reason":"retention law"}`,
	KindKey:         `{"kind":"key","source":"XA-EXP","id":"K-1","maker":"XCW","algorithm":"ed25519","public_key":"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `","valid_from":"2024-01-01","valid_to":"2026-01-01"}`,
	KindCorrection:  `{"kind":"correction","source":"XB-POL","id":"X-1","at":"2024-09-04","voids":"XB-POL:D1","reason":"entered in error","replaced_by":"XB-POL:D2"}`,
}

func TestEveryKindReadsAndWritesBack(t *testing.T) {
	for _, table := range schema {
		line, ok := samples[table.kind]
		require.True(t, ok, "no sample of %s", table.kind)
		r, err := ParseRecord([]byte(line))
		require.NoError(t, err)
		require.Equal(t, table.kind, r.Kind)
		require.Equal(t, table.kind, r.Body.kind())
		require.JSONEq(t, line, string(r.Canonical))

		again, err := ParseRecord(r.Canonical)
		require.NoError(t, err)
		require.Equal(t, r, again)

		// The types hold every field of the table: nothing is lost on the way through them.
		built, err := NewRecord(Record{Source: r.Source, ID: r.ID, At: r.At, Recorded: r.Recorded, Note: r.Note, Ext: r.Ext, Body: r.Body})
		require.NoError(t, err)
		require.Equal(t, string(r.Canonical), string(built.Canonical))

		// The sample holds every field of the table.
		v, _ := parseJSON([]byte(line))
		for _, f := range table.fields {
			require.True(t, v.member(f.name) != nil || table.kind == KindKey && f.name == "party", "sample of %s lacks %s", table.kind, f.name)
		}
	}
	require.Len(t, samples, len(schema))
}

// Every field refuses what it is not: another type, nothing, an unknown
// neighbour; and each one that must be there is missed by name.
func TestEveryFieldIsChecked(t *testing.T) {
	for _, table := range schema {
		for _, f := range tables[table.kind].fields {
			var m map[string]any
			require.NoError(t, json.Unmarshal([]byte(samples[table.kind]), &m))
			given, ok := m[f.name]
			if !ok {
				continue
			}
			for _, wrong := range []any{nil, true, "", []any{nil}, map[string]any{"zz": nil}} {
				if f.name == "note" && wrong == "" || f.name == "ext" {
					continue
				}
				if _, isText := given.(string); isText && wrong == "" && f.form.check(f.name, jsonValue{kind: '"'}) == nil {
					continue // free text may be empty
				}
				m[f.name] = wrong
				line, _ := json.Marshal(m)
				_, err := ParseRecord(line)
				require.Error(t, err, "%s", line)
				e := err.(*RecordError)
				require.True(t, strings.HasPrefix(e.Field, f.name), "%s: %v", line, err)
				require.NotEmpty(t, e.Hint())
				require.NotEmpty(t, e.Wanted)
			}
			delete(m, f.name)
			line, _ := json.Marshal(m)
			_, err := ParseRecord(line)
			if f.need == must {
				require.Error(t, err, "%s", line)
				require.Equal(t, "field "+f.name+" is missing", err.(*RecordError).Reason)
			} else if table.kind != KindKey {
				require.NoError(t, err, "%s", line)
			}
		}
	}
}

func TestParseRecordRefuses(t *testing.T) {
	const (
		transfer = `{"kind":"transfer","source":"XA-EXP","id":"B1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001","quantity":1}]`
		lot      = `{"kind":"lot","source":"XCW","id":"B2","item":"XCW/L1","calibre":"9x19","quantity":10`
		pack     = `{"kind":"pack","source":"XCW","id":"B2","at":"2024-03-16","item":"XCW/L1","quantity":1000000,"units":`
		loss     = `{"kind":"loss","source":"XB-POL","id":"B3","at":"2024-03-16","holder":"XB-POL","lines":`
	)
	line := func(lines string) string { return loss + lines + "}" }
	for _, c := range []struct{ in, field, reason string }{
		{transfer + `,"qty":5}`, "qty", "field qty is not a field of transfer"},
		{transfer + `,"Kind":"x"}`, "Kind", "field Kind is not a field of transfer"},
		{transfer + `,"vessel":{"imo":"1","flag":"XA"}}`, "vessel.flag", "field flag is not a field of vessel"},
		{transfer + `,"act":"theft"}`, "act", "act is not one of the values allowed"},
		{transfer + `,"licence":"L1"}`, "licence", "licence is not the name of a record"},
		{transfer + `,"gross_kg":0}`, "gross_kg", "gross_kg must be positive"},
		{transfer + `,"gross_kg":"5"}`, "gross_kg", "gross_kg is not a number"},
		{transfer + `,"route":["XA","Xb"]}`, "route[1]", "route[1] is not a country"},
		{transfer + `,"delivery_due":null}`, "delivery_due", "delivery_due is not a text in quotes"},
		{transfer + `,"delivery_due":"10.05.2024"}`, "delivery_due", "delivery_due is not a date"},
		{transfer + `,"recorded":"2024-02-30"}`, "recorded", "recorded is not a date"},
		{transfer + `,"ext":5}`, "ext", "ext is not an object"},
		{transfer + `,"note":"` + strings.Repeat("n", maxText+1) + `"}`, "note", "note is 65,537 bytes long"},
		{transfer + `,"container":"a\u0007"}`, "container", "container holds a control character"},
		{transfer + `,"end_user":"XB\u200bPOL"}`, "end_user", "end_user holds a character that is not seen"},
		{transfer + `,"end_user":" XB"}`, "end_user", "end_user has a space at an end or two in a row"},
		{transfer + `,"end_user":"e\u0301"}`, "end_user", "end_user is not in Unicode NFC"},
		{transfer + `,"end_user":"` + strings.Repeat("é", 65) + `"}`, "end_user", "end_user is 65 characters long"},
		{`{"kind":"gift"}`, "kind", "gift is not a kind of record"},
		{`{"source":"XA"}`, "kind", "field kind is missing"},
		{`{"kind":5}`, "kind", "5 is not a kind of record"},
		{`{}`, "kind", "field kind is missing"},
		{`{"kind":"lot","source":"XCW","id":"B2","item":"XCW/L1","calibre":"9x19","qantity":10}`, "qantity", "field qantity is not a field of lot"},
		{lot + `,"hazard":"1.4Z"}`, "hazard", "hazard is not a hazard classification"},
		{lot + `,"hazard":"1.7S"}`, "hazard", "hazard is not a hazard classification"},
		{lot + `,"made":{"from":"2024-03-08","to":"2024-03-04"}}`, "made.to", "made.to is before made.from"},
		{lot + `,"limit":0}`, "limit", "limit must be positive"},
		{lot + `,"limit":1.5}`, "limit", "limit is not a whole number"},
		{lot + `,"limit":1000000000000001}`, "limit", "limit is too large"},
		{lot + `,"limit":1e30}`, "limit", "limit is too large"},
		{`{"kind":"lot","source":"XCW","id":"B2","item":"XCW/L1/001","calibre":"9x19","quantity":10}`, "item", "item is a package of a lot"},
		{line(`[]`), "lines", "lines is empty"},
		{line(`[{"item":"XCW//001","quantity":5}]`), "lines[0].item", "empty component"},
		{line(`[{"item":"XCW/L1/0400..0001","quantity":5}]`), "lines[0].item", "span runs backwards"},
		{line(`[{"item":"XCW/L1","quantity":-1}]`), "lines[0].quantity", "quantity must be positive"},
		{line(`[{"item":"XCW/L1","quantity":0}]`), "lines[0].quantity", "quantity must be positive"},
		{line(`[{"item":"XCW/L1"}]`), "lines[0].quantity", "field quantity is missing"},
		{line(`[{"item":"XCW/L1","quantity":1},{"item":"XCW/L1/001","quantity":1}]`), "lines[1].item", "lines overlap in XCW/L1/001"},
		{line(`[{"item":"XCW/L1/0003..0009","quantity":1},{"item":"XCW/L2","quantity":1},{"item":"XCW/L1/0001..0004","quantity":1}]`), "lines[2].item", "lines overlap in XCW/L1/0003..0004"},
		{line(`[{"item":"XCW/L1/0003/7","quantity":1},{"item":"XCW/L1/0001..0004","quantity":1}]`), "lines[1].item", "lines overlap in XCW/L1/0003/7"},
		{pack + `[{"item":"XCW/L1/001","each":600000},{"item":"XCW/L1/002","each":400050}]}`, "units", "parts 1,000,050 exceed the whole 1,000,000"},
		{pack + `[{"item":"XCW/L1/001..003","each":400000}]}`, "units", "parts 1,200,000 exceed the whole 1,000,000"},
		{pack + `[{"item":"XCW/L1/001..003","level":"sublot"},{"item":"XCW/L1/001/0001..0700","each":1000},{"item":"XCW/L1/003/0001..0400","each":1000}]}`, "units", "parts 1,100,000 exceed the whole 1,000,000"},
		{pack + `[{"item":"XCW/L1/001..002","each":500000},{"item":"XCW/L1/002/0001..0501","each":1000}]}`, "units[0].each", "parts 501,000 exceed the whole 500,000"},
		{pack + `[{"item":"XCW/L1/0001..9999","each":1000000000000000}]}`, "units", "parts 9,223,372,036,854,775,807 exceed the whole 1,000,000"},
		{pack + `[{"item":"XCW/L1/001"},{"item":"XCW/L1/001..002"}]}`, "units[1].item", "units overlap in XCW/L1/001"},
		{pack + `[{"item":"XCW/L2/001"}]}`, "units[0].item", "a unit lies outside what is divided"},
		{pack + `[{"item":"XCW/L1"}]}`, "units[0].item", "a unit lies outside what is divided"},
		{pack + `[]}`, "units", "units is empty"},
		{strings.Replace(samples[KindPointers], "1400", "1401", 1), "items", "401 numbers for 400 units"},
		{strings.Replace(samples[KindPointers], "1400", "400", 1), "to", "to is below from"},
		{strings.Replace(samples[KindEUC], "2025-04-02", "2024-04-01", 1), "expires", "expires is before issued"},
		{strings.Replace(samples[KindLoss], "2024-12-18", "2025-12-18", 1), "at", "at is before last_correct"},
		{strings.Replace(samples[KindKey], `"maker":"XCW",`, "", 1), "maker", "whose key it is must be said once"},
		{strings.Replace(samples[KindKey], `AAA=`, "AAB=", 1), "public_key", "public_key is not base64"},
		{strings.Replace(samples[KindKey], `AAAAAA`, "AA", 1), "public_key", "public_key has 29 bytes"},
		{strings.Replace(samples[KindKey], `ed25519`, "rsa", 1), "algorithm", "algorithm is not one of the values allowed"},
		{strings.Replace(samples[KindSighting], `e3b0`, "e3b", 1), "picture", "picture is not a SHA-256"},
		{strings.Replace(samples[KindRecovery], `"partial"`, `"half"`, 1), "items[0].read.sub_lot", "sub_lot is not one of the values allowed"},
		{strings.Replace(samples[KindCorrection], `XB-POL:D1`, `XB-POL:X-1`, 1), "voids", "a correction cannot void itself"},
		{`{"record":` + samples[KindLoss] + `,"key":"0a1b2c3d"}`, "signature", "field signature is missing"},
		{`{"record":` + samples[KindLoss] + `,"key":"0a1b2c3d","signature":"AAAA"}`, "signature", "signature has 3 bytes"},
		{`{"record":` + line(`[]`) + `,"key":"0a1b2c3d","signature":"` + base64.StdEncoding.EncodeToString(make([]byte, 64)) + `"}`, "record.lines", "lines is empty"},
	} {
		_, err := ParseRecord([]byte(c.in))
		require.Error(t, err, c.in)
		e := err.(*RecordError)
		require.Equal(t, c.reason, e.Reason, c.in)
		require.Equal(t, c.field, e.Field, c.in)
		require.NotEmpty(t, e.Hint())
	}
}

func TestSignedRecordIsKept(t *testing.T) {
	signed := `{"record":` + samples[KindLoss] + `,"key":"0a1b2c3d","signature":"` + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 64))) + `"}`
	r, err := ParseRecord([]byte(signed))
	require.NoError(t, err)
	require.Equal(t, "0a1b2c3d", r.KeyHint)
	plain, err := ParseRecord([]byte(samples[KindLoss]))
	require.NoError(t, err)
	require.Equal(t, plain.Canonical, r.Canonical)
	out, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, signed, string(out))
	again, err := ParseRecord(out)
	require.NoError(t, err)
	require.Equal(t, r, again)
}

func TestPackThatAddsUp(t *testing.T) {
	for _, units := range []string{
		`[{"item":"XCW/L1/001","each":600000},{"item":"XCW/L1/002","each":400000}]`,
		`[{"item":"XCW/L1/001..003"},{"item":"XCW/L1/001/0001..0400","each":1000},{"item":"XCW/L1/002/0001..0350","each":1000},{"item":"XCW/L1/003/0001..0250","each":1000}]`,
		`[{"item":"XCW/L1/001/0001/01..10","each":100},{"item":"XCW/L1/001/0001..0400","each":1000},{"item":"XCW/L1/001..002","each":500000}]`,
		`[{"item":"XCW/L1/A01..A20"},{"item":"XCW/L1/B"},{"item":"XCW/L1/1..9"},{"item":"XCW/L1/10..99"}]`,
	} {
		_, err := ParseRecord([]byte(`{"kind":"pack","source":"XCW","id":"B2","at":"2024-03-16","item":"XCW/L1","quantity":1000000,"units":` + units + `}`))
		require.NoError(t, err, units)
	}
}

func TestNewRecord(t *testing.T) {
	at, err := ParseWhen("2024-05-10")
	require.NoError(t, err)
	_, err = NewRecord(Record{Source: "XCW", ID: "1", At: at})
	require.EqualError(t, err, "trace: kind: a record without a body, wanted Record.Body")
	_, err = NewRecord(Record{Source: "XCW", ID: "1", At: at, Body: &Transfer{From: "XCW", To: "XB-POL", Lines: []Line{{marking.MustParseSpan("XCW/L1"), 0}}}})
	require.EqualError(t, err, "trace: lines[0].quantity: quantity must be positive, found 0, wanted a whole number of rounds from 1 to 1,000,000,000,000,000")
}

// The law of FuzzParseRecord holds for what is given to ParseRecord: what it
// accepts it writes in one spelling and reads back as the same record.
func FuzzParseRecord(f *testing.F) {
	seeds := 0
	for _, line := range samples {
		f.Add([]byte(line))
		f.Add([]byte(`{"record":` + line + `,"key":"0a1b2c3d","signature":"` + base64.StdEncoding.EncodeToString(make([]byte, 64)) + `"}`))
		seeds++
	}
	if seeds < len(schema) {
		f.Fatalf("%d seeds for %d kinds", seeds, len(schema))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := ParseRecord(line)
		if err != nil {
			var e *RecordError
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Reason)
			require.NotEmpty(t, e.Hint())
			return
		}
		out, err := r.MarshalJSON()
		require.NoError(t, err)
		again, err := ParseRecord(out)
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

// docs/records.md lists what the schema accepts. Run with UPDATE_DOCS=1 to
// write it anew.
func TestRecordsPage(t *testing.T) {
	const page = "../docs/records.md"
	have, err := os.ReadFile(page)
	require.NoError(t, err)
	between := regexp.MustCompile(`(?s)(<!-- tables: written from trace/schema.go -->\n).*(<!-- end of tables -->)`)
	require.Regexp(t, between, string(have))
	want := between.ReplaceAllLiteralString(string(have), "<!-- tables: written from trace/schema.go -->\n"+schemaPage()+"<!-- end of tables -->")
	if os.Getenv("UPDATE_DOCS") != "" {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(have), "run UPDATE_DOCS=1 go test ./trace -run TestRecordsPage")
}

func schemaPage() string {
	var b strings.Builder
	b.WriteString("\n### Every record\n\n")
	fieldRows(&b, commonFields)
	for _, t := range schema {
		fmt.Fprintf(&b, "### `%s`\n\n%s", t.kind, t.says)
		switch {
		case t.at != "":
			fmt.Fprintf(&b, " `at`: %s.", t.at)
		case t.dated == may:
			b.WriteString(" `at` may be left out.")
		}
		b.WriteString("\n\n")
		fieldRows(&b, t.fields)
	}
	return b.String()
}

func fieldRows(b *strings.Builder, fields []field) {
	b.WriteString("| field | must | is | meaning |\n|---|---|---|---|\n")
	var rows func(prefix string, fields []field)
	rows = func(prefix string, fields []field) {
		for _, f := range fields {
			need := ""
			if f.need == must {
				need = "must"
			}
			fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, f.name, need, f.form.says, f.says)
			inside := prefix + f.name + "."
			if f.form.elem != nil {
				inside = prefix + f.name + "[]."
			}
			rows(inside, f.form.fields)
		}
	}
	rows("", fields)
	b.WriteString("\n")
}
