package storage

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// iterators keeps iterators over the whole database between look-ups, since
// making one costs as much as using it. An iterator sees the ledger as it stood
// when it was made, so none is kept over an append; nor for ever, since it keeps
// files that the database has done with.
type iterators struct {
	mu      sync.Mutex
	age     int64 // appends begun so far
	writing bool  // an append may be seen already or not yet
	free    []kept
}

type kept struct {
	it   *pebble.Iterator
	age  int64
	uses int
	key  []byte // room for one
}

const (
	maxUses = 4096
	maxFree = 16
)

// take returns an iterator that sees all that is appended by now.
func (p *iterators) take(db *pebble.DB) (kept, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		k := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return k, nil
	}
	age := p.age
	if p.writing {
		age = -1
	}
	p.mu.Unlock()
	it, err := db.NewIter(nil)
	return kept{it: it, age: age}, err
}

// busy reports whether an append goes on, so that what take returns is for one use.
func (p *iterators) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writing
}

// put takes an iterator back, and reports what went wrong while it was used.
func (p *iterators) put(k kept) error {
	err := k.it.Error()
	k.uses++
	p.mu.Lock()
	if err == nil && k.age == p.age && k.uses < maxUses && len(p.free) < maxFree {
		p.free = append(p.free, k)
		p.mu.Unlock()
		return nil
	}
	p.mu.Unlock()
	if closeErr := k.it.Close(); err == nil {
		err = closeErr
	}
	return err
}

// ifNew calls f where an iterator sees all that is appended by now, which stays so
// until f returns.
func (p *iterators) ifNew(k kept, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k.age == p.age {
		f()
	}
}

// close lets go of all iterators, and keeps none until open is called: to be
// called before what they see is no longer all there is.
func (p *iterators) close() error {
	p.mu.Lock()
	free := p.free
	p.free = nil
	p.age++
	p.writing = true
	p.mu.Unlock()
	var err error
	for _, k := range free {
		if closeErr := k.it.Close(); err == nil {
			err = closeErr
		}
	}
	return err
}

func (p *iterators) open() {
	p.mu.Lock()
	p.writing = false
	p.mu.Unlock()
}
