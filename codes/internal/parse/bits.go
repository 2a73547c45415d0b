package parse

// bits reads numbers from bytes, the highest bit first.
type bits struct {
	data []byte
	at   int
	over bool // more was taken than there is
}

func (b *bits) left() int { return 8*len(b.data) - b.at }

// take returns the next n bits, n up to 24. Behind the end it returns 0 and sets
// over.
func (b *bits) take(n int) int {
	if n > b.left() {
		b.at = 8 * len(b.data)
		b.over = true
		return 0
	}
	v := 0
	for range n {
		v = v<<1 | int(b.data[b.at/8]>>(7-b.at%8)&1)
		b.at++
	}
	return v
}
