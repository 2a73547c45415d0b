package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/evidence"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// sublot runs the command in a process of its own, as users do.
func sublot(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("sublot", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); !exited {
		require.NoError(t, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// lossRows writes a file of so many records.
func lossRows(t *testing.T, name string, from, n int) {
	t.Helper()
	var b bytes.Buffer
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, `{"kind":"loss","source":"XB","id":"%d","at":"2024-01-01","holder":"XB","lines":[{"item":"XCW/L%d/%04d","quantity":5}]}`+"\n", i, i%97, 1+i/97)
	}
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o600))
}

// While one process writes, others read what it has published, and a second one
// that wants to write is told why it cannot.
func TestReadersBesideAnImport(t *testing.T) {
	dir := t.TempDir()
	lossRows(t, filepath.Join(dir, "first.jsonl"), 0, 100)
	lossRows(t, filepath.Join(dir, "second.jsonl"), 100, 50)
	_, stderr, code := sublot(t, dir, "import", "first.jsonl")
	require.Zero(t, code, stderr)

	writer := exec.Command("sublot", "import", "-")
	writer.Dir = dir
	in, err := writer.StdinPipe()
	require.NoError(t, err)
	out, err := writer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, writer.Start())
	defer writer.Process.Kill()
	for range 400 { // until it has the ledger
		lock := flock.New(filepath.Join(dir, "sublot-data", "LOCK"))
		free, err := lock.TryRLock()
		require.NoError(t, err)
		if !free {
			break
		}
		require.NoError(t, lock.Unlock())
		time.Sleep(50 * time.Millisecond)
	}
	for _, question := range [][]string{{"head"}, {"export"}, {"verify"}, {"backup", "copy"}} {
		stdout, stderr, code := sublot(t, dir, question...)
		require.Zero(t, code, stderr)
		require.NotEmpty(t, stdout)
		require.Contains(t, stderr, "note: another program is writing to the ledger: this is of its first 100 records")
	}
	_, stderr, code = sublot(t, dir, "import", "second.jsonl")
	require.Equal(t, exitBad, code)
	require.Contains(t, stderr, "in use")
	require.Contains(t, stderr, "hint: wait until the other program is done")

	second, err := os.ReadFile(filepath.Join(dir, "second.jsonl"))
	require.NoError(t, err)
	_, err = in.Write(second)
	require.NoError(t, err)
	require.NoError(t, in.Close())
	said, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, writer.Wait())
	require.Contains(t, string(said), "50 records accepted")
	stdout, stderr, code := sublot(t, dir, "verify")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "150 records, root ")
	require.NotContains(t, stderr, "note:")
	stdout, stderr, code = sublot(t, dir, "verify", "--store", "copy")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "100 records, root ")
}

