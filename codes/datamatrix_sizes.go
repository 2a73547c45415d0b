package codes

import "sync"

// A dmSize is one of the sizes of Data Matrix ECC 200.
type dmSize struct {
	rows, cols               int // modules
	regionRows, regionCols   int // data regions down and across, each framed by finder and timing pattern
	dataWords, checkWords    int // codewords, all blocks together
	blocks                   int // interleaved Reed–Solomon blocks
	once                     sync.Once
	place                    []int16 // module of the data area, row by row → codeword times 8 plus bit, or placeDark, placeLight
	generator                []int16
	dataRows, dataCols       int // of the data area: the regions without their frames
	regionHeight, regionWide int // of one data region, frame not counted
}

// dmSizes holds every square size of ISO/IEC 16022 but 144x144, its six rectangles
// and the 18 of ISO/IEC 21471, each kind by rising capacity. 144x144 is left out
// because decoders in use disagree on the order of its ten blocks: a symbol that
// one of them cannot read is worse than a clear refusal.
var dmSizes = []*dmSize{
	{rows: 10, cols: 10, regionRows: 1, regionCols: 1, dataWords: 3, checkWords: 5, blocks: 1},
	{rows: 12, cols: 12, regionRows: 1, regionCols: 1, dataWords: 5, checkWords: 7, blocks: 1},
	{rows: 14, cols: 14, regionRows: 1, regionCols: 1, dataWords: 8, checkWords: 10, blocks: 1},
	{rows: 16, cols: 16, regionRows: 1, regionCols: 1, dataWords: 12, checkWords: 12, blocks: 1},
	{rows: 18, cols: 18, regionRows: 1, regionCols: 1, dataWords: 18, checkWords: 14, blocks: 1},
	{rows: 20, cols: 20, regionRows: 1, regionCols: 1, dataWords: 22, checkWords: 18, blocks: 1},
	{rows: 22, cols: 22, regionRows: 1, regionCols: 1, dataWords: 30, checkWords: 20, blocks: 1},
	{rows: 24, cols: 24, regionRows: 1, regionCols: 1, dataWords: 36, checkWords: 24, blocks: 1},
	{rows: 26, cols: 26, regionRows: 1, regionCols: 1, dataWords: 44, checkWords: 28, blocks: 1},
	{rows: 32, cols: 32, regionRows: 2, regionCols: 2, dataWords: 62, checkWords: 36, blocks: 1},
	{rows: 36, cols: 36, regionRows: 2, regionCols: 2, dataWords: 86, checkWords: 42, blocks: 1},
	{rows: 40, cols: 40, regionRows: 2, regionCols: 2, dataWords: 114, checkWords: 48, blocks: 1},
	{rows: 44, cols: 44, regionRows: 2, regionCols: 2, dataWords: 144, checkWords: 56, blocks: 1},
	{rows: 48, cols: 48, regionRows: 2, regionCols: 2, dataWords: 174, checkWords: 68, blocks: 1},
	{rows: 52, cols: 52, regionRows: 2, regionCols: 2, dataWords: 204, checkWords: 84, blocks: 2},
	{rows: 64, cols: 64, regionRows: 4, regionCols: 4, dataWords: 280, checkWords: 112, blocks: 2},
	{rows: 72, cols: 72, regionRows: 4, regionCols: 4, dataWords: 368, checkWords: 144, blocks: 4},
	{rows: 80, cols: 80, regionRows: 4, regionCols: 4, dataWords: 456, checkWords: 192, blocks: 4},
	{rows: 88, cols: 88, regionRows: 4, regionCols: 4, dataWords: 576, checkWords: 224, blocks: 4},
	{rows: 96, cols: 96, regionRows: 4, regionCols: 4, dataWords: 696, checkWords: 272, blocks: 4},
	{rows: 104, cols: 104, regionRows: 4, regionCols: 4, dataWords: 816, checkWords: 336, blocks: 6},
	{rows: 120, cols: 120, regionRows: 6, regionCols: 6, dataWords: 1050, checkWords: 408, blocks: 6},
	{rows: 132, cols: 132, regionRows: 6, regionCols: 6, dataWords: 1304, checkWords: 496, blocks: 8},

	{rows: 8, cols: 18, regionRows: 1, regionCols: 1, dataWords: 5, checkWords: 7, blocks: 1},
	{rows: 8, cols: 32, regionRows: 1, regionCols: 2, dataWords: 10, checkWords: 11, blocks: 1},
	{rows: 12, cols: 26, regionRows: 1, regionCols: 1, dataWords: 16, checkWords: 14, blocks: 1},
	{rows: 8, cols: 48, regionRows: 1, regionCols: 2, dataWords: 18, checkWords: 15, blocks: 1},
	{rows: 12, cols: 36, regionRows: 1, regionCols: 2, dataWords: 22, checkWords: 18, blocks: 1},
	{rows: 8, cols: 64, regionRows: 1, regionCols: 4, dataWords: 24, checkWords: 18, blocks: 1},
	{rows: 16, cols: 36, regionRows: 1, regionCols: 2, dataWords: 32, checkWords: 24, blocks: 1},
	{rows: 8, cols: 80, regionRows: 1, regionCols: 4, dataWords: 32, checkWords: 22, blocks: 1},
	{rows: 8, cols: 96, regionRows: 1, regionCols: 4, dataWords: 38, checkWords: 28, blocks: 1},
	{rows: 12, cols: 64, regionRows: 1, regionCols: 4, dataWords: 43, checkWords: 27, blocks: 1},
	{rows: 20, cols: 36, regionRows: 1, regionCols: 2, dataWords: 44, checkWords: 28, blocks: 1},
	{rows: 16, cols: 48, regionRows: 1, regionCols: 2, dataWords: 49, checkWords: 28, blocks: 1},
	{rows: 8, cols: 120, regionRows: 1, regionCols: 6, dataWords: 49, checkWords: 32, blocks: 1},
	{rows: 20, cols: 44, regionRows: 1, regionCols: 2, dataWords: 56, checkWords: 34, blocks: 1},
	{rows: 16, cols: 64, regionRows: 1, regionCols: 4, dataWords: 62, checkWords: 36, blocks: 1},
	{rows: 8, cols: 144, regionRows: 1, regionCols: 6, dataWords: 63, checkWords: 36, blocks: 1},
	{rows: 12, cols: 88, regionRows: 1, regionCols: 4, dataWords: 64, checkWords: 36, blocks: 1},
	{rows: 26, cols: 40, regionRows: 1, regionCols: 2, dataWords: 70, checkWords: 38, blocks: 1},
	{rows: 22, cols: 48, regionRows: 1, regionCols: 2, dataWords: 72, checkWords: 38, blocks: 1},
	{rows: 24, cols: 48, regionRows: 1, regionCols: 2, dataWords: 80, checkWords: 41, blocks: 1},
	{rows: 20, cols: 64, regionRows: 1, regionCols: 4, dataWords: 84, checkWords: 42, blocks: 1},
	{rows: 26, cols: 48, regionRows: 1, regionCols: 2, dataWords: 90, checkWords: 42, blocks: 1},
	{rows: 24, cols: 64, regionRows: 1, regionCols: 4, dataWords: 108, checkWords: 46, blocks: 1},
	{rows: 26, cols: 64, regionRows: 1, regionCols: 4, dataWords: 118, checkWords: 50, blocks: 1},
}

