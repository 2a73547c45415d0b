package gray

// An Image is a picture in shades of gray, row by row: the pixel in column x of
// row y is Pix[y*W+x].
type Image struct {
	W, H int     // pixels, both at least 1 in a picture that [From] made
	Pix  []uint8 // W*H of them, 0 black to 255 white
}

// New returns a black picture.
func New(w, h int) *Image {
	return &Image{W: w, H: h, Pix: make([]uint8, w*h)}
}

// Row returns the pixels of row y, for loops that care for speed.
func (g *Image) Row(y int) []uint8 { return g.Pix[y*g.W : (y+1)*g.W] }

// At returns the brightness at a place, interpolated between the four pixel
// centres around it. Outside the picture its edge goes on.
func (g *Image) At(x, y float64) float64 {
	x -= 0.5
	y -= 0.5
	if !(x >= 0 && y >= 0 && x < float64(g.W-1) && y < float64(g.H-1)) {
		return g.atEdge(x, y)
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float64(x0), y-float64(y0)
	p := g.Pix[y0*g.W+x0:]
	q := p[g.W:]
	a, c := float64(p[0]), float64(q[0])
	top := a + (float64(p[1])-a)*fx
	return top + (c+(float64(q[1])-c)*fx-top)*fy
}

// atEdge is At, half a pixel shifted, for places without four pixels around.
func (g *Image) atEdge(x, y float64) float64 {
	if !(x > 0) { // also NaN
		x = 0
	}
	if !(y > 0) {
		y = 0
	}
	x, y = min(x, float64(g.W-1)), min(y, float64(g.H-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, g.W-1), min(y0+1, g.H-1)
	fx, fy := x-float64(x0), y-float64(y0)
	a, b := float64(g.Pix[y0*g.W+x0]), float64(g.Pix[y0*g.W+x1])
	c, d := float64(g.Pix[y1*g.W+x0]), float64(g.Pix[y1*g.W+x1])
	top := a + (b-a)*fx
	return top + (c+(d-c)*fx-top)*fy
}

// Inside says whether a place lies in the picture.
func (g *Image) Inside(x, y float64) bool {
	return x >= 0 && y >= 0 && x <= float64(g.W) && y <= float64(g.H)
}

// Invert returns the negative.
func (g *Image) Invert() *Image {
	n := New(g.W, g.H)
	for i, v := range g.Pix {
		n.Pix[i] = 255 - v
	}
	return n
}

// Crop returns a copy of the part of the picture from (x0, y0) up to but not
// including (x1, y1), cut to the picture; at least one pixel is returned.
func (g *Image) Crop(x0, y0, x1, y1 int) *Image {
	x0, y0 = min(max(x0, 0), g.W-1), min(max(y0, 0), g.H-1)
	x1, y1 = min(max(x1, x0+1), g.W), min(max(y1, y0+1), g.H)
	n := New(x1-x0, y1-y0)
	for y := y0; y < y1; y++ {
		copy(n.Row(y-y0), g.Row(y)[x0:x1])
	}
	return n
}
