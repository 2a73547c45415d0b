package report

import (
	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/words"
)

// A Document is blocks of text, tables and drawings in a language.
type Document struct {
	in       words.Speaker
	Title    string
	Subtitle string
	Made     string // the day of the report
	blocks   []block
	crowded  bool // the drawing of the lot has packages too narrow to draw
}

// A block is one of the types below.
type block interface{}

type heading struct{ text string }

type paragraph struct {
	text  string
	style style
}

type style int

const (
	plain  style = iota
	answer       // the answer in one sentence
	caveat       // what must be known before the answer is used
	fine         // small print
	code         // a command to type
)

// facts are names with what they stand for.
type facts struct{ rows [][2]string }

type table struct {
	caption string
	head    []string
	rows    [][]string
	align   string    // < or > for each column, = for text of one width that breaks anywhere
	width   []float64 // share of the width of the page
	sums    bool      // the last row is the sum
}

type figure struct {
	drawing *plot.Drawing
	caption string
}

type list struct{ items []string }

// newDocument begins a document in a language.
func newDocument(lang, title, subtitle string) (*Document, error) {
	in, err := words.In(lang)
	return &Document{in: in.Grouped(), Title: title, Subtitle: subtitle}, err
}

// say says something of the catalogue in the language of the document.
func (d *Document) say(key string, args ...any) string { return d.in.Say(key, args...) }

func (d *Document) heading(text string)              { d.blocks = append(d.blocks, heading{text}) }
func (d *Document) paragraph(text string, s style)   { d.blocks = append(d.blocks, paragraph{text, s}) }
func (d *Document) facts(rows ...[2]string)          { d.blocks = append(d.blocks, facts{rows}) }
func (d *Document) table(t table)                    { d.blocks = append(d.blocks, t) }
func (d *Document) list(items ...string)             { d.blocks = append(d.blocks, list{items}) }
func (d *Document) figure(f *plot.Drawing, c string) { d.blocks = append(d.blocks, figure{f, c}) }

// pageWidth is the width of text and drawings on a page of A4, in millimetres.
const pageWidth = 174.0
