package degrade

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the camera sees at the place to which a point of the surface projects is
// that point, for every tilt, rotation and cylinder.
func TestSurfaceAndProjectAreInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		c := Config{Rotation: r.Float64() * 360}
		if r.IntN(2) == 0 {
			c.Tilt, c.TiltTowards = r.Float64()*50, r.Float64()*360
		}
		if r.IntN(2) == 0 {
			c.Cylinder = 10 + r.Float64()*25
		}
		s := newScene(c, 20, 20, 24, 24)
		u, v := r.Float64()*20-10, r.Float64()*20-10
		x, y := s.project(u, v)
		gu, gv, _, ok := s.surface(x, y)
		if s.radius > 0 && c.Tilt > 0 && math.Hypot(gu-u, gv-v) > 1e-6 {
			// The near side of a tilted cylinder can hide its far side.
			gx, gy := s.project(gu, gv)
			require.InDelta(t, x, gx, 1e-6)
			require.InDelta(t, y, gy, 1e-6)
			continue
		}
		require.True(t, ok, "%+v", c)
		require.InDelta(t, u, gu, 1e-6, "%+v", c)
		require.InDelta(t, v, gv, 1e-6, "%+v", c)
	}
}
