package storage

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2"
)

// merger joins what was written blindly to one key. Its name is on disk: a
// change of what it does needs another name and a new format.
var merger = &pebble.Merger{
	Name: "sublot.v1",
	Merge: func(key, value []byte) (pebble.ValueMerger, error) {
		if len(key) > 0 && key[0] == tagSource {
			s := &sum{}
			return s, s.MergeNewer(value)
		}
		j := &joined{}
		return j, j.MergeNewer(value)
	},
}

// joined puts values one after the other, the oldest first. It copies every
// value once when asked for the result, however many there are.
type joined struct {
	newer, older [][]byte // older in the order in which they came: the newest first
	size         int
}

func (j *joined) MergeNewer(v []byte) error {
	j.newer = append(j.newer, append([]byte(nil), v...))
	j.size += len(v)
	return nil
}

func (j *joined) MergeOlder(v []byte) error {
	j.older = append(j.older, append([]byte(nil), v...))
	j.size += len(v)
	return nil
}

func (j *joined) Finish(bool) ([]byte, io.Closer, error) {
	out := make([]byte, 0, j.size)
	for i := len(j.older) - 1; i >= 0; i-- {
		out = append(out, j.older[i]...)
	}
	for _, v := range j.newer {
		out = append(out, v...)
	}
	return out, nil, nil
}

// sum adds up counts.
type sum struct{ n uint64 }

var errCount = errors.New("storage: a count cannot be read")

func (s *sum) MergeNewer(v []byte) error {
	n, used := binary.Uvarint(v)
	if used != len(v) {
		return errCount
	}
	s.n += n
	return nil
}

func (s *sum) MergeOlder(v []byte) error { return s.MergeNewer(v) }

func (s *sum) Finish(bool) ([]byte, io.Closer, error) {
	return binary.AppendUvarint(nil, s.n), nil, nil
}
