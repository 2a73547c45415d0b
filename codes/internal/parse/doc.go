// Package parse turns the corrected codewords of a symbol into what they say.
//
// Libraries that read symbols hand out text: they guess a character set, drop
// FNC1, and paste the numbers of an Extended Channel Interpretation in front of
// the data. Here the bytes come out exactly as they were put in, and all that the
// symbology says beside them has a field of its own in [Message].
//
// A codeword that its standard does not allow is an error and not skipped: error
// correction lets one chance pattern in some thousands pass in the smallest
// symbols, and most of those are no legal message.
package parse
