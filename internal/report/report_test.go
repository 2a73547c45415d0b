package report_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/sublot/sublot/internal/report"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// today is the day of the questions of the tests.
var today = trace.DayOf(time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC))

// ledger reads the story of testdata: a lot in sub-lots, sold, partly stolen,
// given on without consent, destroyed, and recovered.
func ledger(t *testing.T) *trace.Memory {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "story.jsonl"))
	require.NoError(t, err)
	l := trace.NewMemory()
	for line := range bytes.Lines(b) {
		r, err := trace.ParseRecord(bytes.TrimSpace(line))
		require.NoError(t, err, "%s", line)
		_, err = l.Append(context.Background(), []*trace.Record{r})
		require.NoError(t, err)
	}
	return l
}

// questions are of every sort of answer.
var questions = map[string]trace.Query{
	"identified":   {Text: "XCW/L1/001/0002", Recovered: day("2024-08-01"), Quantity: 200},
	"retransfer":   {Text: "XCW/L1/001/0009", Recovered: day("2024-09-01")},
	"candidates":   {Text: "XCW/L1", Recovered: day("2024-09-01"), Quantity: 9000},
	"excluded":     {Text: "XCW/L1", Recovered: day("2024-03-01")},
	"contradicted": {Text: "XCW/L1/001/0005", Recovered: day("2024-09-01")},
	"unplaced":     {Text: "XCW/L2", Recovered: trace.NoDay},
	"holder":       {Text: "XCW/L3", Recovered: day("2024-09-01")},
	"maker only":   {Text: "XCW/L9", Recovered: trace.NoDay},
	"no record":    {Text: "YYY/L1", Recovered: trace.NoDay},
	"destroyed":    {Text: "XDW/L1", Recovered: trace.NoDay},
	"clue":         {Text: "XCW L1 001 00O2", Recovered: day("2024-08-01")},
	"near":         {Text: "XCW/L?", Recovered: trace.NoDay},
	"head":         {Text: "XCW 23 9x19", Recovered: trace.NoDay},
	"type":         {Text: "9 mm", Recovered: trace.NoDay},
	"mark": {Text: "XCW/L1/001/0002", Recovered: day("2024-08-01"),
		Mark: &trace.MarkRead{Signature: "valid", Key: "0a1b2c3d", Fields: map[string]string{"calibre": "9x19", "made": "2023-01"}}},
	"inconsistent": {Text: "XCW/L1", Recovered: day("2024-08-01"), Beside: []trace.Seen{{Text: "XCW/L2", Position: "inner"}}},
	"known on":     {Text: "XCW/L1/001/0002", Recovered: day("2024-08-01"), KnownOn: day("2024-02-15")},
}

