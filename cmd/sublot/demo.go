package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/trace"
)

type demoCmd struct {
	Seed uint64 `placeholder:"N" help:"Tell the story of that seed: other numbers, another photograph. Default: 1." default:"1"`
	Dir  string `arg:"" optional:"" name:"dir" help:"Folder for all that the demo makes; must be new or empty. Default: ./sublot-demo, or the next one free."`
}

func (demoCmd) Help() string {
	return `Tells the whole story, from the packaging line to the finding, with no server and no
configuration: a maker signs labels for three sub-lots of one lot; each is sold to
somebody else; some crates are stolen from a depot; customs photograph the label of
one of them, and sublot names the lawful end user. All of it is invented.

Examples:

    sublot demo
    sublot demo --seed 7 /tmp/story`
}

func (c *demoCmd) Run(s *session) error {
	dir, err := c.folder()
	if err != nil {
		return err
	}
	d := &demo{session: s, story: newStory(c.Seed), seed: c.Seed, dir: dir}
	// Each step is what its command does; what the commands print is left out.
	d.quiet = *s
	d.quiet.out, d.quiet.json, d.quiet.store, d.quiet.today = io.Discard, false, d.path("ledger"), d.story.today()
	for _, step := range []func() error{d.makeKey, d.markLot, d.fillLedger, d.photograph, d.answer} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// folder makes the folder of the demo.
func (c *demoCmd) folder() (string, error) {
	if c.Dir != "" {
		entries, err := os.ReadDir(c.Dir)
		if err == nil && len(entries) > 0 {
			return "", hinted(fmt.Errorf("%s is not empty", c.Dir), "name a new folder: nothing is overwritten")
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return c.Dir, os.MkdirAll(c.Dir, 0o755)
	}
	for n := 1; ; n++ {
		dir := "sublot-demo"
		if n > 1 {
			dir = fmt.Sprintf("sublot-demo-%d", n)
		}
		err := os.Mkdir(dir, 0o755)
		if !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
	}
}

// A demo is the story being told.
type demo struct {
	*session
	quiet session // in which commands run that print nothing
	story story
	seed  uint64
	dir   string
	photo string
}

func (d *demo) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

// tell says what happens, where a person reads.
func (d *demo) tell(format string, args ...any) {
	if !d.json {
		fmt.Fprintf(d.out, format+"\n", args...)
	}
}

const demoPassphrase = "only for the demo"

func (d *demo) makeKey() error {
	if err := writeNew(d.path("passphrase.txt"), []byte(demoPassphrase+"\n"), 0o600); err != nil {
		return err
	}
	var record bytes.Buffer
	key := d.quiet
	key.out = &record
	devNull, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer devNull.Close()
	key.err = devNull
	c := keyNewCmd{keyOwner: keyOwner{Maker: "XCW"}, Out: d.path("line.key"), PassphraseFile: d.path("passphrase.txt")}
	if err := c.Run(&key); err != nil {
		return err
	}
	d.tell("1. The maker XCW makes a signing key: %s", c.Out)
	d.tell("   The ledger's owner decides to believe it.")
	if _, _, err := d.quiet.addTrust(c.Out+".json", record.Bytes()); err != nil {
		return err
	}
	return nil
}

func (d *demo) markLot() error {
	st := d.story
	c := markCmd{
		Key: d.path("line.key"), PassphraseFile: d.path("passphrase.txt"), Level: "crate", Calibre: st.calibre, Made: "2024-03", Rounds: crateRounds,
		Type: "ball", Hazard: "1.4S", Symbology: "datamatrix", Format: []string{"svg", "png", "zpl"}, Out: d.path("labels"), Packed: "2024-03-15",
		LotRounds: st.rounds(),
	}
	for i := range st.crates {
		c.Item = append(c.Item, st.packed(i).String())
	}
	if err := c.Run(&d.quiet); err != nil {
		return err
	}
	d.tell("2. Its line packs lot %s, %s rounds in three sub-lots, and puts a signed label on every crate: %s",
		st.lot, grouped(st.rounds()), d.path("labels"))
	return nil
}

func (d *demo) fillLedger() error {
	records, err := d.story.records()
	if err != nil {
		return err
	}
	var papers []byte
	for _, r := range records {
		papers = append(append(papers, r.Canonical...), '\n')
	}
	if err := writeNew(d.path("papers.jsonl"), papers, 0o644); err != nil {
		return err
	}
	c := importCmd{Files: []string{d.path("labels", "records.jsonl"), d.path("papers.jsonl")}}
	if err := c.Run(&d.quiet); err != nil {
		return err
	}
	d.tell("3. The state's ledger takes the maker's records, the licences, transfers and deliveries, and what depots say: %s", d.quiet.store)
	return nil
}

// photograph takes the picture that customs would: the label turned, tilted,
// unevenly lit, a little blurred and noisy.
func (d *demo) photograph() error {
	b, err := os.ReadFile(d.path("labels", fileName(d.story.found)+".png"))
	if err != nil {
		return err
	}
	drawing, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return err
	}
	picture := degrade.Photograph(drawing, demoModuleDots, degrade.Photo(d.seed))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 85}); err != nil {
		return err
	}
	d.photo = d.path("photo.jpg")
	if err := writeNew(d.photo, out.Bytes(), 0o644); err != nil {
		return err
	}
	size := image.Point(picture.Bounds().Size())
	d.tell("4. A crate turns up at a border post of state XD. Customs photograph its label (%d x %d pixels): %s", size.X, size.Y, d.photo)
	return nil
}

// demoModuleDots is the module of the demo's labels in dots of the drawing.
const demoModuleDots = 8

func (d *demo) answer() error {
	trust, err := d.quiet.ledgerTrust()
	if err != nil {
		return err
	}
	// A loaded machine may take longer than the second that a person should wait.
	limits := scanLimits{scan: codes.ScanConfig{MaxTime: 20 * time.Second}}
	found, err := d.quiet.scanFile(d.photo, trust, limits)
	if err != nil {
		return err
	}
	for _, m := range found.Marks {
		d.tell("5. The mark is read: %s, signature %s (%s)", m.Item, m.Signature, m.Grade)
	}
	q := trace.Query{Recovered: d.story.today(), KnownOn: trace.NoDay, Quantity: crateRounds, AsOf: -1, Today: d.story.today()}
	if err := (&traceCmd{}).fromMarks(&d.quiet, &q, found); err != nil {
		return err
	}
	ledger, err := d.quiet.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	f, err := trace.Resolve(d, ledger, q)
	if err != nil {
		return err
	}
	d.tell("6. The records are asked:\n")
	if err := d.tellFinding(f, "en", false); err != nil {
		return err
	}
	if f.EndUser == nil {
		return fmt.Errorf("the demo of seed %d ended with %s instead of a name: please report it", d.seed, f.Outcome)
	}
	d.tell("\nEverything lies in %s. To go on by hand, open a label from there, or run", d.dir)
	for _, command := range []string{
		"sublot scan --trust %[1]s/ledger/trust.jsonl %[1]s/photo.jpg",
		"sublot trace --store %[1]s/ledger --image %[1]s/photo.jpg --recovered 2025-02-10 --explain",
		"sublot trace --store %[1]s/ledger %[2]s --recovered 2025-02-10",
		"sublot where --store %[1]s/ledger %[2]s",
		"sublot check --store %[1]s/ledger",
	} {
		d.tell("    "+command, d.dir, d.story.lot)
	}
	d.tell("(without a sublot on the path: go run ./cmd/sublot instead of sublot)")
	return nil
}
