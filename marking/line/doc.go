// Package line hands out the numbers of sub-lots and packages on a packaging
// line, to any number of stations at once, and never one twice.
//
//	numbers, err := line.Open("numbers", line.Config{Random: rand.Reader})
//	crates := marking.MustParseSpan("XCW/XCW24C001-012/001/0001..0400")
//	id, err := numbers.Next(crates)
//
// # Never twice
//
// Before a number leaves [Allocator.Next], a block that it belongs to is written
// to the log in the folder and synced, and so is the folder. After a crash at any
// point, of the program or of the machine, the next [Open] goes on behind the last
// block that may have been in use. Some numbers are then never used, and
// [Allocator.Doubt] tells which: a label may have been printed with each of them,
// or not. They are no loss of goods, as a package is there only once a record
// says so; but a label with such a number and no record is a question to ask.
//
// One process at a time has the folder, which a lock holds that the system takes
// back when the process ends, however it ends. Two folders know nothing of each
// other: give a lot to one line, or each line sub-lots of its own.
//
// # Numbers say how much there is
//
// Running numbers tell everyone who sees two boxes how many were made between
// them. With [Config.Random] the numbers of a span begin at one drawn at random and
// go round: all of them come to be used, and the lowest one says nothing.
//
// # The log
//
// A file of text, one line a block, fields apart by tabs: serial number of the
// line, what it says, span, first position, positions reserved, and CRC-32C over
// all that stands before it. Every line is written twice in one write, so that a
// byte that goes bad later takes no reservation with it; the serial numbers tell
// if one is missing altogether, and then the folder is refused. It is only ever
// appended to, some 200 bytes for a block.
package line
