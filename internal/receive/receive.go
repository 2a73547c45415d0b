package receive

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Mark is one mark found in a picture.
type Mark struct {
	Image     string     `json:"image"`
	Item      marking.ID `json:"item"`
	Signature string     `json:"signature"`        // valid, invalid, unsigned, unknown_key, revoked_key
	Reason    string     `json:"reason,omitempty"` // why it is not valid
	Rounds    int64      `json:"rounds,omitempty"` // as the mark claims; 0: it does not say
}

// Order says what is received and how the draft is named.
type Order struct {
	Transfer trace.Ref
	At       trace.When // day of the receipt
	Source   string     // who drafts the record; empty: the recipient
	ID       string     // of the draft; empty: made of the transfer and the day
	GrossKg  float64    // weighed; 0: not
}

// A Report is what arrived, against the papers.
type Report struct {
	Transfer trace.Ref `json:"transfer"`
	From     string    `json:"from"`
	To       string    `json:"to"`

	Scanned  int   `json:"scanned"`  // marks
	Counted  int   `json:"counted"`  // packages
	Rounds   int64 `json:"rounds"`   // in them
	Expected int64 `json:"expected"` // rounds, by the papers

	Signatures map[string]int `json:"signatures"` // marks by the state of their signature
	Repeats    []Repeat       `json:"repeats"`
	Flags      []Flag         `json:"flags"`
	Missing    []Missing      `json:"missing"`
	NotCounted []NotCounted   `json:"not_counted"`
	Earlier    []trace.Ref    `json:"earlier,omitempty"` // deliveries of this transfer on record already

	Marks []Mark `json:"marks"` // all of them, as scanned

	Record *trace.Record `json:"record,omitempty"` // the draft; nil where nothing was counted
}

// A Repeat is a package seen more than once. It is counted once.
type Repeat struct {
	Item   marking.ID `json:"item"`
	Images []string   `json:"images"`
	Says   string     `json:"says"`
}

// A Flag is where marks and papers differ.
type Flag struct {
	Code   string       `json:"code"` // DOCUMENT_MISMATCH, SHORT_DELIVERY, SOURCES_DISAGREE
	Item   marking.Span `json:"item,omitzero"`
	Images []string     `json:"images,omitempty"`
	Says   string       `json:"says"`
}

// Missing is what the papers name and no mark shows.
type Missing struct {
	Item     marking.Span `json:"item"` // the packages, or the line of the papers where they are not told apart
	Quantity int64        `json:"quantity"`
}

// NotCounted is a mark that names nothing which may be counted.
type NotCounted struct {
	Image string     `json:"image"`
	Item  marking.ID `json:"item,omitzero"`
	Says  string     `json:"says"`
}

// Differs reports whether anything is not as the papers say.
func (r *Report) Differs() bool {
	return len(r.Flags) > 0 || len(r.Missing) > 0 || len(r.NotCounted) > 0
}

// An Error says why nothing can be received.
type Error struct {
	Says string
	hint string
}

func (e *Error) Error() string { return "receive: " + e.Says }

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Draft holds the marks against the papers of a transfer. Errors are an [*Error]
// or those of the ledger.
func Draft(ctx context.Context, l trace.Ledger, o Order, marks []Mark) (*Report, error) {
	r, t, err := transfer(ctx, l, o)
	if err != nil {
		return nil, err
	}
	d := &draft{ctx: ctx, ledger: l, order: o, paper: r, transfer: t, rounds: map[marking.ID]int64{}, images: map[marking.ID][]string{},
		report: &Report{Transfer: o.Transfer, From: t.From, To: t.To, Scanned: len(marks), Marks: marks, Signatures: map[string]int{},
			Repeats: []Repeat{}, Flags: []Flag{}, Missing: []Missing{}, NotCounted: []NotCounted{}}}
	if err := d.earlier(); err != nil {
		return nil, err
	}
	if err := d.count(marks); err != nil {
		return nil, err
	}
	if err := d.compare(); err != nil {
		return nil, err
	}
	return d.report, d.record()
}

