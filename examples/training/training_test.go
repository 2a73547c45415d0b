package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryCase holds that sublot gives the right answer to each case.
func TestEveryCase(t *testing.T) {
	all, err := readCases()
	require.NoError(t, err)
	require.Len(t, all, 50)
	for _, c := range all {
		f, err := find(c)
		require.NoError(t, err, c.ID)
		assert.Empty(t, differs(c.Answer, answerOf(c, f)), "%s %s", c.ID, c.Story)
		assert.NotEmpty(t, c.Answer.Why, c.ID)
	}
}

func TestScore(t *testing.T) {
	all, err := readCases()
	require.NoError(t, err)
	var right bytes.Buffer
	for _, c := range all {
		b, err := json.Marshal(c.Answer)
		require.NoError(t, err)
		right.Write(append(b, '\n'))
	}
	var out bytes.Buffer
	require.NoError(t, mark(&out, all, &right))
	require.Contains(t, out.String(), "150 of 150 points")

	// Whoever names a party that the records do not name gets nothing for it.
	out.Reset()
	require.NoError(t, mark(&out, all, strings.NewReader(`{"case":"02.4","outcome":"LAST_RECORDED_HOLDER","end_user":"XA-DEP","flags":["END_USER_NOT_DISCLOSED"]}`)))
	require.Contains(t, out.String(), "02.4  0 of 3  names XA-DEP, whom the records do not name")
	require.Contains(t, out.String(), "\n0 of 150 points")
	require.ErrorContains(t, mark(&out, all, strings.NewReader("{")), "line 1")
}

func TestCommands(t *testing.T) {
	for _, args := range [][]string{nil, {"list"}, {"blank"}, {"show", "01.1"}, {"solve", "08.2"}} {
		var out bytes.Buffer
		require.NoError(t, run(&out, args), args)
		require.NotEmpty(t, out.String())
	}
	var out bytes.Buffer
	require.ErrorContains(t, run(&out, []string{"show", "99.9"}), "there is no case")
	require.ErrorContains(t, run(&out, []string{"sing"}), "usage")
}

// TestStatesAreInvented holds that no case speaks of a state that exists.
func TestStatesAreInvented(t *testing.T) {
	all, err := readCases()
	require.NoError(t, err)
	country := regexp.MustCompile(`"country":"([A-Z]{2})"`)
	for _, c := range all {
		for _, m := range country.FindAllStringSubmatch(string(c.Records), -1) {
			require.Regexp(t, `^X[A-Z]$`, m[1], c.ID)
		}
	}
}
