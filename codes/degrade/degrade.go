package degrade

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A Grid is what [Draw] needs to know of a symbol. [codes.Symbol] is one.
type Grid interface {
	Width() int       // modules, quiet zone not counted
	Height() int      // rows
	At(x, y int) bool // dark?
	QuietZone() int   // modules that stay light around it
}

// A Config says what happens to a picture. The zero value is a sharp, upright,
// black and white picture of 5 pixels a module.
type Config struct {
	// Seed makes pictures with the same settings differ, and each of them the
	// same again.
	Seed uint64

	// ModulePixels is the side of a module in pixels, where the surface is
	// nearest to the camera; 0 means 5.
	ModulePixels float64

	// Rotation turns the symbol in the picture, clockwise, in degrees.
	Rotation float64

	// Tilt is the angle between the camera's axis and the surface's normal, 0 to
	// about 60 degrees; TiltTowards is the direction of the tilt in the picture.
	// The camera stands at 3 times the width of the symbol.
	Tilt, TiltTowards float64

	// Cylinder is half the angle that the symbol takes up around a cylinder
	// whose axis is upright in the symbol, in degrees, 0 (flat) to about 80.
	Cylinder float64

	// Axis turns the symbol on the cylinder, clockwise, in degrees: 90 for one that
	// runs along the axis.
	Axis float64

	// Light is how much the light falls off across the picture: 0 even, 1 to
	// darkness on one side.
	Light float64

	// Blur is the standard deviation of the lens blur, in modules.
	Blur float64

	// Motion is how far the camera moved while the shutter was open, in modules, in
	// a direction that follows from the seed.
	Motion float64

	// Glare is how bright a lamp or the sun is reflected in a patch a third as wide as
	// the symbol: 0 not at all, 1 to pure white in the middle of it.
	Glare float64

	// Contrast is the difference between light and dark in levels of gray; 0
	// means 255. It lies around the middle gray.
	Contrast float64

	// Noise is the standard deviation of the sensor's noise in levels of gray.
	Noise float64

	// Dots is the diameter of a dot in modules where the mark is peened or
	// engraved in dots, 0.5 to 1; 0 means that modules are full squares.
	Dots float64

	// Jitter is the standard deviation of the place of dots, in modules.
	Jitter float64

	// Rough is how much the grain and the tool marks of a metal surface change
	// its brightness: 0 smooth, 1 as much as the mark itself.
	Rough float64

	// Damage is the share of the symbol's area that is scratched or stained
	// away, 0 to 1.
	Damage float64

	// Cover is the share of the symbol's width that a finger or a strap hides, from
	// one side or corner.
	Cover float64

	// JPEG is the quality of compression, 1 to 100; 0 means none.
	JPEG int

	// Inverted marks are light on dark, mirrored ones seen from behind.
	Inverted, Mirrored bool

	// Quiet overrides the quiet zone, in modules; 0 means the one of the symbol.
	// Background is the brightness of what lies beyond it, 0 (as light as the
	// quiet zone) to 1 (as dark as the ink), in a pattern of patches.
	Quiet      float64
	Background float64
}

// Draw returns a picture of the symbol.
func Draw(g Grid, c Config) *image.Gray {
	quiet := c.Quiet
	if quiet == 0 {
		quiet = float64(g.QuietZone())
	}
	rowHeight := 1.0
	if tall, ok := g.(interface{ RowHeight() int }); ok {
		rowHeight = float64(tall.RowHeight())
	}
	w, h := float64(g.Width()), float64(g.Height())*rowHeight
	s := newScene(c, w, h, w+2*quiet, h+2*quiet)
	dots := newDots(g, c, s.rand)
	s.ink = func(u, v float64) float64 {
		x, y := u+w/2, (v+h/2)/rowHeight
		if dots != nil {
			return dots.at(x, y)
		}
		if g.At(int(math.Floor(x)), int(math.Floor(y))) {
			return 1
		}
		return 0
	}
	return s.expose()
}

// Photograph returns a picture of a drawing, such as a label, in which a module
// is the given number of pixels wide. Dots and Quiet have no meaning here.
func Photograph(drawing image.Image, module float64, c Config) *image.Gray {
	d := gray.From(drawing)
	if !(module > 0) {
		module = 1
	}
	w, h := float64(d.W)/module, float64(d.H)/module
	s := newScene(c, w, h, w, h)
	s.ink = func(u, v float64) float64 {
		return 1 - d.At((u+w/2)*module, (v+h/2)*module)/255
	}
	return s.expose()
}

// Photo returns the settings of an ordinary photograph taken by hand: turned and
// tilted a little, unevenly lit, slightly blurred and noisy, compressed, on a
// patchy ground. Scan reads every such picture of a sound symbol.
func Photo(seed uint64) Config {
	r := rand.New(rand.NewPCG(seed, 0x9f07))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	return Config{
		Seed:         seed,
		ModulePixels: between(5, 8),
		Rotation:     between(-40, 40),
		Tilt:         between(5, 28),
		TiltTowards:  between(0, 360),
		Light:        between(0.2, 0.55),
		Blur:         between(0.08, 0.22),
		Contrast:     between(110, 190),
		Noise:        between(2, 7),
		JPEG:         70 + r.IntN(25),
		Background:   between(0.25, 0.6),
	}
}
