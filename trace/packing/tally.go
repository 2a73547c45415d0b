package packing

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Config says whose line it is: what every record states.
type Config struct {
	Source string // party that asserts the records, the maker
	Holder string // party that holds the goods; empty for Source
	Site   string // where the line stands, such as "works, hall 2"

	// Prefix begins the ids of the records: PREFIX-1, PREFIX-2 … . Give each shift
	// one of its own, such as XCW24C001-012-A: an id is never used again.
	Prefix string

	// RejectSite is where rejected rounds are kept until they are destroyed; empty
	// for "reject store".
	RejectSite string
}

// An Error says why something cannot have happened to a package.
type Error struct {
	Item   marking.ID
	Reason string
	hint   string
}

func (e *Error) Error() string { return fmt.Sprintf("packing: %v: %s", e.Item, e.Reason) }

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

func refuse(item marking.ID, hint, format string, args ...any) error {
	return &Error{Item: item, Reason: fmt.Sprintf(format, args...), hint: hint}
}

// A Tally follows the packages of a lot from the first box to the last pallet, and
// writes the records. What it is told must add up; what does not is refused, and
// changes nothing. Several stations may use one.
type Tally struct {
	cfg   Config
	mu    sync.Mutex
	lot   marking.ID
	units map[marking.ID]*unit
	spoil []spoilt
	moves []trace.Record // in the order in which they happened
}

// A unit is a package, or one that packages were packed into.
type unit struct {
	level   marking.Level
	rounds  int64 // as packed; 0 while not stated
	inside  int64 // rounds in the packages told of that lie in it
	gone    int64 // rounds rejected or sampled, of it or of what is in it
	load    string
	loaded  int // packages in it that are loaded by themselves
	packed  bool
	inOrder []marking.ID // packages born in it, as they came
}

// A spoilt label is one of a number that no package bears, or a second one of a
// package.
type spoilt struct {
	item    marking.ID
	reprint bool
	why     string
}

// New begins the tally of a lot of so many rounds; 0 where the lot ends when the
// line stops.
func New(lot marking.ID, rounds int64, cfg Config) (*Tally, error) {
	if lot.IsZero() || lot.Depth() != 0 {
		return nil, refuse(lot, "give a lot such as XCW/XCW24C001-012", "not a lot")
	}
	if cfg.Source == "" || cfg.Prefix == "" || cfg.Site == "" {
		return nil, refuse(lot, "set Config.Source, Config.Prefix and Config.Site", "a tally without source, prefix or site")
	}
	if cfg.Holder == "" {
		cfg.Holder = cfg.Source
	}
	if cfg.RejectSite == "" {
		cfg.RejectSite = "reject store"
	}
	t := &Tally{cfg: cfg, lot: lot, units: map[marking.ID]*unit{}}
	t.units[lot] = &unit{level: marking.Lot, rounds: rounds, packed: true}
	return t, nil
}

// Pack says that a package was filled with so many rounds. Packages in it and
// around it may be told before or after; a package that none is told of, such as a
// sub-lot, has what its parts have. A part-full package is one with fewer rounds.
func (t *Tally) Pack(id marking.ID, level marking.Level, rounds int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := marking.ParseLevel(string(level)); err != nil || level == marking.Lot {
		return refuse(id, "the level is sublot, pallet, case, crate, tin, box, carton or item", "level %q", level)
	}
	if rounds < 1 {
		return refuse(id, "an empty package is not packed; a number that was spoilt goes to Void", "%d rounds", rounds)
	}
	if !t.lot.Contains(id) || id == t.lot {
		return refuse(id, "begin a tally for that lot", "no package of %v", t.lot)
	}
	if i := slices.IndexFunc(t.spoil, func(s spoilt) bool { return s.item == id && !s.reprint }); i >= 0 {
		return refuse(id, "take the next number", "its number was spoilt: %s", t.spoil[i].why)
	}
	u := t.units[id]
	if u != nil && u.packed {
		return refuse(id, "a number stands for one package: take the next one from the allocator", "packed before")
	}
	if u != nil && u.inside != rounds {
		return refuse(id, "count again: what is in a package makes up the package", "%d rounds, and the packages in it hold %d", rounds, u.inside)
	}
	if u == nil {
		// All around it, up to what was closed before it, must have room for it; only
		// then is anything changed.
		around := t.around(id)
		for _, up := range around {
			if p := t.units[up]; p != nil && p.rounds > 0 && p.inside+rounds > p.rounds {
				return refuse(id, "count again: at no level may the parts exceed the whole",
					"%d rounds more in %v, which holds %d and has %d in packages", rounds, up, p.rounds, p.inside)
			}
		}
		u = t.at(id)
		for _, up := range around {
			t.units[up].inside += rounds
		}
	}
	u.level, u.rounds, u.packed = level, rounds, true
	return nil
}

