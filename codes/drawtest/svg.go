package drawtest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// A transform is x' = sx·x + tx, y' = sy·y + ty.
type transform struct{ sx, sy, tx, ty float64 }

func (t transform) apply(x, y float64) (float32, float32) {
	return float32(t.sx*x + t.tx), float32(t.sy*y + t.ty)
}

// then returns the transform that does u first.
func (t transform) then(u transform) transform {
	return transform{t.sx * u.sx, t.sy * u.sy, t.sx*u.tx + t.tx, t.sy*u.ty + t.ty}
}

// A shape is what an element inherits.
type shape struct {
	t    transform
	fill color.Gray
}

// SVG draws a document at so many pixels a millimetre. It knows <svg> with width
// and height in mm and a viewBox, <g>, <path> and <rect>, filled black, white or
// #rgb, with transforms of translate and scale; <title>, <desc>, <metadata> and
// <text> are passed over, anything else is an error.
func SVG(b []byte, pixelsPerMM float64) (image.Image, error) {
	dec := xml.NewDecoder(bytes.NewReader(b))
	var img *image.Gray
	var stack []shape
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("drawtest: svg: %w", err)
		}
		switch el := token.(type) {
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.StartElement:
			attr := map[string]string{}
			for _, a := range el.Attr {
				attr[a.Name.Local] = a.Value
			}
			if img == nil {
				var first shape
				if img, first, err = begin(el.Name.Local, attr, pixelsPerMM); err != nil {
					return nil, err
				}
				stack = append(stack, first)
				continue
			}
			s := stack[len(stack)-1]
			if err := s.inherit(attr); err != nil {
				return nil, err
			}
			stack = append(stack, s)
			switch el.Name.Local {
			case "g", "title", "desc", "metadata", "text":
			case "rect":
				d := fmt.Sprintf("M%s %sh%sv%sh-%sz", or0(attr["x"]), or0(attr["y"]), attr["width"], attr["height"], attr["width"])
				err = s.paint(img, d)
			case "path":
				err = s.paint(img, attr["d"])
			default:
				err = fmt.Errorf("drawtest: svg: unknown element <%s>", el.Name.Local)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if img == nil {
		return nil, errors.New("drawtest: svg: no element")
	}
	return img, nil
}

func or0(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

func begin(name string, attr map[string]string, pixelsPerMM float64) (*image.Gray, shape, error) {
	w, okW := strings.CutSuffix(attr["width"], "mm")
	h, okH := strings.CutSuffix(attr["height"], "mm")
	width, err1 := strconv.ParseFloat(w, 64)
	height, err2 := strconv.ParseFloat(h, 64)
	var box [4]float64
	_, err3 := fmt.Sscanf(attr["viewBox"], "%g %g %g %g", &box[0], &box[1], &box[2], &box[3])
	if name != "svg" || !okW || !okH || errors.Join(err1, err2, err3) != nil || !(box[2] > 0 && box[3] > 0) {
		return nil, shape{}, fmt.Errorf("drawtest: svg: <%s width=%q height=%q viewBox=%q>: want svg, mm and a box",
			name, attr["width"], attr["height"], attr["viewBox"])
	}
	pw, ph := width*pixelsPerMM, height*pixelsPerMM
	if !(pw >= 1 && ph >= 1 && pw*ph <= 1<<28) {
		return nil, shape{}, fmt.Errorf("drawtest: svg: %v x %v mm at %v pixels a mm", width, height, pixelsPerMM)
	}
	img := image.NewGray(image.Rect(0, 0, int(math.Ceil(pw-1e-6)), int(math.Ceil(ph-1e-6))))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	sx, sy := pw/box[2], ph/box[3]
	return img, shape{t: transform{sx, sy, -box[0] * sx, -box[1] * sy}}, nil
}

func (s *shape) inherit(attr map[string]string) error {
	switch fill := attr["fill"]; {
	case fill == "":
	case fill == "#000", fill == "black":
		s.fill = color.Gray{}
	case fill == "#fff", fill == "white":
		s.fill = color.Gray{Y: 255}
	case len(fill) == 7 && fill[0] == '#':
		v, err := strconv.ParseUint(fill[1:], 16, 32)
		if err != nil {
			return fmt.Errorf("drawtest: svg: fill %q", fill)
		}
		s.fill = color.GrayModel.Convert(color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}).(color.Gray)
	default:
		return fmt.Errorf("drawtest: svg: fill %q", fill)
	}
	for _, part := range strings.SplitAfter(attr["transform"], ")") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, args, _ := strings.Cut(strings.TrimSuffix(part, ")"), "(")
		var v []float64
		for _, f := range strings.FieldsFunc(args, func(r rune) bool { return r == ' ' || r == ',' }) {
			n, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return fmt.Errorf("drawtest: svg: transform %q", part)
			}
			v = append(v, n)
		}
		if len(v) == 1 && name == "scale" {
			v = append(v, v[0])
		}
		switch {
		case name == "translate" && len(v) == 2:
			s.t = s.t.then(transform{1, 1, v[0], v[1]})
		case name == "scale" && len(v) == 2:
			s.t = s.t.then(transform{v[0], v[1], 0, 0})
		default:
			return fmt.Errorf("drawtest: svg: transform %q", part)
		}
	}
	return nil
}

