package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/sublot/sublot/codes/label"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/calibre"
)

type markCmd struct {
	Key            string   `placeholder:"FILE" help:"Private key that signs. Not needed for symbols that carry no signature."`
	PassphraseFile string   `placeholder:"FILE" help:"Read the passphrase from the first line of a file instead of the terminal."`
	Item           []string `required:"" sep:"none" placeholder:"SPAN" help:"Packages to mark, such as XCW/XCW24C001-012/001/0001..0400. May be given several times, for one lot."`
	Level          string   `required:"" placeholder:"LEVEL" help:"What they are: lot, sublot, pallet, case, crate, tin, box, carton, item."`
	Calibre        string   `required:"" placeholder:"NAME" help:"Cartridge, such as 9x19 or .308 Win."`
	Made           string   `required:"" placeholder:"MONTH" help:"Month of manufacture, such as 2024-03."`
	Rounds         int64    `required:"" placeholder:"N" help:"Rounds in each package."`
	Type           string   `placeholder:"TEXT" help:"Type, such as ball or tracer."`
	Hazard         string   `placeholder:"CODE" help:"Hazard division and compatibility group, such as 1.4S."`
	NSN            string   `name:"nsn" placeholder:"NUMBER" help:"NATO Stock Number."`
	National       []string `sep:"none" placeholder:"STATE:NAME=VALUE" help:"What a state asks for beside, such as XB:unit=POL-3. May be given several times."`

	Symbology string  `default:"datamatrix" enum:"datamatrix,dmre,qr,aztec,code128,gs1-128" help:"datamatrix, dmre (rectangles), qr, aztec, code128 or gs1-128."`
	Syntax    string  `placeholder:"SYNTAX" help:"How the symbol says it: frame, text, gs1, link, iso15434 (format 06), iso15434-05, iso15434-12 or identity. Default: frame; text in qr, identity in code128, gs1 in gs1-128."`
	GTIN      string  `name:"gtin" placeholder:"NUMBER" help:"GTIN of the product, which gs1, link and iso15434-05 need."`
	LinkBase  string  `default:"https://id.gs1.org" placeholder:"URL" help:"What a link begins with."`
	Size      string  `placeholder:"RxC" help:"Rows and columns of the symbol, such as 24x64, or rows alone. Default: the smallest that fits."`
	Module    float64 `placeholder:"MM" help:"Module of the symbol in millimetres, rounded to dots. Default: the template's, or the largest that fits."`
	DPI       int     `name:"dpi" placeholder:"N" help:"Dots to the inch of the printer. Default: the template's."`
	Bare      bool    `help:"Draw the symbols alone, for marks on the goods themselves, instead of labels."`
	Template  string  `placeholder:"FILE" help:"Template of the label. Default: one of 100 by 60 mm; see --print-template."`

	Format []string `default:"svg" placeholder:"LIST" help:"Forms of each label: svg, png, zpl, pdf, or several with commas."`
	Sheet  bool     `help:"Write all labels on pages of A4 too, as sheet.pdf."`
	Out    string   `required:"" placeholder:"DIR" help:"Folder of the labels and of records.jsonl."`
	DryRun bool     `help:"Sign and lay out everything, write nothing, and say what would be written."`

	Register    string `placeholder:"FILE" help:"Draw register pointers for item marks instead of frames, by the key that sublot key register made."`
	FirstNumber uint64 `placeholder:"N" help:"Number of the register for the first item; the next ones follow. Each number stands for one item for ever."`

	LotRounds int64  `placeholder:"N" help:"Rounds in the whole lot, where more is made than is marked here."`
	Source    string `placeholder:"ID" help:"Party that asserts the records. Default: the maker."`
	Packed    string `placeholder:"DATE" help:"Day of packing. Default: today."`

	PrintTemplate printTemplate `help:"Print the default template, to begin another with, and end."`
}

