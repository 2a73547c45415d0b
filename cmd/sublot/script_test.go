package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sublot": main})
}

// TestScripts runs the command line as its users do. Every command that fails in
// a script is asked for its hint.
func TestScripts(t *testing.T) {
	readme, err := filepath.Abs("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Setup: func(e *testscript.Env) error {
			e.Setenv("README", readme)
			return nil
		},
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"longrow": longRow,

			"brokenpng": brokenPNG,
		},
	})
}

// exits runs sublot, wants the exit code given and, where that is 2, an error
// with a hint and no stack trace:
//
//	exits 2 import bad.jsonl
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGUMENT…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec("sublot", args[1:]...); err != nil {
		// The error reads "exit status 2".
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &code); scanErr != nil {
			ts.Fatalf("sublot: %v", err)
		}
	}
	stderr := ts.ReadFile("stderr")
	if code != want {
		ts.Fatalf("sublot %s: exit %d, want %d", strings.Join(args[1:], " "), code, want)
	}
	if strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("a stack trace:\n%s", stderr)
	}
	if want == exitBad && !strings.Contains("\n"+stderr, "\nhint: ") {
		ts.Fatalf("an error without a hint:\n%s", stderr)
	}
}

// longRow writes a file of one row of so many bytes, and a good row after it:
//
//	longrow FILE BYTES
func longRow(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = fmt.Fprintf(f, "{\"kind\":\"loss\",\"source\":\"XB\",\"id\":\"long\",\"at\":\"2024-01-01\",\"note\":%q}\n"+
		`{"kind":"loss","source":"XB","id":"short","at":"2024-01-01","holder":"XB","lines":[{"item":"XCW/L1","quantity":5}]}`+"\n", strings.Repeat("n", n))
	ts.Check(err)
	ts.Check(f.Close())
}

// brokenPNG writes a picture that ends too early and one that declares 60,000
// times 60,000 pixels, and blank.png, which has nothing on it:
//
//	brokenpng CUT HUGE
func brokenPNG(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	blank := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range blank.Pix {
		blank.Pix[i] = 200
	}
	ts.Check(png.Encode(&b, blank))
	write := func(name string, b []byte) { ts.Check(os.WriteFile(ts.MkAbs(name), b, 0o666)) }
	write("blank.png", b.Bytes())
	write(args[0], b.Bytes()[:b.Len()*2/3])
	huge := bytes.Clone(b.Bytes())
	binary.BigEndian.PutUint32(huge[16:], 60_000) // width and height in the header chunk
	binary.BigEndian.PutUint32(huge[20:], 60_000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	write(args[1], huge)
}
