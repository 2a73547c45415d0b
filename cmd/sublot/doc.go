// Sublot marks and traces conventional ammunition: it signs and draws labels for
// lots and their packages, keeps records of where they went, reads marks from
// pictures, and names the lawful end user with the reasons.
//
//	sublot demo
//
// shows the whole story. Every command explains itself with --help, writes JSON
// for machines with --json, and ends with 0 when it is done, 1 when the answer
// is no, and 2 when it was called or fed wrongly.
package main
