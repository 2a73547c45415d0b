package trace

import "context"

// VoidedBy returns the correction that voids a record of a ledger, nil where the
// record stands (R0): one by the source of the record, or by an authority of that
// source's country, which no correction voids in turn. Errors are those of the
// ledger.
func VoidedBy(ctx context.Context, l Ledger, r *Record) (*Record, error) {
	return newView(ctx, l, -1, NoDay).voided(r)
}
