package code128

import (
	"bytes"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// Config limits what [Find] does.
type Config struct {
	Stop       func() bool // says whether time is up; nil means never
	MaxSymbols int         // 0 means 32
	First      bool        // lay lines across and down, and no further
	Rest       bool        // leave out what First does
	Faint      bool        // lay broad lines only, which average noise away along the bars
}

// A Symbol is a Code 128 that was found and read.
type Symbol struct {
	Values []byte // of the characters from the start to the stop (106), the check character included

	Corners                [4][2]float64 // top left, top right, bottom right, bottom left as printed, in pixels, of the part that was read
	Lines                  int           // that agreed
	ModulePixels, Contrast float64       // width of a module; dark to light in levels of gray
	Inverted               bool
}

// Find returns the symbols in a picture, each once.
func Find(img *gray.Image, cfg Config) []Symbol {
	if cfg.Stop == nil {
		cfg.Stop = func() bool { return false }
	}
	if cfg.MaxSymbols <= 0 {
		cfg.MaxSymbols = 32
	}
	s := &search{cfg: cfg, img: img}
	// Rows and columns first. A line at another angle crosses the whole symbol when
	// the symbol is high enough: every eleventh part of a right angle is tried.
	straight := []float64{0, 90}
	slanted := []float64{11.25, -11.25, 22.5, -22.5, 33.75, -33.75, 45, -45, 56.25, -56.25, 67.5, -67.5, 78.75, -78.75}
	views := []func(){
		func() { s.sweep(straight, pass{lines: 80, thick: 1, shares: []float64{0.25}}) },
		func() { s.sweep(straight, pass{lines: 160, thick: 1, shares: []float64{0.25, 0.12}}) },
		func() { s.sweep(slanted, pass{lines: 90, thick: 1, shares: []float64{0.25}}) },
		func() { s.sweep(straight, pass{lines: 80, thick: 5, shares: []float64{0.2, 0.08}}) },
		func() { s.sweep(straight, pass{lines: 60, thick: 5, sharpen: 0.5, shares: []float64{0.2, 0.1}}) },
		func() {
			s.img = profile.Sharpened(img)
			s.sweep(straight, pass{lines: 100, thick: 1, shares: []float64{0.2, 0.1}})
		},
	}
	if cfg.Faint {
		views = []func(){
			func() {
				s.sweep(append(straight, slanted...), pass{lines: 40, thick: 11, shares: []float64{0.35, 0.2}})
			},
		}
	} else if cfg.First {
		views = views[:1]
	} else if cfg.Rest {
		views = views[1:]
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
	cfg   Config
	img   *gray.Image
	found []Symbol
}

// A group is the lines that agree.
type group struct {
	values    []byte
	starts    []geometry.Point
	ends      []geometry.Point
	certainty float64 // of the best line
	last      int     // line
	inverted  bool
}

// A pass is how lines are laid: about so many in each direction, each the mean of
// some side by side, which quiets noise, and each sample set off against those two
// to either side, which brings back bars that have blurred. Edges are sought at
// each share of the contrast in turn, see [profile.Edges].
type pass struct {
	lines   float64
	thick   int
	sharpen float64
	shares  []float64
}

// sweep lays lines in some directions across the picture.
func (s *search) sweep(angles []float64, p pass) {
	for _, angle := range angles {
		sin, cos := math.Sincos(angle * math.Pi / 180)
		s.along(geometry.Point{X: cos, Y: sin}, p)
		if s.cfg.Stop() || len(s.found) >= s.cfg.MaxSymbols {
			return
		}
	}
}

// sample returns the brightness along a line of a pass.
func (s *search) sample(out []int32, origin, direction geometry.Point, n int, p pass) []int32 {
	out = profile.Along(out, s.img, origin, direction, 1, n)
	if p.thick > 1 {
		across := direction.Across()
		var line []int32
		for k := -(p.thick / 2); k <= p.thick/2; k++ {
			if k == 0 {
				continue
			}
			line = profile.Along(line[:0], s.img, origin.Plus(across.Times(float64(k))), direction, 1, n)
			for j, v := range line {
				out[j] += v
			}
		}
		for j := range out {
			out[j] /= int32(p.thick)
		}
	}
	if p.sharpen > 0 {
		v := append([]int32(nil), out...)
		for j := 2; j+2 < n; j++ {
			out[j] = v[j] + int32(p.sharpen*float64(2*v[j]-v[j-2]-v[j+2]))
		}
	}
	return out
}

// along lays parallel lines.
func (s *search) along(direction geometry.Point, p pass) {
	width, height := float64(s.img.W), float64(s.img.H)
	across := direction.Across()
	near, far, begin, end := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range []geometry.Point{{}, {X: width}, {Y: height}, {X: width, Y: height}} {
		near, far = min(near, c.Dot(across)), max(far, c.Dot(across))
		begin, end = min(begin, c.Dot(direction)), max(end, c.Dot(direction))
	}
	gap := max(1, math.Floor((far-near)/p.lines))
	var groups []*group
	var line []int32
	var found []profile.Edge
	for i, at := 0, near+0.5+math.Floor(gap/2); at < far; i, at = i+1, at+gap {
		if i%8 == 0 && s.cfg.Stop() {
			break
		}
		from, to := clip(across.Times(at), direction, begin, end, width, height)
		if to-from < 40 {
			continue
		}
		from = math.Floor(from) - 2.5
		n := int(to-from) + 4
		origin := across.Times(at).Plus(direction.Times(from))
		line = s.sample(line[:0], origin, direction, n, p)
		for _, share := range p.shares {
			found = profile.Edges(found[:0], line, share)
			if len(found) < 20 {
				continue
			}
			got := everyWay(found, float64(n))
			for _, r := range got {
				groups = join(groups, r, i, origin.Plus(direction.Times(r.from)), origin.Plus(direction.Times(r.to)))
			}
			if len(got) > 0 {
				break
			}
		}
	}
	for _, g := range groups {
		s.add(g)
	}
}

// clip returns the stretch of a line through base that lies in the picture.
func clip(base, direction geometry.Point, from, to, width, height float64) (float64, float64) {
	for _, c := range [2][3]float64{{base.X, direction.X, width}, {base.Y, direction.Y, height}} {
		if math.Abs(c[1]) < 1e-9 {
			continue
		}
		a, b := -c[0]/c[1], (c[2]-c[0])/c[1]
		from, to = max(from, min(a, b)), min(to, max(a, b))
	}
	return from, to
}

// join puts a reading into the group of those before it that say the same at about
// the same place.
func join(groups []*group, r reading, line int, start, end geometry.Point) []*group {
	length := end.Minus(start).Length()
	for _, g := range groups {
		if bytes.Equal(g.values, r.values) && g.inverted == r.inverted && g.starts[len(g.starts)-1].Minus(start).Length() < 0.25*length+float64(line-g.last) {
			g.starts, g.ends = append(g.starts, start), append(g.ends, end)
			g.certainty = max(g.certainty, r.certainty)
			g.last = line
			return groups
		}
	}
	return append(groups, &group{r.values, []geometry.Point{start}, []geometry.Point{end}, r.certainty, line, r.inverted})
}

// A single line must have all its characters as certain as this, and as many.
const (
	sure      = 0.55
	longAlone = 8
)

// add keeps the symbol of a group unless it is known or doubtful.
func (s *search) add(g *group) {
	lines := len(g.starts)
	if lines < 2 && !(g.certainty > sure && len(g.values) >= longAlone) || len(s.found) >= s.cfg.MaxSymbols {
		return
	}
	a, b := g.starts[0], g.ends[0]
	c, d := g.starts[lines-1], g.ends[lines-1]
	middle := geometry.Between(geometry.Between(a, b, 0.5), geometry.Between(c, d, 0.5), 0.5)
	for _, k := range s.found {
		other := geometry.Between(geometry.Point{X: k.Corners[0][0], Y: k.Corners[0][1]}, geometry.Point{X: k.Corners[2][0], Y: k.Corners[2][1]}, 0.5)
		if bytes.Equal(k.Values, g.values) && other.Minus(middle).Length() < b.Minus(a).Length() {
			return
		}
	}
	// As printed the symbol runs from the start to the right, and down is a
	// quarter turn from there.
	if c.Minus(a).Dot(b.Minus(a).Across()) < 0 {
		a, b, c, d = c, d, a, b
	}
	modules := float64(charModules*(len(g.values)-1) + 13)
	s.found = append(s.found, Symbol{
		Values: g.values, Lines: lines, Inverted: g.inverted,
		Corners:      [4][2]float64{a.Array(), b.Array(), d.Array(), c.Array()},
		ModulePixels: b.Minus(a).Length() / modules,
		Contrast:     s.contrast(a, b),
	})
}

// contrast is the range of brightness along a line, less the twentieth part at
// either end.
func (s *search) contrast(a, b geometry.Point) float64 {
	const n = 400
	v := profile.Along(nil, s.img, a, b.Minus(a).Times(1.0/n), 1, n)
	slices.Sort(v)
	return math.Round(float64(v[n-n/20]-v[n/20]) / profile.Level)
}
