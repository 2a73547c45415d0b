// Package ledgertest tests implementations of [trace.Ledger]. Whatever passes
// [Run] gives the same findings as any other that does.
package ledgertest
