package main

import (
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/label"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/carrier"
	"github.com/sublot/sublot/marking/pointer"
)

// A drawer makes the labels of a run, one after the other.
type drawer struct {
	cmd      *markCmd
	key      ed25519.PrivateKey // nil where the symbol carries no signature
	register pointer.Key        // of pointers
	number   uint64             // of the register, the next one
	syntax   string
	encode   codes.EncodeConfig
	template *label.Template
	moduleMM float64 // asked for
	dots     int     // module drawn

	// Of the last label made.
	symbol *codes.Symbol
	bytes  int
	last   *label.Label // nil where symbols are drawn alone
}

// Syntaxes of the command line that a symbology may carry, the first one by default.
var syntaxesOf = map[string][]string{
	"datamatrix": {"frame", "text", "gs1", "link", "iso15434", "iso15434-05", "iso15434-12", "identity"},
	"dmre":       {"frame", "text", "gs1", "link", "iso15434", "iso15434-05", "iso15434-12", "identity"},
	"qr":         {"text", "frame", "gs1", "link", "iso15434", "iso15434-05", "iso15434-12", "identity"},
	"aztec":      {"frame", "text", "link", "iso15434", "iso15434-05", "iso15434-12", "identity"},
	"code128":    {"identity"},
	"gs1-128":    {"gs1"},
}

// signed says whether the symbols carry a signature.
func (d *drawer) signed() bool { return d.key != nil }

// minModuleMM is the smallest module that is chosen unasked: that of MIL-STD-130.
const minModuleMM = 0.19

func (c *markCmd) newDrawer() (*drawer, error) {
	d := &drawer{cmd: c, syntax: c.Syntax}
	may := syntaxesOf[c.Symbology]
	if c.Register != "" {
		return c.newPointerDrawer()
	}
	if c.FirstNumber != 0 {
		return nil, hinted(errors.New("--first-number without --register"), "give the key of the register, which sublot key register makes")
	}
	if d.syntax == "" {
		d.syntax = may[0]
	}
	if !slices.Contains(may, d.syntax) {
		return nil, hinted(fmt.Errorf("%s does not carry %q here", c.Symbology, d.syntax), "it carries "+strings.Join(may, ", "))
	}
	var err error
	if d.encode, err = c.encodeConfig(); err != nil {
		return nil, err
	}
	if !c.bare() {
		if d.template, err = c.template(); err != nil {
			return nil, err
		}
		d.moduleMM, d.dots = d.template.ModuleMM, dotsOf(d.template)
	}
	return d, nil
}

// loadKey loads the key that signs, once all else is found in order, so that
// nobody types a passphrase for nothing.
func (d *drawer) loadKey(s *session) (err error) {
	switch {
	case d.cmd.Key != "" && d.cmd.carriesFrame(d.syntax):
		d.key, err = s.loadKey(d.cmd.Key, d.cmd.PassphraseFile)
	case d.syntax == "frame" || d.syntax == "text":
		err = hinted(errors.New("no key to sign with"), "give --key FILE, which sublot key new makes; or --syntax identity for a mark that is not signed")
	}
	return err
}

// tryKey signs the first mark and reads it as those will who believe the key
// record beside the key: a thousand labels that are invalid are found out late.
func (d *drawer) tryKey(m marking.Mark) error {
	if d.key == nil {
		return nil
	}
	name := d.cmd.Key + ".json"
	b, err := readSmall(name, maxKeyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a key of ssh-keygen has none
	} else if err != nil {
		return err
	}
	trust, err := parseTrust(name, b)
	if err != nil {
		return err
	}
	frame, err := marking.Sign(m, d.key)
	if err != nil {
		return err
	}
	v, err := marking.Open(frame, trust)
	if err != nil || v.Signature == marking.StateValid {
		return err
	}
	return hinted(fmt.Errorf("nobody would believe these marks: by the key record %s, %s", name, v.Reason),
		"sign with a key of this maker that is in use; sublot key new makes one")
}

// newPointerDrawer draws register pointers.
func (c *markCmd) newPointerDrawer() (*drawer, error) {
	d := &drawer{cmd: c, syntax: "pointer", number: c.FirstNumber}
	switch {
	case c.Symbology != "datamatrix" || c.Syntax != "":
		return nil, hinted(errors.New("a register pointer is a square Data Matrix"), "leave out --symbology and --syntax")
	case c.Level != string(marking.Item):
		return nil, hinted(fmt.Errorf("a register pointer on a %s", c.Level), "pointers are for items, --level item, where no signature fits; larger packages get a signed frame")
	case c.FirstNumber == 0:
		return nil, hinted(errors.New("which number of the register comes first?"), "give --first-number N: one more than the last that its pointers records use")
	}
	keys, err := readRegisters(c.Register)
	if err != nil {
		return nil, err
	}
	if len(keys) > 1 {
		return nil, hinted(fmt.Errorf("%s holds %d keys", c.Register, len(keys)), "name a file with the key of one register")
	}
	d.register = keys[0]
	d.encode, err = c.encodeConfig()
	if c.Size != "" && d.encode.Cols == 0 { // 14 means 14x14 here
		d.encode.Cols = d.encode.Rows
	}
	if r := d.encode.Rows; err == nil && c.Size != "" && (r != d.encode.Cols || r != 14 && r != 16 && r != 18) {
		err = hinted(fmt.Errorf("a register pointer of --size %s", c.Size), "the sizes are 14 (numbers up to 99,999,999), 16, and 18 with more error correction")
	}
	return d, err
}

