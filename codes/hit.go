package codes

import "fmt"

// A Hit is one symbol that [Scan] found and read.
type Hit struct {
	Symbology Symbology
	Payload   Payload

	// Text is the payload as a person would read it, by the character sets that
	// the symbol states, else as UTF-8 or Latin-1. Different payloads can have
	// the same text: compare payloads.
	Text string

	// Corners are top left, top right, bottom right and bottom left of the
	// symbol as it was printed, in pixels of the picture, whose first pixel
	// covers 0 to 1. In a picture that hangs upside down the top left lies at the
	// bottom right.
	Corners [4][2]float64

	// Rows and Cols are the size in modules, 0 where a symbology has none.
	Rows, Cols int

	// Corrected of Correctable corrections were used up: wrong codewords in all
	// blocks, an erasure counting half. Correctable is 0 where a symbology
	// corrects nothing (Code 128).
	Corrected, Correctable int

	// ModulePixels is the side of a module in pixels, Contrast the difference
	// between light and dark modules in levels of gray, 0 to 255; 0 where it was
	// not measured.
	ModulePixels, Contrast float64

	// Mirrored symbols were seen from behind, inverted ones are light on dark.
	Mirrored, Inverted bool
}

// Grade says in words how sound the symbol is, as "readable, 3 of 18 corrections
// used". It is "good" up to a quarter of the corrections, "readable" up to three
// quarters and "barely readable" beyond: such a mark will not last.
func (h Hit) Grade() string {
	if h.Correctable == 0 {
		return "readable"
	}
	word := "barely readable"
	switch {
	case 4*h.Corrected <= h.Correctable:
		word = "good"
	case 4*h.Corrected <= 3*h.Correctable:
		word = "readable"
	}
	return fmt.Sprintf("%s, %d of %d corrections used", word, h.Corrected, h.Correctable)
}

// A Sighting is something in a picture that looks like a symbol and could not be
// read.
type Sighting struct {
	Symbology Symbology
	Corners   [4][2]float64 // as in [Hit]
	Says      string        // what was seen and what to do: "an L of about 24 modules, too blurred: come closer"
}
