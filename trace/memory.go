package trace

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/sublot/sublot/marking"
)

// Memory is a [Ledger] in memory: the plain one, to read and to test with. It
// keeps nothing when the program ends.
type Memory struct {
	mu      sync.RWMutex
	log     []Entry                // never changed up to its length, so that readers may keep a part of it
	byRef   map[Ref]int64          // place in the log
	byLot   map[marking.ID][]int64 // records with an item of the lot
	byCited map[Ref][]int64
	byParty map[string][]int64
}

// NewMemory returns an empty ledger.
func NewMemory() *Memory {
	return &Memory{
		byRef:   map[Ref]int64{},
		byLot:   map[marking.ID][]int64{},
		byCited: map[Ref][]int64{},
		byParty: map[string][]int64{},
	}
}

// Append implements [Ledger].
func (m *Memory) Append(ctx context.Context, records []*Record) (Appended, error) {
	if err := ctx.Err(); err != nil {
		return Appended{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()

	var done Appended
	fresh := make([]*Record, 0, len(records))
	seen := map[Ref]*Record{}
	for _, r := range records {
		old := seen[r.Ref()]
		if seq, ok := m.byRef[r.Ref()]; ok {
			old = m.log[seq].Record
		}
		switch {
		case old == nil:
			seen[r.Ref()] = r
			fresh = append(fresh, r)
			done.Accepted++
		case bytes.Equal(old.Canonical, r.Canonical):
			done.Duplicate++
		default:
			return Appended{}, &ConflictError{r.Ref()}
		}
	}
	for _, r := range fresh {
		m.add(r)
	}
	return done, nil
}

// add puts a record at the end of the log and into every index.
func (m *Memory) add(r *Record) {
	seq := int64(len(m.log))
	m.log = append(m.log, Entry{Seq: seq, Record: r})
	m.byRef[r.Ref()] = seq
	for _, lot := range lotsOf(r) {
		m.byLot[lot] = append(m.byLot[lot], seq)
	}
	for _, ref := range r.Cites() {
		m.byCited[ref] = append(m.byCited[ref], seq)
	}
	if party := r.Describes(); party != "" {
		m.byParty[party] = append(m.byParty[party], seq)
	}
}

// lotsOf returns the lots of a record's items, each once.
func lotsOf(r *Record) []marking.ID {
	var lots []marking.ID
	for _, item := range r.Items() {
		lots = append(lots, item.First().Lot())
	}
	slices.SortFunc(lots, marking.ID.Compare)
	return slices.Compact(lots)
}

// Len implements [Ledger].
func (m *Memory) Len() int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int64(len(m.log))
}

// All implements [Ledger].
func (m *Memory) All(ctx context.Context, from int64) iter.Seq2[Entry, error] {
	m.mu.RLock()
	defer m.mu.RUnlock()
	from = min(max(from, 0), int64(len(m.log)))
	return entries(ctx, m.log[from:], nil)
}

// Get implements [Ledger].
func (m *Memory) Get(ref Ref) (Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	seq, ok := m.byRef[ref]
	if !ok {
		return Entry{}, ErrNotFound
	}
	return m.log[seq], nil
}

// Touching implements [Ledger].
func (m *Memory) Touching(ctx context.Context, span marking.Span) iter.Seq2[Entry, error] {
	overlaps := func(item marking.Span) bool { return !item.Intersect(span).IsZero() }
	return m.pick(ctx, func() []int64 { return m.byLot[span.First().Lot()] }, func(r *Record) bool {
		return slices.ContainsFunc(r.Items(), overlaps)
	})
}

// Citing implements [Ledger].
func (m *Memory) Citing(ctx context.Context, ref Ref, kind Kind) iter.Seq2[Entry, error] {
	return m.pick(ctx, func() []int64 { return m.byCited[ref] }, func(r *Record) bool { return r.Kind == kind })
}

// About implements [Ledger].
func (m *Memory) About(ctx context.Context, party string) iter.Seq2[Entry, error] {
	return m.pick(ctx, func() []int64 { return m.byParty[party] }, nil)
}

// pick yields the entries at the places given that are wanted, as the log
// stands when the sequence is asked for.
func (m *Memory) pick(ctx context.Context, places func() []int64, want func(*Record) bool) iter.Seq2[Entry, error] {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Entry
	for _, seq := range places() {
		found = append(found, m.log[seq])
	}
	return entries(ctx, found, want)
}

// entries yields the entries that are wanted until the context ends.
func entries(ctx context.Context, all []Entry, want func(*Record) bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range all {
			if err := ctx.Err(); err != nil {
				yield(Entry{}, err)
				return
			}
			if (want == nil || want(e.Record)) && !yield(e, nil) {
				return
			}
		}
	}
}

// Lots implements [Ledger].
func (m *Memory) Lots(ctx context.Context, maker string) iter.Seq2[marking.ID, error] {
	m.mu.RLock()
	lots := slices.SortedFunc(maps.Keys(m.byLot), marking.ID.Compare)
	m.mu.RUnlock()
	return func(yield func(marking.ID, error) bool) {
		for _, lot := range lots {
			if err := ctx.Err(); err != nil {
				yield(marking.ID{}, err)
				return
			}
			if (maker == "" || lot.Maker() == maker) && !yield(lot, nil) {
				return
			}
		}
	}
}

// Sources implements [Ledger].
func (m *Memory) Sources(ctx context.Context, asOf int64, known Day) ([]SourceCount, error) {
	counts := map[string]SourceCount{}
	for e, err := range m.All(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if asOf >= 0 && e.Seq >= asOf {
			break
		}
		day := e.Record.Known()
		if known != NoDay && day > known {
			continue
		}
		c, ok := counts[e.Record.Source]
		if !ok {
			c = SourceCount{Source: e.Record.Source, Through: NoDay}
		}
		c.Records++
		c.Through = max(c.Through, day)
		counts[c.Source] = c
	}
	out := make([]SourceCount, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, counts[name])
	}
	return out, nil
}

var _ Ledger = (*Memory)(nil)
