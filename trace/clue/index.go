package clue

import (
	"bytes"
	"iter"
	"slices"
	"sort"

	"github.com/sublot/sublot/marking"
)

// An Index is the lots that clues are compared with. It takes about 120 bytes a
// lot beside the identities, and is safe for use by several goroutines.
type Index struct {
	lots   []marking.ID
	makers []string // in order, each once

	// Each lot has two keys: its lot text alone, and its maker before it. The
	// keys are skeletons, one after the other in their order.
	text     []byte
	ends     []uint32
	of       []uint32 // twice the lot's place in lots, one more with its maker
	backward []uint32 // the keys in the order of their reversed texts
}

// New makes an index of lots, such as [trace.Ledger.Lots] yields. The error is
// that of the sequence.
func New(lots iter.Seq2[marking.ID, error]) (*Index, error) {
	x := &Index{}
	for lot, err := range lots {
		if err != nil {
			return nil, err
		}
		x.lots = append(x.lots, lot)
		if n := len(x.makers); n == 0 || x.makers[n-1] != lot.Maker() {
			x.makers = append(x.makers, lot.Maker())
		}
	}
	slices.Sort(x.makers)
	x.makers = slices.Compact(x.makers)
	x.addKeys()
	return x, nil
}

func (x *Index) addKeys() {
	type key struct {
		from, to uint32 // in raw
		of       uint32
	}
	var raw []byte
	keys := make([]key, 0, 2*len(x.lots))
	for i, lot := range x.lots {
		for which, s := range [2]string{lot.Name(), lot.Maker() + lot.Name()} {
			from := len(raw)
			raw = appendSkeleton(raw, s)
			keys = append(keys, key{uint32(from), uint32(len(raw)), uint32(2*i + which)})
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(raw[a.from:a.to], raw[b.from:b.to]) })
	x.text = make([]byte, 0, len(raw))
	x.ends = make([]uint32, len(keys))
	x.of = make([]uint32, len(keys))
	x.backward = make([]uint32, len(keys))
	for i, k := range keys {
		x.text = append(x.text, raw[k.from:k.to]...)
		x.ends[i], x.of[i], x.backward[i] = uint32(len(x.text)), k.of, uint32(i)
	}
	slices.SortFunc(x.backward, func(a, b uint32) int { return compareReversed(x.key(a), x.key(b)) })
}

// target returns the text that a key is the skeleton of.
func (x *Index) target(of uint32) string {
	lot := x.lots[of/2]
	if of%2 == 1 {
		return lot.Maker() + lot.Name()
	}
	return lot.Name()
}

func appendSkeleton(b []byte, s string) []byte {
	for _, r := range s {
		if g := (glyph{fold: latin(r)}); !g.isSeparator() {
			b = appendClass(b, g.fold)
		}
	}
	return b
}

func (x *Index) key(i uint32) []byte {
	var from uint32
	if i > 0 {
		from = x.ends[i-1]
	}
	return x.text[from:x.ends[i]]
}

func compareReversed(a, b []byte) int {
	for i := 1; i <= len(a) && i <= len(b); i++ {
		if x, y := a[len(a)-i], b[len(b)-i]; x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// A search walks the keys in one of their two orders as if they were a tree of
// their characters.
type search struct {
	x      *Index
	back   bool   // from the end
	text   []byte // the skeleton, reversed where back
	strict int    // characters that must stand as they are
	prefix bool   // keys may go on after the text
	found  map[uint32]bool
	work   int // steps left
}

// at returns a character of the key that is i-th in the order, 0 after its end.
func (s *search) at(i, depth int) byte {
	k := uint32(i)
	if s.back {
		k = s.x.backward[i]
	}
	key := s.x.key(k)
	if depth >= len(key) {
		return 0
	}
	if s.back {
		return key[len(key)-1-depth]
	}
	return key[depth]
}

// part returns the keys of lo to hi that have c at a depth.
func (s *search) part(lo, hi, depth int, c byte) (int, int) {
	from := lo + sort.Search(hi-lo, func(i int) bool { return s.at(lo+i, depth) >= c })
	to := from + sort.Search(hi-from, func(i int) bool { return s.at(from+i, depth) > c })
	return from, to
}

// walk finds the keys of lo to hi, which agree with the text so far, that agree
// with its rest in all but left characters.
func (s *search) walk(lo, hi, depth, at, left int) {
	if lo >= hi || s.work <= 0 {
		return
	}
	s.work--
	if at == len(s.text) {
		s.end(lo, hi, depth)
		if left > 0 {
			s.children(lo, hi, depth, func(from, to int, _ byte) { s.walk(from, to, depth+1, at, left-1) })
		}
		return
	}
	free := left > 0 && at >= s.strict
	switch c := s.text[at]; {
	case c == oneUnread:
		s.walk(lo, hi, depth, at+1, left)
		s.children(lo, hi, depth, func(from, to int, _ byte) { s.walk(from, to, depth+1, at+1, left) })
	case c == someUnread:
		s.walk(lo, hi, depth, at+1, left)
		s.children(lo, hi, depth, func(from, to int, _ byte) { s.walk(from, to, depth+1, at, left) })
	case !free:
		from, to := s.part(lo, hi, depth, c)
		s.walk(from, to, depth+1, at+1, left)
	default:
		s.walk(lo, hi, depth, at+1, left-1) // a character too many
		s.children(lo, hi, depth, func(from, to int, d byte) {
			if d == c {
				s.walk(from, to, depth+1, at+1, left)
			} else {
				s.walk(from, to, depth+1, at+1, left-1) // another character
			}
			s.walk(from, to, depth+1, at, left-1) // a lost character
		})
	}
}

// end notes the keys that end here, or all of them where they may go on.
func (s *search) end(lo, hi, depth int) {
	if !s.prefix {
		_, hi = s.part(lo, hi, depth, 0)
	}
	for i := lo; i < hi && s.work > 0; i++ {
		s.work--
		k := uint32(i)
		if s.back {
			k = s.x.backward[i]
		}
		s.found[k] = true
	}
}

// children calls f with the keys that go on with each character.
func (s *search) children(lo, hi, depth int, f func(from, to int, c byte)) {
	_, lo = s.part(lo, hi, depth, 0)
	for lo < hi && s.work > 0 {
		c := s.at(lo, depth)
		to := lo + sort.Search(hi-lo, func(i int) bool { return s.at(lo+i, depth) > c })
		f(lo, to, c)
		lo = to
	}
}
