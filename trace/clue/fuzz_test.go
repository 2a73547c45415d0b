package clue_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

// FuzzRead reads any text: it ends, names only lots on record, and ranks them.
func FuzzRead(f *testing.F) {
	x := index(f, onRecord...)
	on := map[marking.ID]bool{}
	for _, l := range onRecord {
		on[marking.MustParseID(l)] = true
	}
	for _, s := range append(slices.Clone(onRecord), "lot ending 012A", "12h XBR 6h 24 9mm", "XCW24*?0", "nine by nineteen", "ХСW٢٤", "17/86", "a/b/c/d/e/f", "1 2 3 4 5 6 7 8 9", "XCW24C001-012 sub-lot 001 crate 0042") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const most = 7
		got, err := x.Read(text, most, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got.Readings), most)
		seen := map[marking.ID]bool{}
		for i, r := range got.Readings {
			lot := r.Item.First().Lot()
			require.True(t, on[lot], "%s is not on record", lot)
			require.False(t, seen[lot], "%s twice", lot)
			seen[lot] = true
			require.GreaterOrEqual(t, r.Distance, 0)
			require.GreaterOrEqual(t, r.Near, 0)
			if i > 0 {
				require.GreaterOrEqual(t, r.Distance, got.Readings[i-1].Distance)
			}
			back, err := marking.ParseSpan(r.Item.String())
			require.NoError(t, err)
			require.Equal(t, r.Item, back)
		}
		for _, h := range got.Heads {
			require.True(t, h.Maker != "" || len(h.Calibres) > 0)
		}
		again, _ := x.Read(text, most, nil)
		require.Equal(t, got, again)
	})
}

// TestAgainstEveryLot compares what the index finds with a plain look at every
// lot: what is nearest, and all that is as near.
func TestAgainstEveryLot(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const letters = "AB08OD1I" // few, so that much is near
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[rng.IntN(len(letters))]
		}
		return string(b)
	}
	compared := 0
	for range 30 {
		lots := map[string]bool{}
		for range 60 {
			lots[word(2)+"/"+word(5+rng.IntN(3))] = true
		}
		var names []string
		for l := range lots {
			names = append(names, l)
		}
		slices.Sort(names)
		x := index(t, names...)
		for range 60 {
			text := []byte(marking.MustParseID(names[rng.IntN(len(names))]).Name())
			for range 1 + rng.IntN(2) {
				switch i := rng.IntN(len(text)); rng.IntN(4) {
				case 0:
					text[i] = '?'
				case 1:
					text = slices.Delete(text, i, i+1)
				case 2:
					text = slices.Insert(text, i, word(1)[0])
				default:
					text[i] = word(1)[0]
				}
			}
			nearest, all := 99, map[string]bool{}
			for _, l := range names {
				id := marking.MustParseID(l)
				d := min(plainDistance([]rune(string(text)), []rune(id.Name())), plainDistance([]rune(string(text)), []rune(id.Maker()+id.Name())))
				if d < nearest {
					nearest, all = d, map[string]bool{}
				}
				if d == nearest {
					all[l] = true
				}
			}
			if nearest > 2 {
				continue // two other characters: not looked for
			}
			compared++
			got, err := x.Read(string(text), 60, nil)
			require.NoError(t, err)
			if len(got.Heads) > 0 {
				continue
			}
			require.NotEmpty(t, got.Readings, "%s of %v", text, names)
			if got.Readings[0].Distance < nearest {
				continue // with a year or a turn
			}
			require.Equal(t, nearest, got.Readings[0].Distance, "%s of %v", text, names)
			for _, r := range got.Readings {
				if r.Distance == nearest {
					delete(all, r.Item.String())
				}
			}
			require.Empty(t, all, "%s of %v", text, names)
		}
	}
	require.Greater(t, compared, 1000)
}

// plainDistance weighs one text against another, as the package comment says it.
func plainDistance(a, b []rune) int {
	weigh := func(x, y rune) int {
		switch {
		case x == y:
			return 0
		case x == '?', confused(x, y):
			return 1
		}
		return 2
	}
	d := make([][]int, len(a)+1) // of the beginnings of both
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			var ways []int
			if i > 0 && j > 0 {
				ways = append(ways, d[i-1][j-1]+weigh(a[i-1], b[j-1]))
			}
			if i > 0 {
				ways = append(ways, d[i-1][j]+weigh(a[i-1], 0))
			}
			if j > 0 {
				ways = append(ways, d[i][j-1]+2)
			}
			if len(ways) > 0 {
				d[i][j] = slices.Min(ways)
			}
		}
	}
	return d[len(a)][len(b)]
}

func confused(a, b rune) bool {
	return slices.ContainsFunc(confusables, func(set string) bool {
		return slices.Contains([]rune(set), unicode.ToUpper(a)) && slices.Contains([]rune(set), b)
	})
}