// carriesFrame reports whether a frame can stand in the symbol.
func (c *markCmd) carriesFrame(syntax string) bool {
	return syntax == "frame" || syntax == "text" || (syntax == "gs1" || syntax == "link" || syntax == "iso15434-05") && c.Symbology != "gs1-128"
}

func (c *markCmd) encodeConfig() (cfg codes.EncodeConfig, err error) {
	switch c.Symbology {
	case "dmre":
		cfg.Symbology, cfg.Rectangle = codes.DataMatrix, true
	case "gs1-128":
		cfg.Symbology = codes.Code128
	default:
		cfg.Symbology = codes.Symbology(c.Symbology)
	}
	if c.Size == "" {
		return cfg, nil
	}
	rows, cols, both := strings.Cut(strings.ToLower(c.Size), "x")
	cfg.Rectangle = false
	if cfg.Rows, err = strconv.Atoi(rows); err == nil && both {
		cfg.Cols, err = strconv.Atoi(cols)
	}
	if err != nil || cfg.Rows < 1 || both && cfg.Cols < 1 {
		return cfg, hinted(fmt.Errorf("--size %q", c.Size), "give rows and columns as 24x64, or rows alone")
	}
	return cfg, nil
}

// template reads the template of the labels and puts the options into it.
func (c *markCmd) template() (*label.Template, error) {
	b := label.Default().JSON()
	name := "the default template"
	if c.Template != "" {
		var err error
		if b, err = readSmall(c.Template, 1<<20); err != nil {
			return nil, err
		}
		name = c.Template
	}
	t, err := label.Parse(strings.NewReader(string(b)))
	if err == nil && (c.Module != 0 || c.DPI != 0) {
		var fields map[string]any
		if err := json.Unmarshal(t.JSON(), &fields); err != nil {
			return nil, err
		}
		if c.Module != 0 {
			fields["module_mm"] = c.Module
		}
		if c.DPI != 0 {
			fields["dpi"] = c.DPI
		}
		if b, err = json.Marshal(fields); err != nil {
			return nil, err
		}
		t, err = label.Parse(strings.NewReader(string(b)))
	}
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %s", name, message(err)), "sublot mark --print-template prints one that is right, to begin with")
	}
	return t, nil
}

// draw makes the symbol of a package and, unless it is drawn alone, lays out its
// label.
func (d *drawer) draw(m marking.Mark) (*label.Label, error) {
	payload, err := d.payload(m)
	if err != nil {
		return nil, err
	}
	symbol, err := codes.Encode(payload, d.encode)
	if _, long := errors.AsType[*codes.TooLongError](err); long {
		return nil, hinted(fmt.Errorf("%s: %s", m.Item, message(err)),
			"leave out what the symbol need not say (--national, --type, --nsn), or take a square Data Matrix, the smallest for its content")
	} else if err != nil {
		return nil, hinted(err, "see sublot mark --help for the sizes that a symbology has")
	}
	d.symbol, d.bytes = symbol, len(payload.Data)
	if d.template == nil {
		d.dots, _ = d.drawConfig().ModuleDots()
		return nil, nil
	}
	values := d.cmd.values(m)
	for {
		d.last, err = d.template.Lay(symbol, values)
		if _, short := errors.AsType[*label.RoomError](err); !short || !d.adapt() {
			break
		}
	}
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %s", m.Item, message(err)), hint(err))
	}
	return d.last, nil
}

// append appends what was drawn last in a format.
func (d *drawer) append(b []byte, l *label.Label, format string) ([]byte, error) {
	switch {
	case l == nil && format == "png":
		return d.symbol.AppendPNG(b, d.drawConfig())
	case l == nil && format == "zpl":
		return d.symbol.AppendZPL(b, d.drawConfig())
	case l == nil:
		return d.symbol.AppendSVG(b, d.drawConfig())
	case format == "png":
		return l.AppendPNG(b), nil
	case format == "zpl":
		return l.AppendZPL(b), nil
	case format == "pdf":
		return l.AppendPDF(b), nil
	}
	return l.AppendSVG(b), nil
}

// drawConfig is how symbols are drawn alone.
func (d *drawer) drawConfig() codes.DrawConfig {
	return codes.DrawConfig{ModuleMM: d.cmd.Module, DPI: d.cmd.DPI}
}

