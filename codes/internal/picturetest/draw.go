package picturetest

import (
	"math"
	"math/rand/v2"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A View is how a symbol is seen. The zero value has no size: set Module.
type View struct {
	Module  float64 // pixels
	Quiet   float64 // modules of light around the symbol
	Angle   float64 // degrees, turned right
	Tilt    float64 // how much nearer the lower edge is than the upper one, 0.3 is steep
	Blur    float64 // sigma, pixels
	Noise   float64 // sigma, levels of gray
	Dark    uint8   // level of dark modules
	Light   uint8   // level of light modules; 0 means 255 where Dark is below 128
	Mirror  bool
	Seed    uint64
	Squeeze float64 // height to width of a module; 0 means 1
}

// Draw draws a symbol of so many modules, and returns the corners of it as
// printed: top left, top right, bottom right, bottom left.
func Draw(cols, rows int, dark func(x, y int) bool, v View) (*gray.Image, [4][2]float64) {
	if v.Light == 0 && v.Dark < 128 {
		v.Light = 255
	}
	if v.Squeeze == 0 {
		v.Squeeze = 1
	}
	sin, cos := math.Sincos(v.Angle * math.Pi / 180)
	w := (float64(cols) + 2*v.Quiet) * v.Module
	h := (float64(rows)*v.Squeeze + 2*v.Quiet) * v.Module
	size := max(w, h)
	grow := 1 + 1.2*math.Abs(v.Tilt)
	pw := int(math.Ceil((w*math.Abs(cos) + h*math.Abs(sin)) * grow))
	ph := int(math.Ceil((w*math.Abs(sin) + h*math.Abs(cos)) * grow))
	// forward takes modules to pixels, back the other way.
	forward := func(x, y float64) [2]float64 {
		if v.Mirror {
			x = float64(cols) - x
		}
		px := (x - float64(cols)/2) * v.Module
		py := (y - float64(rows)/2) * v.Module * v.Squeeze
		px, py = px*cos-py*sin, px*sin+py*cos
		d := 1 - v.Tilt*py/size
		return [2]float64{px/d + float64(pw)/2, py/d + float64(ph)/2}
	}
	back := func(px, py float64) (x, y float64) {
		px, py = px-float64(pw)/2, py-float64(ph)/2
		d := 1 / (1 + v.Tilt*py/size)
		px, py = px*d, py*d
		px, py = px*cos+py*sin, -px*sin+py*cos
		x, y = px/v.Module+float64(cols)/2, py/v.Module/v.Squeeze+float64(rows)/2
		if v.Mirror {
			x = float64(cols) - x
		}
		return x, y
	}
	const fine = 4 // samples a pixel, either way
	shade := make([]float64, pw*ph)
	for py := range ph {
		for px := range pw {
			sum := 0.0
			for k := range fine * fine {
				x, y := back(float64(px)+(float64(k%fine)+0.5)/fine, float64(py)+(float64(k/fine)+0.5)/fine)
				level := v.Light
				if x >= 0 && y >= 0 && x < float64(cols) && y < float64(rows) && dark(int(x), int(y)) {
					level = v.Dark
				}
				sum += float64(level)
			}
			shade[py*pw+px] = sum / (fine * fine)
		}
	}
	if v.Blur > 0 {
		shade = blur(shade, pw, ph, v.Blur)
	}
	r := rand.New(rand.NewPCG(v.Seed, 77))
	g := gray.New(pw, ph)
	for i, s := range shade {
		g.Pix[i] = uint8(min(max(s+r.NormFloat64()*v.Noise, 0), 255) + 0.499)
	}
	return g, [4][2]float64{forward(0, 0), forward(float64(cols), 0), forward(float64(cols), float64(rows)), forward(0, float64(rows))}
}

// blur is a Gauss filter; outside the picture its edge goes on.
func blur(v []float64, w, h int, sigma float64) []float64 {
	r := int(3*sigma) + 1
	kernel := make([]float64, 2*r+1)
	total := 0.0
	for i := range kernel {
		kernel[i] = math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
		total += kernel[i]
	}
	pass := func(in []float64, at func(x, y, k int) int) []float64 {
		out := make([]float64, len(in))
		for y := range h {
			for x := range w {
				sum := 0.0
				for i, f := range kernel {
					sum += f * in[at(x, y, i-r)]
				}
				out[y*w+x] = sum / total
			}
		}
		return out
	}
	across := pass(v, func(x, y, k int) int { return y*w + min(max(x+k, 0), w-1) })
	return pass(across, func(x, y, k int) int { return min(max(y+k, 0), h-1)*w + x })
}

// Noise is a picture without a symbol: blobs, stripes and grain of many scales.
func Noise(w, h int, seed uint64) *gray.Image {
	r := rand.New(rand.NewPCG(seed, 5))
	g := gray.New(w, h)
	kind := seed % 4
	cell := 1 + r.IntN(12)
	cells := make([]uint8, (w/cell+2)*(h/cell+2))
	for i := range cells {
		cells[i] = uint8(r.IntN(256))
		if kind == 1 {
			cells[i] = uint8(r.IntN(2) * 255)
		}
	}
	stripe := make([]uint8, w+h)
	for i := 0; i < len(stripe); {
		n, level := 1+r.IntN(4*cell), uint8(r.IntN(2)*255)
		for ; n > 0 && i < len(stripe); n-- {
			stripe[i] = level
			i++
		}
	}
	for y := range h {
		for x := range w {
			v := cells[(y/cell)*(w/cell+2)+x/cell]
			switch kind {
			case 2:
				v = stripe[x]
			case 3:
				v = stripe[x/2+y/2] ^ v&0x3f
			}
			g.Pix[y*w+x] = v
		}
	}
	return g
}
