package oracle

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// A Question is what both resolvers are asked: an identity or a span.
type Question struct {
	Item      string `json:"item"`
	Recovered string `json:"recovered,omitempty"`
	KnownOn   string `json:"known_on,omitempty"`
	Quantity  int64  `json:"quantity,omitempty"`
	Condition string `json:"condition,omitempty"`
}

// A Candidate is one of the answer's.
type Candidate struct {
	Party     string
	Quantity  int64
	AtLeast   int64
	Confirmed string // yes, no, or empty where it is open
}

// An Answer is what follows from the rules without doubt; what is open stays empty.
type Answer struct {
	Open       string // why nothing is compared
	Outcome    string
	EndUser    string
	LastHolder string   // empty: open
	Site       string   // "-": none
	Window     []string // nil: open
	Candidates []Candidate
	Loose      bool     // of the candidates only the parties follow
	Excluded   []string // parties that time excludes, sorted
	Perhaps    []string // parties that may stand among them, being unknown too
	Flags      []string // must be there
	NoFlags    []string // must not
	Parts      []string // of where: PARTY SITE STATE QUANTITY, sorted; nil: open
	PartsSum   int64
}

// Records are records that questions are asked about.
type Records struct {
	all  []record
	seen map[int]*world // by the day on which they are known
}

// Read reads records, one JSON object each.
func Read(lines []string) *Records {
	return &Records{parse(lines), map[int]*world{}}
}

// Ask answers a question. Today is its day where nothing was recovered.
func (rs *Records) Ask(q Question, today string) Answer {
	recs := rs.all
	known := never
	if q.KnownOn != "" {
		known = day(q.KnownOn)
	}
	if rs.seen[known] == nil {
		rs.seen[known] = see(recs, known)
	}
	w := rs.seen[known]
	to, asked := never, day(today)
	if q.Recovered != "" {
		to = day(q.Recovered)
		asked = to
	}
	maker := strings.SplitN(q.Item, "/", 2)[0]
	if _, ok := w.parties[maker]; !ok {
		for _, r := range w.all {
			if strings.HasPrefix(r.s("item"), maker+"/") {
				return Answer{Open: "a maker that no party record tells of"}
			}
		}
		out, said := "NO_RECORD", map[string]bool{}
		for _, c := range w.counting("coverage") {
			if c.s("party") != maker {
				continue
			}
			if c.day("at") > asked { // said of the records after the day
				return Answer{Open: "coverage of a later day"}
			}
			out = or(map[string]string{"destroyed": "RECORDS_DESTROYED", "refused": "RESTRICTED", "not_searched": "NOT_SEARCHED"}[c.s("state")], "NO_RECORD")
			said[out] = true
		}
		if len(said) > 1 {
			return Answer{Open: "sources that say different things of one maker's records"}
		}
		return Answer{Outcome: out}
	}
	lot := lotOf(q.Item)
	t := w.tree(lot)
	if t == nil {
		for _, r := range recs {
			if touches(r, lot) || strings.HasPrefix(r.s("item"), lot) {
				return Answer{Open: "a lot without a card"}
			}
		}
		return Answer{Outcome: "MAKER_ONLY"}
	}
	for _, name := range names(q.Item) {
		for p := name; p != "" && p != lot; p = parent(p) {
			if _, ok := t.each[p]; !ok && t.filled(parent(p)) {
				return Answer{Outcome: "NO_RECORD"}
			}
		}
	}
	for _, r := range append(slices.Clone(w.all), w.hidden...) {
		for _, l := range r.list("lines") {
			if lotOf(l.s("item")) == lot {
				if _, _, exact := t.covers(l.s("item")); !exact {
					return Answer{Open: "a line about a package that no pack names"}
				}
			}
		}
	}
	for _, x := range w.tied {
		if touches(x, lot) {
			return Answer{Open: "tellings as near to one event as to another"}
		}
	}
	r := w.play(t, to, true)
	if r.tooMany {
		return Answer{Open: "more courses than are looked into"}
	}
	asks, _, _ := t.covers(q.Item)
	if r.touched(asks) {
		return Answer{Open: "more given than there was, nobody can say where"}
	}
	a := &asking{w: w, t: t, r: r, q: q, to: to, day: asked}
	return a.answer()
}

