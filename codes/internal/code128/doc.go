// Package code128 finds and reads Code 128 symbols, GS1-128 among them (ISO/IEC
// 15417), in gray pictures, at any angle, forwards and backwards, light on dark.
//
// # How a symbol is read
//
// Lines are laid across the picture, first along rows and columns, then at other
// angles. On each the edges between light and dark are found between the pixels,
// and from every quiet zone on characters are read by the distances between edges
// of the same kind, which blur and ink spread leave alone ([characterAt]). A line
// counts when it runs from a start character to the stop, all characters are about
// as wide, the check character is right, and both quiet zones are there.
//
// Two lines with the same characters make a symbol ([Find]); a single one only if
// it is beyond doubt. Lines that cross the bars where they are damaged fail by
// themselves.
package code128
