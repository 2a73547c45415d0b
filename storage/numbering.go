package storage

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// A numbering gives texts numbers from 1 on, the same text the same number.
type numbering struct {
	arena []byte
	ends  []uint32 // of the texts in it, one after the other
	slots []int32  // by hash, a power of two, half of them at least empty: 0
}

const roomKept = 4096 // slots at most that are kept from one lot to the next

func (n *numbering) clear() {
	if len(n.slots) > roomKept {
		*n = numbering{}
	}
	n.arena, n.ends = n.arena[:0], n.ends[:0]
	clear(n.slots)
}

// of returns the number of a text, 0 of an empty one.
func (n *numbering) of(text []byte) int32 {
	if len(text) == 0 {
		return 0
	}
	if 2*len(n.ends) >= len(n.slots) {
		n.grow()
	}
	slot := n.slot(text)
	if *slot == 0 {
		if len(n.arena)+len(text) > cap(n.arena) {
			n.arena = slices.Grow(n.arena, max(4096, len(n.arena), len(text)))
		}
		n.arena = append(n.arena, text...)
		n.ends = append(n.ends, uint32(len(n.arena)))
		*slot = int32(len(n.ends))
	}
	return *slot
}

// slot returns where a text has its number, or is to have it.
func (n *numbering) slot(text []byte) *int32 {
	for at := maphash.Bytes(textSeed, text); ; at++ {
		slot := &n.slots[at&uint64(len(n.slots)-1)]
		if *slot == 0 || bytes.Equal(n.text(*slot), text) {
			return slot
		}
	}
}

// text returns the text of a number.
func (n *numbering) text(number int32) []byte {
	from := uint32(0)
	if number > 1 {
		from = n.ends[number-2]
	}
	return n.arena[from:n.ends[number-1]]
}

func (n *numbering) grow() {
	n.slots = make([]int32, max(256, 2*len(n.slots)))
	for number := range int32(len(n.ends)) {
		*n.slot(n.text(number + 1)) = number + 1
	}
}
