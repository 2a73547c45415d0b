package main

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/marking"
)

// A signed mark goes along a case of small diameter, in a symbol of few rows: that
// of a crate in 24x64, a short one in 26x48. It is read from a photograph of the
// curved side, and verifies.
func TestSignedMarkAlongACase(t *testing.T) {
	trust, err := marking.NewTrust(marking.Key{Source: "XA-EXP", ID: "K", Maker: "XCW", Public: speedKey.Public().(ed25519.PublicKey)})
	require.NoError(t, err)
	for _, c := range []struct {
		mark       marking.Mark
		rows, cols int
		most       int       // bytes that the symbol holds
		halfAngles []float64 // degrees that half of its rows take up round the case
	}{
		{marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012/001/0042"), Level: marking.Crate, Calibre: "9x19", Made: marking.MonthOf(2024, time.March), Rounds: 1000}, 24, 64, 106, []float64{29, 40, 53}}, // 0.2 mm modules round a case of 9.6 mm, and round thinner ones
		{marking.Mark{Item: marking.MustParseID("XCW/24C001-012"), Level: marking.Lot, Calibre: "9x19", Made: marking.MonthOf(2024, time.March)}, 26, 48, 88, []float64{31, 37}},                                  // the same, and of 8 mm
	} {
		frame, err := marking.Sign(c.mark, speedKey)
		require.NoError(t, err)
		require.LessOrEqual(t, len(frame), c.most)
		s, err := codes.Encode(codes.Payload{Data: frame}, codes.EncodeConfig{Rows: c.rows, Cols: c.cols})
		require.NoError(t, err)
		for _, halfAngle := range c.halfAngles {
			photo := degrade.Draw(s, degrade.Config{Seed: uint64(halfAngle), ModulePixels: 6, Cylinder: halfAngle, Axis: 90, Rotation: 4, Blur: 0.3, Noise: 4})
			r, err := codes.Scan(photo, codes.ScanConfig{MaxTime: 20 * time.Second}) // tests share their cores
			require.NoError(t, err)
			require.Len(t, r.Hits, 1, "half angle %v", halfAngle)
			v, err := marking.Open(r.Hits[0].Payload.Data, trust)
			require.NoError(t, err)
			require.Equal(t, marking.StateValid, v.Signature)
			require.Equal(t, c.mark.Item, v.Mark.Item)
		}
	}
}
