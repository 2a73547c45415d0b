package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A cast is the parties of a report, each with its colour and a letter, so that a
// drawing can be read in black and white.
type cast struct {
	order []string
}

// castOf lists the parties of a chain and of a lot: the maker first, then as they come.
func castOf(c *Case) *cast {
	var k cast
	add := func(p string) {
		if p != "" && !slices.Contains(k.order, p) {
			k.order = append(k.order, p)
		}
	}
	if f := c.Finding; f.Lot != nil {
		add(f.Lot.Item.Maker())
	}
	for _, l := range c.Finding.Chain {
		add(l.From)
		add(l.To)
	}
	if c.Lot != nil { // the largest first: those after the seventh share a colour
		for _, p := range holdings(c.Lot) {
			add(p.Party)
		}
	}
	return &k
}

func eachPart(p *trace.Piece, do func(trace.Part)) {
	for _, x := range p.Parts {
		do(x)
	}
	for i := range p.Within {
		eachPart(&p.Within[i], do)
	}
}

func (k *cast) colour(party string) plot.Colour {
	i := slices.Index(k.order, party)
	if i < 0 {
		return plot.White
	}
	return plot.Palette[min(i, len(plot.Palette)-1)]
}

// letter is what stands for a party where its name has no room: A to Z, then A1 and so on.
func (k *cast) letter(party string) string {
	i := slices.Index(k.order, party)
	switch {
	case i < 0:
		return "?"
	case i < 26:
		return string(rune('A' + i))
	}
	return fmt.Sprintf("%c%d", 'A'+i%26, i/26)
}

// patternOf lays what is not plainly held over the colour of its holder.
func patternOf(state string) plot.Pattern {
	switch state {
	case "lost":
		return plot.Rising
	case "destroyed", "expended":
		return plot.Crossed
	case "in_transit", "unconfirmed":
		return plot.Dotted
	}
	return plot.Plain
}

// timeline draws the chain of custody: a lane for each party, a number for each
// record, the day of the recovery and the days between which it left lawful custody.
func (d *Document) timeline(c *Case, k *cast) *plot.Drawing {
	f := c.Finding
	lanes := map[string]*plot.Lane{}
	var order []string
	lane := func(party string) *plot.Lane {
		if lanes[party] == nil {
			lanes[party] = &plot.Lane{Label: k.letter(party) + "  " + party, Fill: k.colour(party)}
			order = append(order, party)
		}
		return lanes[party]
	}
	first, last := 1<<31, -1<<31
	see := func(day int) { first, last = min(first, day), max(last, day) }
	came, confirmed, left := map[string]int{}, map[string]int{}, map[string]int{}
	for i, l := range f.Chain {
		at, err := trace.ParseWhen(l.At)
		if err != nil {
			continue
		}
		day := int(at.Day())
		see(day)
		who := l.To
		if l.Kind == trace.KindTransfer {
			if l.From != "" {
				lane(l.From)
				left[l.From] = day
			}
			if _, ok := came[l.To]; !ok {
				came[l.To] = day
			}
		} else if l.Kind == trace.KindLoss || l.Kind == trace.KindDestruction {
			who = l.From
		}
		if who == "" {
			continue
		}
		if _, ok := confirmed[who]; !ok && l.Kind != trace.KindTransfer {
			confirmed[who] = day
		}
		x := lane(who)
		x.Marks = append(x.Marks, plot.Mark{Day: day, Number: fmt.Sprint(i + 1)})
	}
	if len(order) == 0 {
		return nil
	}
	t := plot.Timeline{Title: d.say("Chain of custody as a timeline")}
	if f.Query.Recovered != trace.NoDay {
		t.Line, t.LineLabel = int(f.Query.Recovered), d.say("recovered %s", f.Query.Recovered)
		see(t.Line)
	}
	if w := f.Window; w != nil && w.From != trace.NoDay {
		t.Shade = &plot.Lasting{From: int(w.From), To: int(w.To)}
		t.ShadeLabel = d.say("left lawful custody between %s and %s", w.From, w.To)
		see(int(w.From))
	}
	if made := f.Lot; made != nil && made.Made != nil && !made.Made.To.IsZero() {
		see(int(made.Made.To.Day()))
	}
	t.From, t.To = first, last
	holding := map[string]bool{}
	if f.LastHolder != nil {
		holding[f.LastHolder.Party] = true
	}
	for _, x := range f.Candidates {
		holding[x.Party] = true
	}
	var says []string
	for _, p := range order[:min(len(order), mostLanes)] {
		x := lanes[p]
		from, ok := came[p]
		if !ok {
			from = first
		}
		to, gone := left[p]
		if !gone || holding[p] || to < from {
			to, gone = last, false
		}
		sure, isSure := confirmed[p]
		switch {
		case !ok: // the maker, from the beginning
			x.Spans = []plot.Lasting{{From: from, To: to, Open: !gone}}
		case !isSure || sure > to:
			x.Spans = []plot.Lasting{{From: from, To: to, Open: !gone, Pattern: plot.Dotted}}
		default:
			if sure > from {
				x.Spans = append(x.Spans, plot.Lasting{From: from, To: sure, Pattern: plot.Dotted})
			}
			x.Spans = append(x.Spans, plot.Lasting{From: sure, To: to, Open: !gone})
		}
		t.Lanes = append(t.Lanes, *x)
		says = append(says, fmt.Sprintf("%s: %s – %s", p, trace.Day(from), trace.Day(to)))
	}
	t.Desc = strings.Join(says, "; ")
	return t.Draw(pageWidth)
}

