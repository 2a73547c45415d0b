package codes

import (
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/pdf417"
)

// An engine looks for the symbols of one symbology in a view until stop says that
// time is up.
type engine struct {
	symbology Symbology
	find      func(v view, stop func() bool) []found
}

// engines are the readers of our own, the likeliest symbologies first.
var engines = []engine{
	{PDF417, findPDF417},
}

// search runs the engines on a view.
func (s *scanner) search(v view) {
	for _, e := range engines {
		if !s.wants(e.symbology) || s.late() {
			continue
		}
		for _, f := range safely(func() []found { return e.find(v, s.late) }) {
			f.symbology = e.symbology
			s.add(v.hit(&f))
		}
	}
}

// safely makes nothing found of a panic. None is known; a picture that finds one
// must not end the program of an investigator.
func safely(find func() []found) (out []found) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	return find()
}

func findPDF417(v view, stop func() bool) (out []found) {
	for _, s := range pdf417.Find(v.Image, pdf417.Config{Stop: stop}) {
		var ecis []parse.Interpretation
		for _, set := range s.Sets {
			ecis = append(ecis, parse.Interpretation{Start: set.Start, ECI: set.ECI})
		}
		m := parse.Stated(s.Data, ecis...)
		m.Init = s.Init
		if s.Macro != nil && s.Macro.Total > 1 {
			m.Index, m.Total = s.Macro.Index, s.Macro.Total
		}
		cols := 17 * (s.Columns + 4) // start, left and right indicators, stop less one module more
		if s.Truncated {
			cols = 17 * (s.Columns + 2)
		}
		out = append(out, found{
			message: m, corners: s.Corners, rows: s.Rows, cols: cols + 1,
			corrected: s.Corrected, correctable: s.Correctable, contrast: s.Contrast,
			mirrored: s.Mirrored, inverted: s.Inverted,
		})
	}
	return out
}
