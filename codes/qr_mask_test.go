package codes

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// plainPenalty rates a picture as the standard words it, a module at a time.
func plainPenalty(dark func(x, y int) bool, side int) int {
	total, count := 0, 0
	for i := range side {
		for _, at := range []func(k int) bool{
			func(k int) bool { return dark(k, i) },
			func(k int) bool { return dark(i, k) },
		} {
			line := "...." // the quiet zone
			for k := range side {
				line += map[bool]string{true: "#", false: "."}[at(k)]
			}
			for k := 4; k < len(line); {
				end := k
				for end < len(line) && line[end] == line[k] {
					end++
				}
				if end-k >= 5 {
					total += end - k - 2
				}
				k = end
			}
			line += "...."
			for k := range len(line) - 10 {
				if strings.HasPrefix(line[k:], "....#.###.#") {
					total += 40
				}
				if strings.HasPrefix(line[k:], "#.###.#....") {
					total += 40
				}
			}
		}
		for k := range side {
			if dark(k, i) {
				count++
			}
			if i > 0 && k > 0 && dark(k, i) == dark(k-1, i) && dark(k, i) == dark(k, i-1) && dark(k, i) == dark(k-1, i-1) {
				total += 3
			}
		}
	}
	share := count * 20 / (side * side)
	if share < 10 {
		return total + 10*(9-share)
	}
	return total + 10*(share-10)
}

func TestPenaltyByWordsIsPenaltyByModules(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for _, side := range []int{21, 25, 57, 61, 125, 129, 177} {
		for round := range 6 {
			modules := make([]bool, side*side)
			for i := range modules {
				modules[i] = r.IntN(1+round) == 0 // from all dark to rather light
				if i > 0 && r.IntN(3) == 0 {
					modules[i] = modules[i-1]
				}
			}
			q := new(qrPicture)
			q.load(modules, side)
			empty := qrMask{make([]qrLine, side), make([]qrLine, side)}
			q.apply(&empty, qrFormat(1, round))
			dark := func(x, y int) bool { return q.rows[y].at(x) }
			require.Equal(t, plainPenalty(dark, side), q.penalty(), "side %d, round %d", side, round)
		}
	}
}
