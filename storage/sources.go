package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// sourceTotals is what the whole log holds by source, so that the usual question
// needs no walk.
type sourceTotals struct {
	mu     sync.RWMutex
	size   int64 // of the log that is counted
	counts sourceCounts
	list   []trace.SourceCount // counts in the order of names, nil until somebody asks; never changed
}

// all returns what the whole log holds, and false where it holds more than asOf
// records.
func (t *sourceTotals) all(asOf int64) ([]trace.SourceCount, bool) {
	t.mu.RLock()
	list, whole := t.list, asOf < 0 || asOf >= t.size
	t.mu.RUnlock()
	if !whole || list != nil {
		return list, whole
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if asOf >= 0 && asOf < t.size {
		return nil, false
	}
	if t.list == nil {
		t.list = t.counts.sorted()
	}
	return t.list, true
}

// sourceDay is a cell of the histogram of records.
type sourceDay struct {
	source string
	day    trace.Day
}

// read reads the sum of each source, and the last of its days, which is where its
// cells end.
func (t *sourceTotals) read(r pebble.Reader) (err error) {
	t.counts = sourceCounts{}
	if t.size, err = logLength(r); err != nil {
		return err
	}
	sums, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagSourceSum}, UpperBound: []byte{tagSourceSum + 1}})
	if err != nil {
		return err
	}
	defer sums.Close()
	cells, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagSource}, UpperBound: []byte{tagSource + 1}})
	if err != nil {
		return err
	}
	defer cells.Close()
	for sums.First(); sums.Valid(); sums.Next() {
		value, err := sums.ValueAndErr()
		if err != nil {
			return err
		}
		n, used := binary.Uvarint(value)
		length, size := binary.Uvarint(sums.Key()[1:])
		if used != len(value) || size <= 0 || uint64(len(sums.Key())) != 1+uint64(size)+length {
			return errCount
		}
		name := string(sums.Key()[1+size:])
		through := trace.NoDay
		if cells.SeekLT(after(textKey(tagSource, name))) {
			if source, day, ok := parseSourceKey(cells.Key()); ok && source == name {
				through = day
			}
		}
		t.counts[name] = &trace.SourceCount{Source: name, Records: int64(n), Through: through}
	}
	return errors.Join(sums.Error(), cells.Error())
}

// A sourceGain is what records bring to the count of a source.
type sourceGain struct {
	trace.SourceCount
	of *trace.SourceCount // the count, nil where the source is new
}

// gains looks for the counts that records will add to, which join need not do then.
// It is called by who may append.
func (t *sourceTotals) gains(counts []trace.SourceCount) []sourceGain {
	out := make([]sourceGain, len(counts))
	for i, c := range counts {
		out[i] = sourceGain{c, t.counts[c.Source]}
	}
	return out
}

// join counts the records that an append brought.
func (t *sourceTotals) join(size int64, gains []sourceGain) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.size, t.list = size, nil
	for _, g := range gains {
		if g.of == nil {
			t.counts.join(g.SourceCount)
			continue
		}
		g.of.Records += g.Records
		g.of.Through = max(g.of.Through, g.Through)
	}
}

// sourceCounts says what some records come to, by source.
type sourceCounts map[string]*trace.SourceCount

// add counts records of a cell.
func (s sourceCounts) add(c sourceDay, n int64) {
	of := s[c.source]
	if of == nil {
		of = &trace.SourceCount{Source: c.source, Through: trace.NoDay}
		s[c.source] = of
	}
	of.Records += n
	of.Through = max(of.Through, c.day)
}

// join adds what more holds.
func (s sourceCounts) join(more ...trace.SourceCount) {
	for _, c := range more {
		s.add(sourceDay{c.Source, c.Through}, c.Records)
	}
}

// sorted lists the counts in the order of names.
func (s sourceCounts) sorted() []trace.SourceCount {
	out := make([]trace.SourceCount, 0, len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) {
		out = append(out, *s[name])
	}
	return out
}

// eachSourceDay calls f for each cell of the histogram.
func eachSourceDay(ctx context.Context, r pebble.Reader, f func(c sourceDay, n int64)) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagSource}, UpperBound: []byte{tagSource + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		source, day, ok := parseSourceKey(it.Key())
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		n, used := binary.Uvarint(value)
		if !ok || used != len(value) {
			return errCount
		}
		f(sourceDay{source, day}, int64(n))
	}
	return it.Error()
}

// Sources implements [trace.Ledger]. For fewer records than the log holds it
// walks over the shorter part of the log.
func (l *Ledger) Sources(ctx context.Context, asOf int64, known trace.Day) ([]trace.SourceCount, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if known == trace.NoDay {
		if list, ok := l.sources.all(asOf); ok {
			return list, nil
		}
	}
	snapshot := l.db.NewSnapshot()
	defer snapshot.Close()
	size, err := logLength(snapshot)
	if err != nil {
		return nil, l.fault(err)
	}
	if asOf < 0 || asOf > size {
		asOf = size
	}
	cells := map[sourceDay]int64{}
	from, to, sign := int64(0), asOf, int64(1)
	if asOf > size/2 {
		from, to, sign = asOf, size, -1
		err := eachSourceDay(ctx, snapshot, func(c sourceDay, n int64) { cells[c] = n })
		if err != nil {
			return nil, l.fault(err)
		}
	}
	for e, err := range l.walk(ctx, snapshot, from) {
		if err != nil {
			return nil, err
		}
		if e.Seq >= to {
			break
		}
		cells[sourceDay{e.Record.Source, e.Record.Known()}] += sign
	}
	counts := sourceCounts{}
	for c, n := range cells {
		if n > 0 && (known == trace.NoDay || c.day <= known) {
			counts.add(c, n)
		}
	}
	return counts.sorted(), nil
}
