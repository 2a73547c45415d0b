package ledgertest

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

//go:embed stories/*.txtar
var stories embed.FS

// A Story is a small world with the questions that it is for.
type Story struct {
	Name    string
	Records []string // JSON, one each
	Asked   []Asked
}

// Asked is a question of a story and what its answer must show.
type Asked struct {
	Where marking.Span // where it is asked where things are, else zero
	Query trace.Query
	Wants []string // one line each
}

// StoryDay is the day on which the questions of stories are asked.
var StoryDay = dayOf("2026-11-01")

// Stories returns the stories of this package. Each is a txtar archive with
// records.jsonl, to which the parties of stories/cast.txtar are added, and
// questions: a question a paragraph, as on the command line, then what its
// answer must show:
//
//	QTZ/24K001/01 --recovered 2024-06-01 --quantity 300
//	outcome END_USER_IDENTIFIED
//	end_user XB-POL                  likewise last_holder; "none" for no one
//	site D1
//	window 2024-03-01 2024-04-01
//	candidate XB-POL 400 confirmed at_least 50      in their order; "candidates" for just these
//	excluded XC-ARMY DISPATCHED_AFTER_RECOVERY
//	flag LICENCE_MISSING XA-EXP:T1   with a record that causes it
//	noflag LICENCE_EXPIRED
//	mark XCW/XCW24C001-012 END_USER_CANDIDATES      of several marks, what each alone gives
//	says some words                  that the text of the finding has
//
//	where QTZ/24K001 --recovered 2024-06-01
//	part XB-POL D1 held 80           a dash for no site; just these
func Stories(t testing.TB) (out []Story) {
	read := func(name string) *txtar.Archive {
		b, err := stories.ReadFile(path.Join("stories", name))
		require.NoError(t, err)
		return txtar.Parse(b)
	}
	file := func(a *txtar.Archive, name string) string {
		for _, f := range a.Files {
			if f.Name == name {
				return string(f.Data)
			}
		}
		return ""
	}
	cast := records(file(read("cast.txtar"), "records.jsonl"))
	entries, err := stories.ReadDir("stories")
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() == "cast.txtar" {
			continue
		}
		a := read(e.Name())
		s := Story{Name: strings.TrimSuffix(e.Name(), ".txtar"), Records: append(slices.Clone(cast), records(file(a, "records.jsonl"))...)}
		for _, text := range strings.Split(file(a, "questions"), "\n\n") {
			if lines := records(text); len(lines) > 0 {
				s.Asked = append(s.Asked, ask(t, s.Name, lines))
			}
		}
		require.NotEmpty(t, s.Asked, s.Name)
		out = append(out, s)
	}
	return out
}

// records are the lines of a text that are neither empty nor a remark.
func records(text string) (out []string) {
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}

