package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// partyWorld makes records of two lots of forty crates and what four parties do
// with them. In an honest world each gives, loses and uses up only what it holds;
// else anybody says anything.
func partyWorld(rng *rand.Rand, honest bool) (records []*trace.Record, parties []string) {
	parties = []string{"XCW", "XA-POL", "XB-POL", "XC-ARMY"}
	add := func(r trace.Record) {
		made, err := trace.NewRecord(r)
		if err != nil {
			panic(err)
		}
		records = append(records, made)
	}
	when := func(day int) trace.When {
		w, err := trace.ParseWhen((trace.Day(19700 + day)).String())
		if err != nil {
			panic(err)
		}
		return w
	}
	for _, p := range parties {
		role := "end_user"
		if p == "XCW" {
			role = "maker"
		}
		add(trace.Record{Source: "XA-EXP", ID: p, Body: &trace.Party{Name: p, Country: "X" + p[1:2], Roles: []string{role}}})
	}
	add(trace.Record{Source: "XA-EXP", ID: "EUC", Body: &trace.EUC{Number: "1", Issued: when(0), Authority: "XA-EXP", EndUser: "XB-POL",
		Clause: &trace.Clause{Acts: []string{"sale", "gift"}, ConsentBy: "XA-EXP", InForceFrom: when(0)}}})
	for lot := range 2 {
		id := marking.MustParseID(fmt.Sprintf("XCW/L%d", lot))
		add(trace.Record{Source: "XCW", ID: fmt.Sprint("lot", lot), Body: &trace.Lot{Item: id, Calibre: "9x19", Quantity: 40000, Made: trace.Period{To: when(0)}}})
		add(trace.Record{Source: "XCW", ID: fmt.Sprint("pack", lot), At: when(0), Body: &trace.Pack{Item: id, Quantity: 40000,
			Units: []trace.Unit{{Item: marking.MustParseSpan(fmt.Sprintf("%s/0001..0040", id)), Level: "crate", Each: 1000}}}})
		type state struct {
			holder string
			gone   bool
		}
		crates := slices.Repeat([]state{{holder: "XCW"}}, 40)
		for day := 1; day < 60; day++ {
			lo := rng.IntN(40)
			hi := min(lo+rng.IntN(8), 39)
			holder := crates[lo].holder
			if !honest {
				holder = parties[rng.IntN(4)]
			}
			fine := !slices.ContainsFunc(crates[lo:hi+1], func(s state) bool { return s.holder != holder || s.gone })
			if honest && !fine {
				continue
			}
			crate := marking.MustParseSpan(fmt.Sprintf("%s/0001..0040", id)).SpanIn(uint64(lo+1), uint64(hi+1))
			lines := []trace.Line{{Item: crate, Quantity: int64(hi-lo+1) * 1000}}
			if !honest && rng.IntN(3) == 0 { // some rounds out of a package
				lines = []trace.Line{{Item: marking.SpanOf(id), Quantity: 1 + rng.Int64N(5000)}}
			}
			r := trace.Record{Source: holder, ID: fmt.Sprintf("%d-%d", lot, day), At: when(day)}
			to := parties[1+rng.IntN(3)]
			gone := false
			switch kind := rng.IntN(8); {
			case kind == 0 && holder != "XCW":
				r.Body, gone = &trace.Loss{Holder: holder, Lines: lines}, true
			case kind == 1:
				r.Body, gone = &trace.Destruction{Holder: holder, Lines: lines}, true
			case kind == 2:
				r.Body, gone = &trace.Stock{Holder: holder, Site: "D1", Movement: "expend", Lines: lines}, true
			case kind == 3:
				r.Body = &trace.Stock{Holder: holder, Site: "D2", Movement: "count", Lines: lines}
			case to == holder:
				continue
			default:
				r.Body = &trace.Transfer{From: holder, To: to, Lines: lines, DeliveryDue: when(day + 10), EUC: "XA-EXP:EUC"}
				holder = to
			}
			add(r)
			if honest {
				for i := lo; i <= hi; i++ {
					crates[i] = state{holder, gone}
				}
			}
		}
	}
	return records, parties
}

