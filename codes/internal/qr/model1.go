package qr

import "math/bits"

// Model 1 is the QR code before 1997: the same finders and timing patterns, no
// alignment patterns but marks along the right and the lower edge, and codewords
// in blocks of eight modules instead of in columns. Labels of that time are still
// on old stock. Versions 1 to 5 are read.

// model1Mask is what format information of Model 1 is masked with; that of Model 2
// with 0x5412.
const model1Mask = 0x2825

// model1Checks holds the correction codewords by level and version.
var model1Checks = [4][6]int{
	{0, 7, 10, 15, 20, 26},
	{0, 10, 16, 28, 40, 52},
	{0, 13, 22, 36, 50, 66},
	{0, 17, 30, 48, 66, 88},
}

// model1Data returns the modules of the codewords, 8 each. Right of the timing
// column they stand in two upright columns of blocks two wide and four high at the
// right edge, then in blocks four wide and two high; left of it upright again, all
// from the bottom up. Where the marks of the edges are there is no block.
func (p *plan) model1Data() (at []int) {
	n := p.size
	upright := func(x, y int) {
		for b := range 8 {
			at = append(at, (y-b/2)*n+x-b%2)
		}
	}
	for column := range 2 {
		rows := (n - 8) / 4
		for i := range rows {
			if column == 0 && i%2 == 0 && i > 0 && i < rows-1 {
				continue // a mark of the right edge
			}
			upright(n-1-2*column, n-1-4*i)
		}
	}
	columns := n/4 + 3
	for column := 2; column < columns-4; column++ {
		rows := n / 2
		for i := range rows {
			if column == 2 && i >= rows-4 {
				continue // the finder
			}
			if i == 0 && column%2 == 1 && column+1 != columns-4 {
				continue // a mark of the lower edge
			}
			y := n - 1 - 2*i
			if i >= rows-3 {
				y-- // past the timing row
			}
			for b := range 8 {
				at = append(at, (y-b/4)*n+n-5-4*(column-2)-b%4)
			}
		}
	}
	for left := 4; left >= 1; left-- {
		for i := range (n - 16) / 4 {
			x := 2*left - 1
			if left == 4 {
				x++ // past the timing column
			}
			upright(x, n-9-4*i)
		}
	}
	return at
}

// decodeModel1 reads the modules as a symbol of Model 1.
func (p *plan) decodeModel1(dark []float64) (d decoding, ok bool) {
	if p.version > 5 {
		return d, false
	}
	n := p.size
	first, second := p.formatBits(dark)
	for data, word := range formats {
		word ^= 0x5412 ^ model1Mask
		if min(bits.OnesCount32(word^first), bits.OnesCount32(word^second)) > 1 {
			continue
		}
		d.level = formatLevels[data>>3]
		var words []byte
		modules := p.model1Data()
		for i := 0; i+8 <= len(modules); i += 8 {
			word := byte(0)
			for _, at := range modules[i : i+8] {
				word <<= 1
				if (dark[at] > 0) != masked(data&7, at%n, at/n) {
					word |= 1
				}
			}
			words = append(words, word)
		}
		words[0] &= 15 // four modules of the corner are a mark
		check := model1Checks[d.level][p.version]
		if words, d.corrected, ok = model1Repair(words, check); !ok {
			continue
		}
		for i := range words { // the message begins behind these four bits
			words[i] <<= 4
			if i+1 < len(words) {
				words[i] |= words[i+1] >> 4
			}
		}
		d.words, d.correctable = words, check/2
		return d, true
	}
	return d, false
}

// model1Repair corrects the codewords and returns the data. More than 70
// correction words are shared by two blocks: the data of one after those of the
// other, and then the correction words of one after those of the other.
func model1Repair(words []byte, check int) (data []byte, corrected int, ok bool) {
	blocks := 1
	if check > 70 {
		blocks = 2
	}
	size, own := (len(words)-check)/blocks, check/blocks
	for b := range blocks {
		block := append([]byte(nil), words[b*size:(b+1)*size]...)
		block = append(block, words[blocks*size+b*own:blocks*size+(b+1)*own]...)
		wrong, ok := repair(block, own, 2, nil)
		if !ok {
			return nil, 0, false
		}
		corrected += wrong
		data = append(data, block[:size]...)
	}
	return data, corrected, true
}
