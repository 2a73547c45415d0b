package picturetest

import (
	"testing"
	"time"

	"github.com/sublot/sublot/codes/internal/gray"
)

// Fuzz calls a finder on pictures that begin as seeds: a byte for the width, the
// pixels after it. The law is that nothing happens but an answer; at least three
// seeds are wanted. The finder is told soon to stop: many pictures begun find more
// than few to the end.
func Fuzz(f *testing.F, seeds []*gray.Image, find func(g *gray.Image, stop func() bool)) {
	n := 0
	for _, s := range seeds {
		if s.W <= 255 {
			f.Add(append([]byte{byte(s.W)}, s.Pix...))
			n++
		}
	}
	if n < 3 {
		f.Fatalf("%d seeds, want at least 3 no wider than 255 pixels", n)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2 || b[0] == 0 || len(b) > 1<<15 {
			return
		}
		w := int(b[0])
		h := (len(b) - 1) / w
		if h == 0 {
			return
		}
		until := time.Now().Add(3 * time.Millisecond)
		find(&gray.Image{W: w, H: h, Pix: b[1 : 1+w*h]}, func() bool { return time.Now().After(until) })
	})
}
