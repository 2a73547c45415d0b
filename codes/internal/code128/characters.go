package code128

import (
	"math"

	"github.com/sublot/sublot/codes/internal/profile"
)

// widths are the bars and spaces of the characters of values 0 to 105, in modules
// (ISO/IEC 15417 table 1); 103 to 105 are the start characters of sets A to C.
const widths = "212222222122222221121223121322131222122213122312132212221213" +
	"221312231212112232122132122231113222123122123221223211221132" +
	"221231213212223112312131311222321122321221312212322112322211" +
	"212123212321232121111323131123131321112313132113132311211313" +
	"231113231311112133112331132131113123113321133121313121211331" +
	"231131213113213311213131311123311321331121312113312311332111" +
	"314111221411431111111224111422121124121421141122141221112214" +
	"112412122114122411142112142211241211221114413111241112134111" +
	"111242121142121241114212124112124211411212421112421211212141" +
	"214121412121111143111341131141114113114311411113411311113141" +
	"114131311141411131211412211214211232"

const (
	startA      = 103
	stop        = 106
	count       = 106
	charModules = 11
)

// stopWidths are the bars and spaces of the stop character, 13 modules.
var stopWidths = [7]int{2, 3, 3, 1, 1, 1, 2}

// A shape is the bars and spaces of a character in modules, and the distances
// between edges of the same kind: bar and space, space and bar, four of them.
type shape struct {
	widths    [6]float64
	distances [4]float64
	bars      float64 // modules that are dark, always an even number
}

var shapes = func() (s [count]shape) {
	for v := range s {
		for k := range s[v].widths {
			s[v].widths[k] = float64(widths[6*v+k] - '0')
		}
		s[v].measure()
	}
	return s
}()

// measure fills in what follows from the widths.
func (s *shape) measure() {
	for k := range s.distances {
		s.distances[k] = s.widths[k] + s.widths[k+1]
	}
	s.bars = s.widths[0] + s.widths[2] + s.widths[4]
}

// off says how far two shapes are apart. Distances between edges of the same kind
// count most, for ink spread and blur leave them alone; widths count when the
// spread, so much for each bar, has been taken off.
func (s *shape) off(c *shape) float64 {
	spread := min(max((s.bars-c.bars)/3, -0.6), 0.6)
	sum := 0.0
	for k, d := range s.distances {
		d -= c.distances[k]
		sum += d * d
	}
	for k, w := range s.widths {
		w -= c.widths[k] + spread
		spread = -spread
		sum += w * w / 2
	}
	return math.Sqrt(sum)
}

// Limits of [shape.off]: a character is no farther than far, and nearer than any
// other by apart.
const (
	far   = 1.05
	apart = 0.15
)

// characterAt tells the character between seven edges, the first one dark, among
// the values from first on. The certainty is 1 where all edges are where they
// should be, and 0 where they are too far from any character or as near to two.
func characterAt(e []profile.Edge, first int) (value int, certainty float64, ok bool) {
	unit := (e[6].At - e[0].At) / charModules
	var s shape
	for k := range s.widths {
		s.widths[k] = (e[k+1].At - e[k].At) / unit
	}
	s.measure()
	best, second := math.Inf(1), math.Inf(1)
	for v := first; v < count; v++ {
		if d := s.off(&shapes[v]); d < best {
			value, best, second = v, d, best
		} else if d < second {
			second = d
		}
	}
	if best > far || second-best < apart {
		return 0, 0, false
	}
	return value, min(1-best/far, (second-best)/far), true
}

// stopAt says whether eight edges, the first one dark, are those of the stop
// character.
func stopAt(e []profile.Edge, unit float64) bool {
	own := (e[7].At - e[0].At) / 13
	if math.Abs(own-unit) > 0.2*unit {
		return false
	}
	for k := range 5 {
		if math.Abs((e[k+2].At-e[k].At)/own-float64(stopWidths[k]+stopWidths[k+1])) > 0.6 {
			return false
		}
	}
	return true
}
