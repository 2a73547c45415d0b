package clue_test

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sublot/sublot/marking"
)

// lotsOnRecord makes n lots as registers hold them: few makers with many lots
// and many with few, whose series run on from month to month (MIL-STD-1168:
// maker, year, month, interfix, sequence), and one lot in twelve of another kind
// (the older form, the five characters on Brazilian heads, Russian groups).
func lotsOnRecord(n int, seed uint64) []marking.ID {
	rng := rand.New(rand.NewPCG(seed, 1))
	const letters, months = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHJKLM"
	letter := func() byte { return letters[rng.IntN(len(letters))] }
	out := make([]marking.ID, 0, n+n/8)
	seen := map[string]bool{}
	add := func(format string, args ...any) {
		s := fmt.Sprintf(format, args...)
		if id, err := marking.ParseID(s); err == nil && !seen[s] {
			seen[s] = true
			out = append(out, id)
		}
	}
	for maker := 1; len(out) < n; maker++ {
		code := string([]byte{letter(), letter(), letter()})
		lots := min(n/(12*maker)+20, n-len(out)) // Zipf
		for end := len(out) + lots; len(out) < end; {
			year, interfix, sequence := rng.IntN(100), 1+rng.IntN(120), 1
			for month := range months {
				for range rng.IntN(2 + min(16, lots/2000)) {
					add("%s/%s%02d%c%03d-%03d", code, code, year, months[month], interfix, sequence)
					sequence++
				}
			}
			switch rng.IntN(4) {
			case 0:
				add("%s/%s-%d-%d", code, code[:2], 1+rng.IntN(99), 1+rng.IntN(999))
			case 1:
				add("%s/%c%c%c%02d", code, letter(), letter(), letter(), rng.IntN(100))
			case 2:
				add("%s/%c%02d-%02d-%03d", code, []rune("АБВГДЖИКЛМНПРСТ")[rng.IntN(15)], rng.IntN(100), rng.IntN(100), 1+rng.IntN(400))
			}
		}
	}
	slices.SortFunc(out, marking.ID.Compare)
	return out
}

func sequence(lots []marking.ID) iter.Seq2[marking.ID, error] {
	return func(yield func(marking.ID, error) bool) {
		for _, lot := range lots {
			if !yield(lot, nil) {
				return
			}
		}
	}
}

// A slip is a way in which a mark is read wrong: it changes one character of a
// lot, and reports whether it could.
type slip struct {
	name string
	make func(rng *rand.Rand, lot []rune) ([]rune, bool)
}

var confusables = []string{"0OQD", "1IL7", "2Z", "5S", "6G", "8B", "69"}

var slips = []slip{
	{"one confusion", func(rng *rand.Rand, lot []rune) ([]rune, bool) {
		i := rng.IntN(len(lot))
		var others []rune
		for _, set := range confusables {
			if strings.ContainsRune(set, lot[i]) {
				others = append(others, []rune(strings.ReplaceAll(set, string(lot[i]), ""))...)
			}
		}
		if len(others) == 0 {
			return nil, false
		}
		lot[i] = others[rng.IntN(len(others))]
		return lot, true
	}},
	{"one wildcard", func(rng *rand.Rand, lot []rune) ([]rune, bool) {
		lot[rng.IntN(len(lot))] = '?'
		return lot, true
	}},
	{"one substitution", func(rng *rand.Rand, lot []rune) ([]rune, bool) {
		const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		i := rng.IntN(len(lot))
		c := rune(all[rng.IntN(len(all))])
		if lot[i] == c || lot[i] == '-' {
			return nil, false
		}
		lot[i] = c
		return lot, true
	}},
	{"one lost character", func(rng *rand.Rand, lot []rune) ([]rune, bool) {
		i := rng.IntN(len(lot))
		return slices.Delete(lot, i, i+1), true
	}},
}

func percentile[T cmp.Ordered](sorted []T, p float64) T { return sorted[int(float64(len(sorted)-1)*p)] }

// cpuTime returns how long f takes.
var cpuTime = func(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
