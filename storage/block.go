package storage

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/sublot/sublot/marking"
)

// The index of items answers which records bear on a package or a run of
// packages, however deep packages are nested in one another.
//
// Packages of one parent whose names agree but for their number are a series,
// and an item is an interval [lo, hi] of the numbers printed on them. An
// interval of n packages lives on the lowest level whose blocks are at least n
// long: a block of level 0 spans 64 numbers, one of level 1 spans 64², and so
// on. So an interval never lies in more than two blocks, and whoever asks for a
// number looks into one block a level.
//
// A lot, and a package without a number, is a series of its own: it stands in
// block 0 of the series of the empty name inside itself.
//
// Blocks are written without being read: entries are appended by the database's
// merge. All blocks of a package and of what it holds lie side by side, since
// the key of a package is the beginning of the keys of its content.

const (
	blockBits = 6 // the base-2 logarithm of how many blocks of a level make one of the next
	maxLevel  = 9 // a block of it spans 64^10 numbers, more than an ordinal can be
)

// A series is the beginning of the keys of the blocks of packages that are told
// apart by their numbers alone.
type series []byte

// seriesOf returns the series that a span belongs to and its numbers in it.
func seriesOf(s marking.Span) (ser series, lo, hi uint64) {
	parent, prefix, width := s.Series()
	if width == 0 || parent.IsZero() {
		return appendSeries(s.First(), "", 0), 0, 0
	}
	lo, hi = s.Ordinals()
	return appendSeries(parent, prefix, width), lo, hi
}

func appendSeries(parent marking.ID, prefix string, width int) series {
	b := make([]byte, 1, 96)
	b[0] = tagSpan
	b = parent.AppendKey(b)
	b = append(b, 0)
	b = append(b, prefix...)
	return append(b, 0, byte(width))
}

// isOne reports whether the series is a lot or a package without a number, which
// has a single block.
func (s series) isOne() bool { return s[len(s)-1] == 0 }

// block returns the key of a block of the series.
func (s series) block(level int, number uint64) []byte {
	b := make([]byte, len(s), len(s)+9)
	copy(b, s)
	return binary.BigEndian.AppendUint64(append(b, byte(level)), number)
}

// blockSuffix is the length of what a block's key has after its series.
const blockSuffix = 9

// splitBlockKey returns what series.block put together.
func splitBlockKey(key []byte) (ser series, level int, number uint64) {
	at := len(key) - blockSuffix
	return key[:at], int(key[at]), binary.BigEndian.Uint64(key[at+1:])
}

// blocksOf returns the level that the interval [lo, hi] lives on and its first
// and last block there.
func blocksOf(lo, hi uint64) (level int, first, last uint64) {
	level = max(0, (bits.Len64(hi-lo)+blockBits-1)/blockBits-1)
	return level, blockAt(level, lo), blockAt(level, hi)
}

// blockAt returns the block of a level that a number lies in.
func blockAt(level int, n uint64) uint64 { return n >> (blockBits * (level + 1)) }

// An entry says that the record at a place in the log has an item [lo, hi].
type entry struct {
	lo, hi uint64
	seq    int64
}

// appendEntry appends an entry to the value of a block: the distance of lo from
// the block's beginning, which may lie after it, the length, and the place.
func (e entry) appendTo(b []byte, level int, number uint64) []byte {
	begin := number << (blockBits * (level + 1))
	b = binary.AppendVarint(b, int64(e.lo)-int64(begin))
	b = binary.AppendUvarint(b, e.hi-e.lo)
	return binary.AppendUvarint(b, uint64(e.seq))
}

var errBlock = errors.New("storage: a block of the index of items cannot be read")

// readEntry reads the first entry of a block's value and returns what follows.
func readEntry(b []byte, level int, number uint64) (e entry, rest []byte, err error) {
	begin := number << (blockBits * (level + 1))
	from, i := binary.Varint(b)
	if i <= 0 {
		return e, nil, errBlock
	}
	length, j := binary.Uvarint(b[i:])
	if j <= 0 {
		return e, nil, errBlock
	}
	seq, k := binary.Uvarint(b[i+j:])
	if k <= 0 {
		return e, nil, errBlock
	}
	lo := uint64(int64(begin) + from)
	return entry{lo, lo + length, int64(seq)}, b[i+j+k:], nil
}
