package codes

import (
	"errors"
	"image"
	"time"

	"github.com/sublot/sublot/codes/internal/gray"
)

// ScanConfig limits what [Scan] looks for and how long. The zero value finds
// every symbol of every symbology within a second.
type ScanConfig struct {
	// MaxTime is how long Scan may take; 0 means one second. Most pictures with a
	// mark take some hundredths, and those without one some tenths.
	MaxTime time.Duration

	// Symbologies to look for; empty means all. Fewer are faster.
	Symbologies []Symbology

	// MaxMarks is after how many symbols Scan stops; 0 means 64.
	MaxMarks int
}

// A ScanResult is what was found in a picture.
type ScanResult struct {
	// Hits are the symbols read, from the top of the picture to the bottom. The
	// same symbol is reported once.
	Hits []Hit

	// Seen is what looked like a symbol and could not be read, the likeliest
	// first.
	Seen []Sighting

	// TimedOut says that there was no time to try everything.
	TimedOut bool
}

// Scan finds and reads every symbol in a picture. Nothing found is no error: then
// [ScanResult.Seen] may say why. It does not change img and keeps nothing of it.
//
// Scan takes the steps of a ladder, the cheapest first, until one of them reads
// something; see docs/reading.md for what each step reads and costs. It uses one
// core and about 6 bytes of memory a pixel beside the picture, 100 MB at most
// beyond that.
func Scan(img image.Image, cfg ScanConfig) (ScanResult, error) {
	if img == nil || img.Bounds().Empty() {
		return ScanResult{}, errors.New("codes: scan: the picture is empty")
	}
	for _, s := range cfg.Symbologies {
		if !s.known() {
			return ScanResult{}, errors.New("codes: scan: unknown symbology " + string(s))
		}
	}
	if cfg.MaxTime <= 0 {
		cfg.MaxTime = time.Second
	}
	if cfg.MaxMarks <= 0 {
		cfg.MaxMarks = 64
	}
	s := &scanner{cfg: cfg, deadline: time.Now().Add(cfg.MaxTime)}
	g := gray.From(img)
	s.climb(g)
	if len(s.hits) == 0 && len(s.seen) == 0 {
		s.sight(g)
	}
	return s.result(), nil
}

func (s Symbology) known() bool {
	switch s {
	case DataMatrix, QR, Aztec, Code128, PDF417:
		return true
	}
	return false
}
