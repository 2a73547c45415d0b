package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// worlds is how many random worlds to look into: SUBLOT_WORLDS, from
// SUBLOT_WORLDS_FROM on.
func worlds(t *testing.T, otherwise int) (from, to uint64) {
	number := func(name string, n int) int {
		if s := os.Getenv(name); s != "" {
			var err error
			n, err = strconv.Atoi(s)
			require.NoError(t, err)
		}
		return n
	}
	first := number("SUBLOT_WORLDS_FROM", 1)
	return uint64(first), uint64(first + number("SUBLOT_WORLDS", otherwise))
}

func worldLedger(lines []string) (trace.Ledger, error) {
	l := trace.NewMemory()
	in := []trace.ImportFile{{Name: "world.jsonl", Reader: strings.NewReader(strings.Join(lines, "\n") + "\n")}}
	report, err := trace.Import(context.Background(), l, in, trace.ImportConfig{})
	if err == nil && len(report.Refused) > 0 {
		err = fmt.Errorf("refused: %v", report.Refused[0])
	}
	return l, err
}

// queryOf is a question of the oracle as one of the resolver.
func queryOf(q oracle.Question) trace.Query {
	ask := trace.Query{Text: q.Item, Quantity: q.Quantity, Condition: q.Condition, Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1, Today: dayOf(oracle.Today)}
	if q.Recovered != "" {
		ask.Recovered = dayOf(q.Recovered)
	}
	if q.KnownOn != "" {
		ask.KnownOn = dayOf(q.KnownOn)
	}
	return ask
}

// differences asks a question of both resolvers and says where they differ, or why
// the oracle leaves it open.
func differences(l trace.Ledger, o *oracle.Records, q oracle.Question) (out []string, open string) {
	f, err := trace.Resolve(context.Background(), l, queryOf(q))
	if err != nil {
		return []string{err.Error()}, ""
	}
	return compare(l, f, o, q)
}

// compare says where a finding differs from what the oracle says, or why that
// leaves the question open.
func compare(l trace.Ledger, f *trace.Finding, o *oracle.Records, q oracle.Question) (out []string, open string) {
	want := o.Ask(q, oracle.Today)
	if want.Open != "" {
		return nil, want.Open
	}
	miss := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if want.Outcome != "" && string(f.Outcome) != want.Outcome {
		miss("outcome %s, want %s", f.Outcome, want.Outcome)
	}
	if f.EndUser == nil && want.EndUser != "" || f.EndUser != nil && f.EndUser.Party != want.EndUser {
		miss("end user %v, want %q", f.EndUser, want.EndUser)
	}
	if want.LastHolder != "" && (f.LastHolder == nil || f.LastHolder.Party != want.LastHolder) {
		miss("last holder %v, want %q", f.LastHolder, want.LastHolder)
	} else if want.Site != "" && f.LastHolder != nil && "-"+f.LastHolder.Site != "-"+strings.TrimPrefix(want.Site, "-") {
		miss("site %q, want %q", f.LastHolder.Site, want.Site)
	}
	if want.Window != nil && (f.Window == nil || f.Window.From.String() != want.Window[0] || f.Window.To.String() != want.Window[1]) {
		miss("window %v, want %v", f.Window, want.Window)
	}
	candidate := func(c oracle.Candidate) string {
		if want.Loose {
			return c.Party
		}
		return fmt.Sprint(c.Party, " ", c.Quantity, " ", c.AtLeast)
	}
	var got, wanted []string
	for _, c := range f.Candidates {
		got = append(got, candidate(oracle.Candidate{Party: c.Party, Quantity: c.Quantity, AtLeast: c.AtLeast}))
		for _, x := range want.Candidates {
			if x.Party == c.Party && x.Confirmed == "no" && c.Confirmed {
				miss("candidate %s is confirmed", c.Party)
			}
		}
	}
	for _, c := range want.Candidates {
		wanted = append(wanted, candidate(c))
	}
	if want.Loose {
		sort.Strings(got)
		sort.Strings(wanted)
	}
	if !slices.Equal(got, wanted) {
		miss("candidates %q, want %q", got, wanted)
	}
	var late []string
	for _, x := range f.Excluded {
		if x.Reason == "DISPATCHED_AFTER_RECOVERY" && (!slices.Contains(want.Perhaps, x.Party) || slices.Contains(want.Excluded, x.Party)) {
			late = append(late, x.Party)
		}
	}
	sort.Strings(late)
	if late = slices.Compact(late); !slices.Equal(late, want.Excluded) {
		miss("excluded %q, want %q", late, want.Excluded)
	}
	has := func(code string) bool {
		return slices.ContainsFunc(f.Flags, func(x trace.Flag) bool { return x.Code == code })
	}
	for _, code := range want.Flags {
		if !has(code) {
			miss("flag %s is missing", code)
		}
	}
	for _, code := range want.NoFlags {
		if has(code) {
			miss("flag %s is wrong", code)
		}
	}
	if q.KnownOn == "" && want.PartsSum > 0 {
		w, err := trace.Where(context.Background(), l, marking.MustParseSpan(q.Item), queryOf(q).Recovered)
		if err != nil {
			return append(out, err.Error()), ""
		}
		var parts []string
		var sum int64
		for _, p := range w.Parts {
			parts = append(parts, fmt.Sprint(p.Party, " ", p.Site, " ", p.State, " ", p.Quantity))
			sum += p.Quantity
		}
		sort.Strings(parts)
		if sum != want.PartsSum {
			miss("parts add up to %d, want %d", sum, want.PartsSum)
		} else if want.Parts != nil && !slices.Equal(parts, want.Parts) {
			miss("parts %q, want %q", parts, want.Parts)
		}
	}
	return out, ""
}

