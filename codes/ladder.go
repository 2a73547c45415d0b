package codes

import (
	"cmp"
	"slices"
	"time"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A scanner is one run of [Scan].
type scanner struct {
	cfg      ScanConfig
	deadline time.Time
	hits     []Hit
	seen     []Sighting
	timedOut bool
	looks    []view // at the picture, with what was found out about them
}

// A view is the picture as one step of the ladder looks at it: scaled, turned or
// inverted.
type view struct {
	*gray.Image
	inverted bool

	// place takes a place in the view to one in the picture.
	place func(x, y float64) (float64, float64)

	survey *survey // for a second try of the same view; may be nil
}

func straight(x, y float64) (float64, float64) { return x, y }

// scaled is the view of a picture through another of its pictures of a different
// size.
func (v view) scaled(g *gray.Image) view {
	fx, fy := float64(v.W)/float64(g.W), float64(v.H)/float64(g.H)
	return view{g, v.inverted, func(x, y float64) (float64, float64) { return v.place(x*fx, y*fy) }, &survey{}}
}

func (v view) same() view { return v }

// half is nothing where a symbol would have no pixels left.
func (v view) half() view {
	if min(v.W, v.H) < 80 {
		return view{}
	}
	return v.scaled(v.Half())
}

// double is nothing where the picture is large enough as it is.
func (v view) double() view {
	if v.W*v.H > frameSize/4 {
		return view{}
	}
	return v.scaled(v.Double())
}

// levelled is the view with each part of it stretched to full contrast, nothing
// where there is nothing to stretch.
func (v view) levelled() view {
	if v.survey == nil {
		return v.scaled(v.level())
	}
	if v.survey.levelled == nil {
		v.survey.levelled = v.level()
	}
	return v.scaled(v.survey.levelled)
}

func (v view) level() *gray.Image {
	r := max(min(v.W, v.H)/6, 8)
	mean := v.Box(r)
	off := gray.New(v.W, v.H)
	for i, m := range mean.Pix {
		d := int(v.Pix[i]) - int(m)
		off.Pix[i] = uint8(min(2*max(d, -d), 255))
	}
	spread := off.Box(r)
	var parts [256]int // to multiply is much quicker than to divide
	for i := range parts {
		parts[i] = (100<<16 + i) / (i + 1)
	}
	out := gray.New(v.W, v.H)
	for i, m := range mean.Pix {
		d := (int(v.Pix[i]) - int(m)) * parts[spread.Pix[i]] / (1 << 16) // toward zero: grain stays even
		out.Pix[i] = uint8(min(max(128+d, 0), 255))
	}
	return out
}

// sharpened is the view with its edges made steeper: what the lens spread over r
// pixels is taken back in part.
func (v view) sharpened(r int) view {
	soft := v.Box(r).Box(r)
	out := gray.New(v.W, v.H)
	for i, m := range soft.Pix {
		d := int(v.Pix[i]) - int(m)
		out.Pix[i] = uint8(min(max(int(v.Pix[i])+3*d, 0), 255))
	}
	return v.scaled(out)
}

func (v view) doubleSharpened() view {
	if v = v.double(); v.Image == nil {
		return v
	}
	return v.sharpened(2)
}

func (v view) smoothed() view { return v.scaled(v.Box(2).Box(1)) }

func (v view) calmed() view {
	if v.survey == nil {
		return v.smoothed().levelled()
	}
	if v.survey.calmed == nil {
		v.survey.calmed = v.smoothed().levelled().Image
	}
	return v.scaled(v.survey.calmed)
}

// frameSize is the number of pixels that one look at a picture takes in. A larger
// picture is seen whole at a smaller size, and its restless regions at full size.
const frameSize = 1_200_000

// frames are the views on which every rung of the ladder is tried.
func frames(g *gray.Image) []view {
	whole := view{g, false, straight, &survey{}}
	if g.W*g.H <= frameSize {
		return []view{whole}
	}
	out := []view{whole.within(frameSize)}
	for _, r := range regions(g) {
		out = append(out, whole.cut(r).within(frameSize))
	}
	return out
}

// within is the view at half its size as often as it takes to have so many
// pixels.
func (v view) within(pixels int) view {
	for v.W*v.H > pixels {
		v = v.scaled(v.Half())
	}
	return v
}

// A rung of the ladder is a way to look at a picture and a way to read it.
type rung struct {
	name string
	look func(v view) view // the view it takes; one without a picture where that makes no sense
	read func(s *scanner, v view)
}

// ladder has its rungs in the order of what they read for the time they take, as
// TestRungs measures it; docs/reading.md has the figures.
var ladder = []rung{
	{"gozxing, as it is", view.same, (*scanner).cheap},
	{"code 128, straight", view.same, engine(findCode128).reads(Code128, first)},
	{"gozxing, part by part", view.same, (*scanner).cheapParts},
	{"gozxing, double size", view.double, (*scanner).cheap},
	{"gozxing, half size", view.half, (*scanner).cheap},
	{"aztec", view.same, engine(findAztec).reads(Aztec, first)},
	{"pdf417, straight", view.same, engine(findPDF417).reads(PDF417, first)},
	{"qr", view.same, engine(findQR).reads(QR, first)},
	{"data matrix", view.same, engine(findDataMatrix).reads(DataMatrix, full)},
	{"code 128, slanted, soft", view.same, engine(findCode128).reads(Code128, rest)},
	{"gozxing, code 128", view.same, (*scanner).cheapBars},
	{"qr, smoothed, levelled, half, sharpened", view.same, engine(findQR).reads(QR, rest)},
	{"pdf417, slanted, sharpened", view.same, engine(findPDF417).reads(PDF417, rest)},
	{"aztec, smoothed, half, sharpened", view.same, engine(findAztec).reads(Aztec, rest)},
	{"gozxing, levelled", view.levelled, (*scanner).cheap},
	{"gozxing, sharpened", func(v view) view { return v.sharpened(2) }, (*scanner).cheap},
	{"gozxing, double, sharpened", view.doubleSharpened, (*scanner).cheap},
	{"gozxing, smoothed", view.smoothed, (*scanner).cheap},
	{"data matrix, bent", view.same, engine(findBentDataMatrix).reads(DataMatrix, full)},
	{"data matrix, double", view.double, engine(findDataMatrix).reads(DataMatrix, fine)},
	{"qr, double", view.double, engine(findQR).reads(QR, first)},
	{"aztec, smoothed, levelled", view.calmed, engine(findAztec).reads(Aztec, first)},
	{"pdf417, smoothed, levelled", view.calmed, engine(findPDF417).reads(PDF417, full)},
	{"code 128, broad lines", view.same, engine(findCode128).reads(Code128, faint)},
}

// Of the ladder the first rung is taken for every look at the picture before the
// next, the rungs up to this one then look by look, and the others again each for
// every look: a mark in a large picture is mostly seen at the first look or needs
// nothing but a closer one.
const engineRungs = 14

// climb takes one rung after the other, until one reads something, all have been
// tried, or time is up.
func (s *scanner) climb(g *gray.Image) {
	looks := frames(g)
	s.looks = looks
	step := func(r rung, v view) (done bool) {
		if s.late() {
			return true
		}
		if seen := r.look(v); seen.Image != nil {
			r.read(s, seen)
			if len(s.hits) > 0 {
				s.others(g, seen)
				return true
			}
		}
		return false
	}
	for _, v := range looks {
		if step(ladder[0], v) {
			return
		}
	}
	for _, v := range looks {
		for _, r := range ladder[1:engineRungs] {
			if step(r, v) {
				return
			}
		}
	}
	for _, r := range ladder[engineRungs:] {
		for _, v := range looks {
			if step(r, v) {
				return
			}
		}
	}
}

// further are the ways to look for one more mark, the cheapest first.
var further = []func(*scanner, view){
	(*scanner).cheap, engine(findQR).reads(QR, first), engine(findDataMatrix).reads(DataMatrix, full),
	engine(findCode128).reads(Code128, first), engine(findAztec).reads(Aztec, first), engine(findPDF417).reads(PDF417, first),
}

// barrenSize is in how many pixels nothing may be found before no more is looked for.
const barrenSize = frameSize / 4

// others looks for further marks once the first is read in a view: in the
// restless parts of the picture that the hits do not account for, the likeliest first.
func (s *scanner) others(g *gray.Image, seen view) {
	if h := s.hits[0]; h.Symbology == QR && h.ModulePixels >= 4 { // its modules may hold another
		engine(findQR).reads(QR, full)(s, seen)
	}
	whole := view{g, false, straight, &survey{}}
	parts := regions(g)
	var looked []region // at every pixel of them, by every engine
	barren := 0
	for _, r := range parts {
		if s.explained(r) || 3*r.energy < parts[0].energy {
			continue
		}
		if barren > barrenSize {
			return
		}
		reads := further
		if slices.ContainsFunc(looked, func(q region) bool { return r.share(q) > 0.9 }) {
			reads = further[:1] // begins in the middle of what it is given
		} else if r.area() <= frameSize {
			looked = append(looked, r)
		}
		v := whole.cut(r).within(frameSize)
		before := len(s.hits)
		for _, read := range reads {
			if s.late() || len(s.hits) >= s.cfg.MaxMarks {
				return
			}
			if read(s, v); len(s.hits) > before {
				break
			}
		}
		if len(s.hits) == before && len(reads) > 1 {
			barren += v.W * v.H
		}
	}
}

// explained says whether hits fill most of a region, the margin that it was given
// not counted.
func (s *scanner) explained(r region) bool {
	covered := 0.0
	for _, h := range s.hits {
		x0, y0, x1, y1 := bounds(h.Corners)
		mx, my := 0.2*(x1-x0)+8, 0.2*(y1-y0)+8
		w := min(x1+mx, float64(r.x1)) - max(x0-mx, float64(r.x0))
		h := min(y1+my, float64(r.y1)) - max(y0-my, float64(r.y0))
		covered += max(w, 0) * max(h, 0)
	}
	return covered > 0.7*float64(r.area())
}

// late says whether time is up.
func (s *scanner) late() bool {
	if !s.timedOut && time.Now().After(s.deadline) {
		s.timedOut = true
	}
	return s.timedOut
}

// wants says whether a symbology is to be looked for.
func (s *scanner) wants(k Symbology) bool {
	return len(s.cfg.Symbologies) == 0 || slices.Contains(s.cfg.Symbologies, k)
}

// add keeps a hit unless it is one that is known already.
func (s *scanner) add(h Hit) {
	if len(s.hits) >= s.cfg.MaxMarks {
		return
	}
	for _, k := range s.hits {
		if k.Symbology == h.Symbology && k.Payload.Equal(h.Payload) && overlap(k.Corners, h.Corners) {
			return
		}
	}
	s.hits = append(s.hits, h)
}

// overlap says whether the middle of either quadrilateral lies in the bounds of
// the other.
func overlap(a, b [4][2]float64) bool {
	return inBounds(middle(a), b) || inBounds(middle(b), a)
}

func middle(q [4][2]float64) [2]float64 {
	return [2]float64{(q[0][0] + q[1][0] + q[2][0] + q[3][0]) / 4, (q[0][1] + q[1][1] + q[2][1] + q[3][1]) / 4}
}

func bounds(q [4][2]float64) (x0, y0, x1, y1 float64) {
	return min(q[0][0], q[1][0], q[2][0], q[3][0]), min(q[0][1], q[1][1], q[2][1], q[3][1]),
		max(q[0][0], q[1][0], q[2][0], q[3][0]), max(q[0][1], q[1][1], q[2][1], q[3][1])
}

func inBounds(p [2]float64, q [4][2]float64) bool {
	x0, y0, x1, y1 := bounds(q)
	return p[0] >= x0 && p[0] <= x1 && p[1] >= y0 && p[1] <= y1
}

func (s *scanner) result() ScanResult {
	slices.SortStableFunc(s.hits, func(a, b Hit) int {
		ma, mb := middle(a.Corners), middle(b.Corners)
		return cmp.Or(cmp.Compare(ma[1], mb[1]), cmp.Compare(ma[0], mb[0]))
	})
	return ScanResult{Hits: s.hits, Seen: s.seen, TimedOut: s.timedOut && len(s.hits) == 0}
}
