package oracle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Today is the day of the questions of random worlds.
const Today = "2026-11-01"

// A World is records, one JSON object each, and questions about them.
type World struct {
	Records   []string
	Questions []Question
}

// NewWorld makes the random world of a seed: a maker, its lots and packages, and
// whatever can happen to them, lawful or not, told well or badly.
func NewWorld(seed uint64) World {
	g := &maker{rand: rand.New(rand.NewPCG(seed, 7)), day: day("2024-03-01"), holder: map[string][]string{}}
	g.cast()
	for i := range 1 + g.n(2) {
		g.lot(i)
	}
	for range 2 + g.n(14) {
		g.day += g.n(25)
		g.happen()
	}
	g.asides()
	first := g.rand
	g.rand = rand.New(rand.NewPCG(seed, 11)) // what came later leaves the rest of a world as it was
	g.beside()
	g.rand = rand.New(rand.NewPCG(seed, 13))
	g.seen()
	g.late()
	g.rand = first
	w := World{Records: g.out}
	for range 6 {
		w.Questions = append(w.Questions, g.ask())
	}
	return w
}

type maker struct {
	rand    *rand.Rand
	day     int
	out     []string
	serial  int
	users   []string // end users and their units
	middle  []string // brokers and dealers
	country map[string]string
	lots    []string
	items   []string // all packages, spans and lots
	size    map[string]int64
	leaf    map[string][]string // smallest packages of an item
	holder  map[string][]string // of a smallest package: who had it, the last one last
	papers  [][2]string         // licence and certificate
	eucs    []record
	gave    []record
	days    []int
}

func (g *maker) n(n int) int                { return g.rand.IntN(n) }
func (g *maker) one(in int) bool            { return g.rand.IntN(in) == 0 }
func (g *maker) pick(from ...string) string { return from[g.n(len(from))] }

func (g *maker) id(kind string) string {
	g.serial++
	return fmt.Sprint(kind, g.serial)
}

func (g *maker) put(r record) record {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	g.out = append(g.out, string(b))
	if at, ok := r["at"].(string); ok {
		g.days = append(g.days, day(at))
	}
	var back record
	json.Unmarshal(b, &back)
	return back
}

func text(d int) string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

const (
	theMaker = "QTZ"
	exporter = "XA-EXP"
)

func (g *maker) cast() {
	g.country = map[string]string{}
	party := func(id, country, parent string, roles ...string) {
		r := record{"kind": "party", "source": exporter, "id": id, "name": "Party " + id, "country": country, "roles": roles}
		if parent != "" {
			r["parent"] = parent
		}
		g.country[id] = country
		g.put(r)
	}
	party(theMaker, "XA", "", "maker")
	for _, a := range []string{exporter, "XA-AUD", "XB-MIN", "XC-MIN", "XD-MIN", "XH-MIN"} {
		party(a, a[:2], "", "authority")
	}
	for i, c := range []string{"XA", "XB", "XC", "XD"}[g.n(2):] {
		id := fmt.Sprintf("%s-E%d", c, i+1)
		party(id, c, "", "end_user")
		g.users = append(g.users, id)
		for u := range g.n(3) {
			unit := fmt.Sprintf("%s-U%d", id, u+1)
			party(unit, c, id, "end_user")
			g.users = append(g.users, unit)
		}
	}
	g.middle = []string{"XH-BROK", "XH-DEAL"}
	party("XH-BROK", "XH", "", g.pick("broker", "consignee"))
	if g.one(6) {
		party("XH-DEAL", "XH", "", "dealer", "end_user")
	} else {
		party("XH-DEAL", "XH", "", "dealer")
	}
	if g.one(8) {
		g.put(record{"kind": "report", "source": "XA-AUD", "id": g.id("R"), "at": text(g.day + g.n(200)), "about": g.pick(append(g.users, g.middle...)...), "case": "C-1"})
	}
}

