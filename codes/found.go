package codes

import (
	"math"

	"github.com/sublot/sublot/codes/internal/parse"
)

// found is a symbol as a reader found it in a view.
type found struct {
	symbology              Symbology
	message                *parse.Message
	corners                [4][2]float64 // in the view
	rows, cols             int           // modules
	corrected, correctable int
	contrast               float64
	mirrored, inverted     bool
}

// hit puts what was found in a view into the picture.
func (v view) hit(f *found) Hit {
	h := Hit{
		Symbology: f.symbology, Text: f.message.Text(),
		Rows: f.rows, Cols: f.cols, Mirrored: f.mirrored, Inverted: f.inverted != v.inverted,
		Corrected: f.corrected, Correctable: f.correctable, Contrast: f.contrast,
		Payload: Payload{
			Data: f.message.Data, GS1: f.message.GS1, ECI: f.message.ECI,
			Index: f.message.Index, Total: f.message.Total, Group: f.message.Group,
		},
	}
	for i, c := range f.corners {
		h.Corners[i][0], h.Corners[i][1] = v.place(c[0], c[1])
	}
	if f.cols > 0 {
		top := math.Hypot(h.Corners[1][0]-h.Corners[0][0], h.Corners[1][1]-h.Corners[0][1])
		bottom := math.Hypot(h.Corners[2][0]-h.Corners[3][0], h.Corners[2][1]-h.Corners[3][1])
		h.ModulePixels = (top + bottom) / 2 / float64(f.cols)
	}
	return h
}
