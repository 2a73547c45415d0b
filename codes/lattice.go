package codes

import "math"

// A lattice is the grid of modules of a symbol laid over a picture: a perspective
// view of the unit square, of which x runs along the foot of the L of a Data
// Matrix and y down its leg, bent as paper on a case is.
type lattice struct {
	corner [4][2]float64 // where the unit square's (0,0), (1,0), (1,1), (0,1) lie in the picture

	// roundX and roundY are half the angle that the symbol takes up around a
	// cylinder, in radians, when it runs around it in x or in y.
	roundX, roundY float64

	// bulgeX is where the middle of x stands out from the plane of the corners, as
	// what is bent along x does; bulgeY likewise. twist is what a bulge that runs
	// across the corners has besides.
	bulgeX, bulgeY, twist bulge

	m [8]float64 // the perspective map, set by prepare
}

// prepare computes the map from the corners (Heckbert 1989). It returns false when
// they are no convex quadrilateral.
func (l *lattice) prepare() bool {
	x0, y0, x1, y1 := l.corner[0][0], l.corner[0][1], l.corner[1][0], l.corner[1][1]
	x2, y2, x3, y3 := l.corner[2][0], l.corner[2][1], l.corner[3][0], l.corner[3][1]
	dx1, dx2, sx := x1-x2, x3-x2, x0-x1+x2-x3
	dy1, dy2, sy := y1-y2, y3-y2, y0-y1+y2-y3
	d := dx1*dy2 - dx2*dy1
	if d == 0 {
		return false
	}
	g := (sx*dy2 - dx2*sy) / d
	h := (dx1*sy - sx*dy1) / d
	l.m = [8]float64{x1 - x0 + g*x1, x3 - x0 + h*x3, x0, y1 - y0 + g*y1, y3 - y0 + h*y3, y0, g, h}
	return 1+g > 0.05 && 1+h > 0.05 && 1+g+h > 0.05
}

// A bulge is how far something stands out: in parts of the sides along x and y, as
// it looks, and how much nearer it is to the camera, in parts of the distance.
// With the sine of the angle along the round and its cosine for how far each place
// stands out this is what any camera sees of a cylinder.
type bulge struct{ x, y, near float64 }

// at returns the place in the picture of a place in the unit square.
func (l *lattice) at(u, v float64) (x, y float64) {
	if l.flat() {
		return l.project(u, v, 1)
	}
	a, outX := round(u, l.roundX)
	b, outY := round(v, l.roundY)
	return l.project(l.bulged(u, v, a, b, outX, outY))
}

// flat says whether a lattice is not bent.
func (l *lattice) flat() bool {
	return l.roundX == 0 && l.roundY == 0 && l.bulgeX == (bulge{}) && l.bulgeY == (bulge{}) && l.twist == (bulge{})
}

// project returns the place in the picture of a place in the plane of the corners, in
// homogeneous coordinates.
func (l *lattice) project(u, v, w float64) (x, y float64) {
	d := 1 / (l.m[6]*u + l.m[7]*v + w)
	return (l.m[0]*u + l.m[1]*v + l.m[2]*w) * d, (l.m[3]*u + l.m[4]*v + l.m[5]*w) * d
}

// bulged returns the place in the plane of the corners, in homogeneous coordinates,
// behind which a place (u, v) of the bent symbol lies: x and y are where it appears when what is bent is
// seen from the front, and outX and outY how far it stands out.
func (l *lattice) bulged(u, v, x, y, outX, outY float64) (px, py, w float64) {
	across := (2*u - 1) * (2*v - 1)
	near := outX*l.bulgeX.near + outY*l.bulgeY.near + across*l.twist.near
	x += outX*l.bulgeX.x + outY*l.bulgeY.x + across*l.twist.x - near/2
	y += outX*l.bulgeX.y + outY*l.bulgeY.y + across*l.twist.y - near/2
	return x, y, 1 - near
}

// round is where a place on paper appears when the paper is bent around a
// cylinder seen from the front, and how far it stands out, 0 at the ends and 1 in the
// middle.
func round(u, angle float64) (x, out float64) {
	if angle < 0.05 {
		return u, 4 * u * (1 - u)
	}
	sin, cos := math.Sincos(min(max((2*u-1)*angle, -1.55), 1.55))
	whole, end := math.Sincos(angle)
	return (sin/whole + 1) / 2, (cos - end) / (1 - end)
}

// An arc goes around a cylinder in equal steps, from 0 to 1 or back: round, without a sine
// for every step.
type arc struct {
	u, step            float64
	flat               bool
	sin, cos           float64 // of the angle from the middle
	sinStep, cosStep   float64
	scale, end, stands float64
}

func newArc(angle float64, points int, back bool) arc {
	t := arc{u: 0.5 / float64(points), step: 1 / float64(points)}
	if back {
		t.u, t.step = 1-t.u, -t.step
	}
	if t.flat = angle < 0.05; t.flat {
		return t
	}
	t.sin, t.cos = math.Sincos((2*t.u - 1) * angle)
	t.sinStep, t.cosStep = math.Sincos(2 * t.step * angle)
	whole, end := math.Sincos(angle)
	t.scale, t.end, t.stands = 0.5/whole, end, 1/(1-end)
	return t
}

// next returns a place on the paper, where it appears, and how far it stands out.
func (t *arc) next() (u, x, out float64) {
	u = t.u
	t.u += t.step
	if t.flat {
		return u, u, 4 * u * (1 - u)
	}
	x, out = t.sin*t.scale+0.5, (t.cos-t.end)*t.stands
	t.sin, t.cos = t.sin*t.cosStep+t.cos*t.sinStep, t.cos*t.cosStep-t.sin*t.sinStep
	return u, x, out
}
