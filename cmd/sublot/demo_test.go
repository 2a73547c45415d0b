package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// TestDemos tells the story of different seeds: other lots, other calibres,
// another crate stolen, another photograph. None may fail. SUBLOT_DEMOS sets how
// many there are, SUBLOT_DEMOS_FIRST with which seed they begin.
func TestDemos(t *testing.T) {
	n, first := 5, 1
	if v, err := strconv.Atoi(os.Getenv("SUBLOT_DEMOS")); err == nil {
		n = v
	}
	if v, err := strconv.Atoi(os.Getenv("SUBLOT_DEMOS_FIRST")); err == nil {
		first = v
	}
	for seed := first; seed < first+n; seed++ {
		dir := filepath.Join(t.TempDir(), "demo")
		var out bytes.Buffer
		s := &session{Context: t.Context(), in: os.Stdin, out: &out, err: os.Stderr, today: trace.DayOf(time.Now())}
		code := run(s, []string{"demo", "--json", "--seed", strconv.Itoa(seed), dir})
		require.Equal(t, exitDone, code, "seed %d", seed)
		var f struct {
			Outcome string
			Item    string
			Mark    struct{ Signature string }
			EndUser struct{ Party string } `json:"end_user"`
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &f), "seed %d: %s", seed, out.String())
		require.Equal(t, "END_USER_IDENTIFIED", f.Outcome, "seed %d", seed)
		require.Equal(t, "valid", f.Mark.Signature, "seed %d", seed)
		require.Equal(t, "XB-POL", f.EndUser.Party, "seed %d", seed)
		require.Equal(t, newStory(uint64(seed)).found.String(), f.Item, "seed %d", seed)
		require.NoError(t, os.RemoveAll(dir))
	}
}
