package aztec

import "github.com/sublot/sublot/codes/internal/reedsolomon"

// fields are those of codewords by their size in bits.
var fields = map[int]*reedsolomon.Field{
	4: reedsolomon.Aztec4, 6: reedsolomon.Aztec6, 8: reedsolomon.Aztec8, 10: reedsolomon.Aztec10, 12: reedsolomon.Aztec12,
}

// repair corrects codewords of a size in place, of which the last check are for
// correction, keeping some of them back for detection.
func repair(words []int, check, size, reserve int, erased []int) (wrong int, ok bool) {
	return fields[size].Correct(words, check, 1, reserve, erased)
}
