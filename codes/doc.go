// Package codes turns bytes into symbols, symbols into pictures, and pictures
// back into bytes.
//
//	Payload ── Encode ──▶ Symbol ── AppendSVG, AppendPNG, AppendZPL ──▶ printer
//	Payload ◀─── Scan ─── picture ◀── ReadPicture ─────────────────── camera
//
// It knows nothing of what the bytes mean.
//
// # Bytes are bytes
//
// A [Payload] holds exact bytes. No character set is guessed on the way in or
// out, and what a symbology says beside its data (FNC1 of GS1, an Extended Channel
// Interpretation, a place in a set of symbols) is a field of the payload, never a
// character in it. What [Encode] is given, [Scan] returns.
//
// # Sizes
//
// A symbol is measured in modules, the side of its smallest square. Pictures are
// drawn in millimetres ([DrawConfig]) and always with the quiet zone that readers
// need. For a printer of dots the module is rounded to whole dots, because a
// module of two and a half dots prints as two here and three there;
// [DrawConfig.ModuleDots] tells the outcome.
package codes
