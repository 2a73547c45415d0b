package storage

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// A keyFilter is the database's filter of the keys of a table, which tells most tables that
// do not have a key without a look into them. It holds only keys that are looked up one by
// one: those of lists, which are read from one to the next, are more than half.
type keyFilter struct{ bloom.FilterPolicy }

// keysFilter takes ten bits a key, and takes one key in a hundred for another.
var keysFilter = keyFilter{bloom.FilterPolicy(10)}

// oldFilter is of all keys. Tables have it that were written before there was another; those
// of formats 1 to 3 in testdata do.
var oldFilter pebble.FilterPolicy = keysFilter.FilterPolicy

// Name implements [pebble.FilterPolicy]. It is on disk: what the filter holds depends on it.
func (keyFilter) Name() string { return "sublot.keys.v1" }

// MayContain implements [pebble.FilterPolicy].
func (f keyFilter) MayContain(kind pebble.FilterType, filter, key []byte) bool {
	return !lookedUp(key) || f.FilterPolicy.MayContain(kind, filter, key)
}

// NewWriter implements [pebble.FilterPolicy].
func (f keyFilter) NewWriter(kind pebble.FilterType) pebble.FilterWriter {
	return keyFilterWriter{f.FilterPolicy.NewWriter(kind)}
}

type keyFilterWriter struct{ pebble.FilterWriter }

// AddKey implements [pebble.FilterWriter].
func (w keyFilterWriter) AddKey(key []byte) {
	if lookedUp(key) {
		w.FilterWriter.AddKey(key)
	}
}

// lookedUp reports whether a key is one that is looked up by itself in tables that may not
// have it: a name, a block of items, or a tile. Those of the log come first in their tables,
// and so are only looked for where they are.
func lookedUp(key []byte) bool {
	switch key[0] {
	case tagName, tagSpan, tagTile:
		return true
	}
	return false
}
