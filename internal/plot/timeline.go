package plot

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sublot/sublot/internal/words"
)

// A Lane is a row of a timeline: a name and what lasted when.
type Lane struct {
	Label string
	Fill  Colour
	Spans []Lasting
	Marks []Mark
}

// A Lasting is a span of days, both included; days count from 1970-01-01.
type Lasting struct {
	From, To int
	Open     bool // it goes on: the end is not known
	Pattern  Pattern
}

// A Mark is a numbered event on a day.
type Mark struct {
	Day    int
	Number string
}

// A Timeline is lanes over a common axis of days.
type Timeline struct {
	Title, Desc string
	From, To    int
	Lanes       []Lane
	Shade       *Lasting // a time to look at
	ShadeLabel  string
	Line        int // a day of all lanes, where LineLabel is not empty
	LineLabel   string
}

const (
	laneHeight = 9.0
	markGap    = 4.0 // between marks side by side

	mostStacked = 4
)

// Draw draws the timeline.
func (t *Timeline) Draw(width float64) *Drawing {
	const head = 10.0
	labels := 20.0
	for _, l := range t.Lanes {
		labels = max(labels, min(Width(l.Label, textSize, true)*1.08+2, 46))
	}
	left, right := labels+1, width-5
	from, to := t.From, max(t.To, t.From+1)
	pad := max((to-from)/40, 1)
	from, to = from-pad, to+pad
	at := func(day int) float64 {
		return left + (right-left)*float64(min(max(day, from), to)-from)/float64(to-from)
	}
	lanes := slices.Clone(t.Lanes)
	if crowded(lanes, at) { // more numbers than can be told apart are left to the table
		for i := range lanes {
			lanes[i].Marks = nil
		}
	}
	heights := make([]float64, len(lanes))
	total := head
	for i, l := range lanes {
		heights[i] = laneHeight
		for _, m := range stack(l.Marks, at) {
			heights[i] = max(heights[i], laneHeight+markGap*float64(m.rows-1))
		}
		total += heights[i]
	}
	d := &Drawing{W: width, H: total + 6, Title: t.Title, Desc: t.Desc}
	if t.Shade != nil {
		x0, x1 := at(t.Shade.From), at(t.Shade.To)
		d.Rect(x0, head-1, max(x1-x0, 0.6), total-head+1, Style{Fill: "#f6ead0", Stroke: "#a8801f", Width: 0.2, Dashed: true})
		d.Text(min(max((x0+x1)/2, left+Width(t.ShadeLabel, small, false)/2), right-Width(t.ShadeLabel, small, false)/2), total+4.6, small, Middle, Black, t.ShadeLabel)
	}
	for _, tick := range ticks(from, to) {
		x := at(tick.day)
		d.Line(x, head-1, x, total, Style{Stroke: Pale, Width: 0.2})
		half := Width(tick.label, small, false) / 2
		if crowded := t.LineLabel != "" && math.Abs(x-at(t.Line)) < half+1; x > left && x+half < width && !crowded {
			d.Text(x, head-2.6, small, Middle, Grey, tick.label)
		}
	}
	d.Line(left, head-1, right, head-1, Style{Stroke: Grey, Width: 0.2})
	y := head
	for i, l := range lanes {
		d.Bold(0, y+heights[i]/2+1, textSize, Start, Black, Fit(l.Label, labels, textSize, true))
		for _, s := range l.Spans {
			x0, x1 := at(s.From), at(s.To)
			h := 3.6
			d.Rect(x0, y+heights[i]/2-h/2, max(x1-x0, 0.8), h, Style{Fill: l.Fill, Stroke: Black, Width: 0.2, Pattern: s.Pattern})
			if s.Open {
				d.Polygon(Style{Fill: l.Fill, Stroke: Black, Width: 0.2}, x1, y+heights[i]/2-h/2, x1+2, y+heights[i]/2, x1, y+heights[i]/2+h/2)
			}
		}
		d.Line(left, y+heights[i], right, y+heights[i], Style{Stroke: Pale, Width: 0.2})
		for _, m := range stack(l.Marks, at) {
			d.Number(m.x, y+heights[i]/2+(float64(m.row)-float64(m.rows-1)/2)*markGap, m.Number)
		}
		y += heights[i]
	}
	if t.LineLabel != "" {
		x := at(t.Line)
		d.Line(x, 4, x, total, Style{Stroke: Red, Width: 0.35, Dashed: true})
		w := Width(t.LineLabel, small, true) * 1.08
		d.Bold(min(max(x, left+w/2), width-w/2), 3, small, Middle, Red, t.LineLabel)
	}
	return d
}

// A placed mark stands in a row of those that are close together.
type placed struct {
	Mark
	x         float64
	row, rows int
}

