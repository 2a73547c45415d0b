package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// both writes a document in both forms and checks what is checked of every
// document; SUBLOT_REPORTS names a folder to keep them in, to be looked at.
func both(t *testing.T, d *report.Document, name, lang string) (page, text string) {
	t.Helper()
	var b, doc bytes.Buffer
	require.NoError(t, d.HTML(&b))
	page = validHTML(t, b.Bytes(), lang)
	require.NotRegexp(t, accuses, page)
	require.NoError(t, d.PDF(&doc, time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)))
	if dir := os.Getenv("SUBLOT_REPORTS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+"-"+lang+".html"), b.Bytes(), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+"-"+lang+".pdf"), doc.Bytes(), 0o644))
	}
	return page, pdfText(t, doc.Bytes())
}

func TestParties(t *testing.T) {
	ctx := context.Background()
	l := ledger(t)
	for _, lang := range words.Languages {
		for _, party := range []string{"XCW", "XB-POL", "XX-BRK"} {
			t.Run(party+" "+lang, func(t *testing.T) {
				h, err := trace.HistoryOf(ctx, l, party, trace.NoDay)
				require.NoError(t, err)
				d, err := report.OfHistory(h, today, "sublot v1", lang)
				require.NoError(t, err)
				page, text := both(t, d, "history-"+party, lang)
				dossier, err := trace.DossierOf(ctx, l, party, trace.NoDay, today)
				require.NoError(t, err)
				d, err = report.OfDossier(dossier, today, "sublot v1", lang)
				require.NoError(t, err)
				page2, text2 := both(t, d, "dossier-"+party, lang)
				for _, r := range h.Rows {
					require.Contains(t, page, string(r.Records[0]))
					require.Contains(t, text, string(r.Records[0]))
				}
				for _, s := range dossier.Sections() {
					for _, r := range s.Rows {
						require.Contains(t, page2, string(r.Records[0]))
						require.Contains(t, text2, string(r.Records[0]))
					}
				}
				balance := words.Group(h.Totals.Balance)
				require.Contains(t, page, balance)
				require.Contains(t, page2, balance)
			})
		}
	}
}

func TestWhere(t *testing.T) {
	l := ledger(t)
	for _, item := range []string{"XCW/L1", "XCW/L2", "XCW/L1/001/0001..0004"} {
		span := marking.MustParseSpan(item)
		w, err := trace.Where(context.Background(), l, span, trace.NoDay)
		require.NoError(t, err)
		q, _ := ask(t, l, trace.Query{Text: item, Recovered: trace.NoDay})
		lot, err := trace.Spread(context.Background(), l, q)
		require.NoError(t, err)
		for _, lang := range words.Languages {
			d, err := report.OfWhere(w, lot, today, "sublot v1", lang)
			require.NoError(t, err)
			page, _ := both(t, d, "where-"+fmt.Sprint(len(item)), lang)
			require.Contains(t, page, words.Group(w.Quantity))
		}
	}
}

// manySeizures is numbers of a size that a report meets.
func manySeizures() *report.Seizures {
	s := &report.Seizures{Subject: "XD, 2023–2025", Today: today, Cases: 41, Items: 120, Rounds: 184_220, NoTransit: 70,
		Outcomes: []plot.Bar{{Label: "END_USER_IDENTIFIED", Value: 48}, {Label: "END_USER_CANDIDATES", Value: 31}, {Label: "MAKER_ONLY", Value: 20}, {Label: "NO_RECORD", Value: 15}, {Label: "RECORD_CONTRADICTED", Value: 6}},
		Types:    []plot.Bar{{Label: "9x19", Value: 70}, {Label: "7.62x39", Value: 40}, {Label: "", Value: 10}},
		Lots:     []plot.Bar{{Label: "XCW/XCW24C001-012", Value: 12}, {Label: "XCW/XCW24C001-013", Value: 4}},
		Clusters: []report.Cluster{{Lot: "XCW/XCW24C001-012", Cases: []trace.Ref{"XD-CUST:SZ-1", "XD-POL:17"}, Places: []string{"XD, border post 4", "XD, river town"}, Rounds: 5200, First: day("2024-03-01"), Last: day("2025-06-01")}},
		Records:  []trace.Ref{"XD-CUST:SZ-1", "XD-POL:17"},
	}
	for i := range 30 {
		s.Months = append(s.Months, plot.Bar{Label: fmt.Sprintf("%d-%02d", 2023+i/12, 1+i%12), Value: int64(i % 9)})
	}
	var sum int64
	for _, m := range s.Months {
		sum += m.Value
	}
	s.Months[0].Value += 120 - sum
	left := int64(120)
	for i := range 26 {
		n := min(left, int64(1+(26-i)/3))
		left -= n
		s.Places = append(s.Places, plot.Bar{Label: fmt.Sprintf("XD, place %d with a name that is rather long for a bar", i), Value: n})
	}
	s.Places = append(s.Places, plot.Bar{Value: left})
	for i := range 50 {
		s.Transit = append(s.Transit, 3+i*i)
	}
	return s
}

func TestSeizures(t *testing.T) {
	for _, lang := range words.Languages {
		d, err := report.OfSeizures(manySeizures(), lang)
		require.NoError(t, err)
		page, text := both(t, d, "seizures", lang)
		for _, want := range []string{"END_USER_IDENTIFIED", "XD-POL:17", "184\u00a0220", "579"} {
			require.Contains(t, page, want)
		}
		require.Contains(t, text, "XCW/XCW24C001-012")
	}
	for _, spoil := range []func(*report.Seizures){
		func(s *report.Seizures) { s.Outcomes[0].Value++ },
		func(s *report.Seizures) { s.Months[3].Value++ },
		func(s *report.Seizures) { s.Places = s.Places[1:] },
		func(s *report.Seizures) { s.NoTransit-- },
	} {
		s := manySeizures()
		spoil(s)
		_, err := report.OfSeizures(s, "en")
		var wrong *report.SumError
		require.ErrorAs(t, err, &wrong)
	}
	empty := &report.Seizures{Subject: "none", Today: today}
	d, err := report.OfSeizures(empty, "en")
	require.NoError(t, err)
	both(t, d, "none", "en")
}

func TestUnknownLanguage(t *testing.T) {
	_, err := report.OfSeizures(&report.Seizures{}, "xx")
	var unknown *words.UnknownLanguageError
	require.ErrorAs(t, err, &unknown)
}
