package profile

import "github.com/sublot/sublot/codes/internal/gray"

// Sharpened returns the picture with each pixel set off against the square of
// side 3 around it, which brings back bars of one or two pixels that have blurred.
// Noise grows as well: it is for a second look.
func Sharpened(img *gray.Image) *gray.Image {
	mean := img.Box(1)
	out := gray.New(img.W, img.H)
	for i, v := range img.Pix {
		s := int(v) + 3*(int(v)-int(mean.Pix[i]))/2
		out.Pix[i] = uint8(min(max(s, 0), 255))
	}
	return out
}