// tree draws a lot level by level: below each package those inside it, as wide as
// they have rounds, in the colour of whoever holds them.
func (d *Document) tree(c *Case, k *cast) *plot.Drawing {
	const gap, bar = 3.0, 9.0
	root := c.Lot
	unmark(root, false)
	g := &plot.Drawing{W: pageWidth, Title: d.say("The lot and who holds its parts")}
	depth := min(depthOf(root), 4)
	focus := focusOf(root)
	whole := d.row(g, k, []*trace.Piece{root}, 0, pageWidth, 1, bar, gap, root.Rounds, depth)
	g.H = whole
	if focus != nil && focus != root && float64(askedRounds(root))/float64(max(root.Rounds, 1))*pageWidth < 6 {
		// what was asked about is too small to see: the package around it once more, larger
		y := g.H + 5
		g.Bold(0, y, 2.9, plot.Start, plot.Black, d.say("Enlarged: %s, %s rounds", short(focus.Item, root.Item), words.Group(focus.Rounds)))
		g.H = d.row(g, k, near(focus), 0, pageWidth, y+2, bar, gap, 0, 1)
	}
	g.H = d.legend(g, k, root, g.H+4)
	var says []string
	for _, r := range holdings(root) {
		says = append(says, strings.TrimSpace(r.Party+" "+d.say(word(r.State))))
	}
	g.Desc = strings.Join(says, "; ")
	return g
}

// unmark leaves the mark of what was asked about on the outermost packages alone.
func unmark(p *trace.Piece, inside bool) {
	inside, p.AskedFor = inside || p.AskedFor, p.AskedFor && !inside
	for i := range p.Within {
		unmark(&p.Within[i], inside)
	}
}

// mostLanes is how many parties a timeline shows: as many as a page has room for.
const mostLanes = 20

func word(state string) string { return strings.ReplaceAll(state, "_", " ") }

func depthOf(p *trace.Piece) int {
	most := 0
	for i := range p.Within {
		most = max(most, depthOf(&p.Within[i]))
	}
	return most + 1
}

func askedRounds(p *trace.Piece) (sum int64) {
	if p.AskedFor {
		return p.Rounds
	}
	for i := range p.Within {
		sum += askedRounds(&p.Within[i])
	}
	return sum
}

// focusOf returns the smallest package around what was asked about.
func focusOf(p *trace.Piece) *trace.Piece {
	for i := range p.Within {
		x := &p.Within[i]
		if x.AskedFor {
			return p
		}
		if f := focusOf(x); f != nil {
			return f
		}
	}
	return nil
}

// near returns the parts of a package around what was asked about, so few that
// each can be told apart.
func near(p *trace.Piece) []*trace.Piece {
	const each = 3
	at := slices.IndexFunc(p.Within, func(x trace.Piece) bool { return x.AskedFor })
	end := at
	for end+1 < len(p.Within) && p.Within[end+1].AskedFor {
		end++
	}
	var out []*trace.Piece
	for i := max(at-each, 0); i <= min(end+each, len(p.Within)-1); i++ {
		out = append(out, &p.Within[i])
	}
	return out
}

