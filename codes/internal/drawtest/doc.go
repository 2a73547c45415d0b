// Package drawtest draws to pixels what this project writes for printers, so that
// tests can read it back with a scanner. It understands the SVG and the ZPL that
// are written here, not those languages at large.
package drawtest
