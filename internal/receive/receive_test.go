package receive_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/receive"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

const papers = `{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"State XA Licensing","country":"XA","roles":["authority"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}
{"kind":"lot","source":"XCW","id":"L","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":750000}
{"kind":"pack","source":"XCW","id":"P","at":"2024-03-08","item":"XCW/XCW24C001-012","quantity":750000,"units":[{"item":"XCW/XCW24C001-012/001","level":"sublot"},{"item":"XCW/XCW24C001-012/002","level":"sublot"},{"item":"XCW/XCW24C001-012/001/0001..0400","level":"crate","each":1000},{"item":"XCW/XCW24C001-012/002/0001..0350","level":"crate","each":1000}]}
{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001","quantity":400000}],"gross_kg":4800}
{"kind":"transfer","source":"XA-EXP","id":"T2","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/002","quantity":10000}]}`

func ledger(t *testing.T) *trace.Memory {
	t.Helper()
	l := trace.NewMemory()
	_, err := trace.Import(context.Background(), l, []trace.ImportFile{{Name: "papers", Reader: strings.NewReader(papers)}}, trace.ImportConfig{})
	require.NoError(t, err)
	return l
}

func when(t *testing.T, s string) trace.When {
	t.Helper()
	w, err := trace.ParseWhen(s)
	require.NoError(t, err)
	return w
}

func crate(sub string, n int, signature string) receive.Mark {
	return receive.Mark{Image: fmt.Sprintf("%s-%d.png", sub, n), Item: marking.MustParseID(fmt.Sprintf("XCW/XCW24C001-012/%s/%04d", sub, n)), Signature: signature, Rounds: 1000}
}

func draft(t *testing.T, l trace.Ledger, transfer string, marks []receive.Mark) *receive.Report {
	t.Helper()
	r, err := receive.Draft(context.Background(), l, receive.Order{Transfer: trace.Ref(transfer), At: when(t, "2024-06-02")}, marks)
	require.NoError(t, err)
	return r
}

// TestAllArrived scans the 400 crates of a sub-lot, in any order.
func TestAllArrived(t *testing.T) {
	l := ledger(t)
	var marks []receive.Mark
	for n := 400; n > 0; n-- {
		marks = append(marks, crate("001", n, "valid"))
	}
	r := draft(t, l, "XA-EXP:T1", marks)
	require.False(t, r.Differs())
	require.Equal(t, 400, r.Counted)
	require.EqualValues(t, 400_000, r.Rounds)
	require.Equal(t, `{"at":"2024-06-02","id":"DVC-T1-2024-06-02","kind":"delivery","lines":[{"item":"XCW/XCW24C001-012/001/0001..0400","quantity":400000}],`+
		`"note":"drafted from 400 scanned marks (400 valid)","source":"XB-POL","to":"XB-POL","transfer":"XA-EXP:T1"}`, string(r.Record.Canonical))
	_, err := l.Append(context.Background(), []*trace.Record{r.Record})
	require.NoError(t, err)
	require.Equal(t, []trace.Ref{"XB-POL:DVC-T1-2024-06-02"}, draft(t, l, "XA-EXP:T1", marks).Earlier)
}

