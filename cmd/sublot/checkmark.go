package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/carrier"
	"github.com/sublot/sublot/marking/profile"
)

type checkMarkCmd struct {
	Profile   string        `placeholder:"NAME" help:"What is asked: a profile that is built in (--list), or a file with one."`
	List      bool          `help:"List the profiles that are built in."`
	TimeLimit time.Duration `default:"5s" placeholder:"TIME" help:"Longest search in one picture."`
	Marks     []string      `arg:"" optional:"" name:"image-or-text" help:"Pictures of marks, or what a mark says: SL1: text, element strings, an identity."`
}

func (checkMarkCmd) Help() string {
	return `Says which elements that a law or a buyer asks for a mark does not state. It looks at
what the mark says, not at who signed it: see sublot scan. Exit 1 when an element is
missing, or a picture has no mark.

A profile of one's own is a file such as

    {"name": "xb-2024", "title": "State XB, order 7/2024", "elements": ["maker", "calibre", "lot", "national:XB:unit"]}

Examples:

    sublot check mark --list
    sublot check mark --profile 11.b.i labels/*.png
    sublot check mark --profile eu-package '(01)09520123456788(10)XCW24C001-012(90)SL:XCW'`
}

func (c *checkMarkCmd) Run(s *session) error {
	if c.List {
		return c.list(s)
	}
	switch {
	case c.Profile == "":
		return hinted(errors.New("which profile?"), "give --profile NAME; sublot check mark --list shows those there are")
	case len(c.Marks) == 0:
		return hinted(errors.New("no mark to check"), "name a picture, or give what the mark says")
	}
	p, err := readProfile(c.Profile)
	if err != nil {
		return err
	}
	no := false
	for _, name := range c.Marks {
		marks, err := c.marks(s, name)
		if err != nil {
			return err
		}
		if len(marks) == 0 {
			no = true
			if err := s.tellChecked(checkedMark{From: name, Profile: p.Name, Missing: p.Elements, Says: "no mark of ammunition could be read"}); err != nil {
				return err
			}
		}
		for _, m := range marks {
			missing := p.Missing(m)
			no = no || len(missing) > 0
			if missing == nil {
				missing = []string{}
			}
			if err := s.tellChecked(checkedMark{From: name, Item: m.Item.String(), Profile: p.Name, Pass: len(missing) == 0, Missing: missing, title: p.Title}); err != nil {
				return err
			}
		}
	}
	if no {
		return errNo
	}
	return nil
}

// checkedMark is what check mark says of one mark in JSON.
type checkedMark struct {
	From    string   `json:"from"`
	Item    string   `json:"item,omitempty"`
	Profile string   `json:"profile"`
	Pass    bool     `json:"pass"`
	Missing []string `json:"missing"`
	Says    string   `json:"says,omitempty"`

	title string
}

func (s *session) tellChecked(m checkedMark) error {
	if s.json {
		return s.writeJSON(m)
	}
	switch {
	case m.Says != "":
		fmt.Fprintf(s.out, "%s: %s\n", m.From, m.Says)
	case m.Pass:
		fmt.Fprintf(s.out, "%s: pass, states what %s asks (%s)\n", m.Item, m.Profile, m.title)
	default:
		fmt.Fprintf(s.out, "%s: lacks %s of what %s asks (%s)\n", m.Item, strings.Join(m.Missing, ", "), m.Profile, m.title)
	}
	return nil
}

func (c *checkMarkCmd) list(s *session) error {
	for _, p := range profile.All() {
		if s.json {
			if err := s.writeJSON(p); err != nil {
				return err
			}
			continue
		}
		verified := ""
		if !p.Verified {
			verified = "; not compared with its source"
		}
		fmt.Fprintf(s.out, "%-11s %s\n            asks: %s%s\n", p.Name, p.Title, strings.Join(p.Elements, ", "), verified)
	}
	return nil
}

// readProfile finds a profile by its name or, where none has it, in a file.
func readProfile(name string) (profile.Profile, error) {
	p, err := profile.ByName(name)
	if err == nil {
		return p, nil
	}
	f, ferr := os.Open(name)
	if errors.Is(ferr, fs.ErrNotExist) {
		return p, hinted(err, "sublot check mark --list shows what each asks; sublot check mark --help has the form of a file")
	} else if ferr != nil {
		return p, ferr
	}
	defer f.Close()
	if p, err = profile.Parse(f); err != nil {
		return p, hinted(fmt.Errorf("%s: %s", name, message(err)), "sublot check mark --help has the form of a profile")
	}
	return p, nil
}

// marks returns the marks of a picture, or the one that a text is.
func (c *checkMarkCmd) marks(s *session, name string) ([]marking.Mark, error) {
	if _, err := os.Stat(name); err != nil && name != "-" {
		content, perr := carrier.Parse([]byte(name))
		if perr == nil && content.Syntax != carrier.Pointer {
			return []marking.Mark{content.Mark}, nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s is neither a picture that is here nor what a mark says", shortly(name))
			return nil, hinted(err, "check the path; or give the text as the symbol has it, such as SL1:… or XCW/XCW24C001-012/001/0042")
		}
		return nil, err
	}
	trust, err := marking.NewTrust()
	if err != nil {
		return nil, err
	}
	found, err := s.scanFile(name, trust, scanLimits{scan: codes.ScanConfig{MaxTime: c.TimeLimit}})
	if err != nil {
		return nil, err
	}
	var marks []marking.Mark
	for _, m := range found.Marks {
		if m.Item != "" {
			marks = append(marks, m.mark)
		}
	}
	return marks, nil
}
