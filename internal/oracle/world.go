package oracle

import (
	"slices"
	"sort"
	"strings"
)

// A world is the records that count for a question.
type world struct {
	all       []record // known, and not voided
	hidden    []record // not known yet, and not voided by what is known
	gone      []record // voided, or not known yet
	uncounted []record // told by somebody whose word does not count
	voided    map[string]bool
	parties   map[string]record
	transfers map[string]event  // by the ruling telling
	eventOf   map[string]string // telling to ruling telling
	uneven    map[string]bool   // events whose tellings differ
	tied      []record          // tellings that might as well be of another event
	trees     map[string]*tree
}

// see returns the world as known on a day.
func see(recs []record, known int) *world {
	w := &world{voided: map[string]bool{}, parties: map[string]record{}, transfers: map[string]event{}, eventOf: map[string]string{}, uneven: map[string]bool{}, trees: map[string]*tree{}}
	byRef := map[string]record{}
	var visible, later []record
	for _, r := range recs {
		if r.known() > known {
			later = append(later, r)
			continue
		}
		visible = append(visible, r)
		byRef[r.ref()] = r
		if r.s("kind") == "party" {
			w.parties[or(r.s("party"), r.s("id"))] = r
		}
	}
	var isVoid func(ref string, depth int) bool
	isVoid = func(ref string, depth int) bool {
		of, ok := byRef[ref]
		if !ok || depth > 20 {
			return false
		}
		for _, c := range visible {
			if c.s("kind") == "correction" && c.s("voids") == ref &&
				(c.s("source") == of.s("source") || w.authority(c.s("source"), of.s("source"))) && !isVoid(c.ref(), depth+1) {
				return true
			}
		}
		return false
	}
	for _, r := range visible {
		if isVoid(r.ref(), 0) {
			w.voided[r.ref()] = true
			w.gone = append(w.gone, r)
			continue
		}
		if !w.counts(r) {
			w.uncounted = append(w.uncounted, r)
			continue
		}
		w.all = append(w.all, r)
	}
	w.gone = append(w.gone, later...)
	for _, r := range later {
		if w.counts(r) {
			w.hidden = append(w.hidden, r)
		}
	}
	w.pair()
	w.follow()
	return w
}

func (w *world) country(party string) string { return w.parties[party].s("country") }

// authority reports whether a source is an authority of the country of a party.
func (w *world) authority(source, party string) bool {
	p := w.parties[source]
	return slices.Contains(p.texts("roles"), "authority") && p.s("country") == w.country(party)
}

// counts is R0.
func (w *world) counts(r record) bool {
	src := r.s("source")
	for _, f := range map[string][]string{
		"transfer": {"from", "to"}, "delivery": {"to"}, "stock": {"holder"}, "loss": {"holder"}, "destruction": {"holder"},
	}[r.s("kind")] {
		if src == r.s(f) || w.authority(src, r.s(f)) {
			return true
		}
	}
	switch r.s("kind") {
	case "transfer", "delivery", "stock", "loss", "destruction":
		return false
	}
	return true
}

func (w *world) counting(kind string) (out []record) {
	for _, r := range w.all {
		if r.s("kind") == kind {
			out = append(out, r)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ref() < out[j].ref() })
	return out
}

func (w *world) euc(ref string) record {
	for _, r := range w.all {
		if r.s("kind") == "euc" && r.ref() == ref {
			return r
		}
	}
	return nil
}

func (w *world) licence(ref string) record {
	for _, r := range w.all {
		if r.s("kind") == "licence" && r.ref() == ref {
			return r
		}
	}
	return nil
}

// licensed reports whether the licence of a transfer names a party.
func (w *world) licensed(t record, party string) bool {
	for _, p := range w.licence(t.s("licence")).list("parties") {
		if p.s("party") == party {
			return true
		}
	}
	return false
}

// group is the party that a unit is part of in the end.
func (w *world) group(party string) string {
	for range 8 {
		p := w.parties[party].s("parent")
		if p == "" {
			break
		}
		party = p
	}
	return party
}