type asking struct {
	w     *world
	t     *tree
	r     *run
	q     Question
	to    int
	day   int
	cells []int
	size  int64
}

func (a *asking) answer() (out Answer) {
	var exact bool
	a.cells, a.size, exact = a.t.covers(a.q.Item)
	a.cells = slices.Compact(a.cells)
	if a.size == 0 {
		return Answer{Open: "an item of no rounds"}
	}
	var odd, vague string
	var split bool
	most := map[string]int64{}
	lost := true // in every course
	lawfulOf := map[string]bool{}
	holderOf := map[string]bool{}
	for _, c := range a.r.courses {
		sum := map[string]int64{}
		in := map[string]int64{}
		lost = lost && slices.ContainsFunc(c, func(p parcel) bool { return p.acc.fate == "lost" && slices.Contains(a.cells, p.cell) })
		for _, p := range c {
			if !slices.Contains(a.cells, p.cell) {
				continue
			}
			odd, vague = or(odd, p.acc.odd), or(vague, p.acc.vague)
			who := or(p.acc.eu, p.acc.holder)
			lawfulOf[who] = lawfulOf[who] || p.acc.eu != ""
			holderOf[who] = holderOf[who] || p.acc.eu == ""
			k := fmt.Sprint(who, " ", p.cell) // two accounts of one package are still one package
			n := min(p.n, a.t.cells[p.cell].size-in[k])
			in[k] += n
			sum[who] += n
		}
		for who, n := range sum {
			most[who] = max(most[who], min(n, a.size))
		}
	}
	if odd != "" {
		return Answer{Open: odd}
	}
	times := map[string]bool{}
	for _, n := range a.r.over {
		if n.code == "SPLIT" && overlap(n.item, a.q.Item) {
			out.Loose = true
		}
		if n.code != "NEVER" && overlap(n.item, a.q.Item) {
			times[n.ref] = true
		}
		split = split || n.code == "SPLIT" && overlap(n.item, a.q.Item)
	}
	if out.Loose && len(times) > 1 {
		return Answer{Open: "more given than there was, more than once"}
	}
	out.Excluded, out.Perhaps = a.excluded()

	var who []string
	for p := range most {
		who = append(who, p)
	}
	slices.SortFunc(who, func(x, y string) int {
		if most[x] != most[y] {
			return int(most[y] - most[x])
		}
		return strings.Compare(x, y)
	})
	a.split(&out)
	for _, n := range a.r.notes {
		if n.sure && (n.code != "SPLIT_NOT_CONSERVED" && overlap(n.item, a.q.Item) || allWithin(n.item, a.q.Item)) { // else it may have been split elsewhere
			out.Flags = append(out.Flags, n.code)
		}
	}
	if lost {
		out.Flags = append(out.Flags, "LOSS_REPORTED")
	}
	if exact && vague == "" {
		a.parts(&out)
	}
	if len(who) > 1 {
		out.Outcome = "END_USER_CANDIDATES"
		bounds := a.q.Quantity > 0 && a.q.Quantity <= a.size && !split
		for _, p := range who {
			c := Candidate{Party: p, Quantity: most[p], Confirmed: a.confirmed(p)}
			if bounds {
				c.AtLeast = a.q.Quantity
				for _, o := range who {
					if o != p {
						c.AtLeast -= most[o]
					}
				}
				c.AtLeast = max(c.AtLeast, 0)
			}
			out.Candidates = append(out.Candidates, c)
		}
		if vague == "" && len(a.r.courses) == 1 && !a.over("DOUBLE") && !a.over("SPLIT") { // package by package
			var accs []*account
			for _, p := range a.r.courses[0] {
				if slices.Contains(a.cells, p.cell) {
					accs = append(accs, p.acc)
				}
			}
			a.flags(&out, accs)
		}
		return out
	}
	if lawfulOf[who[0]] && holderOf[who[0]] {
		return Answer{Open: "one party, partly named and partly only a holder"}
	}
	if vague != "" {
		if out.Outcome = "LAST_RECORDED_HOLDER"; lawfulOf[who[0]] { // or is it contradicted?
			out.Outcome, out.EndUser = "", who[0]
		}
		return out
	}
	a.custody(&out, who[0], lawfulOf[who[0]], exact)
	return out
}

