// Package reedsolomon corrects errors and erasures in Reed-Solomon blocks over the
// fields of 16 to 4096 elements that matrix symbols use. PDF417 counts in a field
// that is not a power of two and corrects by itself.
package reedsolomon
