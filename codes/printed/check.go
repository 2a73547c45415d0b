package printed

import (
	"fmt"
	"image"
	"time"

	"github.com/sublot/sublot/codes"
)

// Config says how a label is looked at. The zero value is good for most cameras.
type Config struct {
	// MaxTime is how long to look; 0 means one second. A label that was printed
	// well takes some milliseconds, a spoilt one all the time there is.
	MaxTime time.Duration

	// MinContrast is the least difference of dark and light in levels of gray of 0
	// to 255; 0 means 60.
	MinContrast float64

	// Name says what a payload is, for the reason why a label fails, such as the
	// identity that it bears; empty text for what is none of ours. Nil means the
	// text of the symbol.
	Name func(payload []byte) string
}

// A Result is what became of a label.
type Result struct {
	OK  bool
	Why string    // in one sentence, also of a good one: how good it is
	Hit codes.Hit // the symbol that speaks for it, or against it
}

// Check looks at a picture of a label just printed, on which the symbol of payload
// must stand and no other of its kind of data. A fresh label fails that is merely
// readable: it has years and a journey before it. The text of the label is not
// looked at. An error means that the picture is none.
func Check(picture image.Image, payload codes.Payload, cfg Config) (Result, error) {
	if cfg.MinContrast == 0 {
		cfg.MinContrast = 60
	}
	if cfg.Name == nil {
		cfg.Name = func(payload []byte) string { return fmt.Sprintf("%.60q", payload) }
	}
	found, err := codes.Scan(picture, codes.ScanConfig{MaxTime: cfg.MaxTime})
	if err != nil {
		return Result{}, err
	}
	sent := cfg.Name(payload.Data)
	var hit *codes.Hit
	for i := range found.Hits {
		h := &found.Hits[i]
		if h.Payload.Equal(payload) {
			hit = h
			continue
		}
		switch name := cfg.Name(h.Payload.Data); name {
		case "": // another symbol on the label, such as a product's
		case sent:
			return fail(*h, "the symbol of %s says other things than were sent: an old label?", name)
		default:
			return fail(*h, "the picture shows the symbol of %s, wanted %s alone", name, sent)
		}
	}
	switch {
	case hit == nil && len(found.Hits) > 0:
		return fail(found.Hits[0], "the symbol is none of ours: %.60q", found.Hits[0].Text)
	case hit == nil && len(found.Seen) > 0:
		return fail(codes.Hit{}, "no symbol can be read; %s", found.Seen[0].Says)
	case hit == nil:
		return fail(codes.Hit{}, "no symbol can be read")
	case 4*hit.Corrected > hit.Correctable && hit.Correctable > 0:
		return fail(*hit, "%s: a fresh print must be good; clean the head, look at ribbon and speed", hit.Grade())
	case hit.Contrast > 0 && hit.Contrast < cfg.MinContrast:
		return fail(*hit, "too faint: %.0f levels of gray between dark and light, wanted %.0f", hit.Contrast, cfg.MinContrast)
	case hit.Inverted || hit.Mirrored:
		return fail(*hit, "the symbol is printed light on dark, or mirrored")
	}
	return Result{OK: true, Why: hit.Grade(), Hit: *hit}, nil
}

func fail(h codes.Hit, format string, args ...any) (Result, error) {
	return Result{Why: fmt.Sprintf(format, args...), Hit: h}, nil
}
