package label

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/sublot/sublot/codes"
)

// A Label is one label laid out, every place in whole dots of its printer.
type Label struct {
	width, height, dpi int

	modules          []bool // of the symbol, row by row
	moduleCols       int
	moduleRowHeight  int // modules
	symbolX, symbolY int // of the first module, inside the quiet zone
	cell             int // dots a module

	texts   []text
	diamond diamond
}

// appendTitle appends the texts in order of reading.
func (l *Label) appendTitle(b []byte) []byte {
	for i := range l.texts {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = append(b, l.texts[i].s...)
	}
	return b
}

// A text is a line of one font, x and baseline in dots from the upper left.
type text struct {
	font        *typeface
	caps        int
	x, baseline int
	s           string
}

// A diamond is a square on its corner; size is from corner to corner, 0 for none.
type diamond struct{ x, y, size, stroke int }

// A RoomError says that something does not fit on a label.
type RoomError struct {
	What     string  // "the symbol", "the text …"
	NeedMM   float64 // in the direction that is short
	HaveMM   float64
	Vertical bool
}

func (e *RoomError) Error() string {
	side := "wide"
	if e.Vertical {
		side = "high"
	}
	return fmt.Sprintf("label: no room for %s: it is %.1f mm %s, there are %.1f mm", e.What, e.NeedMM, side, e.HaveMM)
}

// Hint says what can be changed.
func (e *RoomError) Hint() string {
	if e.What == "the symbol" {
		return "make the label larger or module_mm smaller in the template"
	}
	return "make the label larger or size_mm smaller in the template, or shorten the text"
}

// Lay lays out one label. Values are for the texts of the template, which must
// name no other ones; give "" for what a package does not have. A matrix symbol
// stands upper left with the text beside it, a linear one below the text.
func (t *Template) Lay(symbol *codes.Symbol, values map[string]string) (*Label, error) {
	if symbol == nil {
		return nil, errors.New("label: no symbol")
	}
	if t.DPI == 0 {
		return nil, errors.New("label: a template must come from Parse or Default")
	}
	texts, err := t.expand(values)
	if err != nil {
		return nil, err
	}
	// Where there is more text than room, all of it is drawn smaller, as far as it
	// stays legible.
	for percent := 100; percent >= smallest; percent -= 5 {
		var l *Label
		if l, err = t.lay(symbol, &texts, percent); err == nil {
			return l, nil
		}
		if room := new(RoomError); !errors.As(err, &room) {
			break
		}
	}
	return nil, err
}

// smallest is how small text is drawn where there is little room, in percent of
// what the template says.
const smallest = 60

// texts is the texts of a template with the values in their places.
type texts struct {
	lines, foot []string
	diamond     string
}

func (t *Template) expand(values map[string]string) (x texts, err error) {
	all := make([]string, len(t.Lines)+len(t.Foot))
	x.lines, x.foot = all[:len(t.Lines)], all[len(t.Lines):]
	room := make([]byte, 0, 256)
	for i := range t.Lines {
		if x.lines[i], room, err = t.Lines[i].text.expand(values, room); err != nil {
			return x, err
		}
	}
	for i := range t.Foot {
		if x.foot[i], room, err = t.Foot[i].text.expand(values, room); err != nil {
			return x, err
		}
	}
	x.diamond, _, err = t.diamond.expand(values, room)
	return x, err
}

