// Package profile says what a law or a buyer asks of a mark, and which of it a
// mark lacks.
//
// A [Profile] is data: a list of elements that a mark must state. Those built in
// ([All]) are the measures of the framework, the rule for packages in the
// European Union and the Brazilian order on boxes; a state writes its own as
// JSON ([Parse]):
//
//	{"name": "xb-2024", "title": "State XB, order 7/2024", "elements": ["maker", "calibre", "lot", "national:XB:unit"]}
//
// An element is maker, lot, sublot, unit, year, month, calibre, type,
// calibre-or-type, rounds, nsn, or national:STATE:NAME, a national element of a
// mark. National elements travel in the frame, and come back unchanged through
// builds that know nothing of them.
package profile
