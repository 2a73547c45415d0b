package line

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

var hundred = marking.MustParseSpan("XCW/XCW24C001-012/001..100")

var errPower = errors.New("the power went")

// A ram is a disk that loses power: at the step that power names, and all later
// ones fail. What was not synced is then there, or not, or in part.
type ram struct {
	folder, folderSafe bool
	log, logSafe       bool // the name of the log
	data               []byte
	safe               int // bytes of data that a sync made safe

	steps, power int // power: the step at which it goes; 0: never
	full         int // bytes that the disk takes, 0: any number
	noSync       bool
	rand         *rand.Rand
}

func (d *ram) step() error {
	d.steps++
	if d.power > 0 && d.steps >= d.power {
		return errPower
	}
	return nil
}

func (d *ram) make() error {
	d.folder = true
	if err := d.step(); err != nil {
		return err
	}
	d.folderSafe = true
	return d.step()
}

func (d *ram) lock() (io.Closer, error) { return io.NopCloser(nil), d.step() }

func (d *ram) read() (io.ReadCloser, error) {
	if !d.log {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(d.data)), nil
}

func (d *ram) open() (file, error) {
	d.log = true
	return &ramFile{disk: d}, d.step()
}

func (d *ram) sync() error {
	if err := d.step(); err != nil {
		return err
	}
	d.logSafe = true
	return nil
}

type ramFile struct {
	disk *ram
	at   int
}

func (f *ramFile) Read(b []byte) (int, error) {
	if err := f.disk.step(); err != nil {
		return 0, err
	}
	n := copy(b, f.disk.data[f.at:])
	f.at += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *ramFile) Write(b []byte) (int, error) {
	d := f.disk
	if d.full > 0 && len(d.data)+len(b) > d.full {
		n := max(d.full-len(d.data), 0)
		d.data = append(d.data, b[:n]...)
		return n, errors.New("no space left")
	}
	d.data = append(d.data, b...)
	return len(b), d.step()
}

func (f *ramFile) Sync() error {
	if err := f.disk.step(); err != nil {
		return err
	}
	if !f.disk.noSync {
		f.disk.safe = len(f.disk.data)
	}
	return f.disk.step() // the power may go before the caller hears of it
}

func (f *ramFile) Close() error { return nil }

// reboot is what the next process finds.
func (d *ram) reboot() *ram {
	r := &ram{folder: true, folderSafe: true, log: true, logSafe: true, rand: d.rand, noSync: d.noSync}
	if !d.folderSafe && d.rand.IntN(2) == 0 || !d.logSafe && d.rand.IntN(2) == 0 {
		return r // the name is gone, and what it named
	}
	r.data = bytes.Clone(d.data[:d.safe])
	loose := bytes.Clone(d.data[d.safe:])
	switch d.rand.IntN(4) {
	case 0: // nothing of it
		loose = nil
	case 1: // a part
		loose = loose[:d.rand.IntN(len(loose)+1)]
	case 2: // its length, and a stretch of it never written
		if len(loose) > 0 {
			at := d.rand.IntN(len(loose))
			clear(loose[at : at+d.rand.IntN(len(loose)-at+1)])
		}
	}
	r.data = append(r.data, loose...)
	r.safe = len(r.data)
	return r
}

// A shift runs the line for a while on a disk; the numbers it got are added to given.
func shift(d *ram, block int, given map[marking.ID]bool) error {
	a, err := open(d, Config{Block: block, Random: bytes.NewReader(bytes.Repeat([]byte{7}, 64))})
	if err != nil {
		return err
	}
	for i := range 23 {
		span := crates
		if i%8 == 7 {
			span = hundred
		}
		id, err := a.Next(span)
		if err != nil {
			return err
		}
		if given[id] {
			return fmt.Errorf("%v TWICE", id)
		}
		given[id] = true
	}
	return a.Close()
}

// The power goes at every step there is, several times over, with every fate of
// what was not synced: no number comes twice.
func TestPowerCuts(t *testing.T) {
	cuts, doubts := cutPower(t, false)
	require.Positive(t, doubts, "numbers in doubt are told")
	t.Logf("%d power cuts", cuts)
}

// The same without syncing must fail, or the test finds nothing.
func TestPowerCutsAreFelt(t *testing.T) {
	twice := false
	for seed := range uint64(20) {
		twice = twice || !runCuts(seed, true, func(string) {}, new(int), new(int))
	}
	require.True(t, twice, "a disk that loses what it was told to sync gives no number twice?")
}

func cutPower(t *testing.T, noSync bool) (cuts, doubts int) {
	for seed := range uint64(40) {
		require.True(t, runCuts(seed, noSync, func(s string) { t.Error(s) }, &cuts, &doubts))
	}
	return cuts, doubts
}

