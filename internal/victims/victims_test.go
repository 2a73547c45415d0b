package victims

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// victimsOf returns victims that give a table of these counts by sex and age.
func victimsOf(t testing.TB, counts [][]int) (all []Victim) {
	for i, row := range counts {
		for j, n := range row {
			for range n {
				v, err := New(Victim{Incident: "XB-POL:R1", Source: "XB-POL", Cause: values["cause"][i], Violence: values["violence"][j]}, rand.Reader)
				require.NoError(t, err)
				all = append(all, v)
			}
		}
	}
	return all
}

func TestFileIsEncrypted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "victims.age")
	all := victimsOf(t, [][]int{{2, 1}})
	require.NoError(t, Write(name, "correct horse", all))
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NotContains(t, string(b), "XB-POL")
	got, err := Read(name, "correct horse")
	require.NoError(t, err)
	require.Equal(t, all, got)
	_, err = Read(name, "wrong")
	require.ErrorIs(t, err, ErrPassphrase)
	b[len(b)-3] ^= 1
	require.NoError(t, os.WriteFile(name, b, 0o600))
	_, err = Read(name, "correct horse")
	require.ErrorIs(t, err, ErrPassphrase)
}

func TestNewKeepsToTheLists(t *testing.T) {
	v, err := New(Victim{Incident: "XB-POL:R1", Source: "XB-POL", Sex: "woman"}, rand.Reader)
	require.NoError(t, err)
	require.Equal(t, Unknown, v.Age)
	require.Len(t, v.ID, 16)
	_, err = New(Victim{Incident: "XB-POL:R1", Source: "XB-POL", Sex: "F"}, rand.Reader)
	require.EqualError(t, err, `sex: found "F", wanted woman, man, other, unknown`)
	_, err = New(Victim{Source: "XB-POL"}, rand.Reader)
	require.ErrorContains(t, err, "incident")
}

// fits calls f with every table that a reader cannot tell from the one shown:
// the shown cells are as they are, the sums agree, hidden cells are any number.
func fits(t *Table, f func(cells [][]int)) {
	cells := make([][]int, len(t.Rows))
	for i := range cells {
		cells[i] = append([]int(nil), t.Cells[i]...)
	}
	var walk func(i, j int)
	walk = func(i, j int) {
		if j == len(t.Columns) {
			if t.Totals.Rows != nil {
				sum := 0
				for _, n := range cells[i] {
					sum += n
				}
				if sum != t.Totals.Rows[i] {
					return
				}
			}
			i, j = i+1, 0
		}
		if i == len(t.Rows) {
			all := 0
			for c := range t.Columns {
				sum := 0
				for r := range cells {
					sum += cells[r][c]
				}
				if all += sum; t.Totals.Columns != nil && sum != t.Totals.Columns[c] {
					return
				}
			}
			if all != t.Totals.All {
				return
			}
			f(cells)
			return
		}
		if t.Cells[i][j] != Hidden {
			walk(i, j+1)
			return
		}
		most := t.Totals.All
		if t.Totals.Columns != nil {
			most = t.Totals.Columns[j]
		}
		if t.Totals.Rows != nil {
			most = min(most, t.Totals.Rows[i])
		}
		for n := 0; n <= most; n++ {
			cells[i][j] = n
			walk(i, j+1)
		}
	}
	walk(0, 0)
}

// TestHiddenCellsCannotBeRecomputed tries all that an attacker can: it lists every
// table that fits what is shown, and looks how close each hidden cell is known.
func TestHiddenCellsCannotBeRecomputed(t *testing.T) {
	rng := mathrand.New(mathrand.NewPCG(1, 2))
	hidden, withheld := 0, 0
	for trial := range 400 {
		rows, cols := 1+rng.IntN(3), 1+rng.IntN(3)
		counts := make([][]int, rows)
		for i := range counts {
			counts[i] = make([]int, cols)
			for j := range counts[i] {
				counts[i][j] = []int{0, 1, 2, rng.IntN(6), rng.IntN(10)}[rng.IntN(5)]
			}
		}
		all := victimsOf(t, counts)
		if len(all) == 0 {
			continue
		}
		by := [2]string{"cause", "violence"}
		if cols == 1 {
			by[1] = ""
		}
		least := 3 + rng.IntN(2)
		table, err := Count(all, by, least)
		require.NoError(t, err)
		if table.Withheld {
			withheld++
			require.Empty(t, table.Cells)
			require.Zero(t, table.Totals.All%least)
			continue
		}
		low := map[[2]int]int{}
		high := map[[2]int]int{}
		fits(table, func(cells [][]int) {
			for i := range cells {
				for j, n := range cells[i] {
					at := [2]int{i, j}
					if l, ok := low[at]; !ok || n < l {
						low[at] = n
					}
					high[at] = max(high[at], n)
				}
			}
		})
		for i := range table.Cells {
			for j, n := range table.Cells[i] {
				at := [2]int{i, j}
				if n != Hidden {
					require.False(t, n > 0 && n < least, "trial %d: a cell of %d is shown", trial, n)
					continue
				}
				hidden++
				require.GreaterOrEqual(t, high[at]-low[at], least, "trial %d: %v of %v %v", trial, at, counts, table.Cells)
			}
		}
	}
	t.Logf("%d hidden cells, %d tables withheld", hidden, withheld)
	require.Greater(t, hidden, 200)
	require.Greater(t, withheld, 10)
}

// TestHidingSmallCellsAloneIsNotEnough is the negative control of the test above:
// without the further cells a hidden one follows from the sums.
func TestHidingSmallCellsAloneIsNotEnough(t *testing.T) {
	g := &grid{counts: [][]int{{1, 9}, {8, 7}}, hidden: [][]bool{{true, false}, {false, false}}}
	_, _, found := g.exposed(5)
	require.True(t, found)
}

func TestCountRefuses(t *testing.T) {
	for _, by := range [][2]string{{"", ""}, {"name", ""}, {"sex", "id"}} {
		_, err := Count(nil, by, 5)
		require.Error(t, err, fmt.Sprint(by))
	}
	_, err := Count(nil, [2]string{"sex", ""}, 1)
	require.ErrorContains(t, err, "2 to 1000")
	table, err := Count(nil, [2]string{"sex", "age"}, 5)
	require.NoError(t, err)
	require.Zero(t, table.Totals.All)
}
