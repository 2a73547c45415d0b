package storage

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/sublot/sublot/trace"
)

// Keys of a bulk load are sorted in runs that fit into memory, each written beside
// the ledger; what is read back is their merger.

// run sorts what finds the waiting records, in a goroutine of its own.
func (b *bulk) run() error {
	err := b.fault()
	if err == nil {
		err = b.ctx.Err()
	}
	if err != nil || len(b.waiting) == 0 {
		return err
	}
	if err := b.l.checkSpace(0); err != nil {
		return err
	}
	records, first := b.waiting, b.first
	b.waiting, b.first = make([]preparedRecord, 0, runRecords), b.first+int64(len(records))
	b.slots <- struct{}{}
	b.running.Go(func() {
		defer func() { <-b.slots }()
		if err := b.sortRun(records, first); err != nil {
			b.fail(err)
		}
	})
	return nil
}

// fail notes what went wrong beside the caller, who is told next time.
func (b *bulk) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed == nil {
		b.failed = err
	}
}

// fault returns what went wrong beside the caller.
func (b *bulk) fault() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// A runRoom is where what finds the records of a run is gathered.
type runRoom struct {
	*keyRun
	parties listing[string]    // records, by their number in the run, that name them
	dates   listing[trace.Day] // records that happened then
}

func newRunRoom() *runRoom {
	return &runRoom{newKeyRun(), newListing(compareTexts), newListing(cmp.Compare[trace.Day])}
}

// sortRun writes what finds the records, the first of which is at a place, as one
// run.
func (b *bulk) sortRun(records []preparedRecord, first int64) error {
	r := <-b.rooms
	defer func() { b.rooms <- r }()
	r.clear()
	r.parties.clear()
	r.dates.clear()
	var x indexer
	for i := range records {
		if err := b.gather(r, &x, &records[i], first, i); err != nil {
			return err
		}
	}
	if err := b.take(r.keyRun, "run", first, func(tag byte, w *runWriter) (known bool, err error) {
		switch tag {
		case tagParty:
			return true, writePlaces(w, &r.parties, first, func(key []byte, party string) []byte { return appendTextKey(key, tag, party) })
		case tagDay:
			return true, writePlaces(w, &r.dates, first, func(key []byte, day trace.Day) []byte { return appendDay(append(key, tag), day) })
		case tagSource:
			return true, b.writeDays(w, &r.days)
		}
		return false, nil
	}); err != nil {
		return err
	}
	return b.fewer()
}

// gather gathers what finds the i-th record of a run.
func (b *bulk) gather(r *runRoom, x *indexer, p *preparedRecord, first int64, i int) error {
	seq := first + int64(i)
	err := x.eachOwn(p.record, seq, func(k indexKey) error {
		switch k.key[0] {
		case tagName: // where it stands, to be told of a second one
			r.value = binary.AppendUvarint(append(r.value[:0], k.value...), uint64(p.place))
			k.value, k.merged = r.value, true
		case tagVoided: // so that it need not be read again
			r.value = binary.AppendVarint(binary.AppendVarint(r.value[:0], int64(p.record.At.Day())), int64(p.record.Known()))
			k.value = r.value
		}
		return r.putKey(k)
	})
	if err != nil {
		return err
	}
	x.parties = p.record.AppendParties(x.parties[:0])
	for _, party := range x.parties {
		r.parties.add(party, uint32(i))
	}
	r.dates.add(p.record.At.Day(), uint32(i))
	r.addDay(p.record)
	ref := p.record.Ref()
	if b.from == 0 || !b.l.corrected.has(ref) {
		return nil
	}
	return b.l.eachVoiding(b.l.db, ref, func(at int64) error {
		c, err := b.l.entry(at)
		if err != nil {
			return err
		}
		return x.eachVoid(p.record, seq, correctionOf(c.Record, at), r.putKey)
	})
}

// writePlaces writes which records of a run, whose first is at a place, a listing has.
func writePlaces[K comparable](w *runWriter, l *listing[K], first int64, appendKey func([]byte, K) []byte) error {
	var key, further []byte
	return l.each(func(name K, numbers []uint32) error {
		key = binary.BigEndian.AppendUint64(appendKey(key[:0], name), uint64(first)+uint64(numbers[0]))
		further = appendPlaces(further[:0], numbers)
		return w.add(key, further)
	})
}

// writeDays writes the days that sources have records of, and counts these.
func (b *bulk) writeDays(w *runWriter, l *listing[string]) error {
	var key, list []byte
	var counts []trace.SourceCount
	err := l.each(func(source string, days []uint32) error {
		counts = append(counts, countOf(source, days))
		key, list = appendTextKey(key[:0], tagSource, source), appendDays(list[:0], days)
		return w.add(key, list)
	})
	b.mu.Lock()
	b.counts.join(counts...)
	b.mu.Unlock()
	return err
}

// take writes a run, about records from a place on. Other, where it is not nil, writes
// what has a tag instead, if it knows it.
func (b *bulk) take(r *keyRun, name string, from int64, other func(tag byte, w *runWriter) (known bool, err error)) error {
	w, err := newRunWriter(b.l.fs, b.l.fs.PathJoin(b.dir, fmt.Sprintf("%s-%d", name, from)), from)
	if err != nil {
		return err
	}
	j := joiners.Get().(*joiner)
	set := newRunSet(r)
	for tag := byte(0); err == nil && tag < tagTile; tag++ {
		known := false
		if other != nil {
			known, err = other(tag, w)
		}
		if !known {
			err = j.each(set, tag, w.add, w.add)
		}
	}
	joiners.Put(j)
	run, finishErr := w.finish()
	b.mu.Lock()
	b.runs = append(b.runs, run)
	b.mu.Unlock()
	return errors.Join(err, finishErr)
}

// fewer makes one run of several where there are so many that reading them together
// would take too much memory.
func (b *bulk) fewer() error {
	for tier := 0; ; tier++ {
		b.mu.Lock()
		var some, others []*runFile
		for _, r := range b.runs {
			if r.tier == tier {
				some = append(some, r)
			} else {
				others = append(others, r)
			}
		}
		if len(some) < maxRuns {
			b.mu.Unlock()
			return nil
		}
		b.runs = others
		b.mu.Unlock()
		run, err := b.mergeRuns(some)
		b.mu.Lock()
		if err != nil {
			b.runs = append(b.runs, some...) // to be removed with the others
		} else {
			run.tier = tier + 1
			b.runs = append(b.runs, run)
		}
		b.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// mergeRuns makes one run of several, and removes them.
func (b *bulk) mergeRuns(some []*runFile) (*runFile, error) {
	first := slices.MinFunc(some, func(x, y *runFile) int { return cmp.Compare(x.from, y.from) })
	w, err := newRunWriter(b.l.fs, first.name+".merged", first.from)
	if err != nil {
		return nil, err
	}
	for tag := byte(0); err == nil && tag <= tagTile; tag++ {
		err = b.each(b.ctx, some, keyRange{tag: tag}, w.add)
	}
	run, finishErr := w.finish()
	if err = errors.Join(err, finishErr); err != nil {
		return nil, errors.Join(err, run.remove(b.l.fs))
	}
	for _, r := range some {
		err = errors.Join(err, r.remove(b.l.fs))
	}
	return run, err
}

// each calls f for each key of a range in runs, in order.
func (b *bulk) each(ctx context.Context, runs []*runFile, of keyRange, f func(key, value []byte) error) error {
	m, err := newRunMerger(runs, of)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		ok, err := m.next()
		if !ok || err != nil {
			return err
		}
		if err := f(m.key, m.value); err != nil {
			return err
		}
		if n%10_000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
