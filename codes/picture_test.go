package codes_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/sublot/sublot/codes"
)

// corner is a picture of 24 x 16 pixels, white, with a black square of 8 in its
// top left.
func corner() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 24, 16))
	for i := range img.Pix {
		if img.Pix[i] = 255; i%24 < 8 && i/24 < 8 {
			img.Pix[i] = 0
		}
	}
	return img
}

func encoded(t testing.TB, write func(io.Writer) error) []byte {
	var b bytes.Buffer
	require.NoError(t, write(&b))
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	return encoded(t, func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: 95}) })
}

func TestReadPictureKnowsTheCommonKinds(t *testing.T) {
	img := corner()
	colours := image.NewRGBA(img.Rect)
	clear := image.NewNRGBA(img.Rect)
	for y := range 16 {
		for x := range 24 {
			colours.Set(x, y, img.At(x, y))
			clear.Set(x, y, color.NRGBA{A: 255 - img.GrayAt(x, y).Y}) // what is white is transparent
		}
	}
	files := map[string][]byte{
		"png":             encoded(t, func(w io.Writer) error { return png.Encode(w, img) }),
		"transparent png": encoded(t, func(w io.Writer) error { return png.Encode(w, clear) }),
		"jpeg":            jpegOf(t, img),
		"colour jpeg":     jpegOf(t, colours),
		"gif":             encoded(t, func(w io.Writer) error { return gif.Encode(w, img, nil) }),
		"bmp":             encoded(t, func(w io.Writer) error { return bmp.Encode(w, img) }),
		"tiff":            encoded(t, func(w io.Writer) error { return tiff.Encode(w, colours, nil) }),
	}
	for name, file := range files {
		got, err := codes.ReadPicture(bytes.NewReader(file), codes.PictureLimit{})
		require.NoError(t, err, name)
		require.Equal(t, img.Rect, got.Rect, name)
		for i, v := range img.Pix {
			require.InDelta(t, v, got.Pix[i], 6, "%s, pixel %d", name, i)
		}
	}

	// Nothing here writes WebP: this is one pixel, lossless.
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	require.NoError(t, err)
	got, err := codes.ReadPicture(bytes.NewReader(webp), codes.PictureLimit{})
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 1, 1), got.Rect)
}

// withEXIF puts an orientation behind the first marker of a JPEG.
func withEXIF(file []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	b := []byte("Exif\x00\x00II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("Exif\x00\x00MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)      // one entry
	b = order.AppendUint16(b, 0x0112) // Orientation
	b = order.AppendUint16(b, 3)      // SHORT
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(b)+2))...)
	return append(append(out, b...), file[2:]...)
}

// A camera writes how it was held beside the pixels. Where the black corner comes
// to lie follows from the EXIF standard's table.
func TestReadPictureTurnsAsEXIFSays(t *testing.T) {
	places := map[uint16]struct{ right, bottom, swapped bool }{
		1: {false, false, false}, 2: {true, false, false}, 3: {true, true, false}, 4: {false, true, false},
		5: {false, false, true}, 6: {true, false, true}, 7: {true, true, true}, 8: {false, true, true},
		0: {false, false, false}, 9: {false, false, false}, // no such turn
	}
	plain := jpegOf(t, corner())
	for o, p := range places {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			got, err := codes.ReadPicture(bytes.NewReader(withEXIF(plain, o, order)), codes.PictureLimit{})
			require.NoError(t, err)
			w, h := 24, 16
			if p.swapped {
				w, h = h, w
			}
			require.Equal(t, image.Rect(0, 0, w, h), got.Rect, "orientation %d", o)
			for _, right := range []bool{false, true} {
				for _, bottom := range []bool{false, true} {
					x, y := 3, 3
					if right {
						x = w - 4
					}
					if bottom {
						y = h - 4
					}
					dark := got.GrayAt(x, y).Y < 128
					require.Equal(t, right == p.right && bottom == p.bottom, dark, "orientation %d at %d, %d", o, x, y)
				}
			}
		}
	}
}

