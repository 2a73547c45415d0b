package geometry

import "math"

// A Point is a place in a picture in pixels, or in a symbol in modules, with x to
// the right and y down.
type Point struct{ X, Y float64 }

// Plus is the sum of two vectors.
func (p Point) Plus(q Point) Point { return Point{p.X + q.X, p.Y + q.Y} }

// Minus is the vector from q to p.
func (p Point) Minus(q Point) Point { return Point{p.X - q.X, p.Y - q.Y} }

// Times is p f times as long.
func (p Point) Times(f float64) Point { return Point{p.X * f, p.Y * f} }

// Dot is the scalar product.
func (p Point) Dot(q Point) float64 { return p.X*q.X + p.Y*q.Y }

// Cross is the area between two vectors, positive when q lies to the right of p
// in a picture.
func (p Point) Cross(q Point) float64 { return p.X*q.Y - p.Y*q.X }

// Length is the distance from the origin.
func (p Point) Length() float64 { return math.Hypot(p.X, p.Y) }

// Unit is p at length 1; nothing becomes of the zero vector.
func (p Point) Unit() Point { return p.Times(1 / math.Max(p.Length(), 1e-9)) }

// Across is p turned right by a quarter.
func (p Point) Across() Point { return Point{-p.Y, p.X} }

// Array returns the coordinates as the corners of a symbol are given.
func (p Point) Array() [2]float64 { return [2]float64{p.X, p.Y} }

// Between is the point at the share f of the way from a to b.
func Between(a, b Point, f float64) Point {
	return Point{a.X + (b.X-a.X)*f, a.Y + (b.Y-a.Y)*f}
}

// Inside says whether p lies in a convex quadrilateral.
func Inside(p Point, q [4][2]float64) bool {
	left, right := false, false
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		c := (b[0]-a[0])*(p.Y-a[1]) - (b[1]-a[1])*(p.X-a[0])
		left, right = left || c < 0, right || c > 0
	}
	return !(left && right)
}
