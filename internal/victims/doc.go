// Package victims keeps what is known of the victims of incidents in which
// ammunition was recovered: how many, and the few facts that statistics need
// (the minimum of SDG indicator 16.1.2). It is kept apart from the ledger on
// purpose, in a file of its own that is encrypted under a passphrase of its own:
// no trace ever shows a victim, and no victim is ever found by a mark.
//
// There are no names. A [Victim] has a random id and belongs to an incident, and
// what is not known is "unknown", never inferred.
//
// # What is shared
//
// Only a [Table]. Its small cells are hidden, and so many others with them that
// nobody can work a hidden one out from the totals: for each hidden cell the
// values that fit all that is shown span at least the limit. Where that cannot
// be had, only the number of victims in all is shown, rounded.
//
// Several tables of the same victims can tell together what each of them hides:
// share one.
package victims
