package storage

import (
	"bytes"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/sublot/sublot/marking"
)

// lotBlocks keeps the blocks of small lots as they were read, all blocks of a
// lot in one piece, so that a question about a lot that was asked about before
// looks into the database no more. What an append touches is dropped; where there
// is no room, any other lot goes.
type lotBlocks struct {
	mu   sync.RWMutex
	lots map[marking.ID]*lotImage
	size int64 // bytes
	room int64
}

// A lotImage is the blocks of one lot in the order of their keys.
type lotImage struct {
	large   bool   // too large to be kept: there is nothing here
	prefix  int    // how many bytes all keys begin with alike
	data    []byte // key and value of each block
	at      []blockPlace
	entries int // in all blocks, some in two of them
}

// A blockPlace says where in the data a key and the value after it begin, and
// where that ends.
type blockPlace struct{ key, value, end uint32 }

const (
	lotCacheShare = 3        // one part in so many of the cache is for lots
	largeLot      = 32 << 10 // bytes of blocks
	lotOverhead   = 200      // bytes beside those of blocks
)

func (im *lotImage) bytes() int64 {
	return int64(len(im.data)+len(im.at)*12) + lotOverhead
}

func (c *lotBlocks) init(room int64) {
	c.room = room
	c.clear()
}

// get returns what is known of a lot, nil where nothing is.
func (c *lotBlocks) get(lot marking.ID) *lotImage {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.lots[lot]
}

func (c *lotBlocks) put(lot marking.ID, im *lotImage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.lots[lot]; old != nil {
		c.size -= old.bytes()
	}
	c.lots[lot] = im
	c.size += im.bytes()
	for other, old := range c.lots {
		if c.size <= c.room {
			break
		}
		if other != lot {
			c.size -= old.bytes()
			delete(c.lots, other)
		}
	}
}

// drop forgets lots, by the keys of theirs.
func (c *lotBlocks) drop(lots [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lots) == 0 {
		return nil
	}
	for _, key := range lots {
		lot, err := marking.ParseKey(key)
		if err != nil {
			return err
		}
		if old := c.lots[lot]; old != nil {
			c.size -= old.bytes()
			delete(c.lots, lot)
		}
	}
	return nil
}

// clear forgets all lots.
func (c *lotBlocks) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lots, c.size = map[marking.ID]*lotImage{}, 0
}

// readLot reads the blocks of a lot.
func readLot(it *pebble.Iterator, lot marking.ID) (*lotImage, error) {
	prefix := lot.AppendKey([]byte{tagSpan})
	im := &lotImage{prefix: len(prefix)}
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		if len(im.data)+len(it.Key())+len(value) > largeLot {
			return &lotImage{large: true}, nil
		}
		place := blockPlace{key: uint32(len(im.data))}
		im.data = append(im.data, it.Key()...)
		place.value = uint32(len(im.data))
		im.data = append(im.data, value...)
		place.end = uint32(len(im.data))
		im.at = append(im.at, place)
		im.entries += countEntries(value)
	}
	im.data = bytes.Clone(im.data) // without room to grow
	return im, it.Error()
}

// A blockIterator walks over blocks: those of the database, or of an image.
type blockIterator interface {
	SeekGE(key []byte) bool
	Next() bool
	Valid() bool
	Key() []byte
	ValueAndErr() ([]byte, error)
}

// A lotIterator walks over an image as an iterator walks over the database.
type lotIterator struct {
	im *lotImage
	n  int
}

func (i *lotIterator) key(n int) []byte {
	p := i.im.at[n]
	return i.im.data[p.key:p.value:p.value]
}

// SeekGE moves to the first key that is not below target, which is in the lot,
// too: what all its keys begin with need not be compared.
func (i *lotIterator) SeekGE(target []byte) bool {
	target = target[i.im.prefix:]
	lo, hi := 0, len(i.im.at)
	for lo < hi {
		n := int(uint(lo+hi) / 2)
		p := i.im.at[n]
		if bytes.Compare(i.im.data[int(p.key)+i.im.prefix:p.value], target) < 0 {
			lo = n + 1
		} else {
			hi = n
		}
	}
	i.n = lo
	return i.Valid()
}

func (i *lotIterator) Next() bool {
	i.n++
	return i.Valid()
}

func (i *lotIterator) Valid() bool { return i.n < len(i.im.at) }
func (i *lotIterator) Key() []byte { return i.key(i.n) }

func (i *lotIterator) ValueAndErr() ([]byte, error) {
	p := i.im.at[i.n]
	return i.im.data[p.value:p.end:p.end], nil
}