// custody answers where one party is named.
func (a *asking) custody(out *Answer, who string, named, exact bool) {
	out.Outcome = "LAST_RECORDED_HOLDER"
	if named {
		out.Outcome, out.EndUser = "END_USER_IDENTIFIED", who
	}
	loss, byUnit := false, false
	one := len(a.r.courses) == 1
	contradicted := map[bool]bool{}
	var accs []*account
	for _, c := range a.r.courses {
		all := named
		for _, p := range c {
			if !slices.Contains(a.cells, p.cell) {
				continue
			}
			x := p.acc
			accs = append(accs, x)
			gone := x.fate == "destroyed" || x.fate == "expended" && a.q.Condition != "fired"
			if !gone && !(x.fate == "" && x.stocked != "" && x.holder == x.eu) {
				all = false
			}
			if x.fate == "" && x.stocked != "" && x.holder != x.eu && a.w.group(x.holder) == a.w.group(x.eu) {
				byUnit = true // is a unit's stock the end user's?
			}
			loss = loss || x.fate == "lost"
		}
		contradicted[all] = true
	}
	switch {
	case byUnit || len(contradicted) > 1: // in one course it is so, in another it is not
		out.Outcome = ""
	case contradicted[true] && !loss:
		out.Outcome = "RECORD_CONTRADICTED"
	}
	holder, site := accs[0].holder, accs[0].site
	for _, x := range accs {
		if x.made || a.over("DOUBLE") || a.over("SPLIT") {
			one = false
		}
		if x.holder != holder {
			holder = ""
		}
		if x.site != site {
			site = "?"
		}
	}
	if holder != "" && one {
		out.LastHolder = holder
		if accs[0].fate == "" && site != "?" {
			out.Site = or(site, "-")
		}
	}
	if one && len(accs) == 1 && accs[0].fate == "lost" && accs[0].holder == accs[0].eu && accs[0].taint == "" && accs[0].lossDay[0] != accs[0].lossDay[1] {
		out.Window = []string{dayText(accs[0].lossDay[0]), dayText(min(accs[0].lossDay[1], a.to))}
	}
	if one && !out.Loose {
		a.flags(out, accs)
	}
}

func (a *asking) over(code string) bool {
	for _, n := range a.r.over {
		if n.code == code && overlap(n.item, a.q.Item) {
			return true
		}
	}
	return false
}

// judged are the flags that flags decides one way or the other.
var judged = []string{
	"DELIVERY_OVERDUE", "DELIVERY_UNCONFIRMED", "DOCUMENT_MISMATCH", "DOUBLE_TRANSFER", "END_USER_NOT_DISCLOSED", "EUC_EXPIRED", "EUC_UNAUTHENTICATED",
	"INSUFFICIENT_STOCK", "LICENCE_EXPIRED", "LICENCE_MISSING", "LICENCE_REVOKED", "LOSS_REPORTED", "MARK_DUPLICATED", "NOT_COVERED_BY_CLAUSE",
	"RECORDED_AFTER_RECOVERY", "RECORDED_DESTROYED", "RECORDED_EXPENDED", "RECORDED_LATE", "RECORDED_IN_STOCK", "RETRANSFER_WITHOUT_CONSENT", "PARTY_REPORTED",
	"SHORT_DELIVERY", "SPLIT_NOT_CONSERVED",
}

