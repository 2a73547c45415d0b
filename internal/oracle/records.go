package oracle

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"
)

// A record is one line of JSON as it stands.
type record map[string]any

func (r record) s(field string) string { v, _ := r[field].(string); return v }

func (r record) n(field string) int64 { v, _ := r[field].(float64); return int64(v) }

func (r record) o(field string) record {
	switch v := r[field].(type) {
	case map[string]any:
		return v
	case record:
		return v
	}
	return nil
}

func (r record) list(field string) (out []record) {
	l, _ := r[field].([]any)
	for _, v := range l {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

func (r record) texts(field string) (out []string) {
	l, _ := r[field].([]any)
	for _, v := range l {
		s, _ := v.(string)
		out = append(out, s)
	}
	return out
}

func (r record) ref() string { return r.s("source") + ":" + r.s("id") }

const never = 1 << 30

// day reads a day of the calendar; an absent one is -never.
func day(s string) int {
	if s == "" {
		return -never
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		s = t.UTC().Format(time.DateOnly)
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return int(t.Unix() / 86400)
}

func (r record) day(field string) int { return day(r.s(field)) }

// known is the day from which a record counts as known.
func (r record) known() int {
	for _, f := range []string{"recorded", "at"} {
		if r.s(f) != "" {
			return r.day(f)
		}
	}
	switch r.s("kind") {
	case "lot":
		return day(r.o("made").s("to"))
	case "euc":
		return r.day("issued")
	case "licence", "key":
		return r.day("valid_from")
	}
	return -never
}

// parse reads JSON Lines.
func parse(lines []string) (out []record) {
	for _, l := range lines {
		var r record
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			panic(err)
		}
		out = append(out, r)
	}
	return out
}

// names spells out an identity or a span: every package by itself.
func names(item string) []string {
	from, to, span := strings.Cut(item, "..")
	if !span {
		return []string{item}
	}
	slash := strings.LastIndex(from, "/")
	head, first := from[:slash+1], from[slash+1:]
	digits := len(first)
	for digits > 0 && first[digits-1] >= '0' && first[digits-1] <= '9' {
		digits--
	}
	var a, b int
	fmt.Sscan(strings.TrimLeft(first[digits:], "0")+" ", &a)
	fmt.Sscan(strings.TrimLeft(to[digits:], "0")+" ", &b)
	var out []string
	for i := a; i <= b; i++ {
		out = append(out, fmt.Sprintf("%s%s%0*d", head, first[:digits], len(first)-digits, i))
	}
	return out
}

func parent(item string) string {
	i := strings.LastIndex(item, "/")
	if strings.Count(item, "/") < 2 {
		return ""
	}
	return item[:i]
}

func lotOf(item string) string {
	p := strings.SplitN(item, "/", 3)
	return p[0] + "/" + strings.SplitN(p[1], "..", 2)[0]
}

// within reports whether item is outer or lies in it.
func within(item, outer string) bool {
	return item == outer || strings.HasPrefix(item, outer+"/")
}

func overlap(a, b string) bool {
	for _, x := range names(a) {
		for _, y := range names(b) {
			if within(x, y) || within(y, x) {
				return true
			}
		}
	}
	return false
}

// A cell is the smallest part of a lot that records tell apart: a package that
// no record divides, or what is left unpacked of one that records do.
type cell struct {
	name string // of the package, or of the package whose rest it is
	rest bool
	size int64
}

// A tree is a lot laid out in cells.
type tree struct {
	lot   string
	size  int64
	each  map[string]int64 // rounds of every package that a pack names, and of the lot
	kids  map[string][]string
	cells []cell
}

// filled reports whether the packages inside one are all there can be.
func (t *tree) filled(item string) bool {
	var sum int64
	for _, k := range t.kids[item] {
		sum += t.each[k]
	}
	return len(t.kids[item]) > 0 && sum >= t.each[item]
}

// grow lays out a lot of the given size from its packs.
func grow(lot string, size int64, packs []record) *tree {
	t := &tree{lot: lot, size: size, each: map[string]int64{lot: size}, kids: map[string][]string{}}
	said := map[string]int64{}
	for _, p := range packs {
		if p.s("item") != lot {
			said[p.s("item")] = max(said[p.s("item")], p.n("quantity"))
		}
		for _, u := range p.list("units") {
			for _, name := range names(u.s("item")) {
				said[name] = max(said[name], u.n("each"))
				for name != lot && name != "" {
					if _, ok := said[name]; !ok {
						said[name] = 0
					}
					name = parent(name)
				}
			}
		}
	}
	all := make([]string, 0, len(said))
	for name := range said {
		all = append(all, name)
	}
	sort.Slice(all, func(i, j int) bool {
		if a, b := strings.Count(all[i], "/"), strings.Count(all[j], "/"); a != b {
			return a > b
		}
		return all[i] < all[j]
	})
	for _, name := range all { // the deepest first, so that sums are there
		var sum int64
		for _, k := range t.kids[name] {
			sum += t.each[k]
		}
		t.each[name] = said[name]
		if said[name] == 0 {
			t.each[name] = sum
		}
		t.kids[parent(name)] = append(t.kids[parent(name)], name)
	}
	for _, name := range append([]string{lot}, all...) {
		var sum int64
		for _, k := range t.kids[name] {
			sum += t.each[k]
		}
		if len(t.kids[name]) == 0 || sum < t.each[name] {
			t.cells = append(t.cells, cell{name, len(t.kids[name]) > 0, t.each[name] - sum})
		}
	}
	return t
}

// covers lists the cells of an item, and its rounds. An item below a package
// that is not divided as far stands for what is unpacked of that package;
// exact says that it is not so.
func (t *tree) covers(item string) (cells []int, size int64, exact bool) {
	exact = true
	for _, name := range names(item) {
		if _, ok := t.each[name]; !ok {
			exact = false
			for {
				name = parent(name)
				if _, ok := t.each[name]; ok || name == "" {
					break
				}
			}
			for i, c := range t.cells {
				if c.name == name {
					cells = append(cells, i)
					size = c.size
				}
			}
			continue
		}
		for i, c := range t.cells {
			if within(c.name, name) {
				cells = append(cells, i)
				size += c.size
			}
		}
	}
	sort.Ints(cells)
	return cells, size, exact
}

func dayText(d int) string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }
