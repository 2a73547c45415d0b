// Package draw holds the forms of a picture that leave for a printer: a bitmap of
// dots as PNG and as ZPL graphic, and rows of modules as an SVG path.
package draw
