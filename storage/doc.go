// Package storage keeps a ledger on disk: the durable [trace.Ledger].
//
// # Use
//
// [Open] opens the ledger of a folder, or makes one where the folder is missing
// or empty. One process writes to a ledger at a time; any number of goroutines
// of it may read while one appends. Other processes read at the same time with
// [Config].ReadOnly: from a copy that the one that writes makes when it is asked. [Ledger.Append] returns when the records
// and all that is needed to find them are on the disk.
//
// # What lies in the folder
//
//	HEAD    the latest head of the log, twice, outside the database
//	LOCK    held by the process that writes, or those that read
//	readers/  copies for those that read while one writes, or for long, gone when they end
//	db/     a Pebble database: the log, its Merkle tree and its indexes
//
// The log is the truth. Every key of the database beside it can be worked out
// from the log again, and [Ledger.Verify] does so to prove that nothing differs.
//
// # What nobody can change in silence
//
// The records are the leaves of an RFC 6962 Merkle tree, which is stored in
// tiles as package tlog of golang.org/x/mod describes them. What is read from the
// log was checked before it was appended, and is guarded by the checksums of the
// database: only [Ledger.Verify] checks it again in full. A [Head] is the
// number of records and the root of the tree over them: whoever keeps a head
// can tell later whether the ledger still holds what it held, in that order.
// [Ledger.ProveRecord] and [Ledger.ProveGrowth] give the proofs, [SignHead]
// gives a head the form in which it is published.
//
// The HEAD file is there because a database takes a damaged end of its journal
// for the end of an interrupted write, and would drop acknowledged records
// without a word: a log that is shorter than its HEAD is refused. The file is
// written when the records are safe, some 10 ms after an append at most, and before
// [Ledger.Close] returns: a power cut in that time that takes a journal's end with
// it, which a sound disk has promised to keep, is not told from one that came before
// the append. A whole older
// copy of the folder put in its place is found only with a head that somebody
// kept elsewhere.
package storage