func (markCmd) Help() string {
	return `Signs and draws one label for each package, named after it, and writes the lot and
pack records of what was marked as records.jsonl, which sublot import takes. Files
are never overwritten.

A symbol of Data Matrix, QR or Aztec carries the signed frame. Code 128 carries the
identity with its check characters, or GS1 element strings, which are not signed.

Examples:

    sublot mark --key line.key --item 'XCW/XCW24C001-012/001/0001..0400' --level crate \
        --calibre 9x19 --made 2024-03 --rounds 1000 --format svg,png,zpl --out labels
    sublot mark --key line.key --item XCW/XCW24C001-012/001 --level sublot --calibre 9x19 \
        --made 2024-03 --rounds 400000 --symbology dmre --size 24x64 --out case-marks
    sublot mark --register xcw-register.json --first-number 1 --level item --calibre 40x46 \
        --item 'XCW/XCW24C001-012/001/0042/001..144' --made 2024-03 --rounds 1 --size 14 --out items
    sublot mark --print-template > our-label.json`
}

// printTemplate is an option that prints and ends, whatever else is given.
type printTemplate bool

func (printTemplate) BeforeReset(app *kong.Kong) error {
	fmt.Fprintf(app.Stdout, "%s\n", label.Default().JSON())
	app.Exit(exitDone)
	return nil
}

func (c *markCmd) Run(s *session) error {
	job, err := c.job(s)
	if err != nil {
		return err
	}
	return job.run(s)
}

// A markJob is the command line of mark, read and checked.
type markJob struct {
	*markCmd
	spans   []marking.Span
	lot     marking.ID
	mark    marking.Mark // of every package, but for the item
	units   int64
	formats []string
	drawer  *drawer
	records []byte
}

// maxLabels bounds a run: each label is a file and more.
const maxLabels = 1_000_000

func (c *markCmd) job(s *session) (*markJob, error) {
	j := &markJob{markCmd: c}
	if err := j.readItems(); err != nil {
		return nil, err
	}
	if err := j.readMark(); err != nil {
		return nil, err
	}
	if err := j.readFormats(); err != nil {
		return nil, err
	}
	var err error
	if j.drawer, err = c.newDrawer(); err != nil {
		return nil, err
	}
	if j.records, err = j.makeRecords(s); err != nil {
		return nil, err
	}
	if !c.DryRun {
		if _, err := os.Lstat(j.recordsFile()); err == nil {
			return nil, hinted(fmt.Errorf("%s exists", j.recordsFile()), "labels are never overwritten: name another folder with --out")
		}
	}
	if err = j.drawer.loadKey(s); err != nil {
		return nil, err
	}
	m := j.mark
	m.Item = j.spans[0].First()
	return j, j.drawer.tryKey(m)
}

func (j *markJob) readItems() error {
	for _, text := range j.Item {
		span, err := marking.ParseSpan(text)
		if err != nil {
			return err
		}
		lot := span.First().Lot()
		if j.lot.IsZero() {
			j.lot = lot
		}
		if lot != j.lot {
			return hinted(fmt.Errorf("%s and %s are two lots", j.lot, lot), "mark one lot at a time, each into a folder of its own")
		}
		for _, other := range j.spans {
			if other.Holds(span.First()) || span.Holds(other.First()) {
				return hinted(fmt.Errorf("%s and %s overlap", other, span), "give each package once")
			}
		}
		j.spans = append(j.spans, span)
		if j.units += span.Count(); j.units > maxLabels || span.Count() > maxLabels {
			return hinted(fmt.Errorf("%s labels, wanted %s at most", grouped(j.units), grouped(maxLabels)), "mark a part of them at a time; a program that labels more uses the library, see examples/packline")
		}
	}
	return nil
}