// kindOf is what a difference is about.
func kindOf(difference string) string {
	w := strings.Fields(difference)
	return strings.TrimRight(strings.Join(w[:min(2, len(w))], " "), ",[:\"-ABCDEQHTUZRKOX0123456789")
}

// shrink leaves records out as long as the first difference stays.
func shrink(lines []string, q oracle.Question, kind string) []string {
	for size := len(lines) / 2; size > 0; {
		smaller := false
		for i := 0; i+size <= len(lines); i += size {
			less := append(slices.Clone(lines[:i]), lines[i+size:]...)
			if out := differs(less, q); out != nil && kindOf(out[0]) == kind {
				lines, smaller = less, true
				i -= size
			}
		}
		if !smaller || size > len(lines) {
			size /= 2
		}
	}
	return lines
}

// differs is differences of records that may no longer hang together.
func differs(lines []string, q oracle.Question) (out []string) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	l, err := worldLedger(lines)
	if err != nil {
		return nil
	}
	out, _ = differences(l, oracle.Read(lines), q)
	return out
}

// shuffled imports records in another order.
func shuffled(lines []string, seed uint64) (trace.Ledger, error) {
	lines = slices.Clone(lines)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return worldLedger(lines)
}

func findingJSON(t *testing.T, f *trace.Finding) string {
	b, err := json.Marshal(f)
	require.NoError(t, err)
	return string(b)
}

// TestOracle asks random worlds of the resolver and of the oracle, and of the
// resolver with the records in another order. SUBLOT_WORLDS says how many,
// SUBLOT_WORLDS_FROM the seed of the first. It goes on after a difference; the first
// of them, a few of each kind, are shrunk to as few records as still show them and,
// where SUBLOT_WORLDS_KEEP names a folder, kept there; testdata/worlds holds those
// that were found.
func TestOracle(t *testing.T) {
	from, to := worlds(t, 500)
	const report, ofKind, stride = 40, 6, 5000
	asked, reported := 0, 0
	kinds, open := map[string]int{}, map[string]int{}
	for seed := from; seed < to; seed++ {
		w := oracle.NewWorld(seed)
		l, err := worldLedger(w.Records)
		require.NoError(t, err, "world %d", seed)
		other, err := shuffled(w.Records, seed)
		require.NoError(t, err, "world %d", seed)
		o := oracle.Read(w.Records)
		for i, q := range w.Questions {
			asked++
			f, err := trace.Resolve(context.Background(), l, queryOf(q))
			require.NoError(t, err, "world %d", seed)
			g, err := trace.Resolve(context.Background(), other, queryOf(q))
			require.NoError(t, err, "world %d", seed)
			assert.Equal(t, findingJSON(t, f), findingJSON(t, g), "world %d: the order of the records matters to %+v", seed, q)
			out, why := compare(l, f, o, q)
			if why != "" {
				open[why]++
			}
			if out == nil {
				continue
			}
			kind := kindOf(out[0])
			if kinds[kind]++; kinds[kind] > ofKind || reported == report {
				t.Errorf("world %d question %d: %s", seed, i, strings.Join(out, "; "))
				continue
			}
			reported++
			small := shrink(w.Records, q, kind)
			t.Errorf("world %d question %d %+v: %s\n%s", seed, i, q, strings.Join(differs(small, q), "; "), strings.Join(small, "\n"))
			keep(t, fmt.Sprintf("%d-%d", seed, i), q, small)
		}
		if n := seed - from + 1; n%stride == 0 {
			t.Logf("%d worlds, differences %v", n, kinds)
		}
	}
	left := 0
	for why, n := range open {
		left += n
		t.Logf("%6d open: %s", n, why)
	}
	t.Logf("%d questions of %d worlds, %d open, differences %v", asked, to-from, left, kinds)
}

// keep writes a world as a fixture: its question, then its records.
func keep(t *testing.T, name string, q oracle.Question, lines []string) {
	dir := os.Getenv("SUBLOT_WORLDS_KEEP")
	if dir == "" {
		return
	}
	b, err := json.Marshal(q)
	require.NoError(t, err)
	text := string(b) + "\n" + strings.Join(lines, "\n") + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl"), []byte(text), 0o644))
}

// TestWorldsThatDiffered asks again what the resolver and the oracle once
// answered differently. Of those whose name begins with open, the oracle now says
// that no rule decides them.
func TestWorldsThatDiffered(t *testing.T) {
	files, err := filepath.Glob("testdata/worlds/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(b)), "\n")
			var q oracle.Question
			require.NoError(t, json.Unmarshal([]byte(lines[0]), &q))
			l, err := worldLedger(lines[1:])
			require.NoError(t, err)
			out, open := differences(l, oracle.Read(lines[1:]), q)
			require.Empty(t, out)
			require.Equal(t, strings.HasPrefix(filepath.Base(file), "open-"), open != "")
		})
	}
}

func dayOf(s string) trace.Day {
	d, err := trace.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}
