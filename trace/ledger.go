package trace

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/sublot/sublot/marking"
)

// An Entry is a record and its place in the log.
type Entry struct {
	Seq    int64 // 0 for the first record
	Record *Record
}

// A Ledger is an append-only log of records with the look-ups that the rules
// need. [Memory] is the plain one; package storage has the durable one. Both
// give the same findings, byte for byte. One that is asked often keeps a [Shelf].
//
// Records that a ledger returns are shared: callers do not change them. Where a
// sequence is returned it is in log order, each record once. A ledger may be
// read by several goroutines while one appends.
type Ledger interface {
	// Append adds records at the end of the log, all of them or none. A record
	// that is there already in equal canonical form is passed over and counted
	// as duplicate; one whose name is there with other content, in the ledger
	// or earlier in records, fails with a [*ConflictError]. On return without
	// error the records are durable.
	Append(ctx context.Context, records []*Record) (Appended, error)

	// Len returns how many records the log holds.
	Len() int64

	// All returns the records from the given place in the log on.
	All(ctx context.Context, from int64) iter.Seq2[Entry, error]

	// Get returns the record of that name, or [ErrNotFound].
	Get(ref Ref) (Entry, error)

	// Touching returns the records with an item that overlaps span: lots,
	// packs, lines, units, pointers, sightings and recoveries.
	Touching(ctx context.Context, span marking.Span) iter.Seq2[Entry, error]

	// Citing returns the records of a kind that name the given one: licences,
	// consents, transfers, deliveries, statuses or corrections that refer to it.
	Citing(ctx context.Context, ref Ref, kind Kind) iter.Seq2[Entry, error]

	// About returns the records that describe a party: party, coverage, report
	// and key records; and, by a name that is no party's, pointers records. The
	// name is that of [Record.Describes].
	About(ctx context.Context, party string) iter.Seq2[Entry, error]

	// Lots returns the lots that records name, in the order of identities: of
	// one maker, or of all where maker is empty.
	Lots(ctx context.Context, maker string) iter.Seq2[marking.ID, error]

	// Sources returns what the first asOf records of the log hold that was
	// known on the given day, by source, in the order of their names. A
	// negative asOf means all records, NoDay any day. The list may be shared.
	Sources(ctx context.Context, asOf int64, known Day) ([]SourceCount, error)
}

// Appended counts what an append did.
type Appended struct {
	Accepted  int64 `json:"accepted"`
	Duplicate int64 `json:"duplicate"`
}

// A SourceCount says how many records of a source were searched, and up to
// which day they were known.
type SourceCount struct {
	Source  string `json:"source"`
	Records int64  `json:"records"`
	Through Day    `json:"through,omitzero"` // the last day on which one of them became known, NoDay where none is dated
}

// ErrNotFound says that a ledger has no record of the name asked for.
var ErrNotFound = errors.New("trace: no such record")

// A ConflictError says that a record's name is taken by other content.
type ConflictError struct {
	Ref Ref
}

func (e *ConflictError) Error() string {
	return "trace: " + string(e.Ref) + " exists with other content"
}

// Hint says how a record is corrected.
func (e *ConflictError) Hint() string {
	return "a record is never changed: give the new one another id, and void the old one with a correction record"
}

// Items returns the items that the record is about, each as it was written:
// what [Ledger.Touching] looks them up by.
func (r *Record) Items() []marking.Span { return r.AppendItems(nil) }

// AppendItems appends what [Record.Items] returns.
func (r *Record) AppendItems(out []marking.Span) []marking.Span {
	switch b := r.Body.(type) {
	case *Lot:
		return append(out, marking.SpanOf(b.Item))
	case *Pack:
		out = append(out, marking.SpanOf(b.Item))
		for _, u := range b.Units {
			out = append(out, u.Item)
		}
		return out
	case *Pointers:
		return append(out, b.Items)
	case *Sighting:
		return append(out, b.Item)
	case *Recovery:
		for _, it := range b.Items {
			if !it.Item.IsZero() {
				out = append(out, it.Item)
			}
		}
		return out
	}
	for _, l := range r.Lines() {
		out = append(out, l.Item)
	}
	return out
}

