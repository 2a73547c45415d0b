package codes_test

import (
	"image"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// trials is how many pictures a test of safety takes: a sample, or as many as
// the environment variable says.
func trials(variable string, few int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return few
}

// A pattern is a grid of modules that is no symbol, however it may look.
type pattern struct {
	w, h  int
	quiet int
	dark  []bool
}

func newPattern(w, h, quiet int, r *rand.Rand, share float64) *pattern {
	p := &pattern{w: w, h: h, quiet: quiet, dark: make([]bool, w*h)}
	for i := range p.dark {
		p.dark[i] = r.Float64() < share
	}
	return p
}

func (p *pattern) Width() int     { return p.w }
func (p *pattern) Height() int    { return p.h }
func (p *pattern) QuietZone() int { return p.quiet }
func (p *pattern) At(x, y int) bool {
	return x >= 0 && y >= 0 && x < p.w && y < p.h && p.dark[y*p.w+x]
}
func (p *pattern) set(x, y int, dark bool) {
	if x >= 0 && y >= 0 && x < p.w && y < p.h {
		p.dark[y*p.w+x] = dark
	}
}

// rings draws squares about a middle, dark where the distance is in the list.
func (p *pattern) rings(cx, cy, reach int, dark func(d int) bool) {
	for y := cy - reach; y <= cy+reach; y++ {
		for x := cx - reach; x <= cx+reach; x++ {
			p.set(x, y, dark(max(x-cx, cx-x, y-cy, cy-y)))
		}
	}
}

// withoutSymbol makes a picture in which there is nothing to read: chance modules
// behind true finders, bars of chance widths, text-like strokes, textures.
func withoutSymbol(seed uint64) (*image.Gray, string) {
	r := rand.New(rand.NewPCG(seed, 0xfa15e))
	n := 10 + 2*r.IntN(18)
	var p *pattern
	kind := []string{"modules", "data matrix", "rectangle", "qr", "aztec", "bars", "rows of bars", "strokes", "texture"}[seed%9]
	switch kind {
	case "modules":
		p = newPattern(n, n, r.IntN(3), r, 0.2+0.6*r.Float64())
	case "data matrix", "rectangle":
		h := n
		if kind == "rectangle" {
			size := [][2]int{{8, 18}, {8, 32}, {12, 26}, {12, 36}, {16, 36}, {16, 48}, {8, 48}, {20, 64}, {12, 64}}[r.IntN(9)]
			h, n = size[0], size[1]
		}
		p = newPattern(n, h, 2, r, 0.5)
		for i := range n {
			p.set(i, h-1, true)
			p.set(i, 0, i%2 == 0)
		}
		for i := range h {
			p.set(0, i, true)
			p.set(n-1, i, (h-1-i)%2 == 0)
		}
	case "qr":
		n = 21 + 4*r.IntN(8)
		p = newPattern(n, n, 4, r, 0.5)
		finder := func(d int) bool { return d <= 1 || d == 3 }
		for i := range n {
			p.set(i, 6, i%2 == 0)
			p.set(6, i, i%2 == 0)
		}
		p.rings(3, 3, 4, finder)
		p.rings(n-4, 3, 4, finder)
		p.rings(3, n-4, 4, finder)
		if n > 21 {
			p.rings(n-7, n-7, 2, func(d int) bool { return d != 1 })
		}
	case "aztec":
		n = 15 + 4*r.IntN(8)
		p = newPattern(n, n, 2, r, 0.5)
		reach := 4 + 2*r.IntN(2)
		p.rings(n/2, n/2, reach, func(d int) bool { return d%2 == 0 })
	case "bars", "rows of bars":
		p = newPattern(90+r.IntN(60), 30, 10, r, 0)
		rows := 1
		if kind == "rows of bars" {
			rows = 10
		}
		for row := range rows {
			for x := 0; x < p.w; {
				bar, space := 1+r.IntN(4), 1+r.IntN(4)
				for i := range bar {
					for y := row * 30 / rows; y < (row+1)*30/rows; y++ {
						p.set(x+i, y, true)
					}
				}
				x += bar + space
			}
		}
	case "strokes":
		p = newPattern(64, 40, 2, r, 0)
		for range 40 {
			x, y, dx, dy := r.IntN(64), r.IntN(40), r.IntN(3)-1, r.IntN(3)-1
			for range 3 + r.IntN(6) {
				p.set(x, y, true)
				x, y = x+dx, y+dy
			}
		}
	case "texture":
		p = newPattern(40, 40, 0, r, 0)
	}
	c := degrade.Config{
		Seed: seed, ModulePixels: 2 + 4*r.Float64(), Rotation: []float64{0, r.Float64() * 360}[r.IntN(2)], Tilt: []float64{0, 30 * r.Float64()}[r.IntN(2)],
		Blur: 0.3 * r.Float64(), Noise: 15 * r.Float64(), Contrast: 40 + 200*r.Float64(), Light: 0.5 * r.Float64(),
	}
	if kind == "texture" {
		c.Rough, c.Background = r.Float64(), r.Float64()
	}
	if r.IntN(6) == 0 {
		c.Dots, c.Rough = 0.6+0.3*r.Float64(), 0.2
	}
	if r.IntN(8) == 0 {
		c.Inverted = true
	}
	return degrade.Draw(p, c), kind
}

// patient is time enough for all that Scan can do, on a busy machine too, so that
// nothing is left untried.
var patient = codes.ScanConfig{MaxTime: time.Minute}

// Nothing is read where there is nothing. SUBLOT_FALSE sets how many pictures are
// tried, SUBLOT_FALSE_FROM the first; ten thousand are before a release.
func TestNothingIsReadWhereThereIsNoSymbol(t *testing.T) {
	n, from := trials("SUBLOT_FALSE", 9), trials("SUBLOT_FALSE_FROM", 0)
	for seed := uint64(from); seed < uint64(from+n); seed++ {
		img, kind := withoutSymbol(seed)
		r, err := codes.Scan(img, patient)
		require.NoError(t, err)
		if n := int(seed) - from + 1; n%200 == 0 {
			t.Logf("%d pictures", n)
		}
		for _, h := range r.Hits {
			t.Errorf("seed %d (%s): %s read as %q, %dx%d, %s", seed, kind, h.Symbology, h.Text, h.Rows, h.Cols, h.Grade())
		}
	}
}

// A symbol that is damaged beyond its error correction is not read, and never as
// something else. SUBLOT_DAMAGED sets how many are tried, SUBLOT_DAMAGED_FROM the first.
func TestNoSymbolDamagedPastRepairIsMisread(t *testing.T) {
	n, from := trials("SUBLOT_DAMAGED", 8), trials("SUBLOT_DAMAGED_FROM", 0)
	read := 0
	for seed := uint64(from); seed < uint64(from+n); seed++ {
		r := rand.New(rand.NewPCG(seed, 0xdead))
		data := make([]byte, 4+r.IntN(60))
		for i := range data {
			data[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/"[r.IntN(38)]
		}
		symbology := []codes.Symbology{codes.DataMatrix, codes.QR, codes.Aztec, codes.Code128}[seed/2%4]
		if symbology == codes.Code128 {
			data = data[:min(len(data), 20)]
		}
		s, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		c := degrade.Config{Seed: seed, ModulePixels: 3 + 3*r.Float64(), Rotation: r.Float64() * 30, Noise: 10 * r.Float64()}
		switch r.IntN(3) {
		case 0:
			c.Damage = 0.2 + 0.3*r.Float64()
		case 1:
			c.Blur = 0.6 + 0.5*r.Float64()
		case 2:
			c.Contrast, c.Noise = 30, 20+30*r.Float64()
		}
		img := degrade.Draw(s, c)
		if seed%2 == 0 { // chance modules over a part of the symbol
			overwrite(img, r)
		}
		got, err := codes.Scan(img, patient)
		require.NoError(t, err)
		if n := int(seed) - from + 1; n%200 == 0 {
			t.Logf("%d pictures", n)
		}
		for _, h := range got.Hits {
			if string(h.Payload.Data) == string(data) && h.Symbology == symbology {
				read++
				continue
			}
			t.Errorf("seed %d: %s of %q misread as %s %q, %dx%d, %s", seed, symbology, data, h.Symbology, h.Text, h.Rows, h.Cols, h.Grade())
		}
	}
	t.Logf("%d of %d could still be read", read, n)
}

// overwrite lays squares of chance over the middle of a picture.
func overwrite(img *image.Gray, r *rand.Rand) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	side := 3 + r.IntN(6)
	share := 0.2 + 0.6*r.Float64()
	x0, y0 := int(float64(w)*0.2), int(float64(h)*0.2)
	x1, y1 := x0+int(float64(w)*share*0.7), y0+int(float64(h)*share*0.7)
	for y := y0; y < min(y1, h); y += side {
		for x := x0; x < min(x1, w); x += side {
			v := uint8(math.Round(r.Float64()) * 255)
			for j := y; j < min(y+side, h); j++ {
				for i := x; i < min(x+side, w); i++ {
					img.Pix[j*img.Stride+i] = v
				}
			}
		}
	}
}
