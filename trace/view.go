package trace

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/sublot/sublot/marking"
)

// A view is what a question may see of a ledger: the first records of the log
// that were known on a day, less those that a correction voids. What it looked up
// it keeps, for as long as the ledger stays the same.
type view struct {
	ctx     context.Context
	ledger  Ledger
	asOf    int64                // negative: all
	known   Day                  // NoDay: any day
	parties map[string][]Entry   // all that describes a party, by its id
	kinds   map[kindOf][]*Record // what of it is of one kind and stands, in its order
	groups  map[groupOn]string
	cited   map[citedBy][]*Record
	papers  map[Ref]*Record // nil: none that stands
	voids   map[Ref]*voidance
	looks   int // entries that were looked up

	elsewhere bool // a lot was laid out with a look at others

	// corrected reports whether any correction names a record: nil where the
	// ledger does not know without looking.
	corrected func(Ref) bool
}

type kindOf struct {
	party string
	kind  Kind
}

type citedBy struct {
	ref  Ref
	kind Kind
}

func newView(ctx context.Context, l Ledger, asOf int64, known Day) *view {
	v := &view{ctx: ctx, ledger: l, asOf: asOf, known: known,
		parties: map[string][]Entry{}, kinds: map[kindOf][]*Record{}, groups: map[groupOn]string{},
		cited: map[citedBy][]*Record{}, papers: map[Ref]*Record{}, voids: map[Ref]*voidance{}}
	if c, ok := l.(interface{ Corrected(Ref) bool }); ok {
		v.corrected = c.Corrected
	}
	return v
}

// inLog reports whether the record is among the first records of the log.
func (v *view) inLog(e Entry) bool { return v.asOf < 0 || e.Seq < v.asOf }

// isKnown reports whether the record was known on the day.
func (v *view) isKnown(r *Record) bool { return v.known == NoDay || r.Known() <= v.known }

func (v *view) sees(e Entry) bool { return v.inLog(e) && v.isKnown(e.Record) }

// get returns the record of that name if it is seen and not voided, else nil.
func (v *view) get(ref Ref) (*Record, error) {
	if ref == "" {
		return nil, nil
	}
	if r, known := v.papers[ref]; known {
		return r, nil
	}
	r, err := v.find(ref)
	if err == nil {
		v.papers[ref] = r
		v.looks++
	}
	return r, err
}

func (v *view) find(ref Ref) (*Record, error) {
	e, err := v.ledger.Get(ref)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil || !v.sees(e) {
		return nil, err
	}
	void, err := v.voided(e.Record)
	if err != nil || void != nil {
		return nil, err
	}
	return e.Record, nil
}

// citing returns the seen records of one kind that name ref and are not voided,
// in the order of their names: the order of the log must not matter. The list is shared.
func (v *view) citing(ref Ref, kind Kind) ([]*Record, error) {
	by := citedBy{ref, kind}
	if out, known := v.cited[by]; known {
		return out, nil
	}
	all, err := v.seenOf(v.ledger.Citing(v.ctx, ref, kind))
	if err != nil {
		return nil, err
	}
	out, err := v.standing(all, kind)
	if err == nil {
		v.cited[by] = out
	}
	return out, err
}

// standing returns the records of a kind among some entries that are not voided, in the
// order of their days and names. Who may void a record is itself read from party
// records, which therefore all stand.
func (v *view) standing(all []Entry, kind Kind) ([]*Record, error) {
	var out []*Record
	for _, e := range all {
		if e.Record.Kind != kind {
			continue
		}
		if kind != KindParty {
			if void, err := v.voided(e.Record); err != nil {
				return nil, err
			} else if void != nil {
				continue
			}
		}
		out = append(out, e.Record)
	}
	sortRecords(out)
	return out, nil
}

// seenOf returns those of some entries that are seen.
func (v *view) seenOf(entries iter.Seq2[Entry, error]) (all []Entry, err error) {
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		if v.sees(e) {
			all = append(all, e)
		}
	}
	v.looks += 1 + len(all)
	return all, nil
}

func sortRecords(rs []*Record) { slices.SortFunc(rs, compareRecords) }

// compareRecords compares records by their days and then by their names.
func compareRecords(a, b *Record) int {
	if c := cmp.Compare(a.At.Day(), b.At.Day()); c != 0 {
		return c // most often: names need not be put together
	}
	return cmp.Compare(a.Ref(), b.Ref())
}

// touching returns the records of the log about an item, seen or not, in the
// order of their names.
func (v *view) touching(s marking.Span) ([]*Record, error) {
	var out []*Record
	for e, err := range v.ledger.Touching(v.ctx, s) {
		if err != nil {
			return nil, err
		}
		if v.inLog(e) {
			out = append(out, e.Record)
		}
	}
	sortRecords(out)
	return out, nil
}

