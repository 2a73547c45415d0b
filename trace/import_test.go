package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// files makes import files out of names and contents in turn.
func files(named ...string) []ImportFile {
	var out []ImportFile
	for i := 0; i < len(named); i += 2 {
		out = append(out, ImportFile{named[i], strings.NewReader(named[i+1])})
	}
	return out
}

func lossLine(id string, quantity int) string {
	return fmt.Sprintf(`{"kind":"loss","source":"XB","id":%q,"at":"2024-01-01","holder":"XB","lines":[{"item":"XCW/L1","quantity":%d}]}`, id, quantity)
}

func TestImportAllOrNothing(t *testing.T) {
	ctx := context.Background()
	l := NewMemory()
	a := lossLine("1", 1) + "\n\n  \r\n" + lossLine("2", 1) + "\r\n"
	b := lossLine("3", 1) + "\n" + lossLine("4", -1) + "\n" + lossLine("5", 1) + `{`

	report, err := Import(ctx, l, files("a.jsonl", a, "b.jsonl", b), ImportConfig{})
	require.EqualError(t, err, "trace: b.jsonl line 2: lines[0].quantity: quantity must be positive, found -1, wanted a whole number of rounds from 1 to 1,000,000,000,000,000")
	require.Zero(t, report.Appended)
	require.Len(t, report.Refused, 2)
	require.Equal(t, 2, report.Refused[0].Line)
	require.Equal(t, 3, report.Refused[1].Line)
	require.Zero(t, l.Len())

	report, err = Import(ctx, l, files("a.jsonl", a, "b.jsonl", b), ImportConfig{Proceed: true})
	require.NoError(t, err)
	require.Equal(t, Appended{Accepted: 3}, report.Appended)
	require.Len(t, report.Refused, 2)

	report, err = Import(ctx, l, files("a.jsonl", a), ImportConfig{})
	require.NoError(t, err)
	out, err := json.Marshal(report)
	require.NoError(t, err)
	require.Equal(t, `{"accepted":0,"duplicate":2,"refused":[]}`, string(out))
}

// One file for each thing that must be refused, with the words that say so.
func TestImportRefusesBadFiles(t *testing.T) {
	transfer := func(id, at, item string, quantity int, more string) string {
		return fmt.Sprintf(`{"kind":"transfer","source":"XA-EXP","id":%q,"at":%q,"from":"XCW","to":"XB-POL",%s"lines":[{"item":%q,"quantity":%d}]}`, id, at, more, item, quantity)
	}
	ctx := context.Background()
	l := NewMemory()
	_, err := Import(ctx, l, files("good", transfer("T1", "2024-05-10", "XCW/L1/001", 400, "")), ImportConfig{})
	require.NoError(t, err)
	for _, c := range []struct{ name, content, reason, field string }{
		{"unknown field", transfer("B1", "2024-05-10", "XCW/L1", 5, `"qty":5,`), "field qty is not a field of transfer", "qty"},
		{"not conserved", `{"kind":"pack","source":"XCW","id":"B2","at":"2024-03-16","item":"XCW/L1","quantity":1000000,"units":[{"item":"XCW/L1/001","each":600000},{"item":"XCW/L1/002","each":400050}]}`, "parts 1,000,050 exceed the whole 1,000,000", "units"},
		{"bad identity", transfer("B3", "2024-05-10", "XCW//001", 5, ""), "empty component", "lines[0].item"},
		{"bad span", transfer("B4", "2024-05-10", "XCW/L1/0400..0001", 5, ""), "span runs backwards", "lines[0].item"},
		{"negative", transfer("B5", "2024-05-10", "XCW/L1", -1, ""), "quantity must be positive", "lines[0].quantity"},
		{"bad date", transfer("B6", "2024-13-40", "XCW/L1", 1, ""), "at is not a date", "at"},
		{"conflict", transfer("T1", "2024-05-11", "XCW/L1/001", 400, ""), "XA-EXP:T1 exists with other content", "at"},
		{"truncated", transfer("B7", "2024-05-10", "XCW/L1", 1, "")[:70], "line 1 is not complete JSON", ""},
		{"truncated in a string", transfer("B7", "2024-05-10", "XCW/L1", 1, "")[:70] + "\r\n", "line 1 is not complete JSON", ""},
		{"empty", "", "the file is empty", ""},
		{"blank", "\n \n", "the file is empty", ""},
		{"byte order mark", "\ufeff" + transfer("B8", "2024-05-10", "XCW/L1", 1, ""), "the file is not JSON Lines", ""},
		{"UTF-16", "\xff\xfe{\x00", "the file is not JSON Lines", ""},
		{"CSV", "kind,source,id\ntransfer,XA,1\n", "the file is not JSON Lines", ""},
		{"XLSX", "PK\x03\x04....", "the file is not JSON Lines", ""},
		{"PDF", "%PDF-1.7\n", "the file is not JSON Lines", ""},
		{"gzip", "\x1f\x8b\x08\x00", "the file is not JSON Lines", ""},
		{"picture", "\x89PNG\r\n\x1a\n", "the file is not JSON Lines", ""},
		{"array", "[" + transfer("B9", "2024-05-10", "XCW/L1", 1, "") + "]", "the file is not JSON Lines", ""},
		{"binary", "\x01\x00\x00\x00", "the file is not JSON Lines", ""},
		{"prose", "hello\n", "the file is not JSON Lines", ""},
		{"indented", "{\n  \"kind\": \"loss\"\n}\n", "line 1 is not complete JSON", ""},
	} {
		report, err := Import(ctx, l, files(c.name, c.content), ImportConfig{})
		require.Error(t, err, c.name)
		refusal := report.Refused[0]
		require.Equal(t, c.reason, refusal.Reason, c.name)
		require.Equal(t, c.field, refusal.Field, c.name)
		require.Equal(t, c.name, refusal.File)
		require.NotEmpty(t, refusal.Found, c.name)
		require.NotEmpty(t, refusal.Wanted, c.name)
		require.NotEmpty(t, refusal.Hint(), c.name)
		require.EqualValues(t, 1, l.Len())
	}
}

