package clue

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// A graph is a list of words in their order as the smallest graph whose paths
// they are: words that end alike share the nodes of their ends. A path gives the
// place of its word in the list.
type graph struct {
	edges []uint32 // of each node its first edge; one more at the end
	words []uint32 // of each node how many words go on from it

	label  []byte   // of each edge; 0 where words end
	to     []uint32 // the node it leads to; where words end, how many equal ones
	before []uint32 // how many words of the node come before its own

	root uint32
}

// A word is a text of symbols, none of them 0, and what it stands for.
type word struct {
	high, low uint64 // the first 16 symbols, which settle most comparisons
	text      []byte
	of        uint32
}

func wordOf(text []byte, of uint32) word {
	var head [16]byte
	copy(head[:], text)
	return word{binary.BigEndian.Uint64(head[:]), binary.BigEndian.Uint64(head[8:]), text, of}
}

func (w word) compare(other word) int {
	if c := cmp.Compare(w.high, other.high); c != 0 {
		return c
	}
	if c := cmp.Compare(w.low, other.low); c != 0 {
		return c
	}
	return cmp.Or(bytes.Compare(w.text, other.text), cmp.Compare(w.of, other.of))
}

// newGraph makes the graph of some words and returns what they stand for, in
// their order. It sorts the words.
func newGraph(words []word) (g *graph, of []uint32) {
	slices.SortFunc(words, word.compare)
	b := &builder{g: &graph{}, table: make([]uint32, 1<<12)}
	of = make([]uint32, len(words))
	for i, w := range words {
		of[i] = w.of
		b.add(w.text)
	}
	b.close(0)
	b.g.root = b.settle(b.open[0])
	b.g.edges = append(b.g.edges, uint32(len(b.g.label)))
	return b.g, of
}

// A builder adds words in their order. The nodes of the last word are open; the
// others are settled, each once.
type builder struct {
	g     *graph
	last  []byte
	open  []openNode // of the prefixes of last
	table []uint32   // settled nodes by their content, plus one; a power of two long
}

type openNode struct {
	label  []byte
	to     []uint32
	before []uint32
	words  uint32
}

func (b *builder) add(text []byte) {
	same := 0
	for same < len(text) && same < len(b.last) && text[same] == b.last[same] {
		same++
	}
	b.close(same)
	for len(b.open) <= len(text) {
		b.open = append(b.open, openNode{})
	}
	for i := same; i < len(text); i++ {
		n := &b.open[i]
		n.label, n.to, n.before = append(n.label, text[i]), append(n.to, 0), append(n.before, n.words)
	}
	end := &b.open[len(text)]
	if len(end.label) == 0 {
		end.label, end.to, end.before = append(end.label, 0), append(end.to, 0), append(end.before, 0)
	}
	end.to[0]++ // an end comes first: nothing has gone on from here yet
	end.words++
	b.last = append(b.last[:0], text...)
}

// close settles the nodes of the last word beyond its first characters.
func (b *builder) close(keep int) {
	if len(b.open) == 0 {
		b.open = append(b.open, openNode{})
	}
	for i := len(b.last); i > keep; i-- {
		n, parent := &b.open[i], &b.open[i-1]
		parent.words += n.words
		parent.to[len(parent.to)-1] = b.settle(*n)
		*n = openNode{n.label[:0], n.to[:0], n.before[:0], 0}
	}
}

// settle returns the node of some content: one that is there, or a new one.
func (b *builder) settle(n openNode) uint32 {
	at := b.hash(n.label, n.to) & uint64(len(b.table)-1)
	for ; b.table[at] != 0; at = (at + 1) & uint64(len(b.table)-1) {
		if id := b.table[at] - 1; b.g.words[id] == n.words && b.equals(id, n) {
			return id
		}
	}
	g := b.g
	id := uint32(len(g.words))
	g.edges = append(g.edges, uint32(len(g.label)))
	g.words = append(g.words, n.words)
	g.label, g.to, g.before = append(g.label, n.label...), append(g.to, n.to...), append(g.before, n.before...)
	b.table[at] = id + 1
	if 2*len(g.words) > len(b.table) {
		b.grow()
	}
	return id
}

func (b *builder) equals(id uint32, n openNode) bool {
	from, to := b.g.edges[id], uint32(len(b.g.label))
	if int(id)+1 < len(b.g.edges) {
		to = b.g.edges[id+1]
	}
	return bytes.Equal(b.g.label[from:to], n.label) && slices.Equal(b.g.to[from:to], n.to)
}

func (b *builder) hash(label []byte, to []uint32) uint64 {
	h := uint64(len(label))
	for i, l := range label {
		h = (h ^ uint64(l) ^ uint64(to[i])<<8) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

func (b *builder) grow() {
	g := b.g
	b.table = make([]uint32, 2*len(b.table))
	for id := range g.words {
		from, to := g.edges[id], uint32(len(g.label))
		if id+1 < len(g.edges) {
			to = g.edges[id+1]
		}
		at := b.hash(g.label[from:to], g.to[from:to]) & uint64(len(b.table)-1)
		for b.table[at] != 0 {
			at = (at + 1) & uint64(len(b.table)-1)
		}
		b.table[at] = uint32(id) + 1
	}
}
