package qr

import (
	"cmp"
	"math"
	"slices"
)

// A decoding is the corrected data codewords of a symbol.
type decoding struct {
	words                  []byte
	level                  int
	corrected, correctable int
}

// decode reads and corrects the codewords under a format. Erasures is the share
// of the correction codewords that is spent on the words with the least clear
// modules.
func (p *plan) decode(dark []float64, f format, erasures float64) (d decoding, ok bool) {
	n := p.size
	words := make([]byte, len(p.data)/8)
	doubt := make([]float64, len(words)) // clearness of the least clear module
	for i := range words {
		doubt[i] = math.Inf(1)
		for _, at := range p.data[8*i : 8*i+8] {
			v := dark[at]
			bit := v > 0
			if masked(f.mask, at%n, at/n) {
				bit = !bit
			}
			words[i] <<= 1
			if bit {
				words[i] |= 1
			}
			doubt[i] = min(doubt[i], math.Abs(v))
		}
	}
	check, blocks := checkWords[f.level][p.version], blockCounts[f.level][p.version]
	short := len(words)/blocks - check         // data words in a short block
	longs := len(words) - blocks*(short+check) // blocks with one more
	d = decoding{level: f.level, correctable: blocks * (check / 2)}
	for b := range blocks {
		size := short
		if b >= blocks-longs {
			size++
		}
		places := make([]int, 0, size+check)
		for i := range size {
			at := i*blocks + b
			if i == short { // only long blocks have one here
				at = short*blocks + b - (blocks - longs)
			}
			places = append(places, at)
		}
		for i := range check {
			places = append(places, short*blocks+longs+i*blocks+b)
		}
		block := make([]byte, len(places))
		for i, at := range places {
			block[i] = words[at]
		}
		reserve := reserved(p.version, f.level)
		count := 0
		if erasures > 0 {
			// An erasure costs nothing to name, so a chance pattern passes the more
			// easily: six words stay for errors, and two of them for detection.
			reserve = max(reserve, 2)
			if count = min(int(erasures*float64(check)), check-6); count < 2 {
				return d, false
			}
		}
		erased := leastClear(places, doubt, count)
		wrong, ok := repair(block, check, reserve, erased)
		if !ok {
			return d, false
		}
		d.corrected += wrong + (len(erased)+1)/2
		d.words = append(d.words, block[:size]...)
	}
	return d, true
}

// reserved returns the correction codewords that are kept back for detection in
// the smallest symbols (table 9, note b).
func reserved(version, level int) int {
	switch {
	case version == 1:
		return [4]int{3, 2, 1, 1}[level]
	case version == 2 && level == 0:
		return 2
	case version == 3 && level == 0:
		return 1
	}
	return 0
}

// leastClear returns the places in a block of so many least clear words.
func leastClear(places []int, doubt []float64, count int) []int {
	if count <= 0 {
		return nil
	}
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(doubt[places[a]], doubt[places[b]]) })
	return order[:min(count, len(order))]
}
