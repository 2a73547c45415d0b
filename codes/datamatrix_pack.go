package codes

import (
	"bytes"
	"fmt"
	"sync"
)

// The modes of Data Matrix that are used: between them they are dense for digits
// (ASCII, two a codeword), capitals and small letters (C40 and Text, three
// characters in two codewords) and arbitrary bytes (Base256, one each). X12 and
// EDIFACT would gain a codeword now and then, and are where readers err most.
//
// A state is a mode and, for C40 and Text, how many values wait for the third that
// completes two codewords.
const (
	inASCII = iota
	inC40
	inC40One
	inC40Two
	inText
	inTextOne
	inTextTwo
	inBase256
	dmStates
)

// dmNever is a cost that no way has.
const dmNever = 1 << 28

// A dmStep is the best way to one state after so many bytes.
type dmStep struct {
	cost int32 // codewords
	run  int32 // in Base256: bytes since its latch
	from uint8 // state one step before; a latch lies between when modes differ
	took uint8 // bytes encoded by the step: 1, or 2 for a pair of digits
}

// dmSteps is the best way to each state after so many bytes.
type dmSteps [dmStates]dmStep

// A dmMove is one step of the way chosen: the state it leads to and the bytes it
// takes.
type dmMove struct{ to, took uint8 }

// A dmPlanner is the working memory of dmPack, indexed by bytes done.
type dmPlanner struct {
	steps []dmSteps
	path  []dmMove
}

var dmPlanners = sync.Pool{New: func() any { return new(dmPlanner) }}

// dmPack appends the codewords of a payload, without pads. It finds the shortest
// sequence by going through the bytes once and keeping, for each state, the
// cheapest way to it. The second result says that the last segment is C40 or Text
// and needs an unlatch if anything follows.
func dmPack(words []byte, p *Payload) ([]byte, bool, error) {
	data := p.Data
	if len(data) > 2*1558 {
		// More than all digits in the largest symbol of the standard.
		return words, false, &TooLongError{
			Symbology: DataMatrix, Have: (len(data) + 1) / 2, Max: 1304, Unit: "codewords", Size: anySize,
		}
	}
	if p.Total != 0 {
		id1, id2 := p.Group>>8, p.Group&0xFF
		if id1 < 1 || id1 > 254 || id2 < 1 || id2 > 254 {
			return words, false, fmt.Errorf("codes: group %#x: want two bytes of 0x01 to 0xFE", p.Group)
		}
		words = append(words, dmAppend, byte(p.Index<<4|(17-p.Total)), byte(id1), byte(id2))
	}
	if p.GS1 {
		words = append(words, dmFNC1)
	}
	if p.ECI != 0 {
		words = appendDMECI(words, p.ECI)
	}
	if len(words) == 0 {
		// One codeword stands for the whole envelope of ISO/IEC 15434.
		if body, ok := cutEnvelope(data, "[)>\x1e05\x1d"); ok {
			words, data = append(words, dmMacro05), body
		} else if body, ok := cutEnvelope(data, "[)>\x1e06\x1d"); ok {
			words, data = append(words, dmMacro06), body
		}
	}

	plan := dmPlanners.Get().(*dmPlanner)
	defer dmPlanners.Put(plan)
	words, unlatch := dmWrite(words, data, plan.shortest(data, p.GS1), p.GS1)
	return words, unlatch, nil
}

func cutEnvelope(data []byte, head string) ([]byte, bool) {
	body, ok := bytes.CutPrefix(data, []byte(head))
	if !ok {
		return nil, false
	}
	body, ok = bytes.CutSuffix(body, []byte("\x1e\x04"))
	return body, ok && len(body) > 0
}

func appendDMECI(words []byte, eci int) []byte {
	switch {
	case eci < 127:
		return append(words, dmECI, byte(eci+1))
	case eci < 16383:
		eci -= 127
		return append(words, dmECI, byte(eci/254+128), byte(eci%254+1))
	}
	eci -= 16383
	return append(words, dmECI, byte(eci/64516+192), byte(eci/254%254+1), byte(eci%254+1))
}

// shortest returns the moves of the cheapest way through the bytes.
func (p *dmPlanner) shortest(data []byte, gs1 bool) []dmMove {
	if cap(p.steps) < len(data)+1 {
		p.steps = make([]dmSteps, len(data)+1)
		p.path = make([]dmMove, len(data)+1)
	}
	plan := p.steps[:len(data)+1]
	for i := range plan {
		for s := range plan[i] {
			plan[i][s].cost = dmNever
		}
	}
	plan[0][inASCII].cost = 0
	for i, c := range data {
		here := &plan[i]
		next := &plan[i+1]
		fnc1 := gs1 && c == gs
		asciiCost := int32(1)
		if c >= 128 {
			asciiCost = 2
		}
		pair := i+1 < len(data) && isDigit(c) && isDigit(data[i+1])
		c40, text := dmValueCount(c, fnc1, inC40), dmValueCount(c, fnc1, inText)
		for s := range here {
			at := here[s]
			if at.cost >= dmNever {
				continue
			}
			base := at.cost // once in ASCII mode
			if s == inC40 || s == inText {
				base++
			}
			if s != inC40One && s != inC40Two && s != inTextOne && s != inTextTwo {
				next.offer(inASCII, dmStep{cost: base + asciiCost, from: uint8(s), took: 1})
				if pair {
					plan[i+2].offer(inASCII, dmStep{cost: base + 1, from: uint8(s), took: 2})
				}
				if s != inBase256 && !fnc1 {
					next.offer(inBase256, dmStep{cost: base + 3, run: 1, from: uint8(s), took: 1})
				}
				if s < inC40 || s > inC40Two {
					to, cost := dmTriple(inC40, 0, c40)
					next.offer(to, dmStep{cost: base + 1 + cost, from: uint8(s), took: 1})
				}
				if s < inText || s > inTextTwo {
					to, cost := dmTriple(inText, 0, text)
					next.offer(to, dmStep{cost: base + 1 + cost, from: uint8(s), took: 1})
				}
			}
			switch {
			case s == inBase256 && !fnc1:
				cost := at.cost + 1
				if at.run == 249 { // the length takes a second byte from 250 on
					cost++
				}
				next.offer(inBase256, dmStep{cost: cost, run: at.run + 1, from: uint8(s), took: 1})
			case s >= inC40 && s <= inC40Two:
				to, cost := dmTriple(inC40, s-inC40, c40)
				next.offer(to, dmStep{cost: at.cost + cost, from: uint8(s), took: 1})
			case s >= inText && s <= inTextTwo:
				to, cost := dmTriple(inText, s-inText, text)
				next.offer(to, dmStep{cost: at.cost + cost, from: uint8(s), took: 1})
			}
		}
	}
	// Two values at the end are filled up with a shift that shifts nothing; one
	// value would need its codewords for itself, and ASCII is never worse.
	last := &plan[len(data)]
	end := inASCII
	for s := range last {
		if s != inC40One && s != inTextOne && last[s].cost < last[end].cost {
			end = s
		}
	}
	path := p.path[:len(data)]
	for i, s := len(data), end; i > 0; {
		step := plan[i][s]
		i -= int(step.took)
		path[i] = dmMove{to: uint8(s), took: step.took}
		s = int(step.from)
	}
	return path
}

