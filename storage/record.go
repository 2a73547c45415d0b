package storage

import (
	"encoding/binary"
	"errors"

	"github.com/sublot/sublot/trace"
)

// A record in the log is a byte that says what follows, for a signed record
// the hint of its key and the signature, each after its length, and then the
// record's canonical form, packed. Ledgers of the first format have it as it is.
const (
	firstPlain   = 0x00
	firstSigned  = 0x01
	plainRecord  = 0x02
	signedRecord = 0x03
)

func encodeRecord(b []byte, r *trace.Record) []byte {
	return encode(b, r.KeyHint, r.Signature, r.Canonical)
}

func encode(b []byte, hint string, signature, canonical []byte) []byte {
	if signature == nil {
		b = append(b, plainRecord)
	} else {
		b = append(b, signedRecord)
		b = append(binary.AppendUvarint(b, uint64(len(hint))), hint...)
		b = append(binary.AppendUvarint(b, uint64(len(signature))), signature...)
	}
	return pack(b, canonical)
}

var errRecord = errors.New("storage: a record of the log cannot be read")

// splitRecord takes apart what encodeRecord put together. The parts may be those
// of b.
func splitRecord(b []byte) (hint, signature, canonical []byte, err error) {
	return splitInto(nil, b)
}

// splitInto is splitRecord with room for the canonical form, if that is not long.
func splitInto(room, b []byte) (hint, signature, canonical []byte, err error) {
	if len(b) == 0 || b[0] > signedRecord {
		return nil, nil, nil, errRecord
	}
	rest := b[1:]
	part := func() (part []byte) {
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > uint64(len(rest)-used) {
			err = errRecord
			return nil
		}
		part, rest = rest[used:used+int(n)], rest[used+int(n):]
		return part
	}
	if b[0] == signedRecord || b[0] == firstSigned {
		hint, signature = part(), part()
	}
	if err == nil && b[0] >= plainRecord {
		if size := 4 * len(rest); size > cap(room) { // few come to more
			room = make([]byte, 0, size)
		}
		rest, err = unpack(room, rest)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	return hint, signature, rest, nil
}

// decodeRecord reads a record of the log, and trusts that it was checked before it
// was appended. It keeps nothing of b.
func decodeRecord(b []byte) (*trace.Record, error) {
	var room [512]byte
	hint, signature, canonical, err := splitInto(room[:0], b)
	if err != nil {
		return nil, err
	}
	r := new(trace.Record)
	if err := r.ReadCanonical(canonical); err != nil {
		return nil, err
	}
	sign(r, hint, signature)
	return r, nil
}

// checkedRecord is decodeRecord for who trusts nothing.
func checkedRecord(b []byte) (*trace.Record, error) {
	hint, signature, canonical, err := splitRecord(b)
	if err != nil {
		return nil, err
	}
	r, err := trace.ParseRecord(canonical)
	if err != nil {
		return nil, err
	}
	sign(r, hint, signature)
	return r, nil
}

// sign gives a record the signature that stood beside it.
func sign(r *trace.Record, hint, signature []byte) {
	if signature != nil {
		r.KeyHint, r.Signature = string(hint), append([]byte{}, signature...)
	}
}
