package storage

import (
	"errors"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

// A correction is a record that voids another, and its place in the log.
type correction struct {
	seq    int64
	record *trace.Record
}

// correctedRefs are the names of all records that corrections void, there or
// not: few in any ledger, and asked for with every record.
type correctedRefs struct {
	mu    sync.RWMutex
	known map[trace.Ref]struct{}
}

func (c *correctedRefs) read(r pebble.Reader) error {
	c.known = map[trace.Ref]struct{}{}
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagVoided}, UpperBound: []byte{tagVoided + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		text, ok := listedText(it.Key())
		if !ok {
			return errCount
		}
		c.known[trace.Ref(text)] = struct{}{}
	}
	return it.Error()
}

func (c *correctedRefs) has(ref trace.Ref) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.known[ref]
	return ok
}

func (c *correctedRefs) learn(all map[trace.Ref][]correction) {
	if len(all) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref := range all {
		c.known[ref] = struct{}{}
	}
}

func (c *correctedRefs) learnRefs(refs []trace.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ref := range refs {
		c.known[ref] = struct{}{}
	}
}

// Corrected reports whether any correction in the log names the record, without
// reading it. Whether one counts is for the rules to say.
func (l *Ledger) Corrected(ref trace.Ref) bool { return l.corrected.has(ref) }

// voids writes that a correction names a record, into the blocks of the record,
// as soon as both are there.
func (p *part) voids(r *trace.Record, seq int64) error {
	w := p.w
	if c, ok := r.Body.(*trace.Correction); ok {
		w.corrections[c.Voids] = append(w.corrections[c.Voids], correction{seq, r})
		target, ok := w.added[c.Voids]
		if !ok {
			var err error
			if target, err = w.l.Get(c.Voids); err != nil {
				if errors.Is(err, trace.ErrNotFound) {
					err = nil
				}
				return err
			}
		}
		return p.x.eachVoid(target.Record, target.Seq, r, seq, p.run.put)
	}
	ref := r.Ref()
	for _, c := range w.corrections[ref] {
		if err := p.x.eachVoid(r, seq, c.record, c.seq, p.run.put); err != nil {
			return err
		}
	}
	if !w.l.corrected.has(ref) {
		return nil
	}
	return w.l.eachVoiding(w.l.db, ref, func(at int64) error {
		c, err := w.l.entry(at)
		if err != nil {
			return err
		}
		return p.x.eachVoid(r, seq, c.Record, at, p.run.put)
	})
}

// eachVoiding calls f for the places of the corrections that name a record.
func (l *Ledger) eachVoiding(r pebble.Reader, ref trace.Ref, f func(seq int64) error) error {
	prefix := textKey(tagVoided, string(ref))
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return err
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		if err := f(seqOf(it.Key())); err != nil {
			return err
		}
	}
	return it.Error()
}
