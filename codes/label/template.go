package label

import (
	"bytes"
	_ "embed" // the default template
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A Line is a text of a template, on one line or, where it is too long, broken at
// spaces.
type Line struct {
	// Text is a text/template. A line whose text comes out empty takes no room.
	Text string `json:"text"`

	// SizeMM is the height of capitals in millimetres, 1 to 50; 0 means 2.5. A
	// word that is too wide is drawn smaller, down to three fifths.
	SizeMM float64 `json:"size_mm,omitempty"`

	// Font is "regular", "bold" or "mono"; empty means regular.
	Font string `json:"font,omitempty"`

	text *expander
}

// A Template says how labels look. Make one with [Parse] or [Default] and do not
// change its fields then: texts are compiled and checked while parsing. Several
// goroutines may use it.
type Template struct {
	// WidthMM and HeightMM are the size of the label, 10 to 500 mm.
	WidthMM  float64 `json:"width_mm"`
	HeightMM float64 `json:"height_mm"`

	// DPI is the dots to the inch of the printer, 50 to 2400; 0 means 300.
	DPI int `json:"dpi,omitempty"`

	// MarginMM stays free all round and between blocks; 0 means 2 mm.
	MarginMM float64 `json:"margin_mm,omitempty"`

	// ModuleMM is the module of the symbol, 0.1 to 10 mm, rounded to whole dots;
	// 0 means 0.5 mm.
	ModuleMM float64 `json:"module_mm,omitempty"`

	// Lines run from the top of the label down, beside the symbol; Foot stands at
	// the bottom, under the symbol where that leaves room. Where there is more
	// text than room all of it is drawn smaller, down to three fifths.
	Lines []Line `json:"lines"`
	Foot  []Line `json:"foot,omitempty"`

	// Diamond is a text/template for the text in a diamond at the lower right,
	// such as "1.4S"; where it comes out empty there is no diamond. DiamondMM is
	// the width of the diamond from corner to corner; 0 means 18 mm.
	Diamond   string  `json:"diamond,omitempty"`
	DiamondMM float64 `json:"diamond_mm,omitempty"`

	diamond *expander
}

//go:embed default.json
var defaultJSON []byte

// Default returns the template of a label of 100 by 60 mm at 300 dots to the inch.
// Its values are title, subtitle, identity, lot, maker, date, note, quantity and
// hazard. It is a good beginning for another: see [Template.JSON].
func Default() *Template {
	t, err := Parse(bytes.NewReader(defaultJSON))
	if err != nil {
		panic(err) // the file is part of the program and tested
	}
	return t
}

// JSON returns the template in the form that [Parse] reads.
func (t *Template) JSON() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	_ = enc.Encode(t) // numbers and strings always encode
	return b.Bytes()
}

// maxTemplate bounds the file of a template.
const maxTemplate = 1 << 20

// Parse reads a template. An unknown field, a size outside its range and a text
// that is no template are errors that name the field.
func Parse(r io.Reader) (*Template, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTemplate+1))
	if err != nil {
		return nil, fmt.Errorf("label: read template: %w", err)
	}
	if len(b) > maxTemplate {
		return nil, fmt.Errorf("label: template longer than %d bytes", maxTemplate)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	t := new(Template)
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("label: template: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("label: template: more than one JSON value")
	}
	return t, t.prepare()
}

// prepare fills in the defaults, checks the ranges and compiles the texts.
func (t *Template) prepare() error {
	setDefault(&t.MarginMM, 2)
	setDefault(&t.ModuleMM, 0.5)
	setDefault(&t.DiamondMM, 18)
	if t.DPI == 0 {
		t.DPI = 300
	}
	if t.DPI < 50 || t.DPI > 2400 {
		return fmt.Errorf("label: template: dpi is %d: want 50 to 2400", t.DPI)
	}
	for _, f := range []struct {
		name           string
		mm, least, max float64
	}{
		{"width_mm", t.WidthMM, 10, 500},
		{"height_mm", t.HeightMM, 10, 500},
		{"margin_mm", t.MarginMM, 0.5, 50},
		{"module_mm", t.ModuleMM, 0.1, 10},
		{"diamond_mm", t.DiamondMM, 5, 200},
	} {
		if !(f.mm >= f.least && f.mm <= f.max) {
			return fmt.Errorf("label: template: %s is %v: want %v to %v", f.name, f.mm, f.least, f.max)
		}
	}
	for i := range t.Lines {
		if err := t.Lines[i].prepare(); err != nil {
			return fmt.Errorf("label: template: lines[%d]: %w", i, err)
		}
	}
	for i := range t.Foot {
		if err := t.Foot[i].prepare(); err != nil {
			return fmt.Errorf("label: template: foot[%d]: %w", i, err)
		}
	}
	var err error
	if t.diamond, err = compile(t.Diamond); err != nil {
		return fmt.Errorf("label: template: diamond: %w", err)
	}
	return nil
}

func setDefault(v *float64, mm float64) {
	if *v == 0 {
		*v = mm
	}
}

func (l *Line) prepare() error {
	setDefault(&l.SizeMM, 2.5)
	if !(l.SizeMM >= 1 && l.SizeMM <= 50) {
		return fmt.Errorf("size_mm is %v: want 1 to 50", l.SizeMM)
	}
	if l.Font == "" {
		l.Font = "regular"
	}
	if _, ok := fonts[l.Font]; !ok {
		return fmt.Errorf("font is %q: want regular, bold or mono", l.Font)
	}
	var err error
	l.text, err = compile(l.Text)
	return err
}
