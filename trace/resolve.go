package trace

import (
	"context"
	"errors"
)

// Resolve answers a question about ammunition from the records of a ledger: who
// its lawful end user is, with the reasons and with what is not known. Errors
// are a *[QueryError] for a question that cannot be asked, or those of the
// ledger; what the records do not tell is never an error, but an outcome.
func Resolve(ctx context.Context, l Ledger, q Query) (*Finding, error) {
	return nil, errors.New("trace: not there yet")
}
