// Package shade judges which modules of a square symbol are dark, from their
// sampled brightness: by levels for the whole symbol, by what is around each
// module, and with the blur between neighbours taken back.
package shade
