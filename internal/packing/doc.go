// Package packing is what a packaging line needs to know of both its symbols and
// its records: what was packed into what, as records whose quantities add up, and
// whether the label that came out of the printer is the one that was sent to it.
//
// A [Tally] follows the packages of one lot. Packages are born in each other: the
// items of box XCW/L/001/0042/07 in that box, the box in case 0042. Where a case
// stands is another question: a pallet with its own logistic number is a
// [Tally.Load], which renames nothing.
//
// [CheckPrint] looks at a camera's picture of a label just printed.
package packing
