package storage

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ProveRecord proves that the record at a place in the log is among its first
// size records. [tlog.CheckRecord] checks the proof, with the root of the head
// of that size and [tlog.RecordHash] of the record's canonical form.
func (l *Ledger) ProveRecord(seq, size int64) (tlog.RecordProof, error) {
	if err := l.provable(size); err != nil {
		return nil, err
	}
	if seq < 0 || seq >= size {
		return nil, fmt.Errorf("storage: there is no record %d among the first %d", seq, size)
	}
	p, err := tlog.ProveRecord(size, seq, l.tilesAt(size))
	return p, l.fault(err)
}

// ProveGrowth proves that the first from records of the log are the first from
// of its first to: that nothing was changed or taken away between two heads.
// [tlog.CheckTree] checks the proof. Every log grew from one without records,
// which needs no proof.
func (l *Ledger) ProveGrowth(from, to int64) (tlog.TreeProof, error) {
	if err := l.provable(to); err != nil {
		return nil, err
	}
	if from < 0 || from > to {
		return nil, fmt.Errorf("storage: a log of %d records did not grow from %d", to, from)
	}
	if from == 0 {
		return tlog.TreeProof{}, nil
	}
	p, err := tlog.ProveTree(to, from, l.tilesAt(to))
	return p, l.fault(err)
}

// HeadAt returns the head that the log had after its first size records.
func (l *Ledger) HeadAt(size int64) (Head, error) {
	if err := l.provable(size); err != nil {
		return Head{}, err
	}
	root, err := rootOf(size, l.tilesAt(size))
	return Head{Size: size, Root: root}, l.fault(err)
}

// tilesAt reads the tree that the log had after its first size records.
func (l *Ledger) tilesAt(size int64) tiles { return tiles{r: l.db, kept: &l.kept, size: size} }

func (l *Ledger) provable(size int64) error {
	if err := l.usable(); err != nil {
		return err
	}
	if size < 0 || size > l.Len() {
		return fmt.Errorf("storage: the log holds %d records, not %d", l.Len(), size)
	}
	return nil
}

// checkGrowth checks a proof of growth between two heads.
func checkGrowth(proof tlog.TreeProof, from, to Head) error {
	switch {
	case from.Size > to.Size:
		return fmt.Errorf("storage: a log of %d records did not grow from %d", to.Size, from.Size)
	case from.Size == 0:
		return nil
	}
	return tlog.CheckTree(proof, to.Size, to.Root, from.Size, from.Root)
}
