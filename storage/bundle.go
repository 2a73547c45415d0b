package storage

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

// A Bundle is records with the proofs that they stand in a log whose head was
// published: evidence that can be checked without the ledger. Its JSON form is
// described in docs/proofs.md.
type Bundle struct {
	Checkpoint string          `json:"checkpoint"` // signed head, see SignHead
	Records    []BundledRecord `json:"records"`
}

// BundledRecord is a record of a bundle. Record is the canonical form as text,
// so that the bytes that are hashed survive whatever formats JSON anew.
type BundledRecord struct {
	Seq       int64       `json:"seq"`
	Record    string      `json:"record"`
	Key       string      `json:"key,omitempty"`
	Signature []byte      `json:"signature,omitempty"`
	Proof     []tlog.Hash `json:"proof"`
}

// Bundle collects the records of the names given with their proofs against the
// head of a checkpoint of this log. Who signed the checkpoint is for the reader
// of the bundle to judge.
func (l *Ledger) Bundle(checkpoint []byte, refs []trace.Ref) (*Bundle, error) {
	_, h, err := ReadHead(checkpoint)
	if err != nil {
		return nil, err
	}
	if h.Size > l.Len() {
		return nil, fmt.Errorf("storage: the checkpoint is of %d records, the log holds %d", h.Size, l.Len())
	}
	if have, err := l.HeadAt(h.Size); err != nil {
		return nil, err
	} else if have != h {
		return nil, fmt.Errorf("storage: the checkpoint is of another log: its head is %s, here %s", h, have)
	}
	b := &Bundle{Checkpoint: string(checkpoint), Records: []BundledRecord{}}
	for _, ref := range refs {
		e, err := l.Get(ref)
		if err != nil {
			return nil, fmt.Errorf("storage: record %s: %w", ref, err)
		}
		if e.Seq >= h.Size {
			return nil, fmt.Errorf("storage: record %s came after the checkpoint of %d records", ref, h.Size)
		}
		proof, err := l.ProveRecord(e.Seq, h.Size)
		if err != nil {
			return nil, err
		}
		r := e.Record
		b.Records = append(b.Records, BundledRecord{e.Seq, string(r.Canonical), r.KeyHint, r.Signature, proof})
	}
	return b, nil
}

// Verify checks that the checkpoint is signed by one of the verifiers and that
// every record stands in its log. It returns the records, the head and the names
// of those who signed. Whether a record's own signature holds is for the caller
// to say, who knows whom to believe.
func (b *Bundle) Verify(origin string, verifiers ...note.Verifier) (records []trace.Entry, h Head, names []string, err error) {
	if h, names, err = OpenHead([]byte(b.Checkpoint), origin, verifiers...); err != nil {
		return nil, Head{}, nil, err
	}
	if records, err = b.Proven(h); err != nil {
		return nil, Head{}, nil, err
	}
	return records, h, names, nil
}

// Proven returns the records of the bundle that stand in a log of the given
// head, and an error that names the first that does not.
func (b *Bundle) Proven(h Head) (records []trace.Entry, err error) {
	for _, br := range b.Records {
		r, err := trace.ParseRecord([]byte(br.Record))
		if err != nil {
			return records, fmt.Errorf("storage: record %d of the bundle: %w", br.Seq, err)
		}
		if string(r.Canonical) != br.Record {
			return records, fmt.Errorf("storage: record %d of the bundle is not in canonical form", br.Seq)
		}
		if br.Seq < 0 || br.Seq >= h.Size {
			return records, fmt.Errorf("storage: record %d of the bundle is beyond the checkpoint of %d records", br.Seq, h.Size)
		}
		if err := tlog.CheckRecord(br.Proof, h.Size, h.Root, br.Seq, tlog.RecordHash(r.Canonical)); err != nil {
			return records, fmt.Errorf("storage: record %d of the bundle (%s) is not proved: %w", br.Seq, r.Ref(), err)
		}
		r.KeyHint, r.Signature = br.Key, br.Signature
		records = append(records, trace.Entry{Seq: br.Seq, Record: r})
	}
	return records, nil
}
