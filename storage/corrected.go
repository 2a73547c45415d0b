package storage

import (
	"errors"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/trace"
)

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

func (c *correctedRefs) learn(all map[trace.Ref]voidedRecord) {
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

// A voidedRecord is what corrections of one batch void.
type voidedRecord struct {
	by []int // the corrections' places in the batch
	at int   // its own place in the batch, -1 where it is not there
}

// voidsIn returns what the corrections of a batch void, nil where there are none, so
// that what finds its records can be worked out in parts.
func voidsIn(records []preparedRecord) map[trace.Ref]voidedRecord {
	var all map[trace.Ref]voidedRecord
	for i := range records {
		if c, ok := records[i].record.Body.(*trace.Correction); ok {
			if all == nil {
				all = map[trace.Ref]voidedRecord{}
			}
			all[c.Voids] = voidedRecord{append(all[c.Voids].by, i), -1}
		}
	}
	if all == nil {
		return nil
	}
	for i := range records {
		ref := records[i].record.Ref()
		if v, ok := all[ref]; ok {
			v.at = i
			all[ref] = v
		}
	}
	return all
}

// voids writes that a correction names the i-th record of the batch or that this one,
// a correction, names another, into the blocks of who is named, as soon as both are
// there.
func (p *part) voids(r *trace.Record, i int) error {
	w := p.w
	seq := w.first + int64(i)
	if c, ok := r.Body.(*trace.Correction); ok {
		switch v := w.voided[c.Voids]; {
		case v.at > i: // written with it
			return nil
		case v.at >= 0:
			return p.x.eachVoid(w.records[v.at].record, w.first+int64(v.at), correctionOf(r, seq), p.run.put)
		}
		target, err := w.l.Get(c.Voids)
		if errors.Is(err, trace.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return p.x.eachVoid(target.Record, target.Seq, correctionOf(r, seq), p.run.put)
	}
	ref := r.Ref()
	for _, by := range w.voided[ref].by {
		if by > i { // written with it
			break
		}
		if err := p.x.eachVoid(r, seq, correctionOf(w.records[by].record, w.first+int64(by)), p.run.put); err != nil {
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
		return p.x.eachVoid(r, seq, correctionOf(c.Record, at), p.run.put)
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
