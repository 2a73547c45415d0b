package drawtest

import (
	"bytes"
	"fmt"
	"image"
	"strconv"
)

// ZPL draws the first label of a ZPL file, ink black on white, a pixel a dot. It
// knows ^XA, ^PW, ^LL, ^FO, ^GFA with its compression, ^FS and ^XZ; any other
// command but ^CI, ^LH, ^LS, ^PQ, ^PO and ^FX is an error. Without ^PW and ^LL the picture is as large
// as its graphics.
func ZPL(b []byte) (image.Image, error) {
	var width, height, x, y int
	type graphic struct {
		x, y, stride int
		rows         [][]byte
	}
	var graphics []graphic
	begun := false
	for _, field := range bytes.Split(b, []byte{'^'})[1:] {
		if len(field) < 2 {
			return nil, fmt.Errorf("drawtest: zpl: empty command")
		}
		name, rest := string(field[:2]), string(bytes.TrimSpace(field[2:]))
		switch name {
		case "XA":
			begun = true
		case "PW":
			width, _ = strconv.Atoi(rest)
		case "LL":
			height, _ = strconv.Atoi(rest)
		case "FO":
			if _, err := fmt.Sscanf(rest, "%d,%d", &x, &y); err != nil {
				return nil, fmt.Errorf("drawtest: zpl: ^FO%s: %w", rest, err)
			}
		case "GF":
			parts := bytes.SplitN([]byte(rest), []byte{','}, 5)
			if len(parts) != 5 || string(parts[0]) != "A" {
				return nil, fmt.Errorf("drawtest: zpl: ^GF%.20s: want ^GFA with five parts", rest)
			}
			total, err1 := strconv.Atoi(string(parts[2]))
			stride, err2 := strconv.Atoi(string(parts[3]))
			if err1 != nil || err2 != nil || stride < 1 || total%stride != 0 {
				return nil, fmt.Errorf("drawtest: zpl: ^GFA of %s bytes, %s a row", parts[2], parts[3])
			}
			rows, err := zplRows(parts[4], stride, total/stride)
			if err != nil {
				return nil, err
			}
			graphics = append(graphics, graphic{x, y, stride, rows})
		case "FS", "CI", "LH", "LS", "PQ", "PO", "FX":
		case "XZ":
			if !begun {
				return nil, fmt.Errorf("drawtest: zpl: ^XZ without ^XA")
			}
			for _, g := range graphics {
				if width == 0 || height == 0 {
					width, height = max(width, g.x+8*g.stride), max(height, g.y+len(g.rows))
				}
			}
			img := image.NewGray(image.Rect(0, 0, width, height))
			for i := range img.Pix {
				img.Pix[i] = 255
			}
			for _, g := range graphics {
				for dy, row := range g.rows {
					for dx := range 8 * g.stride {
						px, py := g.x+dx, g.y+dy
						if row[dx>>3]>>(7-dx&7)&1 == 1 && px < width && py < height {
							img.Pix[py*img.Stride+px] = 0
						}
					}
				}
			}
			return img, nil
		default:
			return nil, fmt.Errorf("drawtest: zpl: unknown command ^%s", name)
		}
	}
	return nil, fmt.Errorf("drawtest: zpl: no ^XZ")
}

// zplRows undoes the compression of a graphic.
func zplRows(data []byte, stride, height int) ([][]byte, error) {
	var rows [][]byte
	var digits []byte
	flush := func() {
		row := make([]byte, stride)
		for i, d := range digits {
			row[i/2] |= d << (4 - i%2*4)
		}
		rows = append(rows, row)
		digits = digits[:0]
	}
	fill := func(d byte) {
		for len(digits) < 2*stride {
			digits = append(digits, d)
		}
		flush()
	}
	repeat := 0
	for _, c := range data {
		switch {
		case c == ',':
			fill(0)
		case c == '!':
			fill(15)
		case c == ':':
			if len(rows) == 0 || len(digits) > 0 {
				return nil, fmt.Errorf("drawtest: zpl: ':' without a row above it")
			}
			rows = append(rows, rows[len(rows)-1])
		case c >= 'G' && c <= 'Y':
			repeat += int(c-'G') + 1
		case c >= 'g' && c <= 'z':
			repeat += 20 * (int(c-'g') + 1)
		default:
			d, err := strconv.ParseUint(string(c), 16, 8)
			if err != nil {
				return nil, fmt.Errorf("drawtest: zpl: %q in a graphic", c)
			}
			for range max(repeat, 1) {
				digits = append(digits, byte(d))
			}
			repeat = 0
			if len(digits) > 2*stride {
				return nil, fmt.Errorf("drawtest: zpl: row %d longer than %d bytes", len(rows), stride)
			}
			if len(digits) == 2*stride {
				flush()
			}
		}
	}
	if len(rows) != height || len(digits) != 0 {
		return nil, fmt.Errorf("drawtest: zpl: %d rows, want %d", len(rows), height)
	}
	return rows, nil
}
