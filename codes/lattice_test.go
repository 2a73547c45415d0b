package codes

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A line beside a far side of a lattice lies where the lattice has it, however it is bent.
func TestALineAlongALatticeLiesOnIt(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	g := gray.New(60, 50)
	for y := range g.H {
		for x := range g.W {
			g.Pix[y*g.W+x] = uint8(x*2 + y*2)
		}
	}
	for trial := range 40 {
		l := lattice{corner: [4][2]float64{{10, 9}, {50, 11}, {48, 42}, {8, 40}}}
		if trial%4 > 0 {
			l.bulgeX, l.bulgeY = bulge{0.1 * r.Float64(), 0.1 * r.Float64(), 0.1}, bulge{y: 0.05 * r.Float64()}
			l.twist.x = 0.02 * r.Float64()
		}
		switch trial % 4 {
		case 2:
			l.roundX = 1.4 * r.Float64()
		case 3:
			l.roundY = 1.4 * r.Float64()
		}
		require.True(t, l.prepare())
		const points, inset = 41, 0.07
		across, up := l.along(g, nil, inset, false, points), l.along(g, nil, inset, true, points)
		for i := range points {
			f := (float64(i) + 0.5) / points
			require.InDelta(t, g.At(l.at(f, inset)), across[i], 1e-6)
			require.InDelta(t, g.At(l.at(1-inset, 1-f)), up[i], 1e-6)
		}
	}
}