func (t *Template) lay(symbol *codes.Symbol, texts *texts, percent int) (*Label, error) {
	l := &Label{width: t.dots(t.WidthMM), height: t.dots(t.HeightMM), dpi: t.DPI}
	area := box{t.dots(t.MarginMM), t.dots(t.MarginMM), l.width - t.dots(t.MarginMM), l.height - t.dots(t.MarginMM)}
	area, err := l.placeSymbol(t, symbol, area)
	if err != nil {
		return nil, err
	}
	beside := area // what the diamond leaves
	if err := l.placeDiamond(t, texts.diamond, &beside); err != nil {
		return nil, err
	}
	// The foot may begin below the symbol if it is low enough, else beside it.
	footX := t.dots(t.MarginMM)
	foot, err := t.set(nil, t.Foot, texts.foot, beside.x1-footX, percent)
	if err == nil && area.y1-height(foot) < l.symbolEnd(t) && area.x0 > footX {
		footX = area.x0
		foot, err = t.set(foot[:0], t.Foot, texts.foot, beside.x1-footX, percent)
	}
	if err != nil {
		return nil, err
	}
	footTop := area.y1 - height(foot)
	if len(foot) > 0 && footTop < area.y0 {
		return nil, l.noRoom(foot[0].s, height(foot), area.y1-area.y0)
	}
	top := area.y0
	lines := make([]text, 0, 4)
	for i := range t.Lines {
		// A line beside the diamond is shorter than one above it.
		one, s := t.Lines[i:i+1], texts.lines[i:i+1]
		if lines, err = t.set(lines[:0], one, s, area.x1-area.x0, percent); err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		if l.diamond.size > 0 && top+height(lines) > l.diamond.y {
			if lines, err = t.set(lines[:0], one, s, beside.x1-beside.x0, percent); err != nil {
				return nil, err
			}
		}
		if top+height(lines) > footTop {
			return nil, l.noRoom(lines[0].s, top+height(lines)-area.y0, footTop-area.y0)
		}
		top = l.put(lines, area.x0, top)
	}
	l.put(foot, footX, footTop)

	return l, nil
}

// A box is a free area; x1 and y1 lie outside.
type box struct{ x0, y0, x1, y1 int }

func (t *Template) dots(mm float64) int { return int(math.Round(mm * float64(t.DPI) / 25.4)) }

func (t *Template) mm(dots int) float64 { return float64(dots) * 25.4 / float64(t.DPI) }

func (l *Label) mm(dots int) float64 { return float64(dots) * 25.4 / float64(l.dpi) }

func (l *Label) noRoom(s string, need, have int) error {
	return &RoomError{What: fmt.Sprintf("the text %.60q", s), NeedMM: l.mm(need), HaveMM: l.mm(have), Vertical: true}
}

// placeSymbol puts the symbol with its quiet zone into an area and returns what is
// left for text.
func (l *Label) placeSymbol(t *Template, s *codes.Symbol, area box) (box, error) {
	l.cell = max(1, t.dots(t.ModuleMM))
	l.moduleCols, l.moduleRowHeight = s.Width(), s.RowHeight()
	l.texts = make([]text, 0, len(t.Lines)+len(t.Foot)+4)
	l.modules = make([]bool, 0, s.Width()*s.Height())
	for y := range s.Height() {
		for x := range s.Width() {
			l.modules = append(l.modules, s.At(x, y))
		}
	}
	quiet := s.QuietZone() * l.cell
	wide := s.Width()*l.cell + 2*quiet
	high := s.Height() * s.RowHeight() * l.cell
	linear := s.RowHeight() > 1
	if !linear {
		high += 2 * quiet
	}
	switch {
	case wide > area.x1-area.x0:
		return area, &RoomError{What: "the symbol", NeedMM: l.mm(wide), HaveMM: l.mm(area.x1 - area.x0)}
	case high > area.y1-area.y0:
		return area, &RoomError{What: "the symbol", NeedMM: l.mm(high), HaveMM: l.mm(area.y1 - area.y0), Vertical: true}
	}
	l.symbolX = area.x0 + quiet
	if linear || 2*wide > area.x1-area.x0 && wide > 2*high {
		l.symbolY = area.y1 - high
		if !linear {
			l.symbolY += quiet
		}
		area.y1 -= high + t.dots(t.MarginMM)
		return area, nil
	}
	l.symbolY = area.y0 + quiet
	area.x0 += wide + t.dots(t.MarginMM)
	return area, nil
}

// symbolEnd returns where text may begin below the symbol.
func (l *Label) symbolEnd(t *Template) int {
	rows := len(l.modules) / l.moduleCols * l.moduleRowHeight
	quiet := l.symbolX - t.dots(t.MarginMM)
	return l.symbolY + rows*l.cell + quiet + t.dots(t.MarginMM)
}

