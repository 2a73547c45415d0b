package packing

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

const (
	lotName = "XCW/XCW24C001-012"
	pallet  = "095201234567890122"
)

var (
	lot    = marking.MustParseID(lotName)
	config = Config{Source: "XCW", Site: "hall 2", Prefix: "A"}
	today  = when("2024-03-08")
)

func when(s string) trace.When {
	w, err := trace.ParseWhen(s)
	if err != nil {
		panic(err)
	}
	return w
}

func id(s string) marking.ID { return marking.MustParseID(lotName + "/" + s) }

func tally(t *testing.T, rounds int64) *Tally {
	y, err := New(lot, rounds, config)
	require.NoError(t, err)
	return y
}

// ledger takes the records, with one of the lot before them.
func ledger(t *testing.T, rounds int64, records []*trace.Record) trace.Ledger {
	l := trace.NewMemory()
	about, err := trace.NewRecord(trace.Record{Source: "XCW", ID: "LOT", Body: &trace.Lot{Item: lot, Calibre: "9x19", Quantity: rounds}})
	require.NoError(t, err)
	party, err := trace.NewRecord(trace.Record{Source: "XCW", ID: "XCW", Body: &trace.Party{Name: "Example Cartridge Works", Country: "XA", Roles: []string{"maker"}}})
	require.NoError(t, err)
	_, err = l.Append(context.Background(), append([]*trace.Record{party, about}, records...))
	require.NoError(t, err)
	return l
}

func lines(t *testing.T, records []*trace.Record) (out []string) {
	for _, r := range records {
		out = append(out, string(r.Canonical))
	}
	return out
}

// Items into boxes into cases onto pallets, a sample, a reject, a reprint: the
// records say it all, and where everything is adds up.
func TestStory(t *testing.T) {
	y := tally(t, 0)
	for c := 1; c <= 2; c++ {
		for b := 1; b <= 3; b++ {
			require.NoError(t, y.Pack(id(fmt.Sprintf("001/%04d/%02d", c, b)), marking.Box, 50))
		}
		require.NoError(t, y.Pack(id(fmt.Sprintf("001/%04d", c)), marking.Case, 150))
	}
	require.NoError(t, y.Pack(id("001/0003/01"), marking.Box, 50))
	require.NoError(t, y.Pack(id("001/0003/02"), marking.Box, 30), "a part-full box")
	for i := 1; i <= 50; i++ {
		require.NoError(t, y.Pack(id(fmt.Sprintf("001/0001/01/%02d", i)), marking.Item, 1))
	}
	require.NoError(t, y.Void(id("001/0003/03"), "torn in the printer"))
	require.NoError(t, y.Reprint(id("001/0002/02"), "smeared"))
	require.NoError(t, y.Sample(today, id("001/0002/03"), 20, "proof"))
	require.NoError(t, y.Reject(today, id("001/0003/01"), 3, "dented"))
	require.NoError(t, y.Load(today, pallet, id("001/0001"), id("001/0002")))
	require.NoError(t, y.Unload(today, pallet, id("001/0002")))
	require.NoError(t, y.Judge(today, "XCW:LOT", "accepted", "proof passed"))
	records, err := y.Records(today)
	require.NoError(t, err)
	require.Equal(t, []string{
		`{"at":"2024-03-08","id":"A-1","item":"XCW/XCW24C001-012","kind":"pack","quantity":380,"source":"XCW","units":[{"each":380,"item":"XCW/XCW24C001-012/001","level":"sublot"}]}`,
		`{"at":"2024-03-08","id":"A-2","item":"XCW/XCW24C001-012/001","kind":"pack","quantity":380,"source":"XCW","units":[{"each":150,"item":"XCW/XCW24C001-012/001/0001..0002","level":"case"},{"each":80,"item":"XCW/XCW24C001-012/001/0003"}]}`,
		`{"at":"2024-03-08","id":"A-3","item":"XCW/XCW24C001-012/001/0001","kind":"pack","quantity":150,"source":"XCW","units":[{"each":50,"item":"XCW/XCW24C001-012/001/0001/01..03","level":"box"}]}`,
		`{"at":"2024-03-08","id":"A-4","item":"XCW/XCW24C001-012/001/0001/01","kind":"pack","quantity":50,"source":"XCW","units":[{"each":1,"item":"XCW/XCW24C001-012/001/0001/01/01..50","level":"item"}]}`,
		`{"at":"2024-03-08","ext":{"reprinted_labels":[{"item":"XCW/XCW24C001-012/001/0002/02","why":"smeared"}]},"id":"A-5","item":"XCW/XCW24C001-012/001/0002","kind":"pack","quantity":150,"source":"XCW","units":[{"each":50,"item":"XCW/XCW24C001-012/001/0002/01..03","level":"box"}]}`,
		`{"at":"2024-03-08","ext":{"void_labels":[{"item":"XCW/XCW24C001-012/001/0003/03","why":"torn in the printer"}]},"id":"A-6","item":"XCW/XCW24C001-012/001/0003","kind":"pack","quantity":80,"source":"XCW","units":[{"each":50,"item":"XCW/XCW24C001-012/001/0003/01","level":"box"},{"each":30,"item":"XCW/XCW24C001-012/001/0003/02","level":"box"}]}`,
		`{"at":"2024-03-08","holder":"XCW","id":"A-7","kind":"stock","lines":[{"item":"XCW/XCW24C001-012/001/0002/03","quantity":20}],"movement":"expend","note":"proof","site":"hall 2","source":"XCW"}`,
		`{"at":"2024-03-08","condition":"rejected","from_site":"hall 2","holder":"XCW","id":"A-8","kind":"stock","lines":[{"item":"XCW/XCW24C001-012/001/0003/01","quantity":3}],"movement":"move","note":"dented","site":"reject store","source":"XCW"}`,
		`{"action":"into","at":"2024-03-08","holder":"XCW","id":"A-9","kind":"repack","lines":[{"item":"XCW/XCW24C001-012/001/0001","quantity":150},{"item":"XCW/XCW24C001-012/001/0002","quantity":130}],"source":"XCW","unit":"095201234567890122"}`,
		`{"action":"out_of","at":"2024-03-08","holder":"XCW","id":"A-10","kind":"repack","lines":[{"item":"XCW/XCW24C001-012/001/0002","quantity":130}],"source":"XCW","unit":"095201234567890122"}`,
		`{"at":"2024-03-08","id":"A-11","kind":"status","of":"XCW:LOT","reason":"proof passed","source":"XCW","state":"accepted"}`,
	}, lines(t, records))
	again, err := y.Records(today)
	require.NoError(t, err)
	require.Equal(t, lines(t, records), lines(t, again))

	where, err := trace.Where(context.Background(), ledger(t, 380, records), marking.SpanOf(lot), trace.NoDay)
	require.NoError(t, err)
	got := map[string]int64{}
	for _, p := range where.Parts {
		got[p.State+" "+p.Site] += p.Quantity
	}
	require.Equal(t, map[string]int64{"held ": 357, "expended ": 20, "held reject store": 3}, got)
}