func day(s string) trace.Day {
	d, err := trace.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ask(t *testing.T, l trace.Ledger, q trace.Query) (trace.Query, *trace.Finding) {
	t.Helper()
	q.Today, q.AsOf = today, -1
	if q.KnownOn == 0 {
		q.KnownOn = trace.NoDay
	}
	f, err := trace.Resolve(context.Background(), l, q)
	require.NoError(t, err)
	return q, f
}

func each(t *testing.T, do func(t *testing.T, f *trace.Finding, c *report.Case, lang string)) {
	l := ledger(t)
	for name, q := range questions {
		for _, lang := range words.Languages {
			t.Run(name+" "+lang, func(t *testing.T) {
				q, f := ask(t, l, q)
				c, err := report.Gather(context.Background(), l, q, f)
				require.NoError(t, err)
				do(t, f, c, lang)
			})
		}
	}
}

func TestHTML(t *testing.T) {
	each(t, func(t *testing.T, f *trace.Finding, c *report.Case, lang string) {
		d, err := report.Of(c, lang)
		require.NoError(t, err)
		var b, again bytes.Buffer
		require.NoError(t, d.HTML(&b))
		text := validHTML(t, b.Bytes(), lang)
		for _, want := range mustSay(f, c) {
			require.Contains(t, text, want)
		}
		d, err = report.Of(c, lang)
		require.NoError(t, err)
		require.NoError(t, d.HTML(&again))
		require.Equal(t, b.String(), again.String(), "the same case gives the same bytes")
	})
}

// mustSay lists what a report has to say whatever its form: the outcome, each
// party named, each record with its hash.
func mustSay(f *trace.Finding, c *report.Case) []string {
	out := []string{string(f.Outcome)}
	if f.EndUser != nil {
		out = append(out, f.EndUser.Party)
	}
	for _, x := range f.Candidates {
		out = append(out, x.Party)
	}
	for _, x := range f.Flags {
		out = append(out, x.Code)
	}
	for _, e := range c.Evidence {
		out = append(out, string(e.Entry.Record.Ref()), e.Leaf)
	}
	return out
}

// validHTML checks that a page is balanced, needs nothing from elsewhere, runs
// nothing and names what it draws; it returns its text.
func validHTML(t *testing.T, page []byte, lang string) string {
	t.Helper()
	void := []string{"meta", "col", "br", "hr", "img", "link", "input"}
	var open []string
	var text strings.Builder
	ids, labelled := map[string]bool{}, []string{}
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			require.Equal(t, io.EOF, z.Err())
			require.Empty(t, open, "elements left open")
			for _, id := range labelled {
				require.True(t, ids[id], "a label %s that is nowhere", id)
			}
			return text.String()
		case html.TextToken:
			if len(open) > 0 && open[len(open)-1] == "style" {
				require.NotRegexp(t, `url\(|@import|expression`, string(z.Raw()))
				continue
			}
			text.WriteString(html.UnescapeString(string(z.Text())) + " ")
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			require.NotContains(t, []string{"script", "link", "iframe", "object", "embed", "img", "image", "use", "foreignobject"}, strings.ToLower(tok.Data))
			attr := map[string]string{}
			for _, a := range tok.Attr {
				require.NotContains(t, attr, a.Key, "an attribute twice")
				attr[a.Key] = a.Val
				require.NotRegexp(t, `^on|^src$|href$`, a.Key)
			}
			if tok.Data == "html" {
				require.Equal(t, lang, attr["lang"])
			}
			if id := attr["id"]; id != "" {
				require.False(t, ids[id], "two elements called %s", id)
				ids[id] = true
			}
			if tok.Data == "svg" {
				require.Equal(t, "img", attr["role"])
				labelled = append(labelled, strings.Fields(attr["aria-labelledby"])...)
				require.NotEmpty(t, labelled)
			}
			if tok.Data == "th" {
				require.NotEmpty(t, attr["scope"])
			}
			if tok.Type == html.StartTagToken && !slices.Contains(void, tok.Data) {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			require.NotEmpty(t, open, "</%s> without a beginning", name)
			require.Equal(t, open[len(open)-1], name, "elements that cross")
			open = open[:len(open)-1]
		}
	}
}

