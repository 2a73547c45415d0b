package clue

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sublot/sublot/marking"
)

// An Index is the lots that clues are compared with. It is safe for use by
// several goroutines.
type Index struct {
	lots   []marking.ID
	makers map[string][]string // by their code without the state
	*alphabet

	// Each lot stands in the forward graph in two or three ways, and in the
	// backward graph once, from its end to its maker.
	forward, backward     *graph
	ofForward, ofBackward []uint32 // of each word the place of its lot in lots, times ways, and the way
}

// The ways in which a lot is looked up.
const (
	nameAlone = iota // the lot as printed
	withMaker        // its maker before it
	withCode         // its maker before it without its state: 21 for PL:21
	ways

	mostLots = 1 << 30
)

// New makes an index of lots, such as [trace.Ledger.Lots] yields. The error is
// that of the sequence.
func New(lots iter.Seq2[marking.ID, error]) (*Index, error) {
	x := &Index{alphabet: newAlphabet(), makers: map[string][]string{}}
	for lot, err := range lots {
		if err != nil {
			return nil, err
		}
		if len(x.lots) == mostLots {
			return nil, fmt.Errorf("clue: more than %d lots", mostLots)
		}
		x.lots = append(x.lots, lot)
		if n := len(x.lots); n == 1 || x.lots[n-2].Maker() != lot.Maker() {
			x.addMaker(lot.Maker())
		}
	}
	x.lots = slices.Clip(x.lots)

	words := make([]word, 0, 2*len(x.lots))
	var text []byte
	take := func(of uint32) []byte {
		const longest = 66 // symbols of a maker and a lot
		if cap(text)-len(text) < longest {
			text = make([]byte, 0, 1<<20)
		}
		from := len(text)
		text = x.append(text, x.target(of))
		words = append(words, wordOf(text[from:], of))
		return text[from:]
	}
	for i := range x.lots {
		of := uint32(ways * i)
		take(of + nameAlone)
		take(of + withMaker)
		if strings.Contains(x.lots[i].Maker(), ":") {
			take(of + withCode)
		}
	}
	x.forward, x.ofForward = newGraph(words)
	words, text = words[:0], text[:0]
	for i := range x.lots {
		slices.Reverse(take(uint32(ways*i) + withMaker))
		words[i] = wordOf(words[i].text, words[i].of)
	}
	x.backward, x.ofBackward = newGraph(words)
	return x, nil
}

func (x *Index) addMaker(maker string) {
	code := withoutState(maker)
	if !slices.Contains(x.makers[code], maker) {
		x.makers[code] = append(x.makers[code], maker)
	}
}

// withoutState returns the code of a maker that may stand with its state: 21 for PL:21.
func withoutState(maker string) string { return maker[strings.IndexByte(maker, ':')+1:] }

// lot returns the lot that a word is of.
func (x *Index) lot(of uint32) marking.ID { return x.lots[of/ways] }

// target returns the text that a word was made of.
func (x *Index) target(of uint32) string {
	lot := x.lot(of)
	switch of % ways {
	case withMaker:
		return lot.String()
	case withCode:
		_, code, _ := strings.Cut(lot.String(), ":")
		return code
	}
	return lot.Name()
}
