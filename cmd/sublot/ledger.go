package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/sublot/sublot/storage"
)

// An access says what a ledger is opened for.
type access int

const (
	toRead     access = iota
	toReadLong        // nobody is to wait before writing until it is read
	toWrite           // it is made where there is none
)

// openLedger opens the ledger of the session. To read one that is not there is an
// error: a question to an empty ledger has a wrong answer.
func (s *session) openLedger(to access) (*storage.Ledger, error) {
	if to != toWrite {
		if _, err := os.Stat(s.store); errors.Is(err, fs.ErrNotExist) {
			return nil, s.noLedger()
		}
	}
	p := s.progress()
	defer p.done()
	migrating := func(done, records int64) {
		p.show("bringing the ledger to the present format: %s of %s records", grouped(done), grouped(records))
	}
	ledger, err := storage.Open(s.store, storage.Config{ReadOnly: to != toWrite, Aside: to == toReadLong, Wait: lockWait, Migrating: migrating})
	if e, ok := errors.AsType[*storage.Error](err); ok && e.Problem == storage.OlderFormat {
		ledger, err = storage.Open(s.store, storage.Config{Wait: lockWait, Migrating: migrating})
	}
	if err == nil && ledger.Shared() {
		fmt.Fprintf(s.err, "note: another program is writing to the ledger: this is of its first %s\n", plural(ledger.Len(), "record"))
	}
	return ledger, err
}

// noLedger says that there is none.
func (s *session) noLedger() error {
	return hinted(fmt.Errorf("there is no ledger at %s", s.store),
		"import records first, or name the ledger with --store DIR or SUBLOT_STORE")
}

// lockWait is how long a command waits for another that has the ledger open.
const lockWait = 5 * time.Second
