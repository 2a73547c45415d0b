package pdf417

import (
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// Config limits what [Find] does.
type Config struct {
	Stop       func() bool // says whether time is up; nil means never
	MaxSymbols int         // 0 means 16
	First      bool        // lay lines across and down, and no further
	Rest       bool        // leave out what First does
}

// A Symbol is a PDF417 that was found and read.
type Symbol struct {
	Message
	Codewords []int // corrected data codewords, the length descriptor included

	Rows, Columns, Level int  // Columns of data, Level of error correction 0 to 8
	Truncated            bool // without right row indicators and stop pattern

	Corners                [4][2]float64 // top left, top right, bottom right, bottom left as printed, in pixels
	Corrected, Correctable int           // wrong codewords, an erased one counting half; how many can be
	ModulePixels, Contrast float64       // width of a module; dark to light in levels of gray
	Mirrored, Inverted     bool
}

// Find returns the symbols in a picture, each once.
func Find(img *gray.Image, cfg Config) []Symbol {
	if cfg.Stop == nil {
		cfg.Stop = func() bool { return false }
	}
	if cfg.MaxSymbols <= 0 {
		cfg.MaxSymbols = 16
	}
	f := &search{img: img, cfg: cfg}
	views := []struct {
		sharpened bool
		sweeps    []sweep
	}{{false, sweeps[:2]}, {false, sweeps[2:]}, {true, sweeps[:2]}}
	if cfg.First {
		views = views[:1]
	} else if cfg.Rest {
		views = views[1:]
	}
	for _, view := range views {
		if view.sharpened {
			f.img, f.negative = profile.Sharpened(img), nil
		}
		for _, w := range view.sweeps {
			f.sweep(w)
			if cfg.Stop() || len(f.found) >= cfg.MaxSymbols {
				return f.found
			}
		}
		if len(f.found) > 0 {
			break // symbols in one picture hang alike, or at right angles
		}
	}
	return f.found
}

type search struct {
	img      *gray.Image
	negative *gray.Image // made when it is first needed
	cfg      Config
	inverted bool
	found    []Symbol
	tried    int
}

// maxTries bounds the frames that are read.
const maxTries = 60

// sweep looks for symbols along one direction: dark on light, and where there are none
// light on dark.
func (f *search) sweep(w sweep) {
	dark, light := w.find(f.img, f.cfg.Stop)
	if f.between(dark); len(f.found) > 0 || light.none() {
		return
	}
	if f.negative == nil {
		f.negative = f.img.Invert()
	}
	f.img, f.negative, f.inverted = f.negative, f.img, true
	f.between(light)
	f.img, f.negative, f.inverted = f.negative, f.img, false
}

// between reads the symbols between sides.
func (f *search) between(s sides) {
	lefts, rights := s.left, s.right
	byHits := func(a, b *side) int { return len(b.hits) - len(a.hits) }
	slices.SortStableFunc(lefts, byHits)
	slices.SortStableFunc(rights, byHits)
	for _, l := range lefts {
		if f.covered(l) {
			continue
		}
		for _, r := range opposite(l, rights) {
			if f.full() || f.try(l, r) {
				break
			}
		}
	}
	for _, r := range rights {
		if f.full() {
			return
		}
		if !f.covered(r) {
			f.try(nil, r)
		}
	}
}

func (f *search) full() bool {
	return f.cfg.Stop() || len(f.found) >= f.cfg.MaxSymbols || f.tried >= maxTries
}

// opposite returns the right sides that may belong to a left one, the nearest
// first, and then none.
func opposite(l *side, rights []*side) []*side {
	type candidate struct {
		s        *side
		distance float64
	}
	var c []candidate
	for _, r := range rights {
		d := r.origin.Minus(l.origin)
		far := d.Dot(l.inward)
		ratio := r.unit / l.unit
		if r.inward.Dot(l.inward) > -0.7 || ratio < 0.5 || ratio > 2 || far < 60*min(l.unit, r.unit) ||
			far > 1.1*float64(charModules*(maxColumns+4)+1)*max(l.unit, r.unit) {
			continue
		}
		shift := d.Dot(l.along)
		reach := (l.high - l.low + r.high - r.low) / 2
		if math.Abs(shift) > reach+0.3*far {
			continue
		}
		c = append(c, candidate{r, far + 3*math.Abs(shift)})
	}
	slices.SortStableFunc(c, func(a, b candidate) int {
		switch {
		case a.distance < b.distance:
			return -1
		case a.distance > b.distance:
			return 1
		}
		return 0
	})
	var out []*side
	for _, k := range c[:min(len(c), 3)] {
		out = append(out, k.s)
	}
	return append(out, nil)
}

// covered says whether a side belongs to a symbol that has been found.
func (f *search) covered(s *side) bool {
	p := s.origin.Plus(s.inward.Times(2 * s.unit))
	for _, k := range f.found {
		if geometry.Inside(p, k.Corners) {
			return true
		}
	}
	return false
}

// try reads the symbol between two sides, of which one may be missing.
func (f *search) try(l, r *side) bool {
	f.tried++
	frame := &frame{left: l, right: r}
	switch {
	case r == nil:
		frame.ahead = l.inward
	case l == nil:
		frame.ahead = r.inward.Times(-1)
	default:
		frame.ahead = l.inward.Minus(r.inward).Unit()
	}
	for _, share := range [2]float64{0.25, 0.12} {
		g, ok := frame.place(frame.read(f.img, share, f.cfg.Stop))
		if ok && frame.widen(g) {
			g, ok = frame.place(frame.read(f.img, share, f.cfg.Stop))
		}
		if !ok {
			continue
		}
		if s, ok := f.decode(frame, g); ok {
			f.found = append(f.found, s)
			return true
		}
	}
	return false
}

// decode corrects and reads the words of a grid.
func (f *search) decode(frame *frame, g *grid) (Symbol, bool) {
	words, doubtful := g.words()
	k := 2 << g.level
	wrong, ok := correct(words, k, doubtful)
	if !ok {
		return Symbol{}, false
	}
	length := words[0]
	if length == 0 {
		length = len(words) - k
	}
	if length < 1 || length > len(words)-k {
		return Symbol{}, false
	}
	m, err := parse(words[1:length])
	if err != nil {
		return Symbol{}, false
	}
	s := Symbol{
		Message: *m, Codewords: words[:length],
		Rows: g.rows, Columns: g.columns, Level: g.level, Truncated: frame.right == nil,
		Corrected: wrong + (len(doubtful)+1)/2, Correctable: k / 2,
		ModulePixels: frame.unit(), Inverted: f.inverted,
	}
	f.outline(&s, frame, g)
	return s, true
}

// outline sets the corners.
func (f *search) outline(s *Symbol, frame *frame, g *grid) {
	ruler := frame.ruler()
	width := float64(charModules*(g.columns+4)+1) * frame.unit()
	if s.Truncated {
		width = float64(charModules*(g.columns+2)+1) * frame.unit()
	}
	corner := func(column float64, row int) geometry.Point {
		p := ruler.at(g.middle + g.half*g.where(column, row))
		onLeft := frame.left != nil
		switch {
		case onLeft && column == 0, !onLeft && column == 1:
		case onLeft && frame.right != nil:
			if t, ok := frame.right.meet(p, frame.ahead); ok {
				p = frame.right.at(t)
			}
		case onLeft:
			p = p.Plus(frame.ahead.Times(width))
		default:
			p = p.Minus(frame.ahead.Times(width))
		}
		return p
	}
	c := [4]geometry.Point{corner(0, 0), corner(1, 0), corner(1, g.rows), corner(0, g.rows)}
	for i, p := range c {
		s.Corners[i] = p.Array()
	}
	down := c[3].Minus(c[0])
	s.Mirrored = c[1].Minus(c[0]).Dot(down.Across()) > 0
	s.Contrast = f.contrast(c)
}

// contrast is the range of brightness across the middle of a symbol, less the
// twentieth part at either end.
func (f *search) contrast(c [4]geometry.Point) float64 {
	a, b := geometry.Between(c[0], c[3], 0.5), geometry.Between(c[1], c[2], 0.5)
	const n = 400
	v := profile.Along(nil, f.img, a, b.Minus(a).Times(1.0/n), 1, n)
	slices.Sort(v)
	return math.Round(float64(v[n-n/20]-v[n/20]) / profile.Level)
}
