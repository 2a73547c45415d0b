package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/marking"
)

type scanCmd struct {
	Trust     string        `placeholder:"FILE" help:"Whom to believe: key records, one a line. Without it the marks are claims."`
	TimeLimit time.Duration `default:"1s" placeholder:"TIME" help:"Longest search in one picture."`
	MaxPixels int           `default:"64000000" placeholder:"N" help:"Largest picture that is read, width times height."`
	Symbology []string      `placeholder:"KIND" help:"Look for these alone, which is faster: datamatrix, qr, aztec, code128, pdf417."`
	Images    []string      `arg:"" name:"image" help:"Pictures: PNG, JPEG, GIF, BMP, TIFF, WebP; - reads standard input."`
}

func (scanCmd) Help() string {
	return `Prints for each mark the identity, what else it says, whether the signature holds,
and where in the picture it is. Symbols that are not ours are listed too.

Exit 1 when a picture has no mark, or a mark is invalid, or, with --trust, not
valid. Exit 2 when a picture cannot be read; the others are read all the same.

Examples:

    sublot scan --trust xcw-key.jsonl crate.jpg
    sublot scan --json photos/*.jpg > marks.jsonl`
}

func (c *scanCmd) Run(s *session) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	trust, err := marking.NewTrust() // nobody: every signed mark is of an unknown key
	if err == nil && c.Trust != "" {
		trust, err = readTrust(c.Trust)
	}
	if err != nil {
		return err
	}
	p := s.progress()
	defer p.done()
	bad, no := 0, false
	var first error
	for i, name := range c.Images {
		if err := s.Err(); err != nil {
			return err
		}
		p.show("reading picture %s of %s", grouped(i+1), grouped(len(c.Images)))
		found, err := s.scanFile(name, trust, cfg)
		if err != nil {
			if bad++; bad == 1 {
				first = err
			}
			found = scanned{Image: name, Marks: []scannedMark{}, Error: message(err), Hint: hint(err)}
		}
		no = no || found.no(c.Trust != "")
		p.done()
		switch {
		case s.json:
			err = s.writeJSON(found)
		case found.Error == "":
			err = found.tell(s, c.Trust != "")
		case len(c.Images) > 1:
			fmt.Fprintf(s.err, "%s\nhint: %s\n", found.Error, found.Hint)
			err = nil
		default:
			err = nil
		}
		if err != nil {
			return err
		}
	}
	switch {
	case bad == 1:
		return first
	case bad > 1:
		return hinted(fmt.Errorf("%s of %s could not be read", plural(int64(bad), "picture"), grouped(len(c.Images))), "see above what is wrong with each")
	case no:
		return errNo
	}
	return nil
}

// config checks the limits.
func (c *scanCmd) config() (cfg scanLimits, err error) {
	if c.TimeLimit <= 0 || c.MaxPixels <= 0 {
		return cfg, hinted(errors.New("a limit of nothing"), "give --time-limit as 500ms or 2s, and --max-pixels as a number above zero")
	}
	cfg.scan.MaxTime, cfg.picture.MaxPixels = c.TimeLimit, c.MaxPixels
	for _, name := range c.Symbology {
		kind := codes.Symbology(strings.ToLower(name))
		switch kind {
		case codes.DataMatrix, codes.QR, codes.Aztec, codes.Code128, codes.PDF417:
		default:
			return cfg, hinted(fmt.Errorf("symbology %q is not read", name), "those that are: datamatrix, qr, aztec, code128, pdf417")
		}
		cfg.scan.Symbologies = append(cfg.scan.Symbologies, kind)
	}
	return cfg, nil
}

// no reports whether a picture answers no: no mark in it, or one that may not be
// believed.
func (r scanned) no(trusted bool) bool {
	ours := 0
	for _, m := range r.Marks {
		switch {
		case m.Signature == "":
			continue // not ours: it claims nothing that could be false
		case m.Signature == string(marking.StateInvalid), trusted && m.Signature != string(marking.StateValid):
			return true
		}
		ours++
	}
	return len(r.Marks) == 0 || trusted && ours == 0
}

// tell writes what was found for a person.
func (r scanned) tell(s *session, trusted bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s in %.0f ms (%.0f ms to read the file)\n", r.Image, plural(int64(len(r.Marks)), "mark"), r.MS, r.FileMS)
	for _, m := range r.Marks {
		m.tell(&b, trusted)
	}
	for _, seen := range r.Seen {
		fmt.Fprintf(&b, "  not read, at %s: %s\n", place(seen.Corners), seen.Says)
	}
	if r.TimedOut {
		fmt.Fprintf(&b, "  the time was up before everything had been tried: see --time-limit\n")
	}
	_, err := s.out.Write([]byte(b.String()))
	return err
}

func (m scannedMark) tell(b *strings.Builder, trusted bool) {
	if m.Item == "" && m.Signature == "" {
		fmt.Fprintf(b, "  %s, not a mark of ours: %s\n", m.Symbology, shortly(m.Text))
	} else {
		name := m.Item
		if name == "" {
			name = m.Text // of a pointer
		}
		fmt.Fprintf(b, "  %s\n", name)
		fmt.Fprintf(b, "    %s\n", m.verdict(trusted))
	}
	if says := m.says(); says != "" {
		fmt.Fprintf(b, "    %s\n", says)
	}
	for _, problem := range m.Problems {
		fmt.Fprintf(b, "    wrong in it: %s\n", problem)
	}
	fmt.Fprintf(b, "    %s, %s, at %s\n", m.size(), m.Grade, place(m.Corners))
}

// verdict says in one line what the signature is worth.
func (m scannedMark) verdict(trusted bool) string {
	maker, _, _ := strings.Cut(m.Item, "/")
	switch marking.State(m.Signature) {
	case marking.StateValid:
		return fmt.Sprintf("valid: signed by %s, key %s (%s)", maker, m.Key, m.KeyName)
	case marking.StateUnsigned:
		return "unsigned: anybody can have made this"
	case marking.StateUnknownKey:
		if !trusted {
			return fmt.Sprintf("unknown_key: what follows is claimed, not verified; it says that key %s of %s signed it (give --trust FILE to verify)", m.Key, maker)
		}
		return fmt.Sprintf("unknown_key: key %s is not among those trusted; what follows is claimed, not verified", m.Key)
	}
	return m.Signature + ": " + m.Reason
}

// says lists what the mark states, in the order in which people ask for it.
func (m scannedMark) says() string {
	var parts []string
	for _, f := range m.fields {
		switch f.name {
		case "level", "calibre", "type":
			parts = append(parts, f.value)
		case "made", "rounds":
			parts = append(parts, f.words)
		default:
			parts = append(parts, f.name+" "+f.value)
		}
	}
	return strings.Join(parts, ", ")
}

// size is the kind of symbol with its size.
func (m scannedMark) size() string {
	if m.Rows == 0 {
		return m.Symbology
	}
	return fmt.Sprintf("%s %dx%d", m.Symbology, m.Rows, m.Cols)
}

// place is where a symbol is: its four corners in pixels.
func place(corners [4][2]float64) string {
	var b strings.Builder
	for i, c := range corners {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "(%.0f,%.0f)", c[0], c[1])
	}
	return b.String()
}

// shortly quotes a text from outside: control characters cannot reach the
// terminal.
func shortly(text string) string {
	const most = 80
	runes := []rune(text)
	if len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", text)
}
