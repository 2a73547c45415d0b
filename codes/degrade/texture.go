package degrade

import (
	"math"
	"math/rand/v2"
)

// A texture is smooth noise over the plane, about 0 with values of -1 to 1, made
// of random values on a lattice of the given spacing.
type texture struct {
	spacing float64
	value   [128 * 128]float32
}

func newTexture(r *rand.Rand, spacing float64) *texture {
	t := &texture{spacing: spacing}
	for i := range t.value {
		t.value[i] = float32(2*r.Float64() - 1)
	}
	return t
}

func (t *texture) at(x, y float64) float64 {
	x, y = x/t.spacing, y/t.spacing
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx), int(fy)
	fx, fy = x-fx, y-fy
	v := func(i, j int) float64 { return float64(t.value[(j&127)<<7|i&127]) }
	top := v(i, j)*(1-fx) + v(i+1, j)*fx
	bottom := v(i, j+1)*(1-fx) + v(i+1, j+1)*fx
	return top*(1-fy) + bottom*fy
}

// dots are the pits of a dot-peen mark, one for each dark module.
type dots struct {
	w, h   int
	radius float64
	place  [][2]float64 // of the pit of a module, off the module's middle; NaN where there is none
	lit    [2]float64   // the side from which the light comes
}

// newDots returns nil when modules are full squares.
func newDots(g Grid, c Config, r *rand.Rand) *dots {
	if c.Dots <= 0 {
		return nil
	}
	d := &dots{w: g.Width(), h: g.Height(), radius: c.Dots / 2}
	d.lit[1], d.lit[0] = math.Sincos(r.Float64() * 2 * math.Pi)
	for y := range d.h {
		for x := range d.w {
			p := [2]float64{math.NaN(), 0}
			if g.At(x, y) {
				p = [2]float64{r.NormFloat64() * c.Jitter, r.NormFloat64() * c.Jitter}
			}
			d.place = append(d.place, p)
		}
	}
	return d
}

// at is how dark the mark is at a place in modules from its top left corner.
func (d *dots) at(x, y float64) float64 {
	dark := 0.0
	cx, cy := int(math.Floor(x)), int(math.Floor(y))
	for j := cy - 1; j <= cy+1; j++ {
		for i := cx - 1; i <= cx+1; i++ {
			if i < 0 || j < 0 || i >= d.w || j >= d.h || math.IsNaN(d.place[j*d.w+i][0]) {
				continue
			}
			p := d.place[j*d.w+i]
			dx, dy := (x-float64(i)-0.5-p[0])/d.radius, (y-float64(j)-0.5-p[1])/d.radius
			if q := dx*dx + dy*dy; q < 1 {
				// A pit is dark, and its wall towards the light a little less.
				shade := 0.9 + 0.25*(dx*d.lit[0]+dy*d.lit[1])
				dark = max(dark, min(shade, 1.1))
			}
		}
	}
	return dark
}
