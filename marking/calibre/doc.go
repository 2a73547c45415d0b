// Package calibre knows the names of cartridges and calibres: a dictionary of
// some five hundred, from pocket pistols to rockets, kept as a data file.
//
// # Three relations, never one synonym
//
// Names of one cartridge are the same and exchangeable: 9x19, 9 mm Luger, 9 mm
// Parabellum. A twin is another cartridge that records mix with it, such as
// .223 Remington and 5.56x45: a search widens to it and says so, but the rounds
// are not safe to exchange. A confusable has a similar name and is another
// thing, such as 40x46 and 40x53: a search never widens to it. See [Relate].
//
// # Looking up
//
// [Lookup] takes what stands on boxes and papers: comma or point, any sign of
// multiplication, Cyrillic х and мм, with or without mm and a leading point. A
// bare number such as 7.62, 9 mm, .38 or 40 mm is never resolved: it gives the
// set of all that it may mean.
//
// # The file
//
// cartridges.txt says of each line where its names come from and whether they
// were compared with a published list. Its numbers stand in marks for good:
// lines are only appended.
//
// Of the 734 names of the lists of C.I.P. and SAAMI that it was compared with, 616
// (84 in a hundred) are in it. The others are loads of the smallest bores with shot,
// and cartridges of one gunmaker, competition or empire long gone; a test lists them
// with the reason.
package calibre
