package codes

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A blob is a part of a picture whose dark pixels hang together when each is
// thickened a little: a symbol with its modules grown into one another.
type blob struct {
	hull [][2]float64 // convex, clockwise as seen, in pixels of the level
	dark int          // pixels
	run  float64      // width of its narrow dark strokes, pixels
}

// blobs returns the blobs of a mask of dark pixels that could be symbols, so many at
// most, the largest first. Gaps of two pixels count as filled when they are to grow.
func blobs(w, h int, mask []uint8, grow bool, most int) []blob {
	grown := mask
	if grow {
		grown = thicken(mask, w, h)
	}
	parts, strips := connected(grown, mask, w, h)
	order := make([]int, 0, len(parts))
	for i, p := range parts {
		// The smallest symbol has 8 modules, and one pixel a module is the least.
		wide, high := p.x1-p.x0, p.y1-p.y0
		if p.dark >= 20 && max(wide, high) >= 8 && min(wide, high) >= 5 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return -cmp.Compare(parts[a].dark, parts[b].dark) })
	var out []blob
	var points [][2]float64
	for _, i := range order {
		if len(out) == most {
			break
		}
		p := &parts[i]
		points = p.outline(points[:0], strips)
		b := blob{dark: p.dark, hull: hullOf(points)}
		if fill := float64(p.dark) / polygonArea(b.hull); fill < 0.15 || fill > 0.97 {
			continue
		}
		b.run = strokes(mask, w, p.x0, p.y0, p.x1, p.y1)
		out = append(out, b)
	}
	return out
}

// darker marks the pixels that are darker than the mean around them by a part of
// what is usual there, and those that are lighter.
func darker(g *gray.Image) (dark, light []uint8) {
	r := max(min(g.W, g.H)/8, 10)
	mean := g.Box(r)
	off := gray.New(g.W, g.H)
	for i, m := range mean.Pix {
		d := int(g.Pix[i]) - int(m)
		off.Pix[i] = uint8(min(4*max(d, -d), 255))
	}
	spread := off.Box(r)
	dark, light = make([]uint8, len(g.Pix)), make([]uint8, len(g.Pix))
	for i, m := range mean.Pix {
		d := int(m) - int(g.Pix[i])
		least := int(spread.Pix[i])
		if 10*d > max(least, 10) {
			dark[i] = 1
		} else if -10*d > max(least, 10) {
			light[i] = 1
		}
	}
	return dark, light
}

// thicken marks what lies beside a marked pixel, in a square of three.
func thicken(mask []uint8, w, h int) []uint8 {
	across := make([]uint8, len(mask))
	for y := range h {
		row := mask[y*w : (y+1)*w]
		out := across[y*w : (y+1)*w]
		copy(out, row)
		joinBytes(out[1:], row[:w-1])
		joinBytes(out[:w-1], row[1:])
	}
	out := slices.Clone(across)
	joinBytes(out[w:], across[:len(across)-w])
	joinBytes(out[:len(across)-w], across[w:])
	return out
}

// joinBytes sets in a what is set in b, which is as long.
func joinBytes(a, b []uint8) {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(a[i:], binary.LittleEndian.Uint64(a[i:])|binary.LittleEndian.Uint64(b[i:]))
	}
	for ; i < len(b); i++ {
		a[i] |= b[i]
	}
}

// strokes is the width that a third of the dark runs along rows and columns do
// not reach: about a module in a symbol.
func strokes(mask []uint8, w, x0, y0, x1, y1 int) float64 {
	var counts [64]int
	total := 0
	scan := func(start, step, n int) {
		run := 0
		for i := range n {
			if mask[start+i*step] != 0 {
				run++
			} else if run > 0 {
				counts[min(run, 63)]++
				total++
				run = 0
			}
		}
	}
	for y := y0; y <= y1; y += max((y1-y0)/24, 1) {
		scan(y*w+x0, 1, x1-x0+1)
	}
	for x := x0; x <= x1; x += max((x1-x0)/24, 1) {
		scan(y0*w+x, w, y1-y0+1)
	}
	sum := 0
	for run, n := range counts {
		sum += n
		if 3*sum >= total && n > 0 {
			return float64(run)
		}
	}
	return 1
}

// hullOf returns the convex hull, clockwise as seen in a picture whose y runs
// down (Andrew's chain).
func hullOf(p [][2]float64) [][2]float64 {
	slices.SortFunc(p, func(a, b [2]float64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	p = slices.Compact(p)
	cross := func(o, a, b [2]float64) float64 {
		return (a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0])
	}
	var h [][2]float64
	for pass := range 2 {
		floor := len(h) + 1
		for _, q := range p {
			for len(h) > floor && cross(h[len(h)-2], h[len(h)-1], q) <= 0 {
				h = h[:len(h)-1]
			}
			h = append(h, q)
		}
		h = h[:len(h)-1]
		if pass == 0 {
			slices.Reverse(p)
		}
	}
	return h
}

func polygonArea(p [][2]float64) float64 {
	sum := 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		sum += a[0]*b[1] - a[1]*b[0]
	}
	return math.Abs(sum) / 2
}

