// Package profile looks at a picture along straight lines: the brightness at
// equal steps, and the edges between light and dark with their places between
// the pixels. The finders of the line-like patterns of symbols are built on it,
// so that no picture is made black and white as a whole.
package profile
