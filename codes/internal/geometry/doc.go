// Package geometry holds points of a picture and the perspective maps between
// the modules of a symbol and the pixels it was photographed on.
package geometry
