package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
)

const css = `
:root{color-scheme:light}
body{font:11pt/1.45 Arial,Helvetica,"Liberation Sans",sans-serif;color:#1a1a1a;background:#fff;margin:0 auto;max-width:190mm;padding:8mm}
h1{font-size:20pt;margin:0 0 1mm;line-height:1.2}
h2{font-size:13pt;margin:8mm 0 2mm;padding-bottom:1mm;border-bottom:1px solid #767676;break-after:avoid}
.sub{font-size:12.5pt;margin:0 0 1mm;overflow-wrap:anywhere}.made{color:#595959;margin:0 0 5mm}
.answer{font-size:12.5pt;font-weight:bold;border:2px solid #1a1a1a;padding:3mm 4mm;margin:3mm 0}
.caveat{border-left:4px solid #a8801f;background:#fbf6e8;padding:2mm 4mm;margin:3mm 0}
.fine{font-size:9.5pt;color:#454545}
.code{font-family:"Courier New",Courier,monospace;font-size:9.5pt;background:#f3f3f3;padding:1.5mm 3mm;overflow-wrap:anywhere;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:2mm 0 4mm;font-size:9.5pt}
caption{text-align:left;font-weight:bold;padding:1mm 0}
th,td{text-align:start;vertical-align:top;padding:1mm 2mm;border-bottom:1px solid #d5d5d5;overflow-wrap:anywhere}
thead th{border-bottom:1.5px solid #1a1a1a}
thead{display:table-header-group}tr{break-inside:avoid}
.n{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.m{font-family:"Courier New",Courier,monospace;font-size:8.5pt;overflow-wrap:anywhere}
tr.sum td{font-weight:bold;border-top:1.5px solid #1a1a1a}
dl{display:grid;grid-template-columns:minmax(38mm,max-content) 1fr;gap:1mm 4mm;margin:2mm 0}dt{font-weight:bold}dd{margin:0;overflow-wrap:anywhere}
figure{margin:3mm 0 5mm;break-inside:avoid}figcaption{font-size:9.5pt;color:#454545;margin-top:1mm}
svg{width:100%;height:auto;font-family:Arial,Helvetica,"Liberation Sans",sans-serif}
.scroll{overflow-x:auto}.d{white-space:nowrap}
@media print{body{padding:0;max-width:none;font-size:10pt}@page{size:A4;margin:18mm}}
`

// HTML writes the document as a page that needs nothing beside it: no script, no
// style sheet, no picture from elsewhere.
func (d *Document) HTML(w io.Writer) error {
	var b bytes.Buffer
	e := escape
	lang := d.in.Lang()
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", lang, dir)
	fmt.Fprintf(&b, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s: %s</title>\n<style>%s</style>\n</head>\n<body>\n", html.EscapeString(d.Title), html.EscapeString(d.Subtitle), css)
	fmt.Fprintf(&b, "<header>\n<h1>%s</h1>\n<p class=\"sub\">%s</p>\n<p class=\"made\">%s</p>\n</header>\n<main>\n", e(d.Title), e(d.Subtitle), e(d.Made))
	figures := 0
	for _, x := range d.blocks {
		switch x := x.(type) {
		case heading:
			fmt.Fprintf(&b, "<h2>%s</h2>\n", e(x.text))
		case paragraph:
			class := [...]string{"", "answer", "caveat", "fine", "code"}[x.style]
			if class != "" {
				class = fmt.Sprintf(" class=%q", class)
			}
			fmt.Fprintf(&b, "<p%s>%s</p>\n", class, e(x.text))
		case facts:
			b.WriteString("<dl>\n")
			for _, r := range x.rows {
				fmt.Fprintf(&b, "<dt>%s</dt><dd>%s</dd>\n", e(r[0]), e(r[1]))
			}
			b.WriteString("</dl>\n")
		case list:
			b.WriteString("<ol>\n")
			for _, item := range x.items {
				fmt.Fprintf(&b, "<li>%s</li>\n", e(item))
			}
			b.WriteString("</ol>\n")
		case figure:
			figures++
			fmt.Fprintf(&b, "<figure>\n%s\n<figcaption>%s</figcaption>\n</figure>\n", x.drawing.SVG(fmt.Sprintf("f%d", figures)), e(x.caption))
		case table:
			x.html(&b)
		}
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	_, err := w.Write(b.Bytes())
	return err
}

var dates = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)

// escape escapes a text and keeps its dates from being broken over lines.
func escape(s string) string {
	return dates.ReplaceAllString(html.EscapeString(s), `<span class="d">$0</span>`)
}

func (t table) html(b *bytes.Buffer) {
	e := escape
	class := func(i int) string {
		switch t.align[i] {
		case '>':
			return ` class="n"`
		case '=':
			return ` class="m"`
		}
		return ""
	}
	b.WriteString("<div class=\"scroll\"><table>\n")
	if t.caption != "" {
		fmt.Fprintf(b, "<caption>%s</caption>\n", e(t.caption))
	}
	b.WriteString("<colgroup>")
	for _, w := range t.width {
		fmt.Fprintf(b, "<col style=\"width:%.0f%%\">", w*100)
	}
	b.WriteString("</colgroup>\n<thead><tr>")
	for i, h := range t.head {
		fmt.Fprintf(b, "<th scope=\"col\"%s>%s</th>", strings.Replace(class(i), `"m"`, `""`, 1), e(h))
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for n, r := range t.rows {
		if t.sums && n == len(t.rows)-1 {
			b.WriteString("<tr class=\"sum\">")
		} else {
			b.WriteString("<tr>")
		}
		for i, cell := range r {
			fmt.Fprintf(b, "<td%s>%s</td>", class(i), e(cell))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>\n")
}