// crowded reports whether marks stand too close for each to be read.
func crowded(lanes []Lane, at func(int) float64) bool {
	for _, l := range lanes {
		for _, m := range stack(l.Marks, at) {
			if m.rows > mostStacked {
				return true
			}
		}
	}
	return false
}

// stack puts the marks of a lane, in the order of their days, into rows so that
// none touches another; those that stand alone are in the only row.
func stack(marks []Mark, at func(int) float64) []placed {
	var out []placed
	var row []float64 // where the last mark of each row of the group stands
	begin := 0
	flush := func() {
		for i := begin; i < len(out); i++ {
			out[i].rows = len(row)
		}
		begin, row = len(out), nil
	}
	for _, m := range marks {
		x := at(m.Day)
		if len(out) > begin && x-out[len(out)-1].x >= markGap {
			flush()
		}
		k := 0
		for k < len(row) && x-row[k] < markGap {
			k++
		}
		if k == len(row) {
			row = append(row, 0)
		}
		row[k] = x
		out = append(out, placed{m, x, k, 0})
	}
	flush()
	return out
}

type tick struct {
	day   int
	label string
}

// ticks returns the beginnings of years, quarters, months or days that make at
// most eight steps.
func ticks(from, to int) []tick {
	day := func(t time.Time) int { return int(t.Unix() / 86400) }
	first := time.Unix(int64(from)*86400, 0).UTC()
	for _, months := range []int{0, 1, 3, 6, 12, 24, 60, 120, 240} {
		var out []tick
		if months == 0 {
			if to-from > 14 {
				continue
			}
			for d := from; d <= to; d += 2 {
				out = append(out, tick{d, time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)})
			}
			return out
		}
		m := time.Date(first.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
		if months > 12 {
			years := months / 12
			m = time.Date(first.Year()/years*years, time.January, 1, 0, 0, 0, 0, time.UTC)
		}
		for ; day(m) <= to; m = m.AddDate(0, months, 0) {
			if day(m) < from {
				continue
			}
			label := m.Format("2006-01")
			if months >= 12 {
				label = fmt.Sprint(m.Year())
			}
			out = append(out, tick{day(m), label})
		}
		if len(out) <= 8 {
			return out
		}
	}
	return nil
}

// A Step is a quantity from a day on.
type Step struct {
	Day   int
	Value int64
}

// Steps draws a quantity over time, as steps.
func Steps(width float64, title, desc string, steps []Step) *Drawing {
	const height, head, foot = 36.0, 4.0, 7.0
	d := &Drawing{W: width, H: head + height + foot, Title: title, Desc: desc}
	if len(steps) == 0 {
		return d
	}
	var low, top int64 = 0, 1
	for _, s := range steps {
		low, top = min(low, s.Value), max(top, s.Value)
	}
	step := niceStep(top - low)
	top = (top + step - 1) / step * step
	low = -((-low + step - 1) / step * step)
	left := max(Width(words.Group(top), small, false), Width(words.Group(low), small, false))*1.08 + 3
	base := head + height
	from, to := steps[0].Day, steps[len(steps)-1].Day
	pad := max((to-from)/30, 1)
	from, to = from-pad, to+pad
	atX := func(day int) float64 { return left + (width-left)*float64(day-from)/float64(to-from) }
	atY := func(v int64) float64 { return base - height*float64(v-low)/float64(top-low) }
	for v := low; v <= top; v += step {
		d.Line(left, atY(v), width, atY(v), Style{Stroke: Pale, Width: 0.2})
		d.Text(left-1.2, atY(v)+0.9, small, End, Grey, words.Group(v))
	}
	for _, t := range ticks(from, to) {
		x := atX(t.day)
		if half := Width(t.label, small, false) / 2; x-half > left-2 && x+half < width {
			d.Line(x, base, x, base+1, Style{Stroke: Grey, Width: 0.2})
			d.Text(x, base+4, small, Middle, Grey, t.label)
		}
	}
	line := Style{Stroke: Black, Width: 0.5}
	x, y := left, atY(0)
	for _, s := range steps {
		nx, ny := atX(s.Day), atY(s.Value)
		d.Rect(x, min(y, atY(0)), nx-x, max(y, atY(0))-min(y, atY(0)), Style{Fill: Palette[0]})
		d.Line(x, y, nx, y, line)
		d.Line(nx, y, nx, ny, line)
		x, y = nx, ny
	}
	d.Rect(x, min(y, atY(0)), width-x, max(y, atY(0))-min(y, atY(0)), Style{Fill: Palette[0]})
	d.Line(x, y, width, y, line)
	d.Line(left, atY(0), width, atY(0), Style{Stroke: Black, Width: 0.25})
	return d
}