// pdfText returns the text of a document as pdftotext reads it. It is part of
// poppler-utils, which CI installs.
func pdfText(t *testing.T, doc []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("no pdftotext here: the text of the PDF is not compared")
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(doc)
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

func TestPDF(t *testing.T) {
	made := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	each(t, func(t *testing.T, f *trace.Finding, c *report.Case, lang string) {
		if lang != "en" && len(f.Candidates) == 0 {
			return // its words are read in HTML
		}
		d, err := report.Of(c, lang)
		require.NoError(t, err)
		var b, again bytes.Buffer
		require.NoError(t, d.PDF(&b, made))
		if len(f.Candidates) > 0 {
			require.NoError(t, d.PDF(&again, made))
			require.True(t, bytes.Equal(b.Bytes(), again.Bytes()), "the same case gives the same bytes")
		}
		require.True(t, bytes.HasPrefix(b.Bytes(), []byte("%PDF-1.")))
		text := pdfText(t, b.Bytes())
		// long words are broken over lines
		joined := regexp.MustCompile(`\s+`).ReplaceAllString(text, "")
		for _, want := range mustSay(f, c) {
			if len(want) < 40 {
				for _, part := range strings.Split(want, "_") { // a long word is broken beside other columns
					require.Contains(t, joined, part)
				}
				continue
			}
			// a hash stands in two lines beside other columns
			require.Contains(t, text, want[:40])
			require.Contains(t, text, want[len(want)-10:])
		}
		require.NotContains(t, text, "U+", "a character that the fonts lack")
	})
}

// TestForeignScripts writes what the fonts of the PDF lack by number, and loses nothing.
func TestForeignScripts(t *testing.T) {
	l := trace.NewMemory()
	for _, line := range []string{
		`{"kind":"party","source":"XA","id":"XCW","name":"патронный завод","country":"XA","roles":["maker"]}`,
		`{"kind":"party","source":"XA","id":"XB","name":"中央警察","country":"XB","roles":["end_user"]}`,
		`{"kind":"lot","source":"XCW","id":"1","item":"XCW/L1","calibre":"7,62х39","quantity":100}`,
		`{"kind":"transfer","source":"XCW","id":"2","at":"2024-01-01","from":"XCW","to":"XB","lines":[{"item":"XCW/L1","quantity":100}]}`,
	} {
		r, err := trace.ParseRecord([]byte(line))
		require.NoError(t, err)
		_, err = l.Append(context.Background(), []*trace.Record{r})
		require.NoError(t, err)
	}
	q, f := ask(t, l, trace.Query{Text: "XCW/L1", Recovered: trace.NoDay})
	c, err := report.Gather(context.Background(), l, q, f)
	require.NoError(t, err)
	d, err := report.Of(c, "en")
	require.NoError(t, err)
	var page, doc bytes.Buffer
	require.NoError(t, d.HTML(&page))
	require.Contains(t, page.String(), "中央警察")
	require.NoError(t, d.PDF(&doc, time.Unix(0, 0)))
	text := pdfText(t, doc.Bytes())
	require.Contains(t, text, "7,62х39")
	require.Contains(t, text, "U+4E2D U+592E")
}

// accuses matches words that no text may use of a party.
var accuses = regexp.MustCompile(`(?i)\b(guilt\w*|crim\w*|culprit\w*|offender\w*|smuggl\w*|traffick\w*|illegal\w*|illicit\w*|perpetrat\w*|suspect\w*|to blame|thief|thieves|coupable\w*|criminel\w*|suspect\w*|trafiqu\w*|illégal\w*|illicite\w*|responsable du détournement|diverted by|stole)\b`)

// places are words of records that name a place and nobody.
var places = strings.NewReplacer("crime scene", "", "scène de crime", "")

// TestNoTextAccuses reads the catalogue and every report.
func TestNoTextAccuses(t *testing.T) {
	for _, lang := range []string{"catalogue.pot", "en.po", "fr.po"} {
		b, err := os.ReadFile(filepath.Join("..", "words", lang))
		require.NoError(t, err)
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "msgid") || strings.HasPrefix(line, "msgstr") {
				require.NotRegexp(t, accuses, places.Replace(line))
			}
		}
	}
	each(t, func(t *testing.T, f *trace.Finding, c *report.Case, lang string) {
		d, err := report.Of(c, lang)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, d.HTML(&b))
		require.NotRegexp(t, accuses, validHTML(t, b.Bytes(), lang))
	})
}

// fixed are the sentences of the text of a finding that state no fact of the
// case, so that no record stands behind them: questions, advice, and caveats.
var fixed = []string{
	`^Asked: `, `^Next: `, `^Searched: `, `^On record nearby, a hint and no answer: `,
	`^$`, `^[A-Z_]+$`, // the outcome
	`^(Read as|Lot|Mark|Marks given together|Parties that remain possible|Excluded|Chain of custody|To be known beside it|Not searched)$`,
	`^  \S.*  \((as it stands|.* (at|added|left out|not read).*)\)$`, // how a clue was read
	`^  The (signature|mark) `,  // what the scanned mark is worth
	`^  \S+, \S+: .*(mark|lot)`, // marks that the asker gave
	`^  \S+: .*(mark|lot)`,
	`^  left lawful custody by \S+; no record states since when$`,
	`^  (maker|year|calibre) `, // what a clue that names no lot was read as
}

// TestEverySentenceCites holds each line of a finding against its records: it
// names one that is on record, or is one of the fixed sentences.
func TestEverySentenceCites(t *testing.T) {
	l := ledger(t)
	var fixedSentences []*regexp.Regexp
	for _, s := range fixed {
		fixedSentences = append(fixedSentences, regexp.MustCompile(s))
	}
	cites := regexp.MustCompile(`  \[([^\]]+)\]$`)
	for name, q := range questions {
		t.Run(name, func(t *testing.T) {
			_, f := ask(t, l, q)
			var b bytes.Buffer
			require.NoError(t, f.WriteText(&b, "en"))
			cited := 0
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if m := cites.FindStringSubmatch(line); m != nil {
					for _, ref := range strings.Split(m[1], ", ") {
						if strings.HasPrefix(ref, "and ") {
							continue
						}
						_, err := l.Get(trace.Ref(ref))
						require.NoError(t, err, line)
						cited++
					}
					continue
				}
				known := line == f.Outcome.Says().String() ||
					slices.ContainsFunc(fixedSentences, func(r *regexp.Regexp) bool { return r.MatchString(line) })
				require.True(t, known, "a sentence without a record: %q", line)
			}
			if f.EndUser != nil {
				require.Greater(t, cited, 3)
			}
		})
	}
}

