// Package evidence makes and checks what a ledger gives to others: who signed
// its records, proofs in the text forms of C2SP, and the bundle that a court, a
// maker or another state checks without the ledger. docs/proofs.md describes the
// forms.
package evidence