func TestImportConflicts(t *testing.T) {
	ctx := context.Background()
	for _, proceed := range []bool{false, true} {
		l := NewMemory()
		_, err := Import(ctx, l, files("old", lossLine("1", 1)), ImportConfig{})
		require.NoError(t, err)
		report, err := Import(ctx, l, files("a", lossLine("1", 1)+"\n"+lossLine("2", 1)+"\n"+lossLine("1", 2), "b", lossLine("2", 3)+"\n"+lossLine("2", 1)+"\n"+lossLine("9", 9)), ImportConfig{Proceed: proceed})
		require.Len(t, report.Refused, 2)
		require.Equal(t, "XB:1 exists with other content", report.Refused[0].Reason)
		require.Equal(t, `[{"item":"XCW/L1","quantity":1}] as in the ledger`, report.Refused[0].Wanted)
		require.Equal(t, "a", report.Refused[0].File)
		require.Equal(t, 3, report.Refused[0].Line)
		require.Equal(t, `[{"item":"XCW/L1","quantity":1}] as in a line 2`, report.Refused[1].Wanted)
		if proceed {
			require.NoError(t, err)
			require.Equal(t, Appended{Accepted: 2, Duplicate: 2}, report.Appended)
			require.EqualValues(t, 3, l.Len())
		} else {
			require.IsType(t, &Refusal{}, err)
			require.EqualValues(t, 1, l.Len())
		}
	}
}

// Rows that conflict are found whichever of the portions they come in.
func TestImportProceedsInPortions(t *testing.T) {
	var b strings.Builder
	const n = 2*chunk + 100
	for i := range n {
		b.WriteString(lossLine(fmt.Sprint(i), 1) + "\n")
		if i%1000 == 0 {
			b.WriteString(lossLine(fmt.Sprint(i/2), 2) + "\n")
		}
	}
	l := NewMemory()
	report, err := Import(context.Background(), l, files("a", b.String()), ImportConfig{Proceed: true})
	require.NoError(t, err)
	require.EqualValues(t, n, report.Accepted)
	require.EqualValues(t, n, l.Len())
	require.Len(t, report.Refused, 11)
}

// longLine reads as text without a line break, of the given length.
type longLine struct{ left int64 }

func (r *longLine) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), r.left)
	for i := range p[:n] {
		p[i] = 'n'
	}
	r.left -= n
	return int(n), nil
}