// addsUp checks that every figure of a party is the sum of what it is made of.
func addsUp(t *testing.T, l trace.Ledger, party string, at trace.Day) trace.PartyTotals {
	t.Helper()
	ctx := context.Background()
	h, err := trace.HistoryOf(ctx, l, party, at)
	require.NoError(t, err)
	d, err := trace.DossierOf(ctx, l, party, at, trace.DayOf(today))
	require.NoError(t, err)
	require.Equal(t, d.Totals, h.Totals)
	x := d.Totals
	require.Equal(t, x.Balance, x.Made+x.Received+x.Found-x.Given-x.Lost-x.Destroyed-x.Expended)
	require.Equal(t, x.Difference, x.Balance-x.Holds)
	if n := len(h.Rows); n > 0 {
		require.Equal(t, x.Balance, h.Rows[n-1].Balance, "the last balance of the history")
	}
	sum := func(rows []trace.PartyRow) (sum int64) {
		for _, r := range rows {
			require.NotEmpty(t, r.Records)
			require.NotEmpty(t, r.Says.String())
			sum += r.Quantity
		}
		return sum
	}
	require.Equal(t, x.Received, sum(d.Received))
	require.Equal(t, x.Given, sum(d.Given))
	require.Equal(t, x.Lost, sum(d.Losses))
	require.Equal(t, x.Destroyed, sum(d.Destroyed))
	require.Equal(t, x.Expended, sum(d.Expended))
	var lots trace.PartyTotals
	for _, lot := range d.Lots {
		lots.Made += lot.Made
		lots.Received += lot.Received
		lots.Given += lot.Given
		lots.Holds += lot.Holds
		lots.Difference += lot.Difference
		w, err := trace.Where(ctx, l, marking.SpanOf(lot.Lot), at)
		require.NoError(t, err)
		var parts, holds int64
		for _, p := range w.Parts {
			parts += p.Quantity
			if p.Party == party && (p.State == "held" || p.State == "in_transit" || p.State == "unconfirmed") {
				holds += p.Quantity
			}
		}
		require.Equal(t, w.Quantity, parts)
		require.Equal(t, holds, lot.Holds)
	}
	require.Equal(t, []int64{x.Made, x.Received, x.Given, x.Holds, x.Difference}, []int64{lots.Made, lots.Received, lots.Given, lots.Holds, lots.Difference})
	for _, p := range d.Papers {
		if p.Allowed > 0 {
			require.Equal(t, p.Allowed-p.Used, p.Left-p.Over)
		}
	}
	return x
}

// TestPartiesAddUp adds up every party of some worlds; SUBLOT_PARTY_WORLDS says how many.
func TestPartiesAddUp(t *testing.T) {
	ctx := context.Background()
	worlds := 12
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_PARTY_WORLDS")); err == nil {
		worlds = n
	}
	for seed := range uint64(worlds) {
		honest := seed%2 == 0
		records, parties := partyWorld(rand.New(rand.NewPCG(seed, 7)), honest)
		l := trace.NewMemory()
		_, err := l.Append(ctx, records)
		require.NoError(t, err)
		var held, gone int64
		for _, p := range parties {
			for _, at := range []trace.Day{trace.NoDay, 19730} {
				x := addsUp(t, l, p, at)
				if honest {
					require.Zero(t, x.Difference, "seed %d: %s", seed, p)
				}
				if at == trace.NoDay {
					held += x.Holds
					gone += x.Lost + x.Destroyed + x.Expended
				}
			}
		}
		if honest {
			require.EqualValues(t, 80000, held+gone, "seed %d", seed)
		}
	}
}