func transfer(ctx context.Context, l trace.Ledger, o Order) (*trace.Record, *trace.Transfer, error) {
	e, err := l.Get(o.Transfer)
	if err == trace.ErrNotFound {
		return nil, nil, &Error{fmt.Sprintf("no record %s", o.Transfer), "name the transfer as SOURCE:ID, as its paper or sublot trace shows it; import the papers first"}
	} else if err != nil {
		return nil, nil, err
	}
	t, ok := e.Record.Body.(*trace.Transfer)
	if !ok {
		return nil, nil, &Error{fmt.Sprintf("%s is a %s, wanted a transfer", o.Transfer, e.Record.Kind), "name the transfer that the goods came by"}
	}
	void, err := trace.VoidedBy(ctx, l, e.Record)
	switch {
	case err != nil:
		return nil, nil, err
	case void != nil:
		hint := "find out which transfer the goods came by; its record is to be on file first"
		if by := void.Body.(*trace.Correction).ReplacedBy; by != "" {
			hint = fmt.Sprintf("it was replaced by %s", by)
		}
		return nil, nil, &Error{fmt.Sprintf("%s was voided by %s", o.Transfer, void.Ref()), hint}
	}
	if o.At.Day() < e.Record.At.Day() {
		return nil, nil, &Error{fmt.Sprintf("received on %s, and %s was dispatched on %s", o.At, o.Transfer, e.Record.At), "check the day of the receipt, and that it is this transfer"}
	}
	return e.Record, t, nil
}

type draft struct {
	ctx      context.Context
	ledger   trace.Ledger
	order    Order
	paper    *trace.Record
	transfer *trace.Transfer

	items  []marking.ID // counted
	rounds map[marking.ID]int64
	images map[marking.ID][]string
	wrong  []marking.ID // counted, and not on the papers
	found  []trace.Discrepancy
	report *Report
}

// earlier lists the deliveries of the transfer that are on record and stand.
func (d *draft) earlier() error {
	for e, err := range d.ledger.Citing(d.ctx, d.order.Transfer, trace.KindDelivery) {
		if err != nil {
			return err
		}
		if void, err := trace.VoidedBy(d.ctx, d.ledger, e.Record); err != nil {
			return err
		} else if void == nil {
			d.report.Earlier = append(d.report.Earlier, e.Record.Ref())
		}
	}
	return nil
}

// count takes each package once and finds out how many rounds it holds.
func (d *draft) count(marks []Mark) error {
	claims := map[marking.ID]int64{}
	for _, m := range marks {
		d.report.Signatures[m.Signature]++
		switch {
		case m.Signature == string(marking.StateInvalid):
			d.report.NotCounted = append(d.report.NotCounted, NotCounted{m.Image, m.Item, "the signature does not hold: " + m.Reason})
			continue
		case m.Item.Depth() == 0:
			d.report.NotCounted = append(d.report.NotCounted, NotCounted{m.Image, m.Item, "the mark names a lot and no package of it"})
			continue
		}
		if d.images[m.Item] == nil {
			d.items = append(d.items, m.Item)
		}
		d.images[m.Item] = append(d.images[m.Item], m.Image)
		claims[m.Item] = max(claims[m.Item], m.Rounds)
	}
	slices.SortFunc(d.items, marking.ID.Compare)
	for _, item := range d.items {
		if images := d.images[item]; len(images) > 1 {
			d.report.Repeats = append(d.report.Repeats, Repeat{item, images, fmt.Sprintf("seen %d times, counted once", len(images))})
		}
	}
	d.withoutInner()
	known := d.items[:0]
	for _, s := range Runs(d.items) {
		each, err := d.onRecord(s)
		if err != nil {
			return err
		}
		for item := range s.All() {
			switch claim := claims[item]; {
			case each > 0 && claim > 0 && each != claim:
				d.flag("DOCUMENT_MISMATCH", marking.SpanOf(item), "The mark says %d rounds, the records %d: the records are used.", claim, each)
				d.rounds[item] = each
			case each > 0 || claim > 0:
				d.rounds[item] = cmp.Or(each, claim)
			default:
				d.report.NotCounted = append(d.report.NotCounted, NotCounted{strings.Join(d.images[item], ", "), item, "neither a record nor the mark says how many rounds it holds"})
				continue
			}
			known = append(known, item)
			d.report.Rounds += d.rounds[item]
		}
	}
	d.items = known
	d.report.Counted = len(d.items)
	return nil
}