// TestWrongCrate receives 399 crates and one of another sub-lot, two pictures of
// the same crate, and a forged label.
func TestWrongCrate(t *testing.T) {
	l := ledger(t)
	marks := []receive.Mark{crate("002", 7, "valid")}
	for n := range 399 {
		marks = append(marks, crate("001", n+1, "valid"))
	}
	again := crate("001", 42, "valid")
	again.Image = "again.png"
	forged := crate("001", 400, "invalid")
	forged.Reason = "altered"
	unsigned := crate("001", 42, "unsigned")
	unsigned.Image = "third.png"
	r := draft(t, l, "XA-EXP:T1", append(marks, again, forged, unsigned))
	require.True(t, r.Differs())
	require.Equal(t, 403, r.Scanned)
	require.Equal(t, 400, r.Counted)
	require.Equal(t, []receive.Repeat{{Item: again.Item, Images: []string{"001-42.png", "again.png", "third.png"}, Says: "seen 3 times, counted once"}}, r.Repeats)
	require.Equal(t, []receive.Missing{{Item: marking.MustParseSpan("XCW/XCW24C001-012/001/0400"), Quantity: 1000}}, r.Missing)
	require.Equal(t, map[string]int{"valid": 401, "invalid": 1, "unsigned": 1}, r.Signatures)
	require.Len(t, r.NotCounted, 1)
	require.Equal(t, "001-400.png", r.NotCounted[0].Image)
	require.Equal(t, []receive.Flag{
		{Code: "SHORT_DELIVERY", Item: marking.MustParseSpan("XCW/XCW24C001-012/001"), Says: "The papers say 400000 rounds of XCW/XCW24C001-012/001, 399000 arrived."},
		{Code: "DOCUMENT_MISMATCH", Item: marking.MustParseSpan("XCW/XCW24C001-012/002/0007"), Images: []string{"002-7.png"},
			Says: "The papers say XCW/XCW24C001-012/001, the mark says XCW/XCW24C001-012/002/0007."},
	}, r.Flags)
	require.Equal(t, []trace.Discrepancy{
		{Type: "short", Item: marking.MustParseSpan("XCW/XCW24C001-012/001"), Quantity: 1000},
		{Type: "wrong_lot", Item: marking.MustParseSpan("XCW/XCW24C001-012/002/0007"), Quantity: 1000},
	}, r.Record.Body.(*trace.Delivery).Discrepancies)

	// The ledger takes the draft, and its check says the same.
	_, err := l.Append(context.Background(), []*trace.Record{r.Record})
	require.NoError(t, err)
	var codes []string
	for f, err := range trace.Check(context.Background(), l, when(t, "2024-07-01").Day()) {
		require.NoError(t, err)
		codes = append(codes, f.Code)
	}
	require.Contains(t, codes, "DOCUMENT_MISMATCH")
	require.Contains(t, codes, "SHORT_DELIVERY")
}

// TestPartOfAPackage receives part of a sub-lot: which crates were to come no
// paper says, so none is called missing.
func TestPartOfAPackage(t *testing.T) {
	l := ledger(t)
	var marks []receive.Mark
	for n := range 8 {
		marks = append(marks, crate("002", 11+n, "valid"))
	}
	r := draft(t, l, "XA-EXP:T2", marks)
	require.Equal(t, []receive.Missing{{Item: marking.MustParseSpan("XCW/XCW24C001-012/002"), Quantity: 2000}}, r.Missing)
	for n := range 4 {
		marks = append(marks, crate("002", 101+n, "valid"))
	}
	r = draft(t, l, "XA-EXP:T2", marks)
	require.Equal(t, "over", r.Record.Body.(*trace.Delivery).Discrepancies[0].Type)
	require.Len(t, r.Record.Lines(), 2)
}

// TestCountedOnce counts a pallet's crates with the pallet, and a package whose
// rounds nobody states not at all.
func TestCountedOnce(t *testing.T) {
	l := ledger(t)
	pallet := receive.Mark{Image: "p.png", Item: marking.MustParseID("XCW/XCW24C001-012/001"), Signature: "valid", Rounds: 400_000}
	unknown := receive.Mark{Image: "u.png", Item: marking.MustParseID("XCW/XCW24C001-012/003/A"), Signature: "unsigned"}
	other := crate("001", 9, "valid")
	other.Rounds = 900
	lot := receive.Mark{Image: "l.png", Item: marking.MustParseID("XCW/XCW24C001-012"), Signature: "valid"}
	r := draft(t, l, "XA-EXP:T1", []receive.Mark{other, pallet, unknown, lot})
	require.Equal(t, 1, r.Counted)
	require.EqualValues(t, 400_000, r.Rounds)
	require.Contains(t, r.Repeats[0].Says, "lies inside XCW/XCW24C001-012/001")
	require.Len(t, r.NotCounted, 2)
	r = draft(t, l, "XA-EXP:T1", []receive.Mark{other})
	require.True(t, slices.ContainsFunc(r.Flags, func(f receive.Flag) bool {
		return f.Says == "The mark says 900 rounds, the records 1000: the records are used."
	}))
}

