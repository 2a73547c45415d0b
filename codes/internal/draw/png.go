package draw

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"strconv"
	"sync"
)

var packers = sync.Pool{New: func() any { return new(packer) }}

// AppendPNG appends the bitmap as a PNG of one bit a dot, black on white, with its
// resolution in a pHYs chunk.
func (m *Bitmap) AppendPNG(b []byte, dpi int) []byte {
	b = append(b, "\x89PNG\r\n\x1a\n"...)
	var head [13]byte
	binary.BigEndian.PutUint32(head[0:], uint32(m.Width))
	binary.BigEndian.PutUint32(head[4:], uint32(m.Height))
	head[8] = 1 // bit depth; colour type 0 is gray
	b = appendChunk(b, "IHDR", head[:])

	var phys [9]byte
	perMetre := uint32(math.Round(float64(dpi) / 0.0254))
	binary.BigEndian.PutUint32(phys[0:], perMetre)
	binary.BigEndian.PutUint32(phys[4:], perMetre)
	phys[8] = 1 // metre
	b = appendChunk(b, "pHYs", phys[:])

	p := packers.Get().(*packer)
	defer packers.Put(p)
	b = appendChunk(b, "IDAT", p.stream(m))
	return appendChunk(b, "IEND", nil)
}

func appendChunk(b []byte, kind string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	start := len(b)
	b = append(b, kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
