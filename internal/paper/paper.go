package paper

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// Kinds are the kinds of records that there are forms of.
var Kinds = []trace.Kind{trace.KindRecovery, trace.KindSighting, trace.KindLoss, trace.KindStock, trace.KindTransfer, trace.KindDelivery, trace.KindDestruction,
	trace.KindRepack, trace.KindLot, trace.KindPack, trace.KindEUC, trace.KindLicence, trace.KindConsent, trace.KindParty}

// A Form is what is drawn.
type Form struct {
	Kind   trace.Kind
	Record *trace.Record // nil: a blank form
	Rows   int           // blank rows of a list, from 1
	Lang   string        // of the catalogue of package words; empty: English
}

// A label names a field or a choice: in the language of the form, and as the
// record spells it where that is another word.
type label struct{ Name, Field string }

// A box is a field to be filled in.
type box struct {
	label
	Says, Is string
	Must     bool
	Choices  []choice
	Value    string
	Wide     bool // room for several lines
}

type choice struct {
	label
	Set bool
}

// A grid is a list of objects: a column a field.
type grid struct {
	label
	Says    string
	Must    bool
	Columns []box
	Rows    [][]string
}

type page struct {
	in          words.Speaker
	Lang        string
	Title, Says string
	Boxes       []box
	Grids       []grid
	Filled      string // the name of the record
	HowTo       []string
	Sign        []string // who signs where
	Entering    string   // to whoever enters the form
}

var choices = regexp.MustCompile(`^(?:a list, each )?one of (.*)$`)

// Write draws a form.
func Write(w io.Writer, f Form) error {
	if f.Record != nil {
		f.Kind = f.Record.Kind
	}
	says, fields := f.Kind.Fields()
	if !slices.Contains(Kinds, f.Kind) {
		return fmt.Errorf("paper: there is no form of %q", f.Kind)
	}
	in, err := words.In(f.Lang)
	if err != nil {
		return err
	}
	values := map[string]any{}
	p := page{
		in: in, Lang: in.Lang(), Title: in.Word(context, spaced(string(f.Kind))), Says: in.Word(context, plain(says)),
		HowTo: []string{in.Say("Fields with * must be filled in. Write what was seen; where a mark cannot be read, say so: illegible, obliterated, absent or not examined are answers, an empty box is none. Days as year-month-day.")},
		Sign:  []string{in.Say("Written down by (office and number, no private address)"), in.Say("Day and place"), in.Say("Entered into the ledger by, on, as")},
	}
	p.Entering = in.Say("The fields are those of the record kind %s, so that whoever enters the form has nothing to guess.", string(f.Kind))
	if f.Kind == trace.KindRecovery {
		p.HowTo = append(p.HowTo, in.Say("No names of persons: a trace needs none, and victims have records of their own."))
	}
	if f.Record != nil {
		if err := json.Unmarshal(f.Record.Canonical, &values); err != nil {
			return err
		}
		p.Filled = string(f.Record.Ref())
	}
	p.add("", fields, values, max(f.Rows, 1))
	return form.Execute(w, p)
}

// add adds fields to the page: boxes, and a grid for each list of objects.
func (p *page) add(prefix string, fields []trace.Field, values map[string]any, rows int) {
	for _, f := range fields {
		if !byHand(f) {
			continue
		}
		name, v := prefix+f.Name, values[f.Name]
		switch {
		case f.List:
			p.Grids = append(p.Grids, p.grid(name, f, v, rows))
		case len(f.Fields) > 0:
			inside, _ := v.(map[string]any)
			p.add(name+".", f.Fields, inside, rows)
		default:
			p.Boxes = append(p.Boxes, p.box(name, f, v))
		}
	}
}

// context is that of the catalogue in which the words of forms stand.
const context = "form"

// spaced writes the name of a field or of a choice as a person does.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// plain leaves out the marks of docs/records.md.
func plain(says string) string { return strings.ReplaceAll(says, "`", "") }

// choicesOf returns what a field offers to choose from, where it does.
func choicesOf(f trace.Field) []string {
	if m := choices.FindStringSubmatch(f.Is); m != nil {
		return strings.Split(m[1], ", ")
	}
	return nil
}

