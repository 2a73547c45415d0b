// Package interchange reads and writes messages of ISO/IEC 15434, as they stand
// in Data Matrix marks after MIL-STD-130 and STANAG 2290: formats 05 (GS1
// application identifiers), 06 (data identifiers) and 12 (text element
// identifiers), and the legacy DD.
//
//	[)> RS 06 GS 17V98897 GS 1TXYZ07D006-004 GS S000123 RS EOT
//
// [Parse] refuses what is no envelope. What is wrong inside one, as in several
// published samples, is told by [Message.Problems] and never repaired.
// [Message.UII] makes the unique item identifier of MIL-STD-130.
package interchange
