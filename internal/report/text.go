package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// textWidth is how many characters a line of a text has at most.
const textWidth = 96

// Text writes the document as plain text. Drawings are given in words.
func (d *Document) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	line := func(s string) { fmt.Fprintln(b, strings.TrimRight(s, " ")) }
	for _, s := range []string{d.Title, d.Subtitle, d.Made} {
		line(s)
	}
	for _, x := range d.blocks {
		switch x := x.(type) {
		case heading:
			line("")
			line(x.text)
			line(strings.Repeat("-", utf8.RuneCountInString(x.text)))
		case paragraph:
			for _, l := range fill(x.text, textWidth) {
				line(l)
			}
		case facts:
			names := 0
			for _, r := range x.rows {
				names = max(names, utf8.RuneCountInString(r[0]))
			}
			for _, r := range x.rows {
				for i, l := range fill(r[1], textWidth-names-2) {
					name := ""
					if i == 0 {
						name = r[0]
					}
					line(pad(name, names, '<') + "  " + l)
				}
			}
		case list:
			for i, item := range x.items {
				for k, l := range fill(item, textWidth-4) {
					number := ""
					if k == 0 {
						number = fmt.Sprintf("%d.", i+1)
					}
					line(pad(number, 4, '<') + l)
				}
			}
		case figure:
			for _, l := range fill("["+x.drawing.Title+": "+x.drawing.Desc+"]", textWidth) {
				line(l)
			}
		case table:
			x.text(line)
		}
	}
	return b.Flush()
}

// text writes a table in columns, what has no room below itself.
func (t table) text(line func(string)) {
	if t.caption != "" {
		line(t.caption)
	}
	width := make([]int, len(t.head))
	for _, r := range append([][]string{t.head}, t.rows...) {
		for i, cell := range r {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for i := range width {
		if t.align[i] != '=' && t.align[i] != '>' { // ids and hashes stay whole
			width[i] = min(width[i], max(int(t.width[i]*textWidth), 10))
		}
	}
	row := func(cells []string) {
		var columns [][]string
		lines := 0
		for i, cell := range cells {
			columns = append(columns, fill(cell, width[i]))
			lines = max(lines, len(columns[i]))
		}
		for k := range lines {
			var b strings.Builder
			for i, c := range columns {
				s := ""
				if k < len(c) {
					s = c[k]
				}
				b.WriteString(pad(s, width[i], t.align[i]) + "  ")
			}
			line("  " + b.String())
		}
	}
	row(t.head)
	for _, r := range t.rows {
		row(r)
	}
}

func pad(s string, width int, align byte) string {
	space := strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
	if align == '>' {
		return space + s
	}
	return s + space
}

// fill breaks a text into lines at spaces; a word that is longer than a line stays whole.
func fill(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(s, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = word
			continue
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
