// Package gray holds the one kind of picture that the readers of symbols work
// on: rows of bytes, 0 black to 255 white, without stride or bounds.
//
// # Coordinates
//
// A pixel is a square of side 1, so the first one covers 0 to 1 in x and in y and
// has its centre at (0.5, 0.5). Places between pixels are float64 in these same
// coordinates everywhere: half a pixel too far to the left is a whole module in
// a picture of half-pixel modules. [Image.At] follows this; a picture halved or
// doubled has its coordinates halved or doubled, with nothing to add.
package gray
