package trace

import (
	ordered "container/list"
	"runtime"
	"sync"

	"github.com/sublot/sublot/marking"
)

// A Shelf keeps lots laid out, with the parties and papers that were looked up for
// them, for the next questions about the same lots. A [Ledger] that has a method
// Shelf() *Shelf is asked so, and tells its shelf of every append by [Shelf.Appended].
//
// Whoever asks about a lot takes it off the shelf and puts it back afterwards, so that
// what lies there is in nobody's hands. All methods may be called by several goroutines.
type Shelf struct {
	mu      sync.Mutex
	most    int // records and look-ups kept
	size    int
	lots    map[marking.ID][]*ordered.Element
	order   *ordered.List // of *shelved, what was put back last at the end
	looked  map[Ref]struct{}
	changes int64 // how often something was appended

	sources []SourceCount // the list that was added up last
	records int64         // its sum

	// Lots that were asked about of late, mostAsked in each at most.
	asked, before map[marking.ID]struct{}
}

// mostAsked is how many lots a shelf remembers to have been asked about, at least.
const mostAsked = 1024

// A shelved is a lot laid out from all that a ledger held, for any day, and what was
// looked up for it.
type shelved struct {
	laid *laid
	view *view
	size int
}

// NewShelf returns an empty shelf that keeps lots of so many records at most,
// each look-up of a party or a paper counted as one, too.
func NewShelf(records int) *Shelf {
	s := &Shelf{most: records}
	s.clear()
	return s
}

func (s *Shelf) clear() {
	s.size, s.lots, s.order, s.looked = 0, map[marking.ID][]*ordered.Element{}, ordered.New(), map[Ref]struct{}{}
}

// expects reports whether a lot with so many items is to be laid out whole for the next
// questions: it was asked about of late, and has room on the shelf.
func (s *Shelf) expects(lot marking.ID, items int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if items > s.most/4 {
		return false
	}
	if _, again := s.asked[lot]; again {
		return true
	}
	if _, again := s.before[lot]; again {
		return true
	}
	if s.asked == nil || len(s.asked) == mostAsked {
		s.asked, s.before = map[marking.ID]struct{}{}, s.asked
	}
	s.asked[lot] = struct{}{}
	return false
}

// recordsOf adds up a list of sources, once where it is the same list again: a ledger
// of many sources gives the one it has until something is appended.
func (s *Shelf) recordsOf(sources []SourceCount) (records int64) {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(sources) > 0 && len(sources) == len(s.sources) && &sources[0] == &s.sources[0] {
			return s.records
		}
	}
	for _, c := range sources {
		records += c.Records
	}
	if s != nil {
		s.sources, s.records = sources, records
	}
	return records
}

// shelfOf returns the shelf of a ledger, nil where it has none.
func shelfOf(l Ledger) *Shelf {
	if l, ok := l.(interface{ Shelf() *Shelf }); ok {
		return l.Shelf()
	}
	return nil
}

// take takes a lot off the shelf, nil where it is not there. What it returns beside it
// is for [Shelf.put].
func (s *Shelf) take(lot marking.ID) (*shelved, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.lots[lot]
	if len(all) == 0 {
		return nil, s.changes
	}
	last := all[len(all)-1]
	s.remove(lot, last)
	return last.Value.(*shelved), s.changes
}

// remove takes one of the last of a lot off the shelf.
func (s *Shelf) remove(lot marking.ID, at *ordered.Element) {
	all := s.lots[lot]
	for i, e := range all {
		if e == at {
			all = append(all[:i], all[i+1:]...)
			break
		}
	}
	if len(all) == 0 {
		delete(s.lots, lot)
	} else {
		s.lots[lot] = all
	}
	s.size -= s.order.Remove(at).(*shelved).size
}

// put puts a lot on the shelf, unless something was appended since take gave changes,
// which may not have been seen, or the lot depends on others.
func (s *Shelf) put(x *shelved, changes int64) {
	x.size = len(x.laid.records) + x.view.looks
	s.mu.Lock()
	defer s.mu.Unlock()
	lot := x.laid.lot
	if changes != s.changes || x.view.elsewhere || x.size > s.most/4 || len(s.lots[lot]) >= runtime.GOMAXPROCS(0) {
		return
	}
	for by := range x.view.cited {
		s.looked[by.ref] = struct{}{}
	}
	s.lots[lot] = append(s.lots[lot], s.order.PushBack(x))
	for s.size += x.size; s.size > s.most; {
		oldest := s.order.Front()
		s.remove(oldest.Value.(*shelved).laid.lot, oldest)
	}
	if len(s.looked) > s.most { // of lots long gone
		s.clear()
	}
}

// Appended takes off the shelf what no longer holds once records are in the ledger, and
// is called before an append returns. Nil means records that nobody has at hand.
func (s *Shelf) Appended(records []*Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	if len(s.lots) == 0 {
		return
	}
	if records == nil {
		s.clear()
		return
	}
	for _, r := range records {
		if s.reachesOthers(r) {
			s.clear()
			return
		}
	}
	var items []marking.Span
	for _, r := range records {
		for _, item := range r.AppendItems(items[:0]) {
			lot := item.First().Lot()
			for len(s.lots[lot]) > 0 {
				s.remove(lot, s.lots[lot][0])
			}
		}
	}
}

// reachesOthers reports whether a record may change what is said of lots that it does
// not name: it is of a party or a paper, voids something, or names what was looked up.
func (s *Shelf) reachesOthers(r *Record) bool {
	switch r.Kind {
	case KindLot, KindPack, KindRepack, KindTransfer, KindDelivery, KindStock, KindLoss, KindDestruction, KindSighting, KindRecovery:
		for _, ref := range r.Cites() {
			if _, ok := s.looked[ref]; ok {
				return true
			}
		}
		return false
	}
	return true
}
