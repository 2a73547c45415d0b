// Package lotno reads lot numbers as they stand on boxes, crates and heads, by
// the grammars of those who print them.
//
// # Readings, not answers
//
// [Parse] gives every reading that the text allows: a letter behind a lot of
// MIL-STD-1168 may be a suffix or a theater, seven digits may be a lot of one
// maker and nothing of another's. It never guesses a century: years are the set
// of those that two digits may mean, in the time the grammar was used, up to the
// last year that the caller allows. It never changes a letter into a digit: a
// maker that prints the letter O beside digits means it.
//
// # States
//
// NONE, MIXED and UNKNOWN are official states of a lot, and stand in its place
// on cards and labels. They are no lots: see [State].
//
// # Suffixed lots
//
// A lot with a suffix is another lot than the one without, with its own data
// card. [Reading.Parent] links them; nothing merges them.
//
// # Grammars
//
// [Grammars] lists them with their sources. One that is not verified is from
// general knowledge: it may add a reading, but nothing is refused for its sake.
package lotno
