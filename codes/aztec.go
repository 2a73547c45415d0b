package codes

import (
	"errors"
	"fmt"

	"github.com/boombuler/barcode/aztec"
)

// Aztec codes come from boombuler/barcode, whose Aztec was measured right for every
// byte in three readers (its Data Matrix, QR and PDF417 were not, or not fast).

// aztecCheckPercent is the share of check words: ISO/IEC 24778 recommends 23 % and
// three words, and most printers draw 33.
const aztecCheckPercent = 33

// aztecCapacity is the bits of an Aztec code of 32 layers.
const aztecCapacity = (112 + 16*32) * 32

func encodeAztec(p Payload, cfg EncodeConfig) (*Symbol, error) {
	if p.GS1 || p.ECI != 0 || p.Total != 0 {
		return nil, errors.New("codes: Aztec is drawn without FNC1, ECI and structured append")
	}
	layers, err := aztecLayers(&cfg)
	if err != nil {
		return nil, err
	}
	tooLong := &TooLongError{
		Symbology: Aztec, Have: 5 * len(p.Data), Max: aztecCapacity * (100 - aztecCheckPercent) / 100,
		Unit: "bits", Size: cfg.sizeText(),
	}
	if layers != 0 {
		tooLong.Max = aztecBits(layers) * (100 - aztecCheckPercent) / 100
	}
	if len(p.Data) > 4000 { // at least 5 bits each
		return nil, tooLong
	}
	code, err := aztec.Encode(p.Data, aztecCheckPercent, layers)
	if err != nil {
		tooLong.Have = max(tooLong.Have, tooLong.Max+1)
		return nil, tooLong
	}
	side := code.Bounds().Dx()
	s := &Symbol{symbology: Aztec, width: side, height: side, rowHeight: 1, quiet: 2, dark: make([]bool, side*side)}
	for y := range side {
		for x := range side {
			r, _, _, _ := code.At(x, y).RGBA()
			s.dark[y*side+x] = r == 0
		}
	}
	return s, nil
}

// aztecLayers returns the layers of the size asked for, negative for a compact
// code, 0 for any.
func aztecLayers(cfg *EncodeConfig) (int, error) {
	side := max(cfg.Rows, cfg.Cols)
	if side == 0 {
		return 0, nil
	}
	if cfg.Rows == 0 || cfg.Cols == 0 || cfg.Rows == cfg.Cols {
		for n := 1; n <= 4; n++ {
			if side == 11+4*n {
				return -n, nil
			}
		}
		for n := 4; n <= 32; n++ { // the smaller ones have the size of compact codes
			if base := 14 + 4*n; side == base+1+2*((base/2-1)/15) {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("codes: no Aztec code has the size %s: want squares of 15, 19, 23, 27, 31, 37, … 151 rows", cfg.sizeText())
}

// aztecBits counts the bits of a number of layers, negative for compact codes.
func aztecBits(layers int) int {
	if layers < 0 {
		return (88 - 16*layers) * -layers
	}
	return (112 + 16*layers) * layers
}
