package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sublot/sublot/storage"
)

// openLedger opens the ledger of the session. Without create a ledger that is
// not there is an error: a question to an empty ledger has a wrong answer.
func (s *session) openLedger(create bool) (*storage.Ledger, error) {
	if !create {
		if _, err := os.Stat(s.store); errors.Is(err, fs.ErrNotExist) {
			return nil, hinted(fmt.Errorf("there is no ledger at %s", s.store),
				"import records first, or name the ledger with --store DIR or SUBLOT_STORE")
		}
	}
	return storage.Open(s.store, storage.Config{})
}