// withoutInner leaves out what lies inside a package that was scanned too.
func (d *draft) withoutInner() {
	var out []marking.ID
	for _, item := range d.items { // a package comes before what it holds
		if n := len(out); n > 0 && out[n-1].Contains(item) {
			d.report.Repeats = append(d.report.Repeats, Repeat{item, d.images[item], fmt.Sprintf("lies inside %s, which was scanned too and counts", out[n-1])})
			continue
		}
		out = append(out, item)
	}
	d.items = out
}

// onRecord returns the rounds in each package of a span by the packing records:
// the maker's word, else the largest; 0 where none says.
func (d *draft) onRecord(s marking.Span) (each int64, err error) {
	makers := false
	err = d.packs(s, func(r *trace.Record, p *trace.Pack) {
		maker := r.Source == s.First().Maker()
		for _, u := range p.Units {
			if u.Each == 0 || u.Item.First().Depth() != s.First().Depth() || !u.Item.Contains(s) {
				continue
			}
			if maker && !makers {
				each, makers = u.Each, true
			} else if maker == makers {
				each = max(each, u.Each)
			}
		}
	})
	return each, err
}

// packs calls f for the packing records about a span that stand.
func (d *draft) packs(s marking.Span, f func(r *trace.Record, p *trace.Pack)) error {
	for e, err := range d.ledger.Touching(d.ctx, s) {
		if err != nil {
			return err
		}
		p, ok := e.Record.Body.(*trace.Pack)
		if !ok {
			continue
		}
		if void, err := trace.VoidedBy(d.ctx, d.ledger, e.Record); err != nil {
			return err
		} else if void == nil {
			f(e.Record, p)
		}
	}
	return nil
}

func (d *draft) flag(code string, item marking.Span, format string, args ...any) {
	f := Flag{Code: code, Item: item, Says: fmt.Sprintf(format, args...)}
	if !item.IsRun() {
		f.Images = d.images[item.First()]
	}
	d.report.Flags = append(d.report.Flags, f)
}

// compare holds what was counted against each line of the papers.
func (d *draft) compare() error {
	placed := map[marking.ID]bool{}
	for _, l := range d.transfer.Lines {
		d.report.Expected += l.Quantity
		var got int64
		var here []marking.ID
		for _, item := range d.items {
			if l.Item.Holds(item) || marking.SpanOf(item).Contains(l.Item) {
				placed[item] = true
				here = append(here, item)
				got += d.rounds[item]
			}
		}
		switch {
		case got > l.Quantity:
			d.flag("DOCUMENT_MISMATCH", l.Item, "The papers say %d rounds of %s, %d arrived.", l.Quantity, l.Item, got)
			d.found = append(d.found, trace.Discrepancy{Type: "over", Item: l.Item, Quantity: got - l.Quantity})
		case got < l.Quantity:
			d.flag("SHORT_DELIVERY", l.Item, "The papers say %d rounds of %s, %d arrived.", l.Quantity, l.Item, got)
			d.found = append(d.found, trace.Discrepancy{Type: "short", Item: l.Item, Quantity: l.Quantity - got})
			missing, err := d.missing(l, here, l.Quantity-got)
			if err != nil {
				return err
			}
			d.report.Missing = append(d.report.Missing, missing...)
		}
	}
	for _, item := range d.items {
		if !placed[item] {
			d.wrong = append(d.wrong, item)
		}
	}
	for _, s := range Runs(d.wrong) {
		var rounds int64
		for item := range s.All() {
			rounds += d.rounds[item]
			d.flag("DOCUMENT_MISMATCH", marking.SpanOf(item), "The papers say %s, the mark says %s.", lines(d.transfer.Lines), item)
		}
		d.found = append(d.found, trace.Discrepancy{Type: "wrong_lot", Item: s, Quantity: rounds})
	}
	if kg := d.order.GrossKg; kg > 0 && d.transfer.GrossKg > 0 && kg != d.transfer.GrossKg {
		d.flag("DOCUMENT_MISMATCH", marking.Span{}, "The papers say %g kg, %g kg were weighed.", d.transfer.GrossKg, kg)
	}
	return nil
}