// TestSpread holds the drawing's account of a lot against where its parts are.
func TestSpread(t *testing.T) {
	l := ledger(t)
	q, _ := ask(t, l, questions["identified"])
	p, err := trace.Spread(context.Background(), l, q)
	require.NoError(t, err)
	require.EqualValues(t, 20000, p.Rounds)
	sum := map[string]int64{}
	var leaves func(p trace.Piece) int64
	leaves = func(p trace.Piece) (n int64) {
		if len(p.Within) == 0 {
			for _, x := range p.Parts {
				sum[x.Party+" "+x.State] += x.Quantity
			}
			return p.Rounds
		}
		for _, x := range p.Within {
			n += leaves(x)
		}
		require.Equal(t, p.Rounds, n, "the parts of %s", p.Item)
		return n
	}
	leaves(*p)
	w, err := trace.Where(context.Background(), l, p.Item, q.Recovered)
	require.NoError(t, err)
	where := map[string]int64{}
	for _, x := range w.Parts {
		where[fmt.Sprint(x.Party, " ", x.State)] += x.Quantity
	}
	require.Equal(t, where, sum)
}

// TestReadings wants a report to say how many other lots lie as near, and what a
// head alone says.
func TestReadings(t *testing.T) {
	l := ledger(t)
	for name, want := range map[string]string{"near": "as near as 2 other lots", "head": "maker XCW, year 1923, 2023, calibre 9x19"} {
		q, f := ask(t, l, questions[name])
		c, err := report.Gather(context.Background(), l, q, f)
		require.NoError(t, err)
		d, err := report.Of(c, "en")
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, d.Text(&b))
		require.Contains(t, b.String(), want)
	}
}

func TestText(t *testing.T) {
	each(t, func(t *testing.T, f *trace.Finding, c *report.Case, lang string) {
		d, err := report.Of(c, lang)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, d.Text(&b))
		for _, want := range mustSay(f, c) {
			require.Contains(t, b.String(), want)
		}
	})
}

// TestHostileNames puts what a record may hold into every form: it stays text.
func TestHostileNames(t *testing.T) {
	l := trace.NewMemory()
	name := `</title><script>alert(1)</script>" onload="x & ` + strings.Repeat("long", 50)
	for _, line := range []string{
		fmt.Sprintf(`{"kind":"party","source":"XA","id":"XCW","name":%q,"country":"XA","roles":["maker"]}`, name),
		fmt.Sprintf(`{"kind":"party","source":"XA","id":"XB","name":%q,"country":"XB","roles":["end_user"]}`, name),
		`{"kind":"lot","source":"XCW","id":"1","item":"XCW/L1","calibre":"<b>","quantity":1000000000000000}`,
		`{"kind":"transfer","source":"XCW","id":"2","at":"0001-01-01","from":"XCW","to":"XB","lines":[{"item":"XCW/L1","quantity":1}]}`,
		`{"kind":"stock","source":"XB","id":"</td>","at":"9999-12-31","holder":"XB","site":"<svg/onload=1>","movement":"receipt","lines":[{"item":"XCW/L1","quantity":1}]}`,
	} {
		r, err := trace.ParseRecord([]byte(line))
		require.NoError(t, err, line)
		_, err = l.Append(context.Background(), []*trace.Record{r})
		require.NoError(t, err)
	}
	q, f := ask(t, l, trace.Query{Text: "XCW/L1", Recovered: trace.NoDay})
	c, err := report.Gather(context.Background(), l, q, f)
	require.NoError(t, err)
	d, err := report.Of(c, "en")
	require.NoError(t, err)
	page, _ := both(t, d, "hostile", "en")
	require.Contains(t, page, "<script>alert(1)</script>")
	h, err := trace.HistoryOf(context.Background(), l, "XB", trace.NoDay)
	require.NoError(t, err)
	d, err = report.OfHistory(h, today, "", "en")
	require.NoError(t, err)
	both(t, d, "hostile-history", "en")
}
