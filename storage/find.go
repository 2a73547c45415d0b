package storage

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/sublot/sublot/trace"
)

// An Index is what records can be found by beside items, names and citations.
type Index byte

// The indexes. A record is found by all parties that it names, its source among
// them; by the sites of its stock, loss or destruction; by the container of a
// transfer or the logistic unit of a repack; by the printed number of a licence
// or certificate; by the country of a recovery; a correction by what it voids.
const (
	ByParty     Index = tagParty
	BySite      Index = tagSite
	ByContainer Index = tagContainer
	ByNumber    Index = tagNumber
	BySeizure   Index = tagSeizure
	ByVoided    Index = tagVoided
)

// Find returns the records that an index has under a text, in log order. Papers
// by their name, licences and certificates among them, are found by
// [Ledger.Citing].
func (l *Ledger) Find(ctx context.Context, by Index, text string) iter.Seq2[trace.Entry, error] {
	return l.listed(ctx, textKey(byte(by), text))
}

// Naming returns the records that name a party, in log order: what a history or
// a dossier begins with.
func (l *Ledger) Naming(ctx context.Context, party string) iter.Seq2[trace.Entry, error] {
	return l.Find(ctx, ByParty, party)
}

// Concerning returns the records that name a party and all recoveries, in log
// order: what package trace reads for the history and the dossier of a party.
func (l *Ledger) Concerning(ctx context.Context, party string) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		var seqs []int64
		for _, prefix := range [][]byte{textKey(tagParty, party), {tagSeizure}} {
			for key, err := range l.keys(ctx, l.db, prefix, after(prefix)) {
				if err != nil {
					yield(trace.Entry{}, err)
					return
				}
				seqs = append(seqs, seqOf(key.Key()))
			}
		}
		slices.Sort(seqs)
		for _, seq := range slices.Compact(seqs) {
			if err := ctx.Err(); err != nil {
				yield(trace.Entry{}, err)
				return
			}
			e, err := l.entry(seq)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// During returns the records that happened from one day to another, both
// included, by day and then in log order. Records without a day are those of
// [trace.NoDay].
func (l *Ledger) During(ctx context.Context, from, to trace.Day) iter.Seq2[trace.Entry, error] {
	return func(yield func(trace.Entry, error) bool) {
		lower, upper := appendDay([]byte{tagDay}, from), after(appendDay([]byte{tagDay}, to))
		for key, err := range l.keys(ctx, l.db, lower, upper) {
			if err != nil {
				yield(trace.Entry{}, err)
				return
			}
			e, err := l.entry(int64(binary.BigEndian.Uint64(key.Key()[len(lower):])))
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
