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
	childKind  = "SUBLOT_TEST_CHILD_KIND"  // full: so do all later ones; once: it alone
	childSpare = "SUBLOT_TEST_CHILD_SPARE" // the room in bytes that it leaves on the disk
	childFirst = "SUBLOT_TEST_CHILD_FIRST" // number of its first batch
	childCount = "SUBLOT_TEST_CHILD_COUNT" // of batches; 400 where it is not set
)

// TestChild is not a test of its own: it is what the tests below start.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("started by other tests only")
	}
	fault, _ := strconv.ParseInt(os.Getenv(childFault), 10, 64)
	first, _ := strconv.Atoi(os.Getenv(childFirst))
	once := os.Getenv(childKind) == "once"
	var writes atomic.Int64
	fs := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() != errorfs.OpIsWrite || fault < 0 {
			return nil
		}
		switch n := writes.Add(1); {
		case once && n == fault+1:
			return &os.PathError{Op: "write", Path: op.Path, Err: syscall.EIO}
		case !once && n > fault:
			return &os.PathError{Op: "write", Path: op.Path, Err: syscall.ENOSPC}
		}
		return nil
	}))
	cfg := Config{patience: 100 * time.Millisecond}
	if fault >= 0 {
		cfg.fs = fs
	}
	cfg.spare, _ = strconv.ParseInt(os.Getenv(childSpare), 10, 64)
	l, err := Open(dir, cfg)
	if err != nil {
		fmt.Println("refused", firstLine(err.Error()))
		os.Exit(3)
	}
	fmt.Println("acked", l.Len())
	count, err := strconv.Atoi(os.Getenv(childCount))
	if err != nil {
		count = 400
	}
	for b := first; b < first+count; b++ {
		if _, err := l.Append(t.Context(), batchOf(t, b, 1+b%20)); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				fmt.Println("not an Error:", err)
			}
			fmt.Println("refused", firstLine(err.Error()))
			os.Exit(3)
		}
		fmt.Println("acked", l.Len())
		if b%25 == 24 {
			if _, err := l.disk.guard(l.db.Flush); err != nil {
				fmt.Println("refused", firstLine(err.Error()))
				os.Exit(3)
			}
		}
	}
	fmt.Println("done")
}

// A childRun is what became of a child.
type childRun struct {
	acked  int64         // records it acknowledged
	last   string        // what it said last
	output string        // what it wrote for a person
	busy   time.Duration // how long it kept a processor busy
}

// runChild starts a child and kills it after the time given where that is not
// zero.
func runChild(t *testing.T, dir, kind string, fault int64, first int, kill time.Duration) (run childRun) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childDir+"="+dir, childKind+"="+kind, fmt.Sprintf("%s=%d", childFault, fault), fmt.Sprintf("%s=%d", childFirst, first))
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
			run.acked, _ = strconv.ParseInt(rest, 10, 64)
		case "refused", "done", "not":
			run.last = lines.Text()
		}
	}
	_ = cmd.Wait() // how it ended is of no interest: what counts is what is on the disk
	if timer != nil {
		timer.Stop()
	}
	run.output = stderr.String()
	run.busy = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return run
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

// From some write on the disk is full, or one write alone fails. What was
// acknowledged stays, no stack trace is shown and no process goes on at full
// speed with what cannot succeed. SUBLOT_FAULTS sets how many writes fail.
func TestWritesFail(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	ended := map[string]int{}
	trials := amount(t, "SUBLOT_FAULTS", 16)
	for i := range trials {
		dir := filepath.Join(t.TempDir(), "ledger")
		kind := []string{"full", "once"}[i%2]
		fault := rng.Int64N(300)
		child := runChild(t, dir, kind, fault, 0, 0)
		if kind == "full" {
			require.NotEqual(t, "done", child.last)
		}
		require.NotContains(t, child.last, "not an Error")
		require.NotContains(t, child.output, "goroutine ", "write %d", fault)
		require.Less(t, child.busy, 20*time.Second, "the processor was kept busy, write %d", fault)
		whole(t, dir, child.acked)
		switch word, _, _ := strings.Cut(child.last, " "); {
		case word != "":
			ended[kind+" "+word]++
		default:
			require.Contains(t, child.output, "hint: records that were acknowledged are safe", "write %d", fault)
			ended[kind+" ended by itself"]++
		}
	}
	t.Logf("%d faults: %v", trials, ended)
}

// amount returns how many trials an environment variable asks for.
func amount(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return n
}

// A process that is killed at any time leaves all it acknowledged, and the next
// one goes on. SUBLOT_KILLS sets how many are killed.
func TestKilled(t *testing.T) {
	trials := amount(t, "SUBLOT_KILLS", 3)
	rng := rand.New(rand.NewPCG(1, 1))
	dir := filepath.Join(t.TempDir(), "ledger")
	for i := range trials {
		child := runChild(t, dir, "", -1, 1000*i, time.Duration(50+rng.IntN(250))*time.Millisecond)
		require.NotContains(t, child.last, "refused")
		whole(t, dir, child.acked)
	}
	t.Logf("%d kills", trials)
}

// Appends do not wait for ever for a database whose tables cannot be written, however
// long it took to find that out: the disk hangs, the database's memory fills up, an append
// waits, and only then the disk says that it is full.
func TestTablesHang(t *testing.T) {
	var hang atomic.Bool
	full := make(chan struct{})
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if !hang.Load() || !strings.HasSuffix(op.Path, ".sst") {
			return nil
		}
		<-full
		return &os.PathError{Op: "write", Path: op.Path, Err: syscall.ENOSPC}
	}))
	l, err := Open("ledger", Config{fs: fs, patience: 100 * time.Millisecond, spare: 1, memTable: 1 << 20})
	require.NoError(t, err)
	mustAppend(t, l, batchOf(t, 0, 10))
	hang.Store(true)
	acked := make(chan int64)
	ended := make(chan error, 1)
	go func() {
		for b := 1; ; b++ {
			if _, err := l.Append(t.Context(), batchOf(t, b, 30)); err != nil {
				ended <- err
				return
			}
			acked <- l.Len()
		}
	}()
	have := int64(10)
	for waits := false; !waits; {
		select {
		case have = <-acked:
		case <-time.After(time.Second):
			waits = true
		}
	}
	require.Greater(t, have, int64(1000), "the memory takes many appends")
	close(full)
	select {
	case err := <-ended:
		require.Equal(t, DiskFull, problem(t, err))
	case <-acked:
		t.Fatal("an append is acknowledged that has no room")
	case <-time.After(20 * time.Second):
		t.Fatal("an append waits for ever")
	}
	require.EqualValues(t, have, l.Len())
}
