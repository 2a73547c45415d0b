// Package receive holds what arrived against the papers of a transfer: the marks
// scanned, one by one, against the lines of the packing list. It says what
// differs and drafts the delivery record; it writes nothing into the ledger.
package receive
