package aztec

import (
	"fmt"
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/profile"
	"github.com/sublot/sublot/codes/internal/shade"
)

// Config limits what [Find] does.
type Config struct {
	Stop       func() bool // says whether time is up; nil means never
	MaxSymbols int         // 0 means 16
	First      bool        // look at the picture as it is, and no further
	Rest       bool        // leave out what First does
}

// A Symbol is an Aztec code that was found and corrected.
type Symbol struct {
	Bits    []byte // data bits, the first one the highest of the first byte; stuffing removed
	Count   int    // how many bits
	Rune    string // three digits, of a rune; then there are no bits
	Init    bool   // meant to set up a reader, no data
	Compact bool
	Layers  int // 0 for a rune
	Size    int // modules a side

	Corners                [4][2]float64 // top left, top right, bottom right, bottom left as printed, in pixels
	Corrected, Correctable int           // codewords
	ModulePixels, Contrast float64       // side of a module; dark to light in levels of gray
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
	if min(img.W, img.H) < 11 {
		return nil
	}
	s := &search{cfg: cfg, img: img}
	if !cfg.Rest {
		negative := img.Invert()
		dark, light := bullseyes(img, negative, cfg.Stop)
		s.look(dark, 1)
		if len(s.found) == 0 {
			s.img, s.inverted = negative, true
			s.look(light, 1)
			s.img, s.inverted = img, false
		}
	}
	if cfg.First {
		return s.found
	}
	seen := func(img *gray.Image, scale float64) {
		dark, _ := bullseyes(img, nil, cfg.Stop)
		s.look(dark, scale)
	}
	views := []func(){
		func() { seen(img.Box(1), 1) },
		func() { seen(img.Half(), 2) },
		func() { s.img = profile.Sharpened(img); seen(s.img, 1) },
	}
	for _, view := range views {
		if len(s.found) > 0 || cfg.Stop() {
			break
		}
		view()
	}
	return s.found
}

type search struct {
	cfg      Config
	img      *gray.Image
	inverted bool
	found    []Symbol
}

// look reads the symbols around bull's-eyes that were seen at a scale.
func (s *search) look(eyes []bullseye, scale float64) {
	for _, b := range eyes {
		if s.cfg.Stop() || len(s.found) >= s.cfg.MaxSymbols {
			return
		}
		b.centre, b.unit = b.centre.Times(scale), b.unit*scale
		if s.covered(b.centre) {
			continue
		}
		corners, ok := square(s.img, b)
		if !ok {
			continue
		}
		if g, ok := newGrid(s.img, corners, b.unit); ok {
			s.read(g)
		}
	}
}

func (s *search) covered(p geometry.Point) bool {
	for _, k := range s.found {
		if geometry.Inside(p, k.Corners) {
			return true
		}
	}
	return false
}

// read reads the symbol on a grid as compact and as full, turned in four ways and
// mirrored.
func (s *search) read(g *grid) bool {
	for _, compact := range [2]bool{true, false} {
		radius := 4
		if !compact {
			radius = 6
		}
		contrast := g.scorer(rings(radius))(&g.m)
		// Where the outer rings of a full symbol are missing the inner ones alone make up half.
		if contrast < 0.7*g.scorer(rings(4))(&g.m) || contrast < 4 {
			continue
		}
		h := *g
		if !compact {
			pixels := h.pixels(6)
			if m, _, ok := geometry.Refine(squareOf(6), &pixels, []float64{0.2, 0.1, 0.05}, h.scorer(rings(6))); ok {
				h.m = m
			}
		}
		if s.orient(&h, compact, contrast) {
			return true
		}
	}
	return false
}

// orient finds the way up by the marks, reads the mode message, and with it the
// symbol.
func (s *search) orient(g *grid, compact bool, contrast float64) bool {
	size := 2*ringRadius(compact) + 1
	middle := g.sample(size)
	dark, light := extremes(middle)
	for _, way := range [3]int{1, 0, 3} {
		judged := shade.Judge(middle, size, way, dark, light)
		isDark := func(x, y int) bool { return judged[(y+size/2)*size+x+size/2] > 0 }
		for worst := 0; worst <= 2; worst++ {
			for turn := range 8 {
				quarters, mirrored := turn%4, turn >= 4
				if marks(isDark, compact, quarters, mirrored) != worst {
					continue
				}
				m, ok := readMode(isDark, compact, quarters, mirrored)
				if !ok || m.layers == 0 && (worst > 0 || m.corrected > 1) {
					continue
				}
				if s.layered(*g, m, quarters, mirrored, contrast) {
					return true
				}
			}
		}
	}
	return false
}

// extremes returns levels of dark and light: the means of the halves.
func extremes(v []float64) (dark, light float64) {
	mean := 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	a, b, na, nb := 0.0, 0.0, 0.0, 0.0
	for _, x := range v {
		if x < mean {
			a, na = a+x, na+1
		} else {
			b, nb = b+x, nb+1
		}
	}
	return a / max(na, 1), b / max(nb, 1)
}

// layered reads the data of a symbol whose mode is known.
func (s *search) layered(g grid, m mode, quarters int, mirrored bool, contrast float64) bool {
	if m.layers == 0 {
		s.add(&g, Symbol{
			Rune: fmt.Sprintf("%03d", m.rune), Compact: true, Corrected: m.corrected, Correctable: 2,
		}, m, quarters, mirrored, contrast)
		return true
	}
	size := m.size()
	first := g
	for _, moved := range [2]bool{true, false} {
		switch {
		case !moved:
			g = first
		case m.compact:
			g.clear(size / 2)
		default:
			g.extend(size / 2)
		}
		modules := g.sample(size)
		dark, light := extremes(modules)
		for way := range shade.Ways {
			judged := shade.Judge(modules, size, way, dark, light)
			clear := func(x, y int) float64 {
				x, y = turned(x, y, quarters, mirrored)
				return judged[(y+size/2)*size+x+size/2]
			}
			for _, erasures := range [3]float64{0, 0.3, 0.6} {
				data, n, corrected, correctable, ok := m.read(clear, erasures)
				if !ok {
					continue
				}
				if _, err := parse.Aztec(data, n); err != nil && !m.init {
					continue
				}
				s.add(&g, Symbol{
					Bits: data, Count: n, Init: m.init, Compact: m.compact, Layers: m.layers, Corrected: corrected, Correctable: correctable,
				}, m, quarters, mirrored, contrast)
				return true
			}
		}
	}
	return false
}

func (s *search) add(g *grid, symbol Symbol, m mode, quarters int, mirrored bool, contrast float64) {
	symbol.Size = m.size()
	half := float64(symbol.Size) / 2
	for i, c := range [4][2]float64{{-half, -half}, {half, -half}, {half, half}, {-half, half}} {
		x, y := c[0], c[1]
		if mirrored {
			x, y = y, x
		}
		for range quarters {
			x, y = -y, x
		}
		symbol.Corners[i] = g.m.At(x, y).Array()
	}
	symbol.ModulePixels, symbol.Contrast = g.unit(), math.Round(contrast)
	// The corners were taken clockwise: mirrored is as it looks in the picture.
	symbol.Mirrored, symbol.Inverted = mirrored, s.inverted
	s.found = append(s.found, symbol)
}