func dayOf(s string) trace.Day {
	d, err := trace.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// ask reads a question.
func ask(t testing.TB, story string, lines []string) (a Asked) {
	text, options, _ := strings.Cut(lines[0], " --")
	a.Wants = lines[1:]
	a.Query = trace.Query{Text: strings.TrimPrefix(text, "where "), Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1, Today: StoryDay}
	if text != a.Query.Text {
		a.Where = marking.MustParseSpan(a.Query.Text)
	}
	for _, o := range strings.Split(options, " --") {
		name, value, _ := strings.Cut(o, " ")
		var err error
		switch name {
		case "":
		case "recovered":
			a.Query.Recovered = dayOf(value)
		case "known-on":
			a.Query.KnownOn = dayOf(value)
		case "quantity":
			a.Query.Quantity, err = strconv.ParseInt(value, 10, 64)
		case "as-of":
			a.Query.AsOf, err = strconv.ParseInt(value, 10, 64)
		case "condition":
			a.Query.Condition = value
		case "mark": // SIGNATURE REVOKED field=value …
			w := strings.Fields(value)
			a.Query.Mark = &trace.MarkRead{Signature: w[0], Fields: map[string]string{}}
			for _, f := range w[1:] {
				if k, v, ok := strings.Cut(f, "="); ok {
					a.Query.Mark.Fields[k] = v
				} else {
					a.Query.Mark.Revoked, err = trace.ParseWhen(f)
				}
			}
		case "beside": // TEXT | position | calibre | year
			w := strings.Split(value+"|||", "|")
			for i := range w {
				w[i] = strings.TrimSpace(w[i])
			}
			year, _ := strconv.Atoi(w[3])
			a.Query.Beside = append(a.Query.Beside, trace.Seen{Text: w[0], Position: w[1], Calibre: w[2], Year: year})
		default:
			err = fmt.Errorf("no option --%s", name)
		}
		require.NoError(t, err, "%s: %s", story, lines[0])
	}
	return a
}

// Answer asks a question of a ledger and checks the answer. The finding is nil
// where it is asked where things are.
func (a Asked) Answer(t testing.TB, l trace.Ledger) (f *trace.Finding, bytes string) {
	if !a.Where.IsZero() {
		w, err := trace.Where(context.Background(), l, a.Where, a.Query.Recovered)
		require.NoError(t, err)
		var parts, want []string
		var sum int64
		for _, p := range w.Parts {
			site := p.Site
			if site == "" {
				site = "-"
			}
			party := p.Party
			if party == "" {
				party = "-"
			}
			parts = append(parts, fmt.Sprint("part ", party, " ", site, " ", p.State, " ", p.Quantity))
			sum += p.Quantity
		}
		require.Equal(t, w.Quantity, sum)
		want = append(want, a.Wants...)
		slices.Sort(parts)
		slices.Sort(want)
		require.Equal(t, want, parts, "where %s", a.Where)
		b, err := json.Marshal(w)
		require.NoError(t, err)
		return nil, string(b)
	}
	f, err := trace.Resolve(context.Background(), l, a.Query)
	require.NoError(t, err)
	b, err := json.Marshal(f)
	require.NoError(t, err)
	steps, err := json.Marshal(f.Steps)
	require.NoError(t, err)
	candidates := 0
	for _, line := range a.Wants {
		if strings.HasPrefix(line, "candidate ") {
			candidates++
		}
	}
	if candidates > 0 {
		require.Len(t, f.Candidates, candidates, "%s: %s", a.Query.Text, b)
	}
	at := 0
	for _, line := range a.Wants {
		if strings.HasPrefix(line, "candidate ") {
			a.candidate(t, f.Candidates[at], line)
			at++
			continue
		}
		require.True(t, shows(t, f, line), "%s: %s, but the finding is\n%s", a.Query.Text, line, b)
	}
	return f, string(b) + string(steps)
}

func (a Asked) candidate(t testing.TB, c trace.Candidate, line string) {
	got := fmt.Sprint("candidate ", c.Party, " ", c.Quantity)
	if c.Confirmed {
		got += " confirmed"
	}
	if c.AtLeast > 0 {
		got += fmt.Sprint(" at_least ", c.AtLeast)
	}
	require.Equal(t, line, got, a.Query.Text)
}

// shows reports whether a finding shows what a line wants.
func shows(t testing.TB, f *trace.Finding, line string) bool {
	what, value, _ := strings.Cut(line, " ")
	w := strings.Fields(value)
	orNone := func(there bool, party string) string {
		if !there {
			return "none"
		}
		return party
	}
	switch what {
	case "outcome":
		return string(f.Outcome) == value
	case "end_user":
		if f.EndUser == nil {
			return value == "none"
		}
		return f.EndUser.Party == value
	case "last_holder":
		if f.LastHolder == nil {
			return value == "none"
		}
		return f.LastHolder.Party == value
	case "site":
		return f.LastHolder != nil && orNone(f.LastHolder.Site != "", f.LastHolder.Site) == value
	case "window":
		return f.Window != nil && f.Window.From.String()+" "+f.Window.To.String() == value
	case "item":
		return f.Item.String() == value
	case "reading":
		return slices.ContainsFunc(f.Readings, func(r trace.Reading) bool { return r.Item.String() == value })
	case "hint":
		return slices.ContainsFunc(f.Hints, func(s marking.Span) bool { return s.String() == value })
	case "excluded":
		return slices.ContainsFunc(f.Excluded, func(x trace.Exclusion) bool { return x.Party+" "+x.Reason == value })
	case "flag":
		return slices.ContainsFunc(f.Flags, func(x trace.Flag) bool {
			return x.Code == w[0] && (len(w) == 1 || slices.Contains(x.Records, trace.Ref(w[1])))
		})
	case "noflag":
		return !slices.ContainsFunc(f.Flags, func(x trace.Flag) bool { return x.Code == w[0] })
	case "mark":
		return slices.ContainsFunc(f.Marks, func(m trace.MarkGiven) bool {
			return m.Item.String() == w[0] && string(m.Outcome) == w[1] && (len(w) == 2 || m.EndUser != nil && m.EndUser.Party == w[2])
		})
	case "step": // RULE RECORD
		return slices.ContainsFunc(f.Steps, func(s trace.Step) bool { return s.Rule == w[0] && slices.Contains(s.Records, trace.Ref(w[1])) })
	case "says":
		var b strings.Builder
		require.NoError(t, f.WriteText(&b, ""))
		return strings.Contains(b.String(), value)
	}
	t.Fatalf("no such line: %s", line)
	return false
}

// RunStories tells every story to the ledgers that open returns and, in another
// order, to a ledger in memory: both must answer as the story says, in the same
// bytes.
func RunStories(t *testing.T, open func(t *testing.T) trace.Ledger) {
	for i, s := range Stories(t) {
		t.Run(s.Name, func(t *testing.T) {
			l, m := open(t), trace.NewMemory()
			tell(t, l, s.Records)
			mixed := slices.Clone(s.Records)
			rand.New(rand.NewPCG(uint64(i), 3)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			tell(t, m, mixed)
			for _, a := range s.Asked {
				_, one := a.Answer(t, l)
				if a.Query.AsOf >= 0 { // the order of the log matters to it
					continue
				}
				_, other := a.Answer(t, m)
				require.Equal(t, one, other, a.Query.Text)
			}
		})
	}
}

func tell(t *testing.T, l trace.Ledger, lines []string) {
	in := []trace.ImportFile{{Name: "story", Reader: strings.NewReader(strings.Join(lines, "\n"))}}
	report, err := trace.Import(context.Background(), l, in, trace.ImportConfig{})
	require.NoError(t, err)
	require.Empty(t, report.Refused)
}