// missing lists the packages of a line that no mark shows, where the records
// tell them apart at the level that was scanned; else the line itself.
func (d *draft) missing(l trace.Line, here []marking.ID, short int64) ([]Missing, error) {
	whole := []Missing{{l.Item, short}}
	units, err := d.units(l, here)
	if err != nil || units == nil {
		return whole, err
	}
	var out []Missing
	var sum int64
	for _, u := range units {
		at, end := u.Item.Ordinals()
		gap := func(to uint64) { // the packages from at to before to
			if s := u.Item.SpanIn(at, to-1); to > at && !s.IsZero() {
				out = append(out, Missing{s, u.Each * s.Count()})
				sum += u.Each * s.Count()
			}
		}
		for _, item := range here {
			if u.Item.Holds(item) {
				n, _ := marking.SpanOf(item).Ordinals()
				gap(n)
				at = n + 1
			}
		}
		gap(end + 1)
	}
	if sum != short {
		return whole, nil // part of the line only was sent: which packages is not told
	}
	return out, nil
}

// units returns the packages of a line at the level of those scanned, as far as
// the packing records give all of the line.
func (d *draft) units(l trace.Line, here []marking.ID) ([]trace.Unit, error) {
	depth := 0
	for _, item := range here {
		depth = item.Depth()
	}
	var out []trace.Unit
	err := d.packs(l.Item, func(_ *trace.Record, p *trace.Pack) {
		for _, u := range p.Units {
			if _, _, width := u.Item.Series(); u.Each == 0 || width == 0 || depth > 0 && u.Item.First().Depth() != depth {
				continue
			}
			if u.Item = u.Item.Intersect(l.Item); u.Item.IsZero() || u.Item == l.Item && u.Item.First().Depth() < depth {
				continue
			}
			if depth == 0 && len(out) > 0 && out[0].Item.First().Depth() != u.Item.First().Depth() {
				continue // nothing was scanned: one level is enough
			}
			if !slices.ContainsFunc(out, func(o trace.Unit) bool { return !o.Item.Intersect(u.Item).IsZero() }) {
				out = append(out, u)
			}
		}
	})
	slices.SortFunc(out, func(a, b trace.Unit) int { return a.Item.Compare(b.Item) })
	return out, err
}

// record drafts the delivery.
func (d *draft) record() error {
	if len(d.items) == 0 {
		return nil
	}
	body := &trace.Delivery{Transfer: d.order.Transfer, To: d.transfer.To, GrossKg: d.order.GrossKg, Discrepancies: d.found}
	for _, s := range Runs(d.items) {
		var rounds int64
		for item := range s.All() {
			rounds += d.rounds[item]
		}
		body.Lines = append(body.Lines, trace.Line{Item: s, Quantity: rounds})
	}
	states := make([]string, 0, len(d.report.Signatures))
	for _, state := range slices.Sorted(maps.Keys(d.report.Signatures)) {
		states = append(states, fmt.Sprintf("%d %s", d.report.Signatures[state], state))
	}
	r := trace.Record{Source: cmp.Or(d.order.Source, d.transfer.To), ID: d.order.ID, At: d.order.At, Body: body,
		Note: fmt.Sprintf("drafted from %d scanned marks (%s)", d.report.Scanned, strings.Join(states, ", "))}
	if r.ID == "" {
		r.ID = fmt.Sprintf("DVC-%s-%s", d.paper.ID, d.order.At.Day())
	}
	var err error
	d.report.Record, err = trace.NewRecord(r)
	return err
}

func lines(ls []trace.Line) string {
	const most = 4
	var s []string
	for i, l := range ls {
		if i == most {
			s = append(s, fmt.Sprintf("%d more", len(ls)-most))
			break
		}
		s = append(s, l.Item.String())
	}
	return strings.Join(s, ", ")
}

// Runs joins packages, in their order, into spans of siblings that follow each
// other.
func Runs(items []marking.ID) []marking.Span {
	var out []marking.Span
	for _, item := range items {
		next := marking.SpanOf(item)
		if n := len(out); n > 0 {
			if joined := joined(out[n-1], next); !joined.IsZero() {
				out[n-1] = joined
				continue
			}
		}
		out = append(out, next)
	}
	return out
}

func joined(a, b marking.Span) marking.Span {
	ap, apre, aw := a.Series()
	bp, bpre, bw := b.Series()
	if ap != bp || apre != bpre || aw != bw || aw == 0 {
		return marking.Span{}
	}
	lo, hi := a.Ordinals()
	n, _ := b.Ordinals()
	if n != hi+1 {
		return marking.Span{}
	}
	return a.SpanIn(lo, n)
}
