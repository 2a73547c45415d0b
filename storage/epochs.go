package storage

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
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
	grown  sync.RWMutex      // held while last is changed, or read by others than the writer
	last   map[string]uint16 // the last part of blocks that have several, by wholeBlock
	seed   maphash.Seed      // of the blocks in counts
	counts []countedBlocks

	mu   sync.Mutex
	long map[string]struct{} // parts that the database met and found long
}

// A lastPart is the last part of a block.
type lastPart struct {
	block    uint64 // hash, 0 for none
	epoch, n uint16 // n entries were written to it since the count began
}

// countedBlocks are blocks whose hashes end alike. Those that few entries came to make
// room for others.
type countedBlocks [4]lastPart

var epochEntries = 512 // of a part; less in tests

const (
	longPart   = 16 << 10 // bytes
	maxCounted = 1 << 16  // blocks, about
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
	e.last = last
	clear(e.counts)
	e.grown.Unlock()
	return it.Error()
}

// next returns the part of a block that an entry goes to, and whether it is a
// new one. Key is that of the block's first part.
func (e *epochs) next(key []byte) (epoch uint16, grew bool) {
	p := e.count(wholeBlock(key))
	p.n++
	if (int(p.n) > epochEntries || e.isLong(key, p.epoch)) && p.epoch < maxEpoch {
		e.grow(wholeBlock(key), p.epoch+1)
		p.n, grew = 1, true
	}
	return p.epoch, grew
}

// grow says which is the last part of a block now.
func (e *epochs) grow(block []byte, last uint16) {
	e.grown.Lock()
	e.last[string(block)] = last
	e.grown.Unlock()
	e.count(block).epoch = last
}

// count returns the count of a block, which begins where there was none.
func (e *epochs) count(block []byte) *lastPart {
	if e.counts == nil {
		e.seed, e.counts = maphash.MakeSeed(), make([]countedBlocks, maxCounted/len(countedBlocks{}))
	}
	hash := max(1, maphash.Bytes(e.seed, block))
	of := &e.counts[hash%uint64(len(e.counts))]
	least := &of[0]
	for i := range of {
		p := &of[i]
		if p.block == hash {
			return p
		}
		if p.block == 0 || p.n < least.n {
			least = p
		}
	}
	*least = lastPart{block: hash, epoch: e.last[string(block)]}
	return least
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
