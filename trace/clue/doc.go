// Package clue reads what people type, copy or half read from a mark, and lists
// the lots on record that it may stand for.
//
// # One lenient door
//
// Identities are parsed strictly everywhere else. A clue may be in lower case,
// with other separators or none, in other scripts and digits, with ? for one
// character that could not be read (or was not there) and * for several, with a
// word such as "lot" before it, without its maker, or cut off at either end.
// [Index.Read] compares it with the lots of an [Index] and with nothing else: no
// identity is made up.
//
// # Readings
//
// Each [Reading] says which edits of the text give it, and how far it is:
//
//	1  a character that is easily taken for the other: 0 O Q D, 1 I L 7, 2 Z,
//	   5 S, 6 G, 8 B, 6 9; an unread character; a year in four digits
//	2  any other character taken for another, lost or added; an end that is
//	   missing; a mark read upside down
//
// Case, script, the shapes of digits and separators weigh nothing. Nothing is
// replaced across the board: a letter O that the lot really has costs nothing,
// and a text that is a lot as it stands has no other readings.
//
// Readings are ranked by distance and never merged; several of one distance are
// equally near, and the caller has to say so.
package clue
