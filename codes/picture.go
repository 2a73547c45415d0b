package codes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the kinds of picture that ReadPicture knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A PictureLimit says what [ReadPicture] accepts. The zero value takes the
// pictures of all present cameras and telephones.
type PictureLimit struct {
	// MaxPixels is the largest width times height. It is checked against what the
	// file declares before any pixel is allocated. 0 means 64,000,000. While it
	// is decoded a picture takes up to 16 bytes a pixel (16-bit colours, turned);
	// a photograph in JPEG takes 1.5 to 6.
	MaxPixels int

	// MaxBytes is the largest file. 0 means 128 MiB.
	MaxBytes int64
}

// A PictureError says why a file was not taken as a picture.
type PictureError struct {
	Format string // "png", "jpeg", "heic", …; empty when it is not known
	Found  string // what is wrong, as "60000 x 60000 pixels"
	Wanted string // what would be right, as "at most 64000000 pixels"; may be empty
	hint   string
	err    error
}

func (e *PictureError) Error() string {
	s := "codes: picture"
	if e.Format != "" {
		s += " (" + e.Format + ")"
	}
	s += ": " + e.Found
	if e.Wanted != "" {
		s += ", want " + e.Wanted
	}
	return s
}

// Hint says what can be done about it.
func (e *PictureError) Hint() string { return e.hint }

// Unwrap returns the error of the decoder, if there is one.
func (e *PictureError) Unwrap() error { return e.err }

// ReadPicture reads a picture file for [Scan]: PNG, JPEG, GIF (its first frame),
// BMP, TIFF or WebP, turned upright as its EXIF data say, in shades of gray. What
// is transparent becomes white. Every refusal is a [*PictureError], except an
// error of r itself.
func ReadPicture(r io.Reader, limit PictureLimit) (*image.Gray, error) {
	if limit.MaxPixels <= 0 {
		limit.MaxPixels = 64_000_000
	}
	if limit.MaxBytes <= 0 {
		limit.MaxBytes = 128 << 20
	}
	data, err := io.ReadAll(io.LimitReader(r, limit.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("codes: picture: %w", err)
	}
	if len(data) == 0 {
		return nil, &PictureError{Found: "empty file", hint: "check that the picture was copied whole"}
	}
	if int64(len(data)) > limit.MaxBytes {
		return nil, &PictureError{Found: fmt.Sprintf("more than %d bytes", limit.MaxBytes),
			Wanted: "a smaller file", hint: "save the picture as JPEG"}
	}
	if err := foreign(data); err != nil {
		return nil, err
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, undecodable(format, err)
	}
	// Divided, not multiplied: a product of declared sides can overflow.
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > limit.MaxPixels/cfg.Height {
		return nil, &PictureError{Format: format, Found: fmt.Sprintf("%d x %d pixels", cfg.Width, cfg.Height),
			Wanted: fmt.Sprintf("1 to %d pixels", limit.MaxPixels), hint: "crop or scale the picture down to the mark"}
	}
	img, err := decode(data)
	if err != nil {
		return nil, undecodable(format, err)
	}
	g := gray.From(img)
	g = turn(g, orientation(format, data))
	return &image.Gray{Pix: g.Pix, Stride: g.W, Rect: image.Rect(0, 0, g.W, g.H)}, nil
}

// decode turns a panic of a decoder into an error: the decoders outside the
// standard library are not fuzzed as well as those in it.
func decode(data []byte) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoder: %v", p)
		}
	}()
	img, _, err = image.Decode(bytes.NewReader(data))
	return img, err
}

func undecodable(format string, err error) *PictureError {
	e := &PictureError{Format: format, Found: "cannot be decoded", err: err}
	switch {
	case errors.Is(err, image.ErrFormat):
		e.Found = "not a picture that is known"
		e.Wanted = "PNG, JPEG, GIF, BMP, TIFF or WebP"
		e.hint = "save it as JPEG or PNG"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), strings.HasSuffix(err.Error(), io.ErrUnexpectedEOF.Error()):
		e.Found = "ends in the middle"
		e.hint = "copy the file again: part of it is missing"
	default:
		e.Found = "cannot be decoded: " + err.Error()
		e.hint = "open it in a picture viewer and save it again as JPEG or PNG"
	}
	return e
}

// foreign recognises the kinds of files that people bring and that are not read
// here, so that the hint can name them.
func foreign(data []byte) error {
	head := data[:min(len(data), 512)]
	format, hint := "", "save it as JPEG"
	switch {
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		switch brand := string(head[8:12]); brand {
		case "avif", "avis":
			format = "avif"
		default: // heic, heix, hevc, mif1, msf1 and films
			format = "heic"
			hint = "save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
		}
	case bytes.HasPrefix(head, []byte("\xff\x0a")), bytes.HasPrefix(head, []byte("\x00\x00\x00\x0cJXL ")):
		format = "jpeg xl"
	case bytes.HasPrefix(head, []byte("\x00\x00\x00\x0cjP  ")):
		format = "jpeg 2000"
	case bytes.HasPrefix(head, []byte("%PDF-")):
		format, hint = "pdf", "draw the page to a PNG of 300 dots an inch first"
	case bytes.Contains(head, []byte("<svg")):
		format, hint = "svg", "draw it to a PNG first"
	default:
		return nil
	}
	return &PictureError{Format: format, Found: "a kind of file that is not read", Wanted: "PNG, JPEG, GIF, BMP, TIFF or WebP", hint: hint}
}

// orientation returns how the picture lies by EXIF, 1 to 8, 1 where it says
// nothing.
func orientation(format string, data []byte) int {
	switch format {
	case "jpeg":
		for i := 2; i+4 <= len(data) && data[i] == 0xff; {
			n := int(binary.BigEndian.Uint16(data[i+2:]))
			if data[i+1] == 0xda || n < 2 || i+2+n > len(data) {
				break
			}
			if body := data[i+4 : i+2+n]; data[i+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
				return exifOrientation(body[6:])
			}
			i += 2 + n
		}
	case "png":
		for i := 8; i+8 <= len(data); {
			n := int(binary.BigEndian.Uint32(data[i:]))
			if n > len(data)-i-8 {
				break
			}
			if string(data[i+4:i+8]) == "eXIf" {
				return exifOrientation(data[i+8 : i+8+n])
			}
			i += 12 + n
		}
	case "webp":
		for i := 12; i+8 <= len(data); {
			n := int(binary.LittleEndian.Uint32(data[i+4:]))
			if n > len(data)-i-8 {
				break
			}
			if body := data[i+8 : i+8+n]; string(data[i:i+4]) == "EXIF" {
				return exifOrientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
			}
			i += 8 + n + n&1
		}
	case "tiff":
		return exifOrientation(data)
	}
	return 1
}

// exifOrientation looks up tag 0x0112 in the first directory of TIFF data.
func exifOrientation(b []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(b) < 8:
		return 1
	case bytes.HasPrefix(b, []byte("MM")):
		order = binary.BigEndian
	case !bytes.HasPrefix(b, []byte("II")):
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(b)) {
			break
		}
		if order.Uint16(b[e:]) == 0x0112 && order.Uint16(b[e+2:]) == 3 {
			if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}

// turn sets a picture upright that lies as EXIF orientation o says.
func turn(g *gray.Image, o int) *gray.Image {
	if o <= 1 {
		return g
	}
	w, h := g.W, g.H
	if o >= 5 {
		w, h = h, w
	}
	n := gray.New(w, h)
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch o {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			n.Pix[y*w+x] = g.Pix[sy*g.W+sx]
		}
	}
	return n
}
