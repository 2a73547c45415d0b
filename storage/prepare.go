package storage

import (
	"bytes"
	"context"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// A preparedRecord is what can be worked out of a record without its place.
type preparedRecord struct {
	record  *trace.Record
	name    uint64 // hash, see recentNames; not of a bulk load
	place   int64  // as the caller of a bulk load names it; see Ledger.prepare for others
	encoded []byte
	leaf    tlog.Hash
}

// prepareRecord encodes a record at the end of an arena, and hashes it.
func prepareRecord(r *trace.Record, arena *[]byte) preparedRecord {
	from := len(*arena)
	*arena = encodeRecord(*arena, r)
	return preparedRecord{record: r, encoded: (*arena)[from:len(*arena):len(*arena)], leaf: tlog.RecordHash(r.Canonical)}
}

// fresh returns a writer of the records that the log does not hold yet, which has worked
// out what finds them; nil where there are no such records.
func (l *Ledger) fresh(ctx context.Context, records []*trace.Record) (*writer, trace.Appended, error) {
	w, err := l.prepare(ctx, records)
	if err != nil {
		w.release()
		return nil, trace.Appended{}, err
	}
	if allNew(w.records) {
		return w, trace.Appended{Accepted: int64(len(records))}, nil
	}
	w.release() // their places are others, and so is what they are encoded to from here on
	fresh, done, err := l.without(w.records)
	if err != nil || len(fresh) == 0 {
		return nil, done, err
	}
	w = l.newWriter(ctx, fresh)
	err = w.share(func(p *part, i int) error {
		r := fresh[i].record
		fresh[i].encoded = prepareRecord(r, &p.arena).encoded
		return p.add(r, i)
	})
	if err != nil {
		w.release()
		return nil, trace.Appended{}, err
	}
	return w, done, nil
}

// without leaves out the records that the log holds, or that came before in the same
// batch.
func (l *Ledger) without(all []preparedRecord) (fresh []preparedRecord, done trace.Appended, err error) {
	fresh = all[:0]
	type name struct{ source, id string }
	seen := make(map[name][]byte, len(all))
	for _, p := range all {
		n := name{p.record.Source, p.record.ID}
		canonical, found := seen[n]
		if !found && p.place >= 0 {
			found = true
			if canonical, err = l.canonical(p.place); err != nil {
				return nil, trace.Appended{}, err
			}
		}
		switch {
		case !found:
			seen[n] = p.record.Canonical
			fresh = append(fresh, p)
			done.Accepted++
		case bytes.Equal(canonical, p.record.Canonical):
			done.Duplicate++
		default:
			return nil, trace.Appended{}, &trace.ConflictError{Ref: p.record.Ref()}
		}
	}
	return fresh, done, nil
}

// allNew reports whether it can be told by hashes of names that no record was in the log
// or came twice. Nearly always it can.
func allNew(all []preparedRecord) bool {
	names := make([]uint64, len(all))
	for i := range all {
		if all[i].place >= 0 {
			return false
		}
		names[i] = all[i].name
	}
	slices.Sort(names)
	return len(slices.Compact(names)) == len(all)
}

// prepare works out what can be of records without the others. The place of each is
// where its name stands in the log, -1 where it does not. The writer has what finds
// the records if all are new; nearly always they are.
func (l *Ledger) prepare(ctx context.Context, records []*trace.Record) (*writer, error) {
	out := make([]preparedRecord, len(records))
	for i, r := range records {
		out[i].record = r
	}
	w := l.newWriter(ctx, out)
	return w, w.share(func(p *part, i int) error {
		r := records[i]
		hash, place := p.names.hash(r), int64(-1)
		if l.tree.size > 0 {
			var err error
			if place, err = p.names.place(hash); err != nil {
				return err
			}
		}
		of := prepareRecord(r, &p.arena)
		out[i].encoded, out[i].leaf, out[i].name, out[i].place = of.encoded, of.leaf, hash, place // others read the record
		if p.known = p.known || place >= 0; p.known {
			return nil
		}
		return p.add(r, i)
	})
}
