package storage

import (
	"sync/atomic"

	"github.com/sublot/sublot/trace"
)

// cache keeps records as they were read, at most one for each remainder of the
// place in the log. Records never change, so nothing is ever removed but for
// another.
type cache struct{ slots []atomic.Pointer[trace.Entry] }

func (c *cache) init(n int) {
	if n <= 0 {
		n = defaultRecords
	}
	c.slots = make([]atomic.Pointer[trace.Entry], n)
}

func (c *cache) get(seq int64) (trace.Entry, bool) {
	if e := c.slots[seq%int64(len(c.slots))].Load(); e != nil && e.Seq == seq {
		return *e, true
	}
	return trace.Entry{}, false
}

func (c *cache) put(e trace.Entry) { c.slots[e.Seq%int64(len(c.slots))].Store(&e) }
