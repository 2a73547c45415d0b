// Package pdf417 finds and reads PDF417 symbols (ISO/IEC 15438) in gray pictures:
// turned by any angle, upside down, mirrored, light on dark, truncated.
//
// # How a symbol is read
//
// The start pattern is a bar of eight modules and narrow ones beside it, as tall
// as the symbol. Lines across the picture in four directions meet it many times
// ([sweep]); hits on neighbouring lines make a track, and its outer edge is the
// left side of a symbol. The same is done for the stop pattern.
//
// From the left side, and from the right side where there is one, lines are
// walked through the symbol, character by character ([walk]). A character is
// told by the distances between edges of the same kind, which blur and ink
// spread leave alone, and it says itself to which of three kinds of rows it
// belongs. So a line need not stay in one row: the characters at both ends carry
// row numbers, a smooth surface is laid through them ([surface]), and every
// character read anywhere votes for a value in the row of its kind that is
// nearest to the surface ([grid]).
//
// Where the edges are too coarse or too blurred to be measured, the modules of a
// character are sampled instead ([sample]), and their votes count less. Cells without
// a clear winner are erasures. Reed-Solomon over GF(929) corrects the rest
// ([correct]), with words kept back for detection, and what is corrected must be a
// legal message ([parse]).
package pdf417
