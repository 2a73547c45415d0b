// Package marking says what a mark on ammunition states, and who signed it.
package marking