// flags judges what stands beside the parties named by one course of things.
func (a *asking) flags(out *Answer, accs []*account) {
	has := map[string]bool{}
	open := map[string]bool{}
	for _, acc := range accs {
		for _, f := range acc.flags {
			has[strings.Fields(f)[0]] = true
		}
		open["RETRANSFER_WITHOUT_CONSENT"] = has["OPEN"]
		open["NOT_COVERED_BY_CLAUSE"] = has["OPEN"]
		switch acc.fate {
		case "lost":
			has["LOSS_REPORTED"] = true
		case "destroyed":
			has["RECORDED_DESTROYED"] = true
		case "expended":
			has["RECORDED_EXPENDED"] = true
		default:
			if acc.stocked != "" {
				has["RECORDED_IN_STOCK"] = true
			}
		}
		for _, ref := range acc.trail {
			if e, ok := a.w.transfers[ref]; ok {
				a.papers(e, has, open)
			}
		}
	}
	if a.q.Quantity > a.size {
		has["MARK_DUPLICATED"] = true
	}
	a.seen(has, open)
	a.late(accs, has, open)
	a.after(accs, has, open)
	for _, n := range a.r.notes {
		if overlap(n.item, a.q.Item) {
			open[n.code] = true
			open["INSUFFICIENT_STOCK"] = true // of what it had some, or held once, did its records ever give it that much?
		}
	}
	open["INSUFFICIENT_STOCK"] = open["INSUFFICIENT_STOCK"] || a.over("SPLIT") || a.over("DOUBLE")
	open["SPLIT_NOT_CONSERVED"] = open["SPLIT_NOT_CONSERVED"] || a.over("DOUBLE")
	for _, code := range judged {
		switch {
		case has[code]:
			out.Flags = append(out.Flags, code)
		case !open[code]:
			out.NoFlags = append(out.NoFlags, code)
		}
	}
	sort.Strings(out.Flags)
	sort.Strings(out.NoFlags)
}

// late judges whether a record that moved the goods was written down late. Whether the
// other tellings and what moved nothing are of the chain, no rule says.
func (a *asking) late(accs []*account, has, open map[string]bool) {
	moved := map[string]bool{}
	for _, acc := range accs {
		for _, ref := range acc.trail {
			moved[ref] = true
		}
	}
	for _, r := range append(slices.Clone(a.w.all), a.w.uncounted...) {
		if r.s("recorded") != "" && r.day("recorded")-r.day("at") > 90 && touches(r, a.q.Item) {
			has["RECORDED_LATE"] = has["RECORDED_LATE"] || moved[r.ref()]
			open["RECORDED_LATE"] = true
		}
	}
}

// after judges whether the holder still recorded destroying, expending or counting
// the goods after they were recovered.
func (a *asking) after(accs []*account, has, open map[string]bool) {
	given := false // to others since
	for _, e := range a.w.transfers {
		given = given || e.day > a.to && touches(e.rec, a.q.Item)
	}
	for _, r := range append(slices.Clone(a.w.all), a.w.uncounted...) {
		counts := r.s("kind") == "destruction" || r.s("kind") == "stock" && (r.s("movement") == "expend" || r.s("movement") == "count")
		if !counts || a.q.Recovered == "" || r.day("at") <= a.to || !touches(r, a.q.Item) {
			continue
		}
		open["RECORDED_AFTER_RECOVERY"] = true
		sure := !given && a.w.counts(r)
		for _, acc := range accs {
			sure = sure && acc.holder == r.s("holder") && acc.fate == ""
		}
		for _, l := range r.list("lines") {
			_, size, exact := a.t.covers(l.s("item"))
			if sure && overlap(l.s("item"), a.q.Item) && exact && l.n("quantity") == size {
				has["RECORDED_AFTER_RECOVERY"] = true
			}
		}
	}
}

// A seeing is a leaf unit that was sighted or recovered.
type seeing struct {
	rec      record
	item     string
	quantity int64
}

