package trace

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Rounds that look for room find as much of it as any way of lodging them one by one
// does, whether their cells follow one another or not.
func TestRoom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	apart := 0
	for range 3000 {
		cells := 1 + rng.IntN(8)
		c := &custody{packing: &packing{upTo: []int64{0}}, at: make([][]*account, cells)}
		for i := range cells {
			c.packing.upTo = append(c.packing.upTo, c.packing.upTo[i]+int64(rng.IntN(4)))
		}
		var as []*account
		runs := rng.IntN(2) == 0
		for range rng.IntN(6) {
			a := &account{size: int64(1 + rng.IntN(6))}
			lo := rng.IntN(cells)
			hi := lo + rng.IntN(cells-lo)
			for i := lo; i <= hi; i++ {
				if runs || i == lo || rng.IntN(2) == 0 {
					a.cells = append(a.cells, i)
				}
			}
			if len(a.cells) <= a.cells[len(a.cells)-1]-a.cells[0] {
				apart++
			}
			as = append(as, a)
		}
		var without []int
		for i := range cells {
			if rng.IntN(4) == 0 {
				without = append(without, i)
			}
		}
		require.Equal(t, oneByOne(c, as, without), c.room(as, without), "%v %v", c.packing.upTo, without)
	}
	require.NotZero(t, apart)
}

// oneByOne lodges each round by itself, and has one of another account move on where
// there is no room for it.
func oneByOne(c *custody, as []*account, without []int) (rounds int64) {
	free := make([]int64, len(c.at))
	for i := range free {
		free[i] = c.packing.rounds(region{i, i + 1})
	}
	for _, i := range without {
		free[i] = 0
	}
	has := make([][]int64, len(as))
	for k := range has {
		has[k] = make([]int64, len(free))
	}
	var lodge func(k int, seen []bool) bool
	lodge = func(k int, seen []bool) bool {
		seen[k] = true
		for _, i := range as[k].cells {
			if free[i] > 0 {
				free[i]--
				has[k][i]++
				return true
			}
		}
		for _, i := range as[k].cells {
			for other := range as {
				if !seen[other] && has[other][i] > 0 && lodge(other, seen) {
					has[other][i]--
					has[k][i]++
					return true
				}
			}
		}
		return false
	}
	for k, a := range as {
		for range a.size {
			if lodge(k, make([]bool, len(as))) {
				rounds++
			}
		}
	}
	return rounds
}