// A voidance is the answer to whether a record is voided.
type voidance struct {
	by   *Record // the correction that counts, nil where none does
	open bool    // being worked out: a circle of corrections voids nothing
}

// voided returns the correction that voids r, or nil. A correction counts from
// the source of the record or an authority of that source's country, whatever
// its date, unless a correction voids it in turn (R0).
func (v *view) voided(r *Record) (*Record, error) {
	ref := r.Ref()
	if v.corrected != nil && !v.corrected(ref) {
		return nil, nil
	}
	if known := v.voids[ref]; known != nil {
		return known.by, nil
	}
	return v.voidedBy(r, ref)
}

// voidedBy is voided for a record that a correction may name.
func (v *view) voidedBy(r *Record, ref Ref) (*Record, error) {
	w := &voidance{open: true}
	v.voids[ref] = w
	for e, err := range v.ledger.Citing(v.ctx, ref, KindCorrection) {
		if err != nil {
			return nil, err
		}
		c := e.Record.Body.(*Correction)
		if c.Voids != ref || !v.sees(e) || e.Record == r {
			continue
		}
		counts, err := v.speaksFor(e.Record.Source, NoDay, r.Source)
		if err != nil {
			return nil, err
		}
		if !counts {
			continue
		}
		if inner := v.voids[e.Record.Ref()]; inner != nil && inner.open {
			continue
		}
		void, err := v.voided(e.Record)
		if err != nil {
			return nil, err
		}
		if void == nil && (w.by == nil || e.Record.Ref() < w.by.Ref()) {
			w.by = e.Record
		}
	}
	w.open = false
	return w.by, nil
}

// about returns the seen records of a kind that describe a party, not voided,
// in the order of their days and names. The list is shared.
func (v *view) about(party string, kind Kind) ([]*Record, error) {
	of := kindOf{party, kind}
	if out, known := v.kinds[of]; known {
		return out, nil
	}
	all, known := v.parties[party]
	if !known {
		var err error
		if all, err = v.seenOf(v.ledger.About(v.ctx, party)); err != nil {
			return nil, err
		}
		v.parties[party] = all // set before voided, which asks for parties itself
	}
	out, err := v.standing(all, kind)
	if err == nil {
		v.kinds[of] = out
	}
	return out, err
}

// party returns what the records say of a party on a day: the latest record
// whose at is not after it, else the earliest. Nil means that none is on record.
func (v *view) party(id string, on Day) (*Party, error) {
	rs, err := v.about(id, KindParty)
	if err != nil || len(rs) == 0 {
		return nil, err
	}
	if on == NoDay {
		on = lastDay
	}
	best := rs[0]
	for _, r := range rs[1:] {
		if r.At.Day() <= on {
			best = r
		}
	}
	return best.Body.(*Party), nil
}

func (p *Party) has(role string) bool { return p != nil && slices.Contains(p.Roles, role) }

// country returns a party's country, empty where it is not on record.
func (v *view) country(id string, on Day) (string, error) {
	p, err := v.party(id, on)
	if p == nil {
		return "", err
	}
	return p.Country, nil
}

// speaksFor reports whether source is one of the parties, or an authority of
// the country of one (R0).
func (v *view) speaksFor(source string, on Day, parties ...string) (bool, error) {
	if slices.Contains(parties, source) {
		return true, nil
	}
	s, err := v.party(source, on)
	if err != nil || !s.has("authority") {
		return false, err
	}
	for _, id := range parties {
		c, err := v.country(id, on)
		if err != nil {
			return false, err
		}
		if c != "" && c == s.Country {
			return true, nil
		}
	}
	return false, nil
}

// group returns the party that a party is a unit of, at the top, or that took
// over from it by then.
func (v *view) group(id string, on Day) (string, error) {
	at := groupOn{id, on}
	if g, known := v.groups[at]; known {
		return g, nil
	}
	for range 16 { // a circle of parents ends somewhere
		p, err := v.party(id, on)
		if err != nil {
			return id, err
		}
		if p == nil || p.Parent == "" && p.Successor == "" {
			break
		}
		id = cmp.Or(p.Parent, p.Successor)
	}
	v.groups[at] = id
	return id, nil
}

type groupOn struct {
	party string
	on    Day
}

// tookOver reports whether a party took over from another by a day, itself or
// from its successors.
func (v *view) tookOver(party, from string, on Day) (bool, error) {
	for range 16 {
		p, err := v.party(from, on)
		if err != nil || p == nil || p.Successor == "" {
			return false, err
		}
		if from = p.Successor; from == party {
			return true, nil
		}
	}
	return false, nil
}

func (v *view) named(id string, on Day) (NamedParty, error) {
	p, err := v.party(id, on)
	if err != nil || p == nil {
		return NamedParty{Party: id}, err
	}
	return NamedParty{Party: id, Name: p.Name, Country: p.Country}, nil
}
