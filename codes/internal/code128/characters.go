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

// distances are those between edges of the same kind: bar and space, space and
// bar, four of them by value.
var distances = func() (d [count][4]float64) {
	for v := range d {
		for k := range 4 {
			d[v][k] = float64(widths[6*v+k]-'0') + float64(widths[6*v+k+1]-'0')
		}
	}
	return d
}()

// bars are the modules that are dark, by value: always an even number.
var bars = func() (b [count]float64) {
	for v := range b {
		b[v] = float64(widths[6*v]-'0') + float64(widths[6*v+2]-'0') + float64(widths[6*v+4]-'0')
	}
	return b
}()

// characterAt tells the character between seven edges, the first one dark. The
// certainty is 1 where all distances are whole modules, and 0 where one lies
// halfway between two.
func characterAt(e []profile.Edge) (value int, certainty float64, ok bool) {
	unit := (e[6].At - e[0].At) / charModules
	var t [4]float64
	for k := range t {
		t[k] = (e[k+2].At - e[k].At) / unit
	}
	best, second := math.Inf(1), math.Inf(1)
	for v := range distances {
		worst := 0.0
		for k, want := range distances[v] {
			worst = max(worst, math.Abs(t[k]-want))
		}
		if worst < best {
			value, best, second = v, worst, best
		} else if worst < second {
			second = worst
		}
	}
	// The distances do not tell thick bars from thin ones with wide spaces: the
	// sum of the bars does, up to the ink that has spread.
	dark := (e[1].At - e[0].At + e[3].At - e[2].At + e[5].At - e[4].At) / unit
	if best > 0.55 || second-best < 0.15 || math.Abs(dark-bars[value]) > 1.8 {
		return 0, 0, false
	}
	return value, min(1-best/0.55, (second-best)/0.6), true
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
