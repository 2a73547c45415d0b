package clue

import "unicode/utf8"

// An alphabet numbers the characters of lots, those that are taken for each
// other as one: the symbols that are looked up. It has room for 200 kinds of
// characters; all further ones share a symbol, and comparing tells them apart.
type alphabet struct {
	plain [utf8.RuneSelf]byte
	other map[rune]byte
	next  byte
}

const (
	symbolRare = firstOfLot
	lastSymbol = firstOfLot + 200
)

func newAlphabet() *alphabet { return &alphabet{other: map[rune]byte{}, next: firstOfLot + 1} }

// append appends the symbols of a lot.
func (a *alphabet) append(b []byte, lot string) []byte {
	for _, r := range lot {
		if r = latin(r); !isCharacter(r) {
			continue
		}
		s := a.symbol(r)
		if s == symbolNone {
			if s = symbolRare; a.next <= lastSymbol {
				s = a.next
				a.next++
			}
			a.set(r, s)
		}
		b = append(b, s)
	}
	return b
}

func (a *alphabet) set(r rune, s byte) {
	if r = classed(r); r < utf8.RuneSelf {
		a.plain[r] = s
		return
	}
	a.other[r] = s
}

// symbol returns the symbol of a folded character, symbolNone where no lot has it.
func (a *alphabet) symbol(r rune) byte {
	switch r {
	case oneUnread:
		return symbolOne
	case someUnread:
		return symbolSome
	}
	if r = classed(r); r >= utf8.RuneSelf {
		if s, ok := a.other[r]; ok {
			return s
		}
	} else if s := a.plain[r]; s != 0 {
		return s
	}
	return symbolNone
}

// text returns the symbols of a clue, without its separators.
func (a *alphabet) text(gs []glyph) []byte {
	out := make([]byte, 0, len(gs))
	for _, g := range gs {
		if !g.isSeparator() {
			out = append(out, a.symbol(g.fold))
		}
	}
	return out
}
