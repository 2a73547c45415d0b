// Package aztec finds and reads Aztec codes (ISO/IEC 24778), compact, full and
// runes, in gray pictures: turned, tilted, mirrored, light on dark, small ones
// without a quiet zone.
//
// # How a symbol is read
//
// A line through the middle of the bull's-eye meets seven or more bars and spaces
// of one module each, in every direction ([bullseye]). The edge of one of its rings
// is followed all around, four straight lines are laid through it, and the corners
// where they meet give a perspective map ([square]). The map is moved until the
// rings, and in full symbols the reference grid further and further out, stand
// out best on the gray picture ([grid]).
//
// The marks at the corners of the bull's-eye tell which way is up and whether the
// symbol is seen from behind; the mode message beside them, corrected over GF(16),
// tells the layers ([mode]). The data modules are read in layers from the outside,
// corrected over GF(64) to GF(4096), and handed out as bits ([mode.read]).
package aztec
