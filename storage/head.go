package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A Head names all that a log holds: how many records, and the root of the
// Merkle tree over them, as RFC 6962 defines it. The root of no records is the
// hash of no bytes.
type Head struct {
	Size int64
	Root [32]byte
}

// String writes the head as its size and the root in base64.
func (h Head) String() string {
	return fmt.Sprintf("%d %s", h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
}

// emptyRoot is the root of a tree without leaves.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// The HEAD file has two slots that are written in turn, so that one of them is
// whole at any time. A slot is
//
//	magic 16 | format u16 | kind u8 | turn u64 | size u64 | root 32 | checksum 32
//
// where the checksum is the SHA-256 of what precedes it.
const (
	headFile     = "HEAD"
	headFileNew  = "HEAD.new"
	headMagic    = "sublot ledger\r\n\x00"
	headFormat   = 4
	slotDistance = 4096 // no sector holds two slots
	slotChecked  = len(headMagic) + 2 + 1 + 8 + 8 + 32
	slotSize     = slotChecked + sha256.Size
)

// A folder is a ledger that is written to, or a copy that is not.
const (
	kindLedger = 0x00
	kindCopy   = 0x01
)

type slot struct {
	format byte
	kind   byte
	turn   uint64
	head   Head
}

func (s slot) encode() []byte {
	b := append([]byte(headMagic), 0, s.format, s.kind)
	b = binary.BigEndian.AppendUint64(b, s.turn)
	b = binary.BigEndian.AppendUint64(b, uint64(s.head.Size))
	b = append(b, s.head.Root[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeSlot reads a slot. Format is that of a slot with a good checksum, 0
// where there is none.
func decodeSlot(b []byte) (s slot, format int) {
	if len(b) < slotSize || !bytes.HasPrefix(b, []byte(headMagic)) {
		return slot{}, 0
	}
	if sum := sha256.Sum256(b[:slotChecked]); !bytes.Equal(sum[:], b[slotChecked:slotSize]) {
		return slot{}, 0
	}
	b = b[len(headMagic):slotChecked]
	format = int(binary.BigEndian.Uint16(b))
	s.format = byte(min(format, 255))
	s.kind = b[2]
	s.turn = binary.BigEndian.Uint64(b[3:])
	s.head.Size = int64(binary.BigEndian.Uint64(b[11:]))
	copy(s.head.Root[:], b[19:])
	return s, format
}
