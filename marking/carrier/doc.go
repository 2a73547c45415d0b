// Package carrier writes the identity of a mark for readers that know nothing
// of frames, and reads it back: GS1 element strings and Digital Links, ISO/IEC
// 15434 messages, and the text forms of a frame.
//
// # One identity
//
// [Parse] takes whatever a symbol said and finds the identity in it. All
// carriers of one package give the same one. Only a frame is signed: where a
// message holds one, it comes back in [Content.Frame], to be opened with
// marking.Open; without one the content is a claim.
//
// # GS1
//
// (01) is the GTIN of the product, (10) the lot, (21) what stands below the lot
// in the identity, (11) the month of manufacture, (7001) the NSN, (90) the
// maker, (91) to (95) the frame in base64url. GS1 gives a lot no place without a
// GTIN or SSCC: a mark of a lot alone is refused, with the alternative. The
// digital signature (8030) is not used: it may stand only with a serial number.
//
// # ISO/IEC 15434
//
// Format 06: 17V, where the maker's code is a CAGE, or 18V; 1T the lot, S what
// stands below it, N the NSN, Q the rounds. Format 05 holds GS1 identifiers, 12 text
// elements: MFR, LOT, SEQ. See [Envelope].
//
// # Case heads
//
// [HeadstampText] says what is struck where: maker, calibre, lot, year.
package carrier