func (j *markJob) readMark() error {
	level, err := marking.ParseLevel(j.Level)
	if err != nil {
		return err
	}
	if (level == marking.Lot) != (j.spans[0].First() == j.lot) {
		return hinted(fmt.Errorf("%s is not a %s", j.spans[0], level), "MAKER/LOT is a lot; what stands below it is a sublot, pallet, case, crate, tin, box, carton or item")
	}
	name, err := calibreOf(j.Calibre)
	if err != nil {
		return err
	}
	made, err := marking.ParseMonth(j.Made)
	if err != nil {
		return hinted(err, "give the month as 2024-03")
	}
	if j.Rounds < 1 {
		return hinted(fmt.Errorf("%d rounds in each package", j.Rounds), "give --rounds as a number above zero")
	}
	j.mark = marking.Mark{Level: level, Calibre: name, Made: made, Rounds: j.Rounds, Type: j.Type, NSN: strings.ReplaceAll(j.NSN, "-", "")}
	for _, text := range j.National {
		n, err := marking.ParseNational(text)
		if err != nil {
			return hinted(err, "give it as XB:unit=POL-3: two capitals, a name in lower case, a value")
		}
		j.mark.National = append(j.mark.National, n)
	}
	// What a frame would refuse is refused before anything is written.
	m := j.mark
	m.Item = j.spans[0].First()
	_, err = marking.Unsigned(m)
	return err
}

// calibreOf returns the dictionary's name of a calibre, or the text as it is where
// the dictionary has none.
func calibreOf(text string) (string, error) {
	switch m := calibre.Lookup(text); m.Kind {
	case calibre.Exact:
		return m.Cartridges[0].ID, nil
	case calibre.Set:
		var names []string
		for i, c := range m.Cartridges {
			if i == 8 {
				names = append(names, "…")
				break
			}
			names = append(names, c.ID)
		}
		return "", hinted(fmt.Errorf("calibre %q may be several", text), "say which: "+strings.Join(names, ", "))
	}
	return text, nil
}

func (j *markJob) readFormats() error {
	seen := map[string]bool{}
	for _, f := range j.Format {
		f = strings.ToLower(strings.TrimSpace(f))
		switch f {
		case "svg", "png", "zpl", "pdf":
		default:
			return hinted(fmt.Errorf("format %q", f), "the formats are svg, png, zpl and pdf")
		}
		if !seen[f] {
			seen[f] = true
			j.formats = append(j.formats, f)
		}
	}
	if j.bare() && (j.Sheet || seen["pdf"] || j.Template != "") {
		return hinted(errors.New("symbols alone are no labels"), "leave out --sheet, --template and pdf: bare symbols are svg, png or zpl")
	}
	if j.Sheet && j.units > maxSheet {
		return hinted(fmt.Errorf("%s labels on one sheet, wanted %s at most", grouped(j.units), grouped(maxSheet)), "mark a part of them at a time, or leave out --sheet")
	}
	return nil
}

// bare says whether symbols are drawn alone: pointers always are.
func (c *markCmd) bare() bool { return c.Bare || c.Register != "" }

// maxSheet bounds what is held in memory until a sheet is drawn.
const maxSheet = 20_000

func (j *markJob) recordsFile() string { return filepath.Join(j.Out, "records.jsonl") }

// run draws all labels. Records come last: where they are, all labels are.
func (j *markJob) run(s *session) (err error) {
	var written []string
	defer func() {
		if err != nil {
			for _, name := range written { // half a run is worse than none
				os.Remove(name)
			}
		}
	}()
	write := func(name string, b []byte) error {
		if j.DryRun {
			return nil
		}
		if len(written) == 0 {
			if err := os.MkdirAll(j.Out, 0o755); err != nil {
				return err
			}
		}
		if err := writeLabel(name, b); err != nil {
			if errors.Is(err, os.ErrExist) {
				return hinted(fmt.Errorf("%s exists", name), "labels are never overwritten: name another folder with --out")
			}
			return err
		}
		written = append(written, name)
		return nil
	}
	p := s.progress()
	defer p.done()
	var labels []*label.Label
	var b []byte
	done := int64(0)
	for _, span := range j.spans {
		for id := range span.All() {
			if err := s.Err(); err != nil {
				return err
			}
			m := j.mark
			m.Item = id
			l, err := j.drawer.draw(m)
			if err != nil {
				return err
			}
			for _, format := range j.formats {
				if b, err = j.drawer.append(b[:0], l, format); err != nil {
					return err
				}
				if err := write(filepath.Join(j.Out, fileName(id)+"."+format), b); err != nil {
					return err
				}
			}
			if j.Sheet {
				labels = append(labels, l)
			}
			done++
			p.show("%s of %s labels", grouped(done), grouped(j.units))
		}
	}
	if j.Sheet {
		sheet, err := sheetFor(labels[0]).AppendPDF(nil, labels)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(j.Out, "sheet.pdf"), sheet); err != nil {
			return err
		}
	}
	if err := write(j.recordsFile(), j.records); err != nil {
		return err
	}
	p.done()
	return j.tell(s)
}