// runCuts lets the power go at the 1st, 2nd … step of two shifts in a row and then
// works on. It reports false where a number came twice.
func runCuts(seed uint64, noSync bool, complain func(string), cuts, doubts *int) bool {
	r := rand.New(rand.NewPCG(seed, 5))
	for at := 1; ; at++ {
		d := &ram{rand: r, noSync: noSync}
		given := map[marking.ID]bool{}
		ended := true
		for round := range 3 {
			d.steps, d.power = 0, 0
			if round < 2 {
				d.power = at
			}
			err := shift(d, 1+int(seed)%6, given)
			switch {
			case err == nil:
			case strings.Contains(err.Error(), "TWICE"), !errors.Is(err, errPower):
				complain(fmt.Sprintf("seed %d, step %d, round %d: %v", seed, at, round, err))
				return false
			default:
				ended = false
				*cuts++
			}
			d = d.reboot()
		}
		// Whatever is neither given nor to come is in doubt.
		a, err := open(d, Config{})
		if err != nil {
			complain(fmt.Sprintf("seed %d, step %d: %v", seed, at, err))
			return false
		}
		known := len(given)
		for _, span := range a.Doubt() {
			*doubts++
			for id := range span.All() {
				if !given[id] {
					known++
				}
			}
		}
		for _, span := range []marking.Span{crates, hundred} {
			for {
				id, err := a.Next(span)
				if errors.Is(err, ErrUsedUp) {
					break
				}
				if err != nil || given[id] {
					complain(fmt.Sprintf("seed %d, step %d: %v, %v", seed, at, id, err))
					return false
				}
				known++
			}
		}
		if known != 500 && !noSync {
			complain(fmt.Sprintf("seed %d, step %d: %d of 500 numbers are given, in doubt, or still to come", seed, at, known))
		}
		if ended {
			return true
		}
	}
}

// A disk that is full, at every byte: an error, then no number, then it goes on.
func TestFullDisk(t *testing.T) {
	for full := 1; full < 900; full += 3 {
		d := &ram{rand: rand.New(rand.NewPCG(1, uint64(full))), full: full}
		given := map[marking.ID]bool{}
		if err := shift(d, 3, given); err != nil {
			require.ErrorContains(t, err, "no space left")
			var e *Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Hint())
		}
		d.safe, d.logSafe, d.full = len(d.data), true, 0
		require.NoError(t, shift(d.reboot(), 3, given))
	}
	a, err := open(&ram{rand: rand.New(rand.NewPCG(1, 1)), full: 300}, Config{Block: 1})
	require.NoError(t, err)
	for {
		if _, err = a.Next(crates); err != nil {
			break
		}
	}
	_, again := a.Next(crates)
	require.Equal(t, err, again, "after an error of the disk no number is given")
	require.Error(t, a.Close())
}

// child is set in a process that hands out numbers until it is killed.
const child = "SUBLOT_LINE_CHILD"

// A process killed while it hands out numbers, ten times in a row: none comes twice.
func TestKilled(t *testing.T) {
	if dir := os.Getenv(child); dir != "" {
		a, err := Open(dir, Config{Block: 5})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		span := marking.MustParseSpan("XCW/XCW24C001-012/001/0000001..9999999")
		for {
			id, err := a.Next(span)
			if err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			fmt.Println(id)
		}
	}
	dir := t.TempDir()
	kills := 10
	if s := os.Getenv("SUBLOT_KILLS"); s != "" { // how often the process is killed
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	seen := map[string]bool{}
	for range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), child+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		want := 1 + r.IntN(200)
		for n := 0; lines.Scan(); n++ {
			id := lines.Text()
			if !strings.HasPrefix(id, "XCW/") || len(id) != len("XCW/XCW24C001-012/001/0000001") {
				require.False(t, strings.HasPrefix(id, "error"), id)
				continue // a line cut off by the kill
			}
			require.False(t, seen[id], "%s twice", id)
			seen[id] = true
			if n == want {
				require.NoError(t, cmd.Process.Kill())
				time.Sleep(time.Duration(r.IntN(1000)) * time.Microsecond)
			}
		}
		require.Error(t, cmd.Wait(), "it ran until it was killed")
	}
	a, err := Open(dir, Config{})
	require.NoError(t, err)
	defer a.Close()
	require.NotEmpty(t, a.Doubt())
	for _, span := range a.Doubt() {
		require.LessOrEqual(t, span.Count(), int64(5))
	}
	t.Logf("%d numbers of %d processes, %d lines damaged", len(seen), kills, a.Damaged())
}
