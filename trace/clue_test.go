package trace_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/clue"
)

const clueRecords = `{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}
{"kind":"party","source":"XA-EXP","id":"17","name":"Plant 17","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"60","name":"Plant 60","country":"XA","roles":["maker"]}
{"kind":"lot","source":"XCW","id":"A","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":1000,"made":{"from":"2024-03-04","to":"2024-03-08"}}
{"kind":"lot","source":"XCW","id":"B","item":"XCW/XCW24C001-013","calibre":"9x19","quantity":1000,"made":{"from":"2024-03-04","to":"2024-03-08"}}
{"kind":"lot","source":"17","id":"C","item":"17/A1-60","calibre":"7.62x39","quantity":1000}
{"kind":"lot","source":"60","id":"D","item":"60/A2-17","calibre":"7.62x39","quantity":1000}
{"kind":"transfer","source":"XCW","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012","quantity":1000}]}
{"kind":"lot","source":"XCW","id":"Z","recorded":"2025-05-01","item":"XCW/XCW24C001-014","calibre":"9x19","quantity":1000}`

func clueLedger(t *testing.T) *trace.Memory {
	t.Helper()
	l := trace.NewMemory()
	_, err := trace.Import(context.Background(), l, []trace.ImportFile{{Name: "clues", Reader: strings.NewReader(clueRecords)}}, trace.ImportConfig{})
	require.NoError(t, err)
	return l
}

func askClue(t *testing.T, l trace.Ledger, text string, change func(*trace.Query)) *trace.Finding {
	t.Helper()
	q := trace.Query{Text: text, Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1, Today: trace.DayOf(today)}
	if change != nil {
		change(&q)
	}
	f, err := trace.Resolve(context.Background(), l, q)
	require.NoError(t, err)
	return f
}

// TestCluesInFindings follows clues to their outcome.
func TestCluesInFindings(t *testing.T) {
	l := clueLedger(t)
	for _, c := range []struct {
		text    string
		outcome trace.Outcome
		item    string
	}{
		{"xcw24c001-012", trace.EndUserIdentified, "XCW/XCW24C001-012"},
		{"XCW24COO1-012", trace.EndUserIdentified, "XCW/XCW24C001-012"},
		{"XCW24C001-01?", trace.InsufficientMarks, ""},
		{"XCW24C001-012/001/0042", trace.EndUserIdentified, "XCW/XCW24C001-012/001/0042"}, // an identity by its form
		{"XQQ/XCW24C001-012", trace.NoRecord, ""},
		{"XCW 24", trace.MakerOnly, ""},
		{"12h XCW 6h 24", trace.MakerOnly, ""},
		{"nine by nineteen", trace.TypeOnly, ""},
		{"17 60", trace.MakerOnly, ""}, // either may be the factory, but the first usually is
		{"qqqqqq", trace.InsufficientMarks, ""},
	} {
		f := askClue(t, l, c.text, nil)
		require.Equal(t, c.outcome, f.Outcome, c.text)
		require.Equal(t, c.item, f.Item.String(), c.text)
	}
	f := askClue(t, l, "17 60", nil)
	require.Len(t, f.Heads, 2)
	require.Equal(t, clue.Head{Maker: "60", Years: []int{1917, 2017}, Edits: []string{"17 read as the year, 60 as the factory"}, Distance: 1}, f.Heads[1])
	f = askClue(t, l, "XCW24C001-01?", nil)
	require.Equal(t, 2, f.Readings[0].Near)
}

// TestCluesAsOf answers a clue on the first records as it was answered then, and
// with an index kept as without.
func TestCluesAsOf(t *testing.T) {
	l := clueLedger(t)
	earlier := trace.NewMemory()
	for e := range l.All(context.Background(), 0) {
		if e.Seq < 9 {
			_, err := earlier.Append(context.Background(), []*trace.Record{e.Record})
			require.NoError(t, err)
		}
	}
	index, err := clue.New(l.Lots(context.Background(), ""))
	require.NoError(t, err)
	for _, text := range []string{"XCW24C001-014", "xcw24c001-01?", "XCW/XCW24C001-O14", "xcw/xcw24c001-014", "*01?", "XCW24C001-012/001"} {
		then := askClue(t, earlier, text, nil)
		now := askClue(t, l, text, func(q *trace.Query) { q.AsOf = 9 })
		kept := askClue(t, l, text, func(q *trace.Query) { q.AsOf, q.Clues = 9, index })
		known := askClue(t, l, text, func(q *trace.Query) { q.KnownOn = mustDay(t, "2025-04-30") })
		require.Equal(t, then.Outcome, now.Outcome, text)
		require.Equal(t, then.Readings, now.Readings, text)
		require.Equal(t, then.Readings, known.Readings, text)
		require.Equal(t, now, kept, text)
	}
	require.Equal(t, []trace.Reading{{Item: marking.MustParseSpan("XCW/XCW24C001-014"), Edits: []string{"maker XCW added"}}}, askClue(t, l, "XCW24C001-014", nil).Readings)
}
