package packing

import (
	"bytes"
	"fmt"
	"image"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/marking"
)

// A Print is what became of a label.
type Print struct {
	OK  bool
	Why string // in one sentence, also of a good one: how good it is
	Hit codes.Hit
}

// faintest is the least difference of dark and light, in levels of gray, that a
// fresh print may have under the camera of a line.
const faintest = 60

// CheckPrint looks at a picture of a label just printed, on which the symbol of
// frame must stand and no other mark. A fresh label fails that is merely readable:
// it has years and a journey before it. With trust it also holds the frame to the
// keys that readers believe, so that a line with an old key stops at its first box.
// The text of the label is not looked at. The time is that for scanning, 0 for a
// second. An error means that the picture is none.
func CheckPrint(picture image.Image, frame []byte, trust *marking.Trust, limit time.Duration) (Print, error) {
	found, err := codes.Scan(picture, codes.ScanConfig{MaxTime: limit})
	if err != nil {
		return Print{}, err
	}
	sent, _, err := marking.Read(frame)
	if err != nil {
		return Print{Why: fmt.Sprintf("what was sent to the printer is no mark: %v", err)}, nil
	}
	fail := func(h codes.Hit, format string, args ...any) (Print, error) {
		return Print{Why: fmt.Sprintf(format, args...), Hit: h}, nil
	}
	var hit *codes.Hit
	for i := range found.Hits {
		h := &found.Hits[i]
		if bytes.Equal(h.Payload.Data, frame) {
			hit = h
			continue
		}
		if m, _, err := marking.Read(h.Payload.Data); err == nil && m.Item != sent.Item {
			return fail(*h, "the picture shows the mark of %v, wanted %v alone", m.Item, sent.Item)
		} else if err == nil {
			return fail(*h, "the mark of %v says other things than were sent: an old label?", m.Item)
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
	case hit.Contrast > 0 && hit.Contrast < faintest:
		return fail(*hit, "too faint: %.0f levels of gray between dark and light, wanted %d", hit.Contrast, faintest)
	case hit.Inverted || hit.Mirrored:
		return fail(*hit, "the symbol is printed light on dark, or mirrored")
	}
	if trust != nil {
		v, err := marking.Open(frame, trust)
		if err != nil || v.Signature != marking.StateValid {
			return fail(*hit, "readers will not believe the mark: %s", v.Reason)
		}
	}
	return Print{OK: true, Why: hit.Grade(), Hit: *hit}, nil
}
