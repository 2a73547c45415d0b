// Package drawtest draws to pixels what packages codes and label write for
// printers, so that a test can read it back with a scanner without a printer and a
// camera. It understands the SVG and the ZPL that are written here, not those
// languages at large.
package drawtest