// seen judges whether a mark was in two places that one package cannot explain:
// surely on one day. What else cannot be, no rule says.
func (a *asking) seen(has, open map[string]bool) {
	var all []seeing
	for _, r := range a.w.all {
		if r.s("kind") == "sighting" {
			all = append(all, seeing{rec: r, item: r.s("item")})
		}
		if r.s("kind") == "recovery" {
			for _, it := range r.list("items") {
				all = append(all, seeing{r, it.s("item"), it.n("quantity")})
			}
		}
	}
	for i, x := range all {
		if len(a.t.kids[x.item]) > 0 || a.t.each[x.item] == 0 || x.item == a.t.lot ||
			!slices.ContainsFunc(names(a.q.Item), func(name string) bool { return within(x.item, name) }) {
			continue
		}
		sum := x.quantity
		for _, y := range all[:i] {
			if x.item != y.item {
				continue
			}
			sum += y.quantity
			switch {
			case x.rec.s("place") == y.rec.s("place"):
			case x.rec.day("at") == y.rec.day("at") && x.rec.day("at") <= a.day:
				has["MARK_DUPLICATED"] = true
			default:
				open["MARK_DUPLICATED"] = true
			}
		}
		open["MARK_DUPLICATED"] = open["MARK_DUPLICATED"] || sum > a.t.each[x.item]
	}
}

// delivered judges what arrived of a transfer against its papers.
func (a *asking) delivered(e event, set func(string, bool), open map[string]bool) {
	for _, l := range e.rec.list("lines") {
		if !overlap(l.s("item"), a.q.Item) {
			continue
		}
		var got int64
		arrived, clear := 0, true
		for _, d := range a.w.counting("delivery") {
			if a.w.eventOf[d.s("transfer")] != e.ref || d.day("at") > a.day {
				continue
			}
			arrived++
			if kg := d["gross_kg"]; kg != nil && e.rec["gross_kg"] != nil {
				set("DOCUMENT_MISMATCH", kg != e.rec["gross_kg"])
			}
			for _, x := range d.list("lines") {
				switch {
				case x.s("item") == l.s("item"):
					got += x.n("quantity")
				case overlap(x.s("item"), l.s("item")):
					clear = false
				case !slices.ContainsFunc(e.rec.list("lines"), func(o record) bool { return overlap(o.s("item"), x.s("item")) }):
					open["DOCUMENT_MISMATCH"] = true // another package, or one of another telling's
				}
			}
		}
		if !clear {
			open["DOCUMENT_MISMATCH"], open["SHORT_DELIVERY"] = true, true
		} else if arrived > 0 {
			set("SHORT_DELIVERY", got < l.n("quantity"))
			open["DOCUMENT_MISMATCH"] = open["DOCUMENT_MISMATCH"] || got > l.n("quantity") // over is not another lot, package or weight
		}
	}
}

