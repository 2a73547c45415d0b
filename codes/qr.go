package codes

import "fmt"

var qrField = newField(0x11D) // x^8 + x^4 + x^3 + x^2 + 1

// qrLevelBits is the level as the format information spells it, by L, M, Q, H.
var qrLevelBits = [4]int{1, 0, 3, 2}

func encodeQR(p Payload, cfg EncodeConfig) (*Symbol, error) {
	level := 1
	if cfg.Level != "" {
		var ok bool
		if level, ok = qrLevel(cfg.Level); !ok {
			return nil, fmt.Errorf("codes: level %q: want L, M, Q or H", cfg.Level)
		}
	}
	if p.Group < 0 || p.Group > 255 {
		return nil, fmt.Errorf("codes: group %d: want the parity of all the data, 0 to 255", p.Group)
	}
	low, high, err := qrRange(&cfg)
	if err != nil {
		return nil, err
	}
	q := qrPlanners.Get().(*qrPlanner)
	defer qrPlanners.Put(q)

	number := low
	for planned := -1; ; number++ {
		class := qrClass(number)
		if class != planned {
			if len(p.Data) > 7089 { // digits in version 40-L
				q.need = len(p.Data) * 10 / 3
			} else {
				q.need = q.plan(&p, class)
			}
			planned = class
		}
		if q.need <= qrDataWords(number, level)*8 {
			break
		}
		if number == high {
			return nil, &TooLongError{
				Symbology: QR, Have: q.need, Max: qrDataWords(number, level) * 8,
				Unit: "bits", Size: cfg.sizeText(),
			}
		}
	}
	// A higher level that fits the same size costs nothing.
	for level < 3 && q.need <= qrDataWords(number, level+1)*8 {
		level++
	}
	q.write(&p, qrClass(number))
	q.fill(qrDataWords(number, level))
	v := qrVersionOf(number)
	q.protect(v, number, level)
	return v.draw(&q.picture, q.all, level), nil
}

func qrLevel(s string) (int, bool) {
	for i, name := range [4]string{"L", "M", "Q", "H"} {
		if s == name {
			return i, true
		}
	}
	return 0, false
}

// qrRange returns the versions that a configuration permits.
func qrRange(cfg *EncodeConfig) (low, high int, err error) {
	side := max(cfg.Rows, cfg.Cols)
	if side == 0 {
		return 1, 40, nil
	}
	if cfg.Rows != 0 && cfg.Cols != 0 && cfg.Rows != cfg.Cols || side < 21 || side > 177 || side%4 != 1 {
		return 0, 0, fmt.Errorf("codes: no QR code has the size %s: want squares of 21, 25, … 177 rows", cfg.sizeText())
	}
	return (side - 17) / 4, (side - 17) / 4, nil
}

// fill ends the data and pads them up to n codewords.
func (q *qrPlanner) fill(n int) {
	b := &q.bits
	b.add(0, min(4, n*8-b.n))
	for i := 0; len(b.bytes) < n; i++ {
		b.bytes = append(b.bytes, [2]byte{0xEC, 0x11}[i%2])
	}
}

// protect computes the check codewords of each block and interleaves all into
// q.all. The later blocks are one codeword longer where the data do not divide.
func (q *qrPlanner) protect(v *qrVersion, number, level int) {
	data := q.bits.bytes
	blocks, nCheck := int(qrBlocks[level][number]), int(qrCheckWords[level][number])
	if need := len(data) + blocks*nCheck; cap(q.all) < need {
		q.all = make([]byte, need)
	}
	q.all = q.all[:len(data)+blocks*nCheck]
	if cap(q.check) < nCheck {
		q.check = make([]byte, 30)
	}
	check := q.check[:nCheck]
	short, longer := len(data)/blocks, len(data)%blocks
	start := 0
	for b := range blocks {
		n := short
		if b >= blocks-longer {
			n++
		}
		block := data[start : start+n]
		start += n
		for i, c := range block {
			at := i*blocks + b
			if i == short { // the extra column has only the longer blocks
				at -= blocks - longer
			}
			q.all[at] = c
		}
		qrField.remainder(check, block, 0, 1, v.generator[level])
		for i, c := range check {
			q.all[len(data)+i*blocks+b] = c
		}
	}
}

// draw lays codewords and function patterns, with the mask that disturbs readers
// least.
func (v *qrVersion) draw(q *qrPicture, words []byte, level int) *Symbol {
	s := &Symbol{symbology: QR, width: v.side, height: v.side, rowHeight: 1, quiet: 4, dark: make([]bool, v.side*v.side)}
	copy(s.dark, v.dark)
	for i, at := range v.order[:len(words)*8] {
		s.dark[at] = words[i>>3]>>(7-i&7)&1 == 1
	}
	best, least := 0, 1<<30
	q.load(s.dark, v.side)
	for m := range v.masks {
		q.apply(&v.masks[m], qrFormat(level, m))
		if penalty := q.penalty(); penalty < least {
			best, least = m, penalty
		}
	}
	q.apply(&v.masks[best], qrFormat(level, best))
	for y := range v.side {
		for x := range v.side {
			s.dark[y*v.side+x] = q.rows[y].at(x)
		}
	}
	return s
}

// qrFormat returns the 15 bits of format information: level and mask, BCH (15,5),
// masked.
func qrFormat(level, mask int) int {
	data := qrLevelBits[level]<<3 | mask
	rest := data
	for range 10 {
		rest = rest<<1 ^ rest>>9*0x537
	}
	return (data<<10 | rest) ^ 0x5412
}
