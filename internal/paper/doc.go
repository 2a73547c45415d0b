// Package paper draws forms on paper for offices without power: the fields of a
// kind of record as boxes to be filled in by hand, or the fields of a record as
// they stand. A form is one HTML file without anything from outside; every browser
// prints it.
package paper
