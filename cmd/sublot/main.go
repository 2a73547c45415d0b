package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/sublot/sublot/trace"
)

// Exit codes.
const (
	exitDone = 0
	exitNo   = 1 // the answer is no
	exitBad  = 2 // usage or bad input
)

// commands is the command line: what kong reads it by.
type commands struct {
	Store   string           `env:"SUBLOT_STORE" default:"./sublot-data" placeholder:"DIR" help:"Folder of the ledger."`
	JSON    bool             `name:"json" help:"Write JSON for machines."`
	Version kong.VersionFlag `help:"Print the version."`

	Demo         demoCmd         `cmd:"" help:"Tell the whole story, from a packaging line to a finding."`
	Key          keyCmd          `cmd:"" help:"Make and show signing keys."`
	Trust        trustCmd        `cmd:"" help:"Say whose keys are believed."`
	Mark         markCmd         `cmd:"" help:"Sign and draw labels."`
	Scan         scanCmd         `cmd:"" help:"Find and read the marks in pictures."`
	Import       importCmd       `cmd:"" help:"Take records into the ledger."`
	Trace        traceCmd        `cmd:"" help:"Name the lawful end user of ammunition."`
	Where        whereCmd        `cmd:"" help:"Say where each part of a lot is."`
	Receive      receiveCmd      `cmd:"" help:"Hold what arrived against the papers, and draft the delivery."`
	Check        checkCmd        `cmd:"" help:"Audit the ledger, or a transfer before it is made."`
	Seizure      seizureCmd      `cmd:"" help:"Draft, check, group and order seizures."`
	Form         formCmd         `cmd:"" help:"Print the paper form of a record."`
	History      historyCmd      `cmd:"" help:"Tell what the records say of a party, day by day."`
	Dossier      dossierCmd      `cmd:"" help:"Tell what an assessor needs to know of a party."`
	Sign         signCmd         `cmd:"" help:"Sign records as their source."`
	Head         headCmd         `cmd:"" help:"Print the head of the log, or sign it for others."`
	Proof        proofCmd        `cmd:"" help:"Prove that a record stands in the log, or that the log grew."`
	Witness      witnessCmd      `cmd:"" help:"Cosign the head of somebody else's log."`
	Verify       verifyCmd       `cmd:"" help:"Re-read every record against log, signatures and indexes."`
	VerifyBundle verifyBundleCmd `cmd:"" help:"Check a bundle of evidence without the ledger."`
	Backup       backupCmd       `cmd:"" help:"Copy the ledger while it is in use."`
	Restore      restoreCmd      `cmd:"" help:"Make a ledger out of a copy, verified."`
	Victims      victimsCmd      `cmd:"" help:"Keep victims of incidents apart, and count them safely."`
	Export       exportCmd       `cmd:"" help:"Write every record, in the order of the log."`
	Bench        benchCmd        `cmd:"" help:"Make a large ledger and measure what it costs on this machine."`
	Completion   completionCmd   `cmd:"" help:"Print the completion script of a shell."`
}

// A session is what a command works with: everything that comes from outside.
type session struct {
	context.Context
	store string
	json  bool
	in    *os.File
	out   io.Writer
	err   *os.File
	today trace.Day
}

// memoryLimit is the memory, beside the cache of the database, near which the collector
// works harder rather than let the process take more. GOMEMLIMIT says another limit.
const memoryLimit = 900 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(&session{Context: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, today: trace.DayOf(time.Now())}, os.Args[1:])
	stop()
	os.Exit(code)
}

// errNo ends a command whose answer is no, after it has said so.
var errNo = errors.New("the answer is no")

func run(s *session, args []string) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("sublot"),
		kong.Description("Marks and traces conventional ammunition."),
		kong.Vars{"version": version()},
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exited = code; panic(helpShown{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
	)
	if err != nil {
		panic(err) // the grammar is wrong, which any test shows
	}
	command, err := parse(parser, args)
	switch {
	case exited >= 0:
		return exited
	case err != nil:
		return s.fail(&usageError{err})
	}
	s.store, s.json = c.Store, c.JSON
	switch err := command.Run(s); {
	case errors.Is(err, errNo):
		return exitNo
	case err != nil:
		return s.fail(err)
	}
	return exitDone
}

// helpShown unwinds kong after it has printed help or the version.
type helpShown struct{}

func parse(parser *kong.Kong, args []string) (ctx *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helpShown); !ok {
				panic(r)
			}
		}
	}()
	return parser.Parse(args)
}

// A usageError is a command line that cannot be read.
type usageError struct{ error }

// Hint names the help to read.
func (e *usageError) Hint() string {
	command := ""
	if parsing, ok := errors.AsType[*kong.ParseError](e.error); ok {
		for _, p := range parsing.Context.Path {
			if p.Command != nil {
				command += " " + p.Command.Name
			}
		}
	}
	return "see sublot" + command + " --help"
}

func (e *usageError) Unwrap() error { return e.error }

// fail tells a person what went wrong and what to do.
func (s *session) fail(err error) int {
	fmt.Fprintln(s.err, "sublot:", message(err))
	fmt.Fprintln(s.err, "hint:", hint(err))
	return exitBad
}

// writeJSON writes v as one line for machines, or indented for a person who
// reads JSON on a terminal. Control characters beyond ASCII are escaped too: some
// readers take U+0085 for the end of a line, some terminals U+009B for a command.
func (s *session) writeJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if isTerminal(s.out) {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := s.out.Write(controls.ReplaceAllFunc(b.Bytes(), func(c []byte) []byte {
		r, _ := utf8.DecodeRune(c)
		return fmt.Appendf(nil, `\u%04x`, r)
	}))
	return err
}

var controls = regexp.MustCompile(`[\x{7f}-\x{9f}]`)

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return "sublot " + b.Main.Version
	}
	return "sublot (devel)"
}