// row draws pieces side by side, those inside them below, and returns where it
// ends. Whole is the rounds of the full width; zero gives each piece the same width.
func (d *Document) row(g *plot.Drawing, k *cast, pieces []*trace.Piece, x, width, y, bar, gap float64, whole int64, levels int) float64 {
	end := y + bar
	at := x
	sum := whole
	if sum == 0 {
		sum = int64(len(pieces))
	}
	for i := 0; i < len(pieces); {
		if n, rounds := tiny(pieces[i:], width/float64(max(sum, 1))); whole > 0 && n > 1 {
			w := width * float64(rounds) / float64(max(sum, 1))
			g.Rect(at, y, w, bar, plot.Style{Fill: plot.Pale, Stroke: plot.Black, Width: 0.08})
			if s := fmt.Sprint(n); plot.Fit(s, w-0.5, 2.4, false) == s {
				g.Text(at+w/2, y+bar/2+0.8, 2.4, plot.Middle, plot.Black, s)
			}
			d.crowded = true
			at += w
			i += n
			continue
		}
		// pieces that look alike are drawn as one, so that a lot of many crates stays clear
		n := 1
		for whole > 0 && i+n < len(pieces) && alike(pieces[i], pieces[i+n]) {
			n++
		}
		run := pieces[i : i+n]
		var rounds int64
		for _, p := range run {
			rounds += p.Rounds
		}
		w := width * float64(rounds) / float64(max(sum, 1))
		if whole == 0 {
			w = width / float64(len(pieces))
		}
		d.piece(g, k, run, rounds, at, w, y, bar)
		if len(run) == 1 && len(run[0].Within) > 0 && levels > 1 && w >= 3 {
			inner := make([]*trace.Piece, len(run[0].Within))
			for j := range run[0].Within {
				inner[j] = &run[0].Within[j]
			}
			end = max(end, d.row(g, k, inner, at, w, y+bar+gap, bar, gap, run[0].Rounds, levels-1))
		}
		at += w
		i += n
	}
	return end
}

// tiny returns how many of the next pieces are too narrow to be drawn one by one,
// and their rounds. Scale is the millimetres of a round.
func tiny(pieces []*trace.Piece, scale float64) (n int, rounds int64) {
	const narrow = 0.3
	for n < len(pieces) && float64(pieces[n].Rounds)*scale < narrow && !pieces[n].AskedFor && !(n+1 < len(pieces) && alike(pieces[n], pieces[n+1])) {
		rounds += pieces[n].Rounds
		n++
	}
	return n, rounds
}

// alike reports whether two pieces side by side are drawn as one.
func alike(a, b *trace.Piece) bool {
	same := slices.EqualFunc(a.Parts, b.Parts, func(x, y trace.Part) bool {
		return x.Party == y.Party && x.State == y.State && x.Site == y.Site
	})
	return same && len(a.Within) == 0 && len(b.Within) == 0 && a.AskedFor == b.AskedFor && a.Settled && b.Settled && a.Rest == b.Rest
}

// piece draws one package, or a run of like ones.
func (d *Document) piece(g *plot.Drawing, k *cast, run []*trace.Piece, rounds int64, x, w, y, bar float64) {
	p := run[0]
	edge := plot.Style{Stroke: plot.Black, Width: 0.2}
	if w < 1 {
		edge.Width = 0.08
	}
	name := short(p.Item, p.Item.First().Parent().String())
	if len(run) > 1 {
		name = runName(run)
	}
	if p.Rest {
		name = d.say("not packed")
		edge.Dashed = true
	}
	letters := ""
	switch {
	case len(p.Within) > 0 || len(p.Parts) == 0:
		edge.Fill = plot.White
		g.Rect(x, y, w, bar, edge)
	case p.Settled || len(p.Parts) == 1:
		part := p.Parts[0]
		edge.Fill, edge.Pattern = k.colour(part.Party), patternOf(part.State)
		g.Rect(x, y, w, bar, edge)
		letters = k.letter(part.Party)
	default: // one of several: stripes of each, none in a place of its own
		var all int64
		for _, part := range p.Parts {
			all += part.Quantity
		}
		at := y
		var names []string
		for _, part := range p.Parts {
			h := bar * float64(part.Quantity) / float64(max(all, 1))
			g.Rect(x, at, w, h, plot.Style{Fill: k.colour(part.Party), Pattern: patternOf(part.State)})
			at += h
			if l := k.letter(part.Party); !slices.Contains(names, l) {
				names = append(names, l)
			}
		}
		letters = strings.Join(names, "|") + " ?"
		edge.Dashed = true
		g.Rect(x, y, w, bar, edge)
	}
	label := strings.TrimSpace(name + "  " + letters)
	if s := plot.Fit(label, w-1, 2.7, false); s == label {
		back(g, x+w/2, y+3.9, 2.7, label)
		if n := words.Group(rounds); plot.Fit(n, w-1, 2.4, false) == n {
			back(g, x+w/2, y+7.3, 2.4, n)
		}
	} else if letters != "" && plot.Fit(letters, w-0.4, 2.7, false) == letters {
		back(g, x+w/2, y+bar/2+1, 2.7, letters)
	} else if s != "" && letters == "" {
		back(g, x+w/2, y+3.9, 2.7, s)
	}
	if p.AskedFor {
		g.Rect(x, y, w, bar, plot.Style{Stroke: plot.Red, Width: 0.8})
		m := x + w/2
		g.Polygon(plot.Style{Fill: plot.Red}, m, y+bar+0.3, m-1.4, y+bar+2.6, m+1.4, y+bar+2.6)
	}
}

