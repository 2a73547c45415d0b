package victims

import (
	"fmt"
	"slices"
)

// A Table counts victims by two fields, or by one: then Columns is a single
// empty name. Hidden cells are -1.
type Table struct {
	By      [2]string  `json:"by"`
	Least   int        `json:"least"`
	Rows    []string   `json:"rows"`
	Columns []string   `json:"columns"`
	Cells   [][]int    `json:"cells"`
	Totals  TableTotal `json:"totals"`

	// Withheld says that the cells could not be protected: only the total is
	// told, rounded down to a multiple of the limit.
	Withheld bool `json:"withheld,omitempty"`
}

// TableTotal is the sums along the sides of a table and of all of it. They are
// exact, except where the table is withheld.
type TableTotal struct {
	Rows    []int `json:"rows,omitempty"`
	Columns []int `json:"columns,omitempty"`
	All     int   `json:"all"`
}

// Hidden is the value of a cell that is not told.
const Hidden = -1

// Count makes a table of victims that can be shared. Of each hidden cell nobody
// can tell the value closer than least, 2 to 1000, from all that the table shows.
func Count(all []Victim, by [2]string, least int) (*Table, error) {
	if least < 2 || least > 1000 {
		return nil, fmt.Errorf("victims: cells under %d are to be hidden, wanted 2 to 1000", least)
	}
	t := &Table{By: by, Least: least, Columns: []string{""}}
	for i, name := range by {
		if name == "" && i == 1 {
			continue
		}
		if !slices.Contains(Fields, name) {
			return nil, &FieldError{"by", name, fmt.Sprint(Fields)}
		}
	}
	t.Rows = namesOf(all, by[0])
	if by[1] != "" {
		t.Columns = namesOf(all, by[1])
	}
	counts := make([][]int, len(t.Rows))
	for i := range counts {
		counts[i] = make([]int, len(t.Columns))
	}
	for _, v := range all {
		j := 0
		if by[1] != "" {
			j = slices.Index(t.Columns, *v.field(by[1]))
		}
		counts[slices.Index(t.Rows, *v.field(by[0]))][j]++
	}
	t.protect(counts)
	return t, nil
}

// namesOf lists the values of a field that occur: in the order of its list, or
// sorted.
func namesOf(all []Victim, field string) []string {
	var names []string
	for _, v := range all {
		if name := *v.field(field); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if list := values[field]; list != nil {
		slices.SortFunc(names, func(a, b string) int { return slices.Index(list, a) - slices.Index(list, b) })
		return names
	}
	slices.Sort(names)
	return names
}

// protect hides the small cells, then more until none can be worked out.
func (t *Table) protect(counts [][]int) {
	g := &grid{counts: counts, hidden: make([][]bool, len(counts))}
	total := 0
	for i, row := range counts {
		g.hidden[i] = make([]bool, len(row))
		for j, n := range row {
			total += n
			g.hidden[i][j] = n > 0 && n < t.Least
		}
	}
	for {
		i, j, found := g.exposed(t.Least)
		if !found {
			break
		}
		if !g.hideBeside(i, j) {
			t.Withheld, t.Rows, t.Columns = true, nil, nil
			t.Totals.All = total / t.Least * t.Least
			return
		}
	}
	t.Totals = TableTotal{Rows: make([]int, len(t.Rows)), Columns: make([]int, len(t.Columns)), All: total}
	for i, row := range counts {
		shown := slices.Clone(row)
		for j, n := range row {
			t.Totals.Rows[i] += n
			t.Totals.Columns[j] += n
			if g.hidden[i][j] {
				shown[j] = Hidden
			}
		}
		t.Cells = append(t.Cells, shown)
	}
	// Along a single row or column each sum would be the only cell in it.
	if len(t.Columns) == 1 {
		t.Totals.Rows = nil
	}
	if len(t.Rows) == 1 {
		t.Totals.Columns = nil
	}
}

// A grid is what a reader of the table does and does not see. With one column
// the sums of the rows are not shown, with one row those of the columns.
type grid struct {
	counts [][]int
	hidden [][]bool
}

// exposed finds a hidden cell whose value follows from what is shown to within
// less than least.
func (g *grid) exposed(least int) (i, j int, found bool) {
	for i := range g.counts {
		for j := range g.counts[i] {
			if g.hidden[i][j] && g.slack(i, j, least) < least {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// hideBeside hides one more cell: the smallest that is shown in the row or the
// column of an exposed one, else the smallest anywhere.
func (g *grid) hideBeside(row, col int) bool {
	best, bi, bj := 0, -1, -1
	look := func(near bool) {
		for i := range g.counts {
			for j, n := range g.counts[i] {
				if g.hidden[i][j] || near && i != row && j != col {
					continue
				}
				// A zero is hidden only where nothing else is left.
				if n == 0 {
					n = 1 << 30
				}
				if bi < 0 || n < best {
					best, bi, bj = n, i, j
				}
			}
		}
	}
	if look(true); bi < 0 {
		look(false)
	}
	if bi < 0 {
		return false
	}
	g.hidden[bi][bj] = true
	return true
}

// slack is how far apart the largest and the smallest value of a hidden cell
// are that fit all that is shown, counted up to most. A change of one cell goes
// round a circle of hidden cells, alternately up and down, so that no sum along
// a side changes: how much can go round is a greatest flow.
func (g *grid) slack(i, j, most int) int {
	up := g.flow(g.column(j), i, i, j, most)
	down := min(g.flow(i, g.column(j), i, j, most), g.counts[i][j])
	return up + down
}

// column is the node of a column; rows come first.
func (g *grid) column(j int) int { return len(g.counts) + j }

// flow is the greatest flow from one node to another, up to most, that leaves
// the cell (i, j) alone. To go from a column to a row lowers the cell where they
// cross, which is possible down to nothing; the other way raises it, without end.
func (g *grid) flow(from, to, i, j, most int) int {
	rows, cols := len(g.counts), len(g.counts[0])
	n := rows + cols
	room := make([][]int, n)
	for a := range room {
		room[a] = make([]int, n)
	}
	for r := range rows {
		for c := range cols {
			if g.hidden[r][c] && (r != i || c != j) {
				room[g.column(c)][r] = g.counts[r][c]
				room[r][g.column(c)] = most
			}
		}
	}
	// Where sums are not shown, any row, or column, gives to any other.
	for a := range n {
		for b := range n {
			if a != b && (cols == 1 && a < rows && b < rows || rows == 1 && a >= rows && b >= rows) {
				room[a][b] = most
			}
		}
	}
	sum := 0
	for sum < most {
		before := make([]int, n)
		for a := range before {
			before[a] = -1
		}
		before[from] = from
		queue := []int{from}
		for len(queue) > 0 && before[to] < 0 {
			a := queue[0]
			queue = queue[1:]
			for b, cap := range room[a] {
				if cap > 0 && before[b] < 0 {
					before[b] = a
					queue = append(queue, b)
				}
			}
		}
		if before[to] < 0 {
			break
		}
		least := most - sum
		for b := to; b != from; b = before[b] {
			least = min(least, room[before[b]][b])
		}
		for b := to; b != from; b = before[b] {
			room[before[b]][b] -= least
			room[b][before[b]] += least
		}
		sum += least
	}
	return sum
}