// placeDiamond puts the diamond at the lower right of the area and takes its width
// away from beside.
func (l *Label) placeDiamond(t *Template, s string, beside *box) error {
	if s == "" {
		return nil
	}
	size := t.dots(t.DiamondMM) / 2 * 2
	if have := min(beside.x1-beside.x0, beside.y1-beside.y0); size > have {
		return &RoomError{What: "the diamond", NeedMM: l.mm(size), HaveMM: l.mm(have), Vertical: have == beside.y1-beside.y0}
	}
	l.diamond = diamond{x: beside.x1 - size, y: beside.y1 - size, size: size, stroke: max(2, size/40)}
	beside.x1 -= size + t.dots(t.MarginMM)

	// The text may be as wide as the diamond is at its upper edge, less the stroke.
	f := fonts["bold"]
	if err := f.need(s); err != nil {
		return err
	}
	for caps := size / 4; ; caps-- {
		wide := f.width(s, caps)
		need := wide + caps + 6*l.diamond.stroke
		if need <= size {
			l.texts = append(l.texts, text{f, caps, l.diamond.x + (size-wide)/2, l.diamond.y + (size+caps)/2, s})
			return nil
		}
		if caps <= t.dots(1) {
			return &RoomError{What: fmt.Sprintf("the text %.60q in the diamond", s), NeedMM: l.mm(need), HaveMM: l.mm(size)}
		}
	}
}

// set appends lines of a template with their texts, broken into lines that are at
// most wide dots wide.
func (t *Template) set(out []text, lines []Line, texts []string, wide, percent int) ([]text, error) {
	var err error
	for i := range lines {
		if texts[i] == "" {
			continue
		}
		if out, err = t.wrap(out, texts[i], &lines[i], wide, percent); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wrap sets a text on one line if that takes it no smaller than four fifths, else
// breaks it at spaces. If a word is too wide, all of it is drawn smaller.
func (t *Template) wrap(out []text, s string, line *Line, wide, percent int) ([]text, error) {
	f := fonts[line.Font]
	if err := f.need(s); err != nil {
		return nil, err
	}
	least := max(t.dots(line.SizeMM*smallest/100), 5)
	full := max(t.dots(line.SizeMM*float64(percent)/100), least)
	if caps := f.fit(s, full, wide); caps >= max(full*4/5, least) {
		return append(out, text{font: f, caps: caps, s: s}), nil
	}
	caps := full
	for word := range strings.SplitSeq(s, " ") {
		caps = min(caps, f.fit(word, full, wide))
		if caps < least {
			what := fmt.Sprintf("the text %.60q", s)
			return nil, &RoomError{What: what, NeedMM: t.mm(f.width(word, least)), HaveMM: t.mm(wide)}
		}
	}
	return f.breakAt(out, s, caps, wide), nil
}

// fit returns the height of capitals, at most full, at which a text is no wider
// than wide. Its outlines must have been loaded.
func (f *typeface) fit(s string, full, wide int) int {
	units := f.each(s, nil)
	if units == 0 {
		return full
	}
	return min(full, wide*f.caps/units)
}

// breakAt appends a text in lines of as many words as fit; each word does.
func (f *typeface) breakAt(out []text, s string, caps, wide int) []text {
	line, end := "", 0 // what stands on the line begun, and where it ends in s
	start := 0
	for word := range strings.SplitSeq(s, " ") {
		longer := s[start : end+len(word)]
		if line != "" {
			longer = s[start : end+1+len(word)]
		}
		if line != "" && f.width(longer, caps) > wide {
			out = append(out, text{font: f, caps: caps, s: line})
			start = end + 1
			longer = word
		}
		line, end = longer, start+len(longer)
	}
	return append(out, text{font: f, caps: caps, s: line})
}

// pitch is the height of a line whose capitals are caps high: room for accents
// above and descenders below.
func pitch(caps int) int { return (caps*17 + 9) / 10 }

func height(lines []text) int {
	h := 0
	for i := range lines {
		h += pitch(lines[i].caps)
	}
	return h
}

// put places lines below each other and returns where the next would begin.
func (l *Label) put(lines []text, x, top int) int {
	for _, line := range lines {
		line.x, line.baseline = x, top+(line.caps*13+9)/10
		l.texts = append(l.texts, line)
		top += pitch(line.caps)
	}
	return top
}