// declared is the head of a PNG that says how large it is, and nothing more.
func declared(w, h uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = binary.BigEndian.AppendUint32(chunk, h)
	chunk = append(chunk, 8, 0, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func TestReadPictureRefusesWithAHint(t *testing.T) {
	whole := encoded(t, func(w io.Writer) error { return png.Encode(w, corner()) })
	for name, c := range map[string]struct {
		file  []byte
		limit codes.PictureLimit
		says  string
		hint  string
	}{
		"empty":            {file: nil, says: "empty file", hint: "copied whole"},
		"text":             {file: []byte("hello"), says: "not a picture", hint: "JPEG"},
		"truncated png":    {file: whole[:len(whole)-20], says: "ends in the middle", hint: "copy the file again"},
		"truncated head":   {file: whole[:20], says: "ends in the middle", hint: "copy the file again"},
		"truncated jpeg":   {file: jpegOf(t, corner())[:300], says: "ends in the middle", hint: "copy the file again"},
		"60000 x 60000":    {file: declared(60000, 60000), says: "60000 x 60000 pixels", hint: "crop"},
		"sides overflow":   {file: declared(0x7fffffff, 0x7fffffff), says: "", hint: ""},
		"zero wide":        {file: declared(0, 5), says: "", hint: ""},
		"own limit":        {file: whole, limit: codes.PictureLimit{MaxPixels: 383}, says: "24 x 16 pixels, want 1 to 383", hint: "crop"},
		"too many bytes":   {file: whole, limit: codes.PictureLimit{MaxBytes: 30}, says: "more than 30 bytes", hint: "JPEG"},
		"heic":             {file: []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), says: "(heic)", hint: "save it as JPEG"},
		"avif":             {file: []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), says: "(avif)", hint: "save it as JPEG"},
		"pdf":              {file: []byte("%PDF-1.7\n"), says: "(pdf)", hint: "PNG"},
		"svg":              {file: []byte(`<?xml version="1.0"?><svg xmlns="x"/>`), says: "(svg)", hint: "PNG"},
		"corrupt checksum": {file: bytes.Replace(whole, []byte("IDAT"), []byte("IDAX"), 1), says: "cannot be decoded", hint: "save it again"},
	} {
		_, err := codes.ReadPicture(bytes.NewReader(c.file), c.limit)
		var e *codes.PictureError
		require.ErrorAs(t, err, &e, name)
		require.Contains(t, err.Error(), c.says, name)
		require.NotEmpty(t, e.Hint(), name)
		require.Contains(t, e.Hint(), c.hint, name)
		require.True(t, strings.HasPrefix(err.Error(), "codes: picture"), err.Error())
	}

	broken := errors.New("the disk is broken")
	_, err := codes.ReadPicture(io.MultiReader(bytes.NewReader(whole[:9]), failing{broken}), codes.PictureLimit{})
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A file that is refused for its size costs no pixels.
func TestReadPictureAllocatesNothingForABomb(t *testing.T) {
	bomb := declared(60000, 60000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := codes.ReadPicture(bytes.NewReader(bomb), codes.PictureLimit{})
	runtime.ReadMemStats(&after)
	require.Error(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func FuzzReadPicture(f *testing.F) {
	f.Add(encoded(f, func(w io.Writer) error { return png.Encode(w, corner()) }))
	f.Add(encoded(f, func(w io.Writer) error { return gif.Encode(w, corner(), nil) }))
	f.Add(encoded(f, func(w io.Writer) error { return bmp.Encode(w, corner()) }))
	f.Add(encoded(f, func(w io.Writer) error { return tiff.Encode(w, corner(), nil) }))
	f.Add(withEXIF(jpegOf(f, corner()), 6, binary.LittleEndian))
	f.Add([]byte("\x00\x00\x00\x18ftypheic"))
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := codes.ReadPicture(bytes.NewReader(file), codes.PictureLimit{MaxPixels: 1 << 16})
		if err != nil {
			var e *codes.PictureError
			require.ErrorAs(t, err, &e)
			return
		}
		require.LessOrEqual(t, img.Rect.Dx()*img.Rect.Dy(), 1<<16)
		require.Len(t, img.Pix, img.Rect.Dx()*img.Rect.Dy())
	})
}
