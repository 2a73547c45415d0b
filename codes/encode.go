package codes

import (
	"bytes"
	"errors"
	"fmt"
)

// EncodeConfig says what symbol [Encode] is to make. The zero value makes the
// smallest square Data Matrix that holds the payload.
type EncodeConfig struct {
	// Symbology is the kind of symbol; empty means DataMatrix.
	Symbology Symbology

	// Rows and Cols fix the size of a matrix symbol in modules, quiet zone not
	// counted. With both zero the smallest square that fits is taken. With Rows
	// alone, the shortest symbol of so many rows: Rows 20 for a mark along a case
	// of small diameter. Linear symbols take neither.
	Rows, Cols int

	// Rectangle asks for the Data Matrix rectangle of the smallest area, of the
	// 6 in ISO/IEC 16022 and the 18 in ISO/IEC 21471, in place of a square. Old
	// readers do not know the latter: libdmtx 0.7.7 reads none of them.
	Rectangle bool

	// Level is the error correction of a QR code: "L", "M", "Q" or "H", for 7,
	// 15, 25 and 30 parts in a hundred; empty means "M". It is the least: a higher
	// one is taken where it fits the same size. In the other symbologies it
	// follows from the size and must be empty.
	Level string
}

// Encode makes the symbol of a payload. Data Matrix and QR take any bytes and
// pack them into the smallest symbol that a mix of their modes can reach; Aztec
// takes any bytes, without FNC1 and ECI; Code 128 takes ASCII. An empty payload
// is refused, since the empty symbol that some libraries draw reads as nothing.
// What does not fit gives a [*TooLongError].
func Encode(p Payload, cfg EncodeConfig) (*Symbol, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if cfg.Level != "" && cfg.Symbology != QR {
		return nil, fmt.Errorf("codes: level %q: only a QR code has levels", cfg.Level)
	}
	if cfg.Rectangle && cfg.Symbology != DataMatrix && cfg.Symbology != "" {
		return nil, fmt.Errorf("codes: symbology %s has no rectangles", cfg.Symbology)
	}
	if cfg.Rows < 0 || cfg.Cols < 0 {
		return nil, fmt.Errorf("codes: size %dx%d: want numbers above 0, or 0 for any", cfg.Rows, cfg.Cols)
	}
	switch cfg.Symbology {
	case DataMatrix, "":
		return encodeDataMatrix(p, cfg)
	case QR:
		return encodeQR(p, cfg)
	case Code128:
		return encodeCode128(p, cfg)
	case Aztec:
		return encodeAztec(p, cfg)
	}
	return nil, fmt.Errorf("codes: cannot draw symbology %q: want datamatrix, qr, aztec or code128", cfg.Symbology)
}

func (p *Payload) check() error {
	switch {
	case len(p.Data) == 0:
		return errors.New("codes: empty payload")
	case p.GS1 && (p.Data[0] == gs || bytes.Contains(p.Data, []byte{gs, gs})):
		return errors.New("codes: GS1 data with an empty element string: a separator at the beginning or after another")
	case p.ECI < 0 || p.ECI > 999999:
		return fmt.Errorf("codes: ECI %d: want 1 to 999999, or 0 for none", p.ECI)
	case p.Total == 0 && (p.Index != 0 || p.Group != 0):
		return errors.New("codes: structured append without a total")
	case p.Total != 0 && (p.Total < 2 || p.Total > 16 || p.Index < 0 || p.Index >= p.Total):
		return fmt.Errorf("codes: symbol %d of %d: want a total of 2 to 16 and an index below it", p.Index, p.Total)
	}
	return nil
}

// A TooLongError says that a payload does not fit into the symbol asked for. Have
// and Max are the capacity needed and the capacity there is, in Unit, as the
// symbology counts: codewords (Data Matrix), bits (QR, Aztec), characters (Code
// 128). Have is counted for the largest symbol allowed, packed as densely as
// Encode can; for Aztec, and for data longer than any symbol, it is the least that
// could be needed.
type TooLongError struct {
	Symbology Symbology
	Have, Max int
	Unit      string
	Size      string // what was asked for: "36x36", "20 rows", "any size"
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("codes: payload too long for %s in %s: needs %d %s, there are %d",
		e.Symbology, e.Size, e.Have, e.Unit, e.Max)
}

// Hint says what can be done about it.
func (e *TooLongError) Hint() string {
	if e.Size != anySize {
		return "allow a larger symbol, or shorten the payload"
	}
	if e.Symbology == QR {
		return "take a lower error correction level, or shorten the payload"
	}
	return "shorten the payload, or spread it over several symbols"
}

const anySize = "any size"

// sizeText names the constraint of a configuration.
func (cfg *EncodeConfig) sizeText() string {
	switch {
	case cfg.Rows != 0 && cfg.Cols != 0:
		return fmt.Sprintf("%dx%d", cfg.Rows, cfg.Cols)
	case cfg.Rows != 0:
		return fmt.Sprintf("%d rows", cfg.Rows)
	case cfg.Cols != 0:
		return fmt.Sprintf("%d columns", cfg.Cols)
	case cfg.Rectangle:
		return "a rectangle"
	}
	return anySize
}
