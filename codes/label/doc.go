// Package label lays out the label of one package: a symbol, lines of text to be
// read by people, and a short text in a diamond such as a hazard division. It knows
// text blocks and symbols, not what they are about.
//
// # Dots
//
// A [Template] speaks of millimetres, a printer of dots. All that is laid out is
// rounded to whole dots once, the modules of the symbol first of all, so that
// every form of a label, SVG, PDF, PNG and ZPL, shows the same thing in the same
// size.
//
// # Text
//
// The height of a text is that of its capitals, as rules about marks state it. Text
// is drawn as outlines of the Go fonts, which hold Latin, Greek and Cyrillic
// letters: no viewer and no printer can put another font in their place and push
// one text into another. A character that the fonts do not have is refused, as is
// text that finds no room: a label with half a lot number on it is worse than none.
//
// # Templates
//
// A template is a JSON file that a user edits; each text is a text/template over
// the values given for a label:
//
//	{"width_mm": 100, "height_mm": 50, "dpi": 300, "module_mm": 0.5,
//	 "lines": [{"text": "LOT {{.lot}}", "size_mm": 3, "font": "mono"}],
//	 "diamond": "{{.hazard}}"}
package label
