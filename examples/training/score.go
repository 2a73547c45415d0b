package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

func list(out io.Writer, all []kase) error {
	title := ""
	for _, c := range all {
		if c.Title != title {
			title = c.Title
			fmt.Fprintf(out, "\n%s\n  %s\n", c.Title, c.Source)
		}
		fmt.Fprintf(out, "  %s  %s\n", c.ID, c.Story)
	}
	_, err := fmt.Fprintf(out, "\n%d cases. All names are invented, and all states user-assigned codes.\n", len(all))
	return err
}

func show(out io.Writer, c kase) error {
	fmt.Fprintf(out, "%s %s\n\n%s\n\nRecords\n\n%s\nQuestion\n\n  sublot trace '%s'", c.ID, c.Title, c.Story, c.Records, c.Question.Item)
	for _, b := range c.Question.Beside {
		fmt.Fprintf(out, " --beside '%s'", b)
	}
	if !c.Question.Recovered.IsZero() {
		fmt.Fprintf(out, " --recovered %s", c.Question.Recovered)
	}
	if c.Question.Quantity > 0 {
		fmt.Fprintf(out, " --quantity %d", c.Question.Quantity)
	}
	if !c.Question.KnownOn.IsZero() {
		fmt.Fprintf(out, " --known-on %s", c.Question.KnownOn)
	}
	_, err := fmt.Fprintln(out)
	return err
}

// blank writes a line to fill in for each case.
func blank(out io.Writer, all []kase) error {
	for _, c := range all {
		if _, err := fmt.Fprintf(out, `{"case":%q,"outcome":"","end_user":"","candidates":[],"flags":[]}`+"\n", c.ID); err != nil {
			return err
		}
	}
	return nil
}

// mark scores a trainee's answers: a point for the outcome, one for the parties
// named (end user, or candidates), one for the flags that matter. Naming a party
// where none may be named loses all three: that is the mistake people pay for.
func mark(out io.Writer, all []kase, in io.Reader) error {
	given := map[string]answer{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return fmt.Errorf("line %d: %w (training blank prints the form)", n, err)
		}
		given[a.Case] = a
	}
	if err := lines.Err(); err != nil {
		return err
	}
	points := 0
	for _, c := range all {
		a, ok := given[c.ID]
		if !ok || a.Outcome == "" {
			fmt.Fprintf(out, "%s  not answered\n", c.ID)
			continue
		}
		got, wrong := score(c.Answer, a)
		points += got
		if len(wrong) == 0 {
			fmt.Fprintf(out, "%s  3 of 3\n", c.ID)
			continue
		}
		fmt.Fprintf(out, "%s  %d of 3  %s\n      %s\n", c.ID, got, strings.Join(wrong, "; "), c.Answer.Why)
	}
	_, err := fmt.Fprintf(out, "%d of %d points\n", points, 3*len(all))
	return err
}

// score compares an answer with the right one.
func score(want, got answer) (points int, wrong []string) {
	if want.EndUser == "" && got.EndUser != "" {
		return 0, []string{fmt.Sprintf("names %s, whom the records do not name", got.EndUser)}
	}
	if got.Outcome == want.Outcome {
		points++
	} else {
		wrong = append(wrong, fmt.Sprintf("outcome %s, right is %s", got.Outcome, want.Outcome))
	}
	if got.EndUser == want.EndUser && sameSet(got.Candidates, want.Candidates) {
		points++
	} else {
		wrong = append(wrong, fmt.Sprintf("parties %s, right is %s", parties(got), parties(want)))
	}
	if missing := lacks(got.Flags, want.Flags); len(missing) == 0 {
		points++
	} else {
		wrong = append(wrong, "flags not seen: "+strings.Join(missing, ", "))
	}
	return points, wrong
}

func parties(a answer) string {
	all := a.Candidates
	if a.EndUser != "" {
		all = append([]string{a.EndUser}, all...)
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// lacks returns what wanted has and have does not.
func lacks(have, wanted []string) (missing []string) {
	for _, w := range wanted {
		if !slices.Contains(have, w) {
			missing = append(missing, w)
		}
	}
	return missing
}

// differs says in what a finding is not the right answer.
func differs(want, got answer) (wrong []string) {
	check := func(what string, same bool, g, w any) {
		if !same {
			wrong = append(wrong, fmt.Sprintf("%s %v, want %v", what, g, w))
		}
	}
	check("outcome", got.Outcome == want.Outcome, got.Outcome, want.Outcome)
	check("end user", got.EndUser == want.EndUser, got.EndUser, want.EndUser)
	check("last holder", want.LastHolder == "" || got.LastHolder == want.LastHolder, got.LastHolder, want.LastHolder)
	check("candidates", sameSet(got.Candidates, want.Candidates), got.Candidates, want.Candidates)
	check("at least", want.AtLeast == nil || maps.Equal(got.AtLeast, want.AtLeast), got.AtLeast, want.AtLeast)
	check("readings", want.Readings == nil || sameSet(got.Readings, want.Readings), got.Readings, want.Readings)
	check("window", want.Window == nil || slices.Equal(got.Window, want.Window), got.Window, want.Window)
	check("flags missing", len(lacks(got.Flags, want.Flags)) == 0, got.Flags, want.Flags)
	check("exclusions missing", len(lacks(got.Excluded, want.Excluded)) == 0, got.Excluded, want.Excluded)
	for _, code := range want.NoFlags {
		check("flag", !slices.Contains(got.Flags, code), code, "not raised")
	}
	return wrong
}
