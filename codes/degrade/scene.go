package degrade

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// A scene is the surface with the mark and the camera before it. Lengths are in
// modules; the middle of the symbol is the origin of the surface, u to the right and
// v down.
type scene struct {
	Config
	rand *rand.Rand

	ink        func(u, v float64) float64 // 0 paper to 1 ink
	w, h       float64                    // of the symbol
	quietW     float64                    // of symbol and quiet zone
	quietH     float64
	radius     float64 // of the cylinder, 0 when flat
	distance   float64 // of the camera
	sin, cos   float64 // of the rotation
	axis       [2]float64
	tSin, tCos float64 // of the tilt
	damage     []blot
	grain      *texture
	patches    *texture
	lightAngle float64
	aSin, aCos float64    // of the turn on the cylinder
	glare      [2]float64 // where the reflection lies
	hidden     [2]float64 // which way the cover lies
	moved      float64    // direction of the motion, radians
}

// A blot is a round stain or a long scratch.
type blot struct{ x, y, dx, dy, r float64 }

func newScene(c Config, w, h, quietW, quietH float64) *scene {
	if c.ModulePixels <= 0 {
		c.ModulePixels = 5
	}
	if c.Contrast <= 0 {
		c.Contrast = 255
	}
	s := &scene{Config: c, rand: rand.New(rand.NewPCG(c.Seed, 0xde94ade)), w: w, h: h, quietW: quietW, quietH: quietH}
	s.distance = 3 * max(w, h)
	s.aSin, s.aCos = math.Sincos(c.Axis * math.Pi / 180)
	if c.Cylinder > 0 {
		s.radius = (w*math.Abs(s.aCos) + h*math.Abs(s.aSin)) / 2 / (min(c.Cylinder, 85) * math.Pi / 180)
	}
	s.sin, s.cos = math.Sincos(c.Rotation * math.Pi / 180)
	s.tSin, s.tCos = math.Sincos(min(c.Tilt, 75) * math.Pi / 180)
	s.axis[1], s.axis[0] = math.Sincos(c.TiltTowards * math.Pi / 180)
	s.lightAngle = s.rand.Float64() * 2 * math.Pi
	s.grain = newTexture(s.rand, 0.35)
	s.patches = newTexture(s.rand, 7)
	own := rand.New(rand.NewPCG(c.Seed, 0x91a4e)) // not to disturb what other settings draw
	s.glare = [2]float64{(own.Float64() - 0.5) * 0.7 * w, (own.Float64() - 0.5) * 0.7 * h}
	s.hidden[1], s.hidden[0] = math.Sincos(float64(own.IntN(8)) * math.Pi / 4)
	s.moved = own.Float64() * math.Pi
	for area := 0.0; area < c.Damage*w*h; {
		b := blot{x: (s.rand.Float64() - 0.5) * w, y: (s.rand.Float64() - 0.5) * h, r: 0.6 + s.rand.Float64()*min(w, h)/12}
		area += math.Pi * b.r * b.r
		if s.rand.IntN(3) == 0 { // a scratch
			angle, length := s.rand.Float64()*math.Pi, s.rand.Float64()*w/3
			b.r = 0.3 + s.rand.Float64()*0.4
			b.dx, b.dy = math.Cos(angle)*length, math.Sin(angle)*length
			area += 2 * b.r * length
		}
		s.damage = append(s.damage, b)
	}
	return s
}

// surface takes a place in the picture, in modules from its middle, to the place
// on the surface that the camera sees there, and the cosine of the angle under which
// the light from the camera's side meets it. A ray that misses has ok false.
func (s *scene) surface(x, y float64) (u, v, cos float64, ok bool) {
	x, y = x*s.cos+y*s.sin, -x*s.sin+y*s.cos
	if s.Tilt == 0 && s.radius == 0 {
		return x, y, 1, true
	}
	// The ray in the camera's coordinates: from the origin through (x, y, d).
	// The surface is turned by the tilt about the axis in the plane; turn the ray
	// back instead.
	o := s.back(0, 0, -s.distance)
	d := s.back(x, y, s.distance)
	if s.radius == 0 {
		if d[2] <= 0 {
			return 0, 0, 0, false
		}
		t := -o[2] / d[2]
		return o[0] + t*d[0], o[1] + t*d[1], 1, true
	}
	// A cylinder of this radius whose axis runs along y at depth r.
	r := s.radius
	oz := o[2] - r
	a := d[0]*d[0] + d[2]*d[2]
	b := o[0]*d[0] + oz*d[2]
	q := b*b - a*(o[0]*o[0]+oz*oz-r*r)
	if q < 0 {
		return 0, 0, 0, false
	}
	t := (-b - math.Sqrt(q)) / a
	px, pz := o[0]+t*d[0], oz+t*d[2]
	angle := math.Atan2(px, -pz)
	u, v = r*angle, o[1]+t*d[1]
	return u*s.aCos + v*s.aSin, -u*s.aSin + v*s.aCos, math.Cos(angle), true
}