// sheetFor is A4, upright or across: the one that holds more labels.
func sheetFor(l *label.Label) label.Sheet {
	const long, short, margin, gap = 297.0, 210.0, 10.0, 3.0
	w, h := l.SizeMM()
	fit := func(room, size float64) int { return int((room - 2*margin + gap) / (size + gap)) }
	s := label.Sheet{WidthMM: short, HeightMM: long, MarginMM: margin, GapMM: gap}
	if fit(long, w)*fit(short, h) > fit(short, w)*fit(long, h) {
		s.WidthMM, s.HeightMM = long, short
	}
	return s
}

// writeLabel writes a file that must not exist yet. A lost label is printed
// again, so that nothing waits for the disk.
func writeLabel(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

// fileName is the name of a package as a file name, one for each package, on
// every system.
func fileName(id marking.ID) string {
	return strings.NewReplacer("_", "__", "/", "_", ":", "~", " ", "~~").Replace(id.String())
}

// markReport is what mark says in JSON.
type markReport struct {
	Labels     int64   `json:"labels"`
	Out        string  `json:"out"`
	Records    string  `json:"records"`
	DryRun     bool    `json:"dry_run,omitempty"`
	Symbology  string  `json:"symbology"`
	Syntax     string  `json:"syntax"`
	Rows       int     `json:"rows"`
	Cols       int     `json:"cols"`
	Bytes      int     `json:"bytes"` // in the symbol
	Signed     bool    `json:"signed"`
	ModuleDots int     `json:"module_dots"`
	ModuleMM   float64 `json:"module_mm"`
	WidthMM    float64 `json:"width_mm"` // of the label
	HeightMM   float64 `json:"height_mm"`
	LotRounds  int64   `json:"lot_rounds"`
}

func (j *markJob) tell(s *session) error {
	d := j.drawer
	r := markReport{
		Labels: j.units, Out: j.Out, Records: j.recordsFile(), DryRun: j.DryRun,
		Symbology: j.Symbology, Syntax: d.syntax, Rows: d.symbol.Height(), Cols: d.symbol.Width(), Bytes: d.bytes, Signed: d.signed(),
		ModuleDots: d.dots, ModuleMM: round(d.moduleDrawn(), 4), LotRounds: j.lotRounds(),
	}
	r.WidthMM, r.HeightMM = d.sizeMM()
	r.WidthMM, r.HeightMM = round(r.WidthMM, 2), round(r.HeightMM, 2)
	if s.json {
		return s.writeJSON(r)
	}
	verb := "written to"
	if j.DryRun {
		verb = "would be written to"
	}
	noun := "label"
	if j.bare() {
		noun = "symbol"
	}
	fmt.Fprintf(s.out, "%s of %g by %g mm %s %s\n", plural(r.Labels, noun), round(r.WidthMM, 1), round(r.HeightMM, 1), verb, r.Out)
	signed := "signed"
	switch {
	case j.Register != "":
		signed = fmt.Sprintf("numbers %d to %d of register %04d", j.FirstNumber, j.FirstNumber+uint64(j.units)-1, d.register.Register())
	case !r.Signed:
		signed = "not signed"
	}
	fmt.Fprintf(s.out, "symbol: %s %dx%d, %s, %d bytes of %s, module %.3f mm (%d dots at %d to the inch)\n",
		r.Symbology, r.Rows, r.Cols, signed, r.Bytes, r.Syntax, r.ModuleMM, r.ModuleDots, d.dpi())
	fmt.Fprintf(s.out, "records: %s, for sublot import\n", r.Records)
	if j.LotRounds == 0 && j.mark.Level != marking.Lot {
		fmt.Fprintf(s.err, "note: the records say that lot %s holds the %s rounds marked here; give --lot-rounds N where it holds more\n", j.lot, grouped(r.LotRounds))
	}
	return nil
}
