// Package gs1 reads and writes messages of GS1 application identifiers: element
// strings as scanners transmit them, with brackets as people read them, and GS1
// Digital Links. It checks formats, check digits, and which identifier must or
// must not stand with which.
//
// The rules are the table ais.txt. The separator FNC1 is the byte GS (0x1D) in
// what scanners give and take; a bracket in a value is written \( .
//
// Coupon codes (8110, 8112) are refused: they have a grammar of their own, and
// no place on goods of this kind.
package gs1
