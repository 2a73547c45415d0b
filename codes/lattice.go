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

	// bowX is how far the middle of a line along x is pushed along y, in parts of
	// the side; bowY likewise.
	bowX, bowY float64

	// swellX is how much longer the symbol is along y in the middle of x than at
	// its ends, in parts: what is nearer on a cylinder looks larger. swellY
	// likewise.
	swellX, swellY float64

	// leanX is how far the middle of x is pushed along x, as where the symbol goes
	// round a case to one side; leanY likewise.
	leanX, leanY float64

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

// at returns the place in the picture of a place in the unit square.
func (l *lattice) at(u, v float64) (x, y float64) {
	if l.bowX != 0 {
		v += l.bowX * 4 * u * (1 - u)
	}
	if l.bowY != 0 {
		u += l.bowY * 4 * v * (1 - v)
	}
	if l.leanX != 0 {
		u += l.leanX * u * (1 - u)
	}
	if l.leanY != 0 {
		v += l.leanY * v * (1 - v)
	}
	if l.swellX != 0 {
		v += l.swellX * 4 * u * (1 - u) * (v - 0.5)
	}
	if l.swellY != 0 {
		u += l.swellY * 4 * v * (1 - v) * (u - 0.5)
	}
	if l.roundX != 0 {
		u = round(u, l.roundX)
	}
	if l.roundY != 0 {
		v = round(v, l.roundY)
	}
	w := l.m[6]*u + l.m[7]*v + 1
	return (l.m[0]*u + l.m[1]*v + l.m[2]) / w, (l.m[3]*u + l.m[4]*v + l.m[5]) / w
}

// round is where a place on paper appears when the paper is bent around a
// cylinder seen from the front.
func round(u, angle float64) float64 {
	a := (2*u - 1) * angle
	if a > 1.5 || a < -1.5 {
		a = math.Copysign(1.5, a)
	}
	return (math.Sin(a)/math.Sin(angle) + 1) / 2
}