// papers judges the papers of one transfer of the chain.
func (a *asking) papers(e event, has, open map[string]bool) {
	w, t := a.w, e.rec
	uneven := w.uneven[e.ref] // the papers of the other telling may be flagged too
	set := func(code string, is bool) {
		if is {
			has[code] = true
		} else if uneven {
			open[code] = true
		}
	}
	if t.s("licence") == "" {
		from, to := w.country(t.s("from")), w.country(t.s("to"))
		set("LICENCE_MISSING", from != to && from != "" && to != "")
		open["LICENCE_MISSING"] = open["LICENCE_MISSING"] || from == "" || to == "" // is a border crossed?
	}
	if l := w.licence(t.s("licence")); l != nil {
		set("LICENCE_EXPIRED", e.day < l.day("valid_from") || l.s("valid_to") != "" && e.day > l.day("valid_to"))
		for _, s := range w.counting("status") {
			if s.s("of") == l.ref() && s.day("at") <= e.day {
				if s.s("state") == "revoked" {
					set("LICENCE_REVOKED", true)
				} else {
					open["LICENCE_REVOKED"] = true
				}
			}
		}
		if c := w.euc(l.s("euc")); c != nil {
			set("EUC_EXPIRED", c.s("expires") != "" && l.s("valid_from") != "" && l.day("valid_from") > c.day("expires"))
		}
	} else if t.s("licence") != "" {
		open["LICENCE_MISSING"], open["LICENCE_EXPIRED"], open["LICENCE_REVOKED"] = true, true, true
	}
	for _, ref := range []string{t.s("euc"), w.licence(t.s("licence")).s("euc")} {
		if c := w.euc(ref); c != nil && c.o("authenticated") == nil {
			if ref == t.s("euc") {
				set("EUC_UNAUTHENTICATED", true)
			} else {
				open["EUC_UNAUTHENTICATED"] = true
			}
			for _, s := range w.counting("status") {
				if s.s("of") == ref {
					open["EUC_UNAUTHENTICATED"] = true
					delete(has, "EUC_UNAUTHENTICATED")
				}
			}
		}
	}
	if w.endUser(t) == "" {
		roles := w.parties[t.s("to")].texts("roles")
		set("END_USER_NOT_DISCLOSED", slices.Contains(roles, "consignee") || slices.Contains(roles, "broker") || slices.Contains(roles, "dealer"))
	}
	due := t.s("delivery_due")
	for _, o := range e.tells[1:] {
		if o.s("delivery_due") != due {
			open["DELIVERY_OVERDUE"], open["DELIVERY_UNCONFIRMED"] = true, true
		}
	}
	if due != "" {
		there := false
		for _, d := range w.counting("delivery") {
			there = there || w.eventOf[d.s("transfer")] == e.ref && d.day("at") <= a.day
		}
		set("DELIVERY_OVERDUE", !there && a.day > day(due))
		set("DELIVERY_UNCONFIRMED", !there && a.day <= day(due))
	}
	a.delivered(e, set, open)
	for _, p := range w.counting("report") {
		if p.s("about") == t.s("from") || p.s("about") == t.s("to") {
			set("PARTY_REPORTED", p.day("at") < e.day)
		} else if p.s("about") == w.endUser(t) {
			open["PARTY_REPORTED"] = true
		}
	}
}

// split decides the flags of a lot or package given to more than one end user.
func (a *asking) split(out *Answer) {
	code, other := "LOT_SPLIT_ACROSS_END_USERS", "SUBLOT_SPLIT"
	if a.q.Item != a.t.lot {
		code, other = other, code
	}
	out.NoFlags = append(out.NoFlags, other)
	if strings.Contains(a.q.Item, "..") {
		return
	}
	maker := strings.SplitN(a.t.lot, "/", 2)[0]
	sure, all := map[string]bool{}, map[string]bool{}
	for _, e := range a.w.transfers {
		if e.day > a.to || e.rec.s("from") != maker || !touches(e.rec, a.q.Item) {
			continue
		}
		who := a.w.endUser(e.rec)
		if who == "" {
			who = "?"
		}
		all[who] = true
		inside := false
		for _, l := range e.rec.list("lines") {
			inside = inside || allWithin(l.s("item"), a.q.Item)
			_, size, _ := a.t.covers(l.s("item"))
			inside = inside || size == l.n("quantity") && overlap(l.s("item"), a.q.Item)
		}
		if inside && who != "?" {
			sure[who] = true
		}
	}
	switch {
	case len(sure) > 1 && a.r.over == nil:
		out.Flags = append(out.Flags, code)
	case len(all) < 2:
		out.NoFlags = append(out.NoFlags, code)
	}
}

// allWithin reports whether all of an item lies in another.
func allWithin(item, outer string) bool {
	for _, x := range names(item) {
		if !slices.ContainsFunc(names(outer), func(y string) bool { return within(x, y) }) {
			return false
		}
	}
	return true
}