// TestPartiesOfWorkedCases adds up every party of the worked cases.
func TestPartiesOfWorkedCases(t *testing.T) {
	worlds, err := filepath.Glob(filepath.Join(fixtures(t), "worlds", "*"))
	require.NoError(t, err)
	for _, dir := range worlds {
		files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		require.NoError(t, err)
		l := trace.NewMemory()
		parties := map[string]bool{}
		for _, path := range files {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			for line := range bytes.Lines(b) {
				r, err := trace.ParseRecord(bytes.TrimSpace(line))
				if err != nil {
					continue // questions
				}
				_, err = l.Append(context.Background(), []*trace.Record{r})
				require.NoError(t, err)
				if r.Kind == trace.KindParty {
					parties[r.Describes()] = true
				}
			}
		}
		require.NotEmpty(t, parties, dir)
		for p := range parties {
			addsUp(t, l, p, trace.NoDay)
		}
	}
}

// TestDossierSaysWhatBecameOfGoods holds the states of a dossier against a story
// with a retransfer of each sort.
func TestDossierSaysWhatBecameOfGoods(t *testing.T) {
	l := trace.NewMemory()
	for _, line := range strings.Split(strings.TrimSpace(`
{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"Export authority","country":"XA","roles":["authority"]}
{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"Police","country":"XB","roles":["end_user"],"aliases":["XB Force"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL-1","name":"Unit","country":"XB","roles":["end_user"],"parent":"XB-POL"}
{"kind":"party","source":"XA-EXP","id":"XC-ARMY","name":"Army","country":"XC","roles":["end_user"]}
{"kind":"euc","source":"XB-POL","id":"E1","number":"E1","issued":"2024-01-01","authority":"XB-POL","end_user":"XB-POL","expires":"2030-01-01","goods":[{"quantity":9000}],"clause":{"acts":["sale"],"consent_by":"XA-EXP","in_force_from":"2024-01-01"},"authenticated":{"by":"XA-EXP","at":"2024-01-02"}}
{"kind":"licence","source":"XA-EXP","id":"L1","number":"L1","authority":"XA-EXP","euc":"XB-POL:E1","parties":[{"party":"XB-POL","role":"end_user"}],"goods":[{"quantity":12000}],"valid_from":"2024-01-01","valid_to":"2030-01-01"}
{"kind":"consent","source":"XA-EXP","id":"C1","at":"2024-05-01","euc":"XB-POL:E1","by":"XA-EXP","from":"XB-POL","to":"XC-ARMY","act":"sale","lines":[{"item":"XCW/L1/0001","quantity":1000}]}
{"kind":"lot","source":"XCW","id":"L1","item":"XCW/L1","calibre":"9x19","quantity":10000,"made":{"from":"2023-01-01","to":"2023-01-02"}}
{"kind":"pack","source":"XCW","id":"P1","at":"2023-01-02","item":"XCW/L1","quantity":10000,"units":[{"item":"XCW/L1/0001..0010","level":"crate","each":1000}]}
{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-02-01","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/L1/0001..0009","quantity":9000}],"licence":"XA-EXP:L1","delivery_due":"2024-03-01"}
{"kind":"delivery","source":"XB-POL","id":"D1","at":"2024-02-20","transfer":"XA-EXP:T1","to":"XB-POL","lines":[{"item":"XCW/L1/0001..0009","quantity":9000}]}
{"kind":"transfer","source":"XA-EXP","id":"T2","at":"2024-03-01","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/L1/0010","quantity":1000}],"licence":"XA-EXP:L1","delivery_due":"2024-04-01"}
{"kind":"transfer","source":"XB-POL","id":"R1","at":"2024-06-01","from":"XB-POL","to":"XC-ARMY","lines":[{"item":"XCW/L1/0001","quantity":1000}],"act":"sale"}
{"kind":"transfer","source":"XB-POL","id":"R2","at":"2024-06-02","from":"XB-POL","to":"XC-ARMY","lines":[{"item":"XCW/L1/0002","quantity":1000}],"act":"sale"}
{"kind":"transfer","source":"XB-POL","id":"R3","at":"2024-06-03","from":"XB-POL","to":"XC-ARMY","lines":[{"item":"XCW/L1/0003","quantity":1000}],"act":"gift"}
{"kind":"loss","source":"XB-POL","id":"LR","at":"2024-07-01","holder":"XB-POL","lines":[{"item":"XCW/L1/0004","quantity":1000}],"type":"theft"}
{"kind":"destruction","source":"XB-POL","id":"DC","at":"2024-07-02","holder":"XB-POL","lines":[{"item":"XCW/L1/0005","quantity":1000}]}
{"kind":"recovery","source":"XC-CUST","id":"S1","at":"2024-08-01","agency":"XC-CUST","country":"XC","items":[{"item":"XCW/L1/0004","quantity":1000},{"clue":"XCW L1 ?","quantity":5}]}
{"kind":"report","source":"XC-CUST","id":"RP","at":"2024-08-02","about":"XB-POL","case":"C-11"}
{"kind":"coverage","source":"XB-MFA","id":"CV","at":"2024-08-02","party":"XB-POL","state":"destroyed","from":"2001-01-01","to":"2004-12-31","reason":"flood"}
`), "\n") {
		r, err := trace.ParseRecord([]byte(line))
		require.NoError(t, err, line)
		_, err = l.Append(context.Background(), []*trace.Record{r})
		require.NoError(t, err)
	}
	addsUp(t, l, "XB-POL", trace.NoDay)
	d, err := trace.DossierOf(context.Background(), l, "XB-POL", trace.NoDay, trace.DayOf(today))
	require.NoError(t, err)
	require.Equal(t, trace.PartyCounts{Received: 2, Overdue: 1, Given: 3, RetransfersWithConsent: 1, RetransfersWithoutConsent: 1, RetransfersNotCovered: 1,
		Losses: 1, Destructions: 1, Seizures: 2, Reports: 1, OpenPapers: 1}, d.Counts)
	states := func(rows []trace.PartyRow) (out []string) {
		for _, r := range rows {
			out = append(out, r.State)
		}
		return out
	}
	require.Equal(t, []string{"delivered", "overdue"}, states(d.Received))
	require.Equal(t, []string{"with_consent", "without_consent", "not_covered"}, states(d.Given))
	require.Equal(t, "end_user", d.Seizures[0].State)
	papers := map[string]trace.PartyPaper{}
	for _, p := range d.Papers {
		papers[p.Number] = p
	}
	require.Equal(t, trace.PartyPaper{Record: "XA-EXP:L1", Kind: "licence", Number: "L1", From: 19723, To: 21915, State: "open", Allowed: 12000, Used: 10000, Left: 2000}, papers["L1"])
	require.EqualValues(t, 1000, papers["E1"].Over)
	require.Equal(t, "destroyed", d.Gaps[0].State)

	before, err := trace.DossierOf(context.Background(), l, "XB-POL", mustDay(t, "2024-03-15"), trace.DayOf(today))
	require.NoError(t, err)
	require.Equal(t, trace.PartyCounts{Received: 2, OpenPapers: 1}, before.Counts, "the certificate is used up, the licence is not; nothing else had happened yet")

	for _, lang := range []string{"en", "fr"} {
		var b bytes.Buffer
		require.NoError(t, d.WriteText(&b, lang))
		for _, want := range []string{"XA-EXP:T1", "XB-POL:R2", "XC-CUST:RP", "XB-MFA:CV", "XB-POL-1", "9000"} {
			require.Contains(t, b.String(), want, lang)
		}
		h, err := trace.HistoryOf(context.Background(), l, "XB-POL", trace.NoDay)
		require.NoError(t, err)
		require.NoError(t, h.WriteText(&b, lang))
	}
	_, err = json.Marshal(d)
	require.NoError(t, err)
}

func mustDay(t *testing.T, s string) trace.Day {
	t.Helper()
	d, err := trace.ParseDay(s)
	require.NoError(t, err)
	return d
}

func TestUnknownParty(t *testing.T) {
	var unknown *trace.QueryError
	_, err := trace.HistoryOf(context.Background(), trace.NewMemory(), "XX", trace.NoDay)
	require.ErrorAs(t, err, &unknown)
	require.NotEmpty(t, unknown.Hint())
}
