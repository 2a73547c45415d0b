package plot

import (
	"math"

	"github.com/sublot/sublot/internal/words"
)

// A Bar is a quantity with its name.
type Bar struct {
	Label string
	Value int64
	Note  string // written after the value
}

const (
	textSize = 2.9 // millimetres
	small    = 2.5
)

// Bars draws quantities as bars that lie one below the other, each with its
// number: lengths are compared, the numbers are read.
func Bars(width float64, title, desc string, bars []Bar) *Drawing {
	const row, most = 5.6, 60.0
	d := &Drawing{W: width, H: float64(len(bars))*row + 2, Title: title, Desc: desc}
	labels, values := 0.0, 0.0
	var top int64 = 1
	for _, b := range bars {
		labels = max(labels, Width(b.Label, textSize, false))
		values = max(values, Width(b.number(), textSize, false))
		top = max(top, b.Value)
	}
	labels = min(labels*1.08, most)
	left := labels + 2.5
	room := max(width-left-values*1.08-3, 10)
	for i, b := range bars {
		y := 1 + float64(i)*row
		d.Text(labels, y+3.8, textSize, End, Black, Fit(b.Label, labels+0.1, textSize, false))
		w := room * float64(b.Value) / float64(top)
		if b.Value > 0 {
			w = max(w, 0.4)
			d.Rect(left, y+0.8, w, row-1.6, Style{Fill: Palette[0], Stroke: Black, Width: 0.15})
		}
		d.Text(left+w+1.2, y+3.8, textSize, Start, Black, b.number())
	}
	d.Line(left, 0.6, left, d.H-0.6, Style{Stroke: Black, Width: 0.25})
	return d
}

func (b Bar) number() string {
	s := words.Group(b.Value)
	if b.Note != "" {
		s += "  " + b.Note
	}
	return s
}

// Histogram draws counts of classes that follow one another, as columns.
func Histogram(width float64, title, desc string, bars []Bar) *Drawing {
	const height, foot, head = 34.0, 9.0, 5.0
	d := &Drawing{W: width, H: head + height + foot, Title: title, Desc: desc}
	if len(bars) == 0 {
		return d
	}
	var top int64 = 1
	for _, b := range bars {
		top = max(top, b.Value)
	}
	step := niceStep(top)
	top = (top + step - 1) / step * step
	left := Width(words.Group(top), small, false)*1.08 + 3
	base := head + height
	for v := int64(0); v <= top; v += step {
		y := base - height*float64(v)/float64(top)
		d.Line(left, y, width, y, Style{Stroke: Pale, Width: 0.2})
		d.Text(left-1.2, y+0.9, small, End, Grey, words.Group(v))
	}
	slot := (width - left) / float64(len(bars))
	skip := 1
	for _, b := range bars {
		for Width(b.Label, small, false)*1.12+1 > slot*float64(skip) && skip < len(bars) {
			skip++
		}
	}
	for i, b := range bars {
		x := left + float64(i)*slot
		h := height * float64(b.Value) / float64(top)
		if b.Value > 0 {
			d.Rect(x+slot*0.12, base-h, slot*0.76, h, Style{Fill: Palette[0], Stroke: Black, Width: 0.15})
			if n := words.Group(b.Value); Width(n, small, false)*1.08 < slot {
				d.Text(x+slot/2, base-h-0.8, small, Middle, Black, n)
			}
		}
		if i%skip == 0 {
			d.Text(x+slot/2, base+3.6, small, Middle, Black, b.Label)
		}
	}
	d.Line(left, base, width, base, Style{Stroke: Black, Width: 0.25})
	return d
}

// niceStep returns 1, 2 or 5 times a power of ten that divides a range into three to six steps.
func niceStep(top int64) int64 {
	raw := float64(top) / 5
	power := math.Pow(10, math.Floor(math.Log10(max(raw, 1))))
	for _, m := range []float64{1, 2, 5, 10} {
		if step := m * power; step >= raw {
			return max(int64(step), 1)
		}
	}
	return max(top, 1)
}
