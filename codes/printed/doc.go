// Package printed looks at a label that just came out of a printer: a camera's
// picture in, pass or fail and the reason out. It compares exact bytes and knows
// nothing of what they mean.
package printed
