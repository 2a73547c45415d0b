package seizure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/seizure"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

const world = `{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"State XA Licensing","country":"XA","roles":["authority"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}
{"kind":"party","source":"XA-EXP","id":"XC-ARMY","name":"State XC Army","country":"XC","roles":["end_user"]}
{"kind":"party","source":"XA-EXP","id":"XD-CUST","name":"State XD Customs","country":"XD","roles":["authority"]}
{"kind":"party","source":"XA-EXP","id":"XD-MOI","name":"State XD Interior","country":"XD","roles":["authority"]}
{"kind":"lot","source":"XCW","id":"L12","item":"XCW/XCW24C001-012","calibre":"9 mm Luger","type":"ball","quantity":750000,"made":{"from":"2024-03-04","to":"2024-03-08"}}
{"kind":"pack","source":"XCW","id":"P12","at":"2024-03-08","item":"XCW/XCW24C001-012","quantity":750000,"units":[{"item":"XCW/XCW24C001-012/001","level":"sublot"},{"item":"XCW/XCW24C001-012/002","level":"sublot"},{"item":"XCW/XCW24C001-012/001/0001..0400","level":"crate","each":1000},{"item":"XCW/XCW24C001-012/002/0001..0350","level":"crate","each":1000}]}
{"kind":"lot","source":"XCW","id":"LM","item":"XCW/MM01","calibre":"83mm","type":"guided missile, shoulder-fired","quantity":20}
{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001","quantity":400000}],"container":"XXXU1234567"}
{"kind":"transfer","source":"XA-EXP","id":"T2","at":"2024-07-15","from":"XCW","to":"XC-ARMY","lines":[{"item":"XCW/XCW24C001-012/002","quantity":350000}]}
{"kind":"transfer","source":"XA-EXP","id":"T3","at":"2024-07-15","from":"XCW","to":"XC-ARMY","lines":[{"item":"XCW/MM01","quantity":20}]}
{"kind":"loss","source":"XB-POL","id":"LR-9","at":"2025-01-20","holder":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001/0031..0050","quantity":20000}],"last_correct":"2024-12-18"}
{"kind":"recovery","source":"XD-CUST","id":"S1","at":"2025-02-10","agency":"XD-CUST","country":"XD","place":"border post 4","circumstances":"border","concealment":"under grain","route":"XB-XD","items":[{"item":"XCW/XCW24C001-012/001/0042","quantity":1000,"position":"outer","condition":"live"},{"calibre":"7.62x39","quantity":30}]}
{"kind":"recovery","source":"XD-MOI","id":"S2","at":"2025-03-01","agency":"XD-MOI","country":"XD","place":"market town","circumstances":"search","concealment":"Under  Grain","items":[{"clue":"xcw24c001-012/001/0043","quantity":400}]}
{"kind":"recovery","source":"XE-POL","id":"S3","at":"2025-03-20","agency":"XE-POL","country":"XE","place":"cache 9","circumstances":"cache","items":[{"item":"XCW/MM01","quantity":1},{"clue":"nothing of the kind"}]}
{"kind":"recovery","source":"XE-POL","id":"S4","at":"2025-03-21","agency":"XE-POL","country":"XE","items":[{"item":"XCW/XCW24C001-012/001/0042","quantity":1}]}
{"kind":"correction","source":"XE-POL","id":"C1","at":"2025-03-22","voids":"XE-POL:S4","reason":"entered by mistake"}`

var today = day("2025-06-01")

