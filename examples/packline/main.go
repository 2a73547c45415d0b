// Packline is a packaging line: four stations mark a thousand boxes at once, each
// label is looked at by a camera after printing, and in the middle the line is
// killed and started again. No number is used twice, and the records add up.
//
//	go run ./examples/packline            the line, killed halfway and started again
//	go run ./examples/packline -kill 0    without the kill
//
// It leaves the labels (as sent to the printers), boxes.jsonl (what the line did) and
// records.jsonl (what sublot import takes) in the folder packline-out.
//
// station.go is what a station does with each box, journal.go what the line
// remembers. All else is here.
package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/line"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/packing"
)

const (
	maker     = "XCW"
	boxRounds = 50
)

var (
	lot   = marking.MustParseID("XCW/XCW24C001-012")
	boxes = marking.MustParseSpan("XCW/XCW24C001-012/001/00001..99999")
)

func main() {
	dir := flag.String("out", "packline-out", "folder of labels and records")
	n := flag.Int("boxes", 1000, "boxes to mark")
	stations := flag.Int("stations", 4, "stations that work at once")
	kill := flag.Int("kill", 500, "boxes after which the line is killed, 0 for never")
	flag.Parse()
	err := os.MkdirAll(filepath.Join(*dir, "labels"), 0o700)
	if err == nil && *kill > 0 {
		err = runAndKill(*dir, *n, *stations, *kill)
	}
	if err == nil {
		err = run(*dir, *n, *stations, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "packline:", err)
		os.Exit(2)
	}
}

// run marks boxes until n are packed, those of an earlier run included, and writes
// the records.
func run(dir string, n, stations int, out io.Writer) error {
	numbers, err := line.Open(filepath.Join(dir, "numbers"), line.Config{Random: rand.Reader, Block: 32})
	if err != nil {
		return err
	}
	defer numbers.Close()
	key, trust, err := lineKey(filepath.Join(dir, "line.key"))
	if err != nil {
		return err
	}
	tally, err := packing.New(lot, 0, packing.Config{Source: maker, Site: "hall 2", Prefix: "LINE-2"})
	if err != nil {
		return err
	}
	book, err := openJournal(filepath.Join(dir, "boxes.jsonl"), tally)
	if err != nil {
		return err
	}
	defer book.Close()
	if book.packed > 0 {
		fmt.Fprintf(out, "started again: %d boxes were packed before\n", book.packed)
	}
	// A number in doubt that no box of the journal bears may stand on a label that
	// lies about somewhere: it is void, and the records say so.
	doubt := 0
	for _, span := range numbers.Doubt() {
		for id := range span.All() {
			if !book.knows(id) {
				doubt++
				if err := book.write(entry{Item: id, Void: "the line stopped before it was packed"}); err != nil {
					return err
				}
			}
		}
	}
	if doubt > 0 {
		fmt.Fprintf(out, "%d numbers were in use or not when it stopped: void\n", doubt)
	}

	begun := time.Now()
	var left atomic.Int64
	left.Store(int64(n - book.packed))
	failed := make(chan error, stations)
	var group sync.WaitGroup
	for range stations {
		s := &station{numbers: numbers, key: key, trust: trust, book: book, labels: filepath.Join(dir, "labels")}
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := s.box(); err != nil {
					left.Store(0) // the others stop after their box
					failed <- err
				}
			}
		})
	}
	group.Wait()
	close(failed)
	if err := <-failed; err != nil {
		return err
	}
	fmt.Fprintf(out, "%d boxes packed by %d stations, %d numbers void, in %.1f s\n", book.packed, stations, book.void, time.Since(begun).Seconds())
	if err := numbers.Close(); err != nil {
		return err
	}
	return writeRecords(filepath.Join(dir, "records.jsonl"), tally, book, out)
}

// writeRecords writes what the line made: the lot, how it is packed, and a pallet
// of the first boxes.
func writeRecords(name string, tally *packing.Tally, book *journal, out io.Writer) error {
	at, err := trace.ParseWhen(time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return err
	}
	if err := tally.Load(at, "095201234567890122", book.items[:min(100, len(book.items))]...); err != nil {
		return err
	}
	records, err := tally.Records(at)
	if err != nil {
		return err
	}
	about, err := trace.NewRecord(trace.Record{Source: maker, ID: "LOT", Body: &trace.Lot{
		Item: lot, Calibre: calibreName, Quantity: int64(book.packed) * boxRounds, Made: trace.Period{From: at, To: at}, Hazard: "1.4S",
	}})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, r := range append([]*trace.Record{about}, records...) {
		b.Write(r.Canonical)
		b.WriteByte('\n')
	}
	fmt.Fprintf(out, "%d records in %s: sublot import takes them\n", len(records)+1, name)
	return os.WriteFile(name, b.Bytes(), 0o600)
}

// runAndKill runs the line in a process of its own and kills it once so many boxes
// are packed: no warning, no clean-up.
func runAndKill(dir string, n, stations, after int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-out", dir, "-kill", "0", "-boxes", fmt.Sprint(n), "-stations", fmt.Sprint(stations))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			return err // it was faster
		case <-time.After(time.Millisecond):
		}
		b, err := os.ReadFile(filepath.Join(dir, "boxes.jsonl"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if bytes.Count(b, []byte("\n")) >= after {
			fmt.Printf("killing the line after %d boxes\n", after)
			_ = cmd.Process.Kill() // it may have ended meanwhile
			<-ended
			return nil
		}
	}
}
