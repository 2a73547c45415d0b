package clue

// Symbols of a text that is looked up. What a lot is made of comes after them.
const (
	symbolOne  = 1 // ?
	symbolSome = 2 // *
	symbolNone = 3 // a character that no lot has
	firstOfLot = 4
)

// Bounds of one look through the words.
const (
	mostSteps = 60_000
	mostFound = 2_000
)

// A search looks for the words of a graph that are like a text.
type search struct {
	g      *graph
	text   []byte
	prefix bool // words may go on after the text

	steps int
	found []uint32 // places of words; one may come twice
	over  bool     // a bound was met: there may be more
}

// run finds the words that agree with the text in all but so many characters:
// another character, one too many, or one lost.
func (g *graph) run(text []byte, errors int, prefix bool) *search {
	s := &search{g: g, text: text, prefix: prefix, steps: mostSteps}
	s.walk(g.root, 0, 0, errors)
	return s
}

// walk goes on from a node, which base words come before, with the text from at on.
func (s *search) walk(node, base uint32, at, errors int) {
	if s.steps--; s.steps < 0 {
		s.over = true
		return
	}
	g := s.g
	from, to := g.edges[node], g.edges[node+1]
	if at == len(s.text) {
		switch {
		case s.prefix:
			s.add(base, g.words[node])
			return
		case from < to && g.label[from] == 0:
			s.add(base, g.to[from])
		}
		if errors == 0 {
			return
		}
	}
	var c byte
	if at < len(s.text) {
		switch c = s.text[at]; {
		case c == symbolOne, c == symbolSome: // may stand for none
			s.walk(node, base, at+1, errors)
		case errors > 0: // a character too many
			s.walk(node, base, at+1, errors-1)
		}
	}
	if from < to && g.label[from] == 0 {
		from++
	}
	every := errors > 0 || c == symbolOne || c == symbolSome
	for e := from; e < to; e++ {
		l := g.label[e]
		if !every {
			if l < c {
				continue
			}
			if l > c {
				return
			}
		}
		node, base := g.to[e], base+g.before[e]
		switch {
		case c == symbolSome:
			s.walk(node, base, at, errors)
		case c == symbolOne, l == c:
			s.walk(node, base, at+1, errors)
		case c != 0 && errors > 0:
			s.walk(node, base, at+1, errors-1) // another character
		}
		if errors > 0 && c != symbolSome {
			s.walk(node, base, at, errors-1) // a lost character
		}
	}
}

// add notes so many words from a place on.
func (s *search) add(from, n uint32) {
	for i := range n {
		if len(s.found) == mostFound {
			s.over = true
			return
		}
		s.found = append(s.found, from+i)
	}
}
