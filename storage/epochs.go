package storage

import (
	"bytes"
	"encoding/binary"
	"maps"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// epochs decides which part of a block the next entry goes to. A block whose
// last part holds some 512 entries goes on in a further one: what is written to
// a full part is never written again when the database keeps house. A reader
// takes all parts, which lie side by side.
//
// What grew beyond its first part is on disk, under a key of its own. How full
// the last part is, is counted in memory alone, so that writing stays blind: a
// part may hold more than it should after a restart, which costs a little time
// and nothing else. The database tells, too, when it meets a part that is long.
type epochs struct {
	grown  sync.RWMutex       // held while last is changed, or read by others than the writer
	last   map[string]uint16  // the last part of blocks that have several, by wholeBlock
	counts map[string]*uint16 // entries written to the last part since the count began

	mu   sync.Mutex
	long map[string]struct{} // parts that the database met and found long
}

var epochEntries = 512 // of a part; less in tests

const (
	longPart   = 16 << 10 // bytes
	maxCounted = 1 << 16  // blocks
	maxEpoch   = 1<<16 - 1
)

func grownKey(block []byte) []byte {
	k := bytes.Clone(wholeBlock(block))
	k[0] = tagGrown
	return k
}

func (e *epochs) read(r pebble.Reader) error {
	last := map[string]uint16{}
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{tagGrown}, UpperBound: []byte{tagGrown + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		n, used := binary.Uvarint(value)
		if used != len(value) || n > maxEpoch {
			return errCount
		}
		block := bytes.Clone(it.Key())
		block[0] = tagSpan
		last[string(block)] = uint16(n)
	}
	e.grown.Lock()
	e.last, e.counts = last, map[string]*uint16{}
	e.grown.Unlock()
	return it.Error()
}

// next returns the part of a block that an entry goes to, and whether it is a
// new one. Key is that of the block's first part.
func (e *epochs) next(key []byte) (epoch uint16, grew bool) {
	block := wholeBlock(key)
	epoch = e.last[string(block)]
	n := e.counts[string(block)]
	if n == nil {
		if len(e.counts) >= maxCounted {
			e.forget()
		}
		n = new(uint16)
		e.counts[string(block)] = n
	}
	*n++
	if int(*n) > epochEntries || e.isLong(key, epoch) {
		if epoch < maxEpoch {
			epoch, grew, *n = epoch+1, true, 1
			e.grow(string(block), epoch)
		}
	}
	return epoch, grew
}

func (e *epochs) grow(block string, last uint16) {
	e.grown.Lock()
	e.last[block] = last
	e.grown.Unlock()
}

// several reports whether a block may have parts after the one of a key.
func (e *epochs) several(key []byte) bool {
	e.grown.RLock()
	defer e.grown.RUnlock()
	if len(e.last) == 0 {
		return false
	}
	_, ok := e.last[string(wholeBlock(key))]
	return ok
}

// forget drops the counts of blocks that few entries came to.
func (e *epochs) forget() {
	maps.DeleteFunc(e.counts, func(_ string, n *uint16) bool { return int(*n) < epochEntries/8 })
	if len(e.counts) > maxCounted/2 {
		clear(e.counts)
	}
}

// met notes what the database joined to one value.
func (e *epochs) met(key []byte, size int) {
	if size < longPart {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.long == nil {
		e.long = map[string]struct{}{}
	}
	if len(e.long) < maxCounted {
		e.long[string(key)] = struct{}{}
	}
}

func (e *epochs) isLong(key []byte, epoch uint16) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.long) == 0 {
		return false
	}
	part := binary.BigEndian.AppendUint16(bytes.Clone(wholeBlock(key)), epoch)
	_, ok := e.long[string(part)]
	if ok {
		delete(e.long, string(part))
	}
	return ok
}
