package qr

import "github.com/sublot/sublot/codes/internal/reedsolomon"

// repair corrects a block in place, keeping some correction words back for
// detection.
func repair(block []byte, check, reserve int, erased []int) (wrong int, ok bool) {
	words := make([]int, len(block))
	for i, b := range block {
		words[i] = int(b)
	}
	wrong, ok = reedsolomon.QR.Correct(words, check, 0, reserve, erased)
	for i, w := range words {
		block[i] = byte(w)
	}
	return wrong, ok
}