// lot makes a lot, packed or not.
func (g *maker) lot(i int) {
	if g.size == nil {
		g.size, g.leaf = map[string]int64{}, map[string][]string{}
	}
	lot := fmt.Sprintf("%s/QTZ24K%03d", theMaker, 11+i)
	g.lots = append(g.lots, lot)
	var units []any
	var size int64
	add := func(item string, each int64, leaves ...string) {
		g.items = append(g.items, item)
		g.size[item] = each
		g.leaf[item] = leaves
	}
	if !g.one(3) { // packed
		crates := 2 + g.n(3)
		each := int64(1 + g.n(4))
		var all []string
		depth := g.n(3)
		for s := range 1 + g.n(3) {
			sub := fmt.Sprintf("%s/%03d", lot, s+1)
			var inSub []string
			var level func(p string, d int)
			level = func(p string, d int) {
				if d == 0 {
					add(p, each, p)
					inSub = append(inSub, p)
					return
				}
				var kids []string
				before := len(inSub)
				w := 2 + g.n(3)
				n := crates - d + 1
				for k := range max(1, n) {
					kids = append(kids, fmt.Sprintf("%s/%0*d", p, w, k+1))
				}
				for _, k := range kids {
					level(k, d-1)
				}
				add(p, int64(len(inSub)-before)*each, inSub[before:len(inSub):len(inSub)]...)
				span := kids[0]
				if len(kids) > 1 {
					span += ".." + kids[len(kids)-1][strings.LastIndex(kids[len(kids)-1], "/")+1:]
					sum := int64(len(inSub)-before) * each
					add(span, sum, inSub[before:len(inSub):len(inSub)]...)
				}
				units = append(units, record{"item": span, "level": "crate", "each": g.size[kids[0]]})
			}
			level(sub, depth)
			units = append(units, record{"item": sub, "level": "sublot", "each": int64(len(inSub)) * each})
			all = append(all, inSub...)
		}
		size = int64(len(all)) * each
		if g.one(4) { // some of it never packed
			size += int64(2 + g.n(6))
		}
		g.put(record{"kind": "pack", "source": theMaker, "id": g.id("PK"), "at": "2024-01-13", "item": lot, "quantity": size, "units": units})
		add(lot, size, all...)
	} else {
		size = int64(6 + g.n(30))
		add(lot, size, lot)
	}
	r := record{"kind": "lot", "source": theMaker, "id": g.id("L"), "item": lot, "calibre": "9x19", "type": "ball", "quantity": size, "made": record{"from": "2024-01-08", "to": "2024-01-12"}}
	if size > 1 && g.one(10) {
		r["limit"] = size - 1
	}
	g.put(r)
	if g.one(6) {
		g.put(record{"kind": "lot", "source": "XA-AUD", "id": g.id("L"), "item": lot, "calibre": "9x19", "type": "ball", "quantity": max(size+int64(g.n(5))-2, 1)})
	}
	for _, l := range g.leaf[lot] {
		g.holder[l] = []string{theMaker}
	}
}

// now is who holds an item, as far as one party does.
func (g *maker) now(item string) string {
	who := ""
	for _, l := range g.leaf[item] {
		h := g.holder[l][len(g.holder[l])-1]
		if who != "" && who != h {
			return ""
		}
		who = h
	}
	return who
}

func (g *maker) others(not string) string {
	for {
		p := g.pick(g.users...)
		if g.one(4) {
			p = g.pick(g.middle...)
		}
		if p != not {
			return p
		}
	}
}

func (g *maker) happen() {
	item := g.pick(g.items...)
	who := g.now(item)
	if who == "" || g.one(12) {
		who = g.pick(append([]string{theMaker}, append(g.users, g.middle...)...)...)
	}
	quantity := g.size[item]
	switch {
	case len(g.leaf[item]) == 1 && g.leaf[item][0] == item && g.one(2) || g.one(12):
		quantity = 1 + int64(g.n(int(quantity)))
	case g.one(60):
		quantity++
	}
	lines := []any{record{"item": item, "quantity": quantity}}
	if other := g.pick(g.items...); g.one(4) && g.now(other) == who && !overlap(other, item) {
		lines = append(lines, record{"item": other, "quantity": g.size[other]})
	}
	switch k := g.n(20); {
	case k < 11:
		g.transfer(item, who, quantity, lines)
	case k < 16 && who != theMaker:
		r := record{"kind": "stock", "source": g.teller(who), "id": g.id("ST"), "at": text(g.day), "holder": who, "site": g.pick("S1", "S2"),
			"movement": g.pick("receipt", "receipt", "receipt", "count", "move", "found", "expend", "issue"), "lines": lines}
		if r["movement"] == "move" {
			r["from_site"] = "S1"
		}
		g.put(r)
	case k == 16:
		r := record{"kind": "loss", "source": g.teller(who), "id": g.id("LS"), "at": text(g.day), "holder": who, "type": "theft", "lines": lines}
		if !g.one(4) {
			r["last_correct"] = text(g.day - 1 - g.n(40))
		}
		if g.one(3) {
			r["recorded"] = text(g.day + g.n(120))
		}
		g.put(r)
	case k == 17:
		g.put(record{"kind": "destruction", "source": g.teller(who), "id": g.id("D"), "at": text(g.day), "holder": who, "certificate": "D", "lines": lines})
	}
}

