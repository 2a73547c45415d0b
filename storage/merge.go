package storage

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// newMerger joins what was written blindly to one key. Its name is on disk: a
// change of what it does to keys that there are needs another name and a new
// format. It tells met the size of each value of a block that it joined.
func newMerger(met func(key []byte, size int)) *pebble.Merger {
	return &pebble.Merger{Name: "sublot.v1", Merge: func(key, value []byte) (pebble.ValueMerger, error) {
		if len(key) > 0 && summed(key[0]) {
			s := &sums{}
			return s, s.MergeNewer(value)
		}
		j := &joined{size: len(value), newer: append([]byte(nil), value...)}
		if len(key) > 0 && key[0] == tagSpan {
			j.met, j.key = met, key
		}
		return j, nil
	}}
}

// summed reports whether values of a tag's keys are counts, which are added up.
func summed(tag byte) bool { return tag == tagSource || tag == tagTotal || tag == tagSourceSum }

// joined puts values one after the other, the oldest first. It copies every
// value once when asked for the result, however many there are.
type joined struct {
	newer []byte
	older [][]byte // in the order in which they came: the newest first
	size  int

	met func(key []byte, size int)
	key []byte
}

func (j *joined) MergeNewer(v []byte) error {
	j.newer = append(j.newer, v...)
	j.size += len(v)
	return nil
}

func (j *joined) MergeOlder(v []byte) error {
	j.older = append(j.older, append([]byte(nil), v...))
	j.size += len(v)
	return nil
}

func (j *joined) Finish(bool) ([]byte, io.Closer, error) {
	if j.met != nil {
		j.met(j.key, j.size)
	}
	if len(j.older) == 0 {
		return j.newer, nil, nil
	}
	out := make([]byte, 0, j.size)
	for i := len(j.older) - 1; i >= 0; i-- {
		out = append(out, j.older[i]...)
	}
	return append(out, j.newer...), nil, nil
}

// sums adds up lists of counts, place by place, modulo 2^64.
type sums struct{ n []uint64 }

var errCount = errors.New("storage: a count cannot be read")

func (s *sums) MergeNewer(v []byte) error {
	for i := 0; len(v) > 0; i++ {
		n, used := binary.Uvarint(v)
		if used <= 0 {
			return errCount
		}
		if i == len(s.n) {
			s.n = append(s.n, 0)
		}
		s.n[i] += n
		v = v[used:]
	}
	return nil
}

func (s *sums) MergeOlder(v []byte) error { return s.MergeNewer(v) }

func (s *sums) Finish(bool) ([]byte, io.Closer, error) { return s.append(nil), nil, nil }

func (s *sums) append(b []byte) []byte {
	for _, n := range s.n {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// join appends what the database makes of values that are merged to a key of a tag,
// the oldest first.
func join(b []byte, tag byte, values [][]byte) ([]byte, error) {
	if !summed(tag) {
		for _, v := range values {
			b = append(b, v...)
		}
		return b, nil
	}
	var room [8]uint64
	s := sums{n: room[:0]}
	for _, v := range values {
		if err := s.MergeNewer(v); err != nil {
			return nil, err
		}
	}
	return s.append(b), nil
}
