// Package qr finds and reads QR codes (ISO/IEC 18004, versions 1 to 40) in gray
// pictures: turned, tilted, mirrored, light on dark, several in one picture.
//
// # How a symbol is read
//
// Lines across the picture meet the finder patterns, whose bars and spaces are
// 1:1:3:1:1 in every direction ([findersOf]). Three of them that could be the
// corners of a square make a candidate; the modules between them give the version
// ([triple]). A perspective map from modules to pixels is laid through the three
// centres and a fourth point, and moved until the patterns that every symbol of the
// version has (finders, timing, alignment) stand out best on the gray picture
// ([grid]); alignment patterns then bend it to the paper.
//
// Modules are sampled on the gray picture and judged against the modules around
// them ([shade.Judge]). A symbol whose fixed patterns are not there is dropped before
// error correction sees it. Codewords with the least clear modules are erasures in a
// second attempt ([plan.decode]).
package qr
