package oracle

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// An event is something that happened to goods, on a day.
type event struct {
	kind  string // transfer, delivery, loss, destruction, or the movement of a stock record
	ref   string
	day   int
	order int // within the day
	rec   record
	tells []record // the tellings of a transfer, the ruling one first
}

// An account is what some rounds went through.
type account struct {
	holder  string
	eu      string // the lawful end user, empty where none is named
	pending string // an end user named that the goods have not reached
	binds   []bind
	taint   string // the end user's goods are in unlawful hands: the flag that began it
	lender  string
	giver   string
	lent    *account // what the goods return to
	from    *account // before they came to the holder: what a return restores
	before  *account // before the last event, whatever it was

	site    string
	stocked string // the record that puts it in stock
	arrived string // the transfer that brought it
	status  string // of the arrival: waiting, delivered, short
	fate    string // lost, destroyed, expended
	why     string
	lossDay [2]int

	trail  []string // events that moved it
	flags  []string // code and record
	odd    string   // why no rule says what is right here
	vague  string   // why no rule says what is recorded of it, though it is clear whose it is
	drop   bool     // delivered past the party that it was sent to
	back   bool     // came back to its holder
	made   bool     // more was given than there was: this is a claim
	number int      // once it was asked for
}

type bind struct{ euc, party string }

func (a *account) key() string {
	return fmt.Sprint(a.holder, "|", a.eu, "|", a.pending, "|", a.binds, "|", a.taint, "|", a.lender, "|", a.site, "|", a.stocked, "|",
		a.arrived, "|", a.status, "|", a.fate, "|", a.why, "|", a.trail, "|", a.flags, "|", a.odd, "|", a.vague, "|", a.drop, "|", a.back, "|", a.made)
}

// number numbers accounts, those alike by one number.
func (r *run) number(a *account) int {
	if a.number == 0 {
		k := a.key()
		if r.numbers[k] == 0 {
			r.numbers[k] = len(r.numbers) + 1
		}
		a.number = r.numbers[k]
	}
	return a.number
}

func (a *account) next() *account {
	b := *a
	b.before, b.number = a, 0
	b.binds = slices.Clone(a.binds)
	b.trail = slices.Clone(a.trail)
	b.flags = slices.Clone(a.flags)
	return &b
}

// heldBefore returns the account as it was when party last held the goods.
func (a *account) heldBefore(party string) *account {
	for b := a; b != nil; b = b.before {
		if b.holder == party && b.fate == "" {
			return b
		}
	}
	return nil
}

// A parcel is some rounds of a cell with the same account.
type parcel struct {
	cell int
	n    int64
	acc  *account
}

// A course is one way in which all can have come about.
type course []parcel

func (r *run) key(c course) string {
	parts := make([][3]int64, len(c))
	for i, p := range c {
		parts[i] = [3]int64{int64(p.cell), p.n, int64(r.number(p.acc))}
	}
	slices.SortFunc(parts, func(x, y [3]int64) int { return slices.Compare(x[:], y[:]) })
	var key []byte
	for _, p := range parts {
		for _, n := range p {
			key = binary.AppendVarint(key, n)
		}
	}
	return string(key)
}

// tidy merges equal parcels.
func (r *run) tidy(c course) course {
	out := make(course, 0, len(c))
	at := make(map[[2]int]int, len(c))
	for _, p := range c {
		if p.n == 0 {
			continue
		}
		k := [2]int{p.cell, r.number(p.acc)}
		if i, ok := at[k]; ok {
			out[i].n += p.n
			continue
		}
		at[k] = len(out)
		out = append(out, p)
	}
	return out
}

// A run is a lot played through to the end of a day.
type run struct {
	w       *world
	t       *tree
	day     int // of the recovery
	courses []course
	spent   map[string]int64 // rounds under a consent
	covered map[string]bool  // event and consent judged before
	numbers map[string]int   // of accounts
	notes   []note
	over    []note // more given than there was
	tooMany bool
	messy   map[int]bool // cells of which an event wants more than there is, in some courses more so than in others
	loose   [][]int      // cells of lines that do not say which of their rounds they are of
}

// A note is a flag that a record raises about an item, surely or perhaps.
type note struct {
	code, ref, item string
	sure            bool
}

const manyCourses = 600

func (r *run) note(code, ref, item string) { r.add(note{code, ref, item, false}) }