// quad returns the largest quadrilateral in a hull, clockwise.
func quad(h [][2]float64) (q [4][2]float64, ok bool) {
	if len(h) < 4 {
		return q, false
	}
	area := func(a, b, c [2]float64) float64 {
		return math.Abs((b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]))
	}
	h = slices.Clone(h)
	for len(h) > 28 { // drop the bluntest corner
		least, at := math.Inf(1), 0
		for i := range h {
			if s := area(h[(i+len(h)-1)%len(h)], h[i], h[(i+1)%len(h)]); s < least {
				least, at = s, i
			}
		}
		h = slices.Delete(h, at, at+1)
	}
	n := len(h)
	best := 0.0
	for i := range n {
		for j := i + 2; j < n; j++ {
			one, two, a, b := 0.0, 0.0, -1, -1
			for k := i + 1; k < j; k++ {
				if s := area(h[i], h[k], h[j]); s > one {
					one, a = s, k
				}
			}
			for k := j + 1; k < n+i; k++ {
				if s := area(h[i], h[k%n], h[j]); s > two {
					two, b = s, k%n
				}
			}
			if a >= 0 && b >= 0 && one+two > best {
				best = one + two
				q, ok = [4][2]float64{h[i], h[a], h[j], h[b]}, true
			}
		}
	}
	return q, ok
}

// squared moves the corners of a quadrilateral in a hull to where its sides meet.
// The corner of a Data Matrix that lies opposite to its L is light, so the hull
// cuts it off, and a hull's corner is seldom a symbol's.
func squared(h [][2]float64, q [4][2]float64) [4][2]float64 {
	var side [4][2][2]float64
	for i := range q {
		side[i] = longest(between(h, q[i], q[(i+1)%4]))
	}
	out := q
	limit := 0.2 * math.Sqrt(quadArea(q))
	for i := range q {
		if p, ok := meet(side[(i+3)%4], side[i]); ok && distance(p, q[i]) < limit {
			out[i] = p
		}
	}
	return out
}

// between returns the chain of a hull from one of its corners to another.
func between(h [][2]float64, a, b [2]float64) [][2]float64 {
	i, j := slices.Index(h, a), slices.Index(h, b)
	if i < 0 || j < 0 {
		return [][2]float64{a, b}
	}
	if j < i {
		j += len(h)
	}
	var out [][2]float64
	for k := i; k <= j; k++ {
		out = append(out, h[k%len(h)])
	}
	return out
}

// longest returns the longest straight part of a chain, or its ends where it is
// bent all along.
func longest(chain [][2]float64) [2][2]float64 {
	ends := [2][2]float64{chain[0], chain[len(chain)-1]}
	length := distance(ends[0], ends[1])
	best := [2][2]float64{}
	var split func(i, j int)
	split = func(i, j int) {
		a, b := chain[i], chain[j]
		far, at := 0.0, -1
		l := max(distance(a, b), 1e-9)
		for k := i + 1; k < j; k++ {
			d := math.Abs((b[0]-a[0])*(chain[k][1]-a[1])-(b[1]-a[1])*(chain[k][0]-a[0])) / l
			if d > far {
				far, at = d, k
			}
		}
		if at < 0 || far < max(0.7, 0.008*length) {
			if l > distance(best[0], best[1]) {
				best = [2][2]float64{a, b}
			}
			return
		}
		split(i, at)
		split(at, j)
	}
	split(0, len(chain)-1)
	if distance(best[0], best[1]) < 0.6*length {
		return ends
	}
	return best
}

// meet is where two lines cross.
func meet(a, b [2][2]float64) (p [2]float64, ok bool) {
	dx, dy := a[1][0]-a[0][0], a[1][1]-a[0][1]
	ex, ey := b[1][0]-b[0][0], b[1][1]-b[0][1]
	d := dx*ey - dy*ex
	if math.Abs(d) < 1e-9 {
		return p, false
	}
	t := ((b[0][0]-a[0][0])*ey - (b[0][1]-a[0][1])*ex) / d
	return [2]float64{a[0][0] + t*dx, a[0][1] + t*dy}, true
}

// barrel returns the quadrilateral between the two longest straight sides of a
// hull that run against each other: what bends is the other two.
func barrel(h [][2]float64) (q [4][2]float64, ok bool) {
	straight := simplified(h, 1)
	n := len(straight)
	best := 0.0
	for i := range n {
		for j := i + 1; j < n; j++ {
			a, b := straight[i], straight[(i+1)%n]
			c, d := straight[j], straight[(j+1)%n]
			one, two := distance(a, b), distance(c, d)
			dot := (b[0]-a[0])*(d[0]-c[0]) + (b[1]-a[1])*(d[1]-c[1])
			if dot > -0.9*one*two {
				continue
			}
			if shorter := min(one, two); shorter > best {
				best = shorter
				q, ok = [4][2]float64{a, b, c, d}, true
			}
		}
	}
	return q, ok
}

// simplified drops the corners of a hull that lie within so many pixels of the
// side that remains without them.
func simplified(h [][2]float64, tolerance float64) [][2]float64 {
	h = slices.Clone(h)
	for len(h) > 4 {
		least, at := tolerance, -1
		for i, p := range h {
			a, b := h[(i+len(h)-1)%len(h)], h[(i+1)%len(h)]
			d := math.Abs((b[0]-a[0])*(p[1]-a[1])-(b[1]-a[1])*(p[0]-a[0])) / max(distance(a, b), 1e-9)
			if d < least {
				least, at = d, i
			}
		}
		if at < 0 {
			break
		}
		h = slices.Delete(h, at, at+1)
	}
	return h
}
