package storage

import (
	"sync/atomic"

	"github.com/sublot/sublot/trace"
)

// cache keeps records as they were read, a few for each remainder of the place in
// the log. Records never change, so nothing is ever removed but for another.
type cache struct {
	sets [][cacheWays]atomic.Pointer[trace.Entry]
	turn atomic.Uint32 // whose place the next one takes
}

const cacheWays = 4

func (c *cache) init(n int) {
	c.sets = make([][cacheWays]atomic.Pointer[trace.Entry], (n+cacheWays-1)/cacheWays)
}

func (c *cache) set(seq int64) *[cacheWays]atomic.Pointer[trace.Entry] {
	return &c.sets[seq%int64(len(c.sets))]
}

func (c *cache) get(seq int64) (trace.Entry, bool) {
	set := c.set(seq)
	for i := range set {
		if e := set[i].Load(); e != nil && e.Seq == seq {
			return *e, true
		}
	}
	return trace.Entry{}, false
}

func (c *cache) put(e trace.Entry) {
	set := c.set(e.Seq)
	for i := range set {
		if set[i].CompareAndSwap(nil, &e) {
			return
		}
	}
	set[c.turn.Add(1)%cacheWays].Store(&e)
}