// endUser is whom a transfer names as end user.
func (w *world) endUser(t record) string {
	if t.s("end_user") != "" {
		return t.s("end_user")
	}
	if slices.Contains(w.parties[t.s("to")].texts("roles"), "end_user") {
		return t.s("to")
	}
	return ""
}

// lineKey writes what must agree for two tellings to be of one event.
func (w *world) lineKey(t record) (key string, placed bool) {
	placed = true
	var parts []string
	for _, l := range t.list("lines") {
		parts = append(parts, l.s("item"))
		if tr := w.tree(lotOf(l.s("item"))); tr != nil {
			_, size, exact := tr.covers(l.s("item"))
			if !exact || l.n("quantity") < size {
				placed = false
			}
		}
	}
	sort.Strings(parts)
	return t.s("from") + ">" + t.s("to") + ":" + strings.Join(parts, ","), placed
}

// pair finds the transfers that two sources tell of.
func (w *world) pair() {
	ts := w.counting("transfer")
	type couple struct{ a, b, apart int }
	var couples []couple
	for i, a := range ts {
		for j, b := range ts[:i] {
			if a.s("source") == b.s("source") {
				continue
			}
			ka, pa := w.lineKey(a)
			kb, pb := w.lineKey(b)
			apart := a.day("at") - b.day("at")
			if apart < 0 {
				apart = -apart
			}
			if ka != kb || apart > 90 {
				continue
			}
			if !(pa && pb) && (a.s("licence") != b.s("licence") || a.s("euc") != b.s("euc")) {
				continue
			}
			couples = append(couples, couple{j, i, apart})
		}
	}
	sort.SliceStable(couples, func(i, j int) bool { return couples[i].apart < couples[j].apart })
	group := make([]int, len(ts))
	for i := range group {
		group[i] = i
	}
	for _, c := range couples {
		ok := true
		for i := range ts {
			for j := range ts {
				if group[i] == group[c.a] && group[j] == group[c.b] && ts[i].s("source") == ts[j].s("source") {
					ok = false
				}
			}
		}
		for _, d := range couples { // one of two that are as near
			if !ok && d != c && d.apart == c.apart && (d.a == c.a || d.a == c.b || d.b == c.a || d.b == c.b) {
				w.tied = append(w.tied, ts[c.a], ts[c.b])
			}
		}
		if ok {
			old, to := group[c.b], group[c.a]
			for i := range group {
				if group[i] == old {
					group[i] = to
				}
			}
		}
	}
	w.tell(ts, group)
}

// tell makes events of grouped tellings, and finds the event of every telling
// that does not count any more or not yet.
func (w *world) tell(ts []record, group []int) {
	for g := range ts {
		var tells []record
		for i, t := range ts {
			if group[i] == g {
				tells = append(tells, t)
			}
		}
		if len(tells) == 0 {
			continue
		}
		sort.SliceStable(tells, func(i, j int) bool {
			a, b := tells[i], tells[j]
			if ag, bg := a.s("source") == a.s("from"), b.s("source") == b.s("from"); ag != bg {
				return ag
			}
			if a.day("at") != b.day("at") {
				return a.day("at") < b.day("at")
			}
			return a.ref() < b.ref()
		})
		e := event{"transfer", tells[0].ref(), tells[0].day("at"), 0, tells[0], tells}
		w.transfers[e.ref] = e
		for _, t := range tells {
			w.eventOf[t.ref()] = e.ref
			for _, f := range []string{"at", "act", "end_user", "licence", "euc"} {
				if or(t.s(f), map[string]string{"act": "sale"}[f]) != or(tells[0].s(f), map[string]string{"act": "sale"}[f]) {
					w.uneven[e.ref] = true
				}
			}
			if lineText(t) != lineText(tells[0]) {
				w.uneven[e.ref] = true
			}
		}
	}
}