// teller is who tells of what a party did: itself, its state, or somebody else.
func (g *maker) teller(party string) string {
	switch {
	case g.one(6):
		return g.country[party] + "-MIN"
	case g.one(20):
		return g.pick(g.users...)
	}
	return party
}

func (g *maker) transfer(item, from string, quantity int64, lines []any) {
	to := g.others(from)
	act := "sale"
	if from != theMaker {
		act = g.pick("sale", "gift", "gift", "loan", "lease", "issue", "return")
	}
	if act == "return" || g.one(8) { // back to where it came from
		h := g.holder[g.leaf[item][0]]
		if len(h) > 1 && h[len(h)-2] != from {
			to = h[len(h)-2]
			act = g.pick("return", act)
		}
	}
	t := record{"kind": "transfer", "at": text(g.day), "from": from, "to": to, "act": act, "lines": lines, "id": g.id("T")}
	t["source"] = g.pick(from, from, to, exporter, g.country[from]+"-MIN")
	if from == theMaker {
		t["source"] = g.pick(exporter, exporter, exporter, theMaker, to)
	}
	end := to
	if strings.HasPrefix(to, "XH") {
		end = ""
		if !g.one(4) {
			end = g.pick(g.users...)
			if g.one(2) && len(g.eucs) > 0 {
				end = g.eucs[g.n(len(g.eucs))].s("end_user")
			}
			t["end_user"] = end
		}
	}
	if from == theMaker && !g.one(5) || g.one(5) {
		g.paper(t, end)
	}
	if !g.one(3) {
		t["delivery_due"] = text(g.day + []int{0, 10, 30, 60}[g.n(4)])
	}
	if g.one(6) {
		t["recorded"] = text(g.day + g.n(130))
	}
	if from != theMaker && len(g.eucs) > 0 && g.one(3) { // a consent, in time or not
		e := g.eucs[g.n(len(g.eucs))]
		by := exporter
		if c := e.o("clause"); c != nil {
			by = c.s("consent_by")
		}
		c := record{"kind": "consent", "source": by, "id": g.id("C"), "at": text(g.day - g.n(20) + 2), "euc": e.ref(), "by": by, "from": from, "to": to, "act": act, "lines": lines}
		if g.one(2) {
			c["valid_to"] = text(g.day + g.n(30) - 3)
		}
		if g.one(4) {
			c["act"] = g.pick("sale", "gift", "loan")
		}
		if g.one(6) {
			c["lines"] = []any{record{"item": item, "quantity": 1}}
		}
		if c["act"] != "return" && c["act"] != "issue" {
			g.put(c)
		}
	}
	t = g.put(t)
	g.gave = append(g.gave, t)
	for _, x := range lines {
		of := x.(record)["item"].(string)
		if n := x.(record)["quantity"].(int64); n < g.size[of] {
			continue
		}
		for _, l := range g.leaf[of] {
			g.holder[l] = append(g.holder[l], to)
		}
	}
	at := g.day
	if g.one(5) { // told by another too
		o := record{}
		for k, v := range t {
			o[k] = v
		}
		o["id"] = g.id("TT")
		o["source"] = g.pick(from, to, exporter)
		if o["source"] != t.s("source") {
			if g.one(2) {
				o["at"] = text(at + g.n(8))
			}
			delete(o, "recorded")
			g.put(o)
		}
	}
	if g.one(2) {
		recipient := to
		if end != "" && g.one(2) {
			recipient = end
		}
		d := record{"kind": "delivery", "source": g.teller(recipient), "id": g.id("DV"), "at": text(at + g.n(40)), "transfer": t.ref(), "to": recipient, "lines": lines}
		if quantity > 1 && g.one(8) {
			d["lines"] = []any{record{"item": item, "quantity": quantity - 1}}
		}
		g.put(d)
		if g.one(2) {
			g.put(record{"kind": "stock", "source": recipient, "id": g.id("ST"), "at": text(day(d.s("at")) + g.n(5)), "holder": recipient, "site": "S1", "movement": "receipt", "lines": d["lines"]})
		}
	}
}