// allowed says whether a configuration permits the size.
func (z *dmSize) allowed(cfg *EncodeConfig) bool {
	square := z.rows == z.cols
	switch {
	case cfg.Rows != 0 && z.rows != cfg.Rows, cfg.Cols != 0 && z.cols != cfg.Cols:
		return false
	case cfg.Rectangle:
		return !square
	case cfg.Rows == 0 && cfg.Cols == 0:
		return square
	}
	return true
}

// The values of dmSize.place for the two modules in a corner that some sizes leave
// without a codeword.
const (
	placeLight = -1 - iota
	placeDark
	placeFree // while placing
)

// prepare fills what is computed once a size and then shared.
func (z *dmSize) prepare() {
	z.once.Do(func() {
		z.regionHeight = z.rows/z.regionRows - 2
		z.regionWide = z.cols/z.regionCols - 2
		z.dataRows, z.dataCols = z.regionRows*z.regionHeight, z.regionCols*z.regionWide
		z.generator = dmField.generator(1, z.checkWords/z.blocks)
		z.place = dmPlacement(z.dataRows, z.dataCols)
	})
}

// dmPlacement lays the codewords over a data area, as annex F of ISO/IEC 16022
// says: in shapes of eight modules ("utahs") along diagonals that run up and
// down, wrapped at the edges, with four special shapes in corners.
func dmPlacement(rows, cols int) []int16 {
	p := make([]int16, rows*cols)
	for i := range p {
		p[i] = placeFree
	}
	word := int16(0)
	set := func(row, col, bit int) {
		if row < 0 {
			row += rows
			col += 4 - (rows+4)%8
		}
		if col < 0 {
			col += cols
			row += 4 - (cols+4)%8
		}
		if row >= rows { // only in some sizes of ISO/IEC 21471
			row -= rows
		}
		p[row*cols+col] = word*8 + int16(bit)
	}
	shape := func(row, col int, offsets *[8][2]int) {
		for i, o := range offsets {
			set(row+o[0], col+o[1], 7-i)
		}
		word++
	}
	corner := func(modules [8][2]int) {
		for i, m := range modules { // negative: counted from the far edge
			p[(m[0]+rows)%rows*cols+(m[1]+cols)%cols] = word*8 + int16(7-i)
		}
		word++
	}
	utah := [8][2]int{{-2, -2}, {-2, -1}, {-1, -2}, {-1, -1}, {-1, 0}, {0, -2}, {0, -1}, {0, 0}}

	row, col := 4, 0
	for row < rows || col < cols {
		if row == rows && col == 0 {
			corner([8][2]int{{-1, 0}, {-1, 1}, {-1, 2}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}})
		}
		if row == rows-2 && col == 0 && cols%4 != 0 {
			corner([8][2]int{{-3, 0}, {-2, 0}, {-1, 0}, {0, -4}, {0, -3}, {0, -2}, {0, -1}, {1, -1}})
		}
		if row == rows-2 && col == 0 && cols%8 == 4 {
			corner([8][2]int{{-3, 0}, {-2, 0}, {-1, 0}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}})
		}
		if row == rows+4 && col == 2 && cols%8 == 0 {
			corner([8][2]int{{-1, 0}, {-1, -1}, {0, -3}, {0, -2}, {0, -1}, {1, -3}, {1, -2}, {1, -1}})
		}
		for ; row >= 0 && col < cols; row, col = row-2, col+2 { // upward
			if row < rows && col >= 0 && p[row*cols+col] == placeFree {
				shape(row, col, &utah)
			}
		}
		row, col = row+1, col+3
		for ; row < rows && col >= 0; row, col = row+2, col-2 { // downward
			if row >= 0 && col < cols && p[row*cols+col] == placeFree {
				shape(row, col, &utah)
			}
		}
		row, col = row+3, col+1
	}
	if end := rows*cols - 1; p[end] == placeFree {
		p[end], p[end-1] = placeDark, placeLight
		p[end-cols], p[end-cols-1] = placeLight, placeDark
	}
	return p
}