// back turns a vector by the opposite of the tilt (Rodrigues' formula, about an
// axis in the plane of the picture).
func (s *scene) back(x, y, z float64) [3]float64 {
	ax, ay := -s.axis[1], s.axis[0]
	dot := ax*x + ay*y
	c, n := s.tCos, -s.tSin
	return [3]float64{
		x*c + ay*z*n + ax*dot*(1-c),
		y*c - ax*z*n + ay*dot*(1-c),
		z*c + (ax*y-ay*x)*n,
	}
}

// expose takes the picture.
func (s *scene) expose() *image.Gray {
	half := s.extent()
	w, h := int(math.Ceil(2*half[0]*s.ModulePixels)), int(math.Ceil(2*half[1]*s.ModulePixels))
	light := make([]float64, w*h) // 0 black to 1 white
	const sub = 3
	for py := range h {
		for px := range w {
			sum := 0.0
			for j := range sub {
				for i := range sub {
					x := (float64(px)+(float64(i)+0.5)/sub)/s.ModulePixels - half[0]
					y := (float64(py)+(float64(j)+0.5)/sub)/s.ModulePixels - half[1]
					sum += s.radiance(x, y)
				}
			}
			light[py*w+px] = sum / (sub * sub) * s.illumination(float64(px)/float64(w), float64(py)/float64(h))
		}
	}
	blur(light, w, h, s.Blur*s.ModulePixels)
	if s.Motion > 0 {
		light = shaken(light, w, h, s.Motion*s.ModulePixels, s.moved)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i, l := range light {
		v := 127.5 + (l-0.5)*s.Contrast + s.rand.NormFloat64()*s.Noise
		img.Pix[i] = uint8(min(max(v+0.5, 0), 255))
	}
	return s.compress(img)
}

// radiance is the brightness of the surface seen at a place of the picture.
func (s *scene) radiance(x, y float64) float64 {
	u, v, cos, ok := s.surface(x, y)
	if s.Mirrored {
		u = -u
	}
	if !ok || math.Abs(u) > s.quietW/2 || math.Abs(v) > s.quietH/2 {
		if s.Background == 0 && ok {
			return s.finish(0, u, v, cos)
		}
		return 1 - s.Background*(0.55+0.45*s.patches.at(x, y))
	}
	ink := 0.0
	if math.Abs(u) <= s.w/2 && math.Abs(v) <= s.h/2 {
		ink = s.ink(u, v)
	}
	if s.Cover > 0 && (u*s.hidden[0]/s.w+v*s.hidden[1]/s.h)/(math.Abs(s.hidden[0])+math.Abs(s.hidden[1])) > 0.5-s.Cover {
		return 0.45
	}
	for i := range s.damage {
		if b := &s.damage[i]; b.covers(u, v) {
			if i%2 == 0 {
				ink = 0
			} else {
				ink = 1
			}
		}
	}
	return s.finish(ink, u, v, cos)
}

func (b *blot) covers(x, y float64) bool {
	x, y = x-b.x, y-b.y
	if l := b.dx*b.dx + b.dy*b.dy; l > 0 {
		t := min(max((x*b.dx+y*b.dy)/l, 0), 1)
		x, y = x-t*b.dx, y-t*b.dy
	}
	return x*x+y*y < b.r*b.r
}

// finish turns ink on a surface into brightness.
func (s *scene) finish(ink, u, v, cos float64) float64 {
	if s.Inverted {
		ink = 1 - ink
	}
	l := 1 - ink
	if s.Rough > 0 {
		// The tool leaves long marks along u, the casting a grain.
		l += s.Rough * (0.6*s.grain.at(u, v) + 0.4*s.grain.at(u/12+300, v*2))
	}
	if s.radius > 0 {
		l *= 0.4 + 0.6*max(cos, 0)
	}
	if s.Glare > 0 {
		du, dv := (u-s.glare[0])/s.w*3, (v-s.glare[1])/s.w*3
		l += s.Glare * math.Exp(-4*(du*du+dv*dv))
	}
	return l
}

// illumination is the light on a place of the picture given in parts of its
// sides.
func (s *scene) illumination(x, y float64) float64 {
	if s.Light == 0 {
		return 1
	}
	sin, cos := math.Sincos(s.lightAngle)
	t := ((x-0.5)*cos + (y-0.5)*sin + math.Sqrt2/2) / math.Sqrt2 // 0 to 1
	return 1 - s.Light*(0.75*t+0.25*t*t)
}

// extent is half the width and height of the picture in modules: the bounds of
// the symbol with its quiet zone as the camera sees it, and a rim.
func (s *scene) extent() [2]float64 {
	var half [2]float64
	for i := range 33 {
		for j := range 33 {
			u := (float64(i)/32 - 0.5) * s.quietW
			v := (float64(j)/32 - 0.5) * s.quietH
			x, y := s.project(u, v)
			half[0] = max(half[0], math.Abs(x))
			half[1] = max(half[1], math.Abs(y))
		}
	}
	rim := 0.5
	if s.Background > 0 {
		rim = 0.12 * max(s.quietW, s.quietH)
	}
	return [2]float64{half[0] + rim, half[1] + rim}
}

// project is the inverse of surface.
func (s *scene) project(u, v float64) (x, y float64) {
	p := [3]float64{u, v, 0}
	if s.radius > 0 {
		u, v = u*s.aCos-v*s.aSin, u*s.aSin+v*s.aCos
		p[1] = v
		sin, cos := math.Sincos(u / s.radius)
		p[0], p[2] = s.radius*sin, s.radius*(1-cos)
	}
	ax, ay := -s.axis[1], s.axis[0]
	dot := ax*p[0] + ay*p[1]
	c, n := s.tCos, s.tSin
	q := [3]float64{
		p[0]*c + ay*p[2]*n + ax*dot*(1-c),
		p[1]*c - ax*p[2]*n + ay*dot*(1-c),
		p[2]*c + (ax*p[1]-ay*p[0])*n,
	}
	k := s.distance / max(q[2]+s.distance, s.distance/10)
	x, y = q[0]*k, q[1]*k
	return x*s.cos - y*s.sin, x*s.sin + y*s.cos
}

// shaken is a picture taken while the camera moved so many pixels.
func shaken(pix []float64, w, h int, length, angle float64) []float64 {
	sin, cos := math.Sincos(angle)
	n := int(length) + 2
	out := make([]float64, len(pix))
	for k := range n {
		t := (float64(k)+0.5)/float64(n) - 0.5
		dx, dy := t*length*cos, t*length*sin
		fx, fy := math.Floor(dx), math.Floor(dy)
		ax, ay := dx-fx, dy-fy
		at := func(x, y int) float64 {
			return pix[min(max(y, 0), h-1)*w+min(max(x, 0), w-1)]
		}
		for y := range h {
			for x := range w {
				i, j := x+int(fx), y+int(fy)
				top := at(i, j)*(1-ax) + at(i+1, j)*ax
				low := at(i, j+1)*(1-ax) + at(i+1, j+1)*ax
				out[y*w+x] += (top*(1-ay) + low*ay) / float64(n)
			}
		}
	}
	return out
}

func (s *scene) compress(img *image.Gray) *image.Gray {
	if s.JPEG <= 0 {
		return img
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: min(s.JPEG, 100)}); err != nil {
		return img // larger than JPEG can hold
	}
	out, err := jpeg.Decode(&file)
	if g, ok := out.(*image.Gray); err == nil && ok {
		return g
	}
	return img
}

// blur smooths with a Gaussian of the given standard deviation in pixels.
func blur(pix []float64, w, h int, sigma float64) {
	if sigma < 0.05 {
		return
	}
	r := int(math.Ceil(3 * sigma))
	kernel := make([]float64, 2*r+1)
	total := 0.0
	for i := range kernel {
		d := float64(i - r)
		kernel[i] = math.Exp(-d * d / (2 * sigma * sigma))
		total += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= total
	}
	line := make([]float64, max(w, h))
	pass := func(start, step, n int) {
		for i := range n {
			line[i] = pix[start+i*step]
		}
		for i := range n {
			sum := 0.0
			for k, weight := range kernel {
				sum += weight * line[min(max(i+k-r, 0), n-1)]
			}
			pix[start+i*step] = sum
		}
	}
	for y := range h {
		pass(y*w, 1, w)
	}
	for x := range w {
		pass(x, w, h)
	}
}
