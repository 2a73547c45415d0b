// Package pointer makes and reads the numbers on single items, where a signed
// frame has no room: register pointers.
//
// # What stands on the item
//
// A [Pointer] is P and 14 or 22 digits: four of the register, 8 or 16 of the
// number, and two check digits (ISO 7064 MOD 97-10, which finds every wrong digit
// and every two that changed places):
//
//	P 4711 3170 9945 2206 8713 20      without the spaces
//
// The short form fits a Data Matrix of 14x14 modules, the long one of 16x16; 18x18
// holds it with more error correction. A person can type it.
//
// # What it means
//
// A register counts the items that it marks: 1, 2, 3 and so on. What is printed is
// that [Number] in the order of a permutation that only the register's [Key]
// knows, so that nobody can guess a number that is in use from one that was seen:
// with a million items marked, one guess in a hundred meets one in the short form,
// and one in ten thousand million in the long one. The key turns a pointer back
// into its number, and a pointers record of the issuer says for which unit that
// stands.
//
// A pointer carries no signature. That a register knows it says that it was given
// out, not that this is the item it was given to: copies have the same number.
package pointer