// Texts lists what the forms say of the kinds and their fields, for the catalogue
// of translations: each is a key of its context "form".
func Texts() []string {
	var all []string
	var add func(fields []trace.Field)
	add = func(fields []trace.Field) {
		for _, f := range fields {
			if byHand(f) {
				all = append(all, spaced(f.Name), plain(f.Says))
				if of := choicesOf(f); of != nil {
					all = append(all, strings.Split(spaced(strings.Join(of, ", ")), ", ")...)
				} else if len(f.Fields) == 0 {
					all = append(all, f.Is)
				}
				add(f.Fields)
			}
		}
	}
	for _, k := range Kinds {
		says, fields := k.Fields()
		all = append(all, spaced(string(k)), plain(says))
		add(fields)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// byHand says whether a field can be filled in by hand.
func byHand(f trace.Field) bool { return f.Name != "ext" && f.Name != "public_key" }

// label names a field, the parts of a nested one apart.
func (p *page) label(name string) label {
	var said []string
	for _, part := range strings.Split(name, ".") {
		said = append(said, p.in.Word(context, spaced(part)))
	}
	l := label{Name: strings.Join(said, ", ")}
	if p.Lang != "en" {
		l.Field = name
	}
	return l
}

func (p *page) box(name string, f trace.Field, v any) box {
	b := box{label: p.label(name), Says: p.in.Word(context, plain(f.Says)), Must: f.Must, Value: text(v), Wide: strings.HasPrefix(f.Is, "free text")}
	of := choicesOf(f)
	for _, c := range of {
		b.Choices = append(b.Choices, choice{p.label(c), v != nil && slices.Contains(strings.Split(b.Value, ", "), c)})
	}
	if of == nil {
		b.Is = p.in.Word(context, f.Is)
	}
	return b
}

func (p *page) grid(name string, f trace.Field, v any, blank int) grid {
	g := grid{label: p.label(name), Says: p.in.Word(context, plain(f.Says)), Must: f.Must}
	for _, c := range f.Fields {
		g.Columns = append(g.Columns, p.box(c.Name, c, nil))
	}
	list, _ := v.([]any)
	for _, x := range list {
		object, _ := x.(map[string]any)
		var row []string
		for _, c := range f.Fields {
			row = append(row, text(object[c.Name]))
		}
		g.Rows = append(g.Rows, row)
	}
	if len(list) == 0 {
		for range blank {
			g.Rows = append(g.Rows, make([]string, len(f.Fields)))
		}
	}
	return g
}

// text writes a value as a hand would.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%.0f", v), ".")
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, text(x))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for k, x := range v {
			parts = append(parts, k+": "+text(x))
		}
		slices.Sort(parts)
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

var form = template.Must(template.New("form").Parse(`{{define "label"}}{{.Name}}{{if .Field}} <span class="field">({{.Field}})</span>{{end}}{{end}}<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}{{if .Filled}} {{.Filled}}{{end}}</title>
<style>
@page { size: A4; margin: 12mm; }
body { font: 10pt/1.3 sans-serif; color: #000; background: #fff; max-width: 186mm; margin: 0 auto; padding: 4mm; }
h1 { font-size: 15pt; margin: 0; }
p { margin: 1mm 0 3mm; }
.boxes { display: grid; grid-template-columns: 1fr 1fr; gap: 2mm; }
.box { border: 0.3mm solid #000; padding: 1mm 1.5mm 1mm; min-height: 11mm; break-inside: avoid; }
.wide { grid-column: 1 / 3; min-height: 18mm; }
.name { font-weight: bold; font-size: 9pt; }
.name { display: inline-block; }
h1::first-letter, .name::first-letter, h2::first-letter { text-transform: uppercase; }
.field { font-weight: normal; font-size: 7.5pt; text-transform: none; }
.says { font-size: 7.5pt; color: #333; }
.value { font-size: 11pt; min-height: 5mm; overflow-wrap: anywhere; }
.choice { white-space: nowrap; margin-right: 3mm; font-size: 9pt; }
h2 { font-size: 11pt; margin: 4mm 0 1mm; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { border: 0.3mm solid #000; padding: 1mm; vertical-align: top; font-size: 8pt; text-align: left; overflow-wrap: anywhere; }
th { font-weight: bold; } td { height: 9mm; font-size: 9pt; }
tr { break-inside: avoid; }
.sign { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 6mm; margin-top: 14mm; font-size: 8pt; }
.sign div { border-top: 0.3mm solid #000; padding-top: 1mm; }
</style>
</head>
<body>
<h1>{{.Title}}{{if .Filled}}: {{.Filled}}{{end}}</h1>
<p class="says">{{.Says}}{{range .HowTo}} {{.}}{{end}}</p>
<div class="boxes">
{{range .Boxes}}<div class="box{{if .Wide}} wide{{end}}"><span class="name">{{template "label" .}}{{if .Must}} *{{end}}</span> <span class="says">{{.Says}}{{if .Is}} ({{.Is}}){{end}}</span>
<div class="value">{{if .Choices}}{{range .Choices}}<span class="choice">{{if .Set}}☒{{else}}☐{{end}} {{template "label" .}}</span> {{end}}{{else}}{{.Value}}{{end}}</div></div>
{{end}}</div>
{{range .Grids}}<h2>{{template "label" .}}{{if .Must}} *{{end}}</h2>
<p class="says">{{.Says}}</p>
<table>
<tr>{{range .Columns}}<th><span class="name">{{template "label" .}}{{if .Must}} *{{end}}</span><div class="says">{{.Says}}{{range .Choices}}, {{template "label" .}}{{end}}</div></th>{{end}}</tr>
{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table>
{{end}}<div class="sign">{{range .Sign}}<div>{{.}}</div>{{end}}</div>
<p class="says">{{.Entering}}</p>
</body>
</html>
`))