// paper cites a certificate and a licence.
func (g *maker) paper(t record, end string) {
	if len(g.papers) > 0 && g.one(4) {
		p := g.papers[g.n(len(g.papers))]
		t["licence"], t["euc"] = p[0], p[1]
		return
	}
	if end == "" {
		end = g.pick(g.users...)
	}
	issued := g.day - 10 - g.n(30)
	e := record{"kind": "euc", "source": "XZ-MFA", "id": g.id("EUC"), "number": g.id("N"), "issued": text(issued), "authority": "XZ-MFA", "end_user": end,
		"goods": []any{record{"calibre": "9x19", "quantity": 1000000}}}
	if !g.one(3) {
		e["expires"] = text(issued + []int{1, 5, 365}[g.n(3)])
	}
	if !g.one(5) {
		e["authenticated"] = record{"by": "XZ-MFA", "at": text(issued + 1)}
	}
	if !g.one(4) {
		c := record{"consent_by": g.pick(exporter, exporter, "XZ-MFA"), "acts": [][]string{{"sale"}, {"sale", "gift"}, {"sale", "gift", "loan", "lease", "other"}}[g.n(3)]}
		if !g.one(3) {
			c["in_force_from"] = text(issued + []int{0, 0, 60}[g.n(3)])
		}
		if g.one(6) {
			c["exceptions"] = []string{g.pick(g.users...)}
		}
		e["clause"] = c
	}
	e = g.put(e)
	g.eucs = append(g.eucs, e)
	from := issued + []int{2, 5, 20}[g.n(3)]
	l := record{"kind": "licence", "source": exporter, "id": g.id("LIC"), "number": g.id("X"), "type": "export", "authority": exporter, "valid_from": text(from),
		"valid_to": text(from + []int{2, 30, 400}[g.n(3)])}
	if !g.one(6) {
		l["euc"] = e.ref()
	}
	if g.one(5) {
		l["parties"] = []any{record{"party": t.s("to"), "role": "end_user"}}
	}
	l = g.put(l)
	t["licence"], t["euc"] = l.ref(), e.ref()
	g.papers = append(g.papers, [2]string{l.ref(), e.ref()})
	if g.one(8) {
		g.put(record{"kind": "status", "source": exporter, "id": g.id("SU"), "at": text(g.day + g.n(30) - 15), "of": l.ref(), "state": g.pick("revoked", "revoked", "suspended")})
	}
}

// asides are corrections, and corrections of corrections.
func (g *maker) asides() {
	var last record
	for range g.n(4) {
		var voided record
		if last != nil && g.one(2) {
			voided = last
		} else {
			var r record
			json.Unmarshal([]byte(g.out[g.n(len(g.out))]), &r)
			switch r.s("kind") {
			case "transfer", "delivery", "stock", "loss", "destruction", "consent":
				voided = r
			default:
				continue
			}
		}
		src := voided.s("source")
		if g.one(4) {
			src = g.pick("XA-AUD", exporter, "XB-MIN", "XC-MIN", theMaker)
		}
		c := record{"kind": "correction", "source": src, "id": g.id("K"), "at": text(g.day + g.n(50)), "voids": voided.ref(), "reason": "entered in error"}
		if g.one(2) {
			c["recorded"] = text(g.day + g.n(80))
		}
		last = g.put(c)
	}
}

// beside are records that move nothing: repacks, which rename nothing, and what is
// said of the records of parties, of one that has none among them.
func (g *maker) beside() {
	some := func() string { return text(g.day - g.n(250)) }
	for range g.n(3) {
		item := g.pick(g.items...)
		r := record{"kind": "repack", "source": g.pick(append([]string{theMaker}, g.users...)...), "id": g.id("RP"), "at": some(),
			"unit": "376123450000000012", "action": g.pick("into", "out_of"), "lines": []any{record{"item": item, "quantity": 1 + g.n(int(g.size[item]))}}}
		r["holder"] = r["source"]
		if h := g.now(item); h != "" && g.one(2) {
			r["holder"], r["source"] = h, h
		}
		g.put(r)
	}
	for range g.n(3) {
		r := record{"kind": "coverage", "source": g.pick(exporter, "XA-AUD", "XB-MIN"), "id": g.id("CV"), "at": some(),
			"party":  g.pick(append([]string{"QQQ", "QQQ", "QQQ", theMaker}, g.users...)...),
			"state":  g.pick("complete", "partial", "destroyed", "refused", "not_searched"),
			"reason": "asked"}
		if g.one(3) {
			r["from"], r["to"] = "2024-01-01", "2024-12-31"
		}
		g.put(r)
	}
}

