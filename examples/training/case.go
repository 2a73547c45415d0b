package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sublot/sublot/trace"
)

//go:embed cases/*.txtar
var files embed.FS

// A kase is one case: what happened, what is on record, what is asked. (The
// proper word is a keyword of the language.)
type kase struct {
	ID       string // such as 08.2
	Title    string
	Source   string // what it is built on
	Story    string
	Records  []byte // JSON Lines
	Question question
	Answer   answer
}

// A question is what sublot trace is asked.
type question struct {
	Item      string    `json:"item"`
	Beside    []string  `json:"beside"` // POSITION=MARK
	Recovered trace.Day `json:"recovered"`
	Quantity  int64     `json:"quantity"`
	KnownOn   trace.Day `json:"known_on"`
}

// An answer is what a trainee says, or what is right. In the right answer the
// flags and exclusions are those that must be among the finding's.
type answer struct {
	Case       string           `json:"case"`
	Outcome    trace.Outcome    `json:"outcome"`
	EndUser    string           `json:"end_user,omitempty"`
	LastHolder string           `json:"last_holder,omitempty"`
	Candidates []string         `json:"candidates,omitempty"`
	AtLeast    map[string]int64 `json:"at_least,omitempty"`
	Readings   []string         `json:"readings,omitempty"`
	Window     []string         `json:"window,omitempty"`
	Flags      []string         `json:"flags,omitempty"`
	NoFlags    []string         `json:"noflags,omitempty"`
	Excluded   []string         `json:"excluded,omitempty"`
	Why        string           `json:"why,omitempty"`
}

// readCases reads all cases. A file holds the variations of one: its records,
// and for each variation N the sections "N" (the story), "N records" (further
// records, may be absent), "N question" and "N answer".
func readCases() ([]kase, error) {
	names, err := files.ReadDir("cases")
	if err != nil {
		return nil, err
	}
	var all []kase
	for _, name := range names {
		b, err := files.ReadFile(path.Join("cases", name.Name()))
		if err != nil {
			return nil, err
		}
		cases, err := parseCases(name.Name(), b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name.Name(), err)
		}
		all = append(all, cases...)
	}
	return all, nil
}

func parseCases(name string, b []byte) ([]kase, error) {
	archive := txtar.Parse(b)
	title, source, _ := strings.Cut(strings.TrimSpace(string(archive.Comment)), "\n")
	section := map[string][]byte{}
	for _, f := range archive.Files {
		section[f.Name] = f.Data
	}
	var all []kase
	for n := 1; section[fmt.Sprint(n)] != nil; n++ {
		part := func(what string) []byte { return section[strings.TrimSpace(fmt.Sprintf("%d %s", n, what))] }
		c := kase{
			ID: fmt.Sprintf("%s.%d", name[:2], n), Title: title, Source: source,
			Story: strings.TrimSpace(string(part(""))), Records: slices.Concat(section["records"], part("records")),
		}
		c.Question = question{Recovered: trace.NoDay, KnownOn: trace.NoDay}
		for what, into := range map[string]any{"question": &c.Question, "answer": &c.Answer} {
			dec := json.NewDecoder(bytes.NewReader(part(what)))
			dec.DisallowUnknownFields()
			if err := dec.Decode(into); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", what, c.ID, err)
			}
		}
		c.Answer.Case = c.ID
		all = append(all, c)
	}
	return all, nil
}

// withCase calls f with the case of that id.
func withCase(all []kase, id string, f func(kase) error) error {
	for _, c := range all {
		if c.ID == id {
			return f(c)
		}
	}
	return fmt.Errorf("there is no case %q: they go from %s to %s", id, all[0].ID, all[len(all)-1].ID)
}
