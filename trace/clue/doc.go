// Package clue reads what people type, copy or half read from a mark, and lists
// the lots on record that it may stand for.
//
// # One lenient door
//
// Identities are parsed strictly everywhere else. A clue may be in lower case,
// with other separators or none, in other scripts and digits, with ? for one
// character that could not be read (or was not there) and * for several, with a
// word such as "lot" before it, without its maker, cut off at either end, with a
// year in four digits, with words where slashes should stand, or told as a head
// is read, by clock positions. [Index.Read] compares it with the lots of an
// [Index] and with nothing else: no identity is made up.
//
// # Readings
//
// Each [Reading] says which edits of the text give it, how far it is, and how
// many other lots lie as near:
//
//	1  a character that is easily taken for the other (0 O Q D, 1 I L 7, 2 Z,
//	   5 S, 6 G, 8 B, 6 9, and 3 and 4 for the Cyrillic letters like them); an
//	   unread character or several; a year in four digits for two, or in two for
//	   four; lost slashes; a year read as the factory on a head
//	2  any other character taken for another, lost or added; an end that is
//	   missing; a mark read upside down; two groups of digits in the wrong
//	   order; a word beside the lot that is not understood
//
// Readings farther than 3, to which unread characters do not count, are none.
// Case, script, the shapes of digits and separators weigh nothing, but of two
// lots as far the one whose separators stand as in the clue comes first. Nothing
// is replaced across the board: a letter O that the lot really has costs nothing.
//
// Readings are ranked by distance and never merged; several of one distance are
// equally near, and the caller has to say so. A text that is no lot but names a
// maker, a year or a calibre gives a [Head].
//
// # Bounds
//
// A clue has at most [MaxText] characters. The steps of a look-up and the lots
// that it finds are bounded; where a bound is met, [Result.Truncated] says so.
package clue