// sizeMM is the size of a label, or of a symbol alone with its quiet zone.
func (d *drawer) sizeMM() (width, height float64) {
	if d.last != nil {
		return d.last.SizeMM()
	}
	s, mm, quiet := d.symbol, d.moduleDrawn(), 2*d.symbol.QuietZone()
	width, height = float64(s.Width()+quiet)*mm, float64(s.Height()*s.RowHeight())*mm
	if s.RowHeight() == 1 {
		height += float64(quiet) * mm
	}
	return width, height
}

func (d *drawer) dpi() int {
	switch {
	case d.template != nil:
		return d.template.DPI
	case d.cmd.DPI != 0:
		return d.cmd.DPI
	}
	return 600 // what codes.DrawConfig takes for none
}

// moduleDrawn is the side of a module in millimetres, in whole dots.
func (d *drawer) moduleDrawn() float64 { return float64(d.dots) * 25.4 / float64(d.dpi()) }

// adapt makes room on a label that was too small: the next smaller module, in
// whole dots, where none was asked for, else a wider label, where no template was.
func (d *drawer) adapt() bool {
	t := *d.template // texts stay as they were compiled
	if mm := float64(d.dots-1) * 25.4 / float64(t.DPI); d.cmd.Module == 0 && mm >= minModuleMM {
		t.ModuleMM = mm
		d.template, d.dots = &t, d.dots-1
		return true
	}
	if d.cmd.Template != "" || t.WidthMM >= maxWidthMM {
		return false
	}
	t.WidthMM += 50
	t.ModuleMM = d.moduleMM
	d.template, d.dots = &t, dotsOf(&t)
	return true
}

// maxWidthMM is how wide the default label may become for the sake of a long bar
// code: what fits on A4.
const maxWidthMM = 200

// dotsOf is the module of a template in whole dots.
func dotsOf(t *label.Template) int {
	return max(1, int(math.Round(t.ModuleMM*float64(t.DPI)/25.4)))
}

// payload is what the symbol of a mark says.
func (d *drawer) payload(m marking.Mark) (p codes.Payload, err error) {
	var frame []byte
	if d.key != nil {
		if frame, err = marking.Sign(m, d.key); err != nil {
			return p, err
		}
	}
	var text string
	switch d.syntax {
	case "pointer":
		short := d.encode.Rows == 14
		to, err := d.register.Pointer(d.number, short)
		d.number++
		return codes.Payload{Data: []byte(to.String())}, err
	case "frame":
		return codes.Payload{Data: frame}, nil
	case "text":
		text = marking.Text(frame)
	case "gs1":
		if d.cmd.Symbology == "gs1-128" {
			m.NSN = "" // bars have no room to spare; the label says it in words
		}
		text, err = carrier.ElementString(m, d.cmd.GTIN, frame)
		p.GS1 = true
	case "link":
		text, err = carrier.Link(m, d.cmd.GTIN, frame, d.cmd.LinkBase)
	case "iso15434", "iso15434-05", "iso15434-12":
		format := cmp.Or(strings.TrimPrefix(strings.TrimPrefix(d.syntax, "iso15434"), "-"), carrier.DataIdentifiers)
		p.Data, err = carrier.Envelope(m, format, d.cmd.GTIN, frame)
		return p, err
	case "identity":
		text = m.Item.Checked()
	}
	p.Data = []byte(text)
	return p, err
}

// values are the texts of a label.
func (c *markCmd) values(m marking.Mark) map[string]string {
	v := map[string]string{
		"title":    strings.TrimSpace(m.Calibre + " " + m.Type),
		"subtitle": levelWords(m),
		"identity": m.Item.Checked(),
		"lot":      m.Item.Lot().Name(),
		"maker":    m.Item.Maker(),
		"date":     m.Made.String(),
		"quantity": plural(m.Rounds, "round"),
		"hazard":   c.Hazard,
	}
	var notes []string
	if n := m.NSN; n != "" {
		notes = append(notes, fmt.Sprintf("NSN %s-%s-%s-%s", n[:4], n[4:6], n[6:9], n[9:]))
	}
	for _, n := range m.National {
		notes = append(notes, fmt.Sprintf("%s %s: %s", n.State, n.Name, n.Value))
	}
	v["note"] = strings.Join(notes, "; ")
	return v
}

// levelWords says what a package is: "Crate 0042, sub-lot 001".
func levelWords(m marking.Mark) string {
	level := strings.ToUpper(string(m.Level[:1])) + string(m.Level[1:])
	switch m.Level {
	case marking.Lot:
		return "" // the next line says which
	case marking.Sublot:
		level = "Sub-lot"
	}
	words := level + " " + m.Item.Name()
	switch depth := m.Item.Depth(); {
	case depth == 2:
		words += ", sub-lot " + m.Item.Parent().Name()
	case depth > 2:
		words += ", in " + strings.TrimPrefix(m.Item.Parent().String(), m.Item.Lot().String()+"/")
	}
	return words
}

// round rounds to so many decimals.
func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}
