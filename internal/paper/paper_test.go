package paper_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/sublot/sublot/internal/paper"
	"github.com/sublot/sublot/trace"
)

func drawn(t *testing.T, f paper.Form) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, paper.Write(&b, f))
	doc, err := html.Parse(strings.NewReader(b.String()))
	require.NoError(t, err)
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			require.NotContains(t, []string{"src", "href"}, a.Key, "nothing comes from outside")
		}
	}
	return b.String()
}

// TestEveryField draws the form of every kind: each field that the import reads
// is asked for.
func TestEveryField(t *testing.T) {
	for _, kind := range paper.Kinds {
		page := drawn(t, paper.Form{Kind: kind, Rows: 3})
		_, fields := kind.Fields()
		require.NotEmpty(t, fields)
		var want func(fields []trace.Field)
		want = func(fields []trace.Field) {
			for _, f := range fields {
				if f.Name != "ext" && len(f.Fields) == 0 {
					require.Contains(t, page, strings.ReplaceAll(f.Name, "_", " "), "%s of %s", f.Name, kind)
				}
				want(f.Fields)
			}
		}
		want(fields)
	}
	require.Error(t, paper.Write(&bytes.Buffer{}, paper.Form{Kind: "rumour"}))
	require.Error(t, paper.Write(&bytes.Buffer{}, paper.Form{Kind: trace.KindKey}), "a key is not written by hand")
}

// TestFilled draws a record as it stands.
func TestFilled(t *testing.T) {
	r, err := trace.ParseRecord([]byte(`{"kind":"recovery","source":"XD-CUST","id":"S1","at":"2025-02-10","agency":"XD-CUST","country":"XD","place":"<border> post 4","circumstances":"crime_scene","items":[{"clue":"XCW24C?01","quantity":12345,"read":{"lot":"partial","year":"absent"}}]}`))
	require.NoError(t, err)
	page := drawn(t, paper.Form{Record: r, Rows: 5})
	for _, want := range []string{"XD-CUST:S1", "&lt;border&gt; post 4", "☒ crime scene", "☐ border", "<td>XCW24C?01</td>", "<td>12345</td>", "lot: partial, year: absent", "No names of persons"} {
		require.Contains(t, page, want)
	}
	require.Equal(t, 2, strings.Count(page, "<tr>"), "a row a group of things, and none that is blank")
}

// TestFrench draws the forms in French: each field is named in it and as the record
// spells it.
func TestFrench(t *testing.T) {
	for _, kind := range paper.Kinds {
		page := drawn(t, paper.Form{Kind: kind, Rows: 1, Lang: "fr"})
		require.Contains(t, page, `<html lang="fr">`)
		require.Contains(t, page, "(recorded)")
		require.NotRegexp(t, `\b(the|who|which|when|what|one of|of the)\b`, page[strings.Index(page, "<body>"):])
	}
	require.Error(t, paper.Write(&bytes.Buffer{}, paper.Form{Kind: trace.KindLoss, Lang: "xx"}))
}
