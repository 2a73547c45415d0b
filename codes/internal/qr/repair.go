package qr

import "github.com/makiuchi-d/gozxing/common/reedsolomon"

func repair(block []byte, check, reserve int, erased []int) (wrong int, ok bool) {
	if len(erased) > 0 {
		return 0, false
	}
	ints := make([]int, len(block))
	for i, b := range block {
		ints[i] = int(b)
	}
	if reedsolomon.NewReedSolomonDecoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Decode(ints, check) != nil {
		return 0, false
	}
	for i, v := range ints {
		if byte(v) != block[i] {
			wrong++
		}
		block[i] = byte(v)
	}
	return wrong, 2*wrong <= check-reserve
}