func (steps *dmSteps) offer(to int, step dmStep) {
	if step.cost < steps[to].cost {
		steps[to] = step
	}
}

// dmTriple adds n values to the ones that wait and returns the state and the
// codewords begun.
func dmTriple(mode, waiting, n int) (int, int32) {
	begun := (waiting+n+2)/3 - (waiting+2)/3
	return mode + (waiting+n)%3, int32(2 * begun)
}

const gs = 0x1D

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// dmValueCount counts the C40 or Text values of a byte.
func dmValueCount(c byte, fnc1 bool, mode int) int {
	var v [4]byte
	return len(dmValues(v[:0], c, fnc1, mode))
}

// dmValues appends the values of a byte in C40 (mode inC40) or Text: sets 0 to 3
// of table 5 of ISO/IEC 16022, a shift before all but those of set 0.
func dmValues(v []byte, c byte, fnc1 bool, mode int) []byte {
	if fnc1 {
		return append(v, 1, 27)
	}
	if c >= 128 {
		v = append(v, 1, 30)
		c -= 128
	}
	if mode == inText { // Text is C40 with the cases exchanged
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
	}
	switch {
	case c == ' ':
		return append(v, 3)
	case isDigit(c):
		return append(v, c-'0'+4)
	case c >= 'A' && c <= 'Z':
		return append(v, c-'A'+14)
	case c < ' ':
		return append(v, 0, c)
	case c < '0':
		return append(v, 1, c-'!')
	case c < 'A':
		return append(v, 1, c-':'+15)
	case c < '`':
		return append(v, 1, c-'['+22)
	}
	return append(v, 2, c-'`')
}

// dmWrite appends the codewords of a path.
func dmWrite(words, data []byte, path []dmMove, gs1 bool) ([]byte, bool) {
	mode := inASCII
	var values [4]byte // of one byte in C40 or Text
	var triple [3]byte // values that wait for the third
	waiting := 0
	for i := 0; i < len(data); i += int(path[i].took) {
		if to := dmMode(path[i].to); to != mode {
			if mode == inC40 || mode == inText {
				words = append(words, dmUnlatch)
			}
			switch to {
			case inC40:
				words = append(words, dmToC40)
			case inText:
				words = append(words, dmToText)
			case inBase256:
				n := 0
				for i+n < len(data) && path[i+n].to == inBase256 {
					n++
				}
				words = append(words, dmToBase256)
				if n > 249 {
					words = appendDM255(words, byte(n/250+249))
					n %= 250
				}
				words = appendDM255(words, byte(n))
			}
			mode, waiting = to, 0
		}
		c := data[i]
		fnc1 := gs1 && c == gs
		switch {
		case mode == inBase256:
			words = appendDM255(words, c)
		case mode != inASCII:
			for _, v := range dmValues(values[:0], c, fnc1, mode) {
				triple[waiting] = v
				if waiting++; waiting == 3 {
					words, waiting = appendDMTriple(words, triple), 0
				}
			}
		case path[i].took == 2:
			words = append(words, dmDigits+(c-'0')*10+data[i+1]-'0')
		case fnc1:
			words = append(words, dmFNC1)
		case c >= 128:
			words = append(words, dmUpperShift, c-127)
		default:
			words = append(words, c+1)
		}
	}
	if waiting == 2 {
		words = appendDMTriple(words, [3]byte{triple[0], triple[1], 0})
	}
	return words, mode == inC40 || mode == inText
}

// dmMode returns the mode of a state.
func dmMode(state uint8) int {
	switch state {
	case inC40One, inC40Two:
		return inC40
	case inTextOne, inTextTwo:
		return inText
	}
	return int(state)
}

func appendDMTriple(words []byte, v [3]byte) []byte {
	n := 1600*int(v[0]) + 40*int(v[1]) + int(v[2]) + 1
	return append(words, byte(n>>8), byte(n))
}

// appendDM255 appends a codeword of a Base256 segment, randomised by its place.
func appendDM255(words []byte, c byte) []byte {
	place := len(words) + 1
	return append(words, c+byte(149*place%255+1))
}