// confirmed says whether a party has a record of its own about the goods.
func (a *asking) confirmed(party string) string {
	maybe := false
	for _, r := range a.w.all {
		mine := false
		switch r.s("kind") {
		case "transfer":
			mine = r.s("from") == party || r.s("to") == party
		case "delivery":
			mine = r.s("to") == party
		case "stock", "loss", "destruction":
			mine = r.s("holder") == party
		}
		if !mine || !touches(r, a.q.Item) {
			continue
		}
		if r.s("source") == party && r.day("at") <= a.to {
			return "" // one of several things may not bear it out; see yes below
		}
		maybe = true
	}
	if maybe {
		for _, r := range a.w.all {
			if r.s("source") == party && touches(r, a.q.Item) {
				return ""
			}
		}
	}
	if strings.SplitN(a.t.lot, "/", 2)[0] == party {
		return ""
	}
	for _, r := range a.w.all {
		if a.w.authority(r.s("source"), party) && touches(r, a.q.Item) {
			return ""
		}
	}
	return "no"
}

// excluded lists whom time excludes, and who may be among them: those whose
// transfers are not known yet either.
func (a *asking) excluded() (sure, perhaps []string) {
	seen := map[string]bool{}
	for _, e := range a.w.transfers {
		if e.day > a.to && touches(e.rec, a.q.Item) {
			seen[or(a.w.endUser(e.rec), e.rec.s("to"))] = true
		}
	}
	for k := range seen {
		sure = append(sure, k)
	}
	for _, r := range a.w.hidden {
		if r.s("kind") == "transfer" && r.day("at") > a.to {
			perhaps = append(perhaps, or(a.w.endUser(r), r.s("to")))
		}
	}
	sort.Strings(sure)
	return sure, perhaps
}

// arrivedSome reports whether a delivery of a transfer is on record.
func (w *world) arrivedSome(e event) bool {
	return slices.ContainsFunc(w.counting("delivery"), func(d record) bool { return w.eventOf[d.s("transfer")] == e.ref })
}

// parts says where everything is.
func (a *asking) parts(out *Answer) {
	var first string
	r := a.r
	for _, x := range a.w.all {
		if x.s("kind") == "loss" && x.day("at") > a.to && lossFrom(x) <= a.to { // not lost yet
			r = a.w.play(a.t, a.to, false)
			break
		}
	}
	if r.tooMany || r.touched(a.cells) || r.over != nil {
		return
	}
	for i, c := range r.courses {
		sum := map[string]int64{}
		var total int64
		for _, p := range c {
			if !slices.Contains(a.cells, p.cell) {
				continue
			}
			if p.acc.odd != "" || p.acc.vague != "" {
				out.Parts = nil
				return
			}
			state, site := p.acc.fate, ""
			if state == "" {
				state, site = "held", p.acc.site
				for _, d := range a.w.counting("delivery") { // delivered before it was dispatched?
					if e := a.w.transfers[a.w.eventOf[d.s("transfer")]]; e.rec != nil && e.ref == p.acc.arrived && d.day("at") < e.day {
						out.Parts = nil
						return
					}
				}
				if p.acc.stocked != "" && p.acc.arrived != "" && p.acc.status != "delivered" { // it has what nobody confirmed
					out.Parts = nil
					return
				}
				if e := a.w.transfers[p.acc.arrived]; len(e.rec.list("lines")) > 1 && p.acc.status == "waiting" && a.w.arrivedSome(e) { // is this line still to come?
					out.Parts = nil
					return
				}
				if e, ok := a.w.transfers[p.acc.arrived]; ok && p.acc.status == "waiting" && e.rec.s("delivery_due") != "" {
					state = "in_transit"
					if day(e.rec.s("delivery_due")) < a.day {
						state = "unconfirmed"
					}
				}
				if p.acc.status == "short" {
					state = "unconfirmed"
				}
			}
			sum[fmt.Sprint(p.acc.holder, " ", site, " ", state)] += p.n
			total += p.n
		}
		var lines []string
		for k, n := range sum {
			lines = append(lines, fmt.Sprint(k, " ", n))
		}
		sort.Strings(lines)
		if text := strings.Join(lines, "\n"); i == 0 {
			first = text
			out.Parts, out.PartsSum = lines, total
		} else if text != first {
			out.Parts = nil
			return
		}
	}
}