// An op is one step of a path in pixels: 'M' and 'L' with one point, 'Q' with two,
// 'z' with none.
type op struct {
	kind   byte
	points [2][2]float32
}

// paint fills a path.
func (s *shape) paint(img *image.Gray, d string) error {
	ops, err := s.ops(d)
	if err != nil || len(ops) == 0 {
		return err
	}
	// Only the box of the path is rasterised: a label has hundreds of them.
	minX, minY := float32(math.Inf(1)), float32(math.Inf(1))
	maxX, maxY := -minX, -minY
	for _, o := range ops {
		for _, p := range o.points[:o.count()] {
			minX, maxX = min(minX, p[0]), max(maxX, p[0])
			minY, maxY = min(minY, p[1]), max(maxY, p[1])
		}
	}
	box := image.Rect(int(math.Floor(float64(minX))), int(math.Floor(float64(minY))), int(maxX)+1, int(maxY)+1).Intersect(img.Bounds())
	if box.Empty() {
		return nil
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	x0, y0 := float32(box.Min.X), float32(box.Min.Y)
	for _, o := range ops {
		p, q := o.points[0], o.points[1]
		switch o.kind {
		case 'M':
			r.MoveTo(p[0]-x0, p[1]-y0)
		case 'L':
			r.LineTo(p[0]-x0, p[1]-y0)
		case 'Q':
			r.QuadTo(p[0]-x0, p[1]-y0, q[0]-x0, q[1]-y0)
		case 'z':
			r.ClosePath()
		}
	}
	r.Draw(img, box, image.NewUniform(s.fill), image.Point{})
	return nil
}

func (o *op) count() int { return map[byte]int{'M': 1, 'L': 1, 'Q': 2}[o.kind] }

// ops reads path data and turns it into pixels.
func (s *shape) ops(d string) ([]op, error) {
	p := pathReader{rest: d}
	var ops []op
	var x, y, startX, startY float64
	to := func(kind byte) {
		px, py := s.t.apply(x, y)
		ops = append(ops, op{kind: kind, points: [2][2]float32{{px, py}}})
	}
	for {
		c, ok := p.command()
		if !ok {
			return ops, nil
		}
		switch c {
		case 'M':
			x, y = p.number(), p.number()
			startX, startY = x, y
			to('M')
		case 'L':
			x, y = p.number(), p.number()
			to('L')
		case 'H':
			x = p.number()
			to('L')
		case 'h':
			x += p.number()
			to('L')
		case 'V':
			y = p.number()
			to('L')
		case 'v':
			y += p.number()
			to('L')
		case 'Q':
			bx, by := s.t.apply(p.number(), p.number())
			x, y = p.number(), p.number()
			cx, cy := s.t.apply(x, y)
			ops = append(ops, op{kind: 'Q', points: [2][2]float32{{bx, by}, {cx, cy}}})
		case 'z', 'Z':
			ops = append(ops, op{kind: 'z'})
			x, y = startX, startY
		default:
			return nil, fmt.Errorf("drawtest: svg: path command %q", c)
		}
		if p.err != nil {
			return nil, p.err
		}
	}
}

// A pathReader takes path data apart.
type pathReader struct {
	rest string
	last byte
	err  error
}

func (p *pathReader) skip() { p.rest = strings.TrimLeft(p.rest, " ,\n") }

func (p *pathReader) command() (byte, bool) {
	p.skip()
	if p.rest == "" {
		return 0, false
	}
	if c := p.rest[0]; c >= 'A' {
		p.last, p.rest = c, p.rest[1:]
	}
	return p.last, true
}

func (p *pathReader) number() float64 {
	p.skip()
	end := 0
	for end < len(p.rest) && (strings.IndexByte("0123456789.", p.rest[end]) >= 0 || end == 0 && p.rest[end] == '-') {
		end++
	}
	v, err := strconv.ParseFloat(p.rest[:end], 64)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("drawtest: svg: path data at %.10q: want a number", p.rest)
	}
	p.rest = p.rest[end:]
	return v
}