// An import that is killed is run again and ends as one that was not: nothing
// twice, nothing missing, in the same order. SUBLOT_KILLS sets how many are
// killed.
func TestImportKilled(t *testing.T) {
	trials := 3
	if text := os.Getenv("SUBLOT_KILLS"); text != "" {
		var err error
		trials, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	dir := t.TempDir()
	lossRows(t, filepath.Join(dir, "rows.jsonl"), 0, 12_000)
	begin := time.Now()
	_, stderr, code := sublot(t, dir, "import", "--proceed", "rows.jsonl", "--store", "whole")
	took := time.Since(begin)
	require.Zero(t, code, stderr)
	want, _, _ := sublot(t, dir, "head", "--store", "whole")
	killed := 0
	for i := range trials {
		args := []string{"import", "rows.jsonl", "--store", fmt.Sprint("killed", i)}
		if i%3 > 0 {
			args = append(args, "--proceed")
		}
		for range 3 {
			cmd := exec.Command("sublot", args...)
			cmd.Dir = dir
			require.NoError(t, cmd.Start())
			time.AfterFunc(time.Duration(rng.Int64N(int64(took))), func() { cmd.Process.Kill() })
			if cmd.Wait() != nil {
				killed++
			}
		}
		_, stderr, code := sublot(t, dir, args...)
		require.Zero(t, code, stderr)
		got, _, _ := sublot(t, dir, "head", "--store", args[3])
		require.Equal(t, want, got)
		_, stderr, code = sublot(t, dir, "verify", "--store", args[3])
		require.Zero(t, code, stderr)
		require.NoError(t, os.RemoveAll(filepath.Join(dir, args[3])))
	}
	t.Logf("%d imports of 12,000 rows killed", killed)
}

// Nothing that is kept depends on the clock: it may jump while records come in.
func TestClockJumps(t *testing.T) {
	dir := t.TempDir()
	at := func(store, day string, args ...string) string {
		d, err := trace.ParseDay(day)
		require.NoError(t, err)
		var out bytes.Buffer
		code := run(&session{Context: t.Context(), in: os.Stdin, out: &out, err: os.Stderr, today: d}, append(args, "--store", filepath.Join(dir, store)))
		require.Zero(t, code)
		return out.String()
	}
	for i := range 4 {
		lossRows(t, filepath.Join(dir, fmt.Sprint(i, ".jsonl")), 100*i, 100)
	}
	heads := map[string]bool{}
	for name, days := range map[string][]string{
		"steady":     {"2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"},
		"backwards":  {"2199-12-31", "2025-01-01", "1970-01-01", "1901-01-01"},
		"to and fro": {"2025-01-01", "1980-01-06", "2106-02-07", "2025-01-02"},
	} {
		for i, day := range days {
			at(name, day, "import", filepath.Join(dir, fmt.Sprint(i, ".jsonl")))
		}
		at(name, "1970-01-01", "verify")
		heads[at(name, "2025-01-01", "head")] = true
	}
	require.Len(t, heads, 1)
}

// A witness states when it signs: it does not sign at a time before its last
// signature.
func TestWitnessWithAClockSetBack(t *testing.T) {
	dir := t.TempDir()
	lossRows(t, filepath.Join(dir, "rows.jsonl"), 0, 10)
	_, stderr, code := sublot(t, dir, "import", "rows.jsonl")
	require.Zero(t, code, stderr)
	for _, name := range []string{"op.key", "w.key"} {
		_, stderr, code := sublot(t, dir, "key", "new", "--party", "XA", "--in-clear", "--out", name)
		require.Zero(t, code, stderr)
	}
	const origin = "ledger.example/xa"
	public, stderr, code := sublot(t, dir, "head", "--key", "op.key", "--origin", origin, "--public")
	require.Zero(t, code, stderr)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "log.txt"), []byte(public), 0o600))
	checkpoint, stderr, code := sublot(t, dir, "head", "--key", "op.key", "--origin", origin)
	require.Zero(t, code, stderr)
	signers, err := evidence.ParseSigners(public)
	require.NoError(t, err)

	// What the witness signed in a hundred years, before its clock was set right.
	s := &session{Context: t.Context(), in: os.Stdin, out: io.Discard, err: os.Stderr}
	key, err := s.loadKey(filepath.Join(dir, "w.key"), "")
	require.NoError(t, err)
	cosigned, _, err := storage.Cosign([]byte(checkpoint), origin, signers[0], storage.Head{}, nil, "w.example", key, time.Now().AddDate(100, 0, 0))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "state"), cosigned, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "head.txt"), []byte(checkpoint), 0o600))
	_, stderr, code = sublot(t, dir, "proof", "--since", "10", "--head", "head.txt", "--out", "request.txt")
	require.Zero(t, code, stderr)
	_, stderr, code = sublot(t, dir, "witness", "--key", "w.key", "--name", "w.example", "--signers", "log.txt", "--state", "state", "request.txt")
	require.Equal(t, exitBad, code)
	require.Contains(t, stderr, "which is before the last cosignature")
}