// back writes a text on a field of its own, so that it reads on any pattern.
func back(g *plot.Drawing, x, y, size float64, text string) {
	w := plot.Width(text, size, false)*1.04 + 0.8
	g.Rect(x-w/2, y-size*0.82, w, size*1.08, plot.Style{Fill: plot.White})
	g.Text(x, y, size, plot.Middle, plot.Black, text)
}

// short writes an item without what stands around it.
func short(item marking.Span, around any) string {
	s := item.String()
	return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(s, fmt.Sprint(around)), "/"), s)
}

func runName(run []*trace.Piece) string {
	first := short(run[0].Item, run[0].Item.First().Parent().String())
	last := short(run[len(run)-1].Item, run[len(run)-1].Item.First().Parent().String())
	if i := strings.Index(first, ".."); i >= 0 {
		first = first[:i]
	}
	if i := strings.LastIndex(last, ".."); i >= 0 {
		last = last[i+2:]
	}
	return first + ".." + last
}

// legend says which colour and letter is who, and what the patterns mean; it
// returns where it ends.
func (d *Document) legend(g *plot.Drawing, k *cast, root *trace.Piece, y float64) float64 {
	const line = 5.2
	x := 0.0
	entry := func(fill plot.Colour, pattern plot.Pattern, letter, text string, mark plot.Colour) {
		box := max(7, plot.Width(letter, 2.7, false)*1.1+2)
		w := box + 2 + plot.Width(text, 2.7, false)*1.1 + 4
		if x > 0 && x+w > g.W {
			x, y = 0, y+line
		}
		s := plot.Style{Fill: fill, Stroke: plot.Black, Width: 0.2, Pattern: pattern}
		if mark != "" {
			s = plot.Style{Stroke: mark, Width: 0.7}
		}
		g.Rect(x+0.4, y, box, 3.8, s)
		if letter != "" {
			g.Text(x+0.4+box/2, y+2.9, 2.7, plot.Middle, plot.Black, letter)
		}
		g.Text(x+box+2, y+2.9, 2.7, plot.Start, plot.Black, plot.Fit(text, g.W-9, 2.7, false))
		x += w
	}
	seen, states := map[string]bool{}, map[plot.Pattern][]string{}
	open := false
	for _, r := range holdings(root) {
		seen[r.Party] = true
		if w := d.say(word(r.State)); patternOf(r.State) != plot.Plain && !slices.Contains(states[patternOf(r.State)], w) {
			states[patternOf(r.State)] = append(states[patternOf(r.State)], w)
		}
	}
	var look func(p *trace.Piece)
	look = func(p *trace.Piece) {
		open = open || len(p.Parts) > 1
		for i := range p.Within {
			look(&p.Within[i])
		}
	}
	look(root)
	for _, p := range k.order {
		if seen[p] {
			entry(k.colour(p), plot.Plain, k.letter(p), p, "")
		}
	}
	for _, pattern := range []plot.Pattern{plot.Dotted, plot.Rising, plot.Crossed} {
		if len(states[pattern]) > 0 {
			entry(plot.White, pattern, "", strings.Join(states[pattern], ", "), "")
		}
	}
	if open {
		entry(plot.White, plot.Plain, "A|B ?", d.say("which of them holds which package, no record says"), "")
	}
	if d.crowded {
		entry(plot.Pale, plot.Plain, "12", d.say("so many packages, too narrow to be drawn one by one"), "")
	}
	if askedRounds(root) > 0 {
		entry("", plot.Plain, "", d.say("what was asked about"), plot.Red)
	}
	return y + line
}

// holdings adds up who may hold what of a lot.
func holdings(root *trace.Piece) []trace.Part {
	sum := map[trace.Part]int64{}
	eachPart(root, func(p trace.Part) {
		q := p.Quantity
		p.Quantity, p.Site = 0, ""
		sum[p] += q
	})
	var out []trace.Part
	for p, n := range sum {
		p.Quantity = n
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b trace.Part) int {
		return cmp.Or(cmp.Compare(b.Quantity, a.Quantity), cmp.Compare(a.Party, b.Party), cmp.Compare(a.State, b.State))
	})
	return out
}
