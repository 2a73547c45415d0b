package storage

import (
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is how many levels of the tree a tile spans: it holds up to 2^8
// hashes, of which the levels above are worked out.
const tileHeight = 8

// A frontier is the right edge of the tree: the roots of the complete subtrees
// that the leaves fall into, the largest first. One subtree stands for each bit
// that is set in the number of leaves.
type frontier struct {
	size  int64
	roots []tlog.Hash
}

// add puts a leaf at the right end. It calls stored for each hash that a tile
// holds: the leaf, and the root of every subtree as high as a tile that the leaf
// completes.
func (f *frontier) add(leaf tlog.Hash, stored func(level int, n int64, h tlog.Hash)) {
	h := leaf
	stored(0, f.size, h)
	height := 0
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.roots) - 1
		h = tlog.NodeHash(f.roots[last], h)
		f.roots = f.roots[:last]
		if height++; height%tileHeight == 0 {
			stored(height/tileHeight, n>>1, h)
		}
	}
	f.roots = append(f.roots, h)
	f.size++
}

// root returns the root of the tree.
func (f *frontier) root() tlog.Hash {
	if f.size == 0 {
		return emptyRoot
	}
	h := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.roots[i], h)
	}
	return h
}

func (f *frontier) head() Head { return Head{Size: f.size, Root: f.root()} }

func (f *frontier) clone() frontier {
	return frontier{f.size, append(make([]tlog.Hash, 0, len(f.roots)+1), f.roots...)}
}

// readFrontier reads the right edge of a tree of the given size.
func readFrontier(size int64, hashes tlog.HashReader) (frontier, error) {
	f := frontier{size: size}
	var indexes []int64
	begin := int64(0)
	for level := bits.Len64(uint64(size)) - 1; level >= 0; level-- {
		if size&(1<<level) != 0 {
			indexes = append(indexes, tlog.StoredHashIndex(level, begin>>level))
			begin += 1 << level
		}
	}
	var err error
	if len(indexes) > 0 {
		f.roots, err = hashes.ReadHashes(indexes)
	}
	return f, err
}

// rootOf returns the root of the first size leaves.
func rootOf(size int64, hashes tlog.HashReader) (tlog.Hash, error) {
	f, err := readFrontier(size, hashes)
	if err != nil {
		return tlog.Hash{}, err
	}
	return f.root(), nil
}
