package codes_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// A signed mark in modules of 0.2 mm runs along a round: its 24 modules across are
// bent around the case, its 64 lie straight along it.
func TestSignedMarkAlongACase(t *testing.T) {
	const module = 0.2
	for _, c := range []struct {
		name     string
		diameter float64 // of the case or the body, mm
	}{
		{"7.62x51 or 5.56x45, 9.6 to 11.9 mm", 9.6},
		{"12.7x99, 20.4 mm", 20.4},
		{"40 mm grenade", 40},
	} {
		half := 24 * module / c.diameter * 180 / math.Pi // half of the angle that the mark takes up
		for i := range 3 {
			r := rand.New(rand.NewPCG(uint64(i), 0xca5e))
			frame := make([]byte, 104) // of the length of a signed frame
			for k := range frame {
				frame[k] = byte(r.IntN(256))
			}
			symbol, err := codes.Encode(codes.Payload{Data: frame}, codes.EncodeConfig{Rows: 24})
			require.NoError(t, err)
			require.Equal(t, 64, symbol.Width())
			img := degrade.Draw(symbol, degrade.Config{Seed: uint64(i), ModulePixels: 4, Contrast: 110, Blur: 0.2, Noise: 5,
				Rotation: r.Float64()*360 - 180, Cylinder: half, Axis: 90})
			got, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute})
			require.NoError(t, err)
			require.NotEmpty(t, got.Hits, "%s, half angle %.0f degrees, picture %d", c.name, half, i)
			require.Equal(t, frame, got.Hits[0].Payload.Data)
		}
	}
}