// Lines returns the lines of a repack, consent, transfer, delivery, stock, loss
// or destruction record, and nothing for the other kinds.
func (r *Record) Lines() []Line {
	switch b := r.Body.(type) {
	case *Repack:
		return b.Lines
	case *Consent:
		return b.Lines
	case *Transfer:
		return b.Lines
	case *Delivery:
		return b.Lines
	case *Stock:
		return b.Lines
	case *Loss:
		return b.Lines
	case *Destruction:
		return b.Lines
	}
	return nil
}

// Cites returns the names of the records that this one refers to: what
// [Ledger.Citing] looks it up by.
func (r *Record) Cites() []Ref { return r.AppendCites(nil) }

// AppendCites appends what [Record.Cites] returns.
func (r *Record) AppendCites(refs []Ref) []Ref {
	add := func(all ...Ref) {
		for _, ref := range all {
			if ref != "" {
				refs = append(refs, ref)
			}
		}
	}
	switch b := r.Body.(type) {
	case *Licence:
		add(b.EUC)
	case *Consent:
		add(b.EUC)
	case *Transfer:
		add(b.Licence)
		if b.EUC != b.Licence {
			add(b.EUC)
		}
	case *Delivery:
		add(b.Transfer)
	case *Status:
		add(b.Of)
	case *Correction:
		add(b.Voids)
		if b.ReplacedBy != b.Voids {
			add(b.ReplacedBy)
		}
	}
	return refs
}

// Describes returns the party that a party, coverage, report or key record is
// about, the name of a block of numbers for a pointers record, and empty text for
// the other kinds: what [Ledger.About] looks it up by.
func (r *Record) Describes() string {
	switch b := r.Body.(type) {
	case *Party:
		if b.Party == "" {
			return r.ID
		}
		return b.Party
	case *Coverage:
		return b.Party
	case *Report:
		return b.About
	case *Key:
		if b.Maker != "" {
			return b.Maker
		}
		return b.Party
	case *Pointers:
		return pointersIn(r.Source, b.From, b.To)
	}
	return ""
}

// AppendParties appends the parties that the record names, its source among them,
// each once: what a ledger that keeps an index of parties looks it up by.
func (r *Record) AppendParties(out []string) []string {
	first := len(out)
	out = append(out, r.Source)
	add := func(ids ...string) {
		for _, id := range ids {
			if id != "" && !slices.Contains(out[first:], id) {
				out = append(out, id)
			}
		}
	}
	roles := func(all []PartyRole) {
		for _, p := range all {
			add(p.Party)
		}
	}
	add(r.Describes())
	switch b := r.Body.(type) {
	case *Party:
		add(b.Parent, b.Successor)
	case *Lot:
		add(b.Item.Maker())
	case *Repack:
		add(b.Holder)
	case *EUC:
		add(b.Authority, b.EndUser, b.Consignee, b.Exporter)
		if b.Clause != nil {
			add(b.Clause.ConsentBy)
			add(b.Clause.Exceptions...)
		}
		if b.Authenticated != nil {
			add(b.Authenticated.By)
		}
	case *Licence:
		add(b.Authority)
		roles(b.Parties)
	case *Consent:
		add(b.By, b.From, b.To)
	case *Transfer:
		add(b.From, b.To, b.EndUser)
		roles(b.Parties)
	case *Delivery:
		add(b.To)
	case *Stock:
		add(b.Holder)
	case *Loss:
		add(b.Holder)
	case *Destruction:
		add(b.Holder)
	case *Recovery:
		add(b.Agency)
	case *Sighting:
		add(b.By)
	case *Coverage:
		add(b.Authority)
	}
	return out
}

// A Bulk takes very many records that become part of a ledger together, or not
// at all. A ledger that has a method Bulk(context.Context) (Bulk, error) is
// given large imports through one.
type Bulk interface {
	// Prepare works out what it can of records before their turn. Several
	// goroutines may call it at once. Places name the records in conflicts.
	Prepare(records []*Record, places []int64) (prepared any, err error)

	// Add puts prepared records at the end of what was added before.
	Add(prepared any) error

	// Commit makes the records part of the ledger, durably; those that are there
	// already are passed over. Records whose name is taken by other content are
	// left out where proceed is set; else they keep everything out. Afterwards
	// the Bulk is closed.
	Commit(proceed bool) (Appended, []Conflict, error)

	// Close gives up what was not committed.
	Close() error
}

// A Conflict is a record whose name is taken by other content.
type Conflict struct {
	Record   *Record
	Place    int64 // as it was given to Prepare
	Old      *Record
	OldPlace int64 // -1 where it is in the ledger
}
