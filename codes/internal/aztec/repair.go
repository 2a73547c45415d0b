package aztec

import "github.com/makiuchi-d/gozxing/common/reedsolomon"

func repair(words []int, check, size int, erased []int) (wrong int, ok bool) {
	if len(erased) > 0 {
		return 0, false
	}
	field := map[int]*reedsolomon.GenericGF{4: reedsolomon.GenericGF_AZTEC_PARAM, 6: reedsolomon.GenericGF_AZTEC_DATA_6,
		8: reedsolomon.GenericGF_AZTEC_DATA_8, 10: reedsolomon.GenericGF_AZTEC_DATA_10, 12: reedsolomon.GenericGF_AZTEC_DATA_12}[size]
	ints := append([]int(nil), words...)
	if reedsolomon.NewReedSolomonDecoder(field).Decode(ints, check) != nil {
		return 0, false
	}
	for i, v := range ints {
		if v != words[i] {
			wrong++
		}
	}
	copy(words, ints)
	return wrong, true
}
