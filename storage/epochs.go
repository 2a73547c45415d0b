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
	grown  sync.RWMutex      // held while last is changed, or read by others than the writer
	last   map[string]uint16 // the last part of blocks that have several, by wholeBlock
	counts map[string]*lastPart

	mu   sync.Mutex
	long map[string]struct{} // parts that the database met and found long
}

// A lastPart is the last part of a block.
type lastPart struct{ epoch, n uint16 } // n entries were written to it since the count began

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
	e.last, e.counts = last, map[string]*lastPart{}
	e.grown.Unlock()
	return it.Error()
}

// next returns the part of a block that an entry goes to, and whether it is a
// new one. Key is that of the block's first part.
func (e *epochs) next(key []byte) (epoch uint16, grew bool) {
	block := wholeBlock(key)
	p := e.counts[string(block)]
	if p == nil {
		if len(e.counts) >= maxCounted {
			e.forget()
		}
		p = &lastPart{epoch: e.last[string(block)]}
		e.counts[string(block)] = p
	}
	p.n++
	if int(p.n) > epochEntries || e.isLong(key, p.epoch) {
		if p.epoch < maxEpoch {
			e.grow(string(block), p.epoch+1)
			p.n, grew = 1, true
		}
	}
	return p.epoch, grew
}

func (e *epochs) grow(block string, last uint16) {
	e.grown.Lock()
	e.last[block] = last
	e.grown.Unlock()
	if p := e.counts[block]; p != nil {
		p.epoch = last
	}
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
	maps.DeleteFunc(e.counts, func(_ string, p *lastPart) bool { return int(p.n) < epochEntries/8 })
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
