package codes

// A Symbology names a kind of symbol, as in findings and on the command line.
type Symbology string

// The symbologies of this package. [Encode] draws all but PDF417, [Scan] reads
// all.
const (
	DataMatrix Symbology = "datamatrix" // ISO/IEC 16022, with the rectangles of ISO/IEC 21471 (DMRE)
	QR         Symbology = "qr"         // ISO/IEC 18004, model 2
	Aztec      Symbology = "aztec"      // ISO/IEC 24778
	Code128    Symbology = "code128"    // ISO/IEC 15417; GS1-128 when [Payload.GS1] is set
	PDF417     Symbology = "pdf417"     // ISO/IEC 15438, read only
)
