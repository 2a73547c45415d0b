package qr

import (
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

// A Symbol is a QR code that was found and corrected.
type Symbol struct {
	Codewords []byte // corrected data codewords, in the order of the message
	Version   int    // 1 to 40
	Level     byte   // of error correction: 'L', 'M', 'Q' or 'H'
	Size      int    // modules a side

	Corners                [4][2]float64 // top left, top right, bottom right, bottom left as printed, in pixels
	Corrected, Correctable int           // codewords in all blocks
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
	if min(img.W, img.H) < 15 {
		return nil
	}
	s := &search{cfg: cfg, img: img}
	if !cfg.Rest {
		negative := img.Invert()
		dark, light := findersOf(img, negative, 400, cfg.Stop)
		s.look(dark, 1)
		if len(s.found) == 0 {
			s.img, s.inverted = negative, true
			s.look(light, 1)
			s.inverted = false
		}
	}
	if cfg.First || len(s.found) > 0 {
		return s.found
	}
	views := []func() (seen, img *gray.Image, scale float64){
		func() (a, b *gray.Image, f float64) { return img.Box(1), img, 1 },
		func() (a, b *gray.Image, f float64) { n := levelled(img); return n, n, 1 },
		func() (a, b *gray.Image, f float64) { return img.Half(), img, 2 },
		func() (a, b *gray.Image, f float64) { n := profile.Sharpened(img); return n, n, 1 },
	}
	for _, view := range views {
		if cfg.Stop() {
			break
		}
		seen, picture, scale := view()
		s.img = picture
		finders, _ := findersOf(seen, nil, 400, cfg.Stop)
		s.look(finders, scale)
		if len(s.found) > 0 {
			break
		}
	}
	return s.found
}

type search struct {
	cfg      Config
	img      *gray.Image
	inverted bool
	found    []Symbol
	tried    int // triples
	plans    [41]*plan
}

// plan returns the plan of a version, which is drawn once.
func (s *search) plan(version int) *plan {
	if s.plans[version] == nil {
		s.plans[version] = planOf(version)
	}
	return s.plans[version]
}

// maxTriples bounds the triples that are tried in one view, and in all of them.
const (
	maxTriples    = 40
	maxAllTriples = 120
)

// maxBadness is how bad a triple may be once a symbol has been found: then the
// picture is a good one.
const maxBadness = 1

// clearFinders is how clear the finders must be under the first grid, see [grid.clarity]: those of
// symbols that are read come to 0.5 and more, three chance finders seldom to 0.2.
const clearFinders = 0.35

// look tries what finder patterns seen at a scale may belong to.
func (s *search) look(f []finder, scale float64) {
	if scale != 1 {
		for i := range f {
			f[i].centre = f[i].centre.Times(scale)
			f[i].unit *= scale
			if g, ok := confirm(s.img, f[i].centre, f[i].unit); ok {
				g.hits = f[i].hits
				f[i] = g
			}
		}
	}
	used := make([]bool, len(f))
	tried := 0
	for _, t := range triples(f) {
		if s.cfg.Stop() || len(s.found) >= s.cfg.MaxSymbols || tried >= maxTriples || s.tried >= maxAllTriples || len(s.found) > 0 && t.badness > maxBadness {
			return
		}
		if used[t.members[0]] || used[t.members[1]] || used[t.members[2]] {
			continue
		}
		tried++
		s.tried++
		if s.try(&t) {
			for _, m := range t.members {
				used[m] = true
			}
		}
	}
}

// try reads the symbol at a triple.
func (s *search) try(t *triple) bool {
	queue := t.sizes(s.img)
	if len(queue) > 0 && queue[0] > 8 && !t.timed(s.img, queue[0]) {
		return false
	}
	seen := map[int]bool{}
	for len(queue) > 0 && !s.cfg.Stop() {
		v := queue[0]
		queue = queue[1:]
		if seen[v] {
			continue
		}
		seen[v] = true
		other, ok := s.read(t, s.plan(v))
		if ok {
			return true
		}
		if other != 0 && !seen[other] {
			queue = append([]int{other}, queue...)
		}
	}
	return false
}

// read reads the symbol at a triple as one of a version. Where the symbol says that it is of
// another version, it returns that.
func (s *search) read(t *triple, p *plan) (other int, ok bool) {
	for _, fourth := range t.fourths() {
		if other, ok = s.readWith(t, p, fourth); ok || other != 0 {
			break
		}
	}
	return other, ok
}

// readWith reads the symbol at a triple with the fourth corner near a place.
func (s *search) readWith(t *triple, p *plan, fourth geometry.Point) (other int, ok bool) {
	g, ok := newGrid(s.img, p, t, fourth)
	if !ok || g.clarity() < clearFinders {
		return 0, false
	}
	g.search(min(2+0.08*float64(p.size), 9))
	// The patterns of the symbol must stand out about as the finders do by
	// themselves, before all the work and again behind it.
	step := (t.corner.step + t.right.step + t.below.step) / 3
	if f, b := g.contrasts(); f < 0.25*step || b < 0.1*step {
		return 0, false
	}
	g.refine()
	f, b := g.contrasts()
	contrast := (f + b) / 2
	if f < 0.33*step || b < 0.2*step || contrast < 4 {
		return 0, false
	}
	g.straighten(contrast, 1.5)
	other, ok = s.sampled(g, contrast)
	if !ok && other == 0 && p.version <= 6 {
		g.bends = nil
		g.clear()
		other, ok = s.sampled(g, contrast)
	}
	return other, ok
}

// sampled reads the symbol under a grid.
func (s *search) sampled(g *grid, contrast float64) (other int, ok bool) {
	p := g.plan
	m := g.sample()
	darkLevel, lightLevel := m.levels()
	for way := range shade.Ways {
		front := shade.Judge(m.shade, p.size, way, darkLevel, lightLevel)
		if p.faults(front) > 0.25 {
			continue
		}
		for _, mirrored := range [2]bool{false, true} {
			dark := front
			if mirrored {
				dark = shade.Transposed(front, p.size)
			}
			if v := p.versionOf(dark); v != 0 && v != p.version {
				other = v
				continue
			}
			if d, ok := p.decodeModel1(dark); ok {
				if _, err := parse.QR(d.words, p.version); err == nil {
					s.add(g, d, mirrored, contrast)
					return 0, true
				}
			}
			for _, f := range p.formatsOf(dark) {
				for _, erasures := range [3]float64{0, 0.3, 0.6} {
					d, ok := p.decode(dark, f, erasures)
					if !ok {
						continue
					}
					if _, err := parse.QR(d.words, p.version); err == nil {
						s.add(g, d, mirrored, contrast)
						return 0, true
					}
				}
			}
		}
	}
	return other, false
}

func (s *search) add(g *grid, d decoding, mirrored bool, contrast float64) {
	n := float64(g.plan.size)
	c := [4]geometry.Point{g.at(0, 0), g.at(n, 0), g.at(n, n), g.at(0, n)}
	if mirrored {
		c[1], c[3] = c[3], c[1]
	}
	symbol := Symbol{
		Codewords: d.words, Version: g.plan.version, Level: levels[d.level], Size: g.plan.size,
		Corrected: d.corrected, Correctable: d.correctable,
		ModulePixels: g.unit(), Contrast: math.Round(contrast), Mirrored: mirrored, Inverted: s.inverted,
	}
	for i, p := range c {
		symbol.Corners[i] = p.Array()
	}
	s.found = append(s.found, symbol)
}
