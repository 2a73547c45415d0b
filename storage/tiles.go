package storage

import (
	"errors"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"
)

var errTile = errors.New("storage: a tile of the tree is missing or too short")

// tiles reads the hashes of a tree from the tiles that r holds.
type tiles struct {
	r    pebble.Reader
	kept *keptTiles // may be nil
	size int64      // of the tree, where kept is not nil
}

// ReadHashes implements [tlog.HashReader].
func (t tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	read := map[tileID]subtree{}
	for i, index := range indexes {
		tile := tlog.TileForIndex(tileHeight, index)
		id := tileID{tile.L, tile.N}
		s, ok := read[id]
		if !ok {
			var err error
			if s, err = t.subtree(id, tile.W); err != nil {
				return nil, err
			}
			read[id] = s
		}
		level, n := tlog.SplitStoredHashIndex(index)
		level -= tile.L * tileHeight
		n -= tile.N << (tileHeight - level)
		if level >= len(s) || n >= int64(len(s[level])) {
			return nil, errTile
		}
		out[i] = s[level][n]
	}
	return out, nil
}

// subtree returns what a tile comes to, of which at least the first width hashes
// are wanted.
func (t tiles) subtree(id tileID, width int) (subtree, error) {
	keep := t.kept != nil && (id.level > 0 || id.n == t.size>>tileHeight)
	if keep {
		if s := t.kept.get(id); len(s) > 0 && len(s[0]) >= width {
			return s, nil
		}
	}
	hashes, err := t.tile(id.level, id.n)
	if err != nil {
		return nil, err
	}
	s := newSubtree(hashes)
	if keep {
		t.kept.put(id, s)
	}
	return s, nil
}

// tile returns the hashes of a tile, as many as are there.
func (t tiles) tile(level int, n int64) ([]byte, error) {
	value, closer, err := t.r.Get(tileKey(level, n))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, errTile
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return append([]byte(nil), value...), nil
}

// A subtree is the hashes of a tile and those above them that a tile has room for,
// as far as they are of complete trees, the lowest level first.
type subtree [][]tlog.Hash

func newSubtree(tile []byte) subtree {
	level := make([]tlog.Hash, len(tile)/tlog.HashSize)
	for i := range level {
		copy(level[i][:], tile[i*tlog.HashSize:])
	}
	s := make(subtree, 0, tileHeight)
	for len(level) > 0 && len(s) < tileHeight {
		s = append(s, level)
		above := make([]tlog.Hash, len(level)/2)
		for i := range above {
			above[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
		level = above
	}
	return s
}

// keptTiles keeps what tiles come to that most proofs need: those above the lowest
// level, of which there is one for 65,536 records, and the last of the lowest. To work
// them out again costs more than to read them. A log only grows: what was read of
// a tile stays true.
type keptTiles struct {
	mu sync.Mutex
	of map[tileID]subtree
}

const maxKeptTiles = 1024 // of 16 KB each

func (k *keptTiles) get(id tileID) subtree {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[id]
}

func (k *keptTiles) put(id tileID, s subtree) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[tileID]subtree{}
	}
	if len(k.of) >= maxKeptTiles {
		for other := range k.of { // whichever comes first
			delete(k.of, other)
			break
		}
	}
	k.of[id] = s
}
