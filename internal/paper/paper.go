package paper

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"

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
}

// A box is a field to be filled in.
type box struct {
	Name, Says, Is string
	Must           bool
	Choices        []choice
	Value          string
	Wide           bool // room for several lines
}

type choice struct {
	Name string
	Set  bool
}

// A grid is a list of objects: a column a field.
type grid struct {
	Name, Says string
	Must       bool
	Columns    []box
	Rows       [][]string
}

type page struct {
	Title, Says, Kind string
	Boxes             []box
	Grids             []grid
	Filled            string // the name of the record
	Recovery          bool
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
	values := map[string]any{}
	p := page{Title: strings.ReplaceAll(string(f.Kind), "_", " "), Says: strings.ReplaceAll(says, "`", ""), Kind: string(f.Kind), Recovery: f.Kind == trace.KindRecovery}
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
		if f.Name == "ext" || f.Name == "public_key" {
			continue // not for hands
		}
		name, v := prefix+f.Name, values[f.Name]
		switch {
		case f.List:
			p.Grids = append(p.Grids, gridOf(name, f, v, rows))
		case len(f.Fields) > 0:
			inside, _ := v.(map[string]any)
			p.add(name+".", f.Fields, inside, rows)
		default:
			p.Boxes = append(p.Boxes, boxOf(name, f, v))
		}
	}
}

func boxOf(name string, f trace.Field, v any) box {
	b := box{Name: strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), ".", ", "), Says: strings.ReplaceAll(f.Says, "`", ""), Is: f.Is, Must: f.Must,
		Value: text(v), Wide: strings.HasPrefix(f.Is, "free text")}
	if m := choices.FindStringSubmatch(f.Is); m != nil {
		b.Is = ""
		for _, c := range strings.Split(m[1], ", ") {
			b.Choices = append(b.Choices, choice{strings.ReplaceAll(c, "_", " "), v != nil && slices.Contains(strings.Split(b.Value, ", "), c)})
		}
	}
	return b
}

func gridOf(name string, f trace.Field, v any, blank int) grid {
	g := grid{Name: strings.ReplaceAll(name, "_", " "), Says: f.Says, Must: f.Must}
	for _, c := range f.Fields {
		g.Columns = append(g.Columns, boxOf(c.Name, c, nil))
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

var form = template.Must(template.New("form").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{.Title}}{{if .Filled}} {{.Filled}}{{end}}</title>
<style>
@page { size: A4; margin: 12mm; }
body { font: 10pt/1.3 sans-serif; color: #000; background: #fff; max-width: 186mm; margin: 0 auto; padding: 4mm; }
h1 { font-size: 15pt; margin: 0; text-transform: capitalize; }
p { margin: 1mm 0 3mm; }
.boxes { display: grid; grid-template-columns: 1fr 1fr; gap: 2mm; }
.box { border: 0.3mm solid #000; padding: 1mm 1.5mm 1mm; min-height: 11mm; break-inside: avoid; }
.wide { grid-column: 1 / 3; min-height: 18mm; }
.name { font-weight: bold; font-size: 9pt; text-transform: capitalize; }
.says { font-size: 7.5pt; color: #333; }
.value { font-size: 11pt; min-height: 5mm; overflow-wrap: anywhere; }
.choice { white-space: nowrap; margin-right: 3mm; font-size: 9pt; }
h2 { font-size: 11pt; margin: 4mm 0 1mm; text-transform: capitalize; }
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
<p class="says">{{.Says}} Fields with * must be filled in. Write what was seen; where a mark cannot be read, say so: illegible, obliterated, absent or not examined are answers, an empty box is none. Days as year-month-day.{{if .Recovery}} No names of persons: a trace needs none, and victims have records of their own.{{end}}</p>
<div class="boxes">
{{range .Boxes}}<div class="box{{if .Wide}} wide{{end}}"><span class="name">{{.Name}}{{if .Must}} *{{end}}</span> <span class="says">{{.Says}}{{if .Is}} ({{.Is}}){{end}}</span>
<div class="value">{{if .Choices}}{{range .Choices}}<span class="choice">{{if .Set}}☒{{else}}☐{{end}} {{.Name}}</span> {{end}}{{else}}{{.Value}}{{end}}</div></div>
{{end}}</div>
{{range .Grids}}<h2>{{.Name}}{{if .Must}} *{{end}}</h2>
<p class="says">{{.Says}}</p>
<table>
<tr>{{range .Columns}}<th>{{.Name}}{{if .Must}} *{{end}}<div class="says">{{.Says}}{{range .Choices}}, {{.Name}}{{end}}</div></th>{{end}}</tr>
{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table>
{{end}}<div class="sign"><div>Written down by (office and number, no private address)</div><div>Day and place</div><div>Entered into the ledger by, on, as</div></div>
<p class="says">The fields are those of the record kind {{.Kind}}, so that whoever enters the form has nothing to guess.</p>
</body>
</html>
`))