// seen are sightings of marks and recoveries.
func (g *maker) seen() {
	item := g.pick(g.leaf[g.pick(g.lots...)]...)
	for range g.n(4) {
		if g.one(3) {
			item = g.pick(g.items...)
		}
		at, place := text(g.day+g.n(60)-40+g.n(2)), g.pick("P1", "P2")
		if g.one(2) || strings.Contains(item, "..") {
			g.put(record{"kind": "recovery", "source": "XD-MIN", "id": g.id("RC"), "at": at, "agency": "XD-MIN", "country": "XD", "place": place,
				"items": []any{record{"clue": item, "item": item, "quantity": 1 + g.n(int(g.size[item]))}}})
			continue
		}
		g.put(record{"kind": "sighting", "source": "XC-MIN", "id": g.id("SG"), "at": at, "by": "XC-MIN", "item": item, "place": place})
	}
}

// late is a sale under a later version of a certificate, of the same number, which
// may arrive short, after it was due and with another weight, and go on from there.
func (g *maker) late() {
	if len(g.eucs) == 0 || !g.one(2) {
		return
	}
	old := g.eucs[g.n(len(g.eucs))]
	e := record{"kind": "euc", "source": old.s("source"), "id": g.id("EUC"), "number": old.s("number"), "issued": text(g.day), "authority": old.s("authority"),
		"end_user": old.s("end_user"), "goods": old["goods"], "authenticated": record{"by": old.s("authority"), "at": text(g.day)},
		"clause": record{"consent_by": exporter, "acts": []string{g.pick("sale", "gift")}, "in_force_from": text(g.day + g.n(30))}}
	e = g.put(e)
	g.eucs = append(g.eucs, e)
	g.day += 1 + g.n(10)
	item := g.pick(g.items...)
	from, to := g.now(item), e.s("end_user")
	if from == "" || from == to {
		return
	}
	lines := []any{record{"item": item, "quantity": g.size[item]}}
	t := record{"kind": "transfer", "source": from, "id": g.id("T"), "at": text(g.day), "from": from, "to": to, "act": "sale", "lines": lines, "euc": e.ref(),
		"delivery_due": text(g.day + 10)}
	if g.one(2) {
		t["gross_kg"] = 40
	}
	t = g.put(t)
	for _, l := range g.leaf[item] {
		g.holder[l] = append(g.holder[l], to)
	}
	if g.one(4) {
		return
	}
	g.day += g.n(25)
	d := record{"kind": "delivery", "source": to, "id": g.id("DV"), "at": text(g.day), "transfer": t.ref(), "to": to, "lines": lines}
	if g.size[item] > 1 && g.one(2) {
		d["lines"] = []any{record{"item": item, "quantity": g.size[item] - 1}}
	}
	if g.one(2) {
		d["gross_kg"] = []int{39, 40}[g.n(2)]
	}
	g.put(d)
	if g.one(2) {
		g.day += g.n(20)
		g.transfer(item, to, g.size[item], lines)
	}
}

func (g *maker) ask() Question {
	q := Question{Item: g.pick(g.items...)}
	switch {
	case g.one(15):
		q.Item += "/0001"
		if strings.Contains(q.Item, "..") {
			q.Item = g.lots[0]
		}
	case g.one(30):
		q.Item = theMaker + "/QTZ24K777"
	case g.one(40):
		q.Item = "QQQ/QQQ24K001"
	}
	at := g.day
	if len(g.days) > 0 {
		at = g.days[g.n(len(g.days))] + g.n(5) - 2
	}
	if g.one(3) {
		at = g.day + g.n(200)
	}
	if !g.one(12) {
		q.Recovered = text(max(at, day("2024-02-01")))
	}
	if g.one(6) {
		q.KnownOn = text(g.day - g.n(200))
		if day(q.KnownOn) < day("2024-02-01") {
			q.KnownOn = "2024-02-01"
		}
	}
	if g.one(4) {
		q.Quantity = 1 + int64(g.n(int(g.size[g.lots[0]])+4))
	}
	if g.one(5) {
		q.Condition = g.pick("live", "fired")
	}
	return q
}
