package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// asProgram is set where the test binary is to be the program itself.
const asProgram = "SUBLOT_PACKLINE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The line of the example, killed in the middle and started again. The full
// thousand boxes with SUBLOT_PACKLINE_BOXES=1000.
func TestPackline(t *testing.T) {
	boxCount := "120"
	if testing.Short() {
		boxCount = "60"
	}
	if s := os.Getenv("SUBLOT_PACKLINE_BOXES"); s != "" {
		boxCount = s
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		cmd := exec.Command(os.Args[0], append([]string{"-out", dir, "-boxes", boxCount}, args...)...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		t.Logf("%s", out)
		return string(out)
	}
	out := run("-kill", "30")
	require.Contains(t, out, "killing the line after 30 boxes")
	require.Contains(t, out, "started again")
	require.Contains(t, out, boxCount+" boxes packed by 4 stations")

	b, err := os.ReadFile(filepath.Join(dir, "boxes.jsonl"))
	require.NoError(t, err)
	seen, packed := map[marking.ID]bool{}, 0
	for line := range strings.Lines(string(b)) {
		var e entry
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		require.False(t, seen[e.Item], "%v twice", e.Item)
		seen[e.Item] = true
		if e.Void == "" {
			packed++
			require.FileExists(t, filepath.Join(dir, "labels", strings.ReplaceAll(e.Item.String(), "/", "_")+".zpl"))
			require.False(t, strings.HasSuffix(e.Item.Name(), "50"), "%v was smeared", e.Item)
		}
	}

	// The records tell of so many boxes of fifty rounds, and of no void number.
	f, err := os.Open(filepath.Join(dir, "records.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	l := trace.NewMemory()
	_, err = trace.Import(context.Background(), l, []trace.ImportFile{{Name: f.Name(), Reader: f}}, trace.ImportConfig{})
	require.NoError(t, err)
	where, err := trace.Where(context.Background(), l, marking.SpanOf(lot), trace.NoDay)
	require.NoError(t, err)
	require.Equal(t, int64(packed*boxRounds), where.Quantity)
	inPack := 0
	for e, err := range l.All(context.Background(), 0) {
		require.NoError(t, err)
		p, ok := e.Record.Body.(*trace.Pack)
		if !ok || p.Item == lot {
			continue
		}
		for _, u := range p.Units {
			inPack += int(u.Item.Count())
		}
	}
	require.Equal(t, packed, inPack)

	require.Contains(t, run("-kill", "0"), "started again: "+boxCount+" boxes were packed before", "nothing is done twice")
}