// around returns what a package lies in, up to and with the first that was closed:
// what that one holds was counted when it was.
func (t *Tally) around(id marking.ID) (all []marking.ID) {
	for up := id.Parent(); ; up = up.Parent() {
		all = append(all, up)
		if p := t.units[up]; p != nil && p.packed {
			return all
		}
	}
}

// at returns a unit, made where it is not there, with those around it.
func (t *Tally) at(id marking.ID) *unit {
	u := t.units[id]
	if u == nil {
		u = &unit{}
		t.units[id] = u
		p := t.at(id.Parent())
		p.inOrder = append(p.inOrder, id)
	}
	return u
}

// Void says that a number was spoilt: its label was torn, or failed the check after
// printing, and no package bears it.
func (t *Tally) Void(id marking.ID, why string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u := t.units[id]; u != nil || !t.lot.Contains(id) {
		return refuse(id, "a package that was packed is not void: reject its rounds, or reprint its label", "it is a package of the lot, or of another lot")
	}
	if !slices.ContainsFunc(t.spoil, func(s spoilt) bool { return s.item == id && !s.reprint }) {
		t.spoil = append(t.spoil, spoilt{item: id, why: why})
	}
	return nil
}

// Reprint says that a package got a second label with the same number. The first
// one may still be about, which the records say: two sightings of one number are
// then no riddle.
func (t *Tally) Reprint(id marking.ID, why string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := t.known(id); err != nil {
		return err
	}
	t.spoil = append(t.spoil, spoilt{item: id, reprint: true, why: why})
	return nil
}

func (t *Tally) known(id marking.ID) (*unit, error) {
	u := t.units[id]
	if u == nil || !u.packed || id == t.lot {
		return nil, refuse(id, "say first that it was packed", "no package that was packed")
	}
	return u, nil
}

// Reject takes rounds out of a package for a fault, to the store for rejects: a
// stock record. They stay the maker's, and in the lot's quantity.
func (t *Tally) Reject(at trace.When, id marking.ID, rounds int64, why string) error {
	return t.take(at, id, rounds, why, &trace.Stock{
		Holder: t.cfg.Holder, Site: t.cfg.RejectSite, Movement: "move", FromSite: t.cfg.Site, Condition: "rejected",
	})
}

// Sample takes rounds out of a package to be fired in proof: a stock record.
func (t *Tally) Sample(at trace.When, id marking.ID, rounds int64, why string) error {
	return t.take(at, id, rounds, why, &trace.Stock{Holder: t.cfg.Holder, Site: t.cfg.Site, Movement: "expend"})
}

func (t *Tally) take(at trace.When, id marking.ID, rounds int64, why string, s *trace.Stock) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u, err := t.known(id)
	if err != nil {
		return err
	}
	if left := u.rounds - u.gone; rounds < 1 || rounds > left {
		return refuse(id, "count again: no more can be taken out than is in it", "%d rounds, of %d that are left in it", rounds, left)
	}
	for up := id; up != t.lot; up = up.Parent() {
		if p := t.units[up]; p.packed && p.gone+rounds > p.rounds {
			return refuse(up, "count again: no more can be taken out than is in it", "%d rounds more, of %d that are left in it", rounds, p.rounds-p.gone)
		}
	}
	s.Lines = []trace.Line{{Item: marking.SpanOf(id), Quantity: rounds}}
	if err := t.happened(trace.Record{At: at, Note: why, Body: s}); err != nil {
		return err
	}
	for up := id; up != t.lot; up = up.Parent() {
		t.units[up].gone += rounds
	}
	return nil
}

