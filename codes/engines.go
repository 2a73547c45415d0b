package codes

import (
	"github.com/sublot/sublot/codes/internal/aztec"
	"github.com/sublot/sublot/codes/internal/code128"
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/pdf417"
	"github.com/sublot/sublot/codes/internal/qr"
)

// An engine is a reader of our own for one symbology: it returns the symbols in a
// view that it finds before stop says that time is up.
type engine func(v view, e effort, stop func() bool) []found

// An effort is how much of what an engine can do it is to do: what costs little and
// reads most, the rest, or both.
type effort int

const (
	full effort = iota
	first
	rest
	faint
	fine // small modules only
)

// reads makes a rung of the ladder of an engine.
func (find engine) reads(k Symbology, e effort) func(*scanner, view) {
	return func(s *scanner, v view) {
		if !s.wants(k) || s.late() {
			return
		}
		for _, f := range safely(func() []found { return find(v, e, s.late) }) {
			f.symbology = k
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

func findQR(v view, e effort, stop func() bool) (out []found) {
	for _, s := range qr.Find(v.Image, qr.Config{Stop: stop, First: e == first, Rest: e == rest}) {
		m, err := parse.QR(s.Codewords, s.Version)
		if err != nil {
			continue
		}
		out = append(out, found{
			message: m, corners: s.Corners, rows: s.Size, cols: s.Size,
			corrected: s.Corrected, correctable: s.Correctable, contrast: s.Contrast,
			mirrored: s.Mirrored, inverted: s.Inverted,
		})
	}
	return out
}

func findAztec(v view, e effort, stop func() bool) (out []found) {
	for _, s := range aztec.Find(v.Image, aztec.Config{Stop: stop, First: e == first, Rest: e == rest}) {
		m := parse.Stated([]byte(s.Rune))
		if s.Rune == "" {
			var err error
			if m, err = parse.Aztec(s.Bits, s.Count); err != nil {
				continue
			}
		}
		m.Init = s.Init
		out = append(out, found{
			message: m, corners: s.Corners, rows: s.Size, cols: s.Size,
			corrected: s.Corrected, correctable: s.Correctable, contrast: s.Contrast,
			mirrored: s.Mirrored, inverted: s.Inverted,
		})
	}
	return out
}

func findCode128(v view, e effort, stop func() bool) (out []found) {
	for _, s := range code128.Find(v.Image, code128.Config{Stop: stop, First: e == first, Rest: e == rest, Faint: e == faint}) {
		m, err := parse.Code128(s.Values)
		if err != nil {
			continue
		}
		out = append(out, found{
			message: m, corners: s.Corners, cols: 11*len(s.Values) + 2,
			contrast: s.Contrast, inverted: s.Inverted,
		})
	}
	return out
}

func findPDF417(v view, e effort, stop func() bool) (out []found) {
	for _, s := range pdf417.Find(v.Image, pdf417.Config{Stop: stop, First: e == first, Rest: e == rest}) {
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
