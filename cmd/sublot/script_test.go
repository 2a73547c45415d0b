package main

import (
	"fmt"
	"os"
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
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"longrow": longRow,
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
