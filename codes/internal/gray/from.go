package gray

import (
	"image"
	"image/color"
)

// From returns the brightness of a picture. What is transparent shows white
// paper. An [image.Gray] without a gap between its rows shares its pixels with the
// result, which must not be written to.
func From(img image.Image) *Image {
	r := img.Bounds()
	if r.Empty() {
		return &Image{W: 1, H: 1, Pix: []uint8{255}}
	}
	if m, ok := img.(*image.Gray); ok && m.Stride == r.Dx() && len(m.Pix) >= r.Dx()*r.Dy() {
		return &Image{W: r.Dx(), H: r.Dy(), Pix: m.Pix[:r.Dx()*r.Dy()]}
	}
	g := New(r.Dx(), r.Dy())
	switch m := img.(type) {
	case *image.Gray:
		for y := range g.H {
			copy(g.Row(y), m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):])
		}
	case *image.YCbCr:
		for y := range g.H {
			copy(g.Row(y), m.Y[m.YOffset(r.Min.X, r.Min.Y+y):])
		}
	case *image.Paletted:
		var shade [256]uint8
		for i, c := range m.Palette[:min(len(m.Palette), 256)] {
			shade[i] = of(c)
		}
		for y := range g.H {
			row := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x := range g.W {
				g.Pix[y*g.W+x] = shade[row[x]]
			}
		}
	case *image.RGBA:
		for y := range g.H {
			row := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x := range g.W {
				p := row[4*x : 4*x+4 : 4*x+4]
				white := 255 - uint32(p[3])
				g.Pix[y*g.W+x] = luma(uint32(p[0])+white, uint32(p[1])+white, uint32(p[2])+white)
			}
		}
	case *image.NRGBA:
		for y := range g.H {
			row := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x := range g.W {
				p := row[4*x : 4*x+4 : 4*x+4]
				v := uint32(luma(uint32(p[0]), uint32(p[1]), uint32(p[2])))
				if a := uint32(p[3]); a != 255 {
					v = (v*a + 255*(255-a) + 127) / 255
				}
				g.Pix[y*g.W+x] = uint8(v)
			}
		}
	default:
		for y := range g.H {
			for x := range g.W {
				g.Pix[y*g.W+x] = of(img.At(r.Min.X+x, r.Min.Y+y))
			}
		}
	}
	return g
}

// luma weighs red, green and blue as ITU-R BT.601 does.
func luma(r, g, b uint32) uint8 {
	return uint8(min((19595*r+38470*g+7471*b+1<<15)>>16, 255))
}

// of returns the brightness of a colour on white paper.
func of(c color.Color) uint8 {
	r, g, b, a := c.RGBA()
	white := 0xffff - a
	return luma((r+white)>>8, (g+white)>>8, (b+white)>>8)
}