func TestRefuses(t *testing.T) {
	y := tally(t, 300)
	require.NoError(t, y.Pack(id("001/0001"), marking.Case, 100))
	require.NoError(t, y.Pack(id("001/0001/01"), marking.Box, 60))
	require.NoError(t, y.Void(id("001/0009"), "torn"))
	before, err := json.Marshal(fmt.Sprint(len(y.units), y.units[lot], y.spoil, y.moves))
	require.NoError(t, err)
	for _, c := range []struct {
		says string
		err  error
	}{
		{"packed before", y.Pack(id("001/0001"), marking.Case, 100)},
		{"60 rounds more in XCW/XCW24C001-012/001/0001", y.Pack(id("001/0001/02"), marking.Box, 60)},
		{"201 rounds more in XCW/XCW24C001-012, which holds 300 and has 100", y.Pack(id("001/0002"), marking.Case, 201)},
		{"201 rounds more", y.Pack(id("001/0002/01"), marking.Box, 201)},
		{"the packages in it hold 100", y.Pack(id("001"), marking.Sublot, 90)},
		{"spoilt: torn", y.Pack(id("001/0009"), marking.Case, 1)},
		{"0 rounds", y.Pack(id("001/0003"), marking.Case, 0)},
		{"level", y.Pack(id("001/0003"), "bag", 1)},
		{"level", y.Pack(id("001/0003"), marking.Lot, 1)},
		{"no package of", y.Pack(lot, marking.Case, 1)},
		{"no package of", y.Pack(marking.MustParseID("XCW/OTHER/1"), marking.Case, 1)},
		{"it is a package", y.Void(id("001/0001"), "torn")},
		{"no package that was packed", y.Reprint(id("001/0007"), "smeared")},
		{"no package that was packed", y.Sample(today, id("001/0007"), 1, "proof")},
		{"no package that was packed", y.Sample(today, lot, 1, "proof")},
		{"61 rounds, of 60", y.Sample(today, id("001/0001/01"), 61, "proof")},
		{"0 rounds", y.Reject(today, id("001/0001/01"), 0, "dented")},
		{"field at is missing", y.Reject(trace.When{}, id("001/0001/01"), 1, "dented")},
		{"nothing to load", y.Load(today, pallet)},
		{"wrong check digit", y.Load(today, "095201234567890123", id("001/0001"))},
		{"named twice", y.Load(today, "P1", id("001/0001"), id("001/0001"))},
		{"named twice", y.Load(today, "P1", id("001/0001"), id("001/0001/01"))},
		{"named twice", y.Load(today, "P1", id("001/0001/01"), id("001/0001"))},
		{"does not stand in P1", y.Unload(today, "P1", id("001/0001"))},
		{"state", y.Judge(today, "XCW:LOT", "fine", "")},
	} {
		require.ErrorContains(t, c.err, c.says)
		var hint interface{ Hint() string }
		require.ErrorAs(t, c.err, &hint)
		require.NotEmpty(t, hint.Hint())
	}
	after, err := json.Marshal(fmt.Sprint(len(y.units), y.units[lot], y.spoil, y.moves))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "what is refused changes nothing")

	_, err = y.Records(today)
	require.ErrorContains(t, err, "0001: 100 rounds, and the packages in it hold 60", "a case with a box too few")
	require.NoError(t, y.Pack(id("001/0001/02"), marking.Box, 40))
	require.NoError(t, y.Load(today, "P1", id("001/0001/02")))
	require.ErrorContains(t, y.Load(today, "P2", id("001/0001/02")), "stands in P1")
	require.ErrorContains(t, y.Load(today, "P2", id("001/0001")), "1 packages in it stand in other units")
	require.NoError(t, y.Sample(today, id("001/0001"), 90, "proof"), "out of the case, it is not said of which box")
	require.ErrorContains(t, y.Sample(today, id("001/0001/01"), 11, "proof"), "10 that are left")
	_, err = y.Records(today)
	require.NoError(t, err)

	_, err = New(id("001"), 0, config)
	require.ErrorContains(t, err, "not a lot")
	_, err = New(lot, 0, Config{})
	require.ErrorContains(t, err, "without source")
}

// Whatever stations do at random, in any order: what is refused is refused, and the
// rest adds up in a ledger at every level.
func TestAddsUp(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		y := tally(t, 2000)
		pick := func() marking.ID {
			s := fmt.Sprintf("%03d", 1+r.IntN(2))
			for range r.IntN(3) {
				s += fmt.Sprintf("/%02d", 1+r.IntN(4))
			}
			return id(s)
		}
		var gone int64
		packed := map[marking.ID]bool{}
		for range 120 {
			p, n := pick(), int64(1+r.IntN(60))
			switch r.IntN(8) {
			case 0:
				if y.Sample(today, p, n, "proof") == nil {
					gone += n
				}
			case 1:
				_ = y.Reject(today, p, n, "dented")
			case 2:
				_ = y.Load(today, "P1", p)
			case 3:
				_ = y.Unload(today, "P1", p)
			case 4:
				_ = y.Void(p, "torn")
			default:
				if y.Pack(p, marking.Box, n) == nil {
					require.False(t, packed[p])
					packed[p] = true
				}
			}
		}
		records, err := y.Records(today)
		if err != nil { // a package that is not made up yet: make it up
			for err != nil {
				var e *Error
				require.ErrorAs(t, err, &e)
				u := y.units[e.Item]
				rest, perr := e.Item.Child("REST")
				require.NoError(t, perr)
				require.NoError(t, y.Pack(rest, marking.Box, u.rounds-u.inside))
				records, err = y.Records(today)
			}
		}
		whole := y.units[lot].inside
		if whole == 0 {
			continue
		}
		l := ledger(t, 2000, records)
		where, err := trace.Where(context.Background(), l, marking.SpanOf(lot), trace.NoDay)
		require.NoError(t, err, "seed %d", seed)
		var sum, expended int64
		for _, p := range where.Parts {
			sum += p.Quantity
			if p.State == "expended" {
				expended += p.Quantity
			}
		}
		require.Equal(t, where.Quantity, sum)
		require.Equal(t, gone, expended, "seed %d: %v", seed, where.Parts)
		for f, err := range trace.Check(context.Background(), l, today.Day()) {
			require.NoError(t, err)
			require.NotContains(t, []string{"SPLIT_NOT_CONSERVED", "INSUFFICIENT_STOCK", "DOUBLE_TRANSFER"}, f.Code, "seed %d: %s", seed, f.Says)
		}
	}
}

func TestStationsAtOnce(t *testing.T) {
	y := tally(t, 0)
	var stations sync.WaitGroup
	for s := range 4 {
		stations.Go(func() {
			for i := range 100 {
				if err := y.Pack(id(fmt.Sprintf("%03d/%04d", 1+s%2, 1+4*i+s)), marking.Box, 50); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stations.Wait()
	records, err := y.Records(today)
	require.NoError(t, err)
	require.Equal(t, int64(20_000), records[0].Body.(*trace.Pack).Quantity)
}
