package storage

import (
	"encoding/binary"
	"errors"

	"github.com/sublot/sublot/trace"
)

// A record in the log is a byte that says what follows, for a signed record
// the hint of its key and the signature, each after its length, and then the
// record's canonical form to the end.
const (
	plainRecord  = 0x00
	signedRecord = 0x01
)

func encodeRecord(b []byte, r *trace.Record) []byte {
	if r.Signature == nil {
		b = append(b, plainRecord)
	} else {
		b = append(b, signedRecord)
		b = append(binary.AppendUvarint(b, uint64(len(r.KeyHint))), r.KeyHint...)
		b = append(binary.AppendUvarint(b, uint64(len(r.Signature))), r.Signature...)
	}
	return append(b, r.Canonical...)
}

var errRecord = errors.New("storage: a record of the log cannot be read")

// splitRecord takes apart what encodeRecord put together. The parts are those
// of b, not copies.
func splitRecord(b []byte) (hint, signature, canonical []byte, err error) {
	if len(b) == 0 || b[0] > signedRecord {
		return nil, nil, nil, errRecord
	}
	if b[0] == plainRecord {
		return nil, nil, b[1:], nil
	}
	part := func(b []byte) (part, rest []byte, ok bool) {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, nil, false
		}
		return b[used : used+int(n)], b[used+int(n):], true
	}
	hint, rest, ok := part(b[1:])
	if !ok {
		return nil, nil, nil, errRecord
	}
	signature, canonical, ok = part(rest)
	if !ok {
		return nil, nil, nil, errRecord
	}
	return hint, signature, canonical, nil
}

// decodeRecord reads a record of the log. It keeps nothing of b.
func decodeRecord(b []byte) (*trace.Record, error) {
	hint, signature, canonical, err := splitRecord(b)
	if err != nil {
		return nil, err
	}
	r, err := trace.ParseRecord(canonical)
	if err != nil {
		return nil, err
	}
	if signature != nil {
		r.KeyHint, r.Signature = string(hint), append([]byte{}, signature...)
	}
	return r, nil
}
