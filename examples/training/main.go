// Training puts fifty fictional cases to whoever learns to trace, and scores the
// answers. Each has a story, the records of a ledger and a question; they are
// built on what was reported in public about real ones, with every name invented.
//
//	go run ./examples/training                      the list of cases
//	go run ./examples/training show 08.2            a story, its records and its question
//	go run ./examples/training answer FILE          scores a file of answers, and says why
//	go run ./examples/training blank > FILE         a file of answers to fill in
//	go run ./examples/training solve 08.2           what sublot finds, with every step
//
// The packages of sublot do the tracing; this program only asks them.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "training:", err)
		os.Exit(2)
	}
}

func run(out io.Writer, args []string) error {
	all, err := readCases()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"list"}
	}
	switch {
	case args[0] == "list" && len(args) == 1:
		return list(out, all)
	case args[0] == "blank" && len(args) == 1:
		return blank(out, all)
	case args[0] == "show" && len(args) == 2:
		return withCase(all, args[1], func(c kase) error { return show(out, c) })
	case args[0] == "solve" && len(args) == 2:
		return withCase(all, args[1], func(c kase) error { return solve(out, c) })
	case args[0] == "answer" && len(args) == 2:
		f, err := os.Open(args[1])
		if err != nil {
			return err
		}
		defer f.Close()
		return mark(out, all, f)
	}
	return fmt.Errorf("usage: training [list | blank | show CASE | solve CASE | answer FILE]")
}
