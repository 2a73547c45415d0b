package marking

import "encoding/binary"

// denseAlphabet holds the characters of identities that are written densely, by
// their place, from 1. Its order is part of the frame and never changes.
const denseAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/-._+: ()#"

const denseBase = uint64(len(denseAlphabet)) // 46: 5.52 bits a character

// maxDense is the longest dense text, in bytes. The longest identity of ASCII
// characters, 10 components of 32, takes 228.
const maxDense = 255

var denseValue = func() (v [256]uint8) {
	for i := range len(denseAlphabet) {
		v[denseAlphabet[i]] = uint8(i + 1)
	}
	return
}()

// appendDense appends s as one number in bijective base 46, the first character
// the most significant, in as few big-endian bytes as it takes. Each text has
// one number and each number but 0 one text, so the length needs no place. It
// reports false, and appends nothing, where a character is not in the alphabet
// or the number does not fit.
func appendDense(b []byte, s string) ([]byte, bool) {
	var limbs [maxDense/4 + 1]uint32 // the least significant first
	used := 0
	for i := range len(s) {
		carry := uint64(denseValue[s[i]])
		if carry == 0 {
			return b, false
		}
		for j := range used {
			carry += uint64(limbs[j]) * denseBase
			limbs[j], carry = uint32(carry), carry>>32
		}
		if carry > 0 {
			if used == len(limbs) {
				return b, false
			}
			limbs[used] = uint32(carry)
			used++
		}
	}
	var out [len(limbs) * 4]byte
	at := len(out)
	for j := range used {
		at -= 4
		binary.BigEndian.PutUint32(out[at:], limbs[j])
	}
	for at < len(out) && out[at] == 0 {
		at++
	}
	if len(out)-at > maxDense {
		return b, false
	}
	return append(b, out[at:]...), true
}

// dense reads what appendDense wrote. It reports false for an empty text, one
// with a leading zero byte and one longer than maxDense.
func dense(p []byte) (string, bool) {
	if len(p) == 0 || len(p) > maxDense || p[0] == 0 {
		return "", false
	}
	var limbs [maxDense/4 + 1]uint32 // the least significant first
	used := (len(p) + 3) / 4
	for i, v := range p {
		place := len(p) - 1 - i
		limbs[place/4] |= uint32(v) << (place % 4 * 8)
	}
	var text [maxDense * 3 / 2]byte // 255 bytes hold at most 370 characters
	at := len(text)
	for used > 0 {
		rest := uint64(0)
		for j := used - 1; j >= 0; j-- {
			v := rest<<32 | uint64(limbs[j])
			limbs[j], rest = uint32(v/denseBase), v%denseBase
		}
		if rest == 0 { // the last character is the 46th: borrow one from the quotient
			rest = denseBase
			for j := range used {
				limbs[j]--
				if limbs[j] != 1<<32-1 {
					break
				}
			}
		}
		for used > 0 && limbs[used-1] == 0 {
			used--
		}
		at--
		text[at] = denseAlphabet[rest-1]
	}
	return string(text[at:]), true
}
