package codes_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// What Encode is given, Scan returns: exact bytes, FNC1, ECI and the place in a
// set, in every symbology, from every side.
func TestScanReturnsWhatEncodeWasGiven(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	payloads := map[string]codes.Payload{
		"text":              {Data: []byte("XCW/XCW24C001-012/001/0042")},
		"digits":            {Data: []byte("00123456789012345678901234567890")},
		"one byte":          {Data: []byte{0}},
		"every byte":        {Data: every},
		"begins with E8":    {Data: []byte{0xe8, 'a', 0xe8, 0xe8, 0xff, 0x1d}},
		"control":           {Data: []byte("\x1d\x1e\x04\x00%%%\r\n")},
		"GS1":               {Data: []byte("0109520000000017" + "10LOT%42\x1d" + "2112345"), GS1: true},
		"UTF-8 by ECI":      {Data: []byte("Партия 42 — Česká"), ECI: 26},
		"Cyrillic by ECI":   {Data: []byte{0xbf, 0xd0, 0xe0, 0xe2, 0xd8, 0xef}, ECI: 7},
		"binary by ECI":     {Data: []byte{0x80, 0xff, 0x00}, ECI: 899},
		"third of five":     {Data: []byte("part three"), Index: 2, Total: 5, Group: 7<<8 | 8},
		"looks like macro":  {Data: []byte("[)>\x1e06\x1d17VXCW\x1d1TXCW24C001-012\x1e\x04")},
		"UTF-8 unannounced": {Data: []byte("€ and ü")},
		"ISO format 05":     {Data: []byte("[)>\x1e05\x1d0112345\x1e\x04")},
		"long":              {Data: []byte(fmt.Sprintf("%0400d", 7))},
	}
	read := 0
	for name, p := range payloads {
		for _, symbology := range []codes.Symbology{codes.DataMatrix, codes.QR, codes.Aztec, codes.Code128} {
			if symbology == codes.QR {
				p.Group &= 0xff
			}
			s, err := codes.Encode(p, codes.EncodeConfig{Symbology: symbology})
			if err != nil {
				require.NotContains(t, []codes.Symbology{codes.DataMatrix, codes.QR}, symbology, "%s: %v", name, err)
				continue // Aztec and Code 128 carry less than the others
			}
			for _, angle := range []float64{0, 90, 180, 270} {
				if symbology == codes.DataMatrix && s.Width() == 10 {
					continue
				}
				img := degrade.Draw(s, degrade.Config{ModulePixels: 4, Rotation: angle})
				r, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
				require.NoError(t, err)
				require.Len(t, r.Hits, 1, "%s as %s turned by %v", name, symbology, angle)
				require.Equal(t, symbology, r.Hits[0].Symbology)
				require.Equal(t, p, r.Hits[0].Payload, "%s as %s turned by %v", name, symbology, angle)
				read++
			}
		}
	}
	require.Greater(t, read, 150)
}

// The corners are those of the symbol as it was printed, wherever it hangs.
func TestCornersLieOnTheSymbol(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, symbology := range []codes.Symbology{codes.DataMatrix, codes.QR, codes.Aztec} {
		data := make([]byte, 40)
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		s, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		const module = 4
		img := s.Image(module)
		q := float64(s.QuietZone() * module)
		w := q + float64(s.Width()*module)
		h := q + float64(s.Height()*module)
		got, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
		require.NoError(t, err)
		require.Len(t, got.Hits, 1, symbology)
		hit := got.Hits[0]
		for i, want := range [4][2]float64{{q, q}, {w, q}, {w, h}, {q, h}} {
			require.InDelta(t, want[0], hit.Corners[i][0], 1.2*module, "%s corner %d of %v", symbology, i, hit.Corners)
			require.InDelta(t, want[1], hit.Corners[i][1], 1.2*module, "%s corner %d of %v", symbology, i, hit.Corners)
		}
		require.InDelta(t, module, hit.ModulePixels, 0.3, symbology)
		require.Equal(t, []int{s.Height(), s.Width()}, []int{hit.Rows, hit.Cols})
	}
}
