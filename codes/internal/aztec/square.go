package aztec

import (
	"math"

	"github.com/sublot/sublot/codes/internal/geometry"
	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/profile"
)

// inner is how far from the middle the edge lies that is followed: between the
// light ring 3 and the dark ring 4, in modules. Both are whole in every symbol.
const inner = 3.5

// square finds the corners of the edge between rings 3 and 4, in the order of the
// angle. They are off by no more than a fraction of a module.
func square(img *gray.Image, b bullseye) (corners [4]geometry.Point, ok bool) {
	const rays = 96
	var at [rays]geometry.Point
	var radius [rays]float64
	var sin4, cos4 float64
	known := 0
	step := max(0.4, b.unit/6)
	var line []int32
	var found []profile.Edge
	for k := range rays {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / rays)
		d := geometry.Point{X: cos, Y: sin}
		reach := 8 * b.unit
		line = profile.Along(line[:0], img, b.centre, d, step, int(reach/step)+1)
		found = profile.Edges(found[:0], line, 0.15)
		// From the dark middle outwards: light, dark, light, dark.
		if len(found) < 4 || found[0].Dark {
			continue
		}
		r := found[3].At * step
		if r < 2.3*b.unit || r > 7.5*b.unit {
			continue
		}
		radius[k], at[k] = r, b.centre.Plus(d.Times(r))
		s, c := math.Sincos(8 * math.Pi * float64(k) / rays)
		sin4, cos4 = sin4+s*r, cos4+c*r
		known++
	}
	if known < rays*2/3 {
		return corners, false
	}
	// The radius is largest toward the corners, four times around. In a tilted
	// square the corners are not a quarter apart: they move to where the lines
	// through the sides meet.
	first := math.Atan2(sin4, cos4) / 4
	bounds := [4]float64{}
	for i := range bounds {
		bounds[i] = first + float64(i)*math.Pi/2
	}
	for range 3 {
		var sides [4]line2
		for i := range sides {
			var points []geometry.Point
			from, to := bounds[i], bounds[(i+1)%4]
			if to < from {
				to += 2 * math.Pi
			}
			for k := range rays {
				if radius[k] == 0 {
					continue
				}
				a := 2 * math.Pi * float64(k) / rays
				for a < from {
					a += 2 * math.Pi
				}
				if share := (a - from) / (to - from); share > 0.12 && share < 0.88 {
					points = append(points, at[k])
				}
			}
			if sides[i], ok = through(points); !ok {
				return corners, false
			}
		}
		for i := range corners {
			if corners[i], ok = sides[(i+3)%4].meet(sides[i]); !ok {
				return corners, false
			}
			d := corners[i].Minus(b.centre)
			if d.Length() > 9*b.unit || d.Length() < 2*b.unit {
				return corners, false
			}
			bounds[i] = math.Atan2(d.Y, d.X)
		}
		for i := range bounds {
			for bounds[i] < 0 {
				bounds[i] += 2 * math.Pi
			}
		}
	}
	return corners, true
}

// A line2 is a straight line: the points p with p · normal = distance.
type line2 struct {
	normal   geometry.Point
	distance float64
}

// through lays a line through points, leaving out the worst third.
func through(points []geometry.Point) (l line2, ok bool) {
	for range 3 {
		if len(points) < 4 {
			return l, false
		}
		var c geometry.Point
		for _, p := range points {
			c = c.Plus(p.Times(1 / float64(len(points))))
		}
		var xx, xy, yy float64
		for _, p := range points {
			d := p.Minus(c)
			xx, xy, yy = xx+d.X*d.X, xy+d.X*d.Y, yy+d.Y*d.Y
		}
		sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
		l.normal = geometry.Point{X: -sin, Y: cos}
		l.distance = c.Dot(l.normal)
		worst := math.Sqrt((xx*sin*sin-2*xy*sin*cos+yy*cos*cos)/float64(len(points)))*1.5 + 0.1
		var keep []geometry.Point
		for _, p := range points {
			if math.Abs(p.Dot(l.normal)-l.distance) <= worst {
				keep = append(keep, p)
			}
		}
		points = keep
	}
	return l, true
}

func (l line2) meet(m line2) (p geometry.Point, ok bool) {
	det := l.normal.Cross(m.normal)
	if math.Abs(det) < 0.2 {
		return p, false
	}
	return geometry.Point{
		X: (l.distance*m.normal.Y - m.distance*l.normal.Y) / det,
		Y: (m.distance*l.normal.X - l.distance*m.normal.X) / det,
	}, true
}
