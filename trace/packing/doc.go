// Package packing tells what a packaging line packed into what, as records whose
// quantities add up.
//
// A [Tally] follows the packages of one lot. Packages are born in each other: the
// items of box XCW/L/001/0042/07 in that box, the box in case 0042. Where a case
// stands is another question: a pallet with its own logistic number is a
// [Tally.Load], which renames nothing.
//
//	tally, err := packing.New(lot, 0, packing.Config{Source: "XCW", Site: "hall 2", Prefix: "SHIFT-7"})
//	err = tally.Pack(box, marking.Box, 50)
//	records, err := tally.Records(today)
package packing
