package storage

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"
)

// The environment of a child process that appends until something stops it.
const (
	childDir   = "SUBLOT_TEST_CHILD_DIR"
	childFault = "SUBLOT_TEST_CHILD_FAULT" // the number of the write that fails, negative for none
	childFirst = "SUBLOT_TEST_CHILD_FIRST" // number of its first batch
)

// TestChild is not a test of its own: it is what the tests below start.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("started by other tests only")
	}
	fault, _ := strconv.ParseInt(os.Getenv(childFault), 10, 64)
	first, _ := strconv.Atoi(os.Getenv(childFirst))
	var writes atomic.Int64
	fs := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && fault >= 0 && writes.Add(1) > fault {
			return &os.PathError{Op: "write", Path: op.Path, Err: syscall.ENOSPC}
		}
		return nil
	}))
	l, err := Open(dir, Config{fs: fs})
	if err != nil {
		fmt.Println("refused", firstLine(err.Error()))
		os.Exit(3)
	}
	fmt.Println("acked", l.Len())
	for b := first; b < first+400; b++ {
		if _, err := l.Append(t.Context(), batchOf(t, b, 1+b%20)); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				fmt.Println("not an Error:", err)
			}
			fmt.Println("refused", firstLine(err.Error()))
			os.Exit(3)
		}
		fmt.Println("acked", l.Len())
		if b%25 == 24 {
			if err := l.db.Flush(); err != nil {
				fmt.Println("refused", firstLine(err.Error()))
				os.Exit(3)
			}
		}
	}
	fmt.Println("done")
}

// runChild starts a child, kills it after the time given where that is not
// zero, and returns the records it acknowledged and what it said last.
func runChild(t *testing.T, dir string, fault int64, first int, kill time.Duration) (acked int64, last, output string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("%s=%d", childFault, fault), fmt.Sprintf("%s=%d", childFirst, first))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var timer *time.Timer
	if kill > 0 {
		timer = time.AfterFunc(kill, func() { cmd.Process.Kill() })
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "acked":
			acked, _ = strconv.ParseInt(rest, 10, 64)
		case "refused", "done", "not":
			last = lines.Text()
		}
	}
	_ = cmd.Wait() // how it ended is of no interest: what counts is what is on the disk
	if timer != nil {
		timer.Stop()
	}
	return acked, last, stderr.String()
}

// whole opens the folder and checks all of it.
func whole(t *testing.T, dir string, acked int64) {
	t.Helper()
	l, err := Open(dir, Config{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, l.Len(), acked)
	_, err = l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

// From some write on the disk is full. What was acknowledged stays, and no
// stack trace is shown.
func TestWritesFail(t *testing.T) {
	trials := 8
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_FAULTS")); err == nil {
		trials = n
	}
	rng := rand.New(rand.NewPCG(1, 1))
	traces := 0
	for range trials {
		dir := filepath.Join(t.TempDir(), "ledger")
		fault := rng.Int64N(300)
		acked, last, output := runChild(t, dir, fault, 0, 0)
		require.NotEqual(t, "done", last)
		require.NotContains(t, last, "not an Error")
		if strings.Contains(output, "goroutine ") {
			traces++
			t.Logf("write %d: %s", fault, output)
		}
		whole(t, dir, acked)
	}
	t.Logf("%d faults, %d stack traces", trials, traces)
}

// A process that is killed at any time leaves all it acknowledged, and the next
// one goes on.
func TestKilled(t *testing.T) {
	trials := 3
	if n, err := strconv.Atoi(os.Getenv("SUBLOT_KILLS")); err == nil {
		trials = n
	}
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	for i := range trials {
		acked, last, _ := runChild(t, dir, -1, 1000*i, time.Duration(50+rng.IntN(250))*time.Millisecond)
		require.NotContains(t, last, "refused")
		whole(t, dir, acked)
	}
}