func TestImportPassesOverALongLine(t *testing.T) {
	const length = 300 << 20
	l := NewMemory()
	in := io.MultiReader(strings.NewReader(`{"note":"`), &longLine{length}, strings.NewReader("\n"+lossLine("1", 1)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	report, err := Import(context.Background(), l, []ImportFile{{"a", in}}, ImportConfig{Proceed: true})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Equal(t, "the line is too long", report.Refused[0].Reason)
	require.Equal(t, "a line of 314,572,810 bytes", report.Refused[0].Found)
	require.EqualValues(t, 1, report.Accepted)
	require.Less(t, after.Sys-before.Sys, uint64(100<<20), "the line is not held")

	_, err = Import(context.Background(), l, files("a", strings.Repeat(lossLine("1", 1)+"\n", 20)), ImportConfig{MaxBytes: 1000})
	require.ErrorContains(t, err, "too much for an import that is all or nothing")
	_, err = Import(context.Background(), l, files("a", lossLine("2", 1)+"\n"), ImportConfig{MaxLine: len(lossLine("2", 1))})
	require.NoError(t, err)
	_, err = Import(context.Background(), l, files("a", lossLine("3", 1)+"\n"), ImportConfig{MaxLine: len(lossLine("2", 1)) - 1})
	require.ErrorContains(t, err, "the line is too long")
}

func TestImportBoundsItsReport(t *testing.T) {
	report, err := Import(context.Background(), NewMemory(), files("a", strings.Repeat("{}\n", 5000)), ImportConfig{})
	require.Error(t, err)
	require.Len(t, report.Refused, maxRefused)
	require.EqualValues(t, 5000, report.RefusedTotal)
}

func TestImportPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken disk")
	_, err := Import(context.Background(), NewMemory(), []ImportFile{{"a", io.MultiReader(strings.NewReader(lossLine("1", 1)), iotest.ErrReader(broken))}}, ImportConfig{})
	require.ErrorIs(t, err, broken)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Import(ctx, NewMemory(), files("a", lossLine("1", 1)), ImportConfig{})
	require.ErrorIs(t, err, context.Canceled)
}

// What is exported imports into an equal ledger, whose export is the same.
func TestExportImportsAgain(t *testing.T) {
	ctx := context.Background()
	l := NewMemory()
	for _, table := range schema {
		_, err := Import(ctx, l, files("a", samples[table.kind]), ImportConfig{})
		require.NoError(t, err)
	}
	signed := fmt.Sprintf(`{"record":%s,"key":"0a1b2c3d","signature":"%s=="}`, lossLine("signed", 1), strings.Repeat("A", 86))
	_, err := Import(ctx, l, files("a", signed), ImportConfig{})
	require.NoError(t, err)

	var first, second strings.Builder
	n, err := Export(ctx, &first, l)
	require.NoError(t, err)
	require.EqualValues(t, len(schema)+1, n)
	require.Contains(t, first.String(), `"key":"0a1b2c3d"`)
	copied := NewMemory()
	var calls int
	_, err = Import(ctx, copied, files("export", first.String()), ImportConfig{Progress: func(bytes, records int64) { calls++ }})
	require.NoError(t, err)
	require.NotZero(t, calls)
	_, err = Export(ctx, &second, copied)
	require.NoError(t, err)
	require.Equal(t, first.String(), second.String())
}

// The worked case and the small worlds, where they lie beside the checkout.
func TestImportOfWorkedCases(t *testing.T) {
	const beside = "../../shared/fixtures"
	if _, err := os.Stat(beside); err != nil {
		t.Skipf("no worked cases at %s", beside)
	}
	cases, err := filepath.Glob(beside + "/worlds/*/records.jsonl")
	require.NoError(t, err)
	for _, name := range []string{"parties", "production", "papers", "transfers", "stock-xb", "recoveries"} {
		cases = append(cases, filepath.Join(beside, "fx1", name+".jsonl"))
	}
	l := map[string]*Memory{}
	for _, path := range cases {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		dir := filepath.Dir(path)
		if l[dir] == nil {
			l[dir] = NewMemory()
		}
		_, err = Import(context.Background(), l[dir], files(path, string(b)), ImportConfig{})
		require.NoError(t, err)
	}
	bad, err := os.ReadFile(beside + "/fx1/bad/expect.jsonl")
	require.NoError(t, err)
	fx1 := l[filepath.Join(beside, "fx1")]
	held := fx1.Len()
	for line := range strings.Lines(string(bad)) {
		var c struct{ File, Refused string }
		require.NoError(t, json.Unmarshal([]byte(line), &c))
		b, err := os.ReadFile(beside + "/fx1/bad/" + c.File)
		require.NoError(t, err)
		report, err := Import(context.Background(), fx1, files(c.File, string(b)), ImportConfig{})
		require.Error(t, err)
		require.Equal(t, c.Refused, report.Refused[0].Reason)
		require.Equal(t, held, fx1.Len())
	}
}