// notHeld notes that somebody gives or records what it never held, surely where it had
// none of it, however all else came about.
func (r *run) notHeld(e event, item string, none bool) {
	r.add(note{"INSUFFICIENT_STOCK", e.ref, item, none && len(r.courses) == 1 && e.rec.day("at") == e.day})
}

func (r *run) add(n note) {
	if !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

// play runs all events of the lot up to the day; ahead says whether losses that
// began by then and were found out later are among them.
func (w *world) play(t *tree, to int, ahead bool) *run {
	r := &run{w: w, t: t, day: to, spent: map[string]int64{}, covered: map[string]bool{}, messy: map[int]bool{}, numbers: map[string]int{}}
	maker := strings.SplitN(t.lot, "/", 2)[0]
	start := course{}
	for i, c := range t.cells {
		start = append(start, parcel{i, c.size, &account{holder: maker}})
	}
	r.courses = []course{start}
	evs := w.events(t.lot, to, ahead)
	for len(evs) > 0 && !r.tooMany {
		i := 0
		if evs[0].kind == "transfer" { // two transfers of one day: by the chain that fits
			for j := 0; j < len(evs) && evs[j].day == evs[0].day && evs[j].kind == "transfer"; j++ {
				if r.fits(evs[j]) {
					i = j
					break
				}
			}
		}
		r.step(evs[i])
		evs = slices.Delete(evs, i, i+1)
	}
	return r
}

// fits reports whether the giver has in some course what it gives.
func (r *run) fits(e event) bool {
	for _, c := range r.courses {
		ok := true
		for _, l := range e.rec.list("lines") {
			if lotOf(l.s("item")) != r.t.lot {
				continue
			}
			cells, _, _ := r.t.covers(l.s("item"))
			of := map[int]int64{} // by cell; what was given twice is there once
			for _, p := range c {
				if slices.Contains(cells, p.cell) && p.acc.holder == e.rec.s("from") { // lost or not
					of[p.cell] = min(of[p.cell]+p.n, r.t.cells[p.cell].size)
				}
			}
			var has int64
			for _, n := range of {
				has += n
			}
			ok = ok && has >= l.n("quantity")
		}
		if ok {
			return true
		}
	}
	return false
}

// has reports whether the event finds the goods where it needs them.
func (r *run) has(e event, a *account) bool {
	switch e.kind {
	case "transfer":
		return a.holder == e.rec.s("from") && a.fate == ""
	case "delivery":
		return a.arrived == r.w.eventOf[e.rec.s("transfer")] && a.arrived != "" && a.status != "delivered" && a.fate == ""
	case "found":
		return a.holder == e.rec.s("holder") && (a.fate == "" || a.fate == "lost")
	}
	return a.holder == e.rec.s("holder") && a.fate == ""
}

func (r *run) step(e event) {
	for _, l := range e.rec.list("lines") {
		if lotOf(l.s("item")) == r.t.lot {
			r.line(e, l.s("item"), l.n("quantity"))
		}
	}
}

// line plays one line of an event in every course.
func (r *run) line(e event, item string, quantity int64) {
	cells, size, exact := r.t.covers(item)
	if e.kind == "delivery" && r.w.eventOf[e.rec.s("transfer")] == "" {
		r.note("SOURCES_DISAGREE", e.ref, item)
		return
	}
	short := false
	if e.kind == "delivery" {
		short = r.shortOf(e, item, quantity)
	}
	if quantity < size || !exact {
		r.loose = append(r.loose, cells)
	}
	mess := func(is bool) {
		for _, i := range cells {
			r.messy[i] = r.messy[i] || is
		}
	}
	seen := map[string]bool{}
	var out []course
	least, most := int64(never), int64(0)
	for pass := 0; pass < 2 && len(out) == 0; pass++ {
		mess(pass == 1 && least != most && e.kind != "delivery")
		for _, c := range r.courses {
			var at []int
			var has int64
			for i, p := range c {
				if slices.Contains(cells, p.cell) && r.has(e, p.acc) {
					at = append(at, i)
					has += p.n
				}
			}
			for _, p := range c { // given after it was lost or destroyed, though another account has it whole
				mess(r.accounts(c, cells, size) && e.kind == "transfer" && slices.Contains(cells, p.cell) && p.acc.holder == e.rec.s("from") && p.acc.fate != "")
			}
			if r.accounts(c, cells, size) && quantity == size && r.once(c, at) == quantity && has > quantity { // each account by itself
				next := slices.Clone(c)
				for _, i := range at {
					next[i].acc = r.apply(e, c[i].acc, item, quantity)
				}
				next = r.tidy(next)
				if k := r.key(next); !seen[k] {
					seen[k] = true
					out = append(out, next)
				}
				continue
			}
			mess(r.accounts(c, cells, size) && quantity < size && has > 0)
			mess(r.accounts(c, cells, size) && r.once(c, at) < has) // two accounts of the same rounds
			take := min(has, quantity)
			if pass == 0 && has < quantity && e.kind != "delivery" { // a delivery of goods given on only confirms
				least, most = min(least, has), max(most, has)
				for _, p := range c { // of which nobody can say whether it has them
					mess(slices.Contains(cells, p.cell) && p.acc.odd != "")
				}
				continue
			}
			missing := quantity - take
			all := exact && quantity == size && r.holdsAll(e, c, cells)
			if !all {
				c = r.blurs(e, r.decides(e, c, cells, quantity < size || !exact), cells)
			}
			c = r.doubt(e, c, at, quantity < has)
			for _, pick := range r.tiers(e, c, at, take) {
				next := slices.Clone(c)
				for i, n := range pick {
					if n == 0 {
						continue
					}
					next[at[i]].n -= n
					next = append(next, parcel{c[at[i]].cell, n, r.apply(e, c[at[i]].acc, item, quantity)})
				}
				if short {
					next = r.leaveShort(e, next, cells)
				}
				after := []course{next}
				switch {
				case missing > 0 && all:
					after = []course{r.giveGone(e, next, cells, item, quantity)}
				case missing > 0:
					after = r.lack(e, c, next, cells, size, exact, item, quantity, missing)
				}
				for _, next := range after {
					next = r.tidy(next)
					if k := r.key(next); !seen[k] {
						seen[k] = true
						out = append(out, next)
					}
				}
				if len(out) > manyCourses {
					r.tooMany = true
					return
				}
			}
		}
	}
	r.courses = out
}

// touched reports whether what nobody can say bears on some cells: on those, or
// on others that lines without a word on which rounds they are of join to them.
func (r *run) touched(cells []int) bool {
	near := map[int]bool{}
	for _, i := range cells {
		near[i] = true
	}
	for n := 0; n < len(near); {
		n = len(near)
		for _, line := range r.loose {
			if slices.ContainsFunc(line, func(i int) bool { return near[i] }) {
				for _, i := range line {
					near[i] = true
				}
			}
		}
	}
	for i := range near {
		if r.messy[i] {
			return true
		}
	}
	return false
}

// accounts reports whether there are more accounts of some cells than one.
func (r *run) accounts(c course, cells []int, size int64) bool {
	var sum int64
	for _, p := range c {
		if slices.Contains(cells, p.cell) {
			sum += p.n
		}
	}
	return sum > size
}

// holdsAll reports whether a transfer is by one who holds all of some cells, whatever
// is recorded of them.
func (r *run) holdsAll(e event, c course, cells []int) bool {
	if e.kind != "transfer" {
		return false
	}
	for _, p := range c {
		if slices.Contains(cells, p.cell) && p.acc.holder != e.rec.s("from") {
			return false
		}
	}
	return !r.accounts(c, cells, r.sizeOf(cells))
}

func (r *run) sizeOf(cells []int) (sum int64) {
	for _, i := range cells {
		sum += r.t.cells[i].size
	}
	return sum
}

// giveGone gives on what its giver had recorded as lost or gone: the transfer covers it,
// so it is clear whose it is, and not what is recorded of it.
func (r *run) giveGone(e event, next course, cells []int, item string, quantity int64) course {
	for i, p := range next {
		if slices.Contains(cells, p.cell) && p.acc.fate != "" && p.acc.holder == e.rec.s("from") {
			next[i].acc = r.apply(e, p.acc, item, quantity).vaguely("given after it was lost or destroyed")
		}
	}
	return next
}

// decides says that nobody can say whose goods are, where it depends on what nobody can
// say is recorded of them: they are given, or delivered past their holder. Nor can
// anybody where part of them is meant and nobody can say whose others are.
func (r *run) decides(e event, c course, cells []int, part bool) course {
	hangs := func(p parcel) bool {
		return slices.Contains(cells, p.cell) && (part && p.acc.odd != "" || p.acc.vague != "" &&
			(e.kind == "transfer" && p.acc.holder == e.rec.s("from") || e.kind == "delivery" && p.acc.holder != e.rec.s("to")))
	}
	i := slices.IndexFunc(c, hangs)
	if i < 0 {
		return c
	}
	why := or(c[i].acc.odd, c[i].acc.vague)
	c = slices.Clone(c)
	for i, p := range c {
		if slices.Contains(cells, p.cell) {
			a := p.acc.next()
			a.doubts(true, why)
			c[i].acc = a
		}
	}
	return c
}

// blurs says that nobody can say of which goods something is recorded, where some of
// those that it may be of are such already.
func (r *run) blurs(e event, c course, cells []int) course {
	may := func(p parcel) bool {
		return slices.Contains(cells, p.cell) &&
			(p.acc.holder == e.rec.s("holder") || e.kind == "delivery" && p.acc.arrived == r.w.eventOf[e.rec.s("transfer")])
	}
	i := slices.IndexFunc(c, func(p parcel) bool { return p.acc.vague != "" && may(p) })
	if i < 0 || e.kind == "transfer" {
		return c
	}
	why := c[i].acc.vague
	c = slices.Clone(c)
	for i, p := range c {
		if may(p) {
			c[i].acc = p.acc.vaguely(why)
		}
	}
	return c
}

// doubt marks goods of which a part is delivered while another part is in stock, or
// a part recorded while another never arrived: no rule says which comes first.
func (r *run) doubt(e event, c course, at []int, part bool) course {
	stocked, short := 0, 0
	for _, i := range at {
		if c[i].acc.status == "short" {
			short++
		}
		if c[i].acc.stocked != "" {
			stocked++
		}
	}
	why := "a delivery of some where others are in stock"
	if e.kind != "delivery" {
		stocked, why = short, "a record of some where others never arrived"
	}
	if e.kind == "transfer" || !part || stocked == 0 || stocked == len(at) {
		return c
	}
	c = slices.Clone(c)
	for _, i := range at {
		c[i].acc = c[i].acc.vaguely(why)
	}
	return c
}

// once counts rounds of parcels, those of two accounts of one package once.
func (r *run) once(c course, at []int) (sum int64) {
	of := map[int]int64{}
	for _, i := range at {
		of[c[i].cell] += c[i].n
	}
	for cell, n := range of {
		sum += min(n, r.t.cells[cell].size)
	}
	return sum
}

// tiers is picks, but what is given comes from what was delivered before it
// comes from the rest of a short delivery.
func (r *run) tiers(e event, c course, at []int, take int64) (out [][]int64) {
	var first, rest []int // places in at
	var sum int64
	for k, i := range at {
		if e.kind == "transfer" && c[i].acc.status == "short" {
			rest = append(rest, k)
			continue
		}
		first = append(first, k)
		sum += c[i].n
	}
	if len(rest) == 0 {
		return r.picks(c, at, take)
	}
	in := func(ks []int) (is []int) {
		for _, k := range ks {
			is = append(is, at[k])
		}
		return is
	}
	for _, a := range r.picks(c, in(first), min(take, sum)) {
		for _, b := range r.picks(c, in(rest), take-min(take, sum)) {
			one := make([]int64, len(at))
			for x, k := range first {
				one[k] = a[x]
			}
			for x, k := range rest {
				one[k] = b[x]
			}
			out = append(out, one)
		}
	}
	return out
}

// picks lists the ways to take rounds out of parcels. Where all are taken there is one.
func (r *run) picks(c course, at []int, take int64) (out [][]int64) {
	var all int64
	for _, i := range at {
		all += c[i].n
	}
	if take == all {
		one := make([]int64, len(at))
		for k, i := range at {
			one[k] = c[i].n
		}
		return [][]int64{one}
	}
	var pick func(k int, left, rest int64, sofar []int64)
	pick = func(k int, left, rest int64, sofar []int64) {
		if len(out) > manyCourses {
			r.tooMany = true
			return
		}
		if k == len(at) {
			if left == 0 {
				out = append(out, slices.Clone(sofar))
			}
			return
		}
		n := c[at[k]].n
		for q := max(0, left-(rest-n)); q <= min(n, left); q++ {
			pick(k+1, left-q, rest-n, append(sofar, q))
		}
	}
	pick(0, take, all, nil)
	return out
}

// shortOf reports whether a delivery brings less of an item than was dispatched.
func (r *run) shortOf(e event, item string, quantity int64) bool {
	ev := r.w.transfers[r.w.eventOf[e.rec.s("transfer")]]
	for _, l := range ev.rec.list("lines") {
		if l.s("item") == item {
			return quantity < l.n("quantity")
		}
	}
	return false
}

func (r *run) leaveShort(e event, c course, cells []int) course {
	for i, p := range c {
		if slices.Contains(cells, p.cell) && p.n > 0 && r.has(e, p.acc) {
			a := p.acc.next()
			a.status = "short"
			c[i].acc = a
		}
	}
	return c
}

// lack says what comes of an event whose doer has not what it needs.
func (r *run) lack(e event, was, next course, cells []int, size int64, exact bool, item string, quantity, missing int64) []course {
	if e.kind == "delivery" { // of goods given on: it confirms; else the papers differ
		const why = "delivered after it was lost"
		of := r.w.eventOf[e.rec.s("transfer")]
		if slices.ContainsFunc(next, func(p parcel) bool {
			return slices.Contains(cells, p.cell) && p.acc.fate != "" && p.acc.arrived == of
		}) {
			for i, p := range next { // which of them arrived?
				if slices.Contains(cells, p.cell) && p.acc.arrived == of {
					next[i].acc = p.acc.vaguely(why)
					next[i].acc.doubts(p.acc.holder != e.rec.s("to"), why)
				}
			}
		}
		return []course{next}
	}
	doer := e.rec.s("holder")
	if e.kind == "transfer" {
		doer = e.rec.s("from")
	}
	var held *account
	gone := false
	for _, p := range was {
		if slices.Contains(cells, p.cell) {
			if a := p.acc.heldBefore(doer); a != nil && held == nil {
				held = a
			}
			if p.acc.holder == doer && p.acc.fate != "" {
				gone = true
			}
		}
	}
	odd := func(next course, why string) []course {
		for i, p := range next {
			if slices.Contains(cells, p.cell) {
				a := p.acc.next()
				a.doubts(true, why)
				next[i].acc = a
			}
		}
		return []course{next}
	}
	whose := e.kind == "transfer"
	for _, p := range was { // what nobody can say of some of it may decide this too
		if slices.Contains(cells, p.cell) {
			gone = gone || p.acc.odd != "" || p.acc.vague != ""
			whose = whose || p.acc.odd != ""
		}
	}
	if gone && whose {
		return odd(next, "given after it was lost or destroyed")
	}
	if gone {
		for _, i := range cells { // does it say where its goods are?
			r.messy[i] = r.messy[i] || len(r.courses) > 1
		}
		for i, p := range next {
			if slices.Contains(cells, p.cell) {
				next[i].acc = p.acc.vaguely("counted after it was lost or destroyed")
			}
		}
		return []course{next}
	}
	if e.kind != "transfer" {
		if quantity > size && exact { // nobody holds so many
			r.add(note{"INSUFFICIENT_STOCK", e.ref, item, missing < quantity && len(r.courses) == 1 && e.rec.day("at") == e.day && (e.kind == "destruction" || e.kind == "expend")})
		}
		if missing < quantity && len(r.courses) > 1 { // it has some: which, nobody can say
			return odd(next, "a record of more than some had, which nobody can say")
		}
		switch {
		case held != nil || r.w.getsLater(doer, item, e.day):
			r.note("SOURCES_DISAGREE", e.ref, item)
		default:
			r.notHeld(e, item, missing == quantity)
		}
		return []course{next}
	}
	for _, p := range was { // which of several does it give again?
		if slices.Contains(cells, p.cell) && held != nil && missing < quantity && p.acc.holder == doer && (p.acc.eu != held.eu || p.acc.taint != held.taint) {
			return odd(next, "given again of several unlike")
		}
	}
	if held == nil {
		r.never(e, item, missing == quantity)
		return []course{next}
	}
	if quantity == size && exact { // package by package, where it is known of which the giver has none
		var rest []int
		for _, i := range cells {
			switch n, sure := r.surely(e, i); {
			case !sure:
				rest = append(rest, i)
			case n == 0:
				next = r.again(e, was, next, i, doer, item, quantity)
				missing -= r.t.cells[i].size
			}
		}
		cells, held = rest, nil
		for _, p := range was {
			if a := p.acc.heldBefore(doer); a != nil && held == nil && slices.Contains(cells, p.cell) {
				held = a
			}
		}
		if missing <= 0 || held == nil {
			return []course{next}
		}
	}
	r.add(note{"SPLIT_NOT_CONSERVED", e.ref, item, len(r.courses) == 1})
	r.over = append(r.over, note{"SPLIT", e.ref, item, false})
	var places []int
	for _, p := range was { // any of them may be meant, as its giver had it
		b := p.acc.heldBefore(doer)
		if b == nil || !slices.Contains(cells, p.cell) {
			continue
		}
		if !alike(b, held) {
			return odd(next, "more given than there was, of several unlike")
		}
		if !slices.Contains(places, p.cell) {
			places = append(places, p.cell)
		}
	}
	for i, p := range next { // does a claim of the whole stand for what its giver never held?
		if slices.Contains(cells, p.cell) && !slices.Contains(places, p.cell) {
			a := p.acc.next()
			a.doubts(true, "more given than there was, of what its giver never held")
			next[i].acc = a
		}
	}
	b := r.apply(e, held, item, quantity)
	b.made = true
	var out []course
	for i := range places {
		claim, left := slices.Clone(next), missing
		for j := range places { // in one as far as it goes, then in the others
			cell := places[(i+j)%len(places)]
			n := min(left, r.t.cells[cell].size)
			if left -= n; n > 0 {
				claim = append(claim, parcel{cell, n, b})
			}
		}
		if left > 0 { // a claim stands as it was made
			claim = append(claim, parcel{places[i], left, b})
		}
		out = append(out, claim)
	}
	return out
}

// alike reports whether goods of two accounts would be judged alike.
func alike(a, b *account) bool {
	return a.eu == b.eu && a.pending == b.pending && a.taint == b.taint && a.lender == b.lender && slices.Equal(a.binds, b.binds)
}

func (r *run) never(e event, item string, none bool) {
	r.notHeld(e, item, none)
	r.over = append(r.over, note{"NEVER", e.ref, item, false})
}

// surely returns how many rounds of a cell the doer has, all or none, and whether
// it is so in every course.
func (r *run) surely(e event, cell int) (n int64, sure bool) {
	for k, c := range r.courses {
		var has int64
		for _, p := range c {
			if p.cell == cell && r.has(e, p.acc) {
				has += p.n
			}
		}
		if k > 0 && has != n || has != 0 && has != r.t.cells[cell].size {
			return 0, false
		}
		n = has
	}
	return n, true
}

// again gives a package once more that a party held once, as it had it.
func (r *run) again(e event, was, next course, cell int, doer, item string, quantity int64) course {
	name := r.t.cells[cell].name
	j := slices.IndexFunc(was, func(p parcel) bool { return p.cell == cell && p.acc.heldBefore(doer) != nil })
	if j < 0 {
		r.never(e, name, !r.t.cells[cell].rest) // the rest of a package goes by its name, and is not all of it
		return next
	}
	r.add(note{"DOUBLE_TRANSFER", e.ref, name, len(r.courses) == 1 && !r.t.cells[cell].rest})
	r.over = append(r.over, note{"DOUBLE", e.ref, name, false})
	old := was[j].acc.heldBefore(doer)
	b := r.apply(e, old, item, quantity)
	b.made = true
	held := func(p parcel) bool { return p.cell == cell && p.acc.heldBefore(doer) != nil }
	for _, p := range was {
		b.doubts(held(p) && !alike(p.acc.heldBefore(doer), old), "given again by one who held it twice")
	}
	for _, c := range r.courses {
		b.doubts(!slices.ContainsFunc(c, held), "given again by one who may have held it")
	}
	return append(next, parcel{cell, r.t.cells[cell].size, b})
}

// doubts notes that no rule decides something, the first reason.
func (a *account) doubts(is bool, why string) {
	if is && a.odd == "" {
		a.odd = why
	}
}

// vaguely returns an account of which no rule says what is recorded of it, for the
// first reason.
func (a *account) vaguely(why string) *account {
	b := a.next()
	b.vague = or(b.vague, why)
	return b
}

// apply returns what an event makes of an account.
func (r *run) apply(e event, a *account, item string, quantity int64) *account {
	b := a.next()
	b.trail = append(b.trail, e.ref)
	switch e.kind {
	case "transfer":
		return r.give(e, a, b, item, quantity)
	case "delivery":
		b.status = "delivered"
		switch to := e.rec.s("to"); to {
		case a.holder:
		case a.pending: // it came to the end user that the transfer names
			b.holder, b.pending, b.from, b.drop = to, "", a, true
		default:
			b.doubts(true, "delivered to another than it was sent to")
		}
	case "receipt", "return", "count", "move", "found":
		b.site, b.stocked = e.rec.s("site"), e.ref
		if e.kind == "found" {
			b.fate, b.why = "", ""
		}
	case "issue":
		b.site, b.stocked = "", ""
	case "loss":
		b.fate, b.why = "lost", e.ref
		b.lossDay = [2]int{lossFrom(e.rec), e.rec.day("at")}
	case "expend":
		b.fate, b.why = "expended", e.ref
	case "destruction":
		b.fate, b.why = "destroyed", e.ref
	}
	return b
}

func lossFrom(r record) int {
	if r.s("last_correct") != "" {
		return r.day("last_correct")
	}
	return r.day("at")
}

// give judges a transfer: whose the goods lawfully are after it.
func (r *run) give(e event, a, b *account, item string, quantity int64) *account {
	w := r.w
	from, to, act := e.rec.s("from"), e.rec.s("to"), e.rec.s("act")
	if act == "" {
		act = "sale"
	}
	b.holder, b.from, b.giver, b.drop, b.back = to, a, from, false, false
	b.doubts(act == "return" && a.back && to == a.giver, "a return of what was given back: which giving does it undo?")
	b.doubts(a.drop && act == "return", "a return of what was delivered past the dealer")
	b.site, b.stocked = "", ""
	b.arrived, b.status = e.ref, "waiting"

	restore := func(s *account) *account {
		b.back = true
		b.eu, b.pending, b.binds, b.taint, b.lender, b.lent, b.from = s.eu, s.pending, s.binds, s.taint, s.lender, s.lent, s.from
		return b
	}
	if act == "return" {
		if a.from != nil && a.from.holder == to {
			return restore(a.from)
		}
		b.doubts(a.giver == to, "a return to where it came from only as a return")
		act = "gift"
	}
	giver := from
	if a.lender != "" {
		if to == a.lender {
			for _, c := range w.counting("consent") { // is it given back, or given anew?
				b.doubts(a.taint != "" && c.s("to") == to, "given back to its lender, or given anew by consent")
			}
			return restore(a.lent)
		}
		giver = a.lender
		b.lender, b.lent = "", nil
	}
	loan := act == "loan" || act == "lease"
	named := w.endUser(e.rec)
	cite := func() *account {
		if id := e.rec.s("euc"); id != "" {
			if euc := w.euc(id); euc != nil {
				bd := bind{id, w.group(euc.s("end_user"))}
				if !slices.Contains(b.binds, bd) {
					b.binds = append(b.binds, bd)
				}
			}
		}
		return b
	}
	lend := func() *account {
		b.lender, b.lent = giver, a
		if a.lender != "" {
			b.lent = a.lent
		}
		return cite()
	}
	lawful := func(who string) *account {
		b.eu, b.pending, b.taint = who, "", ""
		if who != "" && who != to {
			b.pending = who
		}
		return cite()
	}
	refuse := func(code string) *account {
		b.flags = append(b.flags, code+" "+e.ref)
		b.taint = code
		if code == "OPEN" {
			b.taint = a.taint
		}
		if loan {
			b.lender, b.lent = giver, a
		}
		return cite()
	}

	// The clauses that bind the giver on that day.
	var binding []bind
	for _, bd := range a.binds {
		c := w.euc(bd.euc).o("clause")
		if c == nil || bd.party != w.group(giver) {
			continue
		}
		if in := c.s("in_force_from"); in == "" || day(in) <= e.day {
			binding = append(binding, bd)
		}
	}

	if a.taint != "" {
		if to == a.eu {
			b.doubts(loan, "lent to whom it belongs")
			b.taint, b.pending = "", ""
			return cite()
		}
		b.doubts(w.group(to) == w.group(a.eu), "from astray to another unit of the lawful end user")
		for _, bd := range a.binds {
			if w.euc(bd.euc).o("clause") != nil && r.consent(e, bd, giver, item, quantity) {
				if loan {
					b.doubts(true, "lent by consent while astray")
					b.taint = ""
					return lend()
				}
				b.doubts(named != "" && named != to, "a consent to another than the transfer names")
				b.binds = append(b.binds, bind{bd.euc, w.group(to)})
				return lawful(or(named, to))
			}
		}
		if act == "issue" && w.group(from) == w.group(to) { // within the party nothing is a retransfer, and none is authorised
			b.flags = append(b.flags, "OPEN "+e.ref)
			return b
		}
		if w.group(from) == w.group(to) {
			b.doubts(true, "among units while astray")
			return b
		}
		if a.pending != "" { // by the clause, or as goods that never reached their end user?
			b.flags = append(b.flags, "OPEN "+e.ref)
			b.taint = a.taint
			if loan {
				b.lender, b.lent = giver, a
			}
			return cite()
		}
		code := a.taint
		said := map[bool]bool{}
		for _, bd := range a.binds {
			if c := w.euc(bd.euc).o("clause"); c != nil {
				said[slices.Contains(c.texts("acts"), clauseAct(act))] = true
			}
		}
		switch {
		case len(said) > 1: // one clause covers the act, another does not
			code = "OPEN"
		case said[true]:
			code = "RETRANSFER_WITHOUT_CONSENT"
		case said[false]:
			code = "NOT_COVERED_BY_CLAUSE"
		}
		return refuse(code)
	}
	b.doubts(a.pending != "" && to != a.pending && w.group(to) == w.group(a.pending), "to another unit of the end user that was named")
	if a.pending != "" && to != a.pending && named != a.pending {
		return refuse("RETRANSFER_WITHOUT_CONSENT")
	}
	b.doubts(a.pending != "" && loan, "lent on the way to the end user that was named")
	if a.pending != "" && !loan {
		return lawful(a.pending)
	}
	if w.group(giver) == w.group(to) {
		if loan {
			return lend()
		}
		return lawful(or(named, to))
	}
	for _, bd := range binding {
		c := w.euc(bd.euc).o("clause")
		if r.consent(e, bd, giver, item, quantity) || slices.Contains(c.texts("exceptions"), to) {
			b.binds = append(b.binds, bind{bd.euc, w.group(to)})
			b.doubts(named != "" && named != to, "a consent to another than the transfer names")
			if named == "" {
				named = to
			}
			continue
		}
		covered := slices.Contains(c.texts("acts"), clauseAct(act))
		if !covered && w.licensed(e.rec, to) {
			if named == "" {
				named = to
			}
			continue
		}
		code := map[bool]string{true: "RETRANSFER_WITHOUT_CONSENT", false: "NOT_COVERED_BY_CLAUSE"}[covered]
		for _, other := range binding { // one clause covers the act, another does not
			if slices.Contains(w.euc(other.euc).o("clause").texts("acts"), clauseAct(act)) != covered {
				b.flags = append(b.flags, "OPEN "+e.ref)
				refuse(code)
				b.flags = b.flags[:len(b.flags)-1]
				return b
			}
		}
		return refuse(code)
	}
	if loan {
		return lend()
	}
	return lawful(named)
}

func clauseAct(act string) string {
	if act == "issue" || act == "return" {
		return "other"
	}
	return act
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// consent reports whether a consent of the clause covers the line of an event,
// and spends it.
func (r *run) consent(e event, bd bind, giver, item string, quantity int64) bool {
	clause := r.w.euc(bd.euc).o("clause")
	act := or(e.rec.s("act"), "sale")
	if act == "return" { // to another than it came from: judged as a gift
		act = "gift"
	}
	for _, c := range r.w.counting("consent") {
		if c.s("euc") != bd.euc || c.s("by") != clause.s("consent_by") || c.s("source") != c.s("by") || c.s("to") != e.rec.s("to") {
			continue
		}
		if g := r.w.group(c.s("from")); g != r.w.group(giver) && g != r.w.group(e.rec.s("from")) || c.s("act") != act {
			continue
		}
		if e.day < c.day("at") || c.s("valid_to") != "" && e.day > c.day("valid_to") {
			continue
		}
		for _, l := range c.list("lines") {
			if !allWithin(item, l.s("item")) {
				continue
			}
			k := e.ref + " " + item + " " + c.ref() + " " + l.s("item")
			if ok, judged := r.covered[k]; judged {
				if ok {
					return true
				}
				continue
			}
			used := c.ref() + " " + l.s("item")
			ok := r.spent[used]+quantity <= l.n("quantity")
			r.covered[k] = ok
			if ok {
				r.spent[used] += quantity
				return true
			}
		}
	}
	return false
}