func day(s string) trace.Day {
	d, err := trace.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ledger(t *testing.T, rows string) *trace.Memory {
	t.Helper()
	l := trace.NewMemory()
	_, err := trace.Import(context.Background(), l, []trace.ImportFile{{Name: "world", Reader: strings.NewReader(rows)}}, trace.ImportConfig{})
	require.NoError(t, err)
	return l
}

func cases(t *testing.T) []seizure.Case {
	t.Helper()
	cs, err := seizure.Load(context.Background(), ledger(t, world), seizure.All, today, nil)
	require.NoError(t, err)
	return cs
}

func TestLoad(t *testing.T) {
	cs := cases(t)
	var refs []trace.Ref
	for _, c := range cs {
		refs = append(refs, c.Ref)
	}
	require.Equal(t, []trace.Ref{"XD-CUST:S1", "XD-MOI:S2", "XE-POL:S3"}, refs, "in the order of days, without the one that was voided")
	require.Equal(t, trace.EndUserIdentified, cs[0].Items[0].Finding.Outcome)
	require.Equal(t, trace.TypeOnly, cs[0].Items[1].Finding.Outcome)
	require.Equal(t, "9x19", cs[0].Items[0].Calibre, "by the dictionary")
	require.Equal(t, "XCW/XCW24C001-012/001/0043", cs[1].Items[0].Item.String(), "as the clue was read")
	filter := seizure.All
	filter.Country, filter.From = "XD", day("2025-02-11")
	some, err := seizure.Load(context.Background(), ledger(t, world), filter, today, nil)
	require.NoError(t, err)
	require.Len(t, some, 1)
}

// A correction that was voided itself takes nothing away, and an authority may void
// what a party of its country says, whatever it was recorded as later.
func TestLoadVoided(t *testing.T) {
	refs := func(more string) (out []trace.Ref) {
		cs, err := seizure.Load(context.Background(), ledger(t, world+"\n"+more), seizure.All, today, nil)
		require.NoError(t, err)
		for _, c := range cs {
			out = append(out, c.Ref)
		}
		return out
	}
	require.Contains(t, refs(`{"kind":"correction","source":"XE-POL","id":"C2","at":"2025-03-23","voids":"XE-POL:C1","reason":"it was right"}`), trace.Ref("XE-POL:S4"))
	require.NotContains(t, refs(`{"kind":"correction","source":"XD-MOI","id":"C3","at":"2025-03-23","voids":"XD-CUST:S1","reason":"moved to another record"}`), trace.Ref("XD-CUST:S1"))
	require.Contains(t, refs(`{"kind":"correction","source":"XA-EXP","id":"C4","at":"2025-03-23","voids":"XD-CUST:S1","reason":"an authority of another country"}`), trace.Ref("XD-CUST:S1"))
	require.Contains(t, refs(`{"kind":"correction","source":"XF-OFF","id":"C5","at":"2025-03-23","voids":"XE-POL:S3","reason":"neither is described by any record"}`), trace.Ref("XE-POL:S3"))
}

func TestClusters(t *testing.T) {
	require.Equal(t, []seizure.Cluster{{
		Lot: marking.MustParseID("XCW/XCW24C001-012"), Cases: []trace.Ref{"XD-CUST:S1", "XD-MOI:S2"}, Places: []string{"XD, border post 4", "XD, market town"},
		Countries: []string{"XD"}, First: day("2025-02-10"), Last: day("2025-03-01"), Rounds: 1400, EndUsers: []string{"XB-POL"}, Outcomes: []trace.Outcome{trace.EndUserIdentified},
	}}, seizure.Clusters(cases(t)))
}

func TestLinks(t *testing.T) {
	cs := cases(t)
	kinds := map[string]string{}
	for _, l := range seizure.Links(cs[0], cs[1]) {
		kinds[l.Kind] = l.What
		require.NotEmpty(t, l.Says)
	}
	require.Equal(t, map[string]string{"sublot": "XCW/XCW24C001-012/001", "transfer": "XA-EXP:T1", "loss": "XB-POL:LR-9", "lot": "XCW/XCW24C001-012", "end_user": "XB-POL",
		"last_holder": "XB-POL", "container": "XXXU1234567", "maker": "XCW", "calibre": "9x19", "concealment": "under grain"}, kinds)
	for _, l := range seizure.Links(cs[1], cs[2]) {
		require.Equal(t, "maker", l.Kind)
		require.Equal(t, []int{1}, l.A)
	}
	same := seizure.Links(cs[0], cs[0])
	require.Equal(t, "package", same[0].Kind)
}

// TestCountsAddUp counts by every trait: the rows add up to the total.
func TestCountsAddUp(t *testing.T) {
	cs := cases(t)
	for _, by := range seizure.Traits {
		table, err := seizure.CountBy(cs, by)
		require.NoError(t, err)
		var items int
		var rounds int64
		for _, r := range table.Rows {
			items, rounds = items+r.Items, rounds+r.Rounds
		}
		require.Equal(t, table.Total.Items, items, by)
		require.Equal(t, table.Total.Rounds, rounds, by)
		require.Equal(t, seizure.Count{Cases: 3, Items: 5, Rounds: 1431, NoQty: 1}, table.Total, by)
	}
	table, err := seizure.CountBy(cs, "concealment")
	require.NoError(t, err)
	require.Equal(t, []seizure.Count{{Value: "under grain", Cases: 2, Items: 3, Rounds: 1430}, {Cases: 1, Items: 2, Rounds: 1, NoQty: 1}}, table.Rows)
	_, err = seizure.CountBy(cs, "guilt")
	require.Error(t, err)
}

func TestTimes(t *testing.T) {
	d := seizure.Times(cases(t))
	require.Equal(t, 2, d.Without)
	require.Len(t, d.Items, 3)
	require.Equal(t, seizure.Duration{Case: "XE-POL:S3", Item: 1, Transfer: "XA-EXP:T3", EndUser: "XC-ARMY", From: day("2024-07-15"), To: day("2025-03-20"), Days: 248}, d.Items[0])
	require.Equal(t, []int{248, 276, 295}, []int{d.Shortest, d.Median, d.Longest})
}

// TestQueue puts guided missiles first, says why, and does not take small
// calibres for shells.
func TestQueue(t *testing.T) {
	q := seizure.Queue(cases(t))
	require.Equal(t, trace.Ref("XE-POL:S3"), q[0].Case)
	require.Equal(t, "P1", q[0].Rule)
	require.Equal(t, "guided missile, shoulder-fired", q[0].Why)
	require.Equal(t, []string{"P4", "P4"}, []string{q[1].Rule, q[2].Rule})
	require.Equal(t, trace.Ref("XD-CUST:S1"), q[1].Case, "an item is still unanswered")
	for calibre, rule := range map[string]string{"9x19": "P4", "7.62x39": "P4", "5,56x45": "P4", "12 ga": "P4", ".45 ACP": "P4", "12.7x99": "P3", ".50 BMG": "P3", "14.5x114": "P3",
		"23x115": "P2", "82 mm mortar": "P2", "120mm": "P2", "hand grenade": "P2", "PG-7": "P2", "9M32 MANPADS": "P1", "ATGW": "P1", "": "P5"} {
		got := seizure.Queue([]seizure.Case{{Says: &trace.Recovery{}, Items: []seizure.Item{{N: 1, Says: trace.RecoveredItem{Calibre: calibre}}}}})
		require.Equal(t, rule, got[0].Rule, calibre)
	}
}

// TestBatchAddsUp answers rows of every kind; outcomes and refusals add up to them.
func TestBatchAddsUp(t *testing.T) {
	rows := []string{"# a comment", "", "XCW24C001-012/001/0042", `{"text":"XCW/XCW24C001-012","recovered":"2024-07-01","quantity":500,"case":"K1"}`,
		`{"text":"XCW24C0O1-012","case":"K2"}`, "qqqqqqq", "9x19", `{"text":""}`, `{"text":"x","colour":"red"}`, `{"kind":"loss"}`, `{`, `{"text":"XCW/MM01","quantity":-4}`,
		`{"kind":"recovery","source":"XD-CUST","id":"S9","at":"2025-02-10","agency":"XD-CUST","country":"XD","items":[{"item":"XCW/XCW24C001-012/001/0042","quantity":7},{"quantity":3},{"calibre":"9x19"}]}`}
	for range 600 { // more than one round of work
		rows = append(rows, "XCW24C001-012/001/0042")
	}
	var lines []int
	tally, err := seizure.Trace(context.Background(), ledger(t, world), strings.NewReader(strings.Join(rows, "\n")), today, func(a seizure.Answer) error {
		require.True(t, a.Finding != nil != (a.Refused != nil))
		lines = append(lines, a.Line)
		return nil
	})
	require.NoError(t, err)
	require.True(t, slices.IsSorted(lines))
	sum, rounds := tally.Refused, int64(0)
	for _, o := range tally.Outcomes {
		sum += o.Questions
		rounds += o.Rounds
	}
	require.Equal(t, tally.Questions, sum)
	require.Equal(t, 613, tally.Questions)
	require.Equal(t, 6, tally.Refused)
	require.EqualValues(t, 507+3-4, tally.Rounds)
	require.Equal(t, marking.MustParseID("XCW/XCW24C001-012"), tally.Repeated[0].Lot)
	require.Equal(t, []string{"K1", "K2", "XD-CUST:S9"}, tally.Repeated[0].Cases)
	stop := fmt.Errorf("stop")
	_, err = seizure.Trace(context.Background(), ledger(t, world), strings.NewReader("9x19"), today, func(seizure.Answer) error { return stop })
	require.ErrorIs(t, err, stop)
}

func lintOf(t *testing.T, row string) seizure.LintReport {
	t.Helper()
	r, err := seizure.Lint(context.Background(), []byte(row), ledger(t, world), today)
	require.NoError(t, err)
	return r
}

func says(r seizure.LintReport) (out []string) {
	for _, m := range r.Remarks {
		out = append(out, m.Level+" "+m.Field)
	}
	return out
}

func TestLint(t *testing.T) {
	good := `{"kind":"recovery","source":"XD-CUST","id":"S9","at":"2025-02-10","agency":"XD-CUST","country":"XD","place":"border post 4","circumstances":"border","items":[{"clue":"XCW/XCW24C001-012/001/0042","quantity":1000,"calibre":"9x19","position":"outer","condition":"live","read":{"lot":"clear"}}]}`
	r := lintOf(t, good)
	require.Empty(t, r.Remarks)
	require.Equal(t, 14, r.Fine)

	// Without its day it is not thrown away: what is wrong is told, the rest is fine.
	r = lintOf(t, strings.Replace(good, `"at":"2025-02-10",`, "", 1))
	require.Equal(t, []string{"error at"}, says(r))
	require.Equal(t, 13, r.Fine)

	// What a lenient reader of JSON passes over.
	require.Equal(t, 1, lintOf(t, strings.Replace(good, `"quantity":1000`, `"quantity":1000,"quantity":5`, 1)).Errors())
	require.Equal(t, []string{"error kind"}, says(lintOf(t, strings.Replace(good, `"kind":"recovery",`, "", 1))))

	r = lintOf(t, `{"agency":"","items":[{"clue":"XCW24C001-01?","quantity":-5,"position":"roof","colour":"red"}],"contry":"XD"}`)
	for _, want := range []string{"error at", "error source", "error id", "error agency", "error country", "error contry", "error items[0].quantity", "error items[0].position", "error items[0].colour", "warning place", "warning circumstances"} {
		require.Contains(t, says(r), want)
	}
	for change, want := range map[string]string{
		`"clue":"XCW24C001-O12"`:                              `is on no record as it stands; the nearest is XCW/XCW24C001-012`,
		`"clue":"qqqqq"`:                                      `"qqqqq" is on no record here`,
		`"calibre":"7.62x51","clue":"XCW24C001-012"`:          `is on record as 9 mm Luger`,
		`"calibre":"glitter"`:                                 "not in the dictionary",
		`"clue":"XCW/XCW24C001-012/001/0042","quantity":5000`: "holds 1000",
		`"clue":"XCW/XCW24C001-012","item":"XCW/MM01"`:        "",
	} {
		row := fmt.Sprintf(`{"kind":"recovery","source":"XD-CUST","id":"S9","at":"2025-02-10","agency":"XD-CUST","country":"XD","place":"p","circumstances":"border","items":[{%s}]}`, change)
		require.Contains(t, fmt.Sprint(lintOf(t, row).Remarks), want, change)
	}
	require.Contains(t, fmt.Sprint(lintOf(t, strings.Replace(good, `"place":`, `"note":"suspect: J. Doe, +49 170 1234567","place":`, 1)).Remarks), "person")
	require.Contains(t, says(lintOf(t, strings.Replace(good, "2025-02-10", "2055-02-10", 1))), "error at")
	require.Contains(t, says(lintOf(t, strings.Replace(good, "2025-02-10", "2024-01-10", 1))), "warning at")
	_, err := seizure.Lint(context.Background(), []byte(`{"kind":"loss"}`), nil, today)
	require.Error(t, err)
	_, err = seizure.Lint(context.Background(), []byte(`{"kind"`), nil, today)
	require.Error(t, err)
}

func TestDraft(t *testing.T) {
	it, err := seizure.ParseItem("XCW24C?01-012, quantity=500, position=item, read.lot=partial")
	require.NoError(t, err)
	crate := func(n int, signature string) seizure.Scanned {
		return seizure.Scanned{Item: marking.MustParseID(fmt.Sprintf("XCW/XCW24C001-012/001/%04d", n)), Calibre: "9x19", Rounds: 1000, Level: "crate", Signature: signature}
	}
	b, err := seizure.Draft([]byte(seizure.Template), map[string]string{"agency": "XD-CUST", "id": "S9", "at": "2025-02-10", "country": "XD"}, []trace.RecoveredItem{it},
		[]seizure.Scanned{crate(44, "valid"), crate(42, "valid"), crate(43, "unknown_key"), crate(42, "valid"), crate(50, "invalid")})
	require.NoError(t, err)
	r, err := trace.ParseRecord(b)
	require.NoError(t, err)
	require.Equal(t, "XD-CUST", r.Source)
	items := r.Body.(*trace.Recovery).Items
	require.Len(t, items, 3)
	require.Equal(t, "XCW/XCW24C001-012/001/0042..0044", items[1].Item.String())
	require.EqualValues(t, 3000, items[1].Quantity)
	require.True(t, items[2].Item.IsZero(), "an invalid mark names nothing")
	require.Equal(t, "XCW/XCW24C001-012/001/0050", items[2].Clue)

	// A draft that lacks things is kept.
	b, err = seizure.Draft([]byte(`{"place":"cache 9"}`), nil, nil, nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind":"recovery","place":"cache 9"}`, string(b))
	require.True(t, json.Valid([]byte(seizure.Template)))
	for _, bad := range []string{"X, quantity", "X, quantity=0", "X, item=nothing", "X, colour=red"} {
		_, err := seizure.ParseItem(bad)
		require.Error(t, err, bad)
	}
	_, err = seizure.Draft([]byte("{"), nil, nil, nil)
	require.Error(t, err)
}

func FuzzLint(f *testing.F) {
	for _, row := range strings.Split(world, "\n") {
		f.Add(row)
	}
	f.Add(seizure.Template)
	f.Add(`{"items":[{"read":{"lot":"x"}},{"item":"A/B..C"}],"at":5}`)
	f.Fuzz(func(t *testing.T, row string) {
		r, err := seizure.Lint(context.Background(), []byte(row), nil, today)
		if err != nil {
			return
		}
		if r.Errors() == 0 {
			_, err := trace.ParseRecord([]byte(row))
			if err != nil {
				t.Errorf("no error told of %s: %v", row, err)
			}
		}
	})
}
