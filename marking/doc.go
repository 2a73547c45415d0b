// Package marking says what a mark on ammunition states, and who signed it.
//
// # Identities
//
// An [ID] names a package by its place of birth: a lot of a maker, or a package
// below it, down to the single item. A [Span] is a run of sibling packages, such
// as the crates 0001..0400 of a sub-lot. Both have exactly one spelling, and the
// binary key of [ID.AppendKey] sorts as identities do, so that all that lies in
// a package, and every span, is one interval of keys. The strict parsers never
// guess; what people type goes through package trace.
//
// # Marks
//
// A [Mark] is what stands on a package: the identity, the [Level] of the package,
// calibre, [Month] of manufacture, rounds, and what a state asks for beyond
// that. [Sign] turns it into a frame, some 75 to 110 bytes that a symbol carries,
// [Open] verifies a frame. docs/format.md states the frame so that others can
// write a verifier; the vectors in testdata/vectors pin each of its rules.
//
// [Text] and [Path] write a frame as text; [ID.Checked] writes an identity with
// a check character for people.
//
// # Signatures and trust
//
// The library refuses to verify until it is told whom to trust: [Open] needs a
// [Trust], from a trust file ([ParseTrust]) or from keys ([NewTrust]). Without
// one, [Read] gives the claims of a mark. A [Verdict] tells apart a mark that is
// valid, invalid, unsigned, of an unknown key, and of a revoked key.
//
// A valid signature says who made the mark. It does not say that the rounds in
// the package are those that were packed, and no printed mark can stop copying.
//
// Keys are Ed25519. [NewKey] makes one, [SaveKey] and [LoadKey] keep it in the
// file format of OpenSSH; [Sign] takes any crypto.Signer, so that a key may stay
// in a hardware token.
//
// # Stability
//
// Frames, identities and their keys are written on things and to disks that
// outlive programs. A frame that verifies today verifies with every later
// version; a change of the layout is a new version number in the first byte.
package marking