// follow finds the events that voided tellings, or ones not known yet, were of:
// deliveries may cite them.
func (w *world) follow() {
	type couple struct {
		gone, seen record
		apart      int
	}
	var couples []couple
	for _, a := range w.gone {
		for _, b := range w.counting("transfer") {
			ka, pa := w.lineKey(a)
			kb, pb := w.lineKey(b)
			apart := max(a.day("at")-b.day("at"), b.day("at")-a.day("at"))
			if a.s("kind") != "transfer" || !w.counts(a) || a.s("source") == b.s("source") || ka != kb || apart > 90 ||
				!(pa && pb) && (a.s("licence") != b.s("licence") || a.s("euc") != b.s("euc")) {
				continue
			}
			couples = append(couples, couple{a, b, apart})
		}
	}
	sort.SliceStable(couples, func(i, j int) bool { return couples[i].apart < couples[j].apart })
	for _, c := range couples {
		e := w.transfers[w.eventOf[c.seen.ref()]]
		taken := w.eventOf[c.gone.ref()] != ""
		for _, t := range e.tells {
			taken = taken || t.s("source") == c.gone.s("source")
		}
		if !taken {
			w.eventOf[c.gone.ref()] = e.ref
		}
	}
}

func lineText(t record) string {
	var out []string
	for _, l := range t.list("lines") {
		out = append(out, l.s("item")+"="+strings.Repeat("i", int(l.n("quantity")%97))) // told apart well enough
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}

// lotSize is the maker's word on how many rounds a lot has, else the largest.
func (w *world) lotSize(lot string) (size int64, records []record) {
	maker := strings.SplitN(lot, "/", 2)[0]
	byMaker := false
	for _, r := range w.counting("lot") {
		if r.s("item") != lot {
			continue
		}
		records = append(records, r)
		m := r.s("source") == maker
		if m && !byMaker {
			size, byMaker = 0, true
		}
		if m == byMaker {
			size = max(size, r.n("quantity"))
		}
	}
	return size, records
}

func (w *world) tree(lot string) *tree {
	if t, known := w.trees[lot]; known {
		return t
	}
	t := w.lay(lot)
	w.trees[lot] = t
	return t
}

// lay lays out a lot; nil where no card of it counts.
func (w *world) lay(lot string) *tree {
	size, recs := w.lotSize(lot)
	if recs == nil {
		return nil
	}
	var packs []record
	for _, p := range w.counting("pack") {
		if lotOf(p.s("item")) == lot {
			packs = append(packs, p)
		}
	}
	return grow(lot, size, packs)
}

var dayOrder = []string{"transfer", "delivery", "receipt", "return", "found", "count", "move", "issue", "loss", "expend", "destruction"}

// events lists what happened to a lot up to the end of a day.
func (w *world) events(lot string, to int, ahead bool) (out []event) {
	for _, t := range w.transfers {
		if t.day <= to && touches(t.rec, lot) {
			out = append(out, t)
		}
	}
	for _, r := range w.all {
		e := event{kind: r.s("kind"), ref: r.ref(), day: r.day("at"), rec: r}
		switch e.kind {
		case "delivery", "destruction":
		case "stock":
			e.kind = r.s("movement")
		case "loss":
			if ahead && e.day > to && lossFrom(r) <= to {
				e.day = to
			}
		default:
			continue
		}
		if e.day <= to && touches(r, lot) {
			out = append(out, e)
		}
	}
	for i := range out {
		out[i].order = slices.Index(dayOrder, out[i].kind)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.day != b.day {
			return a.day < b.day
		}
		if a.order != b.order {
			return a.order < b.order
		}
		return a.ref < b.ref
	})
	return out
}

func touches(r record, item string) bool {
	for _, l := range r.list("lines") {
		if overlap(l.s("item"), item) {
			return true
		}
	}
	return false
}

// getsLater reports whether a party gets an item by a transfer after a day.
func (w *world) getsLater(party, item string, day int) bool {
	for _, t := range w.transfers {
		if t.rec.s("to") == party && t.day > day && touches(t.rec, item) {
			return true
		}
	}
	return false
}