// TestWhatCannotBeReceived refuses orders that name no transfer.
func TestWhatCannotBeReceived(t *testing.T) {
	l := ledger(t)
	for transfer, at := range map[string]string{"XA-EXP:T9": "2024-06-02", "XCW:L": "2024-06-02", "XA-EXP:T1": "2024-05-09"} {
		_, err := receive.Draft(context.Background(), l, receive.Order{Transfer: trace.Ref(transfer), At: when(t, at)}, nil)
		var wrong *receive.Error
		require.ErrorAs(t, err, &wrong)
		require.NotEmpty(t, wrong.Hint())
	}
	r := draft(t, l, "XA-EXP:T1", nil)
	require.Nil(t, r.Record)
	require.Equal(t, []receive.Missing{{Item: marking.MustParseSpan("XCW/XCW24C001-012/001/0001..0400"), Quantity: 400_000}}, r.Missing)
}

// TestVoided refuses a transfer that was voided, and leaves deliveries and packing
// records that were voided out of account, by whoever may void them; a correction
// that was voided itself counts for nothing.
func TestVoided(t *testing.T) {
	l := ledger(t)
	add := func(rows string) {
		_, err := trace.Import(context.Background(), l, []trace.ImportFile{{Name: "more", Reader: strings.NewReader(rows)}}, trace.ImportConfig{})
		require.NoError(t, err)
	}
	add(`{"kind":"delivery","source":"XB-POL","id":"D1","at":"2024-06-01","to":"XB-POL","transfer":"XA-EXP:T2","lines":[{"item":"XCW/XCW24C001-012/002/0001","quantity":1000}]}`)
	first := []receive.Mark{{Image: "1.png", Item: marking.MustParseID("XCW/XCW24C001-012/002/0001"), Signature: "valid"}}
	require.Equal(t, []trace.Ref{"XB-POL:D1"}, draft(t, l, "XA-EXP:T2", first).Earlier)
	add(`{"kind":"correction","source":"XB-POL","id":"C1","at":"2024-06-02","voids":"XB-POL:D1","reason":"entered twice"}`)
	require.Empty(t, draft(t, l, "XA-EXP:T2", first).Earlier)
	add(`{"kind":"correction","source":"XB-POL","id":"C2","at":"2024-06-03","voids":"XB-POL:C1","reason":"it was not"}`)
	require.Equal(t, []trace.Ref{"XB-POL:D1"}, draft(t, l, "XA-EXP:T2", first).Earlier)

	require.EqualValues(t, 1000, draft(t, l, "XA-EXP:T2", first).Rounds)
	add(`{"kind":"correction","source":"XA-EXP","id":"C3","at":"2024-06-03","voids":"XCW:P","reason":"of another lot"}`)
	require.Zero(t, draft(t, l, "XA-EXP:T2", first).Rounds, "no packing record stands")

	add(`{"kind":"correction","source":"XA-EXP","id":"C4","at":"2024-06-04","voids":"XA-EXP:T2","reason":"wrong quantity","replaced_by":"XA-EXP:T3"}`)
	_, err := receive.Draft(context.Background(), l, receive.Order{Transfer: "XA-EXP:T2", At: when(t, "2024-06-05")}, first)
	var wrong *receive.Error
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, wrong.Says, "voided by XA-EXP:C4")
	require.Contains(t, wrong.Hint(), "XA-EXP:T3")
}