// Load puts packages into a logistic unit such as a pallet with an SSCC; Unload
// takes them out. They keep their names: a repack record. A package is in one such
// unit at most, by itself or with the package around it.
func (t *Tally) Load(at trace.When, unit string, ids ...marking.ID) error {
	return t.repack(at, unit, "into", ids)
}

// Unload takes packages out of a logistic unit.
func (t *Tally) Unload(at trace.When, unit string, ids ...marking.ID) error {
	return t.repack(at, unit, "out_of", ids)
}

func (t *Tally) repack(at trace.When, load, action string, ids []marking.ID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(ids) == 0 || load == "" {
		return refuse(t.lot, "name a unit and what goes into it", "nothing to load, or no unit")
	}
	if want := checkDigit(load[:min(17, len(load))]); len(load) == 18 && strings.Trim(load, "0123456789") == "" && want != load[17] {
		return refuse(ids[0], "read the number of the pallet again", "%s has a wrong check digit, wanted %c", load, want)
	}
	var lines []trace.Line
	seen := map[marking.ID]bool{}
	for _, id := range ids {
		u, err := t.known(id)
		if err != nil {
			return err
		}
		for up := id; up != t.lot; up = up.Parent() {
			if seen[up] {
				return refuse(id, "name each package once", "named twice, or with the package around it")
			}
			if p := t.units[up]; action == "into" && p.load != "" {
				return refuse(id, "take it out there first", "it stands in %s", p.load)
			}
		}
		switch {
		case action == "into" && u.loaded > 0:
			return refuse(id, "take those out first", "%d packages in it stand in other units", u.loaded)
		case action == "out_of" && u.load != load:
			return refuse(id, "look where it was put", "it does not stand in %s", load)
		case u.rounds == u.gone:
			return refuse(id, "leave it out", "it is empty")
		}
		seen[id] = true
		lines = append(lines, trace.Line{Item: marking.SpanOf(id), Quantity: u.rounds - u.gone})
	}
	for id := range seen { // one named before the package around it
		for up := id.Parent(); !up.IsZero() && up != t.lot; up = up.Parent() {
			if seen[up] {
				return refuse(id, "name each package once", "named twice, or with the package around it")
			}
		}
	}
	r := trace.Record{At: at, Body: &trace.Repack{Holder: t.cfg.Holder, Unit: load, Action: action, Lines: merged(lines)}}
	if err := t.happened(r); err != nil {
		return err
	}
	change := 1
	if action == "out_of" {
		load, change = "", -1
	}
	for _, id := range ids {
		t.units[id].load = load
		for up := id.Parent(); ; up = up.Parent() {
			t.units[up].loaded += change
			if up == t.lot {
				break
			}
		}
	}
	return nil
}

// checkDigit returns the last digit of an SSCC after the others, by the rule of GS1.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (3 - i%2*2)
	}
	return byte('0' + (10-sum%10)%10)
}

// Judge says what became of the lot: accepted, rejected or recalled; a status
// record about the record of the lot.
func (t *Tally) Judge(at trace.When, lot trace.Ref, state, why string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.happened(trace.Record{At: at, Body: &trace.Status{Of: lot, State: state, Reason: why}})
}

// happened keeps a record, checked, without its id.
func (t *Tally) happened(r trace.Record) error {
	r.Source, r.ID = t.cfg.Source, t.cfg.Prefix+"-0"
	if _, err := trace.NewRecord(r); err != nil {
		return err
	}
	t.moves = append(t.moves, r)
	return nil
}
